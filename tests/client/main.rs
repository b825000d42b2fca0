//! The client: one example for each row of its table, stale and repeated messages, and job histories in any order.

mod broken;
mod doubt;
mod edition;
mod example;
mod http;
mod kept;
mod lives;
mod order;
mod requests;
mod rows;
mod sequences;
mod service;
mod time;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::wire::{
    EnvelopeId, JobEntity, JobStatusMessage, Message, Open, Payload, Request, RequestKind, StatusBody,
};
use cardsavr_protocol::{Limits, Status, TerminationType, Timestamp};

/// A client with a constant time unless a test changes it.
struct Told {
    client: Client,
    now: i64,
}

impl Told {
    fn new() -> Self {
        Self { client: Client::new(Limits::default()), now: 0 }
    }

    fn json(&mut self, json: &str) -> Vec<Effect> {
        self.carrier(&Payload::from_json(json).unwrap())
    }

    fn carrier(&mut self, carrier: &Payload) -> Vec<Effect> {
        self.client.observe(Timestamp::from_millis(self.now), carrier)
    }

    fn message(&mut self, message: Message) -> Vec<Effect> {
        self.carrier(&Payload::Message(message))
    }

    /// A message with a status of job 7.
    fn status(&mut self, status: Status) -> Vec<Effect> {
        self.message(status_of(7, &StatusBody::new(status)))
    }

    /// A request of job 7.
    fn request(&mut self, kind: RequestKind, envelope: &'static str) -> Vec<Effect> {
        self.message(Message::Request(request_of(7, kind, envelope)))
    }

    /// A snapshot of job 7.
    fn snapshot(&mut self, status: Status) -> Vec<Effect> {
        self.carrier(&Payload::Job(entity_of(7, status)))
    }

    /// Some seconds later.
    fn later(&mut self, seconds: i64) -> &mut Self {
        self.now += seconds * 1000;
        self
    }

    fn tick(&mut self) -> Vec<Effect> {
        self.client.tick(Timestamp::from_millis(self.now))
    }
}

fn status_of(job: u64, said: &StatusBody) -> Message {
    Message::JobStatus(JobStatusMessage::new(job, said.clone()))
}

/// The content of a message that ends a job.
fn end(status: impl Into<Open<Status>>, termination_type: TerminationType) -> StatusBody {
    StatusBody::new(status).with_termination_type(termination_type)
}

fn request_of(job: u64, kind: RequestKind, envelope: &str) -> Request {
    Request::new(kind, job, EnvelopeId::new(envelope))
}

fn entity_of(job: u64, status: Status) -> JobEntity {
    let mut entity = JobEntity::new(job, status);
    entity.termination_type = status.termination_type().map(Into::into);
    entity
}

/// The names of effects, for tests that ignore their fields.
fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::AskForTfaCode(_) => "ask for code",
            Effect::AskForCredentials(_) => "ask for credentials",
            Effect::AskForInitialCredentials { .. } => "ask for initial credentials",
            Effect::Ask(_) => "ask for other",
            Effect::Acknowledge(_) => "acknowledge",
            Effect::AskToAct(_) => "ask to act",
            Effect::Warn { .. } => "warn",
            Effect::Withdraw { .. } => "withdraw",
            Effect::FetchJob { .. } => "fetch",
            Effect::AddCard { .. } => "add card",
            Effect::AllowLeaving { .. } => "allow leaving",
            Effect::ShowStatus { .. } => "show",
            Effect::TellEnd(_) => "tell end",
            Effect::Report(_) => "report",
            Effect::StopPolling { .. } => "stop",
            other => panic!("an effect that these tests don't know: {other:?}"),
        })
        .collect()
}
