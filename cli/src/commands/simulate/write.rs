//! The records of a log, written by hand: the same bytes for ever, and nothing is made that is thrown away again.

use std::str::FromStr;

use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Status, TerminationType};

use super::Seeded;
use super::random::mix;

const MINUTE: i64 = 60_000;

/// The time of a log's first record. The other times are written in the form in which it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    milliseconds: i64,
    is_rfc3339: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("it is neither RFC 3339 nor whole milliseconds since 1970")]
pub struct NoTime;

impl FromStr for Start {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let milliseconds = text.parse();
        let is_rfc3339 = milliseconds.is_err();
        let time = milliseconds.map_or_else(|_| text.parse(), jiff::Timestamp::from_millisecond);
        let milliseconds = time.map_err(|_| NoTime)?.as_millisecond();
        Ok(Self { milliseconds, is_rfc3339 })
    }
}

/// The lines of a log, and what is wrong with them.
pub struct Lines {
    /// What was not written out yet.
    pub buffer: Vec<u8>,
    /// The faults that were not told yet.
    pub seeded: Vec<Seeded>,
    start: Option<Start>,
    count: u64,
    /// Where the last line begins in the buffer.
    line_start: usize,
    /// The last minute, and how it is written.
    minute: (i64, String),
}

impl Lines {
    pub fn new(start: Option<Start>) -> Self {
        let (buffer, seeded, minute) = (Vec::new(), Vec::new(), (i64::MIN, String::new()));
        Self { buffer, seeded, start, count: 0, line_start: 0, minute }
    }

    /// Writes a record so many milliseconds after the log's start, and gives the number of its line.
    pub fn record(&mut self, at: i64, message: impl FnOnce(&mut Vec<u8>)) -> u64 {
        self.line_start = self.buffer.len();
        if let Some(Start { milliseconds, is_rfc3339 }) = self.start {
            let at = milliseconds.saturating_add(at);
            text(&mut self.buffer, "{\"at\":");
            if is_rfc3339 {
                self.rfc3339(at);
            } else {
                signed(&mut self.buffer, at);
            }
            text(&mut self.buffer, ",\"message\":");
        }
        message(&mut self.buffer);
        text(&mut self.buffer, if self.start.is_some() { "}\n" } else { "\n" });
        self.count += 1;
        self.count
    }

    /// Breaks the last record off: at least the bracket that closes it is lost, at most half of it.
    pub fn break_off(&mut self, random: u64) {
        let length = (self.buffer.len() - self.line_start) as u64;
        let lost = usize::try_from(2 + random % (length / 2)).unwrap_or(2);
        self.buffer.truncate(self.buffer.len() - lost);
        self.buffer.push(b'\n');
    }

    fn rfc3339(&mut self, at: i64) {
        // Beyond the year 9999 time stands still.
        let at = at.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond());
        let (minute, rest) = (at.div_euclid(MINUTE), at.rem_euclid(MINUTE).unsigned_abs());
        if self.minute.0 != minute {
            let time = jiff::Timestamp::from_millisecond(minute * MINUTE).map(|time| time.to_string());
            let time = time.unwrap_or_default();
            let up_to_seconds = time.rfind(':').map_or("", |colon| &time[..=colon]);
            self.minute = (minute, up_to_seconds.to_owned());
        }
        let buffer = &mut self.buffer;
        buffer.push(b'"');
        text(buffer, &self.minute.1);
        digits::<2>(buffer, rest / 1000);
        buffer.push(b'.');
        digits::<3>(buffer, rest % 1000);
        text(buffer, "Z\"");
    }
}

/// What a `job_status` says of its job.
#[derive(Clone, Copy)]
pub struct Report<'r> {
    pub status: &'r str,
    pub termination_type: Option<&'r str>,
    /// In tenths.
    pub percent: i64,
    pub timeout: Option<i64>,
}

impl Report<'_> {
    pub fn new(status: Status) -> Self {
        let termination_type = status.termination_type().map(<&str>::from);
        Self { status: status.as_str(), termination_type, percent: 1000, timeout: None }
    }
}

/// The id of a job, in either of its forms.
#[derive(Clone, Copy)]
pub struct Id {
    pub number: u64,
    pub is_text: bool,
}

/// Writes a `job_status`, in the order of the specification's examples.
pub fn status(to: &mut Vec<u8>, job: Id, report: &Report<'_>) {
    text(to, "{\"type\":\"job_status\",\"job_id\":");
    id(to, job);
    text(to, ",\"message\":{\"status\":\"");
    text(to, report.status);
    text(to, "\",\"percent_complete\":");
    tenths(to, report.percent);
    if let Some(timeout) = report.timeout {
        text(to, ",\"job_timeout\":");
        signed(to, timeout);
    }
    if let Some(termination_type) = report.termination_type {
        text(to, ",\"termination_type\":\"");
        text(to, termination_type);
        to.push(b'"');
    }
    text(to, "}}");
}

/// Writes a request: the job's so-and-so-manieth.
pub fn request(to: &mut Vec<u8>, job: Id, kind: RequestKind, nth: u64) {
    text(to, "{\"type\":\"");
    text(to, <&str>::from(kind.request()));
    text(to, "\",\"job_id\":");
    id(to, job);
    text(to, ",\"envelope_id\":\"");
    envelope(to, job, nth);
    text(to, "\"}");
}

/// Writes an answer to the job's so-and-so-manieth request.
pub fn response(to: &mut Vec<u8>, job: Id, names_job: bool, kind: RequestKind, nth: u64, message: &str) {
    text(to, "{\"type\":\"");
    text(to, <&str>::from(kind.response()));
    if names_job {
        text(to, "\",\"job_id\":");
        id(to, job);
        text(to, ",\"envelope_id\":\"");
    } else {
        text(to, "\",\"envelope_id\":\"");
    }
    envelope(to, job, nth);
    text(to, "\",\"message\":\"");
    text(to, message);
    text(to, "\"}");
}

/// Writes the job itself, with the request that it has made last.
pub fn hydrated(to: &mut Vec<u8>, job: Id, status: Status, kind: RequestKind, nth: u64) {
    text(to, "{\"id\":");
    id(to, job);
    text(to, ",\"status\":\"");
    text(to, status.as_str());
    text(to, "\",\"credential_requests\":[");
    request(to, job, kind, nth);
    text(to, "]}");
}

/// Writes the notification that a job has ended.
pub fn notification(to: &mut Vec<u8>, job: Id, status: Status) {
    text(to, "{\"jobs\":[{\"job_id\":");
    id(to, job);
    text(to, ",\"termination_type\":\"");
    text(to, status.termination_type().map_or("", <&str>::from));
    text(to, "\",\"job_status\":\"");
    text(to, status.as_str());
    text(to, "\"}]}");
}

pub fn text(to: &mut Vec<u8>, text: &str) {
    to.extend_from_slice(text.as_bytes());
}

pub fn id(to: &mut Vec<u8>, id: Id) {
    if id.is_text {
        to.push(b'"');
    }
    number(to, id.number);
    if id.is_text {
        to.push(b'"');
    }
}

/// An id of 16 bytes in base64, as the service makes them. No two requests have the same.
fn envelope(to: &mut Vec<u8>, job: Id, nth: u64) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (first, second) = (mix(!job.number), mix(mix(job.number).wrapping_add(nth)));
    let mut rest = u128::from(first) << 64 | u128::from(second);
    let letters: [u8; 22] = std::array::from_fn(|_| {
        let letter = LETTERS[(rest >> 122) as usize];
        rest <<= 6;
        letter
    });
    to.extend_from_slice(&letters);
    text(to, "==");
}

fn number(to: &mut Vec<u8>, number: u64) {
    // As many as the largest number has.
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        start -= 1;
        if rest == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[start..]);
}

fn signed(to: &mut Vec<u8>, value: i64) {
    if value < 0 {
        to.push(b'-');
    }
    number(to, value.unsigned_abs());
}

/// A number of tenths, with a decimal where there is one.
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

/// The last digits of a number.
fn digits<const N: usize>(to: &mut Vec<u8>, number: u64) {
    let mut digits = [0; N];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    to.extend_from_slice(&digits);
}

/// A TFA code: six digits.
pub fn code(random: u64) -> [u8; 6] {
    let mut rest = random;
    std::array::from_fn(|_| {
        let digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        digit
    })
}

/// The termination types, as they are written.
pub fn termination_types() -> impl Iterator<Item = &'static str> {
    TerminationType::ALL.iter().map(|&termination_type| termination_type.into())
}
