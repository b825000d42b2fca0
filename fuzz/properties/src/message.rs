//! Messages and payloads, from any bytes.

use std::fmt::Debug;

use cardsavr_protocol::wire::scan::{Layouts, Pointers, SLACK, Scanned};
use cardsavr_protocol::wire::{
    Block, Content, LogItem, Message, MessageError, Notification, Payload, Position, log_items,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::secrets::{assert_hidden, shown};

/// A decoded value serializes, decodes to an equal value and serializes the same again; serde decodes the same.
fn assert_round_trip<T>(read: impl Fn(&str) -> Result<T, MessageError>, value: &T)
where
    T: Clone + Debug + DeserializeOwned + PartialEq + Serialize,
{
    let printed = print(value);
    let again = read(&printed);
    assert_eq!(again.as_ref(), Ok(value), "{printed}");
    assert_eq!(again.as_ref().map(print), Ok(printed.clone()));
    // A `Value` can't represent an unpaired surrogate or a number out of range, and shortens long numbers.
    if let Ok(expected) = serde_json::to_value(value) {
        if serde_json::from_str::<Value>(&printed).is_ok() {
            let again = serde_json::from_str::<T>(&printed).and_then(serde_json::to_value);
            assert_eq!(again.as_ref().ok(), Some(&expected), "{printed}");
        }
    }
}

/// Any bytes: a valid message or payload round-trips; an error has a position in the text and repeats nothing of it.
pub fn message(bytes: &[u8]) {
    let json = String::from_utf8_lossy(bytes);
    match Message::from_json(&json) {
        Ok(message) => {
            assert_round_trip(Message::from_json, &message);
            assert_debug_hides(&message);
        }
        Err(error) => assert_points_into(&error, &json),
    }
    assert_scanned(&json);
    let carrier = Payload::from_json(&json);
    match &carrier {
        Ok(carrier) => assert_round_trip(Payload::from_json, carrier),
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
    // No text is an empty poll, but not a record of a log.
    let is_blank = json.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    if let (Ok(carrier), false) = (&carrier, is_blank) {
        assert_same_contents(carrier, &found);
    }

    assert_hidden(&json, |json| {
        let message = Message::from_json(json).err();
        let carrier = Payload::from_json(json).err();
        let parts = all_parts(json).into_iter().filter_map(|part| part.content.err());
        message.into_iter().chain(carrier).chain(parts).map(|error| shown(&error)).collect()
    });
}

fn all_parts(json: &str) -> Vec<LogItem<'_>> {
    let mut found = Vec::new();
    log_items(json, |part| found.push(part));
    found
}

/// The fast path decodes a line that matches the layout of any line of the text as the general decoder does.
fn assert_scanned(text: &str) {
    let record = |line: &str| line.trim_end_matches([' ', '\t', '\r', '\n']).to_owned();
    let is_general = |record: &str, fast: &Block, scanned: &Scanned| {
        let mut general = Block::default();
        let items = all_parts(record);
        let [LogItem { content: Ok(content), offset, at, hydrated_in, .. }] = items.as_slice() else {
            return false;
        };
        general.push_content(content, hydrated_in.as_ref(), Position::default(), None);
        let at = at.filter(|at| *at != "null");
        (*offset, at) == (scanned.message, scanned.time.clone().and_then(|time| record.get(time)))
            && (general.len(), fast.len()) == (1, 1)
            && general.get(0) == fast.get(0)
    };
    let lines: Vec<&str> = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).take(50).collect();
    let mut layouts = Layouts::default();
    for line in &lines {
        let record = record(line);
        let is_right = |block: &mut Block, scanned: &Scanned| is_general(&record, block, scanned);
        layouts.learn(line.as_bytes(), record.len(), Pointers::default(), u64::MAX, is_right);
    }
    for line in lines {
        let mut block = Block::default();
        let padded = [line.as_bytes(), &[b'1'; SLACK]].concat();
        let Some(scanned) = layouts.scan(&padded, &mut block).filter(|scanned| scanned.line <= line.len())
        else {
            continue;
        };
        let line = &line[..scanned.line];
        assert!(is_general(&record(line), &block, &scanned), "{line:?}");
    }
}

fn print(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("what was read can be printed: {error}"))
}

/// `Debug` hides the content of a message except its status: any of it may be secret.
fn assert_debug_hides(message: &Message) {
    const SECRET: &str = "Xqj0vKz";
    let printed = print(message);
    if matches!(message, Message::JobStatus(_)) || printed.contains(SECRET) {
        return;
    }
    // A message of an unknown kind can have numbers that a `Value` can't represent.
    let Ok(mut value) = serde_json::from_str::<Value>(&printed) else { return };
    value["message"] = SECRET.into();
    let planted = value.to_string();
    let message = Message::from_json(&planted).expect("any of them may have a text");
    assert!(!format!("{message:?} {message:#?}").contains(SECRET), "{message:?}");
}

fn assert_content(content: &Content) {
    match content {
        Content::Message(message) => assert_round_trip(Message::from_json, message),
        Content::Job(job) => {
            let carrier = Payload::Job(job.clone());
            assert_round_trip(Payload::from_json, &carrier);
        }
        Content::Notified(job) => {
            let carrier = Payload::Notification(Notification::new(vec![job.clone()]));
            assert_round_trip(Payload::from_json, &carrier);
        }
        other => panic!("a new content: {other:?}"),
    }
}

/// A payload has the same content as its items.
fn assert_same_contents(carrier: &Payload, parts: &[LogItem<'_>]) {
    let found: Vec<_> = parts
        .iter()
        .map(|part| part.content.clone().unwrap_or_else(|error| panic!("it was read whole: {error}")))
        .collect();
    let messages = |messages: &[Message]| messages.iter().cloned().map(Content::Message).collect::<Vec<_>>();
    let expected = match carrier {
        Payload::Message(message) => messages(std::slice::from_ref(message)),
        Payload::Poll(polled) => messages(polled),
        Payload::Job(job) => {
            let mut alone = job.clone();
            let requests = std::mem::take(&mut alone.credential_requests);
            [vec![Content::Job(alone)], messages(&requests)].concat()
        }
        Payload::Notification(notification) => {
            notification.jobs.iter().cloned().map(Content::Notified).collect()
        }
        Payload::Requests(requests) => messages(&requests.credential_requests),
        other => panic!("a new carrier: {other:?}"),
    };
    assert_eq!(found, expected);
}

/// An error's line and column are in the text, and its pointer is valid.
fn assert_points_into(error: &MessageError, json: &str) {
    let line = error.line.checked_sub(1).and_then(|line| json.split('\n').nth(line));
    let line = line.unwrap_or_else(|| panic!("no such line: {error}"));
    assert!(error.column <= line.len(), "no such column: {error}");
    assert!(error.pointer.is_empty() || error.pointer.starts_with('/'), "{error}");
}
