//! The corpus of messages for the generated types of other languages, and how the Rust types read each: the other
//! languages must read the same.
//!
//! `UPDATE_CORPUS=1 cargo test --test languages` rewrites `expected.jsonl`; without it, any difference is a failure.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cardsavr_protocol::wire::{Message, MessageKind, Payload};
use cardsavr_protocol::{Status, TerminationType};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// A line of the corpus.
#[derive(Deserialize)]
struct Item<'a> {
    name: String,
    /// The type to read the input as: a message, or a payload by the name of its schema.
    document: Document,
    /// The original text, with each number as written.
    #[serde(borrow)]
    input: &'a RawValue,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Document {
    Message,
    Poll,
    Job,
    Notification,
}

/// A line of the expected output: the value that the types read from the input, or that they refuse it.
#[derive(Serialize)]
struct Expected<'a> {
    name: &'a str,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Output(Box<Payload>),
    Error(String),
}

/// The prefix of the name of an item that must be refused.
const MALFORMED: &str = "malformed";

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/languages")
}

fn corpus() -> String {
    std::fs::read_to_string(directory().join("corpus.jsonl")).expect("the corpus can be read")
}

fn items(corpus: &str) -> Vec<Item<'_>> {
    corpus.lines().map(|line| serde_json::from_str(line).expect("a line is an item")).collect()
}

fn read(item: &Item<'_>) -> Outcome {
    let name = &item.name;
    let json = item.input.get();
    let carrier = match item.document {
        Document::Message => Message::from_json(json).map(Payload::Message),
        _ => Payload::from_json(json),
    };
    assert_eq!(carrier.is_err(), name.starts_with(MALFORMED), "{name}: {carrier:?}");
    let carrier = match carrier {
        Ok(carrier) => carrier,
        Err(error) => return Outcome::Error(error.to_string()),
    };
    let is_it = matches!(
        (item.document, &carrier),
        (Document::Message, Payload::Message(_))
            | (Document::Poll, Payload::Poll(_))
            | (Document::Job, Payload::Job(_))
            | (Document::Notification, Payload::Notification(_))
    );
    assert!(is_it, "{name}: it is read as another type");
    Outcome::Output(Box::new(carrier))
}

#[test]
fn the_expected_output_is_that_of_the_types() {
    let corpus = corpus();
    let mut lines = String::new();
    for item in &items(&corpus) {
        let expected = Expected { name: &item.name, outcome: read(item) };
        writeln!(lines, "{}", serde_json::to_string(&expected).expect("it is JSON")).expect("a String grows");
    }
    let path = directory().join("expected.jsonl");
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        std::fs::write(&path, &lines).expect("the file can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == lines, "tests/languages/expected.jsonl is out of date: UPDATE_CORPUS=1 rewrites it");
}

#[test]
fn each_name_is_unique() {
    let corpus = corpus();
    let items = items(&corpus);
    let names: BTreeSet<_> = items.iter().map(|item| &item.name).collect();
    assert_eq!(names.len(), items.len());
}

/// The schemas accept what the types accept, and reject what they refuse, for a reader that looks at the `type` first.
#[test]
fn the_schemas_accept_what_the_types_accept() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let validator = |path: &str| {
        let schema =
            std::fs::read_to_string(schemas.join(format!("{path}.schema.json"))).expect("it can be read");
        let schema = serde_json::from_str(&schema).expect("it is JSON");
        jsonschema::validator_for(&schema).expect("it is a schema")
    };
    let [poll, job, notification] =
        ["poll", "job", "notification"].map(|name| validator(&format!("accepted/{name}")));
    let unknown = validator("unknown_message");
    let is_poll = |mut messages: Vec<Value>| {
        messages.retain(|message| !unknown.is_valid(message));
        poll.is_valid(&Value::Array(messages))
    };
    for Item { name, document, input } in items(&corpus()) {
        let mut value: Value = serde_json::from_str(input.get()).expect("it is JSON");
        let is_valid = match document {
            Document::Message => is_poll(vec![value]),
            Document::Poll => is_poll(value.as_array().expect("a poll is one").clone()),
            Document::Job => {
                let requests = value["credential_requests"].take();
                job.is_valid(&value) && is_poll(requests.as_array().cloned().unwrap_or_default())
            }
            Document::Notification => notification.is_valid(&value),
        };
        assert_eq!(is_valid, !name.starts_with(MALFORMED), "{name}");
    }
}

#[test]
fn the_corpus_has_every_kind_status_and_termination_type_that_is_known() {
    let corpus = corpus();
    let has = |value: &str| corpus.contains(&format!("\"{value}\""));
    let kinds = MessageKind::ALL.iter().map(ToString::to_string);
    let statuses = Status::ALL.iter().map(ToString::to_string);
    let spellings = Status::ALL.iter().flat_map(|status| status.aliases()).map(ToString::to_string);
    let ends = TerminationType::ALL.iter().map(ToString::to_string);
    let missing: Vec<_> =
        kinds.chain(statuses).chain(spellings).chain(ends).filter(|value| !has(value)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
