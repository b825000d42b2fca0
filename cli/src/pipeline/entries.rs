//! What stands in a record: its messages, and what can't be read of it, each with its place and its time.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::Read;

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::wire::scan::Scanned;
use cardsavr_protocol::wire::{
    Block, Content, JobId, LogItem, Malformed, MalformedKind, MessageError, log_items,
};
use serde_json::value::RawValue;

use crate::input::pointer::Pointer;
use crate::input::records::{self, Location, Record, Records, Unreadable};

/// How the records of a log are read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Where in a record its message is.
    pub message: Option<Pointer>,
    /// Where in a record its time is.
    pub time: Option<Pointer>,
    /// How large a record may be.
    pub max_record_bytes: usize,
    /// How deep its arrays and objects may stand in each other.
    pub max_depth: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            message: None,
            time: None,
            max_record_bytes: records::MAX_BYTES,
            max_depth: records::MAX_DEPTH,
        }
    }
}

/// Something that stands in a log.
pub struct Entry<'a> {
    pub place: Location,
    /// The time of its record, where that has one.
    pub at: Option<Timestamp>,
    pub what: What<'a>,
}

/// What an entry is.
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large one")]
pub enum What<'a> {
    /// A message or a snapshot, the job that it is hydrated into, and a text that begins with it.
    Content { content: Content, hydrated_in: Option<JobId>, text: Cow<'a, str> },
    /// Something that can't be read, of a job if one is known.
    Malformed(Malformed, Option<JobId>),
}

impl Entry<'_> {
    /// The text that begins with it, where that may be shown.
    pub fn text(&self) -> Option<&str> {
        match &self.what {
            What::Content { text, .. } => Some(text),
            What::Malformed(..) => None,
        }
    }

    /// The same, independent of the record: of the text, only the message is kept.
    pub fn into_owned(self) -> Entry<'static> {
        let what = match self.what {
            What::Content { content, hydrated_in, text } => {
                let first = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>().next();
                let text = first.and_then(Result::ok).map(|message| message.get().to_owned());
                What::Content { content, hydrated_in, text: text.unwrap_or_default().into() }
            }
            What::Malformed(malformed, job) => What::Malformed(malformed, job),
        };
        Entry { place: self.place, at: self.at, what }
    }

    /// Pushes its event; `input` is the index of its input.
    pub fn push(&self, block: &mut Block, input: u32) {
        let position = self.place.position(input);
        match &self.what {
            What::Content { content, hydrated_in, .. } => {
                block.push_content(content, hydrated_in.as_ref(), position, self.at);
            }
            What::Malformed(malformed, job) => {
                block.push_malformed(malformed.clone(), job.as_ref(), position, None);
            }
        }
    }

    fn unreadable(unreadable: &Unreadable, record: &Record<'_>) -> Self {
        let (kind, cause) = match unreadable {
            Unreadable::NotJson { .. } => (MalformedKind::Json, "syntax"),
            Unreadable::NotUtf8(_) => (MalformedKind::Json, "utf-8"),
            Unreadable::Utf16 => (MalformedKind::Json, "utf-16"),
            Unreadable::TooLarge(_) => (MalformedKind::TooLarge, "size"),
            Unreadable::TooDeep(_) => (MalformedKind::TooLarge, "depth"),
        };
        let lines = record.end.line - record.location.line;
        // What is lost with it should not be lost in silence.
        let passed_over = if lines > 1 { format!("; {lines} lines are passed over") } else { String::new() };
        let message = format!("{unreadable}{passed_over}");
        let malformed = Malformed::new(kind, cause, message);
        Self { place: record.location, at: None, what: What::Malformed(malformed, None) }
    }
}

/// A record without anything where its message should be.
struct NoMessage<'r> {
    offset: usize,
    pointer: &'r Pointer,
}

impl Reading {
    /// Whether a record is what `parts` takes it for: no pointers say otherwise.
    pub(super) fn is_plain(&self) -> bool {
        self.message.is_none() && self.time.is_none()
    }

    /// The records of an input.
    pub fn records<R: Read>(&self, input: R) -> Records<R> {
        Records::new(input, self.max_record_bytes).with_max_depth(self.max_depth)
    }

    /// Hands all that stands in a record to `visit`, until that gives an error.
    ///
    /// # Errors
    ///
    /// The first of `visit`.
    pub fn entries<'a, E>(
        &self,
        record: &Record<'a>,
        mut visit: impl FnMut(Entry<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let text = match &record.text {
            Ok(text) => *text,
            Err(unreadable) => return visit(Entry::unreadable(unreadable, record)),
        };
        let place = record.location;
        let mut cursor = Cursor { text, offset: 0, place, base: (0, place), bad_time: None };
        let mut result = Ok(());
        self.parts(text, |base, part| {
            if result.is_ok() {
                if base != cursor.base.0 {
                    cursor.base = (base, cursor.at(base));
                }
                result = self.entries_of_part(part, &mut cursor, &mut visit);
            }
        });
        result
    }

    fn entries_of_part<'a, E>(
        &self,
        part: Result<LogItem<'a>, NoMessage<'_>>,
        cursor: &mut Cursor<'a>,
        visit: &mut impl FnMut(Entry<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let LogItem { offset, at, job_id, hydrated_in, content, .. } = match part {
            Ok(part) => part,
            Err(NoMessage { offset, pointer }) => {
                let (cause, message) = (format!("missing{pointer}"), format!("{pointer} is missing"));
                let malformed = Malformed::new(MalformedKind::Message, cause, message);
                return visit(Entry {
                    place: cursor.at(offset),
                    at: None,
                    what: What::Malformed(malformed, None),
                });
            }
        };
        let place = cursor.at(offset);
        let time = at.map_or(Ok(None), timestamp);
        if let Err(no_time) = &time {
            let offset = at.map(|at| offset_in(cursor.text, at));
            // A record has one time, however many messages.
            if cursor.bad_time != offset {
                cursor.bad_time = offset;
                let malformed = Malformed::new(MalformedKind::Message, "time", no_time.to_string());
                visit(Entry { place, at: None, what: What::Malformed(malformed, job_id.clone()) })?;
            }
        }
        let what = match content {
            Ok(content) => {
                let text = cursor.text.get(offset..).unwrap_or_default().into();
                What::Content { content, hydrated_in, text }
            }
            Err(error) => What::Malformed((&self.placed(&error, cursor.base.1)).into(), job_id),
        };
        visit(Entry { place, at: time.unwrap_or_default(), what })
    }

    /// Whether the general decoder reads in a line what its layout reads: one event, which is in the block. `None` if it
    /// reads no event.
    pub(super) fn reads_the_same(&self, line: &[u8], block: &mut Block, scanned: &Scanned) -> Option<bool> {
        let text = std::str::from_utf8(line.get(..scanned.record)?).ok()?;
        let at = scanned.time.clone().map_or(Ok(None), |time| timestamp(text.get(time).unwrap_or_default()));
        let location = Location { column: 1 + scanned.message as u64, ..Location::START };
        let event = block.last_mut()?;
        (event.at, event.position) = (at.ok()?, location.position(0));
        let record = Record { location: Location::START, start: 0, end: Location::START, text: Ok(text) };
        let mut general = Block::default();
        let push = |entry: Entry<'_>| {
            entry.push(&mut general, 0);
            Ok(())
        };
        self.entries(&record, push).unwrap_or_else(|never: Infallible| match never {});
        Some(general.len() == 1 && block.len() == 1 && general.get(0) == block.get(0))
    }

    /// Hands each message of a record to `visit`. Pointers are applied to the record, or, where it is an array, to each
    /// of its elements. `visit` is told, too, where the value begins in which an error of the message has its place.
    fn parts<'a>(&self, text: &'a str, mut visit: impl FnMut(usize, Result<LogItem<'a>, NoMessage<'_>>)) {
        if self.is_plain() {
            return log_items(text, |part| visit(0, Ok(part)));
        }
        match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) => {
                for element in elements {
                    self.pointed_parts(text, element.get(), &mut visit);
                }
            }
            Err(_) => self.pointed_parts(text, text, &mut visit),
        }
    }

    fn pointed_parts<'a>(
        &self,
        text: &'a str,
        record: &'a str,
        visit: &mut impl FnMut(usize, Result<LogItem<'a>, NoMessage<'_>>),
    ) {
        let message = match &self.message {
            None => record,
            Some(pointer) => {
                let Some(message) = pointer.find(record) else {
                    let offset = offset_in(text, record);
                    return visit(offset, Err(NoMessage { offset, pointer }));
                };
                message
            }
        };
        let at = self.time.as_ref().and_then(|pointer| pointer.find(record));
        let offset = offset_in(text, message);
        log_items(message, |mut part| {
            part.offset += offset;
            part.at = part.at.or(at);
            visit(offset, Ok(part));
        });
    }

    /// The error of a message as one of the log, given where the value begins that it was found in.
    fn placed(&self, error: &MessageError, base: Location) -> MessageError {
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let pointer = self.message.as_ref().map(Pointer::to_string).unwrap_or_default();
        error.clone().within(&pointer, count(base.line), count(base.column))
    }
}

/// Where a slice of `text` begins in it.
fn offset_in(text: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// A value where a time belongs that is none.
#[derive(Debug, thiserror::Error)]
#[error("the record's time is neither RFC 3339, up to 9999-12-30, nor whole milliseconds since 1970")]
pub(super) struct NoTime;

/// The time that a JSON value gives; `null` is none.
pub(super) fn timestamp(json: &str) -> Result<Option<Timestamp>, NoTime> {
    let quoted = json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if let Some(milliseconds) = quoted.and_then(|text| utc_milliseconds(text.as_bytes())) {
        return Ok(Some(Timestamp::from_millis(milliseconds)));
    }
    let milliseconds = match json.as_bytes() {
        b"null" => return Ok(None),
        [b'"', ..] => serde_json::from_str::<Cow<'_, str>>(json).ok().and_then(|text| {
            let time: jiff::Timestamp = text.parse().ok()?;
            Some(time.as_millisecond())
        }),
        _ => serde_json::from_str(json).ok(),
    };
    milliseconds.map(|milliseconds| Some(Timestamp::from_millis(milliseconds))).ok_or(NoTime)
}

/// The fast path for a time as services print it, `2026-03-02T09:00:00.123Z`: in UTC, with up to three digits of a fraction.
/// `None` for any other text.
fn utc_milliseconds(text: &[u8]) -> Option<i64> {
    /// Days from the first of March of the year 0 to 1970.
    const TO_1970: i64 = 719_468;

    let number = |digits: &[u8]| {
        let add = |number, digit: &u8| digit.is_ascii_digit().then(|| 10 * number + i64::from(digit - b'0'));
        digits.iter().try_fold(0, add)
    };
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', ref clock @ .., b'Z'] = text else { return None };
    let &[h0, h1, b':', n0, n1, b':', s0, s1, ref fraction @ ..] = clock else { return None };
    let (year, month, day) = (number(&[y0, y1, y2, y3])?, number(&[m0, m1])?, number(&[d0, d1])?);
    let (hour, minute, second) = (number(&[h0, h1])?, number(&[n0, n1])?, number(&[s0, s1])?);
    let milliseconds = match *fraction {
        [] => 0,
        [b'.', a] => 100 * number(&[a])?,
        [b'.', a, b] => 10 * number(&[a, b])?,
        [b'.', a, b, c] => number(&[a, b, c])?,
        _ => return None,
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // A year that begins in March ends with the leap day.
    let (year, month): (i64, i64) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - TO_1970;
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milliseconds)
}

/// Where reading stands in a record: the places of offsets that only grow.
struct Cursor<'r> {
    text: &'r str,
    offset: usize,
    place: Location,
    /// The offset and the place of the value from whose start the places of errors are counted.
    base: (usize, Location),
    /// Where the time stands that was reported last as none.
    bad_time: Option<usize>,
}

impl Cursor<'_> {
    fn at(&mut self, offset: usize) -> Location {
        let passed = self.text.as_bytes().get(self.offset..offset).unwrap_or_default();
        self.place = self.place.after(passed);
        self.offset = offset.max(self.offset);
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fast path reads each day as jiff does, and leaves to jiff what it doesn't read.
    #[test]
    fn times_are_those_of_jiff() {
        let of_jiff = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
        for year in [0, 1, 4, 100, 400, 1600, 1900, 1969, 1970, 1972, 2000, 2024, 2026, 2100, 9998] {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                for clock in ["00:00:00Z", "23:59:59.9Z", "12:30:05.07Z", "09:01:59.123Z"] {
                    let text = format!("{year:04}-{month:02}-{day:02}T{clock}");
                    assert_eq!(utc_milliseconds(text.as_bytes()), of_jiff(&text), "{text}");
                }
            }
        }
        for text in [
            "",
            "Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T09:60:00Z",
            "2026-03-02T09:00:60Z",
            "2026-03-02T09:00:00.Z",
            "2026-03-02T09:00:00.1234Z",
            "2026-03-02T09:00:00",
            "2026-03-02T09:00:00+00:00",
            "2026-03-02 09:00:00Z",
            "02026-03-02T09:00:00Z",
            "+026-03-02T09:00:00Z",
        ] {
            assert_eq!(utc_milliseconds(text.as_bytes()), None, "{text}");
        }
    }
}
