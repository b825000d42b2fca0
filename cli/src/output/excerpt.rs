//! A message as it may be shown: its type and its job; its status, termination type and numbers where it is one that
//! tells them. Anything else could be a secret.

use cardsavr_protocol::message::MessageKind;
use serde_json::{Map, Value};

/// What a message shows of itself.
const OF_A_MESSAGE: [&str; 2] = ["type", "job_id"];

/// What a `job_status` shows of its `message`.
const OF_A_STATUS: [&str; 4] = ["status", "termination_type", "percent_complete", "job_timeout"];

/// What a job shows, and a job of a notification.
const OF_A_JOB: [&str; 7] =
    ["job_id", "id", "status", "job_status", "termination_type", "percent_complete", "job_timeout"];

/// The fields whose values may be strings.
const WORDS: [&str; 4] = ["type", "status", "job_status", "termination_type"];

/// The JSON value that a text begins with, as it may be shown; none where there is none.
pub fn excerpt(text: &str) -> Option<String> {
    let value: Value = serde_json::Deserializer::from_str(text).into_iter().next()?.ok()?;
    Some(value.as_object().map_or("…".into(), show))
}

fn show(object: &Map<String, Value>) -> String {
    let Some(kind) = object.get("type") else { return show_fields(object, &OF_A_JOB, None) };
    let tells_status = kind.as_str().is_some_and(|kind| kind.parse() == Ok(MessageKind::JobStatus));
    let message = match object.get("message") {
        Some(Value::Object(body)) if tells_status => Some(show_fields(body, &OF_A_STATUS, None)),
        message => message.map(|_| "…".into()),
    };
    show_fields(object, &OF_A_MESSAGE, message)
}

/// Those of some fields that an object has, its `message` as it may be shown, and whether there is more.
fn show_fields(object: &Map<String, Value>, shown: &[&str], message: Option<String>) -> String {
    let field = |key: &&str| Some(format!("\"{key}\":{}", show_value(key, object.get(*key)?)));
    let mut fields: Vec<String> = shown.iter().filter_map(field).collect();
    fields.extend(message.map(|message| format!("\"message\":{message}")));
    if fields.len() < object.len() {
        fields.push("…".into());
    }
    format!("{{{}}}", fields.join(","))
}

fn show_value(key: &str, value: &Value) -> String {
    match value {
        Value::String(_) if WORDS.contains(&key) => value.to_string(),
        Value::Number(_) if !WORDS.contains(&key) => value.to_string(),
        Value::Null => "null".into(),
        _ => "…".into(),
    }
}
