//! Valid and altered job histories: the machine, the timer and the checker against models of the specification's tables.

mod log;
mod time;
mod typed;

use core::time::Duration;

use cardsavr_protocol::simulate::{Bytes, Choose, Content, History, Report, Simulation, Variety};
use cardsavr_protocol::wire::{JobTimeout, StatusBody};
use cardsavr_protocol::{Guard, Job, Limits, Standing, Status, Timer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::oracle::{Model, TABLE};
use log::Log;
use time::Clock;

/// A status that is unknown in every version.
const UNKNOWN: &str = "PENDING_SELFIE";

enum Action {
    Apply(Status),
    Adopt(Status),
    ReportNetworkFailure,
    /// A status is reported that this version does not know.
    Unknown,
    /// The job and the timer are serialized and read again.
    Resume,
    Warn,
    Expire,
}

/// The documented limits, or others.
fn limits(choices: &mut Bytes<'_>) -> Limits {
    let default = Limits::default();
    let mut count = |default| {
        if choices.once_in(2) { u8::try_from(choices.below(256)).unwrap_or(default) } else { default }
    };
    let failed_logins = count(default.failed_logins);
    let failed_tfa_codes = count(default.failed_tfa_codes);
    let network_failures = count(default.network_failures);
    let mut duration = |default| match choices.below(6) {
        4 => Duration::from_secs(choices.below(1_000)),
        5 => Duration::from_secs(choices.bits()),
        _ => default,
    };
    default
        .clone()
        .with_failed_logins(failed_logins)
        .with_failed_tfa_codes(failed_tfa_codes)
        .with_network_failures(network_failures)
        .with_budget(duration(default.budget))
        .with_budget_extension(duration(default.budget_extension))
        .with_answer_window(duration(default.answer_window))
        .with_warning(duration(default.warning))
}

fn any_status(choices: &mut Bytes<'_>) -> Status {
    choices.pick(Status::ALL).expect("there are statuses")
}

/// A job, and its models.
struct Watched {
    job: Job,
    model: Model,
    timer: Timer,
    clock: Clock,
}

/// The bytes determine two histories and their alterations. The machine and the typestate accept and refuse the steps that
/// the model does, with the same memory; the timer has the deadlines of the clock; the checker reports the model's rules.
pub fn life(bytes: &[u8]) {
    let (altering, histories) = bytes.split_at(bytes.len() / 2);
    let choices = &mut Bytes::new(altering);
    let limits = limits(choices);
    let log = Simulation::new(0).jobs(2).limits(limits.clone()).variety(Variety::default());
    let log: History = log.log_from(histories).collect();
    let mut now = if choices.once_in(4) { i64::from_ne_bytes(choices.bits().to_ne_bytes()) } else { 0 };
    let mut jobs = [1, 2].map(|_| {
        let first = if choices.once_in(4) { any_status(choices) } else { Status::default() };
        Watched {
            job: Job::new(first),
            model: Model::new(first),
            timer: Timer::new(limits.clone()),
            clock: Clock::new(&limits),
        }
    });
    let mut found = Log::new(&limits);

    let mut reports = log.records.iter().filter_map(|record| match record.content {
        Content::Status(report) => Some((record.job.number == 2, record.at.unwrap_or_default(), report)),
        _ => None,
    });
    let mut before = 0;
    loop {
        // After the end of a history, arbitrary actions follow as long as there are choices.
        let (is_second, at, report) = match reports.next() {
            Some((is_second, at, report)) => (is_second, at, Some(report)),
            None if choices.is_empty() => break,
            None => (choices.once_in(2), before, None),
        };
        let gap = at - std::mem::replace(&mut before, at);
        let number = usize::from(is_second);
        let watched = &mut jobs[number];
        match choices.below(8) {
            1 => now = now.saturating_add(choices.between(0, 1 << 16) * 100),
            2 => {
                let beside = choices.between(-2, 3);
                let deadline = watched.timer.next_deadline();
                now = now.max(deadline.map_or(now, |at| at.as_millis().saturating_add(beside)));
            }
            3 => watched.assert_time_is_monotonic(now.saturating_sub(choices.between(1, 257))),
            _ => now = now.saturating_add(gap.max(0)),
        }
        let Some(action) = watched.choose(report, choices, &limits) else { continue };
        if let Some(mut said) = watched.step(&action, &limits, now) {
            found.assert_finds(number, &said);
            let timeout = match choices.below(8) {
                1 => Some(choices.between(i32::MIN.into(), i64::from(i32::MAX) + 1)),
                2 => None,
                _ => report.and_then(|report| report.timeout),
            };
            said.job_timeout = timeout.map(|timeout| read::<JobTimeout>(&timeout.to_string()));
            watched.observe(now, &said);
        }
        watched.assert_same(&limits);
    }
    found.assert_ends();
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The body of a message with a status; a terminal one has its termination type.
fn said(status: Status) -> StatusBody {
    let termination_type = TABLE.termination_type(status).map(Into::into);
    let mut body = StatusBody::new(status);
    body.termination_type = termination_type;
    body
}

/// A value after serialization and deserialization.
fn resumed<T: Serialize + DeserializeOwned>(value: &T) -> T {
    read(&serde_json::to_string(value).expect("it can be serialized"))
}

impl Watched {
    /// The next action: that of the history, or another one.
    fn choose(&self, report: Option<Report>, choices: &mut Bytes<'_>, limits: &Limits) -> Option<Action> {
        Some(match (choices.below(16), report) {
            (8, _) => Action::Apply(any_status(choices)),
            (9, _) => Action::Adopt(any_status(choices)),
            (10, _) => Action::ReportNetworkFailure,
            (11, _) => Action::Unknown,
            (12, _) => Action::Resume,
            (13, _) => Action::Warn,
            (14, _) => Action::Expire,
            (0..8, Some(report)) if report.is_network_failure() => Action::ReportNetworkFailure,
            (0..8, Some(report)) => Action::Apply(report.known()?),
            _ => Action::Apply(choices.pick(&self.model.legal(limits))?),
        })
    }

    /// Takes a step. Returns the body of the message that reports it.
    fn step(&mut self, action: &Action, limits: &Limits, now: i64) -> Option<StatusBody> {
        match *action {
            Action::Apply(to) => {
                self.apply(to, limits);
                Some(said(to))
            }
            Action::Adopt(to) => {
                self.job = self.job.adopt(to);
                self.model.adopt(to);
                Some(said(to))
            }
            Action::ReportNetworkFailure => {
                self.report_network_failure(limits);
                Some(StatusBody::new(Status::NetworkIssue))
            }
            Action::Unknown => Some(StatusBody::new(cardsavr_protocol::wire::Open::new(UNKNOWN))),
            Action::Resume => {
                self.job = resumed(&self.job);
                self.timer = resumed(&self.timer);
                None
            }
            Action::Warn => {
                assert_eq!(self.timer.warn(time::at(now)), self.clock.warn(now));
                None
            }
            Action::Expire => {
                assert_eq!(self.timer.expire(time::at(now)), self.clock.expire(now));
                None
            }
        }
    }

    fn apply(&mut self, to: Status, limits: &Limits) {
        let before = self.job;
        let result = before.apply(to, limits);
        if let Some(typed) = typed::advance(before, to, limits) {
            assert_eq!(typed, result, "the typestate and the machine agree");
        }
        match (result, self.model.apply(to, limits)) {
            (Ok(job), Ok(())) => self.job = job,
            (Err(refused), Err(guard)) => {
                assert_eq!((refused.job, refused.to, refused.guard), (before, to, guard));
                assert_eq!(refused.legal.iter().collect::<Vec<_>>(), self.model.legal(limits));
            }
            (ours, theirs) => panic!("{before:?} to {to}: {ours:?}, the model: {theirs:?}"),
        }
    }

    fn report_network_failure(&mut self, limits: &Limits) {
        let before = self.job;
        let result = before.report_network_failure(limits);
        if let Some(typed) = typed::report_network_failure(before, limits) {
            assert_eq!(typed, result, "the typestate and the machine agree");
        }
        match (result, self.model.report_network_failure(limits)) {
            (Ok(job), Ok(())) => self.job = job,
            (Err(refused), Err(guard)) => {
                assert_eq!((refused.job, refused.to, refused.guard), (before, Status::NetworkIssue, guard));
            }
            (ours, theirs) => panic!("{before:?} fails to connect: {ours:?}, the model: {theirs:?}"),
        }
    }

    /// The timer takes a message.
    fn observe(&mut self, now: i64, said: &StatusBody) {
        let standing = Standing::of(said.status.known(), said.termination_type.is_some());
        self.timer.observe(time::at(now), standing, said.job_timeout.as_ref().map(JobTimeout::get));
        self.clock.take(now, said);
    }

    /// A time before the latest one counts as the latest one.
    fn assert_time_is_monotonic(&mut self, earlier: i64) {
        assert_eq!(self.timer.warn(time::at(earlier)), self.clock.warn(earlier));
        assert_eq!(self.timer.expire(time::at(earlier)), self.clock.expire(earlier));
    }

    fn assert_same(&self, limits: &Limits) {
        let memory = self.job.memory();
        for &guard in Guard::ALL {
            assert_eq!(memory.count(guard), self.model.past.count(guard), "{guard:?}");
        }
        assert_eq!(self.job.status(), self.model.status);
        assert_eq!(self.job.legal(limits).iter().collect::<Vec<_>>(), self.model.legal(limits));
        self.clock.assert_same(&self.timer);
    }
}
