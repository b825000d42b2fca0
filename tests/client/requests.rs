//! A request is open until it is answered, which corrects the effects of stale messages.

use cardsavr_protocol::Status::{self, *};
use cardsavr_protocol::Timestamp;
use cardsavr_protocol::client::{Effect, Withdrawal};
use cardsavr_protocol::wire::{EnvelopeId, Message, Payload, RequestKind, Secret};

use crate::{Told, entity_of, names, request_of};

/// Short names of effects, with the envelopes that distinguish them.
pub(crate) fn short(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| names(std::slice::from_ref(effect))[0];
    effects
        .iter()
        .map(|effect| match effect {
            Effect::AskForTfaCode(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::AskForCredentials(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::Ask(prompt) => format!("ask {}", prompt.envelope_id.as_str()),
            Effect::Withdraw { envelope_id, reason, .. } => {
                let what = if *reason == Withdrawal::TooLate { "too late" } else { "withdraw" };
                format!("{what} {}", envelope_id.as_ref().map_or("prompt", EnvelopeId::as_str))
            }
            other => name(other).to_owned(),
        })
        .collect()
}

impl Told {
    /// A status of job 7 with a percentage, which distinguishes a stale message from another round.
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
fn a_repeated_message_withdraws_a_prompt_only_for_a_time() {
    let mut told = in_second_wait();
    // As if the code had been received: no percentage shows that the message is stale.
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
    assert_eq!(told.later(5).tfa("e2"), ["fetch"], "a request may be stale itself");
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    // Even from `UPDATING` on.
    assert_eq!(told.done(Updating, 80.0), ["allow leaving", "withdraw e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"]);
}

#[test]
fn a_repeated_poll_changes_nothing() {
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
    // The second request arrives before the messages of the first wait.
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
    assert_eq!(told.done(PendingTfa, 21.0), ["fetch"], "the fetched job shows whether it is the first wait");
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
    assert_eq!(told.tfa("e2"), [""; 0], "an answered request is not new");
    assert_eq!(told.later(10).tfa("e3"), ["ask e3"]);
    // It belongs to the wait in doubt, which begins now.
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(20_000 + 180_000));
    assert_eq!(told.later(30).done(PendingTfa, 21.0), [""; 0]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(20_000 + 180_000));
    assert_eq!(told.done(TfaReceived, 22.0), ["withdraw e3"]);
}

#[test]
fn an_equal_percentage_is_not_stale() {
    let mut told = Told::new();
    for _ in 0..2 {
        assert_eq!(told.done(PendingTfa, 31.0), ["fetch"]);
        assert_eq!(told.done(TfaReceived, 31.0), [""; 0]);
        assert_eq!(told.done(TfaSubmitted, 31.0), [""; 0]);
    }
}

#[test]
fn an_outlier_percentage_does_not_block_later_waits() {
    let mut told = Told::new();
    told.done(Auth, 100.0);
    assert_eq!(told.done(PendingNewCreds, 10.0), ["fetch"], "no sequence leads back: not stale");
    told.done(NewCredsReceived, 11.0);
    told.done(LoginResubmitted, 12.0);
    assert_eq!(told.done(PendingNewCreds, 13.0), ["fetch"]);
}

#[test]
fn a_new_request_of_the_job_itself_is_a_new_wait() {
    let mut told = Told::new();
    assert_eq!(told.hydrated(PendingTfa, &["e1"]), ["ask e1"]);
    told.later(30).answer("e1");
    // The code failed between two fetches of the job.
    assert_eq!(told.later(6).hydrated(PendingTfa, &["e2"]), ["ask e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), [""; 0]);
    assert_eq!(short(&told.later(180).tick()), ["warn"]);
    assert_eq!(short(&told.later(60).tick()), ["too late e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["ask e2"], "the service still waits");
    // The same after a request that was withdrawn as too late.
    assert_eq!(told.later(5).hydrated(PendingTfa, &["e3"]), ["withdraw e2", "ask e3"]);
}

#[test]
fn snapshots_continue_from_the_wait_that_they_showed() {
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
    // The job was fetched before the service processed the answer.
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
    // It is asked immediately, with a window from now on; the messages have not yet reported the end of the first wait.
    assert_eq!(told.later(200).tfa("e2"), ["ask e2"]);
    assert_eq!(told.later(40).poll(&[PendingTfa], &["e2"]), [""; 0], "the first window isn't its window");
    // The job itself shows that it is another wait, which the request has begun.
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), [""; 0]);
    assert_eq!(short(&told.later(140).tick()), ["warn"]);
    assert_eq!(short(&told.later(60).tick()), ["too late e2"]);
}

#[test]
fn each_kind_of_request_has_its_own_warning() {
    let mut told = Told::new();
    told.status(PendingTfa);
    assert_eq!(told.tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.request(RequestKind::CredentialRequest, "c1")), ["ask c1"]);
    assert_eq!(short(&told.later(180).tick()), ["warn", "warn"]);
    // Another one of the same wait is asked for, without another warning.
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    assert_eq!(short(&told.later(59).tick()), [""; 0]);
}

#[test]
fn an_answered_request_is_never_asked_again() {
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
fn an_answer_before_its_request_counts() {
    let mut told = Told::new();
    told.answer("e1");
    assert_eq!(told.tfa("e1"), [""; 0]);
    assert_eq!(short(&told.status(PendingTfa)), [""; 0], "nothing is to be fetched");
    // It closes no other request.
    assert_eq!(told.tfa("e3"), ["ask e3"]);
    told.answer("e2");
    assert_eq!(told.tfa("e2"), [""; 0]);
    assert_eq!(told.poll(&[PendingTfa], &["e2"]), [""; 0]);
    assert_eq!(told.client.prompts().count(), 1, "still asking for e3");
    // An answer in one poll with a newer request withdraws nothing.
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
    // Nothing is fetched when it is too late to answer.
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingTfa)), ["fetch"]);
    assert_eq!(short(&told.later(239).status(PendingTfa)), ["fetch"]);
    assert_eq!(short(&told.later(6).status(PendingTfa)), [""; 0]);
    assert_eq!(told.client.next_deadline().map(Timestamp::as_millis), Some(540_000), "the end of the budget");
}

#[test]
fn a_card_is_asked_for_once_per_wait() {
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingCard)), ["add card"]);
    assert_eq!(short(&told.later(50).status(PendingCard)), [""; 0]);
}

/// The time per request doesn't grow with the number of requests of a job.
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
    assert_eq!(told.poll(&[PendingTfa], &envelopes), [""; 0], "the answered one is still shown");
}
