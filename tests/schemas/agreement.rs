//! Parser and schemas agree: output is valid by the strict schemas, the parser accepts what the lenient ones accept, and
//! the strict ones are subsets of the lenient ones.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cardsavr_protocol::export::schema::{Contract, Document, Draft};
use cardsavr_protocol::wire::{Message, Payload, RequestKind, log_items};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::differences::{self, DIFFERENCES, may_differ};
use crate::samples::{self, Sample};
use crate::{validator, value_of};

type Validators = BTreeMap<&'static str, Validator>;

static EMITTED: LazyLock<Validators> = LazyLock::new(|| validators(Contract::Emitted));
static ACCEPTED: LazyLock<Validators> = LazyLock::new(|| validators(Contract::Accepted));

fn validators(contract: Contract) -> Validators {
    let read = Document::all().iter().filter(|document| document.is_read);
    read.map(|document| (document.name, validator(&value_of(document, contract, Draft::V2020_12)))).collect()
}

/// Whether the parser accepts a text as what the document describes.
fn parser_takes(document: &str, json: &str) -> bool {
    let message = Message::from_json(json);
    let carrier = Payload::from_json(json);
    let request =
        |wanted: RequestKind| matches!(&message, Ok(Message::Request(request)) if request.kind == wanted);
    match document {
        "job_status" => matches!(message, Ok(Message::JobStatus(_))),
        "tfa_response" => matches!(message, Ok(Message::TfaResponse(_))),
        "credential_response" => matches!(message, Ok(Message::CredentialResponse(_))),
        "link_response" => matches!(message, Ok(Message::LinkResponse(_))),
        "unknown_message" => matches!(message, Ok(Message::Unknown(_))),
        "poll" => matches!(carrier, Ok(Payload::Poll(_))),
        "job" => matches!(carrier, Ok(Payload::Job(_))),
        "notification" => matches!(carrier, Ok(Payload::Notification(_))),
        "messages" => carrier.is_ok(),
        other => match other.parse() {
            Ok(kind) => request(kind),
            Err(error) => panic!("who reads {other}? {error}"),
        },
    }
}

fn schema_takes(document: &str, json: &str) -> bool {
    serde_json::from_str(json).is_ok_and(|value: Value| ACCEPTED[document].is_valid(&value))
}

fn taken_by_type(document: &str, value: &Value) -> bool {
    differences::taken_by_type(document, value, |document, value| ACCEPTED[document].is_valid(value))
}

/// A replacement for a value: of the right kind, almost, or of any.
fn replacement() -> impl Strategy<Value = Value> {
    let words =
        select(vec!["job_status", "tfa_response", "AUTH", "CANCELED", "BILLABLE", "submitted", "", "101"]);
    let numbers =
        [json!(0), json!(-1), json!(101), json!(1.0), json!(1.5), json!(u64::MAX), json!(1e300), json!(-0.0)];
    prop_oneof![
        Just(Value::Null),
        words.prop_map(Value::from),
        select(numbers.to_vec()),
        select(vec![json!([]), json!({}), json!(true), json!({ "status": "AUTH" })]),
        samples::json(),
    ]
}

/// A change of a value at some position in a message.
#[derive(Clone, Debug)]
enum Change {
    Remove,
    Replace(Value),
    Add(&'static str, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let names = vec![
        "type",
        "job_id",
        "id",
        "message",
        "envelope_id",
        "status",
        "termination_type",
        "percent_complete",
        "job_timeout",
        "status_message",
        "jobs",
        "job_status",
        "credential_requests",
        "at",
        "cuid",
        "account_link",
    ];
    prop_oneof![
        Just(Change::Remove),
        replacement().prop_map(Change::Replace),
        (select(names), replacement()).prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

/// Every position in a value, as a pointer.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(i, inner)| (i.to_string(), inner)).collect()
        }
        Value::Object(object) => {
            object.iter().map(|(name, inner)| (name.replace('~', "~0").replace('/', "~1"), inner)).collect()
        }
        _ => Vec::new(),
    };
    for (name, inner) in inner {
        self::places(inner, &format!("{at}/{name}"), places);
    }
}

fn apply(value: &mut Value, place: Index, change: Change) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let place = place.get(&all);
    match change {
        Change::Remove => {
            let Some((parent, name)) = place.rsplit_once('/') else { return };
            match value.pointer_mut(parent) {
                Some(Value::Object(object)) => _ = object.remove(&name.replace("~1", "/").replace("~0", "~")),
                Some(Value::Array(elements)) => _ = elements.remove(name.parse().expect("it is an index")),
                _ => {}
            }
        }
        Change::Replace(new) => *value.pointer_mut(place).expect("it is a place") = new,
        Change::Add(name, new) => {
            if let Some(Value::Object(object)) = value.pointer_mut(place) {
                object.insert(name.to_owned(), new);
            }
        }
    }
}

/// A message or a payload as input, with up to three changes.
fn any_value() -> impl Strategy<Value = Value> {
    let sample = prop_oneof![samples::message(), samples::carrier()];
    (sample, proptest::collection::vec((any::<Index>(), change()), 0..4)).prop_map(|(sample, changes)| {
        let mut value = serde_json::from_str(&sample.input).expect("a sample is JSON");
        for (place, change) in changes {
            apply(&mut value, place, change);
        }
        value
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn parser_and_schema_give_the_same_verdict(value in any_value()) {
        let json = value.to_string();
        for document in ACCEPTED.keys().filter(|document| !may_differ(document, &value)) {
            prop_assert_eq!(parser_takes(document, &json), taken_by_type(document, &value), "{}: {}", document, json);
        }
    }

    /// Decoded item by item, as in a log, a notification has a fault if it has one as a whole.
    #[test]
    fn a_notification_is_malformed_as_a_whole_and_by_item(value in any_value()) {
        let json = value.to_string();
        let is_other = ["type", "at"].iter().any(|field| value.get(field).is_some());
        if value.get("jobs").is_some() && !is_other {
            let mut faults = 0;
            log_items(&json, |part| faults += usize::from(part.content.is_err()));
            prop_assert_eq!(Payload::from_json(&json).is_ok(), faults == 0, "{}", json);
        }
    }

    #[test]
    fn the_lenient_schema_allows_all_that_the_strict_one_does(value in any_value()) {
        for (document, strict) in &*EMITTED {
            prop_assert!(!strict.is_valid(&value) || ACCEPTED[document].is_valid(&value), "{}: {}", document, value);
        }
    }
}

proptest! {
    #[test]
    fn output_is_valid_input(Sample { input, .. } in prop_oneof![samples::message(), samples::carrier()]) {
        let emitted = serde_json::to_value(Payload::from_json(&input)?)?;
        prop_assert!(may_differ("messages", &emitted) || taken_by_type("messages", &emitted), "{}", emitted);
    }

    #[test]
    fn output_is_valid_by_the_strict_schemas(Sample { input, .. } in samples::known_message()) {
        let emitted = serde_json::to_value(Message::from_json(&input)?)?;
        let kind = emitted["type"].as_str().expect("it has a type");
        // Any other text is kept, for the conformance rules to find.
        let is_fault = kind == "credential_response" && emitted["message"] != "submitted";
        prop_assert_eq!(EMITTED[kind].is_valid(&emitted), !is_fault, "{}", emitted);
        prop_assert_eq!(EMITTED["messages"].is_valid(&emitted), !is_fault, "{}", emitted);
    }
}

/// The list of differences is correct: parser and schema differ on each example, as described.
#[test]
fn each_difference_is_one() {
    for difference in DIFFERENCES {
        let (document, json) = difference.example;
        assert_eq!(parser_takes(document, json), difference.parser_takes_it, "{}", difference.why);
        assert_eq!(schema_takes(document, json), !difference.parser_takes_it, "{}", difference.why);
    }
}

/// Texts on which the two schemas of a document differ.
#[test]
fn only_the_lenient_schemas_allow_these() {
    for (document, value) in [
        (
            "job_status",
            json!({ "type": "job_status", "job_id": 1, "message": { "status": "CREDS_RECEVIED" } }),
        ),
        (
            "job_status",
            json!({ "type": "job_status", "job_id": 1, "message": { "status": "AUTH", "job_timeout": null } }),
        ),
        ("tfa_request", json!({ "type": "tfa_request", "job_id": "1", "envelope_id": "e", "message": null })),
        (
            "credential_request",
            json!({ "type": "credential_request", "job_id": 1, "envelope_id": "e", "message": null }),
        ),
        (
            "tfa_response",
            json!({ "type": "tfa_response", "job_id": null, "envelope_id": "e", "message": "1" }),
        ),
        ("credential_response", json!({ "type": "credential_response", "envelope_id": "e", "message": {} })),
        ("link_response", json!({ "job_id": 1, "envelope_id": "e", "account_link": {}, "message": null })),
        ("poll", json!([{ "type": "tfa_request", "job_id": 1, "envelope_id": "e", "message": null }])),
        ("job", json!({ "id": 1, "status": "AUTH", "credential_requests": null })),
        ("notification", json!({ "jobs": [], "cuid": null })),
        ("messages", json!({ "id": 1, "status": "CANCELED" })),
    ] {
        assert!(parser_takes(document, &value.to_string()), "{document}");
        assert!(ACCEPTED[document].is_valid(&value), "{document}");
        assert!(!EMITTED[document].is_valid(&value), "{document}");
    }
    let two: Vec<_> = Document::all().iter().filter(|document| document.has_two_contracts()).collect();
    assert_eq!(two.len(), 14, "{two:?}");
}

#[test]
fn parser_and_schemas_refuse_these() {
    for (document, value) in [
        ("job_status", json!({ "type": "job_status", "job_id": 1, "message": {} })),
        ("job_status", json!({ "type": "job_status", "message": { "status": "AUTH" } })),
        ("job_status", json!({ "type": "job_status", "job_id": 1, "message": { "status": null } })),
        ("tfa_request", json!({ "type": "tfa_request", "job_id": true, "envelope_id": "e" })),
        ("tfa_request", json!({ "type": "tfa_request", "job_id": 1, "envelope_id": "e", "message": [] })),
        ("tfa_response", json!({ "type": "tfa_response", "envelope_id": "e", "message": 123_456 })),
        (
            "credential_response",
            json!({ "type": "credential_response", "envelope_id": "e", "message": null }),
        ),
        ("link_response", json!({ "job_id": 1, "envelope_id": "e" })),
        ("link_response", json!({ "job_id": 1, "envelope_id": "e", "account_link": { "pin": 1 } })),
        ("unknown_message", json!({ "type": "tfa_response" })),
        ("poll", json!([{ "type": "tfa_response" }])),
        ("job", json!({ "id": 1 })),
        ("notification", json!({ "jobs": null })),
        ("messages", json!({ "type": "job_status", "job_id": 1 })),
    ] {
        assert!(!parser_takes(document, &value.to_string()), "{document}: {value}");
        assert!(!ACCEPTED[document].is_valid(&value), "{document}: {value}");
    }
}
