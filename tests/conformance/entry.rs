//! The entries of a log as values, so that a test can change one, and the text of them.

use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Status, TerminationType};
use serde_json::{Map, Value, json};

/// What a recorder wrote down at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Which of the log's jobs, from 0 on.
    pub(crate) job: usize,
    pub(crate) at: Option<i64>,
    /// Whether the job's id stands there as a string.
    pub(crate) id_is_text: bool,
    pub(crate) event: Event,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Status(Report),
    /// The job itself, with requests in it.
    Snapshot(Report, Vec<Ask>),
    Notified(Report),
    Request(Ask),
    Response(Answer),
    /// Anything else, as text, in which `$JOB` stands for the job's id.
    Raw(String),
}

/// Where the job stands, in the words of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) status: String,
    pub(crate) termination_type: Option<String>,
    pub(crate) percent: Option<f64>,
    pub(crate) timeout: Option<i64>,
}

impl Report {
    pub(crate) fn new(status: Status) -> Self {
        Self {
            status: status.to_string(),
            termination_type: status.termination_type().as_ref().map(TerminationType::to_string),
            percent: None,
            timeout: None,
        }
    }

    pub(crate) fn known(&self) -> Option<Status> {
        self.status.parse().ok()
    }

    /// Whether it only reports a failure to connect.
    pub(crate) fn is_network_failure(&self) -> bool {
        self.known() == Some(Status::NetworkIssue) && self.termination_type.is_none()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) kind: RequestKind,
    pub(crate) envelope: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) kind: RequestKind,
    pub(crate) envelope: String,
    pub(crate) names_job: bool,
    /// What it says, where that isn't what belongs there.
    pub(crate) message: Option<String>,
}

/// A log, an entry a line.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    /// For each job, whether its id is a name instead of a number.
    is_named: Vec<bool>,
}

impl Log {
    pub(crate) fn new(entries: Vec<Entry>, is_named: Vec<bool>) -> Self {
        Self { entries, is_named }
    }

    /// The log's text, one record a line.
    pub(crate) fn text(&self) -> String {
        self.entries.iter().map(|entry| record(entry.at, self.message(entry))).collect()
    }

    /// The log's text with polls: what stands at the same time, or without one, in a row is one record as far as
    /// `joins` says.
    pub(crate) fn text_of_polls(&self, mut joins: impl FnMut() -> bool) -> String {
        let polls = self.entries.chunk_by(|a, b| a.at == b.at && joins());
        polls
            .map(|poll| {
                let messages: Vec<_> = poll.iter().map(|entry| self.message(entry)).collect();
                record(poll[0].at, format!("[{}]", messages.join(",")))
            })
            .collect()
    }

    fn id(&self, entry: &Entry) -> Value {
        let number = 100 + 7 * entry.job;
        match (self.is_named[entry.job], entry.id_is_text) {
            (true, _) => format!("job-{number}").into(),
            (false, true) => number.to_string().into(),
            (false, false) => number.into(),
        }
    }

    fn message(&self, entry: &Entry) -> String {
        let id = self.id(entry);
        let message = match &entry.event {
            Event::Status(report) => {
                json!({"type": "job_status", "job_id": id, "message": body(report, "status")})
            }
            Event::Snapshot(report, asks) => {
                let mut job = body(report, "status");
                job.insert("id".into(), id.clone());
                if !asks.is_empty() {
                    let asks = asks.iter().map(|ask| request(&id, ask));
                    job.insert("credential_requests".into(), asks.collect());
                }
                job.into()
            }
            Event::Notified(report) => {
                let mut job = body(report, "job_status");
                job.insert("job_id".into(), id);
                json!({"jobs": [job], "cuid": "someone"})
            }
            Event::Request(ask) => request(&id, ask),
            Event::Response(answer) => response(&id, answer),
            Event::Raw(text) => return text.replace("$JOB", &id.to_string()),
        };
        message.to_string()
    }
}

fn record(at: Option<i64>, message: String) -> String {
    match at {
        Some(at) => format!("{{\"at\":{at},\"message\":{message}}}\n"),
        None => message + "\n",
    }
}

fn body(report: &Report, status: &str) -> Map<String, Value> {
    let fields = [
        (status, Some(report.status.clone().into())),
        ("termination_type", report.termination_type.clone().map(Value::from)),
        ("percent_complete", report.percent.map(Value::from)),
        ("job_timeout", report.timeout.map(Value::from)),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn request(id: &Value, ask: &Ask) -> Value {
    json!({"type": ask.kind.request().to_string(), "job_id": id, "envelope_id": ask.envelope})
}

fn response(id: &Value, answer: &Answer) -> Value {
    let message = answer.message.as_deref().unwrap_or(match answer.kind {
        RequestKind::Tfa => "123456",
        RequestKind::Credential => "submitted",
    });
    let kind = answer.kind.response().to_string();
    let mut response = json!({"type": kind, "envelope_id": answer.envelope, "message": message});
    if answer.names_job {
        response["job_id"] = id.clone();
    }
    response
}
