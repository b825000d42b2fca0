//! All intended differences between the parser and the schemas of its input, with their reasons.

use serde_json::{Map, Value};

/// An intended difference.
pub(crate) struct Difference {
    /// Why the two differ.
    pub(crate) why: &'static str,
    /// The documents that have it; empty for all.
    pub(crate) documents: &'static [&'static str],
    /// A text on which they differ, and its document.
    pub(crate) example: (&'static str, &'static str),
    /// Whether the parser accepts the example.
    pub(crate) parser_takes_it: bool,
    /// Whether a value may show the difference. Always `false` if parsing the text into a value loses it.
    pub(crate) covers: fn(&Value) -> bool,
}

pub(crate) const DIFFERENCES: [Difference; 12] = [
    Difference {
        why: "To a schema 101.0 is a whole number, as 101 is. An id is taken to the letter, and no service sends it \
              so.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":101.0,"envelope_id":"e"}"#),
        parser_takes_it: false,
        covers: |value| has(value, &["job_id", "id", "account_id", "cardholder_id"], Value::is_f64),
    },
    Difference {
        why: "An id is 0 or more, and the schema doesn't say so: of a number with a limit, generators make a type of its \
              own, which whoever writes a message would have to name.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":-1,"envelope_id":"e"}"#),
        parser_takes_it: false,
        covers: |value| {
            has(value, &["job_id", "id", "account_id", "cardholder_id"], |id| {
                id.as_f64().is_some_and(|id| id < 0.0)
            })
        },
    },
    Difference {
        why: "Whole numbers of a schema have no end. An id has 64 bits, and the limit in the schema would be one that \
              many languages can't even write down.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":18446744073709551616,"envelope_id":"e"}"#),
        parser_takes_it: false,
        // A number of more than 64 bits is a double.
        covers: |value| has(value, &["job_id", "id", "account_id", "cardholder_id"], Value::is_f64),
    },
    Difference {
        why: "The same, of a time: 64 bits with a sign.",
        documents: &[],
        example: ("job", r#"{"id":1,"status":"AUTH","job_timeout":9223372036854775808}"#),
        parser_takes_it: false,
        covers: |value| {
            has(value, &["job_timeout"], |time| {
                time.as_i64().is_none() && time.as_f64().is_some_and(|time| time.abs() > 9e18)
            })
        },
    },
    Difference {
        why: "A schema sees an object's fields, not how often each stood in the text. Readers differ on which one \
              counts, so the parser takes none.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":1,"job_id":2,"envelope_id":"e"}"#),
        parser_takes_it: false,
        covers: |_| false,
    },
    Difference {
        why: "Fields that are passed over are not read: half a character in one spoils a message for those who must \
              read all of it, as a validator does.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":1,"envelope_id":"e","added":"\ud800"}"#),
        parser_takes_it: true,
        covers: |_| false,
    },
    Difference {
        why: "The same, of a number that no double holds.",
        documents: &[],
        example: ("tfa_request", r#"{"type":"tfa_request","job_id":1,"envelope_id":"e","added":1e400}"#),
        parser_takes_it: true,
        covers: |_| false,
    },
    Difference {
        why: "A message of a newer kind may stand wherever one may, and has a schema of its own, `unknown_message`: in \
              a choice of all kinds, generators would take a known message with a fault for one of these. A reader \
              looks at the `type` first.",
        documents: &["poll", "job", "messages"],
        example: ("poll", r#"[{"type":"selfie"}]"#),
        parser_takes_it: true,
        // The comparison also looks at the `type` first: `taken_by_type`.
        covers: |_| false,
    },
    Difference {
        why: "An empty poll may be `null`, or no text at all. Its schema is that of the array.",
        documents: &["messages", "poll"],
        example: ("poll", "null"),
        parser_takes_it: true,
        covers: Value::is_null,
    },
    Difference {
        why: "A message without a `type` is a request by its `account_link`, and the schemas of messages require a \
              `type`.",
        documents: &["unknown_message", "poll", "job", "messages"],
        example: ("unknown_message", r#"{"job_id":1,"envelope_id":"e","account_link":[]}"#),
        parser_takes_it: true,
        covers: |value| {
            has_object(value, |object| {
                !object.contains_key("type") && object.get("account_link").is_some_and(Value::is_array)
            })
        },
    },
    Difference {
        why: "Documents abridge a job to its requests. Its schema is that of the complete job.",
        documents: &["messages"],
        example: ("messages", r#"{"credential_requests":[]}"#),
        parser_takes_it: true,
        covers: |value| {
            let is_absent = |name| value.get(name).is_none();
            !is_absent("credential_requests") && is_absent("id") && is_absent("status")
        },
    },
    Difference {
        why: "A schema says what a job or a notification is to one who asked for it. The parser is handed anything, \
              and tells what it is by its fields: a `type` makes it a message, `jobs` a notification.",
        documents: &["job", "notification", "messages"],
        example: ("job", r#"{"type":"tfa_request","id":1,"status":"AUTH"}"#),
        parser_takes_it: false,
        covers: |value| {
            let marks = [&["type"][..], &["jobs"], &["id", "status"], &["at", "message"]];
            let has_all = |fields: &&[&str]| fields.iter().all(|field| value.get(field).is_some());
            marks.iter().filter(|fields| has_all(fields)).count() > 1
        },
    },
];

/// Whether any nested object satisfies the predicate.
fn has_object(value: &Value, is_such: fn(&Map<String, Value>) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|inner| has_object(inner, is_such)),
        Value::Object(object) => is_such(object) || object.values().any(|inner| has_object(inner, is_such)),
        _ => false,
    }
}

/// Whether any nested field with one of these names satisfies the predicate.
fn has(value: &Value, fields: &[&str], is_such: fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|inner| has(inner, fields, is_such)),
        Value::Object(object) => object.iter().any(|(name, inner)| {
            (fields.contains(&name.as_str()) && is_such(inner)) || has(inner, fields, is_such)
        }),
        _ => false,
    }
}

/// Whether an intended difference may apply to a value.
pub(crate) fn may_differ(document: &str, value: &Value) -> bool {
    DIFFERENCES.iter().any(|difference| {
        (difference.documents.is_empty() || difference.documents.contains(&document))
            && (difference.covers)(value)
    })
}

/// Whether a reader that looks at the `type` of each message first accepts a value: a message of a newer kind is checked
/// by the schema of unknown messages, and the rest by its own schema. `takes` checks a value by a document's schema.
pub(crate) fn taken_by_type(document: &str, value: &Value, takes: impl Fn(&str, &Value) -> bool) -> bool {
    let mut others = value.clone();
    let lists = [others.is_array().then_some(""), Some("/credential_requests")];
    for list in lists.into_iter().flatten() {
        if let Some(Value::Array(messages)) = others.pointer_mut(list) {
            messages.retain(|message| !takes("unknown_message", message) && !takes("link_response", message));
        }
    }
    // A response without a type that has one of these fields is a job or a notification.
    let marks = ["id", "status", "jobs", "credential_requests"];
    let is_record = value.get("at").is_some() && value.get("message").is_some();
    let is_other = !is_record && marks.iter().any(|name| value.get(name).is_some());
    let is_response = !is_other && takes("link_response", value);
    takes(document, &others) || (document == "messages" && (is_response || takes("unknown_message", value)))
}
