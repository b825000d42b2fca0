//! The specification, sentence by sentence: one module per chapter, one test per requirement. The comment of each test
//! paraphrases the requirement. The specification's examples are here as valid JSON with other values.
//!
//! Statements of the specification that no test covers:
//!
//! - That messages matter to the experience of updating a card: no requirement.
//! - The picture of the architecture: it has no text.
//! - That several channels per client need more infrastructure: advice for the operator of the service.
//! - That the SDK takes the access key as a parameter: another product.
//! - That the browser session takes the credentials from the job safe when it is notified of them: the service does that,
//!   and its messages don't show it. The client's response and the following statuses of the job are tested.
//! - That the account is updated before an answer is posted: the application does that, between the prompt and the
//!   answer. That only a prompt gives an answer, and that the answer has no credentials, is tested.
//! - That access by cardholder is kept on the server, by session: the state of the service. That no key is sent is tested.
//! - That polling by cardholder is simpler and takes fewer calls: no requirement. That one poll serves several jobs is
//!   tested.
//! - That some sites require accurate addresses, accept a card once, accept one brand, or store a limited number of cards;
//!   that a prepaid or a free account has no card; why an account is inactive, locked or to be reset; why a merchant
//!   refuses a card: facts about merchants. That the life cycle has each of these ends, and where, is tested.
//! - That a status is uncommon or usual, that an end generally has this reason, and that an early start saves time:
//!   frequencies and speed. That the life cycle allows it is tested.
//! - The linked pages, and the format of the notifications: other documents.

mod broadcast_messages;
mod credential_requests_and_responses;
mod introduction;
mod message_types;
mod querying_by_cardholder;
mod statuses;
mod termination_types;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::conformance::{Checker, Position, Rule, Settings};
use cardsavr_protocol::endpoint::Endpoint;
use cardsavr_protocol::wire::{Block, Message, Payload, log_items};
use cardsavr_protocol::{IllegalTransition, Job, Limits, Status, Timestamp};
use serde_json::Value;

/// A point in time, in seconds after the start of a test.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// A `job_status` of job 7.
fn status_json(status: Status) -> String {
    format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}"}}}}"#)
}

/// A job that takes these statuses.
fn live(statuses: &[Status]) -> Result<Job, IllegalTransition> {
    let limits = Limits::default();
    let (&first, rest) = statuses.split_first().expect("a life has a status");
    rest.iter().try_fold(Job::new(first), |job, &status| job.apply(status, &limits))
}

/// An application that carries out the client's effects, with a constant time unless a test changes it.
struct App {
    client: Client,
}

impl App {
    fn new() -> Self {
        Self { client: Client::new(Limits::default()) }
    }

    /// The effects of an input, at a time in seconds.
    fn hears(&mut self, seconds: i64, json: &str) -> Vec<Effect> {
        self.client.observe(at(seconds), &Payload::from_json(json).unwrap())
    }

    /// The effects of a status of job 7, at a time in seconds.
    fn hears_status(&mut self, seconds: i64, status: Status) -> Vec<Effect> {
        self.hears(seconds, &status_json(status))
    }

    /// The effects without an input, at a time in seconds.
    fn waits(&mut self, seconds: i64) -> Vec<Effect> {
        self.client.tick(at(seconds))
    }
}

/// The rules that a log breaks, in its order; each record has its time in seconds.
fn judge<J: AsRef<str>>(log: &[(i64, J)]) -> Vec<Rule> {
    let mut checker = Checker::new(Settings::default());
    let mut findings = Vec::new();
    for ((seconds, record), line) in log.iter().zip(1..) {
        log_items(record.as_ref(), |part| {
            assert!(part.content.is_ok(), "the log is valid");
            let mut block = Block::default();
            part.push(&mut block, Position { line, ..Position::default() }, Some(at(*seconds)));
            checker.check(&mut block, &mut findings);
        });
    }
    findings.into_iter().map(|finding| finding.rule).collect()
}

/// Decodes a message and asserts that it serializes unchanged.
fn round_trip(json: &str) -> Message {
    let message = Message::from_json(json).unwrap();
    let sent: Value = serde_json::to_value(&message).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(json).unwrap());
    message
}

/// The first line and the headers of an HTTP request to an endpoint.
fn lines(endpoint: &Endpoint) -> Vec<String> {
    let first = format!("{} {}", endpoint.method(), endpoint.path());
    let headers = endpoint.headers().iter().map(|header| format!("{}: {}", header.name(), header.value()));
    std::iter::once(first).chain(headers).collect()
}
