//! Messages in the form that services print: read in one pass over their bytes, for logs of any size.
//!
//! What is read so is read the same as by [`Message::from_json`](super::Message::from_json), which alone says what is
//! right; anything out of the ordinary is left to it.

use super::{EnvelopeId, JobId, MessageKind, Open, RequestKind};
use crate::conformance::{Observation, StatusReport};
use crate::{Status, StatusSet, TerminationType};

/// What is looked at in a message of the ordinary form: one whose words are in the tables' spelling and whose texts are
/// plain.
#[derive(Clone, Debug, PartialEq)]
pub struct CompactMessage(Says);

#[derive(Clone, Debug, PartialEq)]
enum Says {
    Status {
        job_id: JobId,
        status: Status,
        termination_type: Option<Open<TerminationType>>,
        percent_complete: Option<f64>,
        job_timeout: Option<i64>,
    },
    Request {
        kind: RequestKind,
        job_id: JobId,
        envelope_id: EnvelopeId,
    },
    Response {
        kind: RequestKind,
        job_id: Option<JobId>,
        envelope_id: EnvelopeId,
    },
}

impl CompactMessage {
    /// How deep the objects of such a message stand in each other at most.
    pub const DEPTH: usize = 2;

    /// What the message shows.
    pub fn observation(&self) -> Observation<'_> {
        match &self.0 {
            Says::Status { job_id, status, termination_type, percent_complete, job_timeout } => {
                Observation::Status(StatusReport {
                    job: job_id,
                    status: status.as_open(),
                    termination_type: termination_type.as_ref(),
                    percent_complete: *percent_complete,
                    job_timeout: *job_timeout,
                    is_completed: false,
                })
            }
            Says::Request { kind, job_id, envelope_id } => {
                Observation::Request { kind: *kind, job: job_id, envelope: envelope_id }
            }
            Says::Response { kind, job_id, envelope_id } => Observation::Response {
                kind: *kind,
                job: job_id.as_ref(),
                envelope: envelope_id,
                is_proper: true,
            },
        }
    }

    /// Reads the message that some bytes begin with, and says how many bytes it has. None says nothing: what stands
    /// there may be another message, an odd one or none, and must be read the long way.
    ///
    /// ```
    /// use cardsavr_protocol::conformance::Observation;
    /// use cardsavr_protocol::wire::{CompactMessage, JobId};
    ///
    /// let log = br#"{"type":"job_status","job_id":101,"message":{"status":"AUTH","percent_complete":1.5}}..."#;
    /// let (message, length) = CompactMessage::read(log).expect("it is in the ordinary form");
    /// let Observation::Status(report) = message.observation() else { panic!("it is a job_status") };
    /// assert_eq!((report.job, report.percent_complete, length), (&JobId::Number(101), Some(1.5), 85));
    /// assert_eq!(CompactMessage::read(br#"{"type":"job_status","job_id":101,"message":{"status":"NEWER"}}"#), None);
    /// ```
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut scan = Scan(bytes);
        let mut fields = Fields::default();
        scan.object(|scan| fields.read(scan))?;
        Some((Self(fields.says()?), bytes.len() - scan.0.len()))
    }
}

/// The fields of a message of any kind.
#[derive(Default)]
struct Fields<'b> {
    kind: Option<MessageKind>,
    job_id: Option<JobId>,
    envelope_id: Option<EnvelopeId>,
    message: Option<Content<'b>>,
}

enum Content<'b> {
    Object(Body),
    Text(&'b str),
}

impl<'b> Fields<'b> {
    fn read(&mut self, scan: &mut Scan<'b>) -> Option<()> {
        if scan.key(b"\"type\":") {
            once(&mut self.kind, scan.word(kind)?)
        } else if scan.key(b"\"job_id\":") {
            once(&mut self.job_id, scan.job_id()?)
        } else if scan.key(b"\"message\":") {
            let is_text = scan.0.first() == Some(&b'"');
            let message =
                if is_text { Content::Text(scan.string()?) } else { Content::Object(Body::read(scan)?) };
            once(&mut self.message, message)
        } else if scan.key(b"\"envelope_id\":") {
            once(&mut self.envelope_id, EnvelopeId::new(scan.string()?))
        } else {
            scan.other()
        }
    }

    fn says(self) -> Option<Says> {
        let Self { kind, job_id, envelope_id, message } = self;
        let (is_request, kind) = match (kind?, message) {
            (MessageKind::JobStatus, Some(Content::Object(body))) => {
                return Some(Says::Status {
                    job_id: job_id?,
                    status: body.status?,
                    termination_type: body.termination_type.map(Open::from),
                    percent_complete: body.percent_complete,
                    job_timeout: body.job_timeout,
                });
            }
            (MessageKind::TfaRequest, None | Some(Content::Text(_))) => (true, RequestKind::Tfa),
            (MessageKind::CredentialRequest, None | Some(Content::Text(_))) => {
                (true, RequestKind::Credential)
            }
            (MessageKind::TfaResponse, Some(Content::Text(_))) => (false, RequestKind::Tfa),
            (MessageKind::CredentialResponse, Some(Content::Text("submitted"))) => {
                (false, RequestKind::Credential)
            }
            _ => return None,
        };
        let envelope_id = envelope_id?;
        Some(if is_request {
            Says::Request { kind, job_id: job_id?, envelope_id }
        } else {
            Says::Response { kind, job_id, envelope_id }
        })
    }
}

/// The fields of the message itself.
#[derive(Default)]
struct Body {
    status: Option<Status>,
    termination_type: Option<TerminationType>,
    percent_complete: Option<f64>,
    job_timeout: Option<i64>,
    /// Whether each of the texts was there.
    texts: [Option<()>; TEXTS.len()],
}

/// The keys of texts for the user, which nothing follows from.
const TEXTS: [&[u8]; 4] = [
    b"\"status_message\":",
    b"\"job_status_message\":",
    b"\"termination_status_message\":",
    b"\"termination_message\":",
];

impl Body {
    fn read(scan: &mut Scan<'_>) -> Option<Self> {
        let mut body = Self::default();
        scan.object(|scan| {
            if scan.key(b"\"status\":") {
                once(&mut body.status, scan.word(status)?)
            } else if scan.key(b"\"percent_complete\":") {
                once(&mut body.percent_complete, scan.decimal()?)
            } else if scan.key(b"\"job_timeout\":") {
                once(&mut body.job_timeout, i64::try_from(scan.whole()?).ok()?)
            } else if scan.key(b"\"termination_type\":") {
                once(&mut body.termination_type, scan.word(termination_type)?)
            } else if let Some(text) = TEXTS.iter().position(|key| scan.key(key)) {
                once(body.texts.get_mut(text)?, scan.string().map(drop)?)
            } else {
                scan.other()
            }
        })?;
        Some(body)
    }
}

/// Fills a field; none where it was filled before.
fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

/// The statuses whose texts have so many bytes.
static BY_LENGTH: [StatusSet; LONGEST + 1] = {
    let mut by_length = [StatusSet::EMPTY; LONGEST + 1];
    let mut row = 0;
    while row < Status::ALL.len() {
        let status = Status::ALL[row];
        let length = status.as_str().len();
        by_length[length] = by_length[length].with(status);
        row += 1;
    }
    by_length
};

/// How many bytes the longest status has.
const LONGEST: usize = {
    let (mut longest, mut row) = (0, 0);
    while row < Status::ALL.len() {
        let length = Status::ALL[row].as_str().len();
        longest = if length > longest { length } else { longest };
        row += 1;
    }
    longest
};

fn status(text: &[u8]) -> Option<Status> {
    BY_LENGTH.get(text.len())?.iter().find(|status| status.as_str().as_bytes() == text)
}

fn kind(text: &[u8]) -> Option<MessageKind> {
    MessageKind::ALL.iter().copied().find(|kind| <&str>::from(kind).as_bytes() == text)
}

fn termination_type(text: &[u8]) -> Option<TerminationType> {
    TerminationType::ALL.iter().copied().find(|ends| <&str>::from(ends).as_bytes() == text)
}

/// The bytes that are still to be read.
struct Scan<'b>(&'b [u8]);

impl<'b> Scan<'b> {
    /// Reads an object, each of its fields by `field`.
    fn object(&mut self, mut field: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.byte(b'{')?;
        loop {
            field(self)?;
            if self.byte(b',').is_none() {
                return self.byte(b'}');
            }
            self.blanks();
        }
    }

    /// Whether a field has this key, colon included; then its value is next.
    fn key(&mut self, key: &[u8]) -> bool {
        let is_key = self.literal(key).is_some();
        if is_key {
            self.blanks();
        }
        is_key
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        let (&first, rest) = self.0.split_first()?;
        (first == byte).then(|| self.0 = rest)
    }

    /// Skips the blanks that some printers put after colons and commas.
    fn blanks(&mut self) {
        while let [b' ', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    /// A string that is a word of a list.
    fn word<T>(&mut self, list: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        self.byte(b'"')?;
        let (text, rest) = self.0.split_at_checked(self.0.iter().position(|&byte| byte == b'"')?)?;
        let word = list(text)?;
        self.0 = rest;
        self.byte(b'"')?;
        Some(word)
    }

    /// A string of plain characters, without the quotation marks.
    fn string(&mut self) -> Option<&'b str> {
        self.byte(b'"')?;
        let length =
            self.0.iter().position(|byte| !matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'))?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        self.byte(b'"')?;
        core::str::from_utf8(text).ok()
    }

    fn job_id(&mut self) -> Option<JobId> {
        match self.0 {
            [b'"', ..] => self.string().map(|text| {
                // A number is the same id, and takes no memory of its own.
                let mut digits = Scan(text.as_bytes());
                let number = digits.whole().filter(|_| digits.0.is_empty());
                number.map_or_else(|| JobId::from(text), JobId::Number)
            }),
            _ => self.whole().map(JobId::Number),
        }
    }

    /// A whole number of no more digits than surely fit.
    fn whole(&mut self) -> Option<u64> {
        let (number, digits) = self.digits(0)?;
        let is_plain = digits == 1 || number >= POWERS_OF_TEN[digits - 1];
        (is_plain && !matches!(self.0, [b'.' | b'e' | b'E', ..])).then_some(number)
    }

    /// A number with or without a fraction, of no more digits than it is exact with.
    fn decimal(&mut self) -> Option<f64> {
        let start = self.0;
        let (whole, digits) = self.digits(0)?;
        if digits > 1 && start.first() == Some(&b'0') {
            return None;
        }
        let (number, fraction_digits) = match self.0.strip_prefix(b".") {
            None => (whole, 0),
            Some(rest) => {
                self.0 = rest;
                self.digits(whole)?
            }
        };
        if digits + fraction_digits > EXACT_DIGITS || matches!(self.0, [b'e' | b'E', ..]) {
            return None;
        }
        // Both are exact, and so the quotient is the nearest number there is.
        Some(exact(number) / exact(*POWERS_OF_TEN.get(fraction_digits)?))
    }

    /// Digits, at least one, as what follows a number's first digits; and how many there are.
    fn digits(&mut self, first: u64) -> Option<(u64, usize)> {
        let (mut number, mut digits) = (first, 0);
        for byte in self.0 {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            digits += 1;
        }
        self.0 = self.0.get(digits..)?;
        (1..POWERS_OF_TEN.len()).contains(&digits).then_some((number, digits))
    }

    /// Skips a field that the protocol doesn't know, with a plain value.
    fn other(&mut self) -> Option<()> {
        self.string()?;
        self.byte(b':')?;
        self.blanks();
        match self.0 {
            [b'"', ..] => self.string().map(drop),
            [b'0'..=b'9', ..] => self.decimal().map(drop),
            _ => {
                let words: [&[u8]; 3] = [b"null", b"true", b"false"];
                self.0 = words.iter().find_map(|word| self.0.strip_prefix(*word))?;
                Some(())
            }
        }
    }
}

/// How many digits a number may have so that a float has it exactly.
const EXACT_DIGITS: usize = 15;

/// The powers of ten that 64 bits hold, up to the one of so many digits that none overflows.
const POWERS_OF_TEN: [u64; 19] = {
    let mut powers = [1; 19];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

#[expect(clippy::cast_precision_loss, reason = "none is lost of a number of so few digits")]
fn exact(number: u64) -> f64 {
    number as f64
}
