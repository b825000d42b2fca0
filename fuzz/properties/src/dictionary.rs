//! The words of the protocol, for libFuzzer to make inputs of. They are taken from the types, so that none is missing.

use std::cell::RefCell;
use std::collections::BTreeSet;

use cardsavr_protocol::wire::{
    CredentialResponse, JobEntity, JobStatusMessage, MessageKind, Notification, NotifiedJob, Request,
    StatusBody, TfaResponse,
};
use cardsavr_protocol::{Status, TerminationType};
use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// Names of fields that no type's own list has: they tell what a value is, or are read by themselves.
const SHAPES: [&str; 6] = ["type", "at", "message", "payload", "jobs", "credential_requests"];

/// JSON, and what is nearly JSON.
const JSON: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "{}",
    "[]",
    "\"\"",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "101.0",
    "1e999",
    "10000",
    "9223372036854775808",
    "18446744073709551616",
    "\"1586\"",
    "\"submitted\"",
    "\"2021-09-28T00:00:00Z\"",
    "\\ud800",
    "\r\n",
];

/// Steps of JSON Pointers.
const POINTERS: [&str; 5] = ["/message", "/0", "/-", "~0", "~1"];

/// The dictionary, as libFuzzer reads one.
pub fn dictionary() -> String {
    let spellings = Status::ALL.iter().flat_map(|status| [&[status.as_str()], status.aliases()].concat());
    let termination_types = TerminationType::ALL.iter().map(Into::into);
    let kinds = MessageKind::ALL.iter().map(Into::into);
    let words: Vec<&str> = spellings.chain(termination_types).chain(kinds).collect();

    let mut text = String::from(
        "# The words of the protocol. A test of `cardsavr-properties` derives them from the types and compares.\n",
    );
    section(
        &mut text,
        "Statuses, their other spellings, termination types and kinds of message",
        &quoted(&words, ""),
    );
    section(&mut text, "Fields", &quoted(&field_names(), ":"));
    section(&mut text, "JSON, and nearly", &JSON.map(str::to_owned));
    section(&mut text, "JSON Pointers", &POINTERS.map(str::to_owned));
    text
}

fn quoted(words: &[&str], after: &str) -> Vec<String> {
    words.iter().map(|word| format!("\"{word}\"{after}")).collect()
}

fn section(text: &mut String, title: &str, entries: &[String]) {
    text.extend(["\n# ", title, "\n"]);
    for entry in entries {
        let escaped = entry.bytes().map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        });
        text.extend([String::from("\""), escaped.collect(), String::from("\"\n")]);
    }
}

/// The names of all fields of messages and of what carries them.
pub fn field_names() -> Vec<&'static str> {
    let of_types = [
        fields_of::<JobStatusMessage<'_>>(),
        fields_of::<StatusBody<'_>>(),
        fields_of::<Request<'_>>(),
        fields_of::<TfaResponse<'_>>(),
        fields_of::<CredentialResponse<'_>>(),
        fields_of::<JobEntity<'_>>(),
        fields_of::<Notification<'_>>(),
        fields_of::<NotifiedJob<'_>>(),
    ];
    let names: BTreeSet<&str> = SHAPES.into_iter().chain(of_types.into_iter().flatten().copied()).collect();
    names.into_iter().collect()
}

/// The fields that a type asks for when it is read.
fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let asked = RefCell::new(&[][..]);
    assert!(T::deserialize(Asked(&asked)).is_err(), "there is nothing to read");
    asked.into_inner()
}

/// Notes the fields that it is asked for, and has nothing to give.
struct Asked<'f>(&'f RefCell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0.borrow_mut() = fields;
        Err(Error::custom("only the fields are asked for"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("this is no struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
