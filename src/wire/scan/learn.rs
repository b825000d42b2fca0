//! Taking a line apart into literals and slots.

use alloc::vec::Vec;

use super::{Kind, Role, Slot};
use crate::wire::{self, FieldType, JobEntity, MessageKind, StatusBody};

/// Where a record has its time and its message: the keys on the way to each. Without any, a record is what
/// [`log_items`](crate::wire::log_items) takes it for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointers<'p> {
    /// The way to the message; `None` where the record is the message or has it as the service's recorders do.
    pub message: Option<&'p [&'p str]>,
    /// The way to the time.
    pub time: Option<&'p [&'p str]>,
}

/// A literal and the slot after it.
pub(super) struct Part<'l> {
    pub(super) literal: &'l [u8],
    pub(super) slot: Slot,
    pub(super) role: Role,
}

/// A line that was taken apart.
pub(super) struct Learned<'l> {
    pub(super) kind: Kind,
    pub(super) parts: Vec<Part<'l>>,
    /// How many bytes the line has after its record.
    pub(super) after: u16,
}

/// How deep a value stands in others at most.
const MAX_DEPTH: usize = 16;

/// How many fields an object has at most: each is compared with those before it.
const MAX_FIELDS: usize = 64;

impl<'l> Learned<'l> {
    pub(super) fn of(line: &'l [u8], record: usize, pointers: Pointers<'_>) -> Option<Self> {
        let after = line.get(record..)?;
        let is_blank = after.strip_suffix(b"\n")?.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        if !is_blank || line.len() >= super::SLACK {
            return None;
        }
        let mut reader = Reader { line, at: 0, literal: 0, parts: Vec::new(), kind: None, pointers };
        reader.value(&Place::Record { message: pointers.message, time: pointers.time }, 0)?;
        if reader.at != record {
            return None;
        }
        reader.parts.push(Part {
            literal: line.get(reader.literal..)?,
            slot: Slot::End(0),
            role: Role::Other,
        });
        Some(Self { kind: reader.kind?, parts: reader.parts, after: u16::try_from(after.len()).ok()? })
    }

    pub(super) fn roles(&self) -> u16 {
        self.parts.iter().fold(0, |roles, part| roles | 1 << part.role as u16)
    }
}

/// What is expected of a value.
enum Place<'p> {
    /// It is, or leads to, the message and the time.
    Record { message: Option<&'p [&'p str]>, time: Option<&'p [&'p str]> },
    /// It is the object of a `job_status`.
    Body,
    /// It is a field with a meaning.
    Field(Field),
    /// Nothing depends on it.
    Other,
}

/// A field with a meaning.
#[derive(Clone, Copy)]
enum Field {
    /// `type`: its value is part of the layout.
    Type,
    JobId,
    Envelope,
    Status,
    TerminationType,
    Percent,
    AuthPercent,
    Timeout,
    Time,
    /// A text for the user.
    Text,
    Completion,
    /// The text of a request or of an answer with a TFA code.
    Message,
    /// The word `submitted`.
    Submitted,
    /// The requests of a job: none.
    Requests,
    /// An id that nothing depends on.
    Id,
    /// Nothing depends on it, but its value can make the message malformed: it is left to the general decoder.
    Typed,
}

/// A field of an object.
#[derive(Clone, Copy)]
struct Entry<'l> {
    key: &'l [u8],
    /// Where its value begins.
    at: usize,
}

struct Reader<'l, 'p> {
    line: &'l [u8],
    at: usize,
    /// Where the literal begins that is not part of a layout yet.
    literal: usize,
    parts: Vec<Part<'l>>,
    kind: Option<Kind>,
    pointers: Pointers<'p>,
}

impl<'l> Reader<'l, '_> {
    fn value(&mut self, place: &Place<'_>, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match *self.line.get(self.at)? {
            b'{' => self.object(place, depth),
            b'[' => self.array(place, depth),
            _ => self.scalar(place),
        }
    }

    fn object(&mut self, place: &Place<'_>, depth: usize) -> Option<()> {
        let entries = self.entries()?;
        match *place {
            Place::Record { message, time } => self.record(&entries, message, time, depth),
            Place::Body => self.fields(&entries, depth, |name| {
                body(name).unwrap_or_else(|| other(name, StatusBody::FIELDS, None))
            }),
            Place::Other => self.fields(&entries, depth, |_| Place::Other),
            // A request may have an object here.
            Place::Field(Field::Message) => self.fields(&entries, depth, |_| Place::Other),
            Place::Field(_) => None,
        }
    }

    /// A record, or an object on the way to its message and its time.
    fn record(
        &mut self,
        entries: &[Entry<'l>],
        message: Option<&[&str]>,
        time: Option<&[&str]>,
        depth: usize,
    ) -> Option<()> {
        let time = time.and_then(<[_]>::split_first);
        let (key, rest) = match message {
            Some([key, rest @ ..]) => (Some(key), rest),
            // An object on the way to the time alone.
            None if self.pointers.message.is_some() => (None, &[][..]),
            Some([]) | None => {
                let time = match time {
                    None => None,
                    Some((key, [])) => Some(key.as_bytes()),
                    Some(_) => return None,
                };
                return self.item(entries, time, depth);
            }
        };
        self.fields(entries, depth, |name| {
            let is = |key: &&str| key.as_bytes() == name;
            let time = time.filter(|(key, _)| is(key)).map(|(_, rest)| rest);
            match (key.filter(|key| is(key)), time) {
                (Some(_), time) => Place::Record { message: Some(rest), time },
                (None, Some([])) => Place::Field(Field::Time),
                (None, Some(time)) => Place::Record { message: None, time: Some(time) },
                (None, None) => Place::Other,
            }
        })
    }

    /// A message, a job, or a record with its time and its message.
    fn item(&mut self, entries: &[Entry<'l>], time: Option<&[u8]>, depth: usize) -> Option<()> {
        let has = |name: &[u8]| entries.iter().any(|entry| entry.key == name);
        let is_message = [b"job_id".as_slice(), b"envelope_id", b"message"].into_iter().any(has);
        if has(b"type") && (is_message || !has(b"id") || !has(b"status")) {
            self.message(entries, time, depth)
        } else if has(b"at") && has(b"message") {
            self.fields(entries, depth, |name| match name {
                b"at" => Place::Field(Field::Time),
                b"message" => Place::Record { message: Some(&[]), time: None },
                _ => Place::Other,
            })
        } else if has(b"status") && has(b"id") && !has(b"jobs") {
            self.begin(Kind::Job)?;
            self.fields(entries, depth, |name| match name {
                b"id" => Place::Field(Field::JobId),
                // Not that of a message, or the general decoder reads another thing.
                b"type" => Place::Field(Field::Type),
                b"credential_requests" => Place::Field(Field::Requests),
                b"termination_message" => Place::Field(Field::Completion),
                name => body(name).unwrap_or_else(|| other(name, JobEntity::FIELDS, time)),
            })
        } else {
            None
        }
    }

    fn message(&mut self, entries: &[Entry<'l>], time: Option<&[u8]>, depth: usize) -> Option<()> {
        let kind = entries.iter().find(|entry| entry.key == b"type")?;
        let text = self.line.get(kind.at..)?;
        let known = |kind: &&MessageKind| {
            let name: &str = (*kind).into();
            let quoted = text.strip_prefix(b"\"").and_then(|text| text.strip_prefix(name.as_bytes()));
            quoted.is_some_and(|text| text.starts_with(b"\""))
        };
        let kind = *MessageKind::ALL.iter().find(known)?;
        self.begin(Kind::Message(kind))?;
        self.fields(entries, depth, |name| match (name, kind) {
            (b"type", _) => Place::Field(Field::Type),
            (b"job_id", _) => Place::Field(Field::JobId),
            (b"message", MessageKind::JobStatus) => Place::Body,
            (b"message", MessageKind::CredentialResponse) => Place::Field(Field::Submitted),
            (b"message", _) => Place::Field(Field::Message),
            (b"envelope_id", kind) if kind != MessageKind::JobStatus => Place::Field(Field::Envelope),
            _ => other(name, kind.fields(), time),
        })
    }

    /// A message or a job begins here.
    fn begin(&mut self, kind: Kind) -> Option<()> {
        if self.kind.replace(kind).is_some() {
            return None;
        }
        self.slot(self.at, Slot::Place, Role::Message)
    }

    /// Reads an object, each field's value at its place.
    fn fields<'f>(
        &mut self,
        entries: &[Entry<'l>],
        depth: usize,
        place: impl Fn(&'l [u8]) -> Place<'f>,
    ) -> Option<()> {
        for entry in entries {
            self.at = entry.at;
            self.value(&place(entry.key), depth + 1)?;
        }
        self.blanks();
        self.byte(b'}')
    }

    fn array(&mut self, place: &Place<'_>, depth: usize) -> Option<()> {
        self.byte(b'[')?;
        self.blanks();
        if self.byte(b']').is_some() {
            return matches!(place, Place::Other | Place::Field(Field::Requests)).then_some(());
        }
        if !matches!(place, Place::Other) {
            return None;
        }
        loop {
            self.value(&Place::Other, depth + 1)?;
            self.blanks();
            if self.byte(b',').is_none() {
                return self.byte(b']');
            }
            self.blanks();
        }
    }

    fn scalar(&mut self, place: &Place<'_>) -> Option<()> {
        use Field::{
            AuthPercent, Completion, Envelope, Id, JobId, Message, Percent, Requests, Status, Submitted,
        };
        use Field::{TerminationType, Text, Time, Timeout, Type, Typed};

        let field = match place {
            Place::Field(field) => Some(*field),
            Place::Other => None,
            Place::Record { .. } | Place::Body => return None,
        };
        let start = self.at;
        match *self.line.get(start)? {
            b'"' => {
                let (slot, role) = match field {
                    Some(Type) => return self.skip_string(),
                    // An empty word is none.
                    Some(TerminationType) if self.line.get(start + 1) == Some(&b'"') => {
                        return self.skip_string();
                    }
                    Some(Submitted) => {
                        let is_submitted = self.line.get(start..)?.starts_with(b"\"submitted\"");
                        return if is_submitted { self.skip_string() } else { None };
                    }
                    Some(JobId) => (Slot::Plain, Role::JobText),
                    Some(Envelope) => (Slot::Plain, Role::Envelope),
                    Some(Status) => (Slot::Status, Role::Status),
                    Some(TerminationType) => (Slot::TerminationType, Role::TerminationType),
                    Some(Time) => (Slot::Plain, Role::TimeText),
                    Some(Completion) => (Slot::String, Role::Completion),
                    Some(Id) => (Slot::Plain, Role::Other),
                    Some(Text | Message) | None => (Slot::String, Role::Other),
                    Some(AuthPercent | Percent | Timeout | Requests | Typed) => return None,
                };
                self.slot(start + 1, slot, role)?;
                self.skip_string()?;
                self.literal = self.at - 1;
                Some(())
            }
            b'0'..=b'9' => {
                let (slot, role) = match field {
                    Some(JobId) => (Slot::Whole, Role::Job),
                    Some(Id) => (Slot::Whole, Role::Other),
                    Some(Percent) => (Slot::Decimal, Role::Percent),
                    Some(AuthPercent) => (Slot::Decimal, Role::AuthPercent),
                    Some(Timeout) => (Slot::Whole, Role::Timeout),
                    Some(Time) => (Slot::WholeText, Role::TimeNumber),
                    None => (Slot::Decimal, Role::Other),
                    Some(_) => return None,
                };
                self.slot(start, slot, role)?;
                while matches!(self.line.get(self.at), Some(b'0'..=b'9' | b'.')) {
                    self.at += 1;
                }
                self.literal = self.at;
                // The literal after a number can't continue it.
                (!matches!(self.line.get(self.at), Some(b'e' | b'E' | b'+' | b'-'))).then_some(())
            }
            b'n' => {
                self.word(b"null")?;
                let is_absent = matches!(
                    field,
                    None | Some(
                        TerminationType
                            | AuthPercent
                            | Percent
                            | Timeout
                            | Text
                            | Completion
                            | Time
                            | Requests
                            | Id
                            | Typed
                    )
                );
                is_absent.then_some(())
            }
            b't' => self.word(b"true").filter(|()| field.is_none()),
            b'f' => self.word(b"false").filter(|()| field.is_none()),
            _ => None,
        }
    }

    /// Ends the literal before a slot.
    fn slot(&mut self, at: usize, slot: Slot, role: Role) -> Option<()> {
        self.parts.push(Part { literal: self.line.get(self.literal..at)?, slot, role });
        self.literal = at;
        Some(())
    }

    /// The fields of the object that begins here, each by its key; `None` where one is there twice.
    fn entries(&mut self) -> Option<Vec<Entry<'l>>> {
        let start = self.at;
        let mut entries: Vec<Entry<'l>> = Vec::new();
        self.byte(b'{')?;
        self.blanks();
        while self.byte(b'}').is_none() {
            if !entries.is_empty() {
                self.byte(b',')?;
                self.blanks();
            }
            let key = self.key()?;
            self.blanks();
            self.byte(b':')?;
            self.blanks();
            if entries.len() == MAX_FIELDS || entries.iter().any(|known| known.key == key) {
                return None;
            }
            entries.push(Entry { key, at: self.at });
            self.skip_value(0)?;
            self.blanks();
        }
        // Of an empty object, the brace that ends it is next.
        self.at = if entries.is_empty() { start + 1 } else { start };
        Some(entries)
    }

    fn key(&mut self) -> Option<&'l [u8]> {
        let start = self.at + 1;
        self.skip_string()?;
        let key = self.line.get(start..self.at - 1)?;
        (!key.contains(&b'\\')).then_some(key)
    }

    fn skip_value(&mut self, depth: usize) -> Option<()> {
        match *self.line.get(self.at)? {
            b'"' => self.skip_string(),
            open @ (b'{' | b'[') => {
                if depth > MAX_DEPTH {
                    return None;
                }
                let close = if open == b'{' { b'}' } else { b']' };
                self.at += 1;
                self.blanks();
                while self.byte(close).is_none() {
                    // What is neither a value, a comma nor a colon is found when the value is read.
                    if self.byte(b',').or_else(|| self.byte(b':')).is_none() {
                        self.skip_value(depth + 1)?;
                    }
                    self.blanks();
                }
                Some(())
            }
            _ => {
                let start = self.at;
                while matches!(
                    self.line.get(self.at),
                    Some(b'0'..=b'9' | b'a'..=b'z' | b'.' | b'-' | b'+' | b'E')
                ) {
                    self.at += 1;
                }
                (self.at > start).then_some(())
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.byte(b'"')?;
        loop {
            match self.line.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.byte(b'"')
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.line.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        (self.line.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.line.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }
}

/// The place of a field of a `job_status`'s object, if the field has a meaning.
fn body(name: &[u8]) -> Option<Place<'static>> {
    Some(Place::Field(match name {
        b"status" => Field::Status,
        b"termination_type" => Field::TerminationType,
        b"percent_complete" => Field::Percent,
        b"auth_percent_complete" => Field::AuthPercent,
        b"job_timeout" => Field::Timeout,
        b"status_message"
        | b"job_status_message"
        | b"termination_status_message"
        | b"termination_message" => Field::Text,
        _ => return None,
    }))
}

/// The place of another field of an object with these fields: that of the time, if it has its name.
fn other(name: &[u8], fields: &[wire::Field], time: Option<&[u8]>) -> Place<'static> {
    if time == Some(name) {
        return Place::Field(Field::Time);
    }
    let known = fields.iter().find(|field| field.name.as_bytes() == name);
    match known.map(|field| field.field_type) {
        None | Some(FieldType::Any) => Place::Other,
        Some(FieldType::Text | FieldType::Time | FieldType::Secret) => Place::Field(Field::Text),
        Some(FieldType::JobId) => Place::Field(Field::Id),
        Some(_) => Place::Field(Field::Typed),
    }
}
