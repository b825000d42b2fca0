//! A sound record, written again with pseudonyms in place of what may not be shown.
//!
//! All brackets and all white space that carry its structure stay, so that each message stays in its line. Whatever a
//! check would find of a value it finds of what stands for it: a text stays a text, a number that is no job's id none.

use std::borrow::Cow;
use std::fmt::Write;

use cardsavr_protocol::conformance::Settings;
use cardsavr_protocol::message::{JobId, MessageKind, Open, Text};
use cardsavr_protocol::{Status, TerminationType};

use super::pseudonym::Pseudonyms;
use super::role::{Object, Role, is_field};
use crate::pointer::{Pointer, index};
use crate::records::Nesting;

/// What half a character or another fault in a string is written as: a string with such a fault.
const UNREADABLE: &str = r#""\ud800""#;

/// The longest text that is taken for a word of the protocol. A password may look like one, but few are so simple.
const LONGEST_WORD: usize = 40;

/// What remains of the pointers to a record's message and time, from a value of it on.
#[derive(Clone, Copy, Default)]
struct Ways<'p> {
    message: Option<&'p [String]>,
    time: Option<&'p [String]>,
}

impl<'p> Ways<'p> {
    /// What remains after a step that `is_step` tells.
    fn after(self, is_step: impl Fn(&str) -> bool) -> Self {
        let after = |way: Option<&'p [String]>| {
            let (step, rest) = way?.split_first()?;
            is_step(step).then_some(rest)
        };
        Self { message: after(self.message), time: after(self.time) }
    }

    fn is_none(self) -> bool {
        self.message.is_none() && self.time.is_none()
    }
}

/// A value that begins.
#[derive(Clone, Copy, Default)]
struct Value<'p> {
    role: Role,
    ways: Ways<'p>,
}

impl<'p> Value<'p> {
    fn new(role: Role, ways: Ways<'p>) -> Self {
        let role = match ways {
            Ways { message: Some([]), .. } => Role::Carrier(0),
            Ways { time: Some([]), .. } => Role::Time,
            _ => role,
        };
        Self { role, ways }
    }
}

/// An array or object that has begun.
enum Level<'p> {
    /// An array of records.
    Records,
    Array {
        element: Role,
        ways: Ways<'p>,
        index: usize,
    },
    Object {
        object: Object,
        ways: Ways<'p>,
        value: Option<Value<'p>>,
    },
}

/// Writes records again.
pub struct Rewriter<'p> {
    pseudonyms: &'p Pseudonyms,
    message: Option<&'p Pointer>,
    time: Option<&'p Pointer>,
}

impl<'p> Rewriter<'p> {
    pub fn new(pseudonyms: &'p Pseudonyms, message: Option<&'p Pointer>, time: Option<&'p Pointer>) -> Self {
        Self { pseudonyms, message, time }
    }

    /// The record, which is sound JSON, as it may be shown.
    pub fn rewrite(&self, json: &str) -> String {
        let mut written = String::with_capacity(json.len());
        let mut levels: Vec<Level<'p>> = Vec::new();
        let mut rest = json;
        while let Some(&byte) = rest.as_bytes().first() {
            let length = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => keep(&mut written, byte),
                b'{' | b'[' => match self.level(&mut levels, rest) {
                    Some(level) => {
                        levels.push(level);
                        keep(&mut written, byte)
                    }
                    None => write_empty(&mut written, rest),
                },
                b'}' | b']' => {
                    levels.pop();
                    keep(&mut written, byte)
                }
                b'"' => {
                    let length = string_length(rest);
                    let string = rest.get(..length).unwrap_or_default();
                    if let Some(Level::Object { object, ways, value: value @ None }) = levels.last_mut() {
                        *value = Some(self.name(&mut written, string, *object, *ways));
                    } else {
                        let role = self.begin(&mut levels).role;
                        self.string(&mut written, string, role);
                    }
                    length
                }
                _ => {
                    let is_end =
                        |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
                    let length = rest.as_bytes().iter().position(is_end).unwrap_or(rest.len());
                    let role = self.begin(&mut levels).role;
                    self.literal(&mut written, rest.get(..length).unwrap_or_default(), role);
                    length
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        written
    }

    /// A record by itself, or one of an array of them.
    fn record(&self) -> Value<'p> {
        let message = self.message.map_or(&[][..], Pointer::steps);
        Value::new(Role::Other, Ways { message: Some(message), time: self.time.map(Pointer::steps) })
    }

    /// The value that begins here: the record, the value of a field, or the next of an array.
    fn begin(&self, levels: &mut [Level<'p>]) -> Value<'p> {
        match levels.last_mut() {
            None | Some(Level::Records) => self.record(),
            Some(Level::Array { element, ways, index: place }) => {
                let ways = ways.after(|step| index(step) == Some(*place));
                *place += 1;
                Value::new(*element, ways)
            }
            Some(Level::Object { value, .. }) => value.take().unwrap_or_default(),
        }
    }

    /// The array or object that `json` begins with; none where nobody looks into it.
    fn level(&self, levels: &mut [Level<'p>], json: &str) -> Option<Level<'p>> {
        let is_array = json.starts_with('[');
        // Pointers go from each record of an array, as from one by itself.
        if is_array && levels.is_empty() && (self.message.is_some() || self.time.is_some()) {
            return Some(Level::Records);
        }
        let Value { role, ways } = self.begin(levels);
        if is_array {
            let element = role.element();
            return (element != Role::Other || !ways.is_none()).then_some(Level::Array {
                element,
                ways,
                index: 0,
            });
        }
        let object = role.object(json);
        (object != Object::Other || !ways.is_none()).then_some(Level::Object { object, ways, value: None })
    }

    /// Writes the name of a field, and gives what its value is.
    fn name(&self, written: &mut String, name: &str, object: Object, ways: Ways<'p>) -> Value<'p> {
        let Some(text) = text(name) else {
            written.push_str(UNREADABLE);
            return Value::default();
        };
        let ways = ways.after(|step| step == text);
        if is_field(&text) || !ways.is_none() {
            quote(written, &text);
        } else {
            self.hide(written, &text);
        }
        Value::new(object.field(&text), ways)
    }

    fn string(&self, written: &mut String, string: &str, role: Role) {
        let Some(text) = text(string) else {
            written.push_str(UNREADABLE);
            return;
        };
        let is_kept = match role {
            Role::Word => is_word(&text),
            Role::JobId => JobId::Text(Cow::Borrowed(&text)).number().is_some(),
            Role::Submission => text == "submitted",
            Role::Time | Role::Date => {
                // As it is printed again, nothing else can stand in it.
                match text.parse::<jiff::Timestamp>() {
                    Ok(time) => quote(written, &time.to_string()),
                    Err(_) => self.hide(written, &text),
                }
                return;
            }
            _ => false,
        };
        if is_kept {
            quote(written, &text);
        } else if role == Role::Word && text.len() > Settings::MAX_WORD_BYTES {
            // A check does not remember a word of this length: nor may it remember what stands for it.
            _ = write!(
                written,
                "\"{:-<length$}\"",
                self.pseudonyms.of(&text).to_string(),
                length = text.len()
            );
        } else {
            self.hide(written, &text);
        }
    }

    /// Writes a number, `true`, `false` or `null`.
    fn literal(&self, written: &mut String, literal: &str, role: Role) {
        let number = || serde_json::from_str::<serde_json::Number>(literal).ok();
        match (role, literal) {
            (_, "null") => written.push_str("null"),
            (_, "true" | "false") => written.push_str("false"),
            (Role::Number, _) => written.push_str(literal),
            (Role::JobId, _) => match number().and_then(|number| number.as_u64()) {
                Some(id) => _ = write!(written, "{id}"),
                None => written.push_str("-1"),
            },
            (Role::Time, _) => match number().and_then(|number| number.as_i64()) {
                Some(time) => _ = write!(written, "{time}"),
                None => written.push_str("0.5"),
            },
            _ => _ = write!(written, "{}", self.pseudonyms.of(literal).number()),
        }
    }

    fn hide(&self, written: &mut String, text: &str) {
        _ = write!(written, "\"{}\"", self.pseudonyms.of(text));
    }
}

/// The text of a JSON string; none where it holds half a character.
fn text(string: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(string).ok().map(|text| text.0)
}

/// Whether a text can be shown as a word of the protocol, also as one that is newer than this version: it is one, or it
/// has the form of one.
fn is_word(text: &str) -> bool {
    let is_known = Open::<Status>::new(text).known().is_some()
        || Open::<TerminationType>::new(text).known().is_some()
        || Open::<MessageKind>::new(text).known().is_some();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    is_known
        || text.len() <= LONGEST_WORD
            && text.starts_with(|char: char| char.is_ascii_alphabetic())
            && text.bytes().all(is_part)
}

fn quote(written: &mut String, text: &str) {
    _ = write!(written, "{}", serde_json::Value::from(text));
}

fn keep(written: &mut String, byte: u8) -> usize {
    written.push(byte.into());
    1
}

/// Writes the array or object that `json` begins with without anything in it but its line breaks; gives its length.
fn write_empty(written: &mut String, json: &str) -> usize {
    let mut nesting = Nesting::default();
    let is_last = |byte: u8| {
        nesting.step(byte);
        nesting.is_closed()
    };
    let length = json.bytes().position(is_last).map_or(json.len(), |last| last + 1);
    let line_breaks = json.bytes().take(length).filter(|&byte| byte == b'\n').count();
    let (open, close) = if json.starts_with('[') { ('[', ']') } else { ('{', '}') };
    written.push(open);
    written.extend(std::iter::repeat_n('\n', line_breaks));
    written.push(close);
    length
}

/// The length of the string that `json` begins with.
fn string_length(json: &str) -> usize {
    let mut is_escaped = false;
    let is_last = |byte: u8| {
        let is_last = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_last
    };
    json.bytes().skip(1).position(is_last).map_or(json.len(), |last| last + 2)
}
