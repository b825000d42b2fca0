//! Any text: no panic, no known message decoded as an unknown one, and errors with a position in the text.

use cardsavr_protocol::wire::{Content, Message, MessageError, Payload, log_items};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::samples::{self, KINDS};

/// A text of the tokens of messages, in any order.
fn tokens() -> impl Strategy<Value = String> {
    let token = select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "\\ud800",
        "null",
        "true",
        "1",
        "-",
        "1.5",
        "1e400",
        " ",
        "\n",
        "\u{0}",
        "é",
        "\"type\":",
        "\"job_status\"",
        "\"tfa_response\"",
        "\"at\":",
        "\"message\":",
        "\"status\":",
        "\"id\":",
        "\"jobs\":[",
        "\"credential_requests\":[",
        "\"job_id\":7",
        "\"envelope_id\":\"x\"",
    ]);
    proptest::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// A valid text with a few characters changed.
fn mutated() -> impl Strategy<Value = String> {
    let text = prop_oneof![samples::message(), samples::carrier()].prop_map(|sample| sample.input);
    let change = (any::<Index>(), select(vec!["", "\"", "{", "]", ",", "0", "null", "\\", "\n"]), 0..3usize);
    (text, proptest::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (index, inserted, removed) in changes {
            let ends: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = index.index(ends.len());
            let end = (start + removed).min(ends.len() - 1);
            text.replace_range(ends[start]..ends[end], inserted);
        }
        text
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), tokens(), mutated(), samples::json().prop_map(|value| value.to_string())]
}

/// Fails if an error's line and column are not in the text.
fn check(error: &MessageError, json: &str) -> Result<(), TestCaseError> {
    let line = error.line.checked_sub(1).and_then(|line| json.split('\n').nth(line));
    let Some(line) = line else { return Err(TestCaseError::fail(format!("no such line: {error}"))) };
    prop_assert!(error.column <= line.len(), "no such column: {}", error);
    prop_assert!(error.pointer.is_empty() || error.pointer.starts_with('/'));
    Ok(())
}

proptest! {
    #[test]
    fn no_text_panics(json in any_text()) {
        if let Err(error) = Message::from_json(&json) {
            check(&error, &json)?;
        }
        if let Err(error) = Payload::from_json(&json) {
            check(&error, &json)?;
        }
        let mut all = Vec::new();
        log_items(&json, |part| all.push(part));
        for pair in all.windows(2) {
            prop_assert!(pair[0].offset < pair[1].offset, "in the order of the text");
        }
        for part in all {
            let text = json.get(part.offset..).ok_or_else(|| TestCaseError::fail("no such offset"))?;
            match part.content {
                // An item is decoded as it would be alone.
                Ok(Content::Message(message)) => {
                    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
                    let alone = values.next().transpose()?.map(|raw| Message::from_json(raw.get()));
                    prop_assert_eq!(alone, Some(Ok(message)));
                }
                Ok(Content::Job(_) | Content::Notified(_)) => {
                    prop_assert_eq!(text.as_bytes().first(), Some(&b'{'));
                }
                Ok(other) => panic!("a new content: {other:?}"),
                Err(error) => check(&error, &json)?,
            }
        }
    }

    /// A malformed message of a known kind is never decoded as one of an unknown kind.
    #[test]
    fn a_malformed_known_message_is_not_an_unknown_one(json in prop_oneof![mutated(), tokens(), faulty()]) {
        if let Ok(Message::Unknown(message)) = Message::from_json(&json) {
            prop_assert!(!KINDS.contains(&message.kind.text()));
            // The `type` of the object itself, not of a nested one.
            if let Ok(value) = serde_json::from_str::<Value>(&json) {
                // A request without a `type` has an empty one.
                let kind = value.get("type").map_or(Some(""), Value::as_str);
                prop_assert_eq!(Some(message.kind.text()), kind);
            }
        }
    }

    #[test]
    fn a_known_message_with_a_fault_is_an_error(json in faulty()) {
        let error = Message::from_json(&json).expect_err("it has a fault");
        check(&error, &json)?;
        prop_assert!(Payload::from_json(&json).is_err());
    }
}

/// A known message with one required field absent, `null` or of a type that fits nowhere.
fn faulty() -> impl Strategy<Value = String> {
    (samples::known_message(), any::<Index>(), 0..3).prop_map(|(sample, index, fault)| {
        let mut value = sample.output;
        let kind = value["type"].as_str().expect("it has a type").to_owned();
        let required: &[(&str, &str)] = match kind.as_str() {
            "job_status" => &[("", "job_id"), ("", "message"), ("/message", "status")],
            // A credential_response may have any `message` but `null`, for the conformance rules to find.
            "credential_response" => &[("", "envelope_id")],
            "tfa_response" => &[("", "envelope_id"), ("", "message")],
            _ => &[("", "job_id"), ("", "envelope_id")],
        };
        let (parent, field) = required[index.index(required.len())];
        let object = value.pointer_mut(parent).and_then(Value::as_object_mut).expect("it is an object");
        match fault {
            0 => object.remove(field),
            1 => object.insert(field.into(), Value::Null),
            _ => object.insert(field.into(), Value::from([true])),
        };
        value.to_string()
    })
}
