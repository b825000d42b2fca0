//! Reports that may be stale or of another round: the job is fetched, and no prompt changes.

use cardsavr_protocol::Status::{self, *};
use cardsavr_protocol::Timestamp;
use cardsavr_protocol::client::Effect;
use cardsavr_protocol::wire::{Message, Payload, RequestKind};

use crate::requests::short;
use crate::{Told, entity_of, request_of, status_of};

const NOTHING: [&str; 0] = [];

impl Told {
    /// The next deadline, in seconds.
    fn next(&self) -> Option<i64> {
        self.client.next_deadline().map(|at| at.as_millis() / 1000)
    }

    /// A poll with statuses and their percentages, and requests for codes.
    fn poll_done(&mut self, statuses: &[(Status, f64)], envelopes: &[&str]) -> Vec<String> {
        let status = |&(status, percent): &(Status, f64)| {
            format!(
                r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":{percent}}}}}"#
            )
        };
        let request =
            |envelope: &&str| format!(r#"{{"type":"tfa_request","job_id":7,"envelope_id":"{envelope}"}}"#);
        let poll: Vec<String> = statuses.iter().map(status).chain(envelopes.iter().map(request)).collect();
        short(&self.json(&format!("[{}]", poll.join(","))))
    }

    fn timed(&mut self, status: Status, percent: f64, timeout: i64) -> Vec<String> {
        short(&self.json(&format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":{percent},"job_timeout":{timeout}}}}}"#
        )))
    }

    /// The job itself, with a percentage and an open request for a code.
    fn shows(
        &mut self,
        status: Status,
        percent: f64,
        timeout: Option<i64>,
        envelope: &'static str,
    ) -> Vec<Effect> {
        let mut job = entity_of(7, status);
        job.percent_complete = serde_json::from_value(percent.into()).unwrap();
        job.job_timeout = timeout.map(|timeout| serde_json::from_value(timeout.into()).unwrap());
        job.credential_requests.push(Message::Request(request_of(7, RequestKind::TfaRequest, envelope)));
        self.carrier(&Payload::Job(job))
    }
}

/// A fixed percentage per status, so that percentages fall and recur.
#[test]
fn each_round_is_fetched_with_any_percentages() {
    let mut told = Told::new();
    told.done(LoginSubmitted, 15.0);
    assert_eq!(told.done(PendingTfa, 50.0), ["fetch"]);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    told.answer("e1");
    assert_eq!(told.done(TfaReceived, 45.0), NOTHING);
    assert_eq!(told.done(TfaSubmitted, 48.0), NOTHING);
    assert_eq!(told.later(5).done(PendingTfa, 50.0), ["fetch"]);
    // Its request isn't there yet.
    assert_eq!(told.hydrated(PendingTfa, &[]), NOTHING);
    assert_eq!(told.next(), Some(10));
    assert_eq!(short(&told.later(5).tick()), ["fetch"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(told.next(), Some(5 + 180));
    // A repeated report is stale while the request is open.
    assert_eq!(told.done(TfaReceived, 45.0), NOTHING);
    assert_eq!(told.done(Updating, 80.0), ["allow leaving", "withdraw e2"]);

    let mut told = Told::new();
    for round in 0..4 {
        assert_eq!(told.done(PendingNewCreds, 40.0), ["fetch"], "round {round}");
        assert_eq!(told.done(NewCredsReceived, 30.0), NOTHING);
        assert_eq!(told.done(LoginResubmitted, 35.0), NOTHING);
        told.later(5);
    }
}

/// A round reported with percentages, after one without.
#[test]
fn a_round_is_fetched_if_only_some_reports_have_percentages() {
    let mut told = Told::new();
    told.done(LoginSubmitted, 1.0);
    assert_eq!(short(&told.status(PendingNewCreds)), ["fetch"]);
    told.request(RequestKind::CredentialRequest, "e1");
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    assert_eq!(told.later(5).done(NewCredsReceived, 0.0), NOTHING);
    assert_eq!(told.done(LoginResubmitted, 0.0), NOTHING);
    assert_eq!(told.done(PendingNewCreds, 0.0), ["fetch"]);
}

/// Stale messages from another reader, and heartbeats, don't settle whether the second wait has begun.
#[test]
fn doubt_outlasts_stale_messages_and_heartbeats() {
    let mut told = Told::new();
    let mut job = entity_of(7, PendingNewCreds);
    job.percent_complete = serde_json::from_value(80.into()).unwrap();
    job.credential_requests.push(Message::Request(request_of(7, RequestKind::CredentialRequest, "e1")));
    assert_eq!(short(&told.snapshot(PendingNewCreds)), ["fetch"]);
    assert_eq!(short(&told.carrier(&Payload::Job(job))), ["ask e1"]);
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    assert_eq!(
        told.poll_done(&[(PendingNewCreds, 80.0), (NewCredsReceived, 20.0), (LoginResubmitted, 4.0)], &[]),
        NOTHING
    );
    assert_eq!(told.poll_done(&[(Queued, 8.0), (InProgress, 48.0)], &[]), NOTHING);
    assert_eq!(told.done(PendingNewCreds, 80.0), NOTHING, "it was fetched just now");
    assert_eq!(told.done(PendingNewCreds, 80.0), NOTHING);
    assert_eq!(told.next(), Some(5));
    assert_eq!(short(&told.later(5).tick()), ["fetch"]);
}

#[test]
fn a_first_wait_is_fetched_with_any_percentage() {
    for (wait, before) in
        [(PendingCreds, Auth), (PendingTfa, LoginSubmitted), (PendingNewCreds, LoginSubmitted)]
    {
        let mut told = Told::new();
        told.done(before, 30.0);
        assert_eq!(told.done(wait, 1.0), ["fetch"], "{wait}");
        // Also after a snapshot that is ahead of the messages.
        let mut told = Told::new();
        told.carrier(&Payload::Job({
            let mut job = entity_of(7, before);
            job.percent_complete = serde_json::from_value(30.into()).unwrap();
            job
        }));
        assert_eq!(told.done(wait, 1.0), ["fetch"], "{wait}");
    }
}

/// A job in its second wait for a code, with percentages that rise, and its prompt.
fn in_second_wait() -> Told {
    let mut told = Told::new();
    assert_eq!(told.poll_done(&FIRST, &[]), NOTHING);
    assert_eq!(told.later(60).poll_done(&[(PendingTfa, 29.0)], &["e2"]), ["ask e2"]);
    assert_eq!(told.next(), Some(60 + 180));
    told.later(10);
    told
}

const FIRST: [(Status, f64); 3] = [(PendingTfa, 21.0), (TfaReceived, 22.5), (TfaSubmitted, 28.5)];

#[test]
fn stale_reports_move_neither_prompt_nor_deadline() {
    let mut told = in_second_wait();
    // One by one, twice; then as one poll; then in another order.
    for (status, percent) in FIRST.into_iter().chain(FIRST) {
        assert_eq!(told.done(status, percent), NOTHING, "{status}");
    }
    for _ in 0..2 {
        assert_eq!(told.poll_done(&FIRST, &["e2"]), NOTHING);
        let [first, second, third] = FIRST;
        assert_eq!(told.poll_done(&[second, first, third], &["e2"]), NOTHING);
        assert_eq!(told.poll_done(&[(PendingTfa, 29.0)], &["e2"]), NOTHING);
    }
    assert_eq!(told.next(), Some(240));
    assert_eq!(told.done(TfaReceived, 30.0), ["withdraw e2"]);
}

#[test]
fn a_poll_without_numbers_that_comes_twice_moves_no_deadline() {
    let mut told = Told::new();
    let statuses = [PendingTfa, TfaReceived, TfaSubmitted, PendingTfa];
    assert_eq!(told.poll(&statuses, &["e2"]), ["ask e2"]);
    assert_eq!(told.later(60).poll(&statuses, &["e2"]), NOTHING);
    assert_eq!(told.next(), Some(180));
    // Without the request this may be another round: the prompt stays until the job itself shows its request.
    assert_eq!(told.later(50).poll(&statuses, &[]), ["fetch"]);
    assert_eq!(told.next(), Some(115), "and again while the status is in doubt");
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), NOTHING);
    assert_eq!(told.next(), Some(180));
    assert_eq!(told.later(10).poll(&statuses, &[]), ["fetch"]);
    assert_eq!(told.hydrated(PendingTfa, &["e3"]), ["withdraw e2", "ask e3"]);
}

#[test]
fn a_stale_heartbeat_extends_no_deadline() {
    let mut told = Told::new();
    told.tfa("e1");
    told.timed(PendingTfa, 21.0, 200);
    told.later(30).timed(PendingTfa, 21.0, 170);
    assert_eq!(told.next(), Some(140));
    told.later(10).timed(PendingTfa, 21.0, 200);
    assert_eq!(told.next(), Some(140));
    // More time than before is accepted from a report that is not a repetition.
    told.timed(PendingTfa, 21.0, 190);
    assert_eq!(told.next(), Some(40 + 130));
}

#[test]
fn messages_that_lag_behind_a_snapshot_move_neither_prompt_nor_deadline() {
    let mut told = Told::new();
    assert_eq!(short(&told.shows(PendingTfa, 29.0, Some(100), "e2")), ["ask e2"]);
    assert_eq!(told.next(), Some(40));
    // The messages of the first wait, which the client hasn't seen.
    assert_eq!(told.timed(PendingTfa, 21.0, 300), NOTHING);
    assert_eq!(told.timed(TfaReceived, 22.5, 290), ["fetch"], "no message has reported it before");
    assert_eq!(told.timed(TfaSubmitted, 28.5, 280), NOTHING);
    assert_eq!(short(&told.shows(PendingTfa, 29.0, Some(100), "e2")), NOTHING);
    assert_eq!(told.timed(PendingTfa, 29.0, 240), NOTHING, "the first heartbeat of this wait is stale, too");
    assert_eq!(told.next(), Some(40));
    assert_eq!(told.later(5).timed(PendingTfa, 29.0, 95), NOTHING, "they have caught up");
    assert_eq!(told.next(), Some(40));
    assert_eq!(told.timed(TfaReceived, 30.0, 90), ["withdraw e2"]);
}

#[test]
fn a_request_that_was_too_late_and_recurs_is_not_warned_of_again() {
    let mut told = Told::new();
    told.tfa("e1");
    told.timed(PendingTfa, 21.0, 70);
    assert_eq!(short(&told.later(10).tick()), ["warn"]);
    assert_eq!(short(&told.later(60).tick()), ["too late e1", "fetch"]);
    assert_eq!(told.timed(PendingTfa, 21.0, 100), NOTHING);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.later(50).tick()), NOTHING);
    // Nor is another request of the same wait.
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    assert_eq!(short(&told.later(50).tick()), ["too late e1", "too late e2", "fetch"]);
}

/// Reordered or late messages: new reports that are stale by their percentage.
#[test]
fn a_late_message_withdraws_no_prompt() {
    let mut told = Told::new();
    assert_eq!(told.timed(PendingCreds, 10.0, 540_000), ["ask for initial credentials", "fetch"]);
    let mut job = entity_of(7, PendingCreds);
    job.credential_requests.push(Message::Request(request_of(7, RequestKind::CredentialRequest, "e1")));
    assert_eq!(short(&told.carrier(&Payload::Job(job.clone()))), ["withdraw prompt", "ask e1"]);
    assert_eq!(told.later(6).timed(Auth, 5.0, 299_000), ["fetch"], "the fetched job decides");
    assert_eq!(short(&told.carrier(&Payload::Job(job))), NOTHING);
    assert_eq!(told.next(), Some(180));
    // In one poll.
    let mut told = Told::new();
    assert_eq!(
        told.poll_done(&[(PendingCreds, 5.0), (Auth, 3.0)], &[]),
        ["ask for initial credentials", "fetch"]
    );
    let mut told = Told::new();
    told.done(Updating, 50.0);
    assert_eq!(told.poll_done(&[(PendingCard, 60.0), (Updating, 51.0)], &[]), ["add card"]);
    assert_eq!(told.done(Updating, 75.0), ["withdraw prompt"]);
    assert_eq!(told.done(PendingCard, 60.0), ["fetch"]);
    assert_eq!(short(&told.snapshot(Updating)), NOTHING);
    assert_eq!(told.next(), Some(300 + 240), "that was stale, and nothing is asked");
}

#[test]
fn a_request_is_open_at_any_position_in_a_poll() {
    let (e1, e2) = ("e1", "e2");
    let message = |status: Status, percent: f64| {
        format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":{percent}}}}}"#
        )
    };
    let request =
        |envelope| format!(r#"{{"type":"credential_request","job_id":7,"envelope_id":"{envelope}"}}"#);
    let mut told = Told::new();
    assert_eq!(
        short(&told.json(&format!("[{},{}]", message(PendingNewCreds, 15.0), request(e1)))),
        ["ask e1"]
    );
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    told.done(NewCredsReceived, 20.0);
    let swapped = [request(e2), message(PendingNewCreds, 30.0), message(LoginResubmitted, 25.0)].join(",");
    assert_eq!(short(&told.json(&format!("[{swapped}]"))), ["ask e2"]);
    // Without percentages, too.
    let mut told = Told::new();
    assert_eq!(short(&told.request(RequestKind::TfaRequest, e1)), ["ask e1"]);
    told.answer(e1);
    let poll = r#"[{"type":"tfa_request","job_id":7,"envelope_id":"e2"},
                   {"type":"job_status","job_id":7,"message":{"status":"PENDING_TFA"}},
                   {"type":"job_status","job_id":7,"message":{"status":"TFA_SUBMITTED"}}]"#;
    assert_eq!(short(&told.json(poll)), ["ask e2"]);
    assert_eq!(short(&told.json(poll)), NOTHING);
}

/// A prompt that a stale message withdrew.
#[test]
fn a_withdrawn_request_is_asked_again_if_the_job_itself_shows_it() {
    let mut told = Told::new();
    told.status(PendingTfa);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.status(TfaReceived)), ["withdraw e1"]);
    assert_eq!(told.poll(&[], &["e1"]), NOTHING, "it was fetched just now");
    assert_eq!(told.later(5).poll(&[], &["e1"]), ["fetch"]);
    assert_eq!(told.hydrated(TfaReceived, &["e1"]), ["ask e1"]);
}

#[test]
fn stale_reports_that_leave_the_status_unchanged_move_no_deadline() {
    for status in ["SOLVING_RIDDLE", "NETWORK_ISSUE"] {
        let mut told = Told::new();
        let riddle = format!(
            r#"[{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":20,"job_timeout":57000,
                "status_message":"Wait."}}}},{{"type":"tfa_request","job_id":7,"envelope_id":"e1"}}]"#
        );
        told.json(&riddle);
        told.timed(PendingTfa, 30.0, 295_000);
        let next = told.next();
        assert_eq!(short(&told.json(&riddle)), NOTHING, "{status}");
        assert_eq!(told.next(), next);
    }
}

#[test]
fn a_repetition_of_the_last_message_moves_no_deadline() {
    let mut told = Told::new();
    told.tfa("e1");
    told.timed(PendingTfa, 30.0, 100_000);
    assert_eq!(told.next(), Some(40));
    assert_eq!(told.later(30).timed(PendingTfa, 30.0, 100_000), NOTHING);
    assert_eq!(told.next(), Some(40));
}

/// A snapshot with the greatest percentage so far is current, regardless of the messages.
#[test]
fn a_snapshot_that_is_further_on_begins_a_wait() {
    let mut told = Told::new();
    assert_eq!(told.poll_done(&FIRST, &[]), NOTHING);
    let mut job = entity_of(7, PendingTfa);
    job.percent_complete = serde_json::from_value(40.into()).unwrap();
    assert_eq!(short(&told.carrier(&Payload::Job(job))), ["fetch"]);
    // Nothing is fetched if the same input shows the request.
    assert_eq!(told.poll_done(&[(PendingTfa, 21.0)], &["e2"]), ["ask e2"]);
}

#[test]
fn a_stale_message_after_a_doubted_round_withdraws_no_prompt() {
    let mut told = Told::new();
    told.poll_done(&[(PendingTfa, 71.0)], &["e1"]);
    told.answer("e1");
    told.done(TfaReceived, 80.0);
    told.done(TfaSubmitted, 85.0);
    assert_eq!(told.done(PendingTfa, 71.0), ["fetch"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(told.done(TfaSubmitted, 85.0), NOTHING);
    assert_eq!(told.client.prompts().count(), 1);
}

/// By any status that shows that the initial credentials were received.
#[test]
fn an_early_answer_is_no_answer_to_a_later_request() {
    for shows in [CredsReceived, LoginSubmitted] {
        let mut told = Told::new();
        told.request(RequestKind::CredentialRequest, "e1");
        told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
        assert_eq!(short(&told.status(Auth)), NOTHING);
        assert_eq!(short(&told.status(shows)), NOTHING);
        assert_eq!(short(&told.status(PendingNewCreds)), ["fetch"], "after {shows}");
    }
}

/// The early request was for the initial credentials, which were received between two fetches of the job.
#[test]
fn an_early_answer_is_no_answer_if_statuses_were_skipped() {
    let mut told = Told::new();
    let mut job = entity_of(7, InProgress);
    job.credential_requests.push(Message::Request(request_of(7, RequestKind::CredentialRequest, "e1")));
    assert_eq!(short(&told.carrier(&Payload::Job(job))), ["ask e1"]);
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    assert_eq!(short(&told.snapshot(PendingNewCreds)), ["fetch"]);
    // If none were skipped, the early request may be that of this wait.
    let mut told = Told::new();
    told.status(Auth);
    told.request(RequestKind::CredentialRequest, "e1");
    told.json(r#"{"type":"credential_response","envelope_id":"e1","message":"submitted"}"#);
    assert_eq!(short(&told.status(PendingNewCreds)), NOTHING);
}

/// New requests in the job itself, after the one before was answered.
#[test]
fn new_requests_of_the_job_itself_are_a_new_wait() {
    let mut told = Told::new();
    assert_eq!(told.hydrated(PendingTfa, &["e1"]), ["ask e1"]);
    told.later(30).answer("e1");
    assert_eq!(told.hydrated(PendingTfa, &["e1", "e2", "e3"]), ["ask e2", "ask e3"]);
    assert_eq!(told.next(), Some(30 + 180), "their wait began now");
    assert_eq!(told.later(60).hydrated(PendingTfa, &["e2", "e3"]), NOTHING);
    assert_eq!(told.next(), Some(30 + 180));
}

/// A report that is not a repetition is accepted after any number of others.
#[test]
fn the_remembered_reports_are_bounded() {
    let mut told = Told::new();
    told.tfa("e1");
    for left in 0..1000 {
        told.timed(PendingTfa, 21.0, 2000 - left);
    }
    let saved = serde_json::to_string(&told.client).unwrap();
    assert!(saved.len() < 20_000, "{}", saved.len());
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(180_000)));
    told.message(status_of(7, &cardsavr_protocol::wire::StatusBody::new(TfaReceived)));
    assert_eq!(told.client.prompts().count(), 0);
}
