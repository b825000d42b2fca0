//! What the derived schemas of messages lack.

use alloc::string::ToString;
use alloc::vec::Vec;

use schemars::transform::Transform;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::MessageKind;

/// Gives the schema of a message its `type`: in a union it tells the members apart.
pub(crate) fn of_kind(kind: MessageKind) -> impl Transform {
    move |schema: &mut Schema| {
        let object = schema.ensure_object();
        let tag = json_schema!({
            "description": "The kind of message.", "type": "string", "const": kind.to_string(),
        });
        if let Some(properties) =
            object.entry("properties").or_insert(Value::Object(Map::new())).as_object_mut()
        {
            properties.insert("type".into(), tag.into());
        }
        if let Some(required) = object.entry("required").or_insert(Value::Array(Vec::new())).as_array_mut() {
            required.retain(|name| name != "type");
            required.insert(0, "type".into());
        }
    }
}

/// Gives the schema of a response without a `type` what tells it from other messages: it has none, and an answer.
pub(crate) fn untyped(schema: &mut Schema) {
    // Validators in strict mode want each required property to be declared beside it.
    let has = |name: &str, description: &str| json!({ "properties": { name: { "description": description } }, "required": [name] });
    schema.insert("not".into(), has("type", "The kind of message."));
    let answers = [has("account_link", "The values."), has("message", "The TFA code.")];
    schema.insert("anyOf".into(), answers.into_iter().collect());
}
