//! What a client keeps of its jobs, and what it drops.

use cardsavr_protocol::Status;
use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::wire::{JobId, Message, RequestKind};

use crate::{Told, names, request_of};

#[test]
fn late_messages_of_an_ended_job_change_nothing() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.status(Status::Successful);
    let ended = told.client.clone();
    assert_eq!(told.status(Status::PendingTfa), []);
    assert_eq!(told.request(RequestKind::TfaRequest, "e2"), []);
    assert_eq!(told.snapshot(Status::Killed), []);
    assert_eq!(told.json(r#"{"jobs":[{"job_id":"7","job_status":"KILLED"}]}"#), []);
    assert_eq!(told.client, ended);
    assert_eq!(told.client.in_progress().count(), 0);
}

#[test]
fn the_end_of_a_poll_ends_the_job_for_the_rest_of_it() {
    let mut told = Told::new();
    let poll = r#"[{"type":"job_status","job_id":7,"message":{"status":"SUCCESSFUL"}},
                   {"type":"tfa_request","job_id":7,"envelope_id":"e1"},
                   {"type":"job_status","job_id":7,"message":{"status":"KILLED"}}]"#;
    assert_eq!(names(&told.json(poll)), ["tell end", "report", "stop"]);
    assert_eq!(told.client.in_progress().count(), 0);
}

#[test]
fn a_forgotten_job_is_unknown() {
    let mut told = Told::new();
    let nothing_known = told.client.clone();
    told.request(RequestKind::TfaRequest, "e1");
    told.json(r#"{"type":"tfa_response","envelope_id":"e1","message":"1"}"#);
    told.client.forget(&JobId::from("7"));
    assert_eq!(told.client.in_progress().count(), 0);
    told.status(Status::Successful);
    told.client.forget(&JobId::Number(7));
    told.client.forget(&JobId::Number(8));
    // Only the time is left.
    let mut before = nothing_known;
    assert_eq!(before.tick(cardsavr_protocol::Timestamp::from_millis(0)), []);
    assert_eq!(told.client, before);
    // A later message makes it known again.
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["ask for code"]);
}

#[test]
fn the_answers_of_an_ended_job_are_dropped() {
    let mut told = Told::new();
    for envelope in ["e1", "e2"] {
        told.request(RequestKind::TfaRequest, envelope);
        told.json(&format!(r#"{{"type":"tfa_response","envelope_id":"{envelope}","message":"1"}}"#));
    }
    told.status(Status::Successful);
    let mut plain = Told::new();
    plain.status(Status::Successful);
    assert_eq!(told.client, plain.client);
}

/// A saved client continues unchanged, read from any kind of source, with the ids in their original form.
#[test]
fn a_saved_client_resumes() {
    let mut told = Told::new();
    told.json(
        r#"[{"type":"tfa_request","job_id":"7","envelope_id":"e1","message":"Look at your \"phone\"."},
            {"type":"tfa_request","job_id":"7","envelope_id":"e2"},
            {"type":"job_status","job_id":"seven","message":{"status":"ODD","status_message":"\"Odd\"."}},
            {"type":"credential_response","envelope_id":"e3","message":"submitted"},
            {"type":"job_status","job_id":9,"message":{"status":"KILLED"}}]"#,
    );
    let saved = serde_json::to_string(&told.client).unwrap();
    let from_value: Client = serde_json::from_value(serde_json::from_str(&saved).unwrap()).unwrap();
    assert_eq!(from_value, told.client);
    let asked: Vec<Effect> = told.client.prompts().collect();
    told.client = serde_json::from_str(&saved).unwrap();
    assert_eq!(told.client, from_value);
    assert_eq!(format!("{asked:?}"), format!("{:?}", told.client.prompts().collect::<Vec<_>>()));
    assert_eq!(names(&told.later(180).tick()), ["warn"]);
    assert_eq!(names(&told.status(Status::Killed)), ["withdraw", "withdraw", "tell end", "stop"]);
}

#[test]
fn open_prompts_can_be_shown_again() {
    let mut told = Told::new();
    let asked = told.request(RequestKind::TfaRequest, "e1");
    let other = told.message(Message::Request(request_of(8, RequestKind::CredentialRequest, "e2")));
    let prompts = |told: &Told| told.client.prompts().collect::<Vec<Effect>>();
    assert_eq!(prompts(&told), [&asked[..], &other[..]].concat());
    told.json(r#"{"type":"credential_response","envelope_id":"e2","message":"submitted"}"#);
    assert_eq!(prompts(&told), asked);
    told.status(Status::Updating);
    assert_eq!(prompts(&told), []);
}
