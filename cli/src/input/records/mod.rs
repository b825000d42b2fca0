//! Splits a log into records: a stream of JSON values.
//!
//! An array that exceeds the limits of a record is read element by element, so that a log can be one array of any size, and
//! a bad element is one finding. A broken value ends before the next line whose first byte is `{` or `[`, so that a
//! truncated value does not swallow the valid one after it. A value that is too large ends there as well, unless it ends
//! before.
//!
//! The records depend on the bytes alone, not on the sizes of the reads.

mod nesting;
mod reason;
mod skip;

use std::io::{self, Read};

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::wire::scan::{Layouts, SLACK};
use cardsavr_protocol::wire::{Block, Position};
use memchr::{memchr, memchr_iter, memrchr};
use serde::de::IgnoredAny;

use super::pieces::Piece;

pub use nesting::Nesting;
use nesting::depth;
use reason::{LOOKAHEAD, looks_like_utf16, reason};

/// The default maximum size of a record, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// The default maximum nesting depth of a record.
pub const MAX_DEPTH: usize = 100;

/// The number of bytes read at once.
const CHUNK: usize = 256 << 10;

/// The number of bytes first searched for the end of a value, and the factor of each further search. The depth is checked
/// after each search, so that a long broken value is not read to its end again from each of its lines.
pub const FIRST_LOOK: usize = 256;
pub const FURTHER: usize = 4;

/// The records of an input, or of a [piece](Records::of_piece) of one.
pub struct Records<R> {
    input: R,
    /// The bytes read and not yet consumed are from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The largest value of `end` so far.
    most: usize,
    is_at_end: bool,
    /// Whether nothing can be added to the buffer: the records of a piece.
    is_piece: bool,
    /// Whether a line that begins like a record follows the piece.
    is_before_record: bool,
    max_bytes: usize,
    max_depth: usize,
    state: State,
    bytes: u64,
    count: u64,
}

/// The position in an input, and what the bytes before it mean for those after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    location: Location,
    /// What may come next in the array that is read by elements; `None` outside of one.
    long_array: Option<Next>,
    /// Whether the last broken value was an array, whose elements are now read as records.
    is_in_broken_array: bool,
    /// Whether a byte-order mark may follow.
    is_at_start: bool,
}

impl State {
    /// The start of an input.
    pub const START: Self = Self { is_at_start: true, ..Self::at_line(1) };

    /// The start of a line, outside of any value.
    pub const fn at_line(line: u64) -> Self {
        Self {
            location: Location { line, column: 1 },
            long_array: None,
            is_in_broken_array: false,
            is_at_start: false,
        }
    }

    /// The number of the line.
    pub fn line(&self) -> u64 {
        self.location.line
    }

    /// Whether it is the start of a line, outside of any value.
    pub fn is_at_line(&self) -> bool {
        *self == Self::at_line(self.location.line)
    }
}

/// The place in a piece at which reading has to go on with the bytes after the piece.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub state: State,
    /// The offset in the piece.
    pub start: usize,
    /// The number of records before it.
    pub count: u64,
}

/// The input of the records of a piece: there is nothing but the piece.
pub struct Nothing;

impl Read for Nothing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// What may come next in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    ElementOrEnd,
    Element,
    CommaOrEnd,
}

/// The value at the current position.
enum Measured {
    /// A valid value, with its length in bytes.
    Value(usize),
    /// An array that exceeds the limits of a record.
    LongArray,
    /// An unreadable value.
    Unreadable(Unreadable, Extent),
}

/// The extent of an unreadable value.
enum Extent {
    /// A number of bytes.
    Bytes(usize),
    /// Up to its closing bracket or quotation mark, beyond the maximum size.
    Large,
    /// Up to the next line at which reading can resume.
    Broken,
}

/// A record, readable or not.
pub struct Record<'r> {
    /// Where it begins.
    pub location: Location,
    /// The offset in the buffer at which it begins: in the piece, for the records of a piece.
    pub start: usize,
    /// Where reading resumes after it.
    pub end: Location,
    /// Its text, a valid JSON value, or why it is unreadable.
    pub text: Result<&'r str, Unreadable>,
}

/// A line, and a column in bytes, both starting at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    pub line: u64,
    pub column: u64,
}

impl Location {
    pub const START: Self = Self { line: 1, column: 1 };

    /// The position in a log of which this input has an index.
    pub fn position(self, input: u32) -> Position {
        Position { input, line: self.line, column: self.column }
    }

    /// The location after a text that starts here.
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
    #[error("not JSON: {reason}, at line {}, column {}", .location.line, .location.column)]
    NotJson { reason: String, location: Location },
    #[error("not UTF-8, at line {}, column {}", .0.line, .0.column)]
    NotUtf8(Location),
    #[error("not UTF-8: it looks like UTF-16, and a log is UTF-8")]
    Utf16,
    #[error("the record is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the record is nested deeper than {0} levels")]
    TooDeep(usize),
}

impl Records<Nothing> {
    /// The records of a piece of an input, from a state on. At the end of the piece, reading fails with [`io::ErrorKind::WouldBlock`] unless the piece is the last one.
    pub fn of_piece(piece: Piece, max_bytes: usize, state: State) -> Self {
        let Piece { buffer, end, is_last, is_before_record } = piece;
        Self {
            buffer,
            end,
            most: end,
            is_at_end: is_last,
            is_piece: true,
            is_before_record,
            state,
            bytes: end as u64,
            ..Self::new(Nothing, max_bytes)
        }
    }

    /// The place up to which the piece is read.
    pub fn mark(&self) -> Mark {
        Mark { state: self.state, start: self.start, count: self.count }
    }

    /// The buffer of the piece.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
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
            is_piece: false,
            is_before_record: false,
            max_bytes,
            max_depth: MAX_DEPTH,
            state: State::START,
            bytes: 0,
            count: 0,
        }
    }

    /// The records from a place within an input on.
    #[must_use]
    pub fn from(self, state: State) -> Self {
        Self { state, ..self }
    }

    /// Sets the maximum nesting depth.
    #[must_use]
    pub fn with_max_depth(self, max_depth: usize) -> Self {
        Self { max_depth, ..self }
    }

    /// The number of bytes read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The largest number of bytes buffered so far. The buffer has at most twice that size, or that of a chunk.
    pub fn kept(&self) -> usize {
        self.most
    }

    /// The number of records so far, unreadable ones included.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Where reading is.
    pub fn state(&self) -> State {
        self.state
    }

    /// The input, of which the buffer may have more than the records so far.
    pub fn into_input(self) -> R {
        self.input
    }

    /// Whether all bytes read from the input are consumed.
    fn is_drained(&self) -> bool {
        self.start == self.end
    }

    /// Skips whitespace, as far as it is read already.
    pub fn skip_read_blanks(&mut self) {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let rest = self.rest();
        self.consume(rest.iter().position(|byte| !is_blank(byte)).unwrap_or(rest.len()));
    }

    /// Scans lines as long as they are records whose layouts are known: pushes the event of each and consumes the line. `input`
    /// is the index of the input. Ends before a line that [`next_record`](Self::next_record) has to read: also one that
    /// isn't buffered as a whole, and one whose time, as JSON text, `time` can't read.
    pub fn scan_lines<E>(
        &mut self,
        layouts: &Layouts,
        block: &mut Block,
        input: u32,
        mut time: impl FnMut(&[u8]) -> Result<Option<Timestamp>, E>,
    ) -> u64 {
        if !self.state.is_at_line() {
            return 0;
        }
        let (mut start, first) = (self.start, self.state.location.line);
        let mut line = first;
        while start < self.end {
            let bytes = self.buffer.get(start..).unwrap_or_default();
            let Some(scanned) = layouts.scan(bytes, block) else { break };
            let at = match &scanned.time {
                None => Some(None),
                Some(range) => bytes.get(range.clone()).and_then(|text| time(text).ok()),
            };
            let is_whole = scanned.line <= self.end - start && scanned.record <= self.max_bytes;
            let (Some(at), true, Some(event)) = (at, is_whole, block.last_mut()) else {
                block.pop();
                break;
            };
            event.at = at;
            event.position = Position { input, line, column: 1 + scanned.message as u64 };
            start += scanned.line;
            line += 1;
        }
        self.start = start;
        self.state.location.line = line;
        self.count += line - first;
        line - first
    }

    /// The whole line of the record of `length` bytes that was read last, with its line break, if the record begins the
    /// line and the line is buffered.
    pub fn line_of_record(&self, length: usize) -> Option<&[u8]> {
        let start = self.start.checked_sub(length)?;
        let is_line = self.state.location.column == length as u64 + 1 && self.state.long_array.is_none();
        let after = memchr(b'\n', self.rest()).filter(|_| is_line)?;
        self.buffer.get(start..=self.start + after)
    }

    /// The next record, or the next element of a long array; `None` at the end of the input.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        while self.skip_blanks()? {
            let location = self.state.location;
            let measured = match self.state.long_array {
                None => {
                    let measured = self.measure()?;
                    self.count += 1;
                    measured
                }
                Some(next) => match (next, self.rest().first()) {
                    (Next::ElementOrEnd | Next::CommaOrEnd, Some(b']')) => {
                        self.consume(1);
                        self.state.long_array = None;
                        continue;
                    }
                    (Next::CommaOrEnd, Some(b',')) => {
                        self.consume(1);
                        self.state.long_array = Some(Next::Element);
                        continue;
                    }
                    (Next::CommaOrEnd, _) => {
                        let reason = "expected `,` or `]`".to_owned();
                        Measured::Unreadable(Unreadable::NotJson { reason, location }, Extent::Broken)
                    }
                    (Next::Element | Next::ElementOrEnd, _) => self.measure()?,
                },
            };
            return match measured {
                Measured::LongArray => {
                    self.consume(1);
                    self.state.long_array = Some(Next::ElementOrEnd);
                    continue;
                }
                Measured::Value(length) => {
                    self.state.long_array = self.state.long_array.map(|_| Next::CommaOrEnd);
                    let start = self.start;
                    self.consume(length);
                    let bytes = self.buffer.get(start..start + length).unwrap_or_default();
                    // Never an error: `judge` has checked it.
                    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8(location));
                    Ok(Some(Record { location, start, end: self.state.location, text }))
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
                        self.state.long_array = self.state.long_array.map(|_| Next::CommaOrEnd);
                    }
                    let is_endless = !is_whole && self.is_at_end && self.start == self.end;
                    let unreadable = match unreadable {
                        Unreadable::TooDeep(_) if is_endless => self.ends_inside("an array or object"),
                        unreadable => unreadable,
                    };
                    Ok(Some(Record {
                        location,
                        start: self.start,
                        end: self.state.location,
                        text: Err(unreadable),
                    }))
                }
            };
        }
        if self.state.long_array.take().is_none() {
            return Ok(None);
        }
        let text = Err(self.ends_inside("an array"));
        let location = self.state.location;
        Ok(Some(Record { location, start: self.start, end: location, text }))
    }

    fn ends_inside(&self, what: &str) -> Unreadable {
        Unreadable::NotJson { reason: format!("the text ends inside {what}"), location: self.state.location }
    }

    /// Measures the value that begins here.
    fn measure(&mut self) -> io::Result<Measured> {
        // Bytes beyond the cap must not matter, since they may not be read yet.
        let cap = self.max_bytes.saturating_add(1);
        let mut look = FIRST_LOOK.min(cap);
        loop {
            let bytes = self.rest();
            let seen = bytes.get(..look).unwrap_or(bytes);
            let is_capped = seen.len() == cap;
            // Not if there are just as many bytes as are looked at: whether more follow may not be known yet.
            let is_all = self.is_at_end && seen.len() < look;
            let lookahead = if is_capped { 1 } else { LOOKAHEAD };
            let mut values = serde_json::Deserializer::from_slice(seen).into_iter::<IgnoredAny>();
            let value = values.next();
            let length = values.byte_offset();
            let is_closed = matches!(seen.last(), Some(b'}' | b']' | b'"'));
            match value {
                // A number or a word may continue beyond the bytes seen.
                Some(Ok(_)) if is_all || length < seen.len() || !is_capped && is_closed => {
                    return Ok(self.judge(length));
                }
                // An error near the last bytes may depend on what follows.
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
            // Double the bytes before each retry, so that the total time is linear.
            let goal = if bytes.len() < CHUNK { bytes.len() + 1 } else { 2 * bytes.len() };
            while self.rest().len() < goal && self.fill()? {}
        }
    }

    /// Checks the depth and encoding of a valid value.
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
                Measured::Unreadable(Unreadable::NotUtf8(self.state.location.after(sound)), Extent::Broken)
            }
        }
    }

    /// How a value that exceeds a limit is read.
    fn beyond(&self, unreadable: Unreadable) -> Measured {
        let extent = match self.rest().first() {
            Some(b'[') if self.state.long_array.is_none() => return Measured::LongArray,
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
        // The parser reports this error at the byte before.
        let offset = offset_of(error, bytes) + usize::from(is_control_character);
        let reason = reason(text, bytes, offset);
        let sound = bytes.get(..offset).unwrap_or(bytes);
        Unreadable::NotJson { reason: reason.to_owned(), location: self.state.location.after(sound) }
    }

    /// The bytes read and not yet consumed.
    pub fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, length: usize) {
        let end = self.start + length;
        self.state.location = self.state.location.after(self.rest().get(..length).unwrap_or_default());
        self.start = end;
    }

    /// Reads more bytes; returns `false` at the end of the input.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        if self.is_piece {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // A scan may look at some bytes after the last one.
        if self.buffer.len() < self.end + SLACK + CHUNK / 2 {
            self.buffer.resize((CHUNK + SLACK).max(2 * self.buffer.len()), 0);
        }
        let room = self.buffer.len() - SLACK;
        let read = loop {
            match self.input.read(self.buffer.get_mut(self.end..room).unwrap_or_default()) {
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

/// The offset of an error in `bytes`.
fn offset_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    // An error at a line break is reported in column 0 of the next line.
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
