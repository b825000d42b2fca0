//! One example for each row of the table in the documentation of `client`.

use core::time::Duration;

use cardsavr_protocol::client::{CredentialPrompt, Effect, JobEnd, Outcome, TfaPrompt, Withdrawal};
use cardsavr_protocol::wire::{EnvelopeId, Open, RequestKind, Secret, StatusBody, Text};
use cardsavr_protocol::{Status, TerminationType, Timestamp};

use crate::{Told, end, names, status_of};

fn withdrawn(envelope: &'static str, reason: Withdrawal) -> Effect {
    Effect::Withdraw { job: 7.into(), envelope_id: Some(EnvelopeId::new(envelope)), reason }
}

#[test]
fn asks_for_a_tfa_code_and_answers_with_the_requests_envelope() {
    let mut told = Told::new();
    let effects = told
        .json(r#"[{"type":"tfa_request","job_id":"7","envelope_id":"e1","message":"Look at your phone."}]"#);
    let prompt = TfaPrompt::new(7.into(), EnvelopeId::new("e1"), Some(Text::new("Look at your phone.")));
    assert_eq!(effects, [Effect::AskForTfaCode(prompt.clone())]);
    let answer = serde_json::to_string(&prompt.answer(Secret::new("123456"))).unwrap();
    assert_eq!(answer, r#"{"type":"tfa_response","envelope_id":"e1","message":"123456"}"#);
}

#[test]
fn asks_for_credentials_and_answers_that_they_were_submitted() {
    let mut told = Told::new();
    let effects = told.json(
        r#"{"id":7,"status":"PENDING_NEWCREDS","credential_requests":[
            {"type":"credential_request","job_id":7,"envelope_id":"e1",
             "message":{"status":"PENDING_NEWCREDS","status_message":"Please try again."}}]}"#,
    );
    let prompt = CredentialPrompt::new(7.into(), EnvelopeId::new("e1"), Some(Text::new("Please try again.")));
    assert_eq!(effects, [Effect::AskForCredentials(prompt.clone())]);
    let answer = serde_json::to_string(&prompt.submitted()).unwrap();
    assert_eq!(answer, r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
}

#[test]
fn fetches_the_job_once_if_it_waits_and_no_request_was_seen() {
    for status in [Status::PendingTfa, Status::PendingNewCreds] {
        let mut told = Told::new();
        assert_eq!(told.status(status), [Effect::FetchJob { job: 7.into() }]);
        assert_eq!(told.status(status), []);
        assert_eq!(told.snapshot(status), []);
        let kind = if status == Status::PendingTfa {
            RequestKind::TfaRequest
        } else {
            RequestKind::CredentialRequest
        };
        assert_eq!(told.request(kind, "e1").len(), 1);
        assert_eq!(told.status(status), []);
    }
    // A request that was seen, before its status or with it, needs no fetch.
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    assert_eq!(told.status(Status::PendingTfa), []);
    let poll = r#"[{"type":"job_status","job_id":8,"message":{"status":"PENDING_TFA"}},
                   {"type":"tfa_request","job_id":8,"envelope_id":"e2"}]"#;
    assert_eq!(names(&told.json(poll)), ["ask for code"]);
    // A request for something else doesn't replace the fetch.
    told.request(RequestKind::CredentialRequest, "e3");
    assert_eq!(names(&Told::new().status(Status::PendingTfa)), ["fetch"]);
}

#[test]
fn adds_the_card_once_if_the_job_waits_for_it() {
    let mut told = Told::new();
    assert_eq!(told.status(Status::PendingCard), [Effect::AddCard { job: 7.into() }]);
    assert_eq!(told.status(Status::PendingCard), []);
    assert_eq!(names(&told.status(Status::Updating)), ["allow leaving", "withdraw"]);
    assert_eq!(told.status(Status::PendingCard), [Effect::AddCard { job: 7.into() }]);
    assert_eq!(told.client.prompts().count(), 1);
    // A supplied card isn't withdrawn.
    told.client.supplied(&7.into());
    assert_eq!(told.client.prompts().count(), 0);
    assert_eq!(told.status(Status::Updating), []);
    told.status(Status::PendingCard);
    assert_eq!(names(&told.status(Status::Successful)), ["withdraw", "tell end", "report", "stop"]);
}

#[test]
fn warns_once_per_wait_while_a_prompt_is_open() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.status(Status::PendingTfa);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(180_000)));
    assert_eq!(told.later(179).tick(), []);
    let warning = Effect::Warn { job: 7.into(), time_left: Duration::from_secs(60) };
    assert_eq!(told.later(1).tick(), [warning]);
    assert_eq!(told.later(1).tick(), []);
    assert_eq!(told.status(Status::PendingTfa), []);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(240_000)));
}

#[test]
fn does_not_warn_without_an_open_prompt() {
    // The request arrives when little time is left.
    let mut told = Told::new();
    told.status(Status::PendingTfa);
    assert_eq!(names(&told.later(200).tick()), ["fetch"]);
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["ask for code", "warn"]);

    // The user has answered.
    let mut told = Told::new();
    let effects = told.request(RequestKind::TfaRequest, "e1");
    let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
    told.status(Status::PendingTfa);
    told.message(prompt.answer(Secret::new("1234")).message().unwrap().clone());
    assert_eq!(told.later(200).tick(), []);
}

#[test]
fn warns_by_the_job_timeout() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.json(r#"{"type":"job_status","job_id":7,"message":{"status":"PENDING_TFA","job_timeout":90000}}"#);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(30_000)));
    let said = r#"{"type":"job_status","job_id":7,"message":{"status":"PENDING_TFA","job_timeout":9000}}"#;
    let warning = Effect::Warn { job: 7.into(), time_left: Duration::from_secs(9) };
    assert_eq!(told.json(said), [warning]);
}

#[test]
fn withdraws_the_prompt_when_the_answer_window_has_passed() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.status(Status::PendingTfa);
    told.later(239).tick();
    assert_eq!(told.later(1).tick(), [withdrawn("e1", Withdrawal::TooLate)]);
    // Polling continues until the service reports the end.
    assert_eq!(names(&told.status(Status::TimeoutTfa)), ["tell end", "report", "stop"]);
}

#[test]
fn withdraws_the_prompt_when_the_timeout_arrives() {
    for (waiting, kind, ended) in [
        (Status::PendingTfa, RequestKind::TfaRequest, Status::TimeoutTfa),
        (Status::PendingNewCreds, RequestKind::CredentialRequest, Status::TimeoutCredentials),
    ] {
        let mut told = Told::new();
        told.request(kind, "e1");
        told.status(waiting);
        let effects = told.status(ended);
        assert_eq!(effects[0], withdrawn("e1", Withdrawal::TooLate));
        assert_eq!(names(&effects), ["withdraw", "tell end", "report", "stop"]);
    }
}

#[test]
fn withdraws_the_prompt_when_the_job_moves_on_or_ends_otherwise() {
    for next in [Status::TfaReceived, Status::Updating, Status::CancelRequested, Status::Killed] {
        let mut told = Told::new();
        told.request(RequestKind::TfaRequest, "e1");
        told.status(Status::PendingTfa);
        assert!(told.status(next).contains(&withdrawn("e1", Withdrawal::NotNeeded)), "{next}");
    }
}

#[test]
fn asks_nothing_if_the_job_has_ended() {
    let poll = r#"[{"type":"tfa_request","job_id":8,"envelope_id":"e2"},
                   {"type":"job_status","job_id":8,"message":{"status":"PENDING_TFA"}},
                   {"type":"job_status","job_id":8,"message":{"status":"TIMEOUT_TFA"}}]"#;
    assert_eq!(names(&Told::new().json(poll)), ["tell end", "report", "stop"]);
}

#[test]
fn lets_the_user_leave_once_the_job_is_updating() {
    let mut told = Told::new();
    assert_eq!(told.status(Status::Updating), [Effect::AllowLeaving { job: 7.into() }]);
    assert_eq!(told.status(Status::Updating), []);
    told.status(Status::PendingCard);
    assert_eq!(names(&told.status(Status::Updating)), ["withdraw"]);
    // A request is asked for only if the job itself shows it.
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["fetch"]);
    assert_eq!(told.request(RequestKind::CredentialRequest, "e2"), []);
}

#[test]
fn tells_how_the_job_ended_and_stops_polling() {
    let mut told = Told::new();
    let said = end(Status::Successful, TerminationType::Billable)
        .with_termination_status_message(Text::new("Your card was placed."))
        .with_status_message(Text::new("Done."));
    let mut ended = JobEnd::new(7.into(), Status::Successful);
    ended.text = Some(Text::new("Your card was placed."));
    assert_eq!(
        (ended.termination_type, ended.outcome()),
        (Some(TerminationType::Billable), Outcome::Success)
    );
    let effects = told.message(status_of(7, &said));
    let stop = Effect::StopPolling { job: 7.into() };
    assert_eq!(effects, [Effect::TellEnd(ended.clone()), Effect::Report(ended), stop]);
    assert_eq!(told.client.in_progress().count(), 0);
}

#[test]
fn reports_a_process_failure_as_unsuccessful() {
    let effects = Told::new().status(Status::VbsError);
    let [_, Effect::Report(report), _] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(report.termination_type, Some(TerminationType::ProcessFailure));
    assert_eq!(report.outcome(), Outcome::Failure);
}

#[test]
fn leaves_a_job_that_never_started_out_of_reports() {
    assert_eq!(names(&Told::new().status(Status::Killed)), ["tell end", "stop"]);
    // The termination type that was sent overrides that of the status.
    let said = end(Status::VbsError, TerminationType::NeverStarted);
    assert_eq!(names(&Told::new().message(status_of(7, &said))), ["tell end", "stop"]);
}

#[test]
fn shows_the_text_of_an_unknown_status_and_continues() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.status(Status::PendingTfa);
    let said = |text: &'static str| {
        let unknown = StatusBody::new(Open::new("PENDING_SELFIE"));
        status_of(7, &unknown.with_job_status_message(Text::new(text)))
    };
    let show = |text| Effect::ShowStatus { job: 7.into(), text: Text::new(text) };
    assert_eq!(told.message(said("Please smile.")), [show("Please smile.")]);
    assert_eq!(told.message(said("Please smile.")), []);
    assert_eq!(told.message(said("Smile more.")), [show("Smile more.")]);
    // Without a text of the service there is nothing to show.
    assert_eq!(told.message(status_of(7, &StatusBody::new(Open::new("PENDING_SELFIE")))), []);

    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(180_000)));
    assert_eq!(names(&told.status(Status::TfaReceived)), ["withdraw"]);
    assert_eq!(told.message(said("Smile more.")), [show("Smile more.")]);
}

#[test]
fn an_unknown_status_with_a_termination_type_is_an_end() {
    let effects = Told::new()
        .message(status_of(7, &end(Open::new("SELFIE_REFUSED"), TerminationType::UserDataFailure)));
    assert_eq!(names(&effects), ["tell end", "report", "stop"]);
}

#[test]
fn a_notification_ends_each_of_its_jobs() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    let effects = told.json(
        r#"{"jobs":[{"job_id":7,"job_status":"TIMEOUT_TFA","termination_type":"USER_DATA_FAILURE"},
                    {"job_id":9,"job_status":"SUCCESSFUL","termination_type":"BILLABLE","job_status_message":"Placed."}]}"#,
    );
    assert_eq!(names(&effects), ["withdraw", "tell end", "report", "stop", "tell end", "report", "stop"]);
    let Effect::TellEnd(end) = &effects[4] else { panic!("{effects:?}") };
    assert_eq!((end.job.number(), end.text.as_ref().map(Text::as_str)), (Some(9), Some("Placed.")));
}

/// A message, the job itself and a notification have the same four texts. The first non-empty one counts, and those on
/// the end come before those on the status.
#[test]
fn shows_the_first_nonempty_text_of_every_source() {
    const TEXTS: [&str; 4] =
        ["termination_status_message", "termination_message", "job_status_message", "status_message"];
    for (first, name) in TEXTS.into_iter().enumerate() {
        let text = |(at, name)| format!(r#","{name}":"{}""#, if at < first { "" } else { name });
        let texts: String = TEXTS.into_iter().enumerate().map(text).collect();
        for json in [
            format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"SUCCESSFUL"{texts}}}}}"#),
            format!(r#"{{"id":7,"status":"SUCCESSFUL"{texts}}}"#),
            format!(r#"{{"jobs":[{{"job_id":7,"job_status":"SUCCESSFUL"{texts}}}]}}"#),
        ] {
            let effects = Told::new().json(&json);
            let Effect::TellEnd(end) = &effects[0] else { panic!("{effects:?}") };
            assert_eq!(end.text, Some(Text::new(name)), "{json}");
        }
        // A request may have the texts without a status.
        let texts = &texts[1..];
        let json = format!(r#"{{"type":"tfa_request","job_id":7,"envelope_id":"e1","message":{{{texts}}}}}"#);
        let effects = Told::new().json(&json);
        let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(prompt.text, Some(Text::new(name)), "{json}");
    }
    let request = |message: &str| {
        format!(r#"{{"type":"tfa_request","job_id":7,"envelope_id":"e1","message":{message}}}"#)
    };
    for says_nothing in [r#""""#, "{}", r#"{"status_message":""}"#, r#"{"status_message":5}"#] {
        let effects = Told::new().json(&request(says_nothing));
        let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(prompt.text, None, "{says_nothing}");
    }
    // An unknown status with an empty text has nothing to show.
    let unknown = r#"{"type":"job_status","job_id":7,"message":{"status":"SELFIE","status_message":""}}"#;
    assert_eq!(Told::new().json(unknown), []);
}

#[test]
fn messages_without_an_end_end_no_job() {
    for said in [StatusBody::new(Status::NetworkIssue), StatusBody::new(Open::new("PENDING_SELFIE"))] {
        let mut told = Told::new();
        assert_eq!(told.message(status_of(7, &said)), []);
        assert_eq!(told.client.in_progress().count(), 1);
    }
}
