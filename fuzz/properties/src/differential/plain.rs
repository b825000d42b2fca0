//! An independent reader of a JSON value by the specification's fields: which are required, and the kind of each. It shares
//! no code and no table with the parser.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The kind of a field.
#[derive(Clone, Copy)]
enum Kind {
    /// An unsigned integer of 64 bits, or a string.
    Id,
    /// A string.
    Text,
    /// A string; a status serializes in its canonical spelling.
    Status,
    Number,
    /// A number without a fraction in the range of a signed integer of 64 bits.
    WholeNumber,
    /// A string or an object.
    TextOrObject,
    /// `true` or `false`.
    Flag,
    /// Anything but `null`.
    Anything,
    Object(&'static [Field]),
    /// Messages.
    Messages,
    /// Objects with these fields.
    List(&'static [Field]),
    /// Objects with these fields, and any others.
    OpenList(&'static [Field]),
    /// Strings with any field names.
    Texts,
    /// A string; an empty one counts as absent.
    Word,
}

use Kind::{
    Anything, Flag, Id, List, Messages, Number, Object, OpenList, Status, Text, TextOrObject, Texts,
    WholeNumber, Word,
};

/// A field: its name, whether it is required, and its kind.
type Field = (&'static str, bool, Kind);

const STATUS_BODY: &[Field] = &[
    ("status", true, Status),
    ("termination_type", false, Word),
    ("percent_complete", false, Number),
    ("auth_percent_complete", false, Number),
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
    ("account_link", false, OpenList(LINK)),
];
const LINK: &[Field] =
    &[("key_name", true, Text), ("label", false, Text), ("secret", false, Flag), ("type", false, Text)];
const LINK_RESPONSE: &[Field] = &[
    ("job_id", true, Id),
    ("envelope_id", true, Text),
    ("account_link", false, Texts),
    ("message", false, Text),
];
const TFA_RESPONSE: &[Field] =
    &[("type", true, Text), ("job_id", false, Id), ("envelope_id", true, Text), ("message", true, Text)];
const CREDENTIAL_RESPONSE: &[Field] =
    &[("type", true, Text), ("job_id", false, Id), ("envelope_id", true, Text), ("message", true, Anything)];
const JOB: &[Field] = &[
    ("id", true, Id),
    ("status", true, Status),
    ("termination_type", false, Word),
    ("percent_complete", false, Number),
    ("auth_percent_complete", false, Number),
    ("job_timeout", false, WholeNumber),
    ("status_message", false, Text),
    ("job_status_message", false, Text),
    ("termination_status_message", false, Text),
    ("termination_message", false, Text),
    ("credential_timeout", false, Number),
    ("time_elapsed", false, Anything),
    ("access_key", false, Text),
    ("cardholder_id", false, Id),
    ("account_id", false, Id),
    ("started_on", false, Text),
    ("completed_on", false, Text),
    ("credential_requests", false, Messages),
];
const REQUESTS: &[Field] = &[("credential_requests", true, Messages)];
const NOTIFIED_JOB: &[Field] = &[
    ("job_id", true, Id),
    ("termination_type", false, Word),
    ("job_status", true, Status),
    ("status_message", false, Text),
    ("job_status_message", false, Text),
    ("termination_status_message", false, Text),
    ("termination_message", false, Text),
    ("completed_on", false, Text),
];
const NOTIFICATION: &[Field] =
    &[("jobs", true, List(NOTIFIED_JOB)), ("financial_institution", false, Text), ("cuid", false, Text)];

/// Other spellings of statuses, with the canonical ones.
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
        Value::Null => return Some(Value::Array(Vec::new())),
        Value::Object(object) => object,
        _ => return None,
    };
    let has = |name| object.contains_key(name);
    let is_typed_job =
        object.get("type").is_some_and(|kind| kind.as_str().is_some_and(|kind| !is_known(kind)))
            && has("id")
            && has("status")
            && !["job_id", "envelope_id", "message"].into_iter().any(has);
    let has_requests = object.get("credential_requests").is_some_and(|requests| !requests.is_null());
    // An empty list is not serialized.
    let without_none = |mut job: Value| {
        if job["credential_requests"].as_array().is_some_and(Vec::is_empty) {
            job.as_object_mut().map(|job| job.remove("credential_requests"));
        }
        job
    };
    if (has("type") && !is_typed_job) || (has("at") && has("message")) {
        message(value)
    } else if has("jobs") {
        fields(value, NOTIFICATION)
    } else if has("id") || has("status") {
        fields(value, JOB).map(without_none)
    } else if has_requests {
        fields(value, REQUESTS).map(without_none)
    } else {
        message(value)
    }
}

fn is_known(kind: &str) -> bool {
    const KINDS: [&str; 9] = [
        "job_status",
        "tfa_request",
        "credential_request",
        "initial_account_link",
        "tfa",
        "tfa_message",
        "security",
        "tfa_response",
        "credential_response",
    ];
    KINDS.contains(&kind)
}

fn message(value: &Value) -> Option<Value> {
    let object = value.as_object()?;
    let Some(kind) = object.get("type") else {
        let has = |name| object.contains_key(name);
        if has("job_id") && has("envelope_id") && object.get("account_link").is_some_and(Value::is_array) {
            return Some(value.clone());
        }
        let is_answer = has("account_link") || has("message");
        return if is_answer { fields(value, LINK_RESPONSE) } else { None };
    };
    let without_none = |mut request: Value| {
        if request["account_link"].as_array().is_some_and(Vec::is_empty) {
            request.as_object_mut().map(|request| request.remove("account_link"));
        }
        request
    };
    match kind.as_str()? {
        "job_status" => fields(value, JOB_STATUS),
        "tfa_request"
        | "credential_request"
        | "initial_account_link"
        | "tfa"
        | "tfa_message"
        | "security" => fields(value, REQUEST).map(without_none),
        "tfa_response" => fields(value, TFA_RESPONSE),
        "credential_response" => fields(value, CREDENTIAL_RESPONSE),
        _ => Some(value.clone()),
    }
}

/// The known fields of an object; `None` if one is missing or not of its kind. `null` counts as absent.
fn fields(value: &Value, known: &[Field]) -> Option<Value> {
    let object = value.as_object()?;
    let mut read = Map::new();
    for &(name, is_required, kind) in known {
        match object.get(name).filter(|value| !value.is_null()) {
            Some(value) if matches!(kind, Word) && value == "" => {}
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
        Text | Word => value.is_string(),
        Flag => value.is_boolean(),
        Texts => value.as_object()?.values().all(Value::is_string),
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
        OpenList(known) => {
            return list(&|value| {
                let mut read = fields(value, known)?;
                let is_other = |name: &String| known.iter().all(|(known, ..)| known != name);
                let others = value.as_object()?.iter().filter(|(name, _)| is_other(name));
                read.as_object_mut()?.extend(others.map(|(name, value)| (name.clone(), value.clone())));
                Some(read)
            });
        }
    };
    is_right.then(|| value.clone())
}

/// Whether a number is an integer in the range of a signed integer of 64 bits.
fn is_whole(number: f64) -> bool {
    const END: f64 = 9_223_372_036_854_775_808.0;
    number.fract() == 0.0 && (-END..END).contains(&number)
}
