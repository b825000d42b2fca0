//! The adapter of this crate: runs a vector. Absent fields of a vector are not compared.

mod client;
mod conformance;

use cardsavr_protocol::wire::{JobStatusMessage, JobTimeout, Message, RequestKind};
use cardsavr_protocol::{Input, Job, Limits, Standing, Status, Timer, Timestamp};

use crate::form::{Expect, FoundAtEnd, FoundInLog, Level, Step, Vector};

/// The outcome of a vector.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) steps: Vec<Expect>,
    pub(crate) at_end: Option<Vec<FoundAtEnd>>,
    pub(crate) findings: Option<Vec<FoundInLog>>,
}

/// Runs a vector and returns the differences from its expectations.
pub(crate) fn run(level: Level, vector: &Vector) -> Result<(), String> {
    let actual = outcome(level, vector);
    if actual.steps.len() != vector.steps.len() {
        return Err(format!("{} steps instead of {}", actual.steps.len(), vector.steps.len()));
    }
    for (index, (step, actual)) in vector.steps.iter().zip(&actual.steps).enumerate() {
        // Compares as JSON: only the expected fields.
        let expected = serde_json::to_value(&step.expect).expect("it has string keys only");
        let actual = serde_json::to_value(actual).expect("it has string keys only");
        for (field, expected) in expected.as_object().expect("it is an object") {
            let actual = &actual[field];
            if actual != expected {
                return Err(format!("step {index}, {field}: {actual} instead of {expected}"));
            }
        }
    }
    if actual.at_end != vector.at_end || actual.findings != vector.findings {
        return Err(format!(
            "at its end: {:?} {:?} instead of {:?} {:?}",
            actual.at_end, actual.findings, vector.at_end, vector.findings
        ));
    }
    Ok(())
}

/// The outcome of a vector in this crate.
pub(crate) fn outcome(level: Level, vector: &Vector) -> Outcome {
    let limits = vector.limits();
    match level {
        Level::Machine | Level::Guards => {
            Outcome { steps: machine(&vector.steps, &limits), ..Outcome::default() }
        }
        Level::Timers => Outcome { steps: timers(&vector.steps, limits), ..Outcome::default() },
        Level::Client => Outcome { steps: client::run(&vector.steps, limits), ..Outcome::default() },
        Level::Conformance => conformance::run(vector, limits),
    }
}

fn message(step: &Step) -> Message {
    let json = step.input.as_ref().expect("the step has an input").get();
    Message::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn job_status(step: &Step) -> JobStatusMessage {
    match message(step) {
        Message::JobStatus(status) => status,
        other => panic!("the machine and the timer accept only statuses, not {other:?}"),
    }
}

fn names(statuses: impl IntoIterator<Item = Status>) -> Vec<String> {
    statuses.into_iter().map(|status| status.to_string()).collect()
}

/// The machine: a refused step leaves the status unchanged.
fn machine(steps: &[Step], limits: &Limits) -> Vec<Expect> {
    let mut job: Option<Job> = None;
    let mut take = |step: &Step| {
        let said = job_status(step).message;
        let to = said.status.known().expect("the machine accepts only known statuses");
        let is_network_failure = to == Status::NetworkIssue && said.termination_type.is_none();
        let result = match job {
            None => Ok(Job::new(to)),
            Some(job) if is_network_failure => job.report_network_failure(limits),
            Some(job) => job.apply(to, limits),
        };
        let refusal = result.err();
        let after = result.unwrap_or_else(|refusal| refusal.job);
        job = Some(after);
        let mut expect = Expect {
            status: Some(Some(after.status().to_string())),
            legal: Some(refusal.is_none()),
            may_become: Some(names(after.legal(limits).iter())),
            ..Expect::default()
        };
        if let Some(refusal) = refusal {
            expect.guard = Some(refusal.guard.map(|guard| <&str>::from(guard).to_owned()));
            let path = after.status().path_to(to);
            expect.missing = Some(path.map(|path| names(path.filter(|&status| status != to))));
        }
        expect
    };
    steps.iter().map(&mut take).collect()
}

fn timers(steps: &[Step], limits: Limits) -> Vec<Expect> {
    let mut timer = Timer::new(limits);
    let (mut status, mut has_ended) = (None, false);
    let mut take = |step: &Step| {
        let now = Timestamp::from_millis(step.at.expect("the step has a time"));
        if step.input.is_some() {
            let said = match message(step) {
                Message::JobStatus(said) => said.message,
                Message::Request(request) => {
                    timer.request(now, input(request.kind, status.as_deref()));
                    return expect_timer(&mut timer, now, status.as_deref());
                }
                other => panic!("the timer takes statuses and requests, not {other:?}"),
            };
            let standing = Standing::of(said.status.known(), said.termination_type.is_some());
            timer.observe(now, standing, said.job_timeout.as_ref().map(JobTimeout::get));
            has_ended |= said.status.known().is_none() && said.termination_type.is_some();
            if let Some(known) = said.status.known() {
                // A report of a failure to connect leaves the status unchanged, and so does every message after the end.
                let is_report = known == Status::NetworkIssue && said.termination_type.is_none();
                if !is_report && !has_ended {
                    status = Some(known.to_string());
                }
                has_ended |= known.is_terminal() && !is_report;
            }
        }
        expect_timer(&mut timer, now, status.as_deref())
    };
    steps.iter().map(&mut take).collect()
}

/// The input that a request asks for: new credentials, except in the wait for the initial ones.
fn input(kind: RequestKind, status: Option<&str>) -> Input {
    match kind {
        RequestKind::TfaRequest => Input::TfaCode,
        _ if status == Some("PENDING_CREDS") => Input::InitialCredentials,
        _ => Input::NewCredentials,
    }
}

/// The state of the timer.
fn expect_timer(timer: &mut Timer, now: Timestamp, status: Option<&str>) -> Expect {
    let left = timer.warn(now);
    let expired = timer.expire(now);
    Expect {
        status: Some(status.map(ToOwned::to_owned)),
        time_left: Some(left.map(|left| i64::try_from(left.as_millis()).expect("it is little"))),
        expires_as: Some(expired.map(|status| status.to_string())),
        warns_at: Some(timer.warns_at().map(Timestamp::as_millis)),
        expires_at: Some(timer.expires_at().map(Timestamp::as_millis)),
        ..Expect::default()
    }
}
