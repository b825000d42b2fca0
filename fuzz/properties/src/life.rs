//! Lives of jobs, lawful and not: the machine, the timer and the checker against models of the specification's tables.

mod log;
mod model;
mod time;
mod typed;

use core::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use cardsavr_protocol::wire::{JobTimeout, StatusBody};
use cardsavr_protocol::{Job, Limits, Status, Timer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use log::Log;
use model::{Model, TABLE};
use time::Clock;

/// A status that no version knows.
const UNKNOWN: &str = "PENDING_SELFIE";

/// Two jobs, and what happens to them.
#[derive(Arbitrary, Debug)]
struct Life {
    failures: [u8; 3],
    /// The documented durations, or some others, in seconds.
    seconds: [Option<u64>; 4],
    /// When it begins, if not at 0.
    start: Option<i64>,
    statuses: [Named; 2],
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
struct Step {
    /// Which of the two jobs it is about.
    is_second: bool,
    pass: Pass,
    job_timeout: Option<i32>,
    action: Action,
}

/// How time goes on.
#[derive(Arbitrary, Debug)]
enum Pass {
    /// By so many tenths of a second.
    By(u16),
    /// To the next deadline of the job, or a few milliseconds beside it.
    ToDeadline(i8),
    /// Backwards, which is refused.
    Back(u8),
}

#[derive(Arbitrary, Debug)]
enum Action {
    Apply(Named),
    /// The so manieth of the statuses that are legal, so that some lives last.
    Follow(u8),
    Adopt(Named),
    ReportNetworkFailure,
    /// Something is said that this version doesn't know.
    Unknown,
    /// What was written down goes on.
    Resume,
    /// The timer is asked.
    Warn,
    Expire,
}

/// A status, by its row.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct Named(u8);

impl Named {
    fn status(self) -> Status {
        Status::ALL[usize::from(self.0) % Status::ALL.len()]
    }
}

impl Life {
    fn limits(&self) -> Limits {
        let [failed_logins, failed_tfa_codes, network_failures] = self.failures;
        let default = Limits::default();
        let [budget, budget_extension, answer_window, warning] = self.seconds;
        let duration = |seconds: Option<u64>, default| seconds.map_or(default, Duration::from_secs);
        Limits {
            failed_logins,
            failed_tfa_codes,
            network_failures,
            budget: duration(budget, default.budget),
            budget_extension: duration(budget_extension, default.budget_extension),
            answer_window: duration(answer_window, default.answer_window),
            warning: duration(warning, default.warning),
            ..default
        }
    }
}

/// A job under watch.
struct Watched {
    job: Job,
    model: Model,
    timer: Timer,
    clock: Clock,
}

/// Bytes that a random life is made of: the machine and the types take and refuse what the model takes and refuses, and
/// remember the same; the timer says what the clock says; and the checker finds in the messages what the model finds.
pub fn life(bytes: &[u8]) {
    let Ok(life) = Life::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let limits = life.limits();
    let mut now = life.start.unwrap_or_default();
    let mut jobs = life.statuses.map(|first| Watched {
        job: Job::new(first.status()),
        model: Model::new(first.status()),
        timer: Timer::new(limits.clone()),
        clock: Clock::new(&limits),
    });
    let mut log = Log::new(&limits);

    for Step { is_second, pass, job_timeout, action } in &life.steps {
        let number = usize::from(*is_second);
        let watched = &mut jobs[number];
        match pass {
            Pass::By(tenths) => now = now.saturating_add(i64::from(*tenths) * 100),
            Pass::ToDeadline(beside) => {
                let deadline = watched
                    .timer
                    .next_deadline()
                    .map(|at| at.as_millis().saturating_add(i64::from(beside % 3)));
                now = now.max(deadline.unwrap_or(now));
            }
            Pass::Back(by) => watched.assert_goes_on_only(now.saturating_sub(i64::from(*by) + 1)),
        }
        let said = watched.step(action, &limits, now);
        if let Some(mut said) = said {
            log.assert_finds(number, &said);
            said.job_timeout = job_timeout.map(|timeout| read::<JobTimeout>(&timeout.to_string()));
            watched.tell(now, &said);
        }
        watched.assert_same(&limits);
    }
    log.assert_ends();
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// What comes of a value that is written down and read again.
fn resumed<T: Serialize + DeserializeOwned>(value: &T) -> T {
    read(&serde_json::to_string(value).expect("it can be written down"))
}

impl Watched {
    /// Takes a step, and gives what a message would say of it.
    fn step(&mut self, action: &Action, limits: &Limits, now: i64) -> Option<StatusBody<'static>> {
        let to = match action {
            Action::Apply(status) => status.status(),
            Action::Follow(which) => {
                let legal = self.model.legal(limits);
                *legal.get(usize::from(*which) % legal.len().max(1))?
            }
            Action::Adopt(status) => {
                let to = status.status();
                self.job = self.job.adopt(to);
                self.model.adopt(to);
                return Some(TABLE.said(to));
            }
            Action::ReportNetworkFailure => {
                self.report_network_failure(limits);
                return Some(StatusBody::new(Status::NetworkIssue));
            }
            Action::Unknown => return Some(StatusBody::new(cardsavr_protocol::wire::Open::new(UNKNOWN))),
            Action::Resume => {
                self.job = resumed(&self.job);
                self.timer = resumed(&self.timer);
                return None;
            }
            Action::Warn => {
                assert_eq!(self.timer.warn(time::at(now)).map_err(|_| time::Past), self.clock.warn(now));
                return None;
            }
            Action::Expire => {
                assert_eq!(self.timer.expire(time::at(now)).map_err(|_| time::Past), self.clock.expire(now));
                return None;
            }
        };
        self.apply(to, limits);
        Some(TABLE.said(to))
    }

    fn apply(&mut self, to: Status, limits: &Limits) {
        let before = self.job;
        let result = before.apply(to, limits);
        if let Some(typed) = typed::advance(before, to, limits) {
            assert_eq!(typed, result, "the types and the machine are one");
        }
        match (result, self.model.apply(to, limits)) {
            (Ok(job), Ok(())) => self.job = job,
            (Err(refused), Err(guard)) => {
                assert_eq!((refused.job, refused.to, refused.guard), (before, to, guard));
                assert_eq!(refused.legal.iter().collect::<Vec<_>>(), self.model.legal(limits));
            }
            (ours, theirs) => panic!("{before:?} to {to}: {ours:?}, and the model says {theirs:?}"),
        }
    }

    fn report_network_failure(&mut self, limits: &Limits) {
        let before = self.job;
        let result = before.report_network_failure(limits);
        if let Some(typed) = typed::report_network_failure(before, limits) {
            assert_eq!(typed, result, "the types and the machine are one");
        }
        match (result, self.model.report_network_failure(limits)) {
            (Ok(job), Ok(())) => self.job = job,
            (Err(refused), Err(guard)) => {
                assert_eq!((refused.job, refused.to, refused.guard), (before, Status::NetworkIssue, guard));
            }
            (ours, theirs) => panic!("{before:?} fails to connect: {ours:?}, and the model says {theirs:?}"),
        }
    }

    /// The timer hears of it.
    fn tell(&mut self, now: i64, said: &StatusBody<'_>) {
        let is_told = self.timer.observe(time::at(now), said).is_ok();
        assert_eq!(is_told, self.clock.hear(now, said));
    }

    /// A time before the last one changes nothing.
    fn assert_goes_on_only(&mut self, earlier: i64) {
        if self.clock.is_past(earlier) {
            let before = self.timer.clone();
            assert!(
                self.timer.warn(time::at(earlier)).is_err() && self.timer.expire(time::at(earlier)).is_err()
            );
            assert!(self.timer.enter(time::at(earlier), Status::Auth).is_err());
            assert_eq!(self.timer, before);
        }
    }

    fn assert_same(&self, limits: &Limits) {
        let memory = self.job.memory();
        let remembered = [memory.failed_logins(), memory.failed_tfa_codes(), memory.network_failures()];
        assert_eq!(remembered, self.model.past.failures());
        assert_eq!(memory.credentials_received(), self.model.past.has_credentials);
        assert_eq!(self.job.status(), self.model.status);
        assert_eq!(self.job.legal(limits).iter().collect::<Vec<_>>(), self.model.legal(limits));
        self.clock.assert_same(&self.timer);
    }
}
