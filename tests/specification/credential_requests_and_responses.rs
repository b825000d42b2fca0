//! "Credential Request and Response Messages": the requests and their answers.

use cardsavr_protocol::client::{CredentialPrompt, Effect, TfaPrompt};
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::endpoint::{Endpoint, Returns};
use cardsavr_protocol::wire::{JobId, Message, MessageKind, RequestKind, Secret, Submission};

use crate::{App, judge, lines, round_trip};

const TFA_REQUEST: &str =
    r#"{"type":"tfa_request","job_id":204,"envelope_id":"0b0e8b0c-6b0f-4b8e-9a57-6a3c1b1f7d10"}"#;
const TFA_RESPONSE: &str =
    r#"{"type":"tfa_response","envelope_id":"0b0e8b0c-6b0f-4b8e-9a57-6a3c1b1f7d10","message":"4711"}"#;
const CREDENTIAL_REQUEST: &str =
    r#"{"type":"credential_request","job_id":204,"envelope_id":"5f2c9d7e-1a44-4f0b-8f5e-2b6d90c3a1ee"}"#;
const CREDENTIAL_RESPONSE: &str = r#"{"type":"credential_response","envelope_id":"5f2c9d7e-1a44-4f0b-8f5e-2b6d90c3a1ee","message":"submitted"}"#;

fn tfa_prompt(json: &str) -> TfaPrompt {
    let effects = App::new().hears(0, json);
    let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
    prompt.clone()
}

fn credential_prompt(json: &str) -> CredentialPrompt {
    let effects = App::new().hears(0, json);
    let [Effect::AskForCredentials(prompt)] = &effects[..] else { panic!("{effects:?}") };
    prompt.clone()
}

/// Requests have a different format than status messages: an envelope, and no status.
#[test]
fn requests_have_a_format_of_their_own() {
    assert!(matches!(Message::from_json(CREDENTIAL_REQUEST), Ok(Message::Request(_))));
    let as_status = CREDENTIAL_REQUEST.replace("credential_request", "job_status");
    assert_eq!(Message::from_json(&as_status).unwrap_err().pointer, "/message");
}

/// Each job has an endpoint for its requests.
#[test]
fn the_endpoint_of_the_requests() {
    let endpoint = Endpoint::requests(&101.into()).unwrap();
    assert_eq!(lines(&endpoint), ["GET /messages/place_card_on_single_site_jobs/101/credential_requests"]);
    assert_eq!(endpoint.returns(), Returns::Messages);
}

/// `type` is one of two values.
#[test]
fn field_type() {
    for (json, kind) in
        [(TFA_REQUEST, RequestKind::TfaRequest), (CREDENTIAL_REQUEST, RequestKind::CredentialRequest)]
    {
        match Message::from_json(json).unwrap() {
            Message::Request(request) => assert_eq!(request.kind, kind),
            other => panic!("not a request: {other:?}"),
        }
    }
    assert_eq!(RequestKind::TfaRequest.request().to_string(), "tfa_request");
    assert_eq!(RequestKind::CredentialRequest.request().to_string(), "credential_request");
}

/// `job_id` identifies the job, and so the merchant: the prompt has it.
#[test]
fn field_job_id() {
    assert_eq!(tfa_prompt(TFA_REQUEST).job, JobId::from(204));
    assert_eq!(credential_prompt(CREDENTIAL_REQUEST).job, JobId::from(204));
}

/// The response must have the `envelope_id` of the request; another one answers nothing.
#[test]
fn field_envelope_id() {
    assert_eq!(judge(&[(0, TFA_REQUEST), (1, TFA_RESPONSE)]), []);
    let other = TFA_RESPONSE.replace("0b0e8b0c", "0b0e8b0d");
    assert_eq!(judge(&[(0, TFA_REQUEST), (1, &other)]), [Rule::UnmatchedResponse]);
    let without = r#"{"type":"tfa_response","message":"4711"}"#;
    assert_eq!(Message::from_json(without).unwrap_err().pointer, "/envelope_id");
}

/// A request has a type, a job and an envelope: all three are required.
#[test]
fn a_request_has_three_fields() {
    for (json, pointer) in [
        (r#"{"job_id":204,"envelope_id":"e1"}"#, "/type"),
        (r#"{"type":"tfa_request","envelope_id":"e1"}"#, "/job_id"),
        (r#"{"type":"tfa_request","job_id":204}"#, "/envelope_id"),
    ] {
        assert_eq!(Message::from_json(json).unwrap_err().pointer, pointer);
    }
    assert!(Message::from_json(r#"{"type":"tfa_request","job_id":204,"envelope_id":"e1"}"#).is_ok());
}

/// The example of a request for a code.
#[test]
fn example_of_a_tfa_request() {
    assert_eq!(round_trip(TFA_REQUEST).kind().known(), Some(MessageKind::TfaRequest));
}

/// The response has the request's envelope, and the code as the user entered it.
#[test]
fn a_tfa_response_has_the_envelope_and_the_code() {
    let prompt = tfa_prompt(TFA_REQUEST);
    for code in ["4711", "00-12", ""] {
        match prompt.answer(Secret::new(code)).message() {
            Some(Message::TfaResponse(response)) => {
                assert_eq!(response.envelope_id, prompt.envelope_id);
                assert_eq!(response.message.reveal(), code);
            }
            other => panic!("not a tfa_response: {other:?}"),
        }
    }
}

/// The example of a response with a code: the client's answer to the example of the request.
#[test]
fn example_of_a_tfa_response() {
    let message = round_trip(TFA_RESPONSE);
    assert_eq!(Some(&message), tfa_prompt(TFA_REQUEST).answer(Secret::new("4711")).message());
}

/// Credentials are stored in the job safe and not sent in a message. Any text other than `submitted` is a fault, and is not
/// shown.
#[test]
fn no_message_has_credentials() {
    let leaking = CREDENTIAL_RESPONSE.replace("submitted", "hunter2");
    assert_eq!(judge(&[(0, CREDENTIAL_REQUEST), (1, &leaking)]), [Rule::CredentialsInMessage]);
    assert_eq!(judge(&[(0, CREDENTIAL_REQUEST), (1, CREDENTIAL_RESPONSE)]), []);
    let message = Message::from_json(&leaking).unwrap();
    assert!(!format!("{message:?}").contains("hunter2"));
}

/// The account must be updated before the response is posted: only the prompt for credentials gives the response, and
/// polling does not ask again after the response was posted.
#[test]
fn a_credential_response_closes_the_prompt_for_credentials() {
    let mut app = App::new();
    let effects = app.hears(0, CREDENTIAL_REQUEST);
    let [Effect::AskForCredentials(prompt)] = &effects[..] else { panic!("{effects:?}") };
    let posted = serde_json::to_string(&prompt.submitted()).unwrap();
    assert_eq!(app.hears(1, &posted), []);
    assert_eq!(app.hears(2, CREDENTIAL_REQUEST), []);
    assert_eq!(app.client.prompts().count(), 0);
}

/// The example of a request for credentials.
#[test]
fn example_of_a_credential_request() {
    assert_eq!(round_trip(CREDENTIAL_REQUEST).kind().known(), Some(MessageKind::CredentialRequest));
}

/// The response has the format of a `tfa_response`, with a fixed word in place of the values.
#[test]
fn a_credential_response_contains_submitted() {
    let prompt = credential_prompt(CREDENTIAL_REQUEST);
    match prompt.submitted().message() {
        Some(Message::CredentialResponse(response)) => {
            assert_eq!(response.envelope_id, prompt.envelope_id);
            assert_eq!(response.message, Submission::Submitted);
        }
        other => panic!("not a credential_response: {other:?}"),
    }
}

/// The example of a response to it: the client's answer.
#[test]
fn example_of_a_credential_response() {
    let message = round_trip(CREDENTIAL_RESPONSE);
    assert_eq!(Some(&message), credential_prompt(CREDENTIAL_REQUEST).submitted().message());
}
