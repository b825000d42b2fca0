//! A log's records, judged: each record's messages are found, placed and handed to the checker.

use std::borrow::Cow;
use std::io::{self, Read};

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Observation, Position, ReportInput, Rule};
use cardsavr_protocol::message::{JobId, MessageError, Part, parts};
use serde_json::value::RawValue;

use crate::judge::Judge;
use crate::pointer::Pointer;
use crate::records::{self, AtOnce, Place, Record, Records, Unreadable};

/// How the records of a log are read.
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

/// Judges all records of one input, as far as it can be read, and says what was read.
pub fn check(
    reading: &Reading,
    input: impl Read,
    file: &str,
    index: u32,
    judge: &mut Judge<'_>,
) -> Result<ReportInput, Stopped> {
    let mut records = reading.records(input);
    let mut log = Log { reading, file, index, judge };
    let result = loop {
        let record = if reading.is_plain() { records.next_at_once() } else { Ok(None) };
        match record {
            Ok(Some((place, record))) => {
                if let Some((offset, length)) = log.observe(place, &record) {
                    records.pass(length);
                    if log.judge.has_findings() {
                        log.print(records.passed(length).get(offset..)).map_err(Stopped::Output)?;
                    }
                    continue;
                }
            }
            Ok(None) => {}
            Err(error) => break Err(error),
        }
        match records.next_record() {
            Ok(Some(record)) => log.read(&record).map_err(Stopped::Output)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let read = ReportInput { file: file.to_owned(), bytes: records.bytes(), records: records.count() };
    match result {
        Ok(()) => Ok(read),
        Err(error) => Err(Stopped::Input(read, error)),
    }
}

/// Why an input was not read to its end.
pub enum Stopped {
    /// It can't be read on; what was read until then.
    Input(ReportInput, io::Error),
    /// The findings can't be written.
    Output(io::Error),
}

struct Log<'l, 'j> {
    reading: &'l Reading,
    file: &'l str,
    index: u32,
    judge: &'l mut Judge<'j>,
}

impl Log<'_, '_> {
    /// Observes a record that was read at once, and gives where its message begins and how many bytes it has; none where
    /// its time is none.
    fn observe(&mut self, place: Place, record: &AtOnce<'_>) -> Option<(usize, usize)> {
        let at = record.at.map(timestamp).transpose().ok()?.flatten();
        let column = place.column + record.offset as u64;
        let observation = Observation::Status(record.status.report());
        self.judge.observe(&observation, self.position(Place { column, ..place }), at);
        Some((record.offset, record.length))
    }

    fn read(&mut self, record: &Record<'_>) -> io::Result<()> {
        let text = match &record.text {
            Ok(text) => *text,
            Err(unreadable) => {
                let rule = match unreadable {
                    Unreadable::NotJson { .. } | Unreadable::NotUtf8(_) | Unreadable::Utf16 => {
                        Rule::MalformedJson
                    }
                    Unreadable::TooLarge(_) | Unreadable::TooDeep(_) => Rule::RecordTooLarge,
                };
                let lines = record.end.line - record.place.line;
                // What is lost with it should not be lost in silence.
                let passed_over =
                    if lines > 1 { format!("; {lines} lines are passed over") } else { String::new() };
                self.fault(rule, format!("{unreadable}{passed_over}"), record.place, None);
                return self.print(None);
            }
        };
        let Record { place, .. } = *record;
        let mut cursor = Cursor { text, offset: 0, place, base: (0, place), bad_time: None };
        let mut result = Ok(());
        self.reading.parts(text, |base, part| {
            if result.is_ok() {
                if base != cursor.base.0 {
                    cursor.base = (base, cursor.at(base));
                }
                result = self.read_part(part, &mut cursor);
            }
        });
        result
    }

    fn read_part(
        &mut self,
        part: Result<Part<'_>, NoMessage<'_>>,
        cursor: &mut Cursor<'_>,
    ) -> io::Result<()> {
        let part = match part {
            Ok(part) => part,
            Err(NoMessage { offset, pointer }) => {
                let place = cursor.at(offset);
                self.fault(Rule::MalformedMessage, format!("{pointer} is missing"), place, None);
                return self.print(None);
            }
        };
        let place = cursor.at(part.offset);
        let at = part.at.map_or(Ok(None), timestamp).unwrap_or_else(|no_time| {
            let time = part.at.map(|at| offset_in(cursor.text, at));
            // A record has one time, however many messages.
            if cursor.bad_time != time {
                cursor.bad_time = time;
                self.fault(Rule::MalformedMessage, no_time.to_string(), place, part.job_id.clone());
            }
            None
        });
        match &part.content {
            Ok(content) => {
                let position = self.position(place);
                self.judge.observe(&Observation::from(content), position, at);
                self.print(cursor.text.get(part.offset..))
            }
            Err(error) => {
                let rule = Rule::broken_by(&error.fault);
                self.fault(rule, self.reading.placed(error, cursor.base.1).to_string(), place, part.job_id);
                self.print(None)
            }
        }
    }

    fn fault(&mut self, rule: Rule, message: String, place: Place, job: Option<JobId<'_>>) {
        self.judge.fault(rule, message, self.position(place), job);
    }

    fn position(&self, place: Place) -> Position {
        Position { input: self.index, line: place.line, column: place.column }
    }

    fn print(&mut self, excerpt: Option<&str>) -> io::Result<()> {
        self.judge.print(self.file, excerpt)
    }
}

/// A record without anything where its message should be.
struct NoMessage<'r> {
    offset: usize,
    pointer: &'r Pointer,
}

impl Reading {
    /// Whether a record is what `parts` takes it for: no pointers say otherwise.
    fn is_plain(&self) -> bool {
        self.message.is_none() && self.time.is_none()
    }

    /// The records of an input.
    pub fn records<R: Read>(&self, input: R) -> Records<R> {
        Records::new(input, self.max_record_bytes).with_max_depth(self.max_depth)
    }

    /// Hands each message of a record to `visit`. Pointers are applied to the record, or, where it is an array, to each
    /// of its elements. `visit` is told, too, where the value begins in which an error of the message has its place.
    fn parts<'a>(&self, text: &'a str, mut visit: impl FnMut(usize, Result<Part<'a>, NoMessage<'_>>)) {
        if self.is_plain() {
            return parts(text, |part| visit(0, Ok(part)));
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
        visit: &mut impl FnMut(usize, Result<Part<'a>, NoMessage<'_>>),
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
        parts(message, |part| {
            visit(offset, Ok(Part { offset: offset + part.offset, at: part.at.or(at), ..part }));
        });
    }

    /// The error of a message as one of the log, given where the value begins that it was found in.
    fn placed(&self, error: &MessageError, base: Place) -> MessageError {
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
#[error("the record's time is neither RFC 3339 nor whole milliseconds since 1970")]
struct NoTime;

/// The time that a JSON value gives; `null` is none.
fn timestamp(json: &str) -> Result<Option<Timestamp>, NoTime> {
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

/// Where reading stands in a record: the places of offsets that only grow.
struct Cursor<'r> {
    text: &'r str,
    offset: usize,
    place: Place,
    /// The offset and the place of the value from whose start the places of errors are counted.
    base: (usize, Place),
    /// Where the time stands that was reported last as none.
    bad_time: Option<usize>,
}

impl Cursor<'_> {
    fn at(&mut self, offset: usize) -> Place {
        let passed = self.text.as_bytes().get(self.offset..offset).unwrap_or_default();
        self.place = self.place.after(passed);
        self.offset = offset.max(self.offset);
        self.place
    }
}

#[cfg(test)]
#[path = "log/tests.rs"]
mod tests;
