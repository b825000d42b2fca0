//! The records of a log: one JSON value after another, read as a stream.
//!
//! An array that is larger or deeper than a record may be is read element by element, so that a log may be one array of
//! any size, and one bad element of it is one finding.
//! A value that is broken ends at the next line, after the one that it begins in, whose first byte is `{` or `[`: so
//! one that was cut off takes no sound one with it. One that is too large ends there, too, unless it ends before.
//!
//! What the records are follows from the bytes alone, not from how many of them come at a time.

mod at_once;
mod nesting;
mod reason;
mod skip;

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};
use serde::de::IgnoredAny;

pub use at_once::AtOnce;
pub use nesting::Nesting;
use nesting::depth;
use reason::{LOOKAHEAD, looks_like_utf16, reason};

/// How many bytes a record may have, unless it is said otherwise.
pub const MAX_BYTES: usize = 16 << 20;

/// How deep arrays and objects may stand in each other, unless it is said otherwise.
pub const MAX_DEPTH: usize = 100;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// How far a value is looked for at first, and by how much further each time. Each time what was looked at is judged by
/// its depth, so that no value that goes on and on is gone through from each of its lines to its end: were it too deep,
/// that is known before.
pub const FIRST_LOOK: usize = 256;
pub const FURTHER: usize = 4;

/// The records of an input.
pub struct Records<R> {
    input: R,
    /// Where the input's bytes come in. What was read and not passed on stands from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The most that was there at once.
    most: usize,
    is_at_end: bool,
    max_bytes: usize,
    max_depth: usize,
    place: Place,
    /// What may come next in the array that is read element by element, if one is.
    long_array: Option<Next>,
    /// Whether the last broken value was an array whose elements are read one by one now.
    is_in_broken_array: bool,
    bytes: u64,
    count: u64,
}

/// What may come next in an array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    ElementOrEnd,
    Element,
    CommaOrEnd,
}

/// What begins at a place of the input.
enum Measured {
    /// A sound value of so many bytes.
    Value(usize),
    /// An array larger or deeper than a record may be.
    LongArray,
    /// Nothing that can be passed on.
    Unreadable(Unreadable, Extent),
}

/// How far something goes that can't be passed on.
enum Extent {
    /// So many bytes.
    Bytes(usize),
    /// To its closing bracket or quotation mark, which lies beyond what may be kept of a record.
    Large,
    /// To wherever reading may go on.
    Broken,
}

/// A record, or what stands in its place.
pub struct Record<'r> {
    /// Where it begins.
    pub place: Place,
    /// Where reading goes on after it.
    pub end: Place,
    /// Its text, one sound JSON value, or why it is none.
    pub text: Result<&'r str, Unreadable>,
}

/// A line and a column in bytes, both from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

impl Place {
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place after some text.
    #[must_use]
    pub fn after(self, text: &[u8]) -> Self {
        let lines = memchr_iter(b'\n', text).count() as u64;
        match memrchr(b'\n', text) {
            Some(last) => Self { line: self.line + lines, column: (text.len() - last) as u64 },
            None => Self { column: self.column + text.len() as u64, ..self },
        }
    }
}

/// Why a record can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("not JSON: {reason}, at line {}, column {}", .place.line, .place.column)]
    NotJson { reason: String, place: Place },
    #[error("not UTF-8, at line {}, column {}", .0.line, .0.column)]
    NotUtf8(Place),
    #[error("not UTF-8: it looks like UTF-16, and a log is UTF-8")]
    Utf16,
    #[error("the record is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the record is nested deeper than {0} levels")]
    TooDeep(usize),
}

impl<R: Read> Records<R> {
    pub fn new(input: R, max_bytes: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            most: 0,
            is_at_end: false,
            max_bytes,
            max_depth: MAX_DEPTH,
            place: Place::START,
            long_array: None,
            is_in_broken_array: false,
            bytes: 0,
            count: 0,
        }
    }

    /// The same records, but for how deep they may be.
    #[must_use]
    pub fn with_max_depth(self, max_depth: usize) -> Self {
        Self { max_depth, ..self }
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The most that was kept of the input at once, in bytes; at most twice as many are set aside for it, or a chunk's.
    pub fn kept(&self) -> usize {
        self.most
    }

    /// How many records there were, unreadable ones included.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The next record, where it is a message in the form that services print, as nearly all are; [`pass`](Self::pass)
    /// it then. None says nothing of what is next.
    pub fn next_at_once(&mut self) -> io::Result<Option<(Place, AtOnce<'_>)>> {
        if !self.skip_blanks()? || self.long_array.is_some() {
            return Ok(None);
        }
        let record = AtOnce::read(self.rest());
        let fits = |record: &AtOnce<'_>| record.length <= self.max_bytes && record.depth() <= self.max_depth;
        Ok(record.filter(fits).map(|record| (self.place, record)))
    }

    /// Goes on after a record of so many bytes that was read at once: it has no line break in it.
    pub fn pass(&mut self, length: usize) {
        self.start += length;
        self.count += 1;
        self.place.column += length as u64;
    }

    /// The text of so many bytes that were passed last.
    pub fn passed(&self, length: usize) -> &str {
        let bytes = self.buffer.get(self.start - length..self.start).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The next record, or the next element of a long array; none at the end of the input.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        while self.skip_blanks()? {
            let place = self.place;
            let measured = match self.long_array {
                None => {
                    let measured = self.measure()?;
                    self.count += 1;
                    measured
                }
                Some(next) => match (next, self.rest().first()) {
                    (Next::ElementOrEnd | Next::CommaOrEnd, Some(b']')) => {
                        self.consume(1);
                        self.long_array = None;
                        continue;
                    }
                    (Next::CommaOrEnd, Some(b',')) => {
                        self.consume(1);
                        self.long_array = Some(Next::Element);
                        continue;
                    }
                    (Next::CommaOrEnd, _) => {
                        let reason = "expected `,` or `]`".to_owned();
                        Measured::Unreadable(Unreadable::NotJson { reason, place }, Extent::Broken)
                    }
                    (Next::Element | Next::ElementOrEnd, _) => self.measure()?,
                },
            };
            return match measured {
                Measured::LongArray => {
                    self.consume(1);
                    self.long_array = Some(Next::ElementOrEnd);
                    continue;
                }
                Measured::Value(length) => {
                    self.long_array = self.long_array.map(|_| Next::CommaOrEnd);
                    let start = self.start;
                    self.consume(length);
                    let bytes = self.buffer.get(start..start + length).unwrap_or_default();
                    // The bytes were found to be UTF-8 when they were measured.
                    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8(place));
                    Ok(Some(Record { place, end: self.place, text }))
                }
                Measured::Unreadable(unreadable, extent) => {
                    let is_whole = match extent {
                        Extent::Bytes(length) => {
                            self.consume(length);
                            true
                        }
                        Extent::Large => self.skip_large()?,
                        Extent::Broken => {
                            self.skip_broken()?;
                            false
                        }
                    };
                    if is_whole {
                        self.long_array = self.long_array.map(|_| Next::CommaOrEnd);
                    }
                    let is_endless = !is_whole && self.is_at_end && self.start == self.end;
                    let unreadable = match unreadable {
                        Unreadable::TooDeep(_) if is_endless => self.ends_inside("an array or object"),
                        unreadable => unreadable,
                    };
                    Ok(Some(Record { place, end: self.place, text: Err(unreadable) }))
                }
            };
        }
        if self.long_array.take().is_none() {
            return Ok(None);
        }
        let text = Err(self.ends_inside("an array"));
        Ok(Some(Record { place: self.place, end: self.place, text }))
    }

    fn ends_inside(&self, what: &str) -> Unreadable {
        Unreadable::NotJson { reason: format!("the text ends inside {what}"), place: self.place }
    }

    /// Measures the value that begins here.
    fn measure(&mut self) -> io::Result<Measured> {
        // What lies beyond the cap may have been read or not: it must not count.
        let cap = self.max_bytes.saturating_add(1);
        let mut look = FIRST_LOOK.min(cap);
        loop {
            let bytes = self.rest();
            let seen = bytes.get(..look).unwrap_or(bytes);
            let is_capped = seen.len() == cap;
            let is_all = self.is_at_end && seen.len() == bytes.len() && !is_capped;
            let lookahead = if is_capped { 1 } else { LOOKAHEAD };
            let mut values = serde_json::Deserializer::from_slice(seen).into_iter::<IgnoredAny>();
            let value = values.next();
            let length = values.byte_offset();
            match value {
                // A number could go on beyond what was seen.
                Some(Ok(_)) if is_all || length < seen.len() => return Ok(self.judge(length)),
                // So could what seems to be wrong with the last bytes.
                Some(Err(error)) if is_all || offset_of(&error, seen) + lookahead < seen.len() => {
                    return Ok(Measured::Unreadable(self.not_json(&error, seen), Extent::Broken));
                }
                _ => {}
            }
            if seen.len() == look {
                if depth(seen, self.max_depth) > self.max_depth {
                    return Ok(self.beyond(Unreadable::TooDeep(self.max_depth)));
                }
                if is_capped {
                    return Ok(self.beyond(Unreadable::TooLarge(self.max_bytes)));
                }
                look = look.saturating_mul(FURTHER).min(cap);
                continue;
            }
            // To read a large value anew for each little piece of it would take for ever.
            let goal = if bytes.len() < CHUNK { bytes.len() + 1 } else { 2 * bytes.len() };
            while self.rest().len() < goal && self.fill()? {}
        }
    }

    /// Whether a sound value may be passed on.
    fn judge(&self, length: usize) -> Measured {
        let bytes = self.rest().get(..length).unwrap_or_default();
        if depth(bytes, self.max_depth) > self.max_depth {
            return match self.beyond(Unreadable::TooDeep(self.max_depth)) {
                Measured::Unreadable(too_deep, _) => Measured::Unreadable(too_deep, Extent::Bytes(length)),
                array => array,
            };
        }
        match std::str::from_utf8(bytes) {
            Ok(_) => Measured::Value(length),
            Err(error) => {
                let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
                Measured::Unreadable(Unreadable::NotUtf8(self.place.after(sound)), Extent::Broken)
            }
        }
    }

    /// What is done with a value beyond a cap.
    fn beyond(&self, unreadable: Unreadable) -> Measured {
        let extent = match self.rest().first() {
            Some(b'[') if self.long_array.is_none() => return Measured::LongArray,
            Some(b'{' | b'[' | b'"') => Extent::Large,
            _ => Extent::Broken,
        };
        Measured::Unreadable(unreadable, extent)
    }

    fn not_json(&self, error: &serde_json::Error, bytes: &[u8]) -> Unreadable {
        if looks_like_utf16(bytes) {
            return Unreadable::Utf16;
        }
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let is_control_character = text.starts_with("control character");
        // The place of this one error is that of the byte before.
        let offset = offset_of(error, bytes) + usize::from(is_control_character);
        let reason = reason(text, bytes, offset);
        let sound = bytes.get(..offset).unwrap_or(bytes);
        Unreadable::NotJson { reason: reason.to_owned(), place: self.place.after(sound) }
    }

    /// What was read and not passed on.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, length: usize) {
        let end = self.start + length;
        self.place = self.place.after(self.rest().get(..length).unwrap_or_default());
        self.start = end;
    }

    /// Reads some more; says whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize(CHUNK.max(2 * self.buffer.len()), 0);
        }
        let read = loop {
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.end += read;
        self.most = self.most.max(self.end);
        self.bytes += read as u64;
        self.is_at_end = read == 0;
        Ok(read > 0)
    }
}

/// Where in `bytes` an error was found.
fn offset_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    // An error at a line break is counted to the next line, column 0.
    let is_at_line_break = error.column() == 0;
    let line = error.line() - usize::from(is_at_line_break);
    let line_start = match line {
        ..=1 => 0,
        _ => memchr_iter(b'\n', bytes).nth(line - 2).map_or(0, |line_break| line_break + 1),
    };
    if is_at_line_break {
        let rest = bytes.get(line_start..).unwrap_or_default();
        return line_start + memchr(b'\n', rest).unwrap_or(rest.len());
    }
    line_start + error.column() - 1
}

#[cfg(test)]
mod tests;
