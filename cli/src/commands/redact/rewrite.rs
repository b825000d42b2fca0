//! A sound record, written again with pseudonyms in place of what may not be shown.
//!
//! All brackets and all white space that carry its structure stay, so that each message stays in its line. Whatever a
//! check would find of a value it finds of what stands for it: a text stays a text, a number that is no job's id none.
//! Nothing is longer than what it stands for, so that a record within the caps stays within them.

use std::borrow::Cow;
use std::fmt::Write;

use cardsavr_protocol::conformance::Settings;
use cardsavr_protocol::wire::{JobId, MessageKind, Open};
use cardsavr_protocol::{Status, TerminationType};

use super::pseudonym::Pseudonyms;
use super::role::{Object, Role, is_field};
use crate::input::pointer::{Pointer, index};
use crate::input::records::Nesting;

/// What half a character in a string is written as: the shortest string with such a fault.
const UNREADABLE: &str = r#""\ud800""#;

/// A number that is neither a job's id nor a time; no such number is shorter.
const NEITHER: &str = "-0";

/// Names of fields, cut to the length of what they stand for, where a pseudonym would lead a pointer there.
const OTHER: &str = "other";

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
    /// Whether it is the time of a record, besides.
    is_time: bool,
    ways: Ways<'p>,
}

impl<'p> Value<'p> {
    fn new(role: Role, ways: Ways<'p>) -> Self {
        let role = if matches!(ways.message, Some([])) { Role::Carrier(0) } else { role };
        Self { role, is_time: matches!(ways.time, Some([])), ways }
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
                        let value = self.begin(&mut levels);
                        self.string(&mut written, string, value);
                    }
                    length
                }
                _ => {
                    let is_end =
                        |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
                    let length = rest.as_bytes().iter().position(is_end).unwrap_or(rest.len());
                    let value = self.begin(&mut levels);
                    self.literal(&mut written, rest.get(..length).unwrap_or_default(), value);
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
        let Value { role, ways, .. } = self.begin(levels);
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
        let after = ways.after(|step| step == text);
        if is_field(&text) || !after.is_none() {
            quote(written, &text);
        } else {
            // None of these is a field, but a pointer may lead by one of them.
            let names = [self.pseudonyms.text(&text), OTHER.get(..text.len()).unwrap_or(OTHER).into()];
            let name = names.into_iter().find(|name: &String| ways.after(|step| step == *name).is_none());
            quote(written, &name.unwrap_or_default());
        }
        let value = Value::new(object.field(&text), after);
        Value { is_time: value.is_time || object.is_time(&text), ..value }
    }

    fn string(&self, written: &mut String, string: &str, value: Value<'_>) {
        let Some(text) = text(string) else {
            written.push_str(UNREADABLE);
            return;
        };
        let Value { role, is_time, .. } = value;
        if let Some(time) = time(&text).filter(|_| is_time || role == Role::Date) {
            // Other values may be compared with one that is more than a time.
            let is_only_time = matches!(role, Role::Date | Role::Other | Role::Carrier(_));
            let printed = Some(time.to_string()).filter(|time| is_only_time && time.len() <= text.len());
            return quote(written, printed.as_deref().unwrap_or_else(|| without_annotations(&text)));
        }
        let is_kept = match role {
            Role::Word => is_word(&text),
            Role::JobId => JobId::from(&*text).number().is_some(),
            Role::Submission => text == "submitted",
            _ => false,
        };
        if is_kept {
            return quote(written, &text);
        }
        let name = match role {
            Role::Word => {
                let mut name = self.pseudonyms.word(&text, is_word);
                if text.len() > Settings::MAX_WORD_BYTES {
                    // A check does not remember a word of this length: nor may it remember what stands for it.
                    name.extend(std::iter::repeat_n('-', text.len().saturating_sub(name.len())));
                }
                name
            }
            Role::JobId | Role::Envelope => self.pseudonyms.id(&text),
            _ => self.pseudonyms.text(&text),
        };
        quote(written, &name);
    }

    /// Writes a number, `true`, `false` or `null`.
    fn literal(&self, written: &mut String, literal: &str, value: Value<'_>) {
        let Value { role, is_time, .. } = value;
        let number = serde_json::from_str::<serde_json::Number>(literal).ok();
        let time = number.as_ref().filter(|_| is_time).and_then(serde_json::Number::as_i64);
        let id = number.as_ref().filter(|_| role == Role::JobId).and_then(serde_json::Number::as_u64);
        _ = match literal {
            "null" => write!(written, "null"),
            "true" | "false" => write!(written, "true"),
            _ if role == Role::Number => write!(written, "{literal}"),
            _ => match (time, id) {
                (Some(time), _) => write!(written, "{time}"),
                (None, Some(id)) => write!(written, "{id}"),
                (None, None) if is_time || role == Role::JobId => write!(written, "{NEITHER}"),
                (None, None) => write!(written, "{}", self.pseudonyms.number(literal)),
            },
        };
    }
}

/// The text of a JSON string; none where it holds half a character.
fn text(string: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<String>(string).ok().map(Cow::Owned)
}

fn time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

/// A time without what may follow it in square brackets, which is for anything. Nothing else can stand in a time.
fn without_annotations(time: &str) -> &str {
    time.split_once('[').map_or(time, |(time, _)| time)
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
