//! One valid job: a walk over the table and its guards, with the records of a server and a client.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use super::choose::Choose;
use super::record::{Content, JobName, Record, Report, Request};
use crate::wire::RequestKind;
use crate::{Edition, GuardRow, Input, Job, Limits, Phase, Status, StatusSet, TerminationType};

/// How long after the answer window a job may still show that it waits, in milliseconds.
pub(super) const GRACE: i64 = 60_000;

/// The time of an event that does not happen.
const NEVER: i64 = i64::MAX;

/// The options of a job.
#[derive(Clone, Debug)]
pub(super) struct Style {
    /// The edition of its life cycle.
    pub(super) edition: Edition,
    /// The limits that the job satisfies.
    pub(super) limits: Limits,
    /// Whether rare statuses are as likely as those of a service that works.
    pub(super) is_even: bool,
    /// Whether there are no snapshots, no failures to connect and no requests ahead of their status.
    pub(super) is_plain: bool,
    /// Statuses to pass through first.
    pub(super) route: Vec<Status>,
}

/// The statuses that a job seen from its start may take next: the legal ones, less an end for too many failures that the
/// job has not shown.
pub fn lawful_next(job: Job, limits: &Limits) -> StatusSet {
    // The end itself reports the last failure.
    let is_enough = |row: &GuardRow| job.memory().count(row.guard).saturating_add(1) >= row.allowed(limits);
    let is_shown = |status: &Status| job.edition().guard_of_end(*status).is_none_or(is_enough);
    job.legal(limits).iter().filter(is_shown).collect()
}

/// A duration in milliseconds, an hour at most: heartbeats fill it.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    const HOUR: i64 = 3_600_000;
    i64::try_from(duration.as_millis()).map_or(HOUR, |duration| duration.min(HOUR))
}

/// A job in progress. It depends on its choices and its style alone. Times are milliseconds since the start of the log.
#[derive(Debug)]
pub(super) struct Walk<C> {
    name: JobName,
    choices: C,
    job: Job,
    /// The status that it takes next, and when.
    next: Status,
    leaves_at: i64,
    beats_at: i64,
    asks_at: i64,
    answers_at: i64,
    /// When the budget ends, once it runs.
    deadline: i64,
    sends_timeout: bool,
    is_in_seconds: bool,
    timeout: Option<i64>,
    /// In tenths of a percent.
    percent: i64,
    requests: u64,
    /// What the last request asks for, while it is open.
    open: Option<RequestKind>,
    /// The status of the last snapshot.
    snapshot: Option<Status>,
    /// How many statuses of the route were passed.
    passed: usize,
}

impl<C: Choose> Walk<C> {
    pub(super) fn new(number: u64, starts_at: i64, style: &Style, mut choices: C) -> Self {
        let [usual, uncommon] = Status::STARTS;
        let first = if choices.once_in(if style.is_even { 2 } else { 16 }) { uncommon } else { usual };
        let form = if choices.once_in(16) { super::IdForm::Digits } else { super::IdForm::Number };
        Self {
            name: JobName { number, form },
            job: Job::of(style.edition, first),
            next: first,
            leaves_at: starts_at,
            beats_at: NEVER,
            asks_at: NEVER,
            answers_at: NEVER,
            deadline: NEVER,
            sends_timeout: !choices.once_in(8),
            is_in_seconds: choices.once_in(4),
            timeout: None,
            percent: 0,
            requests: 0,
            open: None,
            snapshot: None,
            passed: usize::from(style.route.first() == Some(&first)),
            choices,
        }
    }

    /// Adds the records of this moment. Returns the time of the next ones; `None` if these were the last.
    pub(super) fn step(&mut self, now: i64, style: &Style, to: &mut Vec<Record>) -> Option<i64> {
        if self.job.status().is_terminal() {
            to.push(self.record(now, Content::Notification(self.state())));
            return None;
        }
        if now >= self.asks_at {
            self.ask(now, style, to);
        } else if now >= self.answers_at {
            self.answer(now, to);
        } else if now >= self.leaves_at {
            return self.take_next(now, style, to);
        } else {
            self.beat(now, style, to);
        }
        Some(self.next_time())
    }

    fn next_time(&self) -> i64 {
        self.asks_at.min(self.answers_at).min(self.leaves_at).min(self.beats_at)
    }

    fn take_next(&mut self, now: i64, style: &Style, to: &mut Vec<Record>) -> Option<i64> {
        let status = self.next;
        if self.job.status().is_waiting() && status.is_waiting() {
            // Another wait has a request of its own.
            self.open = None;
        }
        self.job = self.job.adopt(status);
        if status.is_running() && self.deadline == NEVER {
            self.deadline = now.saturating_add(milliseconds(style.limits.budget));
        }
        if status.is_waiting() {
            self.deadline = self.deadline.saturating_add(milliseconds(style.limits.budget_extension));
        }
        self.percent = if status.is_terminal() { 1000 } else { self.more_percent(4) };
        self.report(now, to);
        if status.is_terminal() {
            let is_notified = !style.is_plain && self.may_show(status) && self.choices.once_in(16);
            return is_notified.then(|| now + self.choices.between(1_000, 10_000));
        }
        self.plan(now, style);
        Some(self.next_time())
    }

    /// Decides which status is next, when, and what happens until then.
    fn plan(&mut self, now: i64, style: &Style) {
        self.next = self.choose(style);
        let status = self.job.status();
        (self.asks_at, self.answers_at) = (NEVER, NEVER);
        self.beats_at = now + self.choices.between(3_000, 10_000);
        let window = milliseconds(style.limits.answer_window);
        self.leaves_at = match self.next {
            next if status.is_waiting() && style.edition.is_answer(next) => {
                self.answers_at = now + self.choices.between(4_000, 90_000);
                self.answers_at + self.choices.between(200, 2_000)
            }
            next if status.is_waiting() && style.edition.is_timeout(next) => now + window,
            Status::VbsTimeout if self.deadline != NEVER => {
                let end = if status.is_waiting() { self.deadline.min(now + window) } else { self.deadline };
                end.max(now)
            }
            _ if status.is_waiting() => now + self.choices.between(2_000, 60_000),
            _ if status.phase() == Phase::Creation => now + self.choices.between(20, 1_500),
            _ => now + self.choices.between(300, 6_000),
        };
        self.plan_request(now, style);
    }

    /// Decides when the job asks for what it awaits now or next.
    fn plan_request(&mut self, now: i64, style: &Style) {
        let status = self.job.status();
        if kind_for(status).is_some() {
            // Initial credentials are asked for or not.
            let is_asked = self.open.is_some()
                || status.awaits() != Some(Input::InitialCredentials)
                || self.choices.once_in(2);
            let delay =
                if self.open.is_none() { self.choices.between(20, 1_500) } else { self.poll_interval() };
            (self.asks_at, self.answers_at) =
                if is_asked { (now + delay, self.answers_at) } else { (NEVER, NEVER) };
            return;
        }
        self.open = None;
        // A poll may return a request ahead of the status that goes with it.
        if kind_for(self.next).is_some() && !style.is_plain && self.choices.once_in(3) {
            self.asks_at = (self.leaves_at - self.choices.between(1, 200)).max(now);
        }
    }

    fn poll_interval(&mut self) -> i64 {
        self.choices.between(5_000, 20_000)
    }

    /// The next status: on the way to the next one of the route, or any lawful one.
    fn choose(&mut self, style: &Style) -> Status {
        let from = self.job.status();
        if let Some(&goal) = style.route.get(self.passed) {
            if let Some(step) = style.edition.path(from, goal).and_then(|mut path| path.next()) {
                self.passed += usize::from(step == goal);
                return step;
            }
        }
        let lawful = lawful_next(self.job, &style.limits);
        let weight = |to| if style.is_even { even_weight(to) } else { weight(style.edition, from, to) };
        let mut rest = self.choices.below(lawful.iter().map(weight).sum());
        let chosen = lawful.iter().find(|&to| {
            let weight = weight(to);
            let is_chosen = rest < weight;
            rest = rest.saturating_sub(weight);
            is_chosen
        });
        chosen.unwrap_or(Status::Killed)
    }

    /// The client sees a request: a new one, or the open one again.
    fn ask(&mut self, now: i64, style: &Style, to: &mut Vec<Record>) {
        let status = self.job.status();
        let is_new = self.open.is_none();
        let Some(kind) = self.open.or(kind_for(status)).or(kind_for(self.next)) else {
            self.asks_at = NEVER;
            return;
        };
        self.requests += u64::from(is_new);
        self.open = Some(kind);
        self.asks_at = if status.is_waiting() { now + self.poll_interval() } else { NEVER };
        let request = Request { kind, job: self.name.number, nth: self.requests };
        let may_be_fetched = status.is_waiting() && !style.is_plain;
        let content = if !is_new && may_be_fetched && self.may_show(status) && self.choices.once_in(8) {
            self.snapshot = Some(status);
            Content::Snapshot(Report::of(style.edition, status), Some(request))
        } else {
            Content::Request(request)
        };
        to.push(self.record(now, content));
    }

    /// Whether a snapshot may have a status: snapshots do not skip an unobserved cancel.
    fn may_show(&self, status: Status) -> bool {
        self.snapshot.is_none_or(|before| self.job.edition().reaches(before, status))
    }

    fn answer(&mut self, now: i64, to: &mut Vec<Record>) {
        self.answers_at = NEVER;
        let Some(kind) = self.open else { return };
        let message = answer_to(kind, self.choices.bits());
        let names_job = self.choices.once_in(2);
        let request = Request { kind, job: self.name.number, nth: self.requests };
        to.push(self.record(now, Content::Response { request, names_job, message }));
    }

    /// A heartbeat or, rarely, a failure to connect that does not end the job.
    fn beat(&mut self, now: i64, style: &Style, to: &mut Vec<Record>) {
        self.beats_at = now + self.choices.between(3_000, 10_000);
        let status = self.job.status();
        let is_at_work = status.is_running() && !status.is_waiting() && !style.is_plain;
        if is_at_work && self.choices.once_in(32) {
            if let Ok(job) = self.job.report_network_failure(&style.limits) {
                self.job = job;
                let timeout = self.time_left(now);
                let failure = Report { termination_type: None, ..Report::new(Status::NetworkIssue) };
                let report = Report { percent: Some(self.percent), timeout, ..failure };
                to.push(self.record(now, Content::Status(report)));
                return;
            }
        }
        self.percent = self.more_percent(16);
        self.job = self.job.adopt(status);
        self.report(now, to);
    }

    fn report(&mut self, now: i64, to: &mut Vec<Record>) {
        let timeout = self.time_left(now);
        let report = Report { percent: Some(self.percent), timeout, ..self.state() };
        to.push(self.record(now, Content::Status(report)));
    }

    fn state(&self) -> Report {
        Report::of(self.job.edition(), self.job.status())
    }

    fn record(&self, now: i64, content: Content) -> Record {
        Record { at: Some(now), job: self.name, content }
    }

    /// The percentage a little later. The greater `part`, the smaller the progress.
    fn more_percent(&mut self, part: i64) -> i64 {
        let parts = self.choices.between(part, 4 * part);
        // Nothing is done before a task runs.
        if self.job.status().phase() == Phase::Creation {
            0
        } else {
            self.percent + (990 - self.percent) / parts
        }
    }

    /// The `job_timeout` to send. `None` also if it has fallen to less than a hundredth at once, which would look like
    /// another unit.
    fn time_left(&mut self, now: i64) -> Option<i64> {
        if !self.sends_timeout || self.deadline == NEVER {
            return None;
        }
        let left = self.deadline.saturating_sub(now).max(0);
        // A larger number of seconds would be read as milliseconds.
        let left = if self.is_in_seconds { (left / 1000).min(9_999) } else { left };
        if self.timeout.is_some_and(|last| left.saturating_mul(100) < last) {
            return None;
        }
        self.timeout = Some(left);
        self.timeout
    }
}

/// All records of a job.
pub(super) fn walked<C: Choose>(number: u64, starts_at: i64, style: &Style, choices: C) -> Vec<Record> {
    let mut walk = Walk::new(number, starts_at, style, choices);
    let (mut records, mut next_time) = (Vec::new(), Some(starts_at));
    while let Some(now) = next_time {
        next_time = walk.step(now, style, &mut records);
    }
    records
}

/// The kind of the request that goes with a status.
pub(super) fn kind_for(status: Status) -> Option<RequestKind> {
    match status.awaits()? {
        Input::Named => Some(RequestKind::CredentialRequest),
        Input::ActOutside => Some(RequestKind::TfaRequest),
        input => RequestKind::for_input(input),
    }
}

/// A proper answer: a code of six digits taken from `bits`, or `submitted`.
pub(super) fn answer_to(kind: RequestKind, bits: u64) -> Cow<'static, str> {
    match kind {
        RequestKind::TfaRequest => Cow::Owned(format!("{:06}", bits % 1_000_000).chars().rev().collect()),
        _ => Cow::Borrowed("submitted"),
    }
}

/// How often one status follows another at a service that works.
fn weight(edition: Edition, from: Status, to: Status) -> u64 {
    let is_cancelled = from == Status::CancelRequested;
    match (to, edition.termination_type(to)) {
        (Status::CancelRequested, _) => 4,
        (Status::Cancelled | Status::CancelledQuickstart, _) if is_cancelled => 40,
        (Status::TooManyLoginFailures | Status::TooManyTfaFailures, _) if !is_cancelled => 60,
        (_, Some(TerminationType::Billable)) if !is_cancelled => 1200,
        _ if to.is_terminal() => 2,
        _ if to == Status::PendingCard => 30,
        _ if to.is_waiting() => 120,
        _ => 200,
    }
}

/// How often a status follows if all paths are equally interesting: ends and cancels come late.
fn even_weight(to: Status) -> u64 {
    match to.phase() {
        Phase::Terminated => 2,
        Phase::Cancellation => 6,
        _ if to.is_waiting() => 80,
        _ => 40,
    }
}
