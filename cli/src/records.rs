//! The records of a log: one JSON value after another, read as a stream.
//!
//! An array that is larger than a record may be is read element by element, so that a log may be one array of any size.
//! A value that is broken ends at the next line, after the one that it begins in, whose first byte is `{` or `[`: so
//! one that was cut off takes no sound one with it.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};
use serde::de::IgnoredAny;

/// How deep arrays and objects may stand in each other.
pub const MAX_DEPTH: usize = 100;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// The records of an input.
pub struct Records<R> {
    input: R,
    /// What was read and not passed on; the next record begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    is_at_end: bool,
    max_bytes: usize,
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
    /// An array larger than a record may be.
    LongArray,
    /// Nothing that can be passed on, and its length if it is known.
    Unreadable(Unreadable, Option<usize>),
}

/// A record, or what stands in its place.
pub struct Record<'r> {
    /// Where it begins.
    pub place: Place,
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
    const START: Self = Self { line: 1, column: 1 };

    /// The place after some text.
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
    #[error("the record is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the record is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl<R: Read> Records<R> {
    pub fn new(input: R, max_bytes: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            is_at_end: false,
            max_bytes,
            place: Place::START,
            long_array: None,
            is_in_broken_array: false,
            bytes: 0,
            count: 0,
        }
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many records there were, unreadable ones included.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The next record, or the next element of a long array; none at the end of the input.
    pub fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        while self.skip_blanks()? {
            let place = self.place;
            let measured = match self.long_array {
                None => {
                    self.count += 1;
                    self.measure()?
                }
                Some(next) => match (next, self.buffer.get(self.start)) {
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
                        Measured::Unreadable(Unreadable::NotJson { reason, place }, None)
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
                    Ok(Some(Record { place, text }))
                }
                Measured::Unreadable(unreadable, length) => {
                    match length {
                        Some(length) => {
                            self.long_array = self.long_array.map(|_| Next::CommaOrEnd);
                            self.consume(length);
                        }
                        None => self.skip_broken()?,
                    }
                    Ok(Some(Record { place, text: Err(unreadable) }))
                }
            };
        }
        if self.long_array.take().is_none() {
            return Ok(None);
        }
        let reason = "the text ends inside an array".to_owned();
        Ok(Some(Record { place: self.place, text: Err(Unreadable::NotJson { reason, place: self.place }) }))
    }

    /// Measures the value that begins here.
    fn measure(&mut self) -> io::Result<Measured> {
        loop {
            let bytes = self.buffer.get(self.start..).unwrap_or_default();
            let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
            let value = values.next();
            let length = values.byte_offset();
            match value {
                // A number could go on beyond what was read.
                Some(Ok(_)) if length < bytes.len() || self.is_at_end => return Ok(self.judge(length)),
                // So could what seems to be wrong with the last bytes.
                Some(Err(error)) if self.is_at_end || offset_of(&error, bytes) + 1 < bytes.len() => {
                    return Ok(Measured::Unreadable(self.not_json(&error), None));
                }
                _ => {}
            }
            if bytes.len() > self.max_bytes {
                return Ok(self.too_large(None));
            }
            // To read a large value anew for each little piece of it would take for ever.
            let goal = if bytes.len() < CHUNK { bytes.len() + 1 } else { 2 * bytes.len() };
            while self.buffer.len() - self.start < goal && self.fill()? {}
        }
    }

    /// Whether a sound value may be passed on.
    fn judge(&self, length: usize) -> Measured {
        let bytes = self.buffer.get(self.start..self.start + length).unwrap_or_default();
        if length > self.max_bytes {
            return self.too_large(Some(length));
        }
        if depth(bytes) > MAX_DEPTH {
            return Measured::Unreadable(Unreadable::TooDeep, Some(length));
        }
        match std::str::from_utf8(bytes) {
            Ok(_) => Measured::Value(length),
            Err(error) => {
                let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
                Measured::Unreadable(Unreadable::NotUtf8(self.place.after(sound)), None)
            }
        }
    }

    fn too_large(&self, length: Option<usize>) -> Measured {
        if self.long_array.is_none() && self.buffer.get(self.start) == Some(&b'[') {
            return Measured::LongArray;
        }
        Measured::Unreadable(Unreadable::TooLarge(self.max_bytes), length)
    }

    fn not_json(&self, error: &serde_json::Error) -> Unreadable {
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let reason = match text {
            "EOF while parsing a string" => "the text ends inside a string",
            "EOF while parsing an object" => "the text ends inside an object",
            "EOF while parsing a list" => "the text ends inside an array",
            "EOF while parsing a value" => "the text ends where a value belongs",
            _ if text.starts_with("control character") && error.column() == 0 => {
                "the line ends inside a string"
            }
            text => text,
        };
        let sound = bytes.get(..offset_of(error, bytes)).unwrap_or(bytes);
        Unreadable::NotJson { reason: reason.to_owned(), place: self.place.after(sound) }
    }

    /// Skips what may stand between records; says whether anything follows.
    fn skip_blanks(&mut self) -> io::Result<bool> {
        if self.bytes == 0 && self.fill()? {
            self.skip_byte_order_mark()?;
        }
        loop {
            let bytes = self.buffer.get(self.start..).unwrap_or_default();
            let is_blank = |byte: &u8| match byte {
                b' ' | b'\t' | b'\r' | b'\n' => true,
                b',' | b']' => self.is_in_broken_array,
                _ => false,
            };
            match bytes.iter().position(|byte| !is_blank(byte)) {
                Some(length) => {
                    // What is still part of a broken array follows a comma.
                    self.is_in_broken_array &=
                        bytes.get(..length).is_some_and(|blanks| !blanks.contains(&b']'));
                    self.consume(length);
                    return Ok(true);
                }
                None => self.consume(bytes.len()),
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Skips a byte-order mark that something follows.
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        while self.buffer.len() <= MARK.len() && MARK.starts_with(&self.buffer) && self.fill()? {}
        if self.buffer.len() > MARK.len() && self.buffer.starts_with(MARK) {
            self.consume(MARK.len());
        }
        Ok(())
    }

    /// Skips a broken value: to the next line whose first byte is `{` or `[`.
    fn skip_broken(&mut self) -> io::Result<()> {
        self.is_in_broken_array |=
            self.long_array.take().is_some() || self.buffer.get(self.start) == Some(&b'[');
        loop {
            let bytes = self.buffer.get(self.start..).unwrap_or_default();
            let Some(length) = memchr(b'\n', bytes) else {
                self.consume(bytes.len());
                if self.fill()? {
                    continue;
                }
                return Ok(());
            };
            self.consume(length + 1);
            if self.start == self.buffer.len() && !self.fill()? {
                return Ok(());
            }
            if matches!(self.buffer.get(self.start), Some(b'{' | b'[')) {
                return Ok(());
            }
        }
    }

    fn consume(&mut self, length: usize) {
        let end = self.start + length;
        self.place = self.place.after(self.buffer.get(self.start..end).unwrap_or_default());
        self.start = end;
    }

    /// Reads some more; says whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let read = loop {
            match self.input.read(self.buffer.get_mut(filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(filled + read.as_ref().copied().unwrap_or(0));
        let read = read?;
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

/// How deep the arrays and objects of a sound value stand in each other.
fn depth(bytes: &[u8]) -> usize {
    // Most records don't have enough of them to be deep.
    if memchr::memchr2_iter(b'{', b'[', bytes).take(MAX_DEPTH + 1).count() <= MAX_DEPTH {
        return 0;
    }
    let (mut depth, mut deepest, mut is_in_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_string,
            b'"' => is_in_string = !is_in_string,
            b'{' | b'[' if !is_in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !is_in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
