//! The records of a log as plain data, and how they are written.

use alloc::borrow::Cow;
use core::fmt;

use super::choose::mix;
use crate::wire::{MessageKind, RequestKind};
use crate::{Edition, Status};

/// What a recorder wrote at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Milliseconds since the start of the log; `None` if the recorder knows no time.
    pub at: Option<i64>,
    /// The job it is about.
    pub job: JobName,
    /// What it contains.
    pub content: Content,
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
pub enum Content {
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
    /// Text that is not a message. The first `$JOB` is replaced by the id of the job.
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
        Self::of(Edition::V2021, status)
    }

    /// A status with the usual termination type of its row in an edition, or with one of those that it may have.
    pub fn of(edition: Edition, status: Status) -> Self {
        let termination_type =
            edition.row(status).and_then(|row| row.termination_types().next()).map(<&str>::from);
        Self { status: status.as_str(), termination_type, percent: None, timeout: None }
    }

    /// The status, if it is in the table.
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

/// The id of an envelope.
pub(super) struct Envelope(pub(super) Request);

/// As JSON within quotation marks: 16 bytes in base64, as the service makes them. No two requests share one.
impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let Request { job, nth, .. } = self.0;
        let bits = u128::from(mix(!job)) << 64 | u128::from(mix(mix(job).wrapping_add(nth)));
        let mut letters = [b'='; 24];
        for (letter, place) in letters.iter_mut().zip(0..22) {
            *letter = LETTERS[(bits << (6 * place) >> 122) as usize];
        }
        f.write_str(core::str::from_utf8(&letters).unwrap_or_default())
    }
}

/// As JSON.
impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.form {
            IdForm::Number => write!(f, "{number}"),
            IdForm::Digits => write!(f, "\"{number}\""),
            IdForm::Name => write!(f, "\"job-{number}\""),
        }
    }
}

/// As the JSON fields of a message.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#""status":"{}""#, self.status)?;
        if let Some(percent) = self.percent {
            let sign = if percent < 0 { "-" } else { "" };
            let (whole, tenth) = (percent.unsigned_abs() / 10, percent.unsigned_abs() % 10);
            write!(f, r#","percent_complete":{sign}{whole}"#)?;
            if tenth > 0 {
                write!(f, ".{tenth}")?;
            }
        }
        if let Some(timeout) = self.timeout {
            write!(f, r#","job_timeout":{timeout}"#)?;
        }
        if let Some(termination_type) = self.termination_type {
            write!(f, r#","termination_type":"{termination_type}""#)?;
        }
        Ok(())
    }
}

/// The content as JSON, its fields in the order of the examples of the specification.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = self.job;
        match &self.content {
            Content::Status(report) => {
                write!(f, r#"{{"type":"job_status","job_id":{job},"message":{{{report}}}}}"#)
            }
            Content::Request(request) => write_request(f, job, *request),
            Content::Response { request, names_job, message } => {
                write!(
                    f,
                    r#"{{"type":"{}","#,
                    request.kind.response().unwrap_or(MessageKind::CredentialResponse)
                )?;
                if *names_job {
                    write!(f, r#""job_id":{job},"#)?;
                }
                write!(f, r#""envelope_id":"{}","message":"{message}"}}"#, Envelope(*request))
            }
            Content::Snapshot(report, request) => {
                write!(f, r#"{{"id":{job},{report}"#)?;
                if let Some(request) = request {
                    f.write_str(r#","credential_requests":["#)?;
                    write_request(f, job, *request)?;
                    f.write_str("]")?;
                }
                f.write_str("}")
            }
            Content::Notification(report) => write!(
                f,
                r#"{{"jobs":[{{"job_id":{job},"termination_type":"{}","job_status":"{}"}}]}}"#,
                report.termination_type.unwrap_or_default(),
                report.status
            ),
            Content::Text(text) => {
                let (before, after) = text.split_once("$JOB").unwrap_or((text, ""));
                f.write_str(before)?;
                if before.len() < text.len() {
                    write!(f, "{job}")?;
                }
                f.write_str(after)
            }
        }
    }
}

fn write_request(f: &mut fmt::Formatter<'_>, job: JobName, request: Request) -> fmt::Result {
    let (kind, job) = (request.kind.request(), JobName { number: request.job, ..job });
    write!(f, r#"{{"type":"{kind}","job_id":{job},"envelope_id":"{}"}}"#, Envelope(request))
}

/// Writes a line with what one poll returned: an array of the contents, or the content alone if there is one. It is within
/// `{"at":…,"message":…}` if the first record has a time. `start` is the time of the start of the log in milliseconds
/// since 1970.
///
/// # Errors
///
/// Those of `to`.
pub fn write_poll(records: &[Record], start: i64, to: &mut impl fmt::Write) -> fmt::Result {
    let Some(first) = records.first() else { return Ok(()) };
    if let Some(at) = first.at {
        write!(to, r#"{{"at":{},"message":"#, start.saturating_add(at))?;
    }
    if let [record] = records {
        write!(to, "{record}")?;
    } else {
        for (index, record) in records.iter().enumerate() {
            write!(to, "{}{record}", if index == 0 { '[' } else { ',' })?;
        }
        to.write_char(']')?;
    }
    to.write_str(if first.at.is_some() { "}\n" } else { "\n" })
}
