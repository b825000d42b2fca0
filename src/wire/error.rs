//! Why a message can't be read, and where in it. No error repeats a value: it may be a secret.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_path_to_error::{Path, Segment, Track};

use super::json::ObjectOnly;

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}, at line {line}, column {column}", Place(.pointer, .fault))]
#[non_exhaustive]
pub struct MessageError {
    /// Where in the value the fault is, as a JSON Pointer (RFC 6901); empty for the value itself.
    pub pointer: String,
    /// The line of the text in which reading stopped, from 1 on.
    pub line: usize,
    /// The column in bytes at which reading stopped, from 1 on; 0 before the first byte of a line.
    pub column: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a text or with a field of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text is not JSON; says in which way.
    #[error("not JSON: {0}")]
    Json(String),
    /// A required field is absent; one that is `null` is of the wrong kind.
    #[error("is missing")]
    Missing,
    /// A field stands in its object twice.
    #[error("stands there twice")]
    Repeated,
    /// The text is JSON, but a value in it is none that a program can hold: a number beyond all ranges, or half a
    /// character; says in which way.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// A value stands in more arrays and records than any service or recorder nests.
    #[error("is nested too deeply")]
    TooDeep,
    /// A value is of the wrong kind.
    #[error("is {found}, expected {expected}")]
    WrongKind {
        /// The kind of value that is there.
        found: &'static str,
        /// What belongs there.
        expected: String,
    },
}

/// The start of an error's sentence: the value it is about, and nothing for a text that isn't JSON.
struct Place<'e>(&'e str, &'e Fault);

impl core::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self(_, Fault::Json(_)) => Ok(()),
            Self("", _) => f.write_str("the value "),
            Self(pointer, _) => write!(f, "{pointer} "),
        }
    }
}

impl MessageError {
    /// The error of a text as one of a larger text, in which it stands at `pointer` and begins at a line and a column,
    /// both from 1 on.
    #[must_use]
    pub fn within(self, pointer: &str, line: usize, column: usize) -> Self {
        let is_in_first_line = self.line <= 1;
        Self {
            pointer: format!("{pointer}{}", self.pointer),
            line: self.line.saturating_add(line.saturating_sub(1)),
            column: self.column.saturating_add(if is_in_first_line { column.saturating_sub(1) } else { 0 }),
            fault: self.fault,
        }
    }

    /// The error of a value that is nested too deeply, as if it were a text of its own.
    pub(super) fn too_deep() -> Self {
        Self { pointer: String::new(), line: 1, column: 1, fault: Fault::TooDeep }
    }
}

/// Reads a value from JSON. Only when that fails is the text read again, to tell where and why.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, MessageError> {
    read(json).map_err(|error| diagnose::<T>(json, &error))
}

/// Reads a value from JSON, a struct from an object alone. The error may repeat what it found, which may be a secret.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = T::deserialize(ObjectOnly(&mut reader))?;
    reader.end().map(|()| value)
}

fn diagnose<'a, T: Deserialize<'a>>(json: &'a str, error: &serde_json::Error) -> MessageError {
    // Whether the text is JSON at all comes first: a field may have been faulted before the text turned out broken.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        let (line, column) = (error.line(), error.column());
        return MessageError { pointer: String::new(), line, column, fault: Fault::Json(unplaced(&error)) };
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    let mut track = Track::new();
    // It fails as it did before; this time the way to the fault is kept.
    drop(T::deserialize(ObjectOnly(serde_path_to_error::Deserializer::new(&mut reader, &mut track))));
    let mut pointer = pointer_to(&track.path());

    let text = unplaced(error);
    let field = |prefix| text.strip_prefix(prefix).and_then(|rest: &str| rest.strip_suffix('`'));
    let fault = if !error.is_data() {
        Fault::Unreadable(text)
    } else if let Some(field) = field("missing field `") {
        pointer = format!("{pointer}/{field}");
        Fault::Missing
    } else if let Some(field) = field("duplicate field `") {
        pointer = format!("{pointer}/{field}");
        Fault::Repeated
    } else {
        let expected = match text.rsplit_once(", expected ") {
            Some((_, "a sequence")) => "an array",
            Some((_, "a JSON number")) => "a number",
            Some((_, expected)) => expected,
            None => "another value",
        };
        Fault::WrongKind { found: found(&text), expected: expected.to_owned() }
    };
    MessageError { pointer, line: error.line(), column: error.column(), fault }
}

/// What an error says, without the place, which `serde_json` puts at the end and has in fields of its own.
fn unplaced(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    // Without a place of its own, those words would be the input's.
    if let Some(end) = text.rfind(" at line ").filter(|_| error.line() > 0) {
        text.truncate(end);
    }
    text
}

/// The kind of value that an error of serde says it found. The value itself follows there, and may be a secret: only
/// the words before it are looked at.
fn found(text: &str) -> &'static str {
    const KINDS: [(&str, &str); 11] = [
        // In the words of serde.
        ("null", "null"),
        ("boolean `", "a boolean"),
        ("integer `-", "a negative number"),
        ("integer `", "a number"),
        ("floating point `", "a number with a fraction or beyond 64 bits"),
        ("string ", "a string"),
        ("sequence", "an array"),
        ("map", "an object"),
        // In ours, where serde would show the value.
        ("a string", "a string"),
        ("a boolean", "a boolean"),
        ("a number", "a number"),
    ];

    let value = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    let kind = KINDS.iter().find(|(word, _)| value.is_some_and(|value| value.starts_with(word)));
    kind.map_or("another value", |&(_, kind)| kind)
}

/// A path as a JSON Pointer.
fn pointer_to(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}
