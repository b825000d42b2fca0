//! Repeated, reordered and early messages.

use cardsavr_protocol::Status::{self, *};
use cardsavr_protocol::client::{Effect, Withdrawal};
use cardsavr_protocol::wire::{EnvelopeId, JobId, Message, Payload, RequestKind, Secret};

use crate::{Told, entity_of, names, request_of};

/// The effects of a sequence of statuses.
fn over(told: &mut Told, statuses: &[Status]) -> Vec<&'static str> {
    statuses.iter().flat_map(|&status| names(&told.status(status))).collect()
}

/// A snapshot of job 7 with an open request.
fn hydrated(told: &mut Told, status: Status, kind: RequestKind, envelope: &'static str) -> Vec<&'static str> {
    let mut job = entity_of(7, status);
    job.credential_requests.push(Message::Request(request_of(7, kind, envelope)));
    names(&told.carrier(&Payload::Job(job)))
}

fn answer(told: &mut Told, effects: &[Effect]) {
    let answer = match effects {
        [Effect::AskForTfaCode(prompt)] => prompt.answer(Secret::new("1")),
        [Effect::AskForCredentials(prompt)] => prompt.submitted(),
        other => panic!("nothing to answer: {other:?}"),
    };
    assert_eq!(told.message(answer.message().unwrap().clone()), []);
}

#[test]
fn messages_that_lag_behind_a_snapshot_withdraw_no_prompt() {
    let mut told = Told::new();
    over(&mut told, &[Requested, Queued, InProgress]);
    assert_eq!(hydrated(&mut told, PendingTfa, RequestKind::TfaRequest, "e1"), ["ask for code"]);
    assert_eq!(over(&mut told, &[Auth, LoginSubmitted, PendingTfa]), [""; 0]);
    assert_eq!(over(&mut told, &[TfaReceived]), ["withdraw"]);
}

#[test]
fn nobody_is_asked_after_a_snapshot_showed_the_job_updating() {
    let mut told = Told::new();
    over(&mut told, &[Auth]);
    assert_eq!(names(&told.snapshot(Updating)), ["allow leaving"]);
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["fetch"], "the fetched job decides");
    assert_eq!(over(&mut told, &[LoginSubmitted, PendingTfa, TfaReceived, TfaSubmitted, Updating]), [""; 0]);
}

#[test]
fn nothing_is_done_after_a_snapshot_showed_the_end() {
    let mut told = Told::new();
    over(&mut told, &[Auth]);
    assert_eq!(names(&told.snapshot(Successful)), ["tell end", "report", "stop"]);
    assert_eq!(over(&mut told, &[PendingTfa, PendingCard, Updating, Successful, Unsuccessful]), [""; 0]);
    assert_eq!(told.request(RequestKind::TfaRequest, "e1"), []);
    assert_eq!(told.later(10_000).tick(), []);
}

#[test]
fn a_second_request_survives_messages_of_the_first_wait() {
    let mut told = Told::new();
    let effects = told.request(RequestKind::TfaRequest, "e1");
    over(&mut told, &[LoginSubmitted, PendingTfa]);
    answer(&mut told, &effects);
    // The code failed, and a snapshot shows the second request before the messages report the failure.
    assert_eq!(hydrated(&mut told, PendingTfa, RequestKind::TfaRequest, "e2"), ["ask for code"]);
    assert_eq!(over(&mut told, &[TfaReceived, TfaSubmitted, PendingTfa]), [""; 0]);
    assert_eq!(over(&mut told, &[TfaReceived]), ["withdraw"]);
}

#[test]
fn early_credentials_do_not_count_as_the_new_ones() {
    let mut told = Told::new();
    let effects = told.request(RequestKind::CredentialRequest, "e1");
    answer(&mut told, &effects);
    assert_eq!(over(&mut told, &[Auth, CredsReceived, LoginSubmitted]), [""; 0]);
    assert_eq!(over(&mut told, &[PendingNewCreds]), ["fetch"]);
    assert_eq!(
        hydrated(&mut told, PendingNewCreds, RequestKind::CredentialRequest, "e2"),
        ["ask for credentials"]
    );
}

#[test]
fn unrequested_initial_credentials_withdraw_no_later_prompt() {
    let mut told = Told::new();
    assert_eq!(hydrated(&mut told, Auth, RequestKind::CredentialRequest, "e1"), ["ask for credentials"]);
    assert_eq!(over(&mut told, &[InProgress, CredsReceived, Auth, PendingNewCreds]), [""; 0]);
    assert_eq!(over(&mut told, &[NewCredsReceived]), ["withdraw"]);
}

#[test]
fn each_round_is_a_wait_of_its_own() {
    let mut told = Told::new();
    let round = [PendingNewCreds, NewCredsReceived, LoginResubmitted];
    assert_eq!(over(&mut told, &round), ["fetch"]);
    assert_eq!(over(&mut told, &round), ["fetch"]);
    assert_eq!(over(&mut told, &[PendingTfa, TfaReceived, TfaSubmitted, PendingTfa]), ["fetch", "fetch"]);
}

/// A message of job 7 with a percentage, which distinguishes a stale message from another round.
fn percent(told: &mut Told, status: Status, percent: u8) -> Vec<&'static str> {
    let json = format!(
        r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":{percent}}}}}"#
    );
    names(&told.json(&json))
}

#[test]
fn a_repeated_wait_is_the_same_wait() {
    let mut told = Told::new();
    let first = [(PendingTfa, 21), (TfaReceived, 22), (TfaSubmitted, 30)];
    let effects: Vec<_> = first.iter().flat_map(|&(status, done)| percent(&mut told, status, done)).collect();
    assert_eq!(effects, ["fetch"]);
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e2")), ["ask for code"]);
    for (status, done) in first {
        assert_eq!(percent(&mut told, status, done), [""; 0], "{status} is stale");
    }
    assert_eq!(percent(&mut told, PendingTfa, 31), [""; 0]);
    assert_eq!(percent(&mut told, TfaReceived, 32), ["withdraw"]);
}

#[test]
fn a_response_closes_the_request_of_its_kind_only() {
    let mut told = Told::new();
    let effects = told.request(RequestKind::TfaRequest, "e1");
    told.status(PendingTfa);
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    told.json(r#"{"type":"tfa_response","envelope_id":"e2","message":"1"}"#);
    assert_eq!(told.client.prompts().count(), 1, "still asking");
    answer(&mut told, &effects);
    assert_eq!(told.client.prompts().count(), 0);
    assert_eq!(told.request(RequestKind::TfaRequest, "e1"), []);
    assert_eq!(over(&mut told, &[TfaReceived, TfaSubmitted, Updating]), ["allow leaving"]);
}

#[test]
fn a_new_wait_has_its_own_warning_and_window() {
    let mut told = Told::new();
    let effects = told.request(RequestKind::TfaRequest, "e1");
    told.status(PendingTfa);
    assert_eq!(names(&told.later(180).tick()), ["warn"]);
    answer(&mut told, &effects);
    over(&mut told, &[TfaReceived, TfaSubmitted]);
    told.request(RequestKind::TfaRequest, "e2");
    // The request has begun the wait.
    told.later(100).status(PendingTfa);
    assert_eq!(names(&told.later(79).tick()), [""; 0]);
    assert_eq!(names(&told.later(1).tick()), ["warn"]);
    let effects = told.later(60).tick();
    let [Effect::Withdraw { envelope_id, reason: Withdrawal::TooLate, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(envelope_id.as_ref().map(EnvelopeId::as_str), Some("e2"));
}

#[test]
fn jobs_do_not_disturb_each_other() {
    let mut told = Told::new();
    let poll = r#"[{"type":"tfa_request","job_id":1,"envelope_id":"a"},
                   {"type":"job_status","job_id":2,"message":{"status":"UPDATING"}},
                   {"type":"job_status","job_id":3,"message":{"status":"PENDING_NEWCREDS"}},
                   {"type":"job_status","job_id":4,"message":{"status":"SUCCESSFUL","termination_type":"BILLABLE"}}]"#;
    let effects = told.json(poll);
    let by_job = |job: u64| {
        let effects: Vec<_> =
            effects.iter().filter(|effect| effect.job().number() == Some(job)).cloned().collect();
        names(&effects)
    };
    assert_eq!(by_job(1), ["ask for code"]);
    assert_eq!(by_job(2), ["allow leaving"]);
    assert_eq!(by_job(3), ["fetch"]);
    assert_eq!(by_job(4), ["tell end", "report", "stop"]);
    let in_progress: Vec<_> = told.client.in_progress().filter_map(JobId::number).collect();
    assert_eq!(in_progress, [1, 2, 3]);
    assert_eq!(told.json(poll), []);
}

/// Stale detection relies on this property of the table: every cycle contains a wait.
#[test]
fn each_cycle_of_the_table_has_one_wait() {
    let leads_back = |one: Status, other: Status| one.reaches(other) && other.reaches(one);
    for &status in Status::ALL {
        let circle: Vec<Status> =
            Status::ALL.iter().copied().filter(|&other| leads_back(status, other)).collect();
        let waits = circle.iter().filter(|status| status.is_waiting()).count();
        assert_eq!(waits, usize::from(circle.len() > 1), "{status} and {circle:?}");
    }
}
