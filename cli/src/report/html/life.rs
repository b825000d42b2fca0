//! A life, as the page's script reads it.

use cardsavr_protocol::Status;
use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Finding, Rule, Severity};
use serde::Serialize;

use super::data::{name, plain};
use crate::pipeline::history::{Event, Life, Step, What};

#[derive(Serialize)]
pub struct Told<'l> {
    job: String,
    events: Vec<ToldEvent<'l>>,
    findings: Vec<ToldFinding>,
    left_out: u64,
}

/// Something that happened; what is not said takes no room.
#[derive(Serialize)]
struct ToldEvent<'l> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'l Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'l Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    input: u32,
    line: u64,
}

#[derive(Serialize)]
struct ToldFinding {
    /// After how many events it stands.
    after: usize,
    rule: Rule,
    severity: Severity,
    message: String,
}

impl<'l> Told<'l> {
    pub fn new(life: &'l Life) -> Self {
        Self {
            job: name(&life.job),
            events: life.events.iter().map(ToldEvent::new).collect(),
            findings: life
                .findings
                .iter()
                .map(|(after, finding)| ToldFinding::new(*after, finding))
                .collect(),
            left_out: life.left_out,
        }
    }
}

impl ToldFinding {
    fn new(after: usize, finding: &Finding) -> Self {
        Self { after, rule: finding.rule, severity: finding.severity, message: plain(&finding.message) }
    }
}

impl<'l> ToldEvent<'l> {
    fn new(event: &'l Event) -> Self {
        let is_repeated = event.count > 1;
        let mut told = Self {
            kind: "status",
            word: None,
            step: None,
            from: None,
            percent: None,
            at: event.at.as_ref(),
            until: event.until.as_ref().filter(|_| is_repeated),
            count: is_repeated.then_some(event.count),
            input: event.position.input,
            line: event.position.line,
        };
        match &event.what {
            What::Status { status, from, step, percent } => {
                told.word = Some(plain(status.as_str()));
                (told.step, told.from, told.percent) = (Some(*step), *from, *percent);
            }
            What::Heartbeat => told.kind = "heartbeat",
            What::Request(kind) => {
                told.kind = "request";
                told.word = kind.map(|kind| kind.request().to_string());
            }
            What::RequestAgain => told.kind = "request_again",
            What::Response(kind) => {
                told.kind = "response";
                told.word = Some(kind.response().to_string());
            }
            What::Snapshot(status) => {
                told.kind = "snapshot";
                told.word = Some(plain(status.as_str()));
            }
            What::Unknown(kind) => {
                told.kind = "unknown";
                told.word = Some(plain(kind.as_str()));
            }
        }
        told
    }
}
