//! The history of a job, as the script of the page reads it.

use cardsavr_protocol::conformance::{Finding, Rule, Severity};
use cardsavr_protocol::track::StepKind;
use cardsavr_protocol::wire::{JobId, RequestKind};
use cardsavr_protocol::{Status, Timestamp};
use serde::Serialize;

use crate::pipeline::history::{Detail, Event, JobHistory};
use crate::text::Plain;

/// A text of the log, its invisible characters escaped.
pub fn plain(text: &str) -> String {
    Plain(text).to_string()
}

/// The name of a job in the page.
pub fn name(id: &JobId) -> String {
    plain(&id.to_string())
}

#[derive(Serialize)]
pub struct JobData<'l> {
    id: String,
    events: Vec<EventData<'l>>,
    findings: Vec<FindingData>,
    left_out: u64,
}

/// An event; absent fields are left out.
#[derive(Serialize)]
struct EventData<'l> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepKind>,
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
struct FindingData {
    /// The number of events before it.
    after: usize,
    rule: Rule,
    severity: Severity,
    message: String,
}

impl<'l> JobData<'l> {
    pub fn new(history: &'l JobHistory) -> Self {
        Self {
            id: name(&history.job),
            events: history.events.iter().map(EventData::new).collect(),
            findings: history.findings.iter().map(FindingData::new).collect(),
            left_out: history.left_out,
        }
    }
}

impl FindingData {
    fn new((after, finding): &(usize, Finding)) -> Self {
        Self {
            after: *after,
            rule: finding.rule,
            severity: finding.severity,
            message: plain(&finding.message()),
        }
    }
}

impl<'l> EventData<'l> {
    fn new(event: &'l Event) -> Self {
        let is_repeated = event.count > 1;
        let mut data = Self {
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
        match &event.detail {
            Detail::Status { status, from, step, percent } => {
                data.word = Some(plain(status.as_str()));
                (data.step, data.from, data.percent) = (Some(*step), *from, *percent);
            }
            Detail::Heartbeat => data.kind = "heartbeat",
            Detail::Request(kind) => {
                data.kind = "request";
                data.word = kind.map(|kind| kind.to_string());
            }
            Detail::RequestAgain => data.kind = "request_again",
            Detail::Response(kind) => {
                data.kind = "response";
                data.word = kind.and_then(RequestKind::response).map(|kind| kind.to_string());
            }
            Detail::Snapshot(status) => {
                data.kind = "snapshot";
                data.word = Some(plain(status.as_str()));
            }
            Detail::Unknown(kind) => {
                data.kind = "unknown";
                data.word = Some(plain(kind.as_str()));
            }
        }
        data
    }
}
