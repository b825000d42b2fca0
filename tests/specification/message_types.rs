//! "Message types": the recipients of each kind, and how long a job waits for an answer.

use cardsavr_protocol::client::{Effect, Withdrawal};
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::endpoint::{Endpoint, Method, Registration, Returns};
use cardsavr_protocol::wire::{EnvelopeId, Message, MessageKind, RequestKind};
use cardsavr_protocol::{Limits, Phase, Status, TerminationType, Timer};

use crate::{App, at, judge, status_json};

const REQUEST: &str = r#"{"type":"tfa_request","job_id":7,"envelope_id":"e1"}"#;
const RESPONSE: &str = r#"{"type":"tfa_response","envelope_id":"e1","message":"8520"}"#;

/// The two kinds are handled differently: a status message has no envelope and no answer; a request has an envelope and
/// needs an answer.
#[test]
fn the_two_kinds_are_handled_differently() {
    assert!(Message::from_json(&status_json(Status::Auth)).is_ok());
    let error = Message::from_json(r#"{"type":"tfa_request","job_id":7}"#).unwrap_err();
    assert_eq!(error.pointer, "/envelope_id");
    assert_eq!(App::new().hears_status(0, Status::Auth), []);
    assert_eq!(App::new().hears(0, REQUEST).len(), 1);
}

/// Status messages are for several clients at once: a client without prompts reports the end as well.
#[test]
fn status_messages_are_for_several_clients() {
    let (mut asked, mut other) = (App::new(), App::new());
    assert_eq!(asked.hears(0, REQUEST).len(), 1);
    for app in [&mut asked, &mut other] {
        app.hears_status(0, Status::Updating);
        let effects = app.hears_status(0, Status::Successful);
        assert!(matches!(&effects[..], [Effect::TellEnd(_), .., Effect::StopPolling { .. }]), "{effects:?}");
        assert_eq!(app.client.in_progress().count(), 0);
    }
}

/// A user subscribes to the channel of a job that was started, and then receives its broadcasts.
#[test]
fn a_user_subscribes_to_the_channel_of_a_started_job() {
    let job = 7.into();
    let subscribe = Endpoint::register(&job).unwrap();
    assert_eq!(subscribe.returns(), Returns::Registration);
    let registration = Registration::from_json(r#"{"access_key":"a key"}"#).unwrap();
    let receive = Endpoint::broadcasts(&registration.of(job.clone())).unwrap();
    assert_eq!(receive.returns(), Returns::Messages);
    assert_eq!(subscribe.path(), format!("{}/registrations", receive.path()));
}

/// Status messages show when the job is authenticated with the merchant, when it is complete, and when it has failed.
#[test]
fn status_messages_show_authentication_completion_and_failure() {
    assert_eq!(Status::Updating.phase(), Phase::Placement);
    assert!(Status::Updating.predecessors().iter().any(|status| status.phase() == Phase::Authentication));
    let ends = |status: Status| status.termination_type();
    assert_eq!(ends(Status::Updating), None);
    assert_eq!(ends(Status::Successful), Some(TerminationType::Billable));
    assert!(Status::ALL.iter().any(|&s| s.is_terminal() && ends(s) != Some(TerminationType::Billable)));
}

/// A session that waits for a TFA code times out after exactly four minutes.
#[test]
fn a_session_waits_four_minutes_for_a_code() {
    let mut timer = Timer::new(Limits::default());
    timer.enter(at(0), Status::PendingTfa);
    let end = at(4 * 60);
    assert_eq!(timer.expires_at(), Some(end));
    assert_eq!(timer.expire(end - core::time::Duration::from_millis(1)), None);
    assert_eq!(timer.expire(end), Some(Status::TimeoutTfa));
}

/// The client then notifies its user that the code can't be supplied any more.
#[test]
fn the_user_is_notified_that_the_code_is_too_late() {
    let withdrawn = Effect::Withdraw {
        job: 7.into(),
        envelope_id: Some(EnvelopeId::new("e1")),
        reason: Withdrawal::TooLate,
    };
    let asking = || {
        let mut app = App::new();
        app.hears(0, REQUEST);
        app.hears_status(0, Status::PendingTfa);
        app
    };
    // When the service reports it or the time has passed, whichever is first.
    assert!(asking().hears_status(200, Status::TimeoutTfa).contains(&withdrawn));
    let mut app = asking();
    assert!(!app.waits(239).contains(&withdrawn));
    assert!(app.waits(240).contains(&withdrawn));
}

/// Other messages need not be shown to the user: progress alone has no effect.
#[test]
fn other_messages_need_not_be_shown() {
    let quiet = Status::ALL
        .iter()
        .filter(|status| !status.is_terminal() && !status.is_waiting() && **status != Status::Updating);
    assert_eq!(quiet.clone().count(), 12);
    for &status in quiet {
        assert_eq!(App::new().hears_status(0, status), [], "{status}");
    }
}

/// A request and its response occur once per job, however often polling shows the request: one prompt, one answer.
#[test]
fn a_request_and_its_response_occur_once() {
    let mut app = App::new();
    assert_eq!(app.hears(0, REQUEST).len(), 1);
    assert_eq!(app.hears(5, REQUEST), []);
    assert_eq!(judge(&[(0, REQUEST), (5, REQUEST), (9, RESPONSE)]), []);
    assert_eq!(judge(&[(0, REQUEST), (9, RESPONSE), (10, RESPONSE)]), [Rule::RepeatedResponse]);
    let other_job = REQUEST.replace('7', "8");
    assert_eq!(judge(&[(0, REQUEST), (0, &other_job)]), [Rule::EnvelopeReused]);
}

/// Only the client that created a job receives its requests: the log of another client lacks them without a finding, and
/// its user is not asked.
#[test]
fn only_the_client_that_created_a_job_receives_its_requests() {
    let statuses = [Status::LoginSubmitted, Status::PendingTfa, Status::TfaReceived];
    assert_eq!(judge(&statuses.map(|status| (0, status_json(status)))), []);
    let mut app = App::new();
    let effects: Vec<_> = statuses.into_iter().flat_map(|status| app.hears_status(0, status)).collect();
    assert!(!effects.iter().any(|e| matches!(e, Effect::AskForTfaCode(_) | Effect::AskForCredentials(_))));
}

/// There are two kinds of request, for credentials and for TFA codes; another kind is not an error.
#[test]
fn there_are_two_requests() {
    let requests = MessageKind::ALL.iter().filter(|kind| kind.to_string().ends_with("_request"));
    let ours = [RequestKind::TfaRequest, RequestKind::CredentialRequest].map(RequestKind::request);
    itertools::assert_equal(requests, &ours);
    let later = r#"{"type":"selfie_request","job_id":7,"envelope_id":"e1"}"#;
    assert!(matches!(Message::from_json(later), Ok(Message::Unknown(_))));
}

/// Each request needs a response of its own kind from the user; another kind doesn't answer it.
#[test]
fn each_request_needs_its_response() {
    for (kind, response) in [
        (RequestKind::TfaRequest, MessageKind::TfaResponse),
        (RequestKind::CredentialRequest, MessageKind::CredentialResponse),
    ] {
        assert_eq!(kind.response(), Some(response));
    }
    let mismatched = r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#;
    assert_eq!(judge(&[(0, REQUEST), (1, mismatched)]), [Rule::ResponseKindMismatch]);
    assert_eq!(judge(&[(0, REQUEST), (1, RESPONSE)]), []);
}

/// The response is posted to the channel of the job that asked.
#[test]
fn a_response_is_posted_to_the_same_channel() {
    let channel = |endpoint: &Endpoint| endpoint.path().rsplit_once('/').unwrap().0.to_owned();
    let (ask, answer) = (Endpoint::requests(&7.into()).unwrap(), Endpoint::answer(&7.into()).unwrap());
    assert_eq!(answer.method(), Method::Post);
    assert_eq!(channel(&ask), channel(&answer));
    assert_ne!(channel(&answer), channel(&Endpoint::answer(&8.into()).unwrap()));
}

/// A request that isn't answered within four minutes ends the session, and the job without success.
#[test]
fn a_request_that_is_not_answered_ends_the_job_without_success() {
    for (waiting, kind) in [
        (Status::PendingTfa, RequestKind::TfaRequest),
        (Status::PendingNewCreds, RequestKind::CredentialRequest),
        (Status::PendingCreds, RequestKind::CredentialRequest),
    ] {
        let mut timer = Timer::new(Limits::default());
        timer.enter(at(0), waiting);
        assert_eq!(timer.expire(at(239)), None);
        let ended = timer.expire(at(240)).expect("the time has run out");
        assert!(waiting.can_become(ended), "{waiting} -> {ended}");
        assert!(ended.is_terminal() && ended.termination_type() != Some(TerminationType::Billable));
        // The checker reports a log in which the job continues to wait, and one with a late answer.
        let waits = status_json(waiting);
        assert_eq!(judge(&[(0, &waits), (239, &waits)]), []);
        assert_eq!(judge(&[(0, &waits), (400, &waits)]), [Rule::OverdueTimeout]);
        let request = format!(r#"{{"type":"{}","job_id":7,"envelope_id":"e1"}}"#, kind.request());
        let text = if kind == RequestKind::TfaRequest { "8520" } else { "submitted" };
        let response = kind.response().unwrap();
        let response = format!(r#"{{"type":"{response}","envelope_id":"e1","message":"{text}"}}"#);
        assert_eq!(judge(&[(0, &request), (0, &waits), (239, &response)]), []);
        assert_eq!(judge(&[(0, &request), (0, &waits), (245, &response)]), [Rule::LateResponse]);
    }
}
