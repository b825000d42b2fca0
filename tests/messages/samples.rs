//! Generated messages and payloads: the input as JSON text, and the expected output.

use cardsavr_protocol::{Status, TerminationType};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Map, Number, Value};

/// An input text and its expected output.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) input: String,
    pub(crate) output: Value,
}

/// The known kinds.
pub(crate) const KINDS: [&str; 9] = [
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

fn sample(value: Value) -> Sample {
    Sample { input: value.to_string(), output: value }
}

/// A string, with its characters unescaped or all escaped.
fn string(text: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Sample> {
    (text, any::<bool>())
        .prop_map(|(text, escaped)| {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            let quoted = format!("\"{}\"", units.collect::<String>());
            let plain = sample(Value::from(text));
            if escaped { Sample { input: quoted, ..plain } } else { plain }
        })
        .boxed()
}

fn text() -> BoxedStrategy<Sample> {
    string(prop_oneof![any::<String>(), "[a-z ]{0,12}"])
}

fn finite() -> BoxedStrategy<Sample> {
    let float = any::<f64>().prop_filter_map("JSON has no infinity", Number::from_f64);
    float.prop_map(|number| sample(Value::Number(number))).boxed()
}

fn percent() -> BoxedStrategy<Sample> {
    let fraction = (0.0..=100.0).prop_filter_map("finite", Number::from_f64);
    prop_oneof![
        any::<i64>().prop_map(|n| sample(n.into())),
        (0..=100u8).prop_map(|n| sample(n.into())),
        fraction.prop_map(|n| sample(n.into())),
        finite(),
    ]
    .boxed()
}

fn timeout() -> BoxedStrategy<Sample> {
    prop_oneof![
        any::<i64>().prop_map(|n| sample(n.into())),
        (-400..1_000_000i64).prop_map(|n| sample(n.into())),
        any::<i32>().prop_map(|n| sample(f64::from(n).into())),
    ]
    .boxed()
}

fn job_id() -> BoxedStrategy<Sample> {
    prop_oneof![any::<u64>().prop_map(|n| sample(n.into())), string("[0-9]{0,24}"), text()].boxed()
}

/// A value of an open list: each spelling with its canonical one, or an unknown text.
fn open(known: Vec<(&'static str, &'static str)>, unknown: BoxedStrategy<String>) -> BoxedStrategy<Sample> {
    let known_spellings: Vec<_> = known.iter().map(|(spelling, _)| *spelling).collect();
    let unknown = unknown.prop_filter("in no table", move |text| !known_spellings.contains(&text.as_str()));
    let known = select(known).prop_flat_map(|(spelling, canonical)| {
        string(Just(spelling.to_owned()))
            .prop_map(move |sample| Sample { output: canonical.into(), ..sample })
    });
    prop_oneof![known, string(unknown)].boxed()
}

fn status() -> BoxedStrategy<Sample> {
    let spellings = Status::ALL.iter().flat_map(|status| {
        let all = [status.as_str()].into_iter().chain(status.aliases().iter().copied());
        all.map(|spelling| (spelling, status.as_str()))
    });
    open(spellings.collect(), prop_oneof![any::<String>(), "[A-Z_]{1,12}"].boxed())
}

fn termination_type() -> BoxedStrategy<Sample> {
    let spellings = TerminationType::ALL.iter().map(|&kind| (kind.into(), kind.into()));
    let unknown = any::<String>().prop_filter("an empty one is none", |text| !text.is_empty());
    open(spellings.collect(), unknown.boxed())
}

/// A termination type that is present, empty, `null` or absent.
fn optional_termination_type() -> BoxedStrategy<Field> {
    let name = "termination_type";
    let empty = Just(Some((name.into(), "\"\"".into(), None)));
    prop_oneof![3 => optional(name, termination_type()), 1 => empty].boxed()
}

/// Any JSON value.
pub(crate) fn json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        finite().prop_map(|number| number.output),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entries = vec((any::<String>(), inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            entries.prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
    .boxed()
}

/// A field of an object; a skipped one has no output.
type Field = Option<(String, String, Option<Value>)>;

fn required(name: &'static str, value: BoxedStrategy<Sample>) -> BoxedStrategy<Field> {
    value.prop_map(move |value| Some((name.into(), value.input, Some(value.output)))).boxed()
}

/// A field that is present, `null` or absent.
fn optional(name: &'static str, value: BoxedStrategy<Sample>) -> BoxedStrategy<Field> {
    let null = Just(Some((name.into(), "null".into(), None)));
    prop_oneof![required(name, value), null, Just(None)].boxed()
}

/// Fields that the decoder must skip.
fn passed_over(name: &'static str) -> BoxedStrategy<Field> {
    option::of(json())
        .prop_map(move |value| value.map(|value| (name.into(), value.to_string(), None)))
        .boxed()
}

/// An object with these fields, in any order and with any whitespace that JSON allows.
fn object(fields: Vec<BoxedStrategy<Field>>) -> BoxedStrategy<Sample> {
    let space = select(vec!["", "", " ", "\n  ", "\r\n\t"]);
    (fields.prop_map(|fields| fields.into_iter().flatten().collect::<Vec<_>>()).prop_shuffle(), space)
        .prop_map(|(fields, space)| {
            let input = fields.iter().map(|(name, input, _)| format!("{space}\"{name}\"{space}:{input}"));
            let input = format!("{{{}{space}}}", input.collect::<Vec<_>>().join(","));
            let output = fields.into_iter().filter_map(|(name, _, output)| Some((name, output?)));
            Sample { input, output: output.collect::<Map<_, _>>().into() }
        })
        .boxed()
}

fn kind(kind: &'static str) -> BoxedStrategy<Field> {
    required("type", string(Just(kind.to_owned())))
}

fn status_body() -> BoxedStrategy<Sample> {
    object(vec![
        required("status", status()),
        optional_termination_type(),
        optional("percent_complete", percent()),
        optional("auth_percent_complete", percent()),
        optional("job_timeout", timeout()),
        optional("status_message", text()),
        optional("job_status_message", text()),
        optional("termination_status_message", text()),
        optional("termination_message", text()),
        passed_over("job_id"),
        passed_over("added_later"),
    ])
}

/// The values that a request asks for; their unknown fields are kept.
fn links() -> BoxedStrategy<Sample> {
    let flag = any::<bool>().prop_map(|flag| sample(flag.into())).boxed();
    let field = object(vec![
        required("key_name", text()),
        optional("label", text()),
        optional("secret", flag),
        optional("type", text()),
        option::of(json())
            .prop_map(|value| value.map(|it| ("added".into(), it.to_string(), Some(it))))
            .boxed(),
    ]);
    vec(field, 1..3)
        .prop_map(|fields| {
            let inputs: Vec<_> = fields.iter().map(|field| field.input.as_str()).collect();
            let input = format!("[{}]", inputs.join(","));
            Sample { input, output: fields.into_iter().map(|field| field.output).collect() }
        })
        .boxed()
}

/// A response without a type.
fn untyped_response() -> BoxedStrategy<Sample> {
    let values = proptest::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let values = values.prop_map(|values| sample(values.into_iter().collect())).boxed();
    let fields = |answer| object(vec![required("job_id", job_id()), required("envelope_id", text()), answer]);
    prop_oneof![fields(required("account_link", values)), fields(required("message", text()))].boxed()
}

/// Any message of a known kind.
pub(crate) fn known_message() -> BoxedStrategy<Sample> {
    let job_status =
        vec![kind("job_status"), required("job_id", job_id()), required("message", status_body())];
    let request = |name| {
        let object = json().prop_map(|value| sample(Map::from_iter([("any".to_owned(), value)]).into()));
        let message = prop_oneof![text(), object].boxed();
        vec![
            kind(name),
            required("job_id", job_id()),
            required("envelope_id", text()),
            optional("message", message),
            optional("account_link", links()),
        ]
    };
    let response = |name, message| {
        vec![
            kind(name),
            optional("job_id", job_id()),
            required("envelope_id", text()),
            required("message", message),
        ]
    };
    let anything = json().prop_filter("no null", |value| !value.is_null()).prop_map(sample);
    let submission = prop_oneof![string(Just("submitted".to_owned())), anything].boxed();
    let of_kind = [
        job_status,
        request("tfa_request"),
        request("credential_request"),
        request("initial_account_link"),
        request("tfa"),
        request("tfa_message"),
        request("security"),
        response("tfa_response", text()),
        response("credential_response", submission),
    ];
    // The skipped fields include those that identify a job, a notification or a record.
    let names = ["added_later", "id", "status", "jobs", "at", "credential_requests"];
    Union::new(of_kind.map(|mut fields| {
        fields.extend(names.map(passed_over));
        object(fields)
    }))
    .boxed()
}

/// Any message of an unknown kind; it serializes unchanged.
pub(crate) fn unknown_message() -> BoxedStrategy<Sample> {
    let name = prop_oneof![any::<String>(), "(tfa|credential|job)_[a-z]{1,9}"]
        .prop_filter("not known", |name| !KINDS.contains(&name.as_str()));
    let kept = |name: &'static str| {
        let value = json().prop_map(sample).boxed();
        prop_oneof![required(name, value), Just(None)].boxed()
    };
    object(vec![
        required("type", string(name)),
        prop_oneof![required("job_id", job_id()), kept("job_id")].boxed(),
        prop_oneof![required("envelope_id", text()), kept("envelope_id")].boxed(),
        kept("message"),
        kept("jobs"),
        kept("credential_requests"),
    ])
}

pub(crate) fn message() -> BoxedStrategy<Sample> {
    prop_oneof![4 => known_message(), 1 => unknown_message(), 1 => untyped_response()].boxed()
}

fn list(element: BoxedStrategy<Sample>) -> BoxedStrategy<Sample> {
    vec(element, 0..4)
        .prop_map(|elements| {
            let inputs: Vec<_> = elements.iter().map(|element| element.input.as_str()).collect();
            let input = format!("[{}]", inputs.join(" ,\n"));
            Sample { input, output: elements.into_iter().map(|element| element.output).collect() }
        })
        .boxed()
}

/// A poll, a job or a notification.
pub(crate) fn carrier() -> BoxedStrategy<Sample> {
    let full = list(message()).prop_filter("an empty list doesn't go out", |list| list.input != "[]");
    let job = object(vec![
        required("id", job_id()),
        required("status", status()),
        optional_termination_type(),
        optional("percent_complete", percent()),
        optional("auth_percent_complete", percent()),
        optional("job_timeout", timeout()),
        optional("status_message", text()),
        optional("job_status_message", text()),
        optional("termination_status_message", text()),
        optional("termination_message", text()),
        optional("credential_timeout", finite()),
        optional(
            "time_elapsed",
            json().prop_filter("absent", |value| !value.is_null()).prop_map(sample).boxed(),
        ),
        optional("access_key", text()),
        optional("cardholder_id", job_id()),
        optional("account_id", job_id()),
        optional("started_on", text()),
        optional("completed_on", text()),
        optional("credential_requests", full.clone().boxed()),
        passed_over("created_on"),
    ]);
    let requests = object(vec![required("credential_requests", full.boxed()), passed_over("created_on")]);
    let notified = object(vec![
        required("job_id", job_id()),
        required("job_status", status()),
        optional_termination_type(),
        optional("status_message", text()),
        optional("job_status_message", text()),
        optional("termination_status_message", text()),
        optional("termination_message", text()),
        optional("completed_on", text()),
        passed_over("id"),
    ]);
    let notification = object(vec![
        required("jobs", list(notified)),
        optional("financial_institution", text()),
        optional("cuid", text()),
        passed_over("at"),
        passed_over("id"),
    ]);
    prop_oneof![list(message()), job, requests, notification].boxed()
}
