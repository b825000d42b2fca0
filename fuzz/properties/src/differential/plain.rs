//! A reading of a JSON value by the specification's fields alone: which must be there, and of which kind each is. It
//! shares no code and no table with the parser.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The kind of a field.
#[derive(Clone, Copy)]
enum Kind {
    /// A whole number of 64 bits without a sign, or a string.
    Id,
    /// A string.
    Text,
    /// A string; a status goes out in the table's spelling.
    Status,
    Number,
    /// A number without a fraction that fits 64 bits with a sign.
    WholeNumber,
    /// A string or an object.
    TextOrObject,
    /// Anything but `null`.
    Anything,
    Object(&'static [Field]),
    /// Messages.
    Messages,
    /// Objects with these fields.
    List(&'static [Field]),
}

use Kind::{Anything, Id, List, Messages, Number, Object, Status, Text, TextOrObject, WholeNumber};

/// A field: its name, whether it must be there, and its kind.
type Field = (&'static str, bool, Kind);

const STATUS_BODY: &[Field] = &[
    ("status", true, Status),
    ("termination_type", false, Text),
    ("percent_complete", false, Number),
    ("job_timeout", false, WholeNumber),
    ("status_message", false, Text),
    ("job_status_message", false, Text),
    ("termination_status_message", false, Text),
    ("termination_message", false, Text),
];
const JOB_STATUS: &[Field] =
    &[("type", true, Text), ("job_id", true, Id), ("message", true, Object(STATUS_BODY))];
const REQUEST: &[Field] = &[
    ("type", true, Text),
    ("job_id", true, Id),
    ("envelope_id", true, Text),
    ("message", false, TextOrObject),
];
const TFA_RESPONSE: &[Field] =
    &[("type", true, Text), ("job_id", false, Id), ("envelope_id", true, Text), ("message", true, Text)];
const CREDENTIAL_RESPONSE: &[Field] =
    &[("type", true, Text), ("job_id", false, Id), ("envelope_id", true, Text), ("message", true, Anything)];
const JOB: &[Field] = &[
    ("id", true, Id),
    ("status", true, Status),
    ("termination_type", false, Text),
    ("percent_complete", false, Number),
    ("job_timeout", false, WholeNumber),
    ("status_message", false, Text),
    ("job_status_message", false, Text),
    ("termination_status_message", false, Text),
    ("termination_message", false, Text),
    ("credential_requests", false, Messages),
];
const NOTIFIED_JOB: &[Field] = &[
    ("job_id", true, Id),
    ("termination_type", false, Text),
    ("job_status", true, Status),
    ("status_message", false, Text),
    ("job_status_message", false, Text),
    ("termination_status_message", false, Text),
    ("termination_message", false, Text),
    ("completed_on", false, Text),
];
const NOTIFICATION: &[Field] =
    &[("jobs", true, List(NOTIFIED_JOB)), ("financial_institution", false, Text), ("cuid", false, Text)];

/// Other spellings of statuses, and the table's.
static SPELLINGS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let rows = include_str!("../../../../tests/data/statuses.csv").lines().skip(1);
    rows.flat_map(|row| {
        let (status, _) = row.split_once(',').expect("a row has fields");
        let (_, spellings) = row.rsplit_once(',').expect("a row has fields");
        spellings.split_whitespace().map(move |spelling| (spelling, status))
    })
    .collect()
});

/// The serialized form of a message, a poll, a job or a notification; `None` if it is none of these.
pub(super) fn carrier(value: &Value) -> Option<Value> {
    let object = match value {
        Value::Array(_) => return field(value, Messages),
        Value::Object(object) => object,
        _ => return None,
    };
    let has = |name| object.contains_key(name);
    if has("type") || (has("at") && has("message")) {
        message(value)
    } else if has("jobs") {
        fields(value, NOTIFICATION)
    } else {
        fields(value, JOB).map(|mut job| {
            // Nothing is sent where there are none.
            if job["credential_requests"].as_array().is_some_and(Vec::is_empty) {
                job.as_object_mut().map(|job| job.remove("credential_requests"));
            }
            job
        })
    }
}

fn message(value: &Value) -> Option<Value> {
    match value.get("type")?.as_str()? {
        "job_status" => fields(value, JOB_STATUS),
        "tfa_request" | "credential_request" => fields(value, REQUEST),
        "tfa_response" => fields(value, TFA_RESPONSE),
        "credential_response" => fields(value, CREDENTIAL_RESPONSE),
        _ => Some(value.clone()),
    }
}

/// The known fields of an object; none if one is missing or not of its kind. `null` is nothing.
fn fields(value: &Value, known: &[Field]) -> Option<Value> {
    let object = value.as_object()?;
    let mut read = Map::new();
    for &(name, is_required, kind) in known {
        match object.get(name).filter(|value| !value.is_null()) {
            Some(value) => _ = read.insert(name.to_owned(), field(value, kind)?),
            None if is_required => return None,
            None => {}
        }
    }
    Some(read.into())
}

fn field(value: &Value, kind: Kind) -> Option<Value> {
    let list = |read: &dyn Fn(&Value) -> Option<Value>| value.as_array()?.iter().map(read).collect();
    let is_right = match kind {
        Id => value.is_u64() || value.is_string(),
        Text => value.is_string(),
        Number => value.is_number(),
        WholeNumber => value.is_i64() || value.as_f64().is_some_and(is_whole),
        TextOrObject => value.is_string() || value.is_object(),
        Anything => true,
        Status => {
            let text = value.as_str()?;
            return Some(SPELLINGS.get(text).copied().unwrap_or(text).into());
        }
        Object(known) => return fields(value, known),
        Messages => return list(&message),
        List(known) => return list(&|value| fields(value, known)),
    };
    is_right.then(|| value.clone())
}

/// Whether a number is a whole one that 64 bits with a sign hold.
fn is_whole(number: f64) -> bool {
    const END: f64 = 9_223_372_036_854_775_808.0;
    number.fract() == 0.0 && (-END..END).contains(&number)
}
