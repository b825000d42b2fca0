//! The words of the protocol for libFuzzer, taken from the types so that none is missing.

use std::collections::BTreeSet;

use cardsavr_protocol::wire::{Field, MessageKind};
use cardsavr_protocol::{Status, TerminationType};

/// Names of fields that no message has, but which select how a value is read.
const SHAPES: [&str; 2] = ["at", "payload"];

/// JSON, and almost JSON.
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

/// The dictionary in libFuzzer's format.
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

/// The names of all fields of messages and of what contains them.
pub fn field_names() -> Vec<&'static str> {
    let names: BTreeSet<&str> = SHAPES.into_iter().chain(Field::all().map(|field| field.name)).collect();
    names.into_iter().collect()
}
