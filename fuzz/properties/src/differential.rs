//! Compares three readers of a text: the parser, the published schemas, and an independent reader of a JSON value.

// The single list of intended differences between the parser and the schemas.
#[path = "../../../tests/schemas/differences.rs"]
#[expect(dead_code, reason = "only the tests of the schemas use the examples")]
mod differences;
mod plain;
mod repeats;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cardsavr_protocol::wire::{Message, Payload, RequestKind};
use jsonschema::Validator;
use serde::de::IgnoredAny;
use serde_json::Value;

use differences::{may_differ, taken_by_type};
use repeats::Repeats;

macro_rules! published {
    ($($document:literal),+) => {
        [
            $(($document, include_str!(concat!("../../../schemas/accepted/", $document, ".schema.json"))),)+
            ("unknown_message", include_str!("../../../schemas/unknown_message.schema.json")),
        ]
    };
}

/// The published schemas of input, by name.
static SCHEMAS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let schemas = published!(
        "job_status",
        "tfa_request",
        "credential_request",
        "tfa_response",
        "credential_response",
        "initial_account_link",
        "tfa",
        "tfa_message",
        "security",
        "link_response",
        "poll",
        "job",
        "notification",
        "messages"
    );
    let validator = |schema| {
        let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
        jsonschema::validator_for(&schema).expect("it is a schema")
    };
    schemas.map(|(document, schema)| (document, validator(schema))).into()
});

/// Any text: all three give the same verdict, and the parser and the independent reader give the same value.
pub fn differential(bytes: &[u8]) {
    let json = String::from_utf8_lossy(bytes);
    let message = Message::from_json(&json);
    let carrier = Payload::from_json(&json);

    let Ok(value) = serde_json::from_str::<Value>(&json) else {
        // Skipped fields may have numbers and characters that a `Value` can't represent; the parser accepts such a text.
        // It refuses a text that isn't JSON.
        let is_json = serde_json::from_str::<IgnoredAny>(&json).is_ok();
        // A poll without a body is empty.
        let is_blank = json.trim_matches([' ', '\t', '\n', '\r']).is_empty();
        assert!(is_json || (message.is_err() && (is_blank || carrier.is_err())), "{json:?} is not JSON");
        return;
    };

    match (&carrier, plain::carrier(&value)) {
        // The other two don't detect duplicate fields.
        (Err(_), _) if serde_json::from_str::<Repeats>(&json).is_ok_and(|Repeats(has_some)| has_some) => {
            return;
        }
        (Ok(carrier), Some(plain)) => {
            let printed = serde_json::to_string(carrier).expect("what was read can be printed");
            let read: Value = serde_json::from_str(&printed).expect("what is printed is JSON");
            assert_eq!(read, plain, "{json}");
        }
        (Err(_), None) => {}
        (ours, theirs) => panic!("{json}: the parser reads {ours:?}, the plain reading is {theirs:?}"),
    }

    for document in SCHEMAS.keys() {
        if !may_differ(document, &value) {
            let takes = is_read_as(document, message.as_ref().ok(), carrier.as_ref().ok());
            let is_valid =
                taken_by_type(document, &value, |document, value| SCHEMAS[document].is_valid(value));
            assert_eq!(takes, is_valid, "{document}: {json}");
        }
    }
}

/// Whether the parser reads a text as what the schema describes.
fn is_read_as(document: &str, message: Option<&Message>, carrier: Option<&Payload>) -> bool {
    let is_request = |wanted| matches!(message, Some(Message::Request(request)) if request.kind == wanted);
    match document {
        "job_status" => matches!(message, Some(Message::JobStatus(_))),
        "tfa_response" => matches!(message, Some(Message::TfaResponse(_))),
        "credential_response" => matches!(message, Some(Message::CredentialResponse(_))),
        "link_response" => matches!(message, Some(Message::LinkResponse(_))),
        "unknown_message" => matches!(message, Some(Message::Unknown(_))),
        "poll" => matches!(carrier, Some(Payload::Poll(_))),
        "job" => matches!(carrier, Some(Payload::Job(_))),
        "notification" => matches!(carrier, Some(Payload::Notification(_))),
        "messages" => carrier.is_some(),
        other => match other.parse::<RequestKind>() {
            Ok(kind) => is_request(kind),
            Err(error) => panic!("there is no schema {other}: {error}"),
        },
    }
}
