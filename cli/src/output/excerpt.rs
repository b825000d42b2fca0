//! A message as it may be shown: no string of it but its type, its status and its termination type, and no number
//! but those of the protocol. Anything else could be a secret.

use cardsavr_protocol::message::MessageKind;
use serde_json::Value;

/// The fields whose values may be shown, in the order in which they are.
const SHOWN: [&str; 8] =
    ["type", "job_id", "id", "status", "job_status", "termination_type", "percent_complete", "job_timeout"];

/// Of these, the ones whose values may be strings.
const WORDS: [&str; 4] = ["type", "status", "job_status", "termination_type"];

/// The JSON value that a text begins with, as it may be shown; none where there is none.
pub fn excerpt(text: &str) -> Option<String> {
    let value = serde_json::Deserializer::from_str(text).into_iter().next()?.ok()?;
    Some(show_object(&value))
}

fn show_object(value: &Value) -> String {
    let Some(object) = value.as_object() else { return "…".into() };
    let shown =
        SHOWN.iter().filter_map(|&key| Some(format!("\"{key}\":{}", show_value(key, object.get(key)?))));
    let mut fields: Vec<String> = shown.collect();
    if let Some(message) = object.get("message") {
        // In any other kind of message, a field of that name may be anything.
        let kind = object.get("type").and_then(Value::as_str).and_then(|kind| kind.parse().ok());
        let message = if kind.is_some_and(tells_status) { show_object(message) } else { "…".into() };
        fields.push(format!("\"message\":{message}"));
    }
    if object.keys().any(|key| key != "message" && !SHOWN.contains(&key.as_str())) {
        fields.push("…".into());
    }
    format!("{{{}}}", fields.join(","))
}

/// Whether a kind of message tells a status in its `message`.
fn tells_status(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::JobStatus | MessageKind::TfaRequest | MessageKind::CredentialRequest)
}

fn show_value(key: &str, value: &Value) -> String {
    match value {
        Value::String(_) if WORDS.contains(&key) => value.to_string(),
        Value::Number(_) if !WORDS.contains(&key) => value.to_string(),
        Value::Null => "null".into(),
        _ => "…".into(),
    }
}
