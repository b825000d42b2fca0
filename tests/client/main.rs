//! What a client does: one example for each row of the advice, what it makes of old news, and lives in any order.

mod doubt;
mod example;
mod kept;
mod lives;
mod order;
mod requests;
mod rows;
mod service;
mod time;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::wire::{
    Carrier, EnvelopeId, JobEntity, JobId, JobStatusMessage, Message, Open, Request, RequestKind, StatusBody,
};
use cardsavr_protocol::{Limits, Status, TerminationType, Timestamp};

/// A client whose time stands still unless it is told otherwise.
struct Told {
    client: Client,
    now: i64,
}

impl Told {
    fn new() -> Self {
        Self { client: Client::new(Limits::default()), now: 0 }
    }

    fn json(&mut self, json: &str) -> Vec<Effect> {
        self.carrier(&Carrier::from_json(json).unwrap())
    }

    fn carrier(&mut self, carrier: &Carrier<'_>) -> Vec<Effect> {
        self.client.observe(Timestamp::from_millis(self.now), carrier).unwrap()
    }

    fn message(&mut self, message: Message<'static>) -> Vec<Effect> {
        self.carrier(&Carrier::Message(message))
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
        self.carrier(&Carrier::Job(entity_of(7, status)))
    }

    /// Some seconds later.
    fn later(&mut self, seconds: i64) -> &mut Self {
        self.now += seconds * 1000;
        self
    }

    fn tick(&mut self) -> Vec<Effect> {
        self.client.tick(Timestamp::from_millis(self.now)).unwrap()
    }
}

fn status_of(job: u64, said: &StatusBody<'static>) -> Message<'static> {
    Message::JobStatus(JobStatusMessage { job_id: job.into(), message: said.clone() })
}

/// What a message says that ends a job.
fn end(status: impl Into<Open<'static, Status>>, termination_type: TerminationType) -> StatusBody<'static> {
    StatusBody { termination_type: Some(termination_type.into()), ..StatusBody::new(status) }
}

fn request_of(job: u64, kind: RequestKind, envelope: &str) -> Request<'static> {
    let envelope_id = EnvelopeId::new(envelope.to_owned());
    Request { kind, job_id: job.into(), envelope_id, message: None }
}

fn entity_of(job: u64, status: Status) -> JobEntity<'static> {
    JobEntity {
        id: JobId::from(job),
        status: status.into(),
        termination_type: status.termination_type().map(Into::into),
        percent_complete: None,
        job_timeout: None,
        status_message: None,
        job_status_message: None,
        termination_status_message: None,
        termination_message: None,
        credential_requests: Vec::new(),
    }
}

/// The names of effects, for tests that look at what is done and not with what.
fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::AskForTfaCode(_) => "ask for code",
            Effect::AskForCredentials(_) => "ask for credentials",
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
