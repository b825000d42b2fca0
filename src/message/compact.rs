//! A `job_status` in the form that services print: read in one pass over its bytes, for logs of any size.
//!
//! What is read so is read the same as by [`Message::from_json`](super::Message::from_json), which alone says what is
//! right; anything out of the ordinary is left to it.

use super::{JobId, Open};
use crate::conformance::StatusReport;
use crate::{Status, StatusSet, TerminationType};

/// What a `job_status` of the ordinary form says: of a job whose id is a number, with a status and a termination type
/// in the table's spelling.
#[derive(Clone, Debug, PartialEq)]
pub struct CompactStatus {
    /// The job.
    pub job_id: JobId<'static>,
    /// Its status.
    pub status: Status,
    /// How it ended, if it has.
    pub termination_type: Option<Open<'static, TerminationType>>,
    /// How much is done, in percent.
    pub percent_complete: Option<f64>,
    /// The time left, as it was sent.
    pub job_timeout: Option<i64>,
}

impl CompactStatus {
    /// How deep the objects of such a message stand in each other.
    pub const DEPTH: usize = 2;

    /// What the message reports.
    pub fn report(&self) -> StatusReport<'_> {
        StatusReport {
            job: &self.job_id,
            status: self.status.as_open(),
            termination_type: self.termination_type.as_ref(),
            percent_complete: self.percent_complete,
            job_timeout: self.job_timeout,
            is_completed: false,
        }
    }

    /// Reads the message that some bytes begin with, and says how many bytes it has. None says nothing: what stands
    /// there may be another message, an odd one or none, and must be read the long way.
    ///
    /// ```
    /// use cardsavr_protocol::Status;
    /// use cardsavr_protocol::message::CompactStatus;
    ///
    /// let log = br#"{"type":"job_status","job_id":101,"message":{"status":"AUTH","percent_complete":1.5}}..."#;
    /// let (message, length) = CompactStatus::read(log).expect("it is in the ordinary form");
    /// assert_eq!((message.status, message.percent_complete, length), (Status::Auth, Some(1.5), 85));
    /// assert_eq!(CompactStatus::read(br#"{"type":"job_status","job_id":101,"message":{"status":"NEWER"}}"#), None);
    /// ```
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut scan = Scan(bytes);
        let (mut is_typed, mut job_id, mut body) = (None, None, None);
        scan.object(|scan| {
            if scan.key(b"\"type\":") {
                once(&mut is_typed, scan.literal(b"\"job_status\"")?)
            } else if scan.key(b"\"job_id\":") {
                once(&mut job_id, scan.whole()?)
            } else if scan.key(b"\"message\":") {
                once(&mut body, Body::read(scan)?)
            } else {
                scan.other()
            }
        })?;
        let Body { status, termination_type, percent_complete, job_timeout, .. } = is_typed.and(body)?;
        let message = Self {
            job_id: JobId::Number(job_id?),
            status: status?,
            termination_type: termination_type.map(Open::from),
            percent_complete,
            job_timeout,
        };
        Some((message, bytes.len() - scan.0.len()))
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
    fn string(&mut self) -> Option<&'b [u8]> {
        self.byte(b'"')?;
        let length =
            self.0.iter().position(|byte| !matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'))?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        self.byte(b'"')?;
        Some(text)
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
