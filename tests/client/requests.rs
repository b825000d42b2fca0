//! A request is open until it is answered, which corrects the effects of stale messages.

use cardsavr_protocol::Status::{self, *};
use cardsavr_protocol::Timestamp;
use cardsavr_protocol::client::{Effect, Withdrawal};
use cardsavr_protocol::wire::{EnvelopeId, Message, Payload, RequestKind, Secret};

use crate::{Told, entity_of, names, request_of};

/// Effects in short, with what tells them apart.
pub(crate) fn short(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| names(std::slice::from_ref(effect))[0];
    effects
        .iter()
        .map(|effect| match effect {
            Effect::AskForTfaCode(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::AskForCredentials(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::AskForOther(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::Withdraw { envelope_id, reason, .. } => {
                let what = if *reason == Withdrawal::TooLate { "too late" } else { "withdraw" };
                format!("{what} {}", envelope_id.as_ref().map_or("prompt", EnvelopeId::as_str))
            }
            other => name(other).to_owned(),
        })
        .collect()
}

impl Told {
    /// A status of job 7 with a percentage, which tells stale from another round.
    pub(crate) fn done(&mut self, status: Status, percent: f64) -> Vec<String> {
        let said = format!(r#"{{"status":"{status}","percent_complete":{percent}}}"#);
        short(&self.json(&format!(r#"{{"type":"job_status","job_id":7,"message":{said}}}"#)))
    }

    pub(crate) fn tfa(&mut self, envelope: &'static str) -> Vec<String> {
        short(&self.request(RequestKind::TfaRequest, envelope))
    }

    pub(crate) fn answer(&mut self, envelope: &str) {
        let json = format!(r#"{{"type":"tfa_response","envelope_id":"{envelope}","message":"1"}}"#);
        assert_eq!(self.json(&json), []);
    }

    /// A poll with a status and requests for codes.
    pub(crate) fn poll(&mut self, statuses: &[Status], envelopes: &[&str]) -> Vec<String> {
        let statuses = statuses
            .iter()
            .map(|status| format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}"}}}}"#));
        let requests = envelopes
            .iter()
            .map(|envelope| format!(r#"{{"type":"tfa_request","job_id":7,"envelope_id":"{envelope}"}}"#));
        let poll: Vec<_> = statuses.chain(requests).collect();
        short(&self.json(&format!("[{}]", poll.join(","))))
    }

    /// The job itself with requests for codes.
    pub(crate) fn hydrated(&mut self, status: Status, envelopes: &[&str]) -> Vec<String> {
        let mut job = entity_of(7, status);
        let requests = envelopes.iter().map(|envelope| request_of(7, RequestKind::TfaRequest, envelope));
        job.credential_requests.extend(requests.map(Message::Request));
        short(&self.carrier(&Payload::Job(job)))
    }
}

/// A job in its second wait for a code, with the request for it asked.
fn in_second_wait() -> Told {
    let mut told = Told::new();
    told.done(PendingTfa, 21.0);
    told.tfa("e1");
    told.answer("e1");
    told.done(TfaReceived, 22.5);
    told.done(TfaSubmitted, 28.5);
    assert_eq!(told.done(PendingTfa, 28.5), ["fetch"]);
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    told
}

#[test]
fn a_message_that_comes_twice_takes_no_prompt_back_for_good() {
    let mut told = in_second_wait();
    // As if the code had been received; no percentage tells that this is old.
    assert_eq!(told.done(TfaSubmitted, 28.5), ["withdraw e2"]);
    assert_eq!(told.done(PendingTfa, 28.5), ["fetch"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(told.tfa("e2"), [""; 0]);
}

/// A fetched job is consistent, and newer than any message that contradicts it.
#[test]
fn the_job_itself_brings_a_prompt_back() {
    let mut told = in_second_wait();
    assert_eq!(told.done(TfaSubmitted, 28.5), ["withdraw e2"]);
    assert_eq!(told.later(5).tfa("e2"), ["fetch"], "a request alone doesn't tell whether it is stale itself");
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    // Even where nothing should be asked any more.
    assert_eq!(told.done(Updating, 80.0), ["allow leaving", "withdraw e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
}

#[test]
fn a_poll_that_comes_twice_changes_nothing() {
    let mut told = Told::new();
    let statuses = [PendingTfa, TfaReceived, TfaSubmitted, PendingTfa];
    assert_eq!(told.poll(&statuses, &["e2"]), ["ask e2"]);
    for _ in 0..3 {
        assert_eq!(told.poll(&statuses, &["e2"]), [""; 0]);
    }
    // At any position of the request in the poll.
    let statuses = statuses
        .map(|status| format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}"}}}}"#));
    let request = r#"{"type":"tfa_request","job_id":7,"envelope_id":"e2"}"#;
    assert_eq!(short(&told.json(&format!("[{request},{}]", statuses.join(",")))), [""; 0]);
    // A poll contains the open requests in any order.
    let poll = r#"[{"type":"tfa_request","job_id":8,"envelope_id":"e3"},
                   {"type":"job_status","job_id":8,"message":{"status":"PENDING_TFA"}},
                   {"type":"job_status","job_id":8,"message":{"status":"TFA_RECEIVED"}}]"#;
    assert_eq!(short(&told.json(poll)), ["ask e3"]);
}

#[test]
fn a_prompt_ahead_of_its_status_outlives_the_messages_of_the_wait_before() {
    let mut told = Told::new();
    told.status(Auth);
    told.tfa("e1");
    told.answer("e1");
    // The messages of the first wait are still to come when the second request shows.
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    assert_eq!(told.poll(&[PendingTfa, TfaReceived, TfaSubmitted], &["e2"]), [""; 0]);
    assert_eq!(told.poll(&[PendingTfa], &["e2"]), [""; 0]);
    assert_eq!(told.poll(&[TfaReceived], &[]), ["withdraw e2"]);
}

#[test]
fn a_smaller_percentage_is_fetched_for_until_a_request_shows() {
    let mut told = in_second_wait();
    told.answer("e2");
    told.done(TfaReceived, 29.0);
    told.done(TfaSubmitted, 30.0);
    told.later(5);
    assert_eq!(told.done(PendingTfa, 21.0), ["fetch"], "the job itself tells whether it is the first wait");
    assert_eq!(told.done(PendingTfa, 21.0), [""; 0]);
    assert_eq!(short(&told.later(5).tick()), ["fetch"]);
    assert_eq!(told.tfa("e3"), ["ask e3"]);
    assert_eq!(told.done(TfaReceived, 22.0), ["withdraw e3"]);
}

#[test]
fn a_smaller_percentage_is_believed_when_a_new_request_shows() {
    let mut told = in_second_wait();
    told.answer("e2");
    told.done(TfaSubmitted, 30.0);
    assert_eq!(told.later(10).done(PendingTfa, 21.0), ["fetch"]);
    assert_eq!(told.tfa("e2"), [""; 0], "an answered request is nothing new");
    assert_eq!(told.later(10).tfa("e3"), ["ask e3"]);
    // It goes with the wait that was held back, and that begins now.
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(20_000 + 180_000));
    assert_eq!(told.later(30).done(PendingTfa, 21.0), [""; 0]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(20_000 + 180_000));
    assert_eq!(told.done(TfaReceived, 22.0), ["withdraw e3"]);
}

#[test]
fn an_equal_percentage_holds_nothing_back() {
    let mut told = Told::new();
    for _ in 0..2 {
        assert_eq!(told.done(PendingTfa, 31.0), ["fetch"]);
        assert_eq!(told.done(TfaReceived, 31.0), [""; 0]);
        assert_eq!(told.done(TfaSubmitted, 31.0), [""; 0]);
    }
}

#[test]
fn a_percentage_out_of_line_does_not_hold_back_for_ever() {
    let mut told = Told::new();
    told.done(Auth, 100.0);
    assert_eq!(told.done(PendingNewCreds, 10.0), ["fetch"], "no way leads back: it is news");
    told.done(NewCredsReceived, 11.0);
    told.done(LoginResubmitted, 12.0);
    assert_eq!(told.done(PendingNewCreds, 13.0), ["fetch"]);
}

#[test]
fn a_new_request_of_the_job_itself_is_a_new_wait() {
    let mut told = Told::new();
    assert_eq!(told.hydrated(PendingTfa, &["e1"]), ["ask e1"]);
    told.later(30).answer("e1");
    // The code failed between two looks at the job.
    assert_eq!(told.later(6).hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), [""; 0]);
    assert_eq!(short(&told.later(180).tick()), ["warn"]);
    assert_eq!(short(&told.later(60).tick()), ["too late e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"], "the service still waits");
    // And so it is after a request that it was too late for.
    assert_eq!(told.later(5).hydrated(PendingTfa, &["e3"]), ["withdraw e2", "ask e3"]);
}

#[test]
fn snapshots_go_on_from_the_wait_that_they_showed() {
    let mut told = Told::new();
    told.hydrated(PendingTfa, &["e1"]);
    told.answer("e1");
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(short(&told.snapshot(TfaReceived)), ["withdraw e2"]);
}

#[test]
fn an_answered_request_of_the_job_itself_shows_no_wait() {
    let mut told = Told::new();
    told.hydrated(PendingTfa, &["e1"]);
    told.answer("e1");
    assert_eq!(short(&told.status(TfaReceived)), [""; 0]);
    // The job was read before the answer had been taken.
    assert_eq!(told.hydrated(PendingTfa, &["e1"]), [""; 0]);
    // Neither does a request of another job.
    let foreign = r#"{"id":7,"status":"PENDING_TFA","credential_requests":[
        {"type":"tfa_request","job_id":8,"envelope_id":"e8"}]}"#;
    assert_eq!(short(&told.json(foreign)), ["ask e8"]);
    assert_eq!(told.later(10).hydrated(PendingTfa, &[]), [""; 0], "job 7 is past its wait");
}

#[test]
fn a_request_of_a_poll_waits_for_the_job_itself_to_show_its_wait() {
    let mut told = Told::new();
    told.hydrated(PendingTfa, &["e1"]);
    told.answer("e1");
    // Asked at once, and timed from now on; that the first wait is over isn't told yet.
    assert_eq!(told.later(200).tfa("e2"), ["ask e2"]);
    assert_eq!(told.later(40).poll(&[PendingTfa], &["e2"]), [""; 0], "the first window isn't its window");
    // That it is a wait of its own, the job itself shows; the request has begun it.
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), [""; 0]);
    assert_eq!(short(&told.later(140).tick()), ["warn"]);
    assert_eq!(short(&told.later(60).tick()), ["too late e2"]);
}

#[test]
fn requests_of_both_kinds_are_warned_of_each() {
    let mut told = Told::new();
    told.status(PendingTfa);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.request(RequestKind::CredentialRequest, "c1")), ["ask c1"]);
    assert_eq!(short(&told.later(180).tick()), ["warn", "warn"]);
    // Another one of the same wait is asked for, and the user was warned.
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    assert_eq!(short(&told.later(59).tick()), [""; 0]);
}

#[test]
fn what_was_answered_is_never_asked_for_again() {
    let mut told = in_second_wait();
    told.answer("e2");
    for _ in 0..2 {
        told.done(TfaSubmitted, 28.5);
        told.done(PendingTfa, 28.5);
        assert_eq!(told.hydrated(PendingTfa, &["e1"]), [""; 0]);
        assert_eq!(told.hydrated(PendingTfa, &["e2"]), [""; 0]);
    }
}

#[test]
fn an_answer_counts_that_comes_before_its_request() {
    let mut told = Told::new();
    told.answer("e1");
    assert_eq!(told.tfa("e1"), [""; 0]);
    assert_eq!(short(&told.status(PendingTfa)), [""; 0], "nothing is to be fetched");
    // It takes no place of one that stands.
    assert_eq!(told.tfa("e3"), ["ask e3"]);
    told.answer("e2");
    assert_eq!(told.tfa("e2"), [""; 0]);
    assert_eq!(told.poll(&[PendingTfa], &["e2"]), [""; 0]);
    assert_eq!(told.client.prompts().count(), 1, "still asking for e3");
    // In one poll with a newer request, an answer is no withdrawal.
    let poll = r#"[{"type":"tfa_response","envelope_id":"e3","message":"1"},
                   {"type":"tfa_request","job_id":7,"envelope_id":"e4"}]"#;
    assert_eq!(short(&told.json(poll)), ["ask e4"]);
}

#[test]
fn fetches_again_when_the_fetch_showed_no_request() {
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingTfa)), ["fetch"]);
    assert_eq!(told.hydrated(PendingTfa, &[]), [""; 0]);
    assert_eq!(short(&told.later(4).status(PendingTfa)), [""; 0]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(5_000));
    assert_eq!(short(&told.later(1).tick()), ["fetch"]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(10_000));
    assert_eq!(short(&told.status(PendingTfa)), [""; 0]);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.later(50).status(PendingTfa)), [""; 0]);
    told.answer("e1");
    assert_eq!(short(&told.later(50).status(PendingTfa)), [""; 0]);
    // Not when it is too late to answer.
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingTfa)), ["fetch"]);
    assert_eq!(short(&told.later(239).status(PendingTfa)), ["fetch"]);
    assert_eq!(short(&told.later(6).status(PendingTfa)), [""; 0]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(540_000), "the end of the budget");
}

#[test]
fn a_card_is_asked_for_once_a_wait_however_long() {
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingCard)), ["add card"]);
    assert_eq!(short(&told.later(50).status(PendingCard)), [""; 0]);
}

/// A poll of many requests of one job takes no longer for each of them than one of few.
#[test]
fn many_requests_of_one_job_are_taken_in() {
    let envelopes: Vec<String> = (0..10_000).map(|number| format!("e{number}")).collect();
    let envelopes: Vec<&str> = envelopes.iter().map(String::as_str).collect();
    let mut told = Told::new();
    assert_eq!(told.poll(&[PendingTfa], &envelopes).len(), 10_000);
    assert_eq!(told.poll(&[PendingTfa], &envelopes), [""; 0]);
    let prompts: Vec<Effect> = told.client.prompts().collect();
    let [Effect::AskForTfaCode(prompt), ..] = &prompts[..] else { panic!("{prompts:?}") };
    assert_eq!(told.client.answered(Timestamp::from_millis(0), &prompt.answer(Secret::new("1"))), []);
    assert_eq!(told.poll(&[PendingTfa], &envelopes), [""; 0], "the answered one is shown still");
}
