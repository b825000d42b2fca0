//! The fast path: messages in the form that services print, read in one pass over their bytes, for logs of any size.
//!
//! What it reads, [`Message::from_json`](super::Message::from_json) reads the same; anything unusual is left to that.

use super::event::{IdText, KnownStatus};
use super::{Block, EventKind, MessageKind, RequestKind};
use crate::{Status, StatusSet, TerminationType};

/// How deep objects are nested at most in what [`read_compact`] reads.
pub const COMPACT_DEPTH: usize = 2;

/// Reads the message that some bytes begin with, if it is in the canonical form: its words are in the tables' spelling and
/// its texts are plain ASCII. Pushes its event, without position and time, and returns its length in bytes. `None` says
/// nothing about the bytes: the general decoder must read them.
///
/// ```
/// use cardsavr_protocol::Status;
/// use cardsavr_protocol::wire::{Block, read_compact};
///
/// let mut block = Block::default();
/// let log = br#"{"type":"job_status","job_id":101,"message":{"status":"AUTH","percent_complete":1.5}}..."#;
/// assert_eq!(read_compact(log, &mut block), Some(85));
/// let event = block.get(0).expect("it was pushed");
/// assert_eq!((event.status, event.percent_complete), (Some(Status::Auth), Some(1.5)));
///
/// let newer = br#"{"type":"job_status","job_id":101,"message":{"status":"NEWER"}}"#;
/// assert_eq!(read_compact(newer, &mut block), None);
/// ```
pub fn read_compact(bytes: &[u8], block: &mut Block) -> Option<usize> {
    let mut scan = Scan(bytes);
    let mut fields = Fields::default();
    scan.object(|scan| fields.read(scan))?;
    fields.push(block)?;
    Some(bytes.len() - scan.0.len())
}

/// The fields of a message of any kind.
#[derive(Default)]
struct Fields<'b> {
    kind: Option<MessageKind>,
    job_id: Option<IdText<'b>>,
    envelope_id: Option<&'b str>,
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
            once(&mut self.envelope_id, scan.string()?)
        } else {
            scan.other()
        }
    }

    fn push(self, block: &mut Block) -> Option<()> {
        let Self { kind, job_id, envelope_id, message } = self;
        let kind = match (kind?, message) {
            (MessageKind::JobStatus, Some(Content::Object(body))) => {
                let Body { status, termination_type, percent_complete, job_timeout, .. } = body;
                let status = status?;
                let body = KnownStatus { status, termination_type, percent_complete, job_timeout };
                block.push_known_status(job_id?, body);
                return Some(());
            }
            (MessageKind::TfaRequest, None | Some(Content::Text(_))) => EventKind::Request(RequestKind::Tfa),
            (MessageKind::CredentialRequest, None | Some(Content::Text(_))) => {
                EventKind::Request(RequestKind::Credential)
            }
            (MessageKind::TfaResponse, Some(Content::Text(_))) => EventKind::Response(RequestKind::Tfa),
            (MessageKind::CredentialResponse, Some(Content::Text("submitted"))) => {
                EventKind::Response(RequestKind::Credential)
            }
            _ => return None,
        };
        if matches!(kind, EventKind::Request(_)) && job_id.is_none() {
            return None;
        }
        block.push_envelope(kind, job_id, envelope_id?);
        Some(())
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

/// Fills a field; `None` if it was filled before.
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

    fn job_id(&mut self) -> Option<IdText<'b>> {
        match self.0 {
            [b'"', ..] => self.string().map(IdText::Text),
            _ => self.whole().map(IdText::Number),
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
