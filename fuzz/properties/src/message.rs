//! Messages and what carries them, from any bytes.

use cardsavr_protocol::conformance::Observation;
use cardsavr_protocol::wire::{
    Carrier, CompactMessage, Content, Message, MessageError, Notification, Part, parts,
};
use serde::Serialize;
use serde_json::Value;

use crate::secrets::{assert_hidden, shown};

/// What was read prints, reads back the same and prints the same again; so does what is independent of its input.
/// A macro, since the value read back borrows from another text.
macro_rules! assert_round_trip {
    ($read:expr, $value:expr, $into_owned:expr) => {{
        let value = $value;
        let printed = print(value);
        let again = $read(&printed);
        assert_eq!(again.as_ref(), Ok(value), "{printed}");
        assert_eq!(again.as_ref().map(print), Ok(printed.clone()));
        let owned = $into_owned(value.clone());
        assert_eq!(&owned, value);
        assert_eq!(print(&owned), printed);
    }};
}

/// Any bytes: what can be read prints and reads back the same, and is the same independent of its input; what can't
/// gives an error that points into the text and repeats nothing of it.
pub fn message(bytes: &[u8]) {
    let json = String::from_utf8_lossy(bytes);
    match Message::from_json(&json) {
        Ok(message) => {
            assert_round_trip!(Message::from_json, &message, Message::into_owned);
            assert_debug_hides(&message);
        }
        Err(error) => assert_points_into(&error, &json),
    }
    assert_read_at_once(&json);
    let carrier = Carrier::from_json(&json);
    match &carrier {
        Ok(carrier) => assert_round_trip!(Carrier::from_json, carrier, Carrier::into_owned),
        Err(error) => assert_points_into(error, &json),
    }

    let found = all_parts(&json);
    let offsets: Vec<usize> = found.iter().map(|part| part.offset).collect();
    assert!(offsets.is_sorted_by(|one, next| one < next), "in the order of the text: {offsets:?}");
    for part in &found {
        assert!(json.is_char_boundary(part.offset) && part.offset <= json.len(), "{}", part.offset);
        match &part.content {
            Ok(content) => assert_content(content),
            Err(error) => assert_points_into(error, &json),
        }
    }
    if let Ok(carrier) = &carrier {
        assert_same_contents(carrier, &found);
    }

    assert_hidden(&json, |json| {
        let message = Message::from_json(json).err();
        let carrier = Carrier::from_json(json).err();
        let parts = all_parts(json).into_iter().filter_map(|part| part.content.err());
        message.into_iter().chain(carrier).chain(parts).map(|error| shown(&error)).collect()
    });
}

fn all_parts(json: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    parts(json, |part| found.push(part));
    found
}

/// A message that is read at once is read the same the long way.
fn assert_read_at_once(json: &str) {
    let Some((compact, length)) = CompactMessage::read(json.as_bytes()) else { return };
    let message = Message::from_json(&json[..length]).unwrap_or_else(|error| panic!("{error}: {json:?}"));
    let observation = Observation::from(&message);
    assert_eq!(compact.observation(), observation, "{json:?}");
    // What is equal may differ in form: the ids of jobs do.
    assert_eq!(format!("{:?}", compact.observation()), format!("{observation:?}"), "{json:?}");
}

fn print(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("what was read can be printed: {error}"))
}

/// What a message says, but for a status, is hidden by `Debug`: any of it may be a secret.
fn assert_debug_hides(message: &Message<'_>) {
    const SECRET: &str = "Xqj0vKz";
    let printed = print(message);
    if matches!(message, Message::JobStatus(_)) || printed.contains(SECRET) {
        return;
    }
    // A message of an unknown kind can hold numbers that a `Value` can't.
    let Ok(mut value) = serde_json::from_str::<Value>(&printed) else { return };
    value["message"] = SECRET.into();
    let planted = value.to_string();
    let message = Message::from_json(&planted).expect("any of them may say a text");
    assert!(!format!("{message:?} {message:#?}").contains(SECRET), "{message:?}");
}

fn assert_content(content: &Content<'_>) {
    match content {
        Content::Message(message) => assert_round_trip!(Message::from_json, message, Message::into_owned),
        Content::Job(job) => {
            let carrier = Carrier::Job(job.clone());
            assert_round_trip!(Carrier::from_json, &carrier, Carrier::into_owned);
        }
        Content::Notified(job) => {
            let carrier =
                Carrier::Notification(Notification { jobs: vec![job.clone()], ..Notification::default() });
            assert_round_trip!(Carrier::from_json, &carrier, Carrier::into_owned);
        }
        other => panic!("a new content: {other:?}"),
    }
}

/// What is read whole is read the same part by part.
fn assert_same_contents(carrier: &Carrier<'_>, parts: &[Part<'_>]) {
    let found: Vec<_> = parts
        .iter()
        .map(|part| part.content.clone().unwrap_or_else(|error| panic!("it was read whole: {error}")))
        .collect();
    let messages = |messages: &[Message<'_>]| {
        messages.iter().cloned().map(Message::into_owned).map(Content::Message).collect::<Vec<_>>()
    };
    let expected = match carrier {
        Carrier::Message(message) => messages(std::slice::from_ref(message)),
        Carrier::Poll(polled) => messages(polled),
        Carrier::Job(job) => {
            let mut alone = job.clone().into_owned();
            let requests = std::mem::take(&mut alone.credential_requests);
            [vec![Content::Job(alone)], messages(&requests)].concat()
        }
        Carrier::Notification(notification) => {
            notification.jobs.iter().cloned().map(|job| Content::Notified(job.into_owned())).collect()
        }
        other => panic!("a new carrier: {other:?}"),
    };
    assert_eq!(found, expected);
}

/// An error's line and column are in the text, and its pointer is one.
fn assert_points_into(error: &MessageError, json: &str) {
    let line = error.line.checked_sub(1).and_then(|line| json.split('\n').nth(line));
    let line = line.unwrap_or_else(|| panic!("no such line: {error}"));
    assert!(error.column <= line.len(), "no such column: {error}");
    assert!(error.pointer.is_empty() || error.pointer.starts_with('/'), "{error}");
}
