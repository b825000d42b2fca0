//! Messages with serde: in structs, through values, in other formats, and the errors of each.

use cardsavr_protocol::Status;
use cardsavr_protocol::wire::{
    CredentialResponse, EnvelopeId, Field, FieldType, JobEntity, JobId, JobStatusMessage, Json, Message,
    MessageKind, Notification, NotifiedJob, Open, Payload, Percent, Request, RequestKind, Secret, StatusBody,
    Submission, Text, TfaResponse, UnknownMessage,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::samples;

fn status() -> Value {
    json!({ "type": "job_status", "job_id": 7, "message": { "status": "AUTH", "percent_complete": 1.5 } })
}

fn request() -> Value {
    json!({ "type": "tfa_request", "job_id": "7", "envelope_id": "e" })
}

#[test]
fn a_derived_struct_contains_them() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        message: Message,
        payload: Payload,
        status: Option<JobStatusMessage>,
        ids: Vec<JobId>,
    }

    let mut value =
        json!({ "message": request(), "payload": [status()], "status": status(), "ids": [7, "8"] });
    let stored: Stored = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::from_str::<Stored>(&value.to_string()).unwrap(), stored);
    assert_eq!(serde_json::to_value(&stored).unwrap(), value);
    value["status"] = request();
    let error = serde_json::from_value::<Stored>(value).unwrap_err();
    assert_eq!(error.to_string(), "/type is another kind of message, expected job_status");
}

#[test]
fn a_job_can_be_flattened() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Numbered {
        number: u64,
        #[serde(flatten)]
        job: JobEntity,
    }

    let value = json!({ "number": 1, "id": 7, "status": "AUTH", "credential_requests": [request()] });
    let numbered: Numbered = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(numbered.job.credential_requests.len(), 1);
    assert_eq!(serde_json::to_value(&numbered).unwrap(), value);
}

#[test]
fn an_untagged_enum_contains_them() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Payload(Box<Payload>),
    }

    let either: Either = serde_json::from_value(json!([status(), request()])).unwrap();
    let Either::Payload(payload) = &either else { panic!("{either:?}") };
    assert!(matches!(&**payload, Payload::Poll(messages) if messages.len() == 2));
    assert_eq!(serde_json::to_value(&either).unwrap(), json!([status(), request()]));
}

#[test]
fn the_shape_determines_the_payload() {
    let read = |value: Value| serde_json::from_value::<Payload>(value).unwrap();
    assert!(matches!(read(status()), Payload::Message(Message::JobStatus(_))));
    assert!(matches!(read(json!([])), Payload::Poll(_)));
    let job = read(json!({ "id": 7, "status": "AUTH", "credential_requests": [request()] }));
    assert!(matches!(&job, Payload::Job(job) if job.credential_requests.len() == 1), "{job:?}");
    let jobs = json!({ "jobs": [{ "job_id": 7, "job_status": "AUTH" }] });
    assert!(matches!(read(jobs), Payload::Notification(told) if told.jobs.len() == 1));
}

#[test]
fn the_type_must_match() {
    fn refusal<T: DeserializeOwned>(value: Value) -> String {
        serde_json::from_value::<T>(value).err().expect("it is of another type").to_string()
    }

    let other = "/type is another kind of message, expected";
    assert_eq!(refusal::<JobStatusMessage>(request()), format!("{other} job_status"));
    assert_eq!(refusal::<Request>(status()), format!("{other} a request"));
    assert_eq!(refusal::<TfaResponse>(request()), format!("{other} tfa_response"));
    assert_eq!(refusal::<CredentialResponse>(request()), format!("{other} credential_response"));
    assert_eq!(refusal::<UnknownMessage>(request()), format!("{other} one that is not known"));
    assert_eq!(refusal::<JobStatusMessage>(json!({ "job_id": 7 })), "/type is missing");
    assert_eq!(refusal::<Message>(json!({ "job_id": 7 })), "/type is missing");
    assert_eq!(
        refusal::<StatusBody>(json!(["AUTH"])),
        "the value is an array, expected an object with a status"
    );
}

#[test]
fn serde_refuses_a_duplicate_field() {
    for json in [
        r#"{"type":"tfa_request","job_id":7,"job_id":7,"envelope_id":"e"}"#,
        r#"{"type":"tfa_request","type":"tfa_request","job_id":7,"envelope_id":"e"}"#,
        r#"{"type":"later","job_id":7,"job_id":7}"#,
        r#"{"type":"later","envelope_id":"e","envelope_id":"e"}"#,
        r#"{"id":7,"status":"AUTH","status":"AUTH"}"#,
        r#"{"jobs":[],"jobs":[]}"#,
    ] {
        let error = serde_json::from_str::<Payload>(json).unwrap_err();
        assert!(error.to_string().contains(" occurs twice"), "{error}: {json}");
        assert_eq!(Payload::from_json(json).unwrap_err().fault.to_string(), "occurs twice", "{json}");
    }
}

/// A message of an unknown kind has fields, numbers and texts that no type of the crate has. JSON keeps all of them.
#[test]
fn an_unknown_kind_survives_whole() {
    for json in [
        r#"{"type":"later","at":1e400,"id":18446744073709551616123456789,"half":"\ud800","twice":1,"twice":2}"#,
        r#"{"type":"later","n":[-1,0,80,80.5,1.5e+300,-0.0,null,true,{"":[]}],"t":"a\"\\\n\u0000ü😀"}"#,
        r#"{"type":"later","half\udc00":0}"#,
    ] {
        let Ok(message) = Message::from_json(json) else {
            assert!(json.contains("half\\"), "{json}");
            continue;
        };
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
        let Message::Unknown(unknown) = &message else { panic!("{message:?}") };
        assert_eq!(unknown.json.as_str(), json);
    }
    // Whitespace and unnecessary escapes are not kept.
    let Ok(Message::Unknown(message)) = Message::from_json(" {\"t\\u0079pe\" : \"later\"} ") else {
        panic!("later")
    };
    assert_eq!(message.json.as_str(), r#"{"type":"later"}"#);
    // At any depth.
    let deep = format!(r#"{{"type":"later","a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let message = Message::from_json(&deep).unwrap();
    assert_eq!(serde_json::to_string(&message).unwrap(), deep);
    assert_eq!(Message::from_json(&serde_json::to_string(&message).unwrap()), Ok(message));
}

/// The value after a round trip through a format with its own maps, lists, text and numbers.
fn through_cbor<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("it can be written");
    ciborium::from_reader(&bytes[..]).expect("it can be read")
}

proptest! {
    #[test]
    fn messages_round_trip_through_other_formats(sample in samples::message(), carrier in samples::carrier()) {
        let message = Message::from_json(&sample.input)?;
        let value = serde_json::to_value(&message)?;
        prop_assert_eq!(serde_json::to_value(through_cbor(&message))?, value);
        let payload = Payload::from_json(&carrier.input)?;
        let value = serde_json::to_value(&payload)?;
        prop_assert_eq!(serde_json::to_value(through_cbor(&payload))?, value);
    }

    /// The valid items of a payload are read despite invalid ones.
    #[test]
    fn an_invalid_item_does_not_affect_the_others(
        elements in proptest::collection::vec((samples::message(), proptest::bool::ANY), 0..6),
        shape in 0..3,
    ) {
        let texts: Vec<_> = elements
            .iter()
            .map(|(sample, is_good)| if *is_good { sample.input.as_str() } else { r#"{"type":"tfa_request"}"# })
            .collect();
        let list = texts.join(",");
        let json = match shape {
            0 => format!("[{list}]"),
            1 => format!(r#"{{"id":7,"status":"AUTH","credential_requests":[{list}]}}"#),
            _ => format!(r#"{{"credential_requests":[{list}],"id":true,"status":"AUTH"}}"#),
        };
        let good: Vec<_> = elements.iter().filter(|(_, is_good)| *is_good).map(|(sample, _)| &sample.input).collect();
        let (payload, errors) = Payload::read(&json);
        let messages = match payload {
            Payload::Poll(messages) => messages,
            Payload::Job(job) => job.credential_requests,
            other => panic!("{other:?}"),
        };
        let expected: Result<Vec<_>, _> = good.into_iter().map(|json| Message::from_json(json)).collect();
        prop_assert_eq!(messages, expected?);
        prop_assert_eq!(errors.len(), elements.iter().filter(|(_, is_good)| !is_good).count() + usize::from(shape == 2));
        match Payload::from_json(&json) {
            Ok(whole) => {
                prop_assert!(errors.is_empty());
                prop_assert_eq!(whole, Payload::read(&json).0);
            }
            Err(error) => {
                let first = errors.iter().min_by_key(|error| (error.line, error.column));
                prop_assert_eq!(Some(&error), first);
            }
        }
    }
}

#[test]
fn the_valid_items_of_a_malformed_payload_are_kept() {
    let (payload, errors) = Payload::read("[");
    assert_eq!((payload, errors.len()), (Payload::Poll(vec![]), 1));
    let (payload, errors) = Payload::read(r#"{"type":"tfa_request"}"#);
    assert_eq!((payload, errors.len()), (Payload::Poll(vec![]), 1));
    let (payload, errors) = Payload::read(r#"{"jobs":[{"job_id":7,"job_status":"AUTH"},{}],"cuid":5}"#);
    let jobs = vec![NotifiedJob::new(7, Status::Auth)];
    assert_eq!((payload, errors.len()), (Payload::Notification(Notification::new(jobs)), 2));
}

#[test]
fn constructors_build_the_messages_of_the_service() {
    let body = StatusBody::new(Status::Updating)
        .with_percent(Percent::try_from(80.5).unwrap())
        .with_timeout(300_u32)
        .with_status_message("hm");
    let made = [
        serde_json::to_value(JobStatusMessage::new(101, body)),
        serde_json::to_value(
            Request::new(RequestKind::TfaRequest, "7", "e").with_message(Text::new("again")),
        ),
        serde_json::to_value(TfaResponse::new("e", Secret::new("123")).with_job_id(7)),
        serde_json::to_value(CredentialResponse::submitted("e")),
        serde_json::to_value(JobEntity::new(7, Open::new("LATER")).with_requests(vec![])),
        serde_json::to_value(Notification::new(vec![
            NotifiedJob::new(7, Status::Killed).with_completed_on("2021"),
        ])),
    ];
    let expected = [
        json!({"type":"job_status","job_id":101,"message":{"status":"UPDATING","percent_complete":80.5,"job_timeout":300,"status_message":"hm"}}),
        json!({"type":"tfa_request","job_id":"7","envelope_id":"e","message":"again"}),
        json!({"type":"tfa_response","job_id":7,"envelope_id":"e","message":"123"}),
        json!({"type":"credential_response","envelope_id":"e","message":"submitted"}),
        json!({"id":7,"status":"LATER"}),
        json!({"jobs":[{"job_id":7,"job_status":"KILLED","completed_on":"2021"}]}),
    ];
    assert_eq!(made.map(Result::unwrap), expected);
    for not_finite in [f64::NAN, f64::INFINITY] {
        assert!(Percent::try_from(not_finite).is_err());
    }
    let other = Submission::Other(Json::from(&json!({ "password": 1 })));
    assert_eq!(
        serde_json::to_string(&CredentialResponse::new(EnvelopeId::new("e"), other)).unwrap(),
        r#"{"type":"credential_response","envelope_id":"e","message":{"password":1}}"#
    );
}

/// The rows are the fields that the types read and write: a value with all fields of its object has no others.
#[test]
fn rows_are_the_fields() {
    for &kind in MessageKind::ALL {
        let names: Vec<_> = kind.fields().iter().map(|field| field.name).collect();
        assert_eq!(names[0], "type");
        let message = |without: Option<&str>| {
            let fields = kind.fields().iter().filter(|field| Some(field.name) != without).map(|field| {
                let value = match field.field_type {
                    FieldType::Word => json!(kind),
                    FieldType::StatusBody => json!({ "status": "AUTH" }),
                    FieldType::LinkFields => json!([{ "key_name": "pin" }]),
                    _ => json!("submitted"),
                };
                (field.name.to_owned(), value)
            });
            Value::Object(fields.collect())
        };
        let whole = message(None);
        let read: Message = serde_json::from_value(whole.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), whole);
        for field in kind.fields() {
            let read = serde_json::from_value::<Message>(message(Some(field.name)));
            let is_of_kind = read.is_ok_and(|read| read.kind().known() == Some(kind));
            assert_eq!(is_of_kind, !field.is_required, "{} of {kind}", field.name);
        }
    }
    assert!(Field::all().all(|field| !field.about.trim().is_empty() && !field.field_type.json().is_empty()));
    let secret: Vec<_> =
        Field::all().filter(|field| field.field_type.is_secret()).map(|field| field.name).collect();
    assert_eq!(secret, ["message", "message", "access_key", "account_link", "message"]);
    assert_eq!(Field::all().filter(|field| field.field_type.unit().is_some()).count(), 7);
}
