//! One job's life: a walk over the crate's own table and guards, with what a server tells on the way.

use std::time::Duration;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Job, Limits, Phase, Status, TerminationType};

use super::faults::{Beat, Fault};
use super::random::Random;
use super::write::{self, Id, Lines, Report};

/// By which limits all lives are lawful.
pub(super) const LIMITS: Limits = Limits::DOCUMENTED;

const BUDGET: i64 = milliseconds(LIMITS.budget);
const EXTENSION: i64 = milliseconds(LIMITS.budget_extension);
pub(super) const WINDOW: i64 = milliseconds(LIMITS.answer_window);

const fn milliseconds(duration: Duration) -> i64 {
    #[expect(clippy::cast_possible_wrap, reason = "the documented durations are minutes")]
    let seconds = duration.as_secs() as i64;
    seconds * 1000
}

/// The time of what doesn't happen. All times are milliseconds from the start of the log on.
pub(super) const NEVER: i64 = i64::MAX;

/// A job on its way. What it does depends on the seed and its number alone, not on other jobs.
pub(super) struct Life {
    pub(super) id: Id,
    pub(super) random: Random,
    pub(super) job: Job,
    /// The status that it takes next, and when.
    pub(super) next: Status,
    pub(super) leaves_at: i64,
    /// When the present status began.
    pub(super) since: i64,
    pub(super) beats_at: i64,
    pub(super) asks_at: i64,
    pub(super) answers_at: i64,
    /// When the budget ends, once it runs.
    pub(super) deadline: i64,
    pub(super) tells_timeout: bool,
    is_in_seconds: bool,
    /// The last timeout that was told.
    pub(super) timeout: Option<i64>,
    /// What is done, in tenths of a percent.
    pub(super) percent: i64,
    /// How many requests the job has made.
    pub(super) requests: u64,
    /// What the last of them asks for, as long as it stands.
    pub(super) open: Option<RequestKind>,
    /// What the last snapshot showed.
    snapshot: Option<Status>,
    /// The fault that it is going to have; most have none.
    pub(super) fault: Option<Box<Fault>>,
}

impl Life {
    pub(super) fn new(seed: u64, number: u64, starts_at: i64, fault: Option<Box<Fault>>) -> Self {
        let mut random = Random::new(seed, number);
        let [usual, uncommon] = [Status::Requested, Status::Initiated];
        let first = if random.once_in(16) { uncommon } else { usual };
        let mut life = Self {
            id: Id { number, is_text: random.once_in(16) },
            job: Job::new(first),
            next: first,
            leaves_at: starts_at,
            since: starts_at,
            beats_at: NEVER,
            asks_at: NEVER,
            answers_at: NEVER,
            deadline: NEVER,
            tells_timeout: !random.once_in(8),
            is_in_seconds: random.once_in(4),
            timeout: None,
            percent: 0,
            requests: 0,
            open: None,
            snapshot: None,
            fault,
            random,
        };
        life.prepare_fault();
        life
    }

    /// Writes what happens now, and says when something happens again; none if nothing does.
    pub(super) fn step(&mut self, now: i64, to: &mut Lines) -> Option<i64> {
        if self.job.status().is_terminal() {
            self.follow_end(now, to);
            return None;
        }
        if now >= self.asks_at {
            self.ask(now, to);
        } else if now >= self.answers_at {
            self.answer(now, to);
        } else if now >= self.leaves_at {
            return self.take_next(now, to);
        } else {
            self.beat(now, to);
        }
        Some(self.next_time())
    }

    fn next_time(&self) -> i64 {
        self.asks_at.min(self.answers_at).min(self.leaves_at).min(self.beats_at)
    }

    /// Takes the next status, and says when something happens again.
    fn take_next(&mut self, now: i64, to: &mut Lines) -> Option<i64> {
        if self.breaks_off(to) {
            return None;
        }
        let from = self.job.status();
        let is_refused = self.job.apply(self.next, &LIMITS).is_err();
        self.job = self.job.adopt(self.next);
        self.since = now;
        let status = self.next;
        if status.is_running() && self.deadline == NEVER {
            self.deadline = now + BUDGET;
        }
        if status.is_waiting() {
            self.deadline = self.deadline.saturating_add(EXTENSION);
        }
        self.percent = if status.is_terminal() { 1000 } else { self.more_percent(4) };
        let mut report = self.report(now);
        let is_faulty = is_refused | self.alter_step(from, &mut report);
        self.tell(now, &report, to);
        if is_faulty {
            self.has_fault(to);
        }
        if status.is_terminal() {
            return self.follows_end().then(|| now + self.random.between(1_000, 10_000));
        }
        self.plan(now);
        Some(self.next_time())
    }

    /// Decides what comes next, when, and what happens until then.
    fn plan(&mut self, now: i64) {
        self.next = self.choose();
        let status = self.job.status();
        (self.asks_at, self.answers_at) = (NEVER, NEVER);
        self.beats_at = now + self.random.between(3_000, 10_000);
        let is_answered =
            matches!(self.next, Status::CredsReceived | Status::NewCredsReceived | Status::TfaReceived);
        self.leaves_at = match self.next {
            _ if status.is_waiting() && is_answered => {
                self.answers_at = now + self.random.between(4_000, 90_000);
                self.answers_at + self.random.between(200, 2_000)
            }
            Status::TimeoutCredentials | Status::TimeoutTfa | Status::AbandonedQuickstart
                if status.is_waiting() =>
            {
                now + WINDOW
            }
            Status::VbsTimeout if self.deadline != NEVER => {
                let end = if status.is_waiting() { self.deadline.min(now + WINDOW) } else { self.deadline };
                end.max(now)
            }
            _ if status.is_waiting() => now + self.random.between(2_000, 60_000),
            _ if status.phase() == Phase::Creation => now + self.random.between(20, 1_500),
            _ => now + self.random.between(300, 6_000),
        };
        self.plan_request(now);
        self.plan_fault(now);
    }

    /// Decides when the job asks for what it awaits, or is going to await.
    fn plan_request(&mut self, now: i64) {
        let kind_for = |status: Status| status.awaits().and_then(RequestKind::for_input);
        if kind_for(self.job.status()).is_some() {
            // Initial credentials are asked for or not.
            let is_asked =
                self.open.is_some() || self.job.status() != Status::PendingCreds || self.random.once_in(2);
            let asks_at =
                if self.open.is_none() { self.random.between(20, 1_500) } else { self.poll_interval() };
            (self.asks_at, self.answers_at) =
                if is_asked { (now + asks_at, self.answers_at) } else { (NEVER, NEVER) };
            return;
        }
        self.open = None;
        // A poll may hand out a request ahead of the status that goes with it.
        if kind_for(self.next).is_some() && self.fault.is_none() && self.random.once_in(3) {
            self.asks_at = self.leaves_at - self.random.between(1, 200);
        }
    }

    fn poll_interval(&mut self) -> i64 {
        self.random.between(5_000, 20_000)
    }

    /// The status that comes next: on the way to where a fault is to be, or any lawful one.
    fn choose(&mut self) -> Status {
        if let Some(step) = self.step_on_route() {
            return step;
        }
        let (from, memory) = (self.job.status(), self.job.memory());
        // A job that was seen from its start ends for so many failures only when it has shown them.
        let is_possible = |status: &Status| match status {
            Status::TooManyLoginFailures => memory.failed_logins() + 1 >= LIMITS.failed_logins,
            Status::TooManyTfaFailures => memory.failed_tfa_codes() + 1 >= LIMITS.failed_tfa_codes,
            _ => true,
        };
        let legal = self.lawful_for_fault(self.job.legal(&LIMITS));
        let weights = || legal.iter().filter(is_possible).map(|to| (to, weight(from, to)));
        let mut rest = self.random.below(weights().map(|(_, weight)| weight).sum());
        let chosen = weights().find(|&(_, weight)| {
            let is_chosen = rest < weight;
            rest = rest.saturating_sub(weight);
            is_chosen
        });
        chosen.map_or(Status::Killed, |(status, _)| status)
    }

    /// Asks the user: with a new request, or with the one that stands.
    fn ask(&mut self, now: i64, to: &mut Lines) {
        let status = self.job.status();
        let is_new = self.open.is_none();
        let awaits = status.awaits().or(self.next.awaits());
        let Some(kind) = self.open.or_else(|| self.kind_asked(awaits.and_then(RequestKind::for_input)))
        else {
            self.asks_at = NEVER;
            return;
        };
        self.requests += u64::from(is_new);
        self.open = Some(kind);
        self.asks_at = if status.is_waiting() { now + self.poll_interval() } else { NEVER };
        let (id, nth) = (self.id, self.requests);
        let may_be_fetched = status.is_waiting() && self.fault.is_none();
        if !is_new && may_be_fetched && self.shows(status) && self.random.once_in(8) {
            self.snapshot = Some(status);
            self.write(now, to, |line| write::hydrated(line, id, status, kind, nth));
        } else {
            self.write(now, to, |line| write::request(line, id, kind, nth));
        }
        self.after_request(now, kind, to);
    }

    /// Whether a snapshot may show a status: none between two of them may be a cancel that nobody saw.
    fn shows(&self, status: Status) -> bool {
        self.snapshot.is_none_or(|before| before.reaches(status))
    }

    /// The client answers.
    fn answer(&mut self, now: i64, to: &mut Lines) {
        self.answers_at = NEVER;
        let Some(kind) = self.open else { return };
        if self.answer_wrongly(now, kind, to) {
            return self.has_fault(to);
        }
        self.respond(now, kind, self.requests, to);
        if self.answer_again(now, kind, to) {
            self.has_fault(to);
        }
    }

    /// Writes a proper answer to one of the job's requests.
    pub(super) fn respond(&mut self, now: i64, kind: RequestKind, nth: u64, to: &mut Lines) {
        let code = write::code(self.random.next());
        let message = match kind {
            RequestKind::Tfa => std::str::from_utf8(&code).unwrap_or_default(),
            RequestKind::Credential => "submitted",
        };
        self.respond_with(now, kind, nth, message, to);
    }

    pub(super) fn respond_with(
        &mut self,
        now: i64,
        kind: RequestKind,
        nth: u64,
        message: &str,
        to: &mut Lines,
    ) {
        // One that answers no request is its job's by name alone.
        let names_job = self.random.once_in(2) || self.rule() == Some(Rule::UnmatchedResponse);
        let id = self.id;
        self.write(now, to, |line| write::response(line, id, names_job, kind, nth, message));
    }

    /// Shows that the job goes on.
    fn beat(&mut self, now: i64, to: &mut Lines) {
        self.beats_at = now + self.random.between(3_000, 10_000);
        let status = self.job.status();
        match self.fault_at_beat(now, to) {
            Beat::Plain => {}
            Beat::Prelude => return,
            Beat::Faulty => return self.has_fault(to),
        }
        let is_at_work = status.is_running() && !status.is_waiting();
        if is_at_work && self.fault.is_none() && self.random.once_in(32) && self.fail_to_connect(now, to) {
            return;
        }
        self.percent = self.more_percent(16);
        self.tell_again(now, to);
    }

    /// Reports a failure to connect that doesn't end the job, unless it would have to.
    fn fail_to_connect(&mut self, now: i64, to: &mut Lines) -> bool {
        let Ok(job) = self.job.report_network_failure(&LIMITS) else { return false };
        self.job = job;
        self.tell_failure(now, to);
        true
    }

    pub(super) fn tell_failure(&mut self, now: i64, to: &mut Lines) {
        let report = Report { status: Status::NetworkIssue.as_str(), ..self.report(now) };
        self.tell(now, &report, to);
    }

    /// A heartbeat: the same status again.
    pub(super) fn tell_again(&mut self, now: i64, to: &mut Lines) {
        self.job = self.job.adopt(self.job.status());
        let report = self.report(now);
        self.tell(now, &report, to);
    }

    pub(super) fn tell(&mut self, now: i64, report: &Report<'_>, to: &mut Lines) {
        let id = self.id;
        self.write(now, to, |line| write::status(line, id, report));
    }

    /// Where the job stands now.
    pub(super) fn report(&mut self, now: i64) -> Report<'static> {
        let (percent, timeout) = (self.percent, self.time_left(now));
        Report { percent, timeout, ..Report::new(self.job.status()) }
    }

    /// What is done a little later: less than one part in so many of what is left more.
    fn more_percent(&mut self, part: i64) -> i64 {
        let parts = self.random.between(part, 4 * part);
        // Nothing is done before a task runs.
        if self.job.status().phase() == Phase::Creation {
            0
        } else {
            self.percent + (990 - self.percent) / parts
        }
    }

    /// The time left, as the server tells it. Where it has fallen to less than a hundredth at once, nothing is told: it
    /// would look like another unit.
    fn time_left(&mut self, now: i64) -> Option<i64> {
        if !self.tells_timeout || self.deadline == NEVER {
            return None;
        }
        let left = self.deadline.saturating_sub(now).max(0);
        // Larger ones would be taken for milliseconds.
        let left = if self.is_in_seconds { (left / 1000).min(9_999) } else { left };
        if self.timeout.is_some_and(|last| left.saturating_mul(100) < last) {
            return None;
        }
        self.timeout = Some(left);
        self.timeout
    }

    /// Writes a record.
    pub(super) fn write(&mut self, now: i64, to: &mut Lines, message: impl FnOnce(&mut Vec<u8>)) {
        let line = to.record(now, message);
        if let Some(fault) = &mut self.fault {
            fault.last_line = line;
        }
    }

    /// Whether something is written after the end: a fault, or the notification that whoever subscribed to it gets.
    fn follows_end(&mut self) -> bool {
        match &self.fault {
            Some(fault) => fault.is_after_end(),
            None => self.shows(self.job.status()) && self.random.once_in(16),
        }
    }

    fn follow_end(&mut self, now: i64, to: &mut Lines) {
        if self.fault.is_some() {
            return self.fault_after_end(now, to);
        }
        let (id, status) = (self.id, self.job.status());
        self.write(now, to, |line| write::notification(line, id, status));
    }
}

/// How often one status follows another, where it may.
fn weight(from: Status, to: Status) -> u64 {
    let is_cancelled = from == Status::CancelRequested;
    match (to, to.termination_type()) {
        (Status::CancelRequested, _) => 4,
        (Status::Cancelled | Status::CancelledQuickstart, _) if is_cancelled => 40,
        (Status::TooManyLoginFailures | Status::TooManyTfaFailures, _) if !is_cancelled => 60,
        (_, Some(TerminationType::Billable)) if !is_cancelled => 1200,
        (_, Some(_)) => 2,
        (_, None) if to == Status::PendingCard => 30,
        (_, None) if to.is_waiting() => 120,
        (_, None) => 200,
    }
}
