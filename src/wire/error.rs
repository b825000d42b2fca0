//! Why a message can't be read, and where in it. No error repeats a value: it may be a secret.

use alloc::format;
use alloc::string::String;

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}, at line {line}, column {column}", Place(.pointer, .fault))]
#[non_exhaustive]
pub struct MessageError {
    /// The value at fault, as a JSON Pointer (RFC 6901); empty for the whole value.
    pub pointer: String,
    /// The line of the text in which reading stopped, from 1.
    pub line: usize,
    /// The column in bytes at which reading stopped, from 1; 0 before the first byte of a line.
    pub column: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a text or with a field of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text is not JSON, with the reason.
    #[error("not JSON: {0}")]
    Json(String),
    /// A required field is absent; one that is `null` has the wrong type.
    #[error("is missing")]
    Missing,
    /// A field occurs twice in its object.
    #[error("occurs twice")]
    Repeated,
    /// The text is JSON, but has no representable value: a number out of range, or half a surrogate
    /// pair. With the reason.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// A value is nested in more arrays and records than any service or recorder nests.
    #[error("is nested too deeply")]
    TooDeep,
    /// A value has the wrong type.
    #[error("is {found}, expected {expected}")]
    WrongKind {
        /// The kind of the value that was found.
        found: &'static str,
        /// What was expected.
        expected: String,
    },
}

/// The start of an error's sentence: the value at fault, and nothing for a text that isn't JSON.
pub(super) struct Place<'e>(pub(super) &'e str, pub(super) &'e Fault);

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
    /// The error of a text as one of a larger text, in which the smaller one is the value at `pointer` and begins at
    /// `line` and `column`, both from 1.
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
}

/// The lines of a text. Counted from one position to the next, so that each byte is read once: an array can hold as
/// many errors as it has elements.
#[derive(Clone)]
pub(super) struct Lines<'t> {
    text: &'t str,
    offset: usize,
    breaks: usize,
    /// The offset of the line that `offset` is in.
    line_start: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, offset: 0, breaks: 0, line_start: 0 }
    }

    /// The line, from 1, and the column of an offset: how many bytes of its line come before it.
    pub(super) fn position(&mut self, offset: usize) -> (usize, usize) {
        if offset < self.offset {
            *self = Self::of(self.text);
        }
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        self.breaks += passed.matches('\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.line_start = self.offset + last + 1;
        }
        self.offset = offset;
        (self.breaks + 1, offset.saturating_sub(self.line_start))
    }
}
