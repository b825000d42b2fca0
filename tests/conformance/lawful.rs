//! Random lawful lives, and the logs that one recorder makes of several.
//!
//! Every decision is taken from [`Choices`], a tape of numbers. Whoever has such a tape can make a log: a property test
//! draws it, a simulator fills it from a seed. A shorter tape makes a shorter log: where it ends, the simplest choice
//! is taken, and jobs come to their ends.

use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Job, Limits, Status, TerminationType};

use crate::entry::{Answer, Ask, Entry, Event, Log, Report};

/// Numbers that decide; zeros once they are used up.
pub(crate) struct Choices(std::vec::IntoIter<u32>);

impl Choices {
    pub(crate) fn new(numbers: Vec<u32>) -> Self {
        Self(numbers.into_iter())
    }

    /// A number below `count`, the simplest being 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.next().unwrap_or_default() as usize % count
    }

    /// Yes once in so many times; no in the simplest case.
    pub(crate) fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    /// One of so many parts of what is left, so that one decision too many elsewhere changes nothing there.
    fn part(&mut self, of: usize) -> Self {
        let count = self.0.len() / of;
        Self::new(self.0.by_ref().take(count).collect())
    }

    pub(crate) fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// What a log is to be like.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// By which limits its lives are lawful.
    pub(crate) limits: Limits,
    /// Whether the recorder is the client that created the jobs, and so receives their requests.
    pub(crate) shows_requests: bool,
    pub(crate) untimed: Untimed,
}

/// Which entries lack a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untimed {
    None,
    Some,
    All,
}

/// What a life is to be like; by default it is like any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Statuses to pass through, first of all.
    pub(crate) route: Vec<Status>,
    /// Limits of its own.
    pub(crate) limits: Option<Limits>,
    /// Whether no wait takes long, every request is answered, and no snapshot is taken.
    pub(crate) is_plain: bool,
}

/// A log of as many lives as there are plans, interleaved.
pub(crate) fn log(style: &Style, plans: &[Plan], choices: &mut Choices) -> Log {
    let is_named: Vec<bool> = plans.iter().map(|_| choices.once_in(6)).collect();
    let mut order = choices.part(4);
    let live = |(job, plan)| {
        let mut choices = choices.part(plans.len() - job + 1);
        Life::new(job, style, plan, &mut choices).live().into_iter()
    };
    let mut lives: Vec<_> = plans.iter().enumerate().map(live).collect();
    let mut entries = Vec::new();
    loop {
        let going: Vec<usize> = (0..lives.len()).filter(|&job| lives[job].len() > 0).collect();
        if going.is_empty() {
            break;
        }
        // A few messages of the same job in a row are as likely as a change of job.
        let job = order.of(&going);
        entries.extend(lives[job].by_ref().take(1 + order.below(3)));
    }
    Log::new(entries, is_named)
}

/// The statuses that a lawful life may take next: those that are legal, less an end for too many failures before as
/// many were seen.
pub(crate) fn lawful_next(job: Job, limits: &Limits) -> Vec<Status> {
    let memory = job.memory();
    let is_early = |status: &Status| match status {
        Status::TooManyLoginFailures => memory.failed_logins() + 1 < limits.failed_logins,
        Status::TooManyTfaFailures => memory.failed_tfa_codes() + 1 < limits.failed_tfa_codes,
        _ => false,
    };
    job.legal(limits).iter().filter(|status| !is_early(status)).collect()
}

/// The statuses of a lawful life, from a start to an end.
fn statuses(limits: &Limits, route: &[Status], choices: &mut Choices) -> Vec<Status> {
    let mut route = route.iter().copied().peekable();
    let first = route.next_if(|first| matches!(first, Status::Initiated | Status::Requested));
    let first = first.unwrap_or_else(|| choices.of(&[Status::Requested, Status::Initiated]));
    let mut job = Job::new(first);
    let mut statuses = vec![first];
    while !job.status().is_terminal() {
        let next = if let Some(&goal) = route.peek() {
            job.status().path_to(goal).and_then(|mut path| path.next()).expect("a way there")
        } else {
            let lawful = lawful_next(job, limits);
            let (ends, mut others): (Vec<_>, Vec<_>) = lawful.into_iter().partition(|s| s.is_terminal());
            // Few jobs are cancelled.
            if others.len() > 1 && !choices.once_in(4) {
                others.retain(|&status| status != Status::CancelRequested);
            }
            let is_time_to_end = statuses.len() > 40 || others.is_empty() || choices.below(16) == 0;
            choices.of(if is_time_to_end { &ends } else { &others })
        };
        job = job.apply(next, limits).expect("lawful by these limits");
        _ = route.next_if_eq(&next);
        statuses.push(next);
    }
    statuses
}

/// A life on its way.
struct Life<'l> {
    job: usize,
    style: &'l Style,
    limits: &'l Limits,
    plan: &'l Plan,
    choices: &'l mut Choices,
    statuses: Vec<Status>,
    /// The percentage at each of the statuses.
    percents: Vec<f64>,
    /// Where it stands among its statuses.
    step: usize,
    clock: i64,
    /// When the present wait for the user began.
    waits_since: Option<i64>,
    is_in_milliseconds: bool,
    /// When the budget ends, once it runs.
    deadline: Option<i64>,
    last_timeout: Option<i64>,
    timeout_may_grow: bool,
    network_failures: u8,
    just_failed: bool,
    asks: Vec<Ask>,
    answered: usize,
    /// The step and the timeout of the last snapshot.
    snapshot: Option<(usize, i64)>,
    entries: Vec<Entry>,
}

const SECOND: i64 = 1000;
const WINDOW: i64 = 240 * SECOND;
const GRACE: i64 = 60 * SECOND;

impl<'l> Life<'l> {
    fn new(job: usize, style: &'l Style, plan: &'l Plan, choices: &'l mut Choices) -> Self {
        let limits = plan.limits.as_ref().unwrap_or(&style.limits);
        let statuses = statuses(limits, &plan.route, choices);
        let mut percent = 0.0;
        let percents = statuses.iter().map(|status| {
            #[expect(clippy::cast_precision_loss, reason = "it is less than 20")]
            let more = choices.below(20) as f64 / 2.0;
            percent = if status.is_terminal() { 100.0 } else { f64::min(percent + more, 99.0) };
            percent
        });
        Self {
            percents: percents.collect(),
            job,
            style,
            limits,
            plan,
            statuses,
            step: 0,
            clock: 1_632_787_200_000 + 7 * SECOND * i64::try_from(job).unwrap_or_default(),
            waits_since: None,
            is_in_milliseconds: choices.once_in(2),
            deadline: None,
            last_timeout: None,
            timeout_may_grow: false,
            network_failures: 0,
            just_failed: false,
            asks: Vec::new(),
            answered: 0,
            snapshot: None,
            entries: Vec::new(),
            choices,
        }
    }

    fn live(mut self) -> Vec<Entry> {
        while self.step < self.statuses.len() {
            self.enter();
            let least = if self.waits_since.is_some() { 2 } else { 0 };
            for _ in 0..least + self.choices.below(4) {
                self.linger();
            }
            self.answer_in_the_end();
            self.step += 1;
        }
        self.entries
    }

    fn status(&self) -> Status {
        self.statuses[self.step]
    }

    /// Takes the next status, with a request that it brings, ahead of it or after it.
    fn enter(&mut self) {
        let status = self.status();
        let kind = match status {
            Status::PendingTfa => Some(RequestKind::Tfa),
            Status::PendingNewCreds => Some(RequestKind::Credential),
            // Initial credentials are asked for or not.
            Status::PendingCreds if self.choices.once_in(2) => Some(RequestKind::Credential),
            _ => None,
        };
        let is_ahead = self.choices.once_in(3);
        if let Some(kind) = kind.filter(|_| is_ahead) {
            self.tick();
            self.ask(kind);
        }
        self.waits_since = None;
        self.tick();
        if status.is_running() {
            self.deadline.get_or_insert(self.clock + 300 * SECOND);
        }
        if status.is_waiting() {
            self.deadline = self.deadline.map(|deadline| deadline + 240 * SECOND);
            self.timeout_may_grow = true;
        }
        if status.is_waiting() && status != Status::PendingCard {
            self.waits_since = Some(self.clock);
        }
        self.tell();
        if let Some(kind) = kind.filter(|_| !is_ahead) {
            self.ask(kind);
        }
    }

    /// Something that happens while the job has its status.
    fn linger(&mut self) {
        self.tick();
        let has_ended = self.status().is_terminal();
        match self.choices.below(6) {
            0 if !has_ended => self.tell(),
            1 if !has_ended => self.fail_to_connect(),
            2 | 5 if !has_ended => self.answer(),
            3 if !self.asks.is_empty() && self.style.shows_requests => {
                let ask = self.choices.below(self.asks.len());
                self.push(Event::Request(self.asks[ask].clone()));
            }
            4 if !self.plan.is_plain => self.take_snapshot(None),
            _ => {}
        }
    }

    /// Lets time pass; no wait takes longer than the answer window and the grace.
    fn tick(&mut self) {
        let passed = if self.plan.is_plain {
            self.choices.below(1500)
        } else {
            self.choices.of(&[0, 1, 3000, 5000, 200_000, 300_000])
        };
        self.clock += i64::try_from(passed).unwrap_or_default();
        if let Some(since) = self.waits_since {
            self.clock = self.clock.min(since + WINDOW + GRACE);
        }
    }

    fn push(&mut self, event: Event) {
        let is_timed = match self.style.untimed {
            Untimed::None => true,
            Untimed::Some => self.choices.once_in(2),
            Untimed::All => false,
        };
        let at = is_timed.then_some(self.clock);
        self.entries.push(Entry { job: self.job, at, id_is_text: self.choices.once_in(2), event });
    }

    /// A `job_status`: the first of its status, or a heartbeat.
    fn tell(&mut self) {
        let status = self.status();
        let report = Report { timeout: self.timeout(), ..self.report(self.step) };
        self.just_failed = false;
        debug_assert_eq!(report.known(), Some(status));
        self.push(Event::Status(report));
    }

    fn report(&mut self, step: usize) -> Report {
        let status = self.statuses[step];
        Report {
            status: status.to_string(),
            termination_type: status.termination_type().as_ref().map(TerminationType::to_string),
            percent: self.choices.once_in(2).then_some(self.percents[step]),
            timeout: None,
        }
    }

    /// The time left, as the server tells it: it falls, but never at once to less than a hundredth.
    fn timeout(&mut self) -> Option<i64> {
        if !self.choices.once_in(2) {
            return None;
        }
        let left = self.deadline.map_or(300 * SECOND, |deadline| (deadline - self.clock).max(0));
        let mut left = if self.is_in_milliseconds { left } else { (left / SECOND).min(9_999) };
        if let Some(last) = self.last_timeout {
            left = left.max(last / 50 + 1);
            if !std::mem::take(&mut self.timeout_may_grow) {
                left = left.min(last);
            }
        }
        self.timeout_may_grow = false;
        self.last_timeout = Some(left);
        self.last_timeout
    }

    /// A failure to connect that doesn't end the job, if one more may be reported.
    fn fail_to_connect(&mut self) {
        if !self.just_failed {
            if self.network_failures == self.limits.network_failures {
                return;
            }
            self.network_failures += 1;
        }
        self.just_failed = true;
        let report = self.report(self.step);
        let status = Status::NetworkIssue.to_string();
        self.push(Event::Status(Report { status, termination_type: None, ..report }));
    }

    /// A request that wasn't seen before, by itself or in the job.
    fn ask(&mut self, kind: RequestKind) {
        let envelope = format!("{}/{}==", self.job, self.asks.len());
        let ask = Ask { kind, envelope };
        self.asks.push(ask.clone());
        if !self.style.shows_requests {
            return;
        }
        if !self.plan.is_plain && self.choices.once_in(4) {
            self.take_snapshot(Some(ask.clone()));
        }
        self.push(Event::Request(ask));
    }

    /// An answer to the oldest request that has none, in time.
    fn answer(&mut self) {
        let is_in_time = match self.waits_since {
            Some(since) => self.clock <= since + WINDOW,
            // What is open after a cancel was asked for before it.
            None => self.status() != Status::CancelRequested,
        };
        let Some(Ask { kind, envelope }) = self.asks.get(self.answered).cloned() else { return };
        if is_in_time {
            self.answered += 1;
            let names_job = self.choices.once_in(2);
            self.push(Event::Response(Answer { kind, envelope, names_job, message: None }));
        }
    }

    /// A plain life leaves no request open once its answer has come.
    fn answer_in_the_end(&mut self) {
        while self.plan.is_plain && self.waits_since.is_some() && self.answered < self.asks.len() {
            self.answer();
        }
    }

    /// A snapshot of where the job stands or of what lies ahead, in whichever form. None is taken where the last one
    /// doesn't lead there without a cancel that nobody saw.
    fn take_snapshot(&mut self, asked: Option<Ask>) {
        let last_step = self.statuses.len() - 1;
        let ahead = self.choices.of(&[0, 0, 1, 3, 40]);
        let step = (self.step.max(self.snapshot.map_or(0, |(step, _)| step)) + ahead).min(last_step);
        if self.snapshot.is_some_and(|(last, _)| !self.statuses[last].reaches(self.statuses[step])) {
            return;
        }
        let first = if self.is_in_milliseconds { 600_000 } else { 600 };
        let timeout = self.snapshot.map_or(first, |(_, last)| last - last / 10);
        self.snapshot = Some((step, timeout));
        let report = self.report(step);
        if step == last_step && asked.is_none() && self.choices.once_in(2) {
            self.push(Event::Notified(Report { percent: None, ..report }));
        } else {
            let timeout = self.choices.once_in(2).then_some(timeout);
            self.push(Event::Snapshot(Report { timeout, ..report }, asked.into_iter().collect()));
        }
    }
}
