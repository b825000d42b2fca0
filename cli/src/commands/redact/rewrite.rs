//! Rewrites a valid record with pseudonyms instead of secrets.
//!
//! Brackets and white space are kept, so that each message stays on its line. A check finds the same in a pseudonym as in its
//! value: a text stays a text, and a number that is not a job id stays none. Nothing gets longer, so that a record within the
//! limits stays within them.

use std::borrow::Cow;
use std::fmt::Write;

use cardsavr_protocol::conformance::Settings;
use cardsavr_protocol::wire::{JobId, MessageKind, Open};
use cardsavr_protocol::{Status, TerminationType};

use super::pseudonym::Pseudonyms;
use super::role::{Object, Role, is_field};
use crate::input::pointer::{Pointer, index};
use crate::input::records::Nesting;

/// Replaces a string with an unpaired surrogate: the shortest such string.
const UNREADABLE: &str = r#""\ud800""#;

/// A number that is neither a job id nor a time; none is shorter.
const NEITHER: &str = "-0";

/// A field name, cut to the length of the original, used if a pointer would match the pseudonym.
const OTHER: &str = "other";

/// The length of the longest text that may be a word of the protocol. Few passwords look like one.
const LONGEST_WORD: usize = 40;

/// The remaining tokens of the pointers to a record's message and time, seen from a value.
#[derive(Clone, Copy, Default)]
struct Pointers<'p> {
    message: Option<&'p [String]>,
    time: Option<&'p [String]>,
}

impl<'p> Pointers<'p> {
    /// What remains after a token that satisfies `is_token`.
    fn after(self, is_token: impl Fn(&str) -> bool) -> Self {
        let after = |tokens: Option<&'p [String]>| {
            let (token, rest) = tokens?.split_first()?;
            is_token(token).then_some(rest)
        };
        Self { message: after(self.message), time: after(self.time) }
    }

    fn is_none(self) -> bool {
        self.message.is_none() && self.time.is_none()
    }
}

/// The context of a value.
#[derive(Clone, Copy, Default)]
struct Context<'p> {
    role: Role,
    /// Whether it is the time of a record as well.
    is_time: bool,
    pointers: Pointers<'p>,
}

impl<'p> Context<'p> {
    fn new(role: Role, pointers: Pointers<'p>) -> Self {
        let role = if matches!(pointers.message, Some([])) { Role::Payload(0) } else { role };
        Self { role, is_time: matches!(pointers.time, Some([])), pointers }
    }
}

/// An open array or object.
enum Container<'p> {
    /// An array of records.
    Records,
    Array {
        element: Role,
        pointers: Pointers<'p>,
        index: usize,
    },
    Object {
        object: Object,
        pointers: Pointers<'p>,
        value: Option<Context<'p>>,
    },
}

/// Rewrites records.
pub struct Rewriter<'p> {
    pseudonyms: &'p Pseudonyms,
    message: Option<&'p Pointer>,
    time: Option<&'p Pointer>,
}

impl<'p> Rewriter<'p> {
    pub fn new(pseudonyms: &'p Pseudonyms, message: Option<&'p Pointer>, time: Option<&'p Pointer>) -> Self {
        Self { pseudonyms, message, time }
    }

    /// Rewrites a record, which must be valid JSON.
    pub fn rewrite(&self, json: &str) -> String {
        let mut written = String::with_capacity(json.len());
        let mut open: Vec<Container<'p>> = Vec::new();
        let mut rest = json;
        while let Some(&byte) = rest.as_bytes().first() {
            let length = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => keep(&mut written, byte),
                b'{' | b'[' => match self.container(&mut open, rest) {
                    Some(container) => {
                        open.push(container);
                        keep(&mut written, byte)
                    }
                    None => write_empty(&mut written, rest),
                },
                b'}' | b']' => {
                    open.pop();
                    keep(&mut written, byte)
                }
                b'"' => {
                    let length = string_length(rest);
                    let string = rest.get(..length).unwrap_or_default();
                    if let Some(Container::Object { object, pointers, value: value @ None }) = open.last_mut()
                    {
                        *value = Some(self.name(&mut written, string, *object, *pointers));
                    } else {
                        let value = self.begin(&mut open);
                        self.string(&mut written, string, value);
                    }
                    length
                }
                _ => {
                    let is_end =
                        |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
                    let length = rest.as_bytes().iter().position(is_end).unwrap_or(rest.len());
                    let value = self.begin(&mut open);
                    self.literal(&mut written, rest.get(..length).unwrap_or_default(), value);
                    length
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        written
    }

    /// The context of a record, alone or in an array.
    fn record(&self) -> Context<'p> {
        let message = self.message.map_or(&[][..], Pointer::tokens);
        Context::new(Role::Other, Pointers { message: Some(message), time: self.time.map(Pointer::tokens) })
    }

    /// The context of the value that begins here: a record, the value of a field, or an element.
    fn begin(&self, open: &mut [Container<'p>]) -> Context<'p> {
        match open.last_mut() {
            None | Some(Container::Records) => self.record(),
            Some(Container::Array { element, pointers, index: place }) => {
                let pointers = pointers.after(|token| index(token) == Some(*place));
                *place += 1;
                Context::new(*element, pointers)
            }
            Some(Container::Object { value, .. }) => value.take().unwrap_or_default(),
        }
    }

    /// The array or object that `json` begins with; `None` if its content is dropped.
    fn container(&self, open: &mut [Container<'p>], json: &str) -> Option<Container<'p>> {
        let is_array = json.starts_with('[');
        // Pointers apply to each record of an array.
        if is_array && open.is_empty() && (self.message.is_some() || self.time.is_some()) {
            return Some(Container::Records);
        }
        let Context { role, pointers, .. } = self.begin(open);
        if is_array {
            let element = role.element();
            return (element != Role::Other || !pointers.is_none()).then_some(Container::Array {
                element,
                pointers,
                index: 0,
            });
        }
        let object = role.object(json);
        (object != Object::Other || !pointers.is_none()).then_some(Container::Object {
            object,
            pointers,
            value: None,
        })
    }

    /// Writes the name of a field, and returns the context of its value.
    fn name(&self, written: &mut String, name: &str, object: Object, pointers: Pointers<'p>) -> Context<'p> {
        let Some(text) = text(name) else {
            written.push_str(UNREADABLE);
            return Context::default();
        };
        let after = pointers.after(|token| token == text);
        if is_field(&text) || !after.is_none() {
            quote(written, &text);
        } else {
            // A pointer must not match the new name.
            let names = [self.pseudonyms.text(&text), OTHER.get(..text.len()).unwrap_or(OTHER).into()];
            let name =
                names.into_iter().find(|name: &String| pointers.after(|token| token == *name).is_none());
            quote(written, &name.unwrap_or_default());
        }
        let value = Context::new(object.field(&text), after);
        Context { is_time: value.is_time || object.is_time(&text), ..value }
    }

    fn string(&self, written: &mut String, string: &str, value: Context<'_>) {
        let Some(text) = text(string) else {
            written.push_str(UNREADABLE);
            return;
        };
        let Context { role, is_time, .. } = value;
        if let Some(time) = time(&text).filter(|_| is_time || role == Role::Date) {
            // Only the time matters here; other texts may be compared with each other.
            let is_only_time = matches!(role, Role::Date | Role::Other | Role::Payload(_));
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
                    // A check does not remember a word of this length, so it must not remember its pseudonym either.
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
    fn literal(&self, written: &mut String, literal: &str, value: Context<'_>) {
        let Context { role, is_time, .. } = value;
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

/// The text of a JSON string; `None` if it has an unpaired surrogate.
fn text(string: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<String>(string).ok().map(Cow::Owned)
}

fn time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

/// A time without its annotations in square brackets, which may contain anything.
fn without_annotations(time: &str) -> &str {
    time.split_once('[').map_or(time, |(time, _)| time)
}

/// Whether a text is kept as a word of the protocol: it is a known one, or has the form of one.
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

/// Writes the array or object that `json` begins with, empty but for its line breaks; returns its length.
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
