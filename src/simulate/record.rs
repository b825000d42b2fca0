//! The records of a log as plain data, and how they are written.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::choose::mix;
use crate::wire::RequestKind;
use crate::{Status, TerminationType};

/// What a recorder wrote at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Milliseconds since the start of the log; `None` if the recorder knows no time.
    pub at: Option<i64>,
    /// The job it is about.
    pub job: JobName,
    /// What it contains.
    pub payload: Payload,
}

/// The id of a job, in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobName {
    /// The job's number, from 1 on.
    pub number: u64,
    /// How the id is written.
    pub form: IdForm,
}

/// The forms of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// A JSON number.
    Number,
    /// A JSON string of digits: the same job as the number.
    Digits,
    /// A JSON string that is no number.
    Name,
}

/// The content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// A `job_status`.
    Status(Report),
    /// A `tfa_request` or `credential_request`.
    Request(Request),
    /// A `tfa_response` or `credential_response`.
    Response {
        /// The request it answers; its `kind` is that of the response.
        request: Request,
        /// Whether the message has a `job_id`.
        names_job: bool,
        /// The answer: a TFA code, or `submitted`.
        message: Cow<'static, str>,
    },
    /// The job as its endpoint returns it, hydrated with a request or not.
    Snapshot(Report, Option<Request>),
    /// A notification that the job has ended.
    Notification(Report),
    /// Text that is no message. `$JOB` stands for the id of the job.
    Text(Cow<'static, str>),
}

/// The state of a job in the words of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The status.
    pub status: &'static str,
    /// The termination type.
    pub termination_type: Option<&'static str>,
    /// `percent_complete` in tenths of a percent.
    pub percent: Option<i64>,
    /// `job_timeout`, in the unit of the job.
    pub timeout: Option<i64>,
}

impl Report {
    /// A status with the termination type of its row.
    pub fn new(status: Status) -> Self {
        let termination_type = status.termination_type().map(<&str>::from);
        Self { status: status.as_str(), termination_type, percent: None, timeout: None }
    }

    /// The status, if the table has it.
    pub fn known(&self) -> Option<Status> {
        self.status.parse().ok()
    }

    /// Whether it reports a failure to connect that does not end the job.
    pub fn is_network_failure(&self) -> bool {
        self.termination_type.is_none() && self.known() == Some(Status::NetworkIssue)
    }
}

/// A request of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub kind: RequestKind,
    /// The job that its envelope belongs to.
    pub job: u64,
    /// Its number among the requests of that job, from 1 on.
    pub nth: u64,
}

impl Request {
    /// The id of its envelope: 16 bytes in base64, as the service makes them. No two requests share one.
    pub fn envelope(self) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (first, second) = (mix(!self.job), mix(mix(self.job).wrapping_add(self.nth)));
        let bits = u128::from(first) << 64 | u128::from(second);
        let letter = |index: u32| char::from(LETTERS[(bits << (6 * index) >> 122) as usize]);
        (0..22).map(letter).chain("==".chars()).collect()
    }
}

impl Record {
    /// Writes the payload as JSON, its fields in the order of the examples of the specification.
    pub fn write(&self, to: &mut Vec<u8>) {
        let job = self.job;
        match &self.payload {
            Payload::Status(report) => {
                text(to, "{\"type\":\"job_status\",\"job_id\":");
                id(to, job);
                text(to, ",\"message\":{\"status\":\"");
                body(to, report);
                text(to, "}}");
            }
            Payload::Request(asked) => request(to, job, *asked),
            Payload::Response { request, names_job, message } => {
                text(to, "{\"type\":\"");
                text(to, request.kind.response().into());
                if *names_job {
                    text(to, "\",\"job_id\":");
                    id(to, job);
                    text(to, ",\"envelope_id\":\"");
                } else {
                    text(to, "\",\"envelope_id\":\"");
                }
                text(to, &request.envelope());
                text(to, "\",\"message\":\"");
                text(to, message);
                text(to, "\"}");
            }
            Payload::Snapshot(report, asked) => {
                text(to, "{\"id\":");
                id(to, job);
                text(to, ",\"status\":\"");
                body(to, report);
                if let Some(asked) = asked {
                    text(to, ",\"credential_requests\":[");
                    request(to, job, *asked);
                    to.push(b']');
                }
                to.push(b'}');
            }
            Payload::Notification(report) => {
                text(to, "{\"jobs\":[{\"job_id\":");
                id(to, job);
                text(to, ",\"termination_type\":\"");
                text(to, report.termination_type.unwrap_or_default());
                text(to, "\",\"job_status\":\"");
                text(to, report.status);
                text(to, "\"}]}");
            }
            Payload::Text(parts) => {
                let mut parts = parts.split("$JOB");
                text(to, parts.next().unwrap_or_default());
                for part in parts {
                    id(to, job);
                    text(to, part);
                }
            }
        }
    }

    /// Writes a line: the payload, within `{"at":…,"message":…}` if the record has a time. `start` is the time of the
    /// start of the log in milliseconds since 1970.
    pub fn write_line(&self, start: i64, to: &mut Vec<u8>) {
        write_poll(core::slice::from_ref(self), start, to);
    }

    /// The payload as JSON.
    pub fn json(&self) -> String {
        let mut json = Vec::new();
        self.write(&mut json);
        String::from_utf8(json).unwrap_or_default()
    }
}

/// Writes a line with what one poll returned: an array of the payloads, or the payload alone if there is one. The time is
/// that of the first record, as [`Record::write_line`] has it.
pub fn write_poll(records: &[Record], start: i64, to: &mut Vec<u8>) {
    let Some(first) = records.first() else { return };
    if let Some(at) = first.at {
        text(to, "{\"at\":");
        signed(to, start.saturating_add(at));
        text(to, ",\"message\":");
    }
    if records.len() > 1 {
        for (index, record) in records.iter().enumerate() {
            to.push(if index == 0 { b'[' } else { b',' });
            record.write(to);
        }
        to.push(b']');
    } else {
        first.write(to);
    }
    text(to, if first.at.is_some() { "}\n" } else { "\n" });
}

/// The termination types as they are written.
pub(super) fn termination_types() -> impl Iterator<Item = &'static str> {
    TerminationType::ALL.iter().map(|&termination_type| termination_type.into())
}

/// What follows `"status":"`.
fn body(to: &mut Vec<u8>, report: &Report) {
    text(to, report.status);
    to.push(b'"');
    if let Some(percent) = report.percent {
        text(to, ",\"percent_complete\":");
        tenths(to, percent);
    }
    if let Some(timeout) = report.timeout {
        text(to, ",\"job_timeout\":");
        signed(to, timeout);
    }
    if let Some(termination_type) = report.termination_type {
        text(to, ",\"termination_type\":\"");
        text(to, termination_type);
        to.push(b'"');
    }
}

fn request(to: &mut Vec<u8>, job: JobName, request: Request) {
    text(to, "{\"type\":\"");
    text(to, request.kind.request().into());
    text(to, "\",\"job_id\":");
    id(to, JobName { number: request.job, ..job });
    text(to, ",\"envelope_id\":\"");
    text(to, &request.envelope());
    text(to, "\"}");
}

fn text(to: &mut Vec<u8>, text: &str) {
    to.extend_from_slice(text.as_bytes());
}

fn id(to: &mut Vec<u8>, job: JobName) {
    let (before, after) = match job.form {
        IdForm::Number => ("", ""),
        IdForm::Digits => ("\"", "\""),
        IdForm::Name => ("\"job-", "\""),
    };
    text(to, before);
    number(to, job.number);
    text(to, after);
}

fn number(to: &mut Vec<u8>, number: u64) {
    let start = to.len();
    let mut rest = number;
    loop {
        to.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    to[start..].reverse();
}

fn signed(to: &mut Vec<u8>, value: i64) {
    if value < 0 {
        to.push(b'-');
    }
    number(to, value.unsigned_abs());
}

/// Writes a number of tenths, with a decimal if it is not 0.
fn tenths(to: &mut Vec<u8>, tenths: i64) {
    if tenths < 0 {
        to.push(b'-');
    }
    let tenths = tenths.unsigned_abs();
    number(to, tenths / 10);
    if tenths % 10 > 0 {
        to.push(b'.');
        number(to, tenths % 10);
    }
}
