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

use super::time::timestamp;
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
        let skipped = if lines > 1 { format!("; {lines} lines are skipped") } else { String::new() };
        let message = format!("{unreadable}{skipped}");
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
