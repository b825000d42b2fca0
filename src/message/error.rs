//! Why a message can't be read, and where in it. No error repeats a value: it may be a secret.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}, at line {line}, column {column}", Place(.pointer, .fault))]
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
    /// A required field is absent, or `null`.
    #[error("is missing")]
    Missing,
    /// A field stands in its object twice.
    #[error("stands there twice")]
    Repeated,
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

/// Reads a struct from JSON. Only when that fails is the text read again, to tell where and why.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, MessageError> {
    serde_json::from_str(json).map_err(|error| diagnose::<T>(json, &error))
}

fn diagnose<'a, T: Deserialize<'a>>(json: &'a str, error: &serde_json::Error) -> MessageError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    // serde_json ends its messages with the place, which the error has in fields of its own.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if !error.is_data() {
        return MessageError { pointer: String::new(), line, column, fault: Fault::Json(text.to_owned()) };
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    let mut pointer = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => String::new(),
        Err(error) => pointer_to(error.path()),
    };
    let field = |prefix| text.strip_prefix(prefix).and_then(|rest: &str| rest.strip_suffix('`'));
    let fault = if let Some(field) = field("missing field `") {
        pointer = format!("{pointer}/{field}");
        Fault::Missing
    } else if let Some(field) = field("duplicate field `") {
        pointer = format!("{pointer}/{field}");
        Fault::Repeated
    } else {
        // What was found may be a secret: its kind is told from the value, and only what was expected from the text.
        let expected = text.rsplit_once(", expected ").map_or("another value", |(_, expected)| expected);
        Fault::WrongKind { found: kind_at(json, &pointer), expected: expected.to_owned() }
    };
    MessageError { pointer, line, column, fault }
}

/// A path as a JSON Pointer.
fn pointer_to(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// The kind of the value at a place.
fn kind_at(json: &str, pointer: &str) -> &'static str {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    value.pointer(pointer).map_or("absent", kind)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(number) if number.is_u64() => "a number",
        Value::Number(_) => "a negative number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
