//! The general decoder: it defines how a JSON text is read. Faults are typed and have their place where they are found.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;
use core::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Lines, Place};
use super::{Fault, Field, FieldType, Json, MessageError, MessageKind, Open, OtherFields};

/// A JSON value in a text. The text of the value is known to be JSON, without white space around it.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    /// The offset of the value in the whole text, in bytes.
    pub(super) offset: usize,
}

/// A fault in a text, with its place.
#[derive(Debug)]
pub(super) struct Misfit {
    /// The steps from the value to the fault, from the inside out.
    steps: Vec<Step>,
    /// The offset at which reading stops, in bytes of the whole text.
    offset: usize,
    fault: Fault,
}

#[derive(Debug)]
pub(super) enum Step {
    Key(&'static str),
    Index(usize),
}

impl Misfit {
    /// The same fault, as one of the value that contains the faulty one.
    pub(super) fn inside(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn pointer(&self) -> String {
        self.steps.iter().rev().fold(String::new(), |pointer, step| match step {
            Step::Key(key) => format!("{pointer}/{key}"),
            Step::Index(index) => format!("{pointer}/{index}"),
        })
    }

    /// The fault as an error of the text whose lines are counted.
    pub(super) fn error(self, lines: &mut Lines<'_>) -> MessageError {
        let (line, column) = lines.position(self.offset);
        MessageError { pointer: self.pointer(), line, column, fault: self.fault }
    }
}

/// The fault without its position, for formats in which it has none.
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Place(&self.pointer(), &self.fault), self.fault)
    }
}

/// A type that is read from a JSON value.
pub(super) trait FromJson: Sized {
    /// What the value of a field of this type is.
    const TYPE: FieldType;
    /// What an array of such values is.
    const LIST: FieldType = FieldType::Messages;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit>;

    /// Whether a value stands for an absent one in a field that may be absent.
    fn is_absent(value: Value<'_>) -> bool {
        value.is_null()
    }

    /// Reads a text that consists of one such value.
    fn from_text(text: &str) -> Result<Self, MessageError> {
        let value = Value::parse(text)?;
        Self::from_value(value).map_err(|misfit| misfit.error(&mut Lines::of(text)))
    }
}

/// A type that is read from a JSON object.
pub(super) trait Object: Sized {
    /// What is expected where no object is.
    const EXPECTED: &'static str;
    /// What an array of such objects is.
    const LIST: FieldType = FieldType::Jobs;

    /// Makes the type of the fields. `None` only after a fault was recorded.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self>;
}

impl<T: Object> FromJson for T {
    // The only object that is a field of its own is that of a `job_status`.
    const TYPE: FieldType = FieldType::StatusBody;
    const LIST: FieldType = <T as Object>::LIST;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.fields(Self::EXPECTED)?.read_all()
    }
}

impl<'a> Value<'a> {
    /// The value that a text is.
    pub(super) fn parse(text: &'a str) -> Result<Self, MessageError> {
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(Self { text, offset: 0 }.part(raw)),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let fault = Fault::Json(reason(&error));
                Err(MessageError { pointer: String::new(), line, column, fault })
            }
        }
    }

    fn part(self, raw: &'a RawValue) -> Self {
        let within = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        Self { text: raw.get(), offset: self.offset + within }
    }

    pub(super) fn is_null(self) -> bool {
        self.text == "null"
    }

    /// The kind of the value, for errors. The value itself may be a secret.
    fn kind(self) -> &'static str {
        match self.text.as_bytes() {
            [b'"', ..] => "a string",
            [b'{', ..] => "an object",
            [b'[', ..] => "an array",
            [b't' | b'f', ..] => "a boolean",
            [b'n', ..] => "null",
            _ if self.text.parse::<u64>().is_ok() => "a number",
            _ if self.text.parse::<i64>().is_ok() => "a negative number",
            _ => "a number with a fraction or beyond 64 bits",
        }
    }

    /// A fault of this value: of an array or an object at its first byte, of any other value at its last.
    pub(super) fn misfit(self, fault: Fault) -> Misfit {
        let is_nested = self.text.starts_with(['[', '{']);
        let length = if is_nested { 1 } else { self.text.len() };
        Misfit { steps: vec![], offset: self.offset + length, fault }
    }

    /// The fault of a value that is not of the expected kind.
    pub(super) fn wrong(self, expected: &str) -> Misfit {
        self.misfit(Fault::WrongKind { found: self.kind(), expected: expected.into() })
    }

    /// The fault of a `type` that is another one than that expected.
    pub(super) fn other_kind(self, expected: &str) -> Misfit {
        self.misfit(Fault::WrongKind { found: "another kind of message", expected: expected.into() })
    }

    /// A value of a type that `serde_json` parses; JSON without such a value is unreadable.
    pub(super) fn leaf<T: Deserialize<'a>>(self, expected: &str, first: &[char]) -> Result<T, Misfit> {
        if !self.text.starts_with(first) {
            return Err(self.wrong(expected));
        }
        serde_json::from_str(self.text).map_err(|error| self.misfit(Fault::Unreadable(reason(&error))))
    }

    pub(super) fn string(self, expected: &str) -> Result<String, Misfit> {
        self.leaf(expected, &['"'])
    }

    pub(super) fn number(self, expected: &str) -> Result<serde_json::Number, Misfit> {
        self.leaf(expected, &['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    }

    /// The elements of an array.
    pub(super) fn elements(self) -> Result<impl Iterator<Item = Value<'a>>, Misfit> {
        let elements: Vec<&RawValue> = self.leaf("an array", &['['])?;
        Ok(elements.into_iter().map(move |raw| self.part(raw)))
    }

    /// The fields of an object.
    pub(super) fn fields(self, expected: &str) -> Result<Fields<'a>, Misfit> {
        let Entries(entries) = self.leaf(expected, &['{'])?;
        let entries = entries.into_iter().map(|(name, raw)| (name, self.part(raw))).collect();
        Ok(Fields { object: self, entries, fault: None })
    }
}

/// The message of a `serde_json` error for text that is not JSON or has no representable value. The message names what the
/// parser expected and contains nothing of the text. The position that `serde_json` adds is removed.
fn reason(error: &serde_json::Error) -> String {
    let text = format!("{error}");
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).into()
}

/// The fields of an object, in the order of the text.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<'a>(Cow<'a, str>);

        impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct NameVisitor;

                impl<'de> Visitor<'de> for NameVisitor {
                    type Value = Cow<'de, str>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a field's name")
                    }

                    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                        Ok(Cow::Borrowed(name))
                    }

                    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                        Ok(Cow::Owned(name.into()))
                    }
                }

                deserializer.deserialize_str(NameVisitor).map(Self)
            }
        }

        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Name(name), raw)) = map.next_entry()? {
                    entries.push((name, raw));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// The fields of an object while a type is made of them. Of several faults the first in the text is kept.
pub(super) struct Fields<'a> {
    pub(super) object: Value<'a>,
    entries: Vec<(Cow<'a, str>, Value<'a>)>,
    fault: Option<Misfit>,
}

impl<'a> Fields<'a> {
    /// The same fields with an empty array in place of a list that is read by itself.
    pub(super) fn emptied(mut self, list: &str) -> Self {
        for (_, value) in self.entries.iter_mut().filter(|(name, _)| name == list) {
            value.text = "[]";
        }
        self
    }

    /// Whether the object has a field, `null` or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(entry, _)| entry == name)
    }

    /// The value of a field that occurs once.
    pub(super) fn only(&self, name: &str) -> Option<Value<'a>> {
        let mut values = self.entries().filter(|(entry, _)| *entry == name).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }

    /// The value of a field, which is at fault if it occurs twice.
    pub(super) fn get(&mut self, name: &'static str) -> Option<Value<'a>> {
        let mut values = self.entries.iter().filter(|(entry, _)| entry == name).map(|(_, value)| *value);
        let (first, second) = (values.next(), values.next());
        if let Some(second) = second {
            // The name of the field ends before the colon.
            let before = self.object.text.get(..second.offset - self.object.offset).unwrap_or_default();
            let name_end = before.trim_end().trim_end_matches(':').trim_end().len();
            let offset = self.object.offset + name_end;
            self.fail(Misfit { steps: vec![Step::Key(name)], offset, fault: Fault::Repeated });
        }
        first
    }

    /// All fields, in the order of the text.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.entries.iter().map(|(name, value)| (&**name, *value))
    }

    /// A field that must be present.
    pub(super) fn required<T: FromJson>(&mut self, name: &'static str) -> Option<T> {
        if let Some(value) = self.get(name) {
            return self.field(name, value);
        }
        let offset = self.object.offset + self.object.text.len();
        self.fail(Misfit { steps: vec![Step::Key(name)], offset, fault: Fault::Missing });
        None
    }

    /// The fields that are not among these.
    pub(super) fn others(&self, known: &[Field]) -> OtherFields {
        let others = self.entries().filter(|(name, _)| known.iter().all(|field| field.name != *name));
        OtherFields(
            others.filter_map(|(name, value)| Some((name.into(), Json::from_value(value).ok()?))).collect(),
        )
    }

    /// A field that may be absent or `null`.
    pub(super) fn optional<T: FromJson>(&mut self, name: &'static str) -> Option<T> {
        let value = self.get(name).filter(|&value| !T::is_absent(value))?;
        self.field(name, value)
    }

    fn field<T: FromJson>(&mut self, name: &'static str, value: Value<'a>) -> Option<T> {
        T::from_value(value).map_err(|misfit| self.fail(misfit.inside(Step::Key(name)))).ok()
    }

    /// Records a fault unless the `type` is this one.
    pub(super) fn expect_kind(&mut self, kind: MessageKind) {
        if self.required::<Open<MessageKind>>("type").is_some_and(|found| found.known() != Some(kind)) {
            self.fail_kind(&kind.to_string());
        }
    }

    /// Records that the `type` is another one than that expected.
    pub(super) fn fail_kind(&mut self, expected: &str) {
        if let Some(value) = self.get("type") {
            self.fail(value.other_kind(expected).inside(Step::Key("type")));
        }
    }

    /// Records a fault.
    pub(super) fn fail(&mut self, misfit: Misfit) {
        if self.fault.as_ref().is_none_or(|first| misfit.offset < first.offset) {
            self.fault = Some(misfit);
        }
    }

    /// Whether a fault was recorded.
    pub(super) fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// The fault that was recorded.
    pub(super) fn fail_all<T>(self) -> Result<T, Misfit> {
        self.read(|_| None)
    }

    /// Makes a type of the fields.
    pub(super) fn read_all<T: Object>(self) -> Result<T, Misfit> {
        self.read(T::from_fields)
    }

    /// Makes something of the fields.
    pub(super) fn read<T>(mut self, make: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Misfit> {
        let result = make(&mut self);
        match (self.fault, result) {
            (None, Some(value)) => Ok(value),
            (Some(fault), _) => Err(fault),
            // Not reached: what can't be made is a fault.
            (None, None) => Err(self.object.wrong("another value")),
        }
    }
}

impl<T: Copy + FromStr + Into<&'static str>> FromJson for Open<T> {
    const TYPE: FieldType = FieldType::Word;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.string("a string").map(Self::new)
    }

    /// An empty word is none.
    fn is_absent(value: Value<'_>) -> bool {
        value.is_null() || value.text == "\"\""
    }
}

impl FromJson for bool {
    const TYPE: FieldType = FieldType::Flag;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.leaf("true or false", &['t', 'f'])
    }
}

impl FromJson for String {
    const TYPE: FieldType = FieldType::Name;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.string("a string")
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    const TYPE: FieldType = T::LIST;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let element = |(index, element)| {
            T::from_value(element).map_err(|misfit: Misfit| misfit.inside(Step::Index(index)))
        };
        value.elements()?.enumerate().map(element).collect()
    }
}

/// Implements `Deserialize` by [`FromJson`], for any format that describes itself.
macro_rules! deserialize {
    ($($type:ty),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::json::read(deserializer)
            }
        }
    )+};
}
pub(super) use deserialize;
