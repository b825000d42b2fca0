//! The specification, sentence by sentence: one module a chapter of it, one test a sentence that demands something.
//! Each test says in its own words what is demanded; the specification's examples stand here as sound JSON with other
//! values.
//!
//! Statements of the specification that no test covers:
//!
//! - That messages matter to the experience of updating a card: it asks nothing of anybody.
//! - The picture of the architecture: it has no text.
//! - That several channels a client need more infrastructure: advice for the operator of the service.
//! - That the SDK takes the access key as a parameter: another product.
//! - That the browser session takes the credentials from the job safe once it hears of them: the service does that, out
//!   of sight of its messages. What a client says, and what the job does then, is tested.
//! - That the account is really updated before an answer is posted: the application does that, between the prompt and
//!   the answer. That the answer is there to be posted only with a prompt, and holds no credentials, is tested.
//! - That access by cardholder is kept on the server, by session: the service's memory. That no key is sent is tested.
//! - That polling by cardholder is simpler and takes fewer calls: praise. That one poll serves several jobs is tested.
//! - That some sites want accurate addresses, take a card once, take one brand, or store only so many; that a prepaid or
//!   a free account has no card; why an account is inactive, locked or to be reset; what a merchant thinks of a card:
//!   facts about merchants. That the life cycle has each of these ends, and where, is tested.
//! - That a status is uncommon or usual, that an end has this reason in general, and that an early start saves time: how
//!   often and how fast, not what. That the life cycle allows it is tested.
//! - The pages that it links to, and the format of the notifications: other documents.

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

/// A job that goes through these statuses.
fn live(statuses: &[Status]) -> Result<Job, IllegalTransition> {
    let limits = Limits::default();
    let (&first, rest) = statuses.split_first().expect("a life has a status");
    rest.iter().try_fold(Job::new(first), |job, &status| job.apply(status, &limits))
}

/// An application that does what the client tells it, with a constant time unless a test changes it.
struct App {
    client: Client,
}

impl App {
    fn new() -> Self {
        Self { client: Client::new(Limits::default()) }
    }

    /// What is to be done after something came in, at a time in seconds.
    fn hears(&mut self, seconds: i64, json: &str) -> Vec<Effect> {
        self.client.observe(at(seconds), &Payload::from_json(json).unwrap())
    }

    /// What is to be done after job 7 said its status, at a time in seconds.
    fn hears_status(&mut self, seconds: i64, status: Status) -> Vec<Effect> {
        self.hears(seconds, &status_json(status))
    }

    /// What is to be done though nothing came in, at a time in seconds.
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
            assert!(part.content.is_ok(), "the log is sound");
            let mut block = Block::default();
            part.push(&mut block, Position { line, ..Position::default() }, Some(at(*seconds)));
            checker.check(&mut block, &mut findings);
        });
    }
    findings.into_iter().map(|finding| finding.rule).collect()
}

/// The message that a JSON text is, which goes out as it came.
fn round_trip(json: &str) -> Message {
    let message = Message::from_json(json).unwrap();
    let sent: Value = serde_json::to_value(&message).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(json).unwrap());
    message
}

/// An endpoint as the lines of an HTTP request have it.
fn lines(endpoint: &Endpoint) -> Vec<String> {
    let first = format!("{} {}", endpoint.method(), endpoint.path());
    let headers = endpoint.headers().iter().map(|header| format!("{}: {}", header.name(), header.value()));
    std::iter::once(first).chain(headers).collect()
}
