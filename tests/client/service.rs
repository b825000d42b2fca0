//! A service that plays a lawful history of the generator, polled, sampled and answered as its clients do, and an application
//! that only carries out effects.

use std::collections::BTreeSet;
use std::fmt;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::simulate::{History, Simulation, Variety};
use cardsavr_protocol::wire::{JobEntity, Message, Payload, RequestKind, Secret, StatusBody};
use cardsavr_protocol::{Limits, Status, Timestamp};
use proptest::prelude::*;

use crate::{entity_of, request_of, status_of};

/// A lawful life from a start to its end.
#[derive(Clone)]
pub struct Life {
    pub job: u64,
    pub statuses: Vec<Status>,
    /// By wait for credentials or a code: where it is in the life, and where its request first shows.
    requests: Vec<(usize, usize)>,
    /// The percentage of each status, where it has one.
    percents: Vec<Option<u8>>,
}

pub fn kind(status: Status) -> Option<RequestKind> {
    RequestKind::for_input(status.awaits()?)
}

fn is_answer(status: Status) -> bool {
    matches!(status, Status::CredsReceived | Status::NewCredsReceived | Status::TfaReceived)
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<_> = self.statuses.iter().zip(&self.percents).collect();
        write!(f, "{told:?}, requests {:?}", self.requests)
    }
}

/// More statuses than any history of these tests has.
const LONGEST: usize = 60;

/// Percentages as services send them: increasing, constant, or absent.
fn steady() -> impl Strategy<Value = Vec<Option<u8>>> {
    let rising = (0..LONGEST).map(|at| Some(u8::try_from(3 * at).unwrap().min(99))).collect::<Vec<_>>();
    prop_oneof![Just(rising), Just(vec![Some(31); LONGEST]), Just(vec![None; LONGEST])]
}

/// Percentages as no service should send them: equal, missing and decreasing.
fn unsteady() -> impl Strategy<Value = Vec<Option<u8>>> {
    proptest::collection::vec(proptest::option::weighted(0.8, 0..=4u8), LONGEST)
}

/// Lives that wait often.
pub fn life(job: u64) -> impl Strategy<Value = Life> {
    let percents = prop_oneof![steady().prop_map(Some), unsteady().prop_map(Some), Just(None)];
    (steady_life(job), percents, any::<u8>()).prop_map(|(life, percents, salt)| {
        // A fixed percentage per status, so that percentages fall and recur.
        let fixed = |&status: &Status| Some((status as u8).wrapping_mul(salt) % 100);
        let percents = percents.unwrap_or_else(|| life.statuses.iter().map(fixed).collect());
        Life { percents, ..life }
    })
}

/// Lives whose percentages never fall.
pub fn steady_life(job: u64) -> impl Strategy<Value = Life> {
    let tape = proptest::collection::vec(any::<u8>(), 0..400);
    let early = proptest::collection::vec(0..3usize, LONGEST);
    (tape, early, steady()).prop_map(move |(tape, early, percents)| {
        let log: History = Simulation::new(0).jobs(1).variety(Variety::default()).log_from(&tape).collect();
        let mut life = Life { job, statuses: Vec::new(), requests: Vec::new(), percents };
        for (status, early) in log.statuses(1).into_iter().zip(early) {
            life.enter(status, early);
        }
        life
    })
}

impl Life {
    fn enter(&mut self, status: Status, early: usize) {
        self.statuses.push(status);
        let here = self.statuses.len() - 1;
        if kind(status).is_some() {
            // A job asks for the next thing only after it has got the last and, maybe, failed to log in with it.
            let answered = self.statuses.iter().rposition(|&before| is_answer(before)).map_or(0, |at| at + 1);
            let login =
                self.statuses.iter().rposition(|&before| before == Status::LoginSubmitted).unwrap_or(0);
            self.requests.push((here, answered.max(login).max(here.saturating_sub(early)).min(here)));
        }
    }

    pub fn count(&self, is_counted: impl Fn(Status) -> bool) -> usize {
        self.statuses.iter().filter(|&&status| is_counted(status)).count()
    }

    fn said(&self, at: usize) -> StatusBody {
        let status = self.statuses[at];
        let mut body = StatusBody::new(status);
        body.termination_type = status.termination_type().map(Into::into);
        body.percent_complete = self.percents[at].map(Into::into);
        body
    }

    pub fn message(&self, at: usize) -> Message {
        status_of(self.job, &self.said(at))
    }

    fn envelope(&self, wait: usize) -> String {
        format!("{}-{wait}", self.job)
    }
}

/// A job that lives its life as far as it is let.
pub struct Service {
    pub life: Life,
    pub at: usize,
    pub answered: BTreeSet<String>,
}

impl Service {
    pub fn new(life: Life) -> Self {
        Self { life, at: 0, answered: BTreeSet::new() }
    }

    /// Advances by one status, unless that status follows an answer that hasn't arrived.
    pub fn advance(&mut self) {
        let is_answered = self.answered.contains(&self.life.envelope(self.at));
        match self.life.statuses.get(self.at + 1) {
            Some(&next) if is_answered || !is_answer(next) || kind(self.life.statuses[self.at]).is_none() => {
                self.at += 1;
            }
            _ => {}
        }
    }

    pub fn has_ended(&self) -> bool {
        self.at + 1 == self.life.statuses.len()
    }

    /// The requests that wait for an answer.
    pub fn open_requests(&self) -> Vec<Message> {
        let open = self.life.requests.iter().filter(|&&(wait, from)| from <= self.at && self.at <= wait);
        let open = open.map(|&(wait, _)| (wait, self.life.envelope(wait)));
        let unanswered = open.filter(|(_, envelope)| !self.answered.contains(envelope));
        unanswered
            .filter_map(|(wait, envelope)| {
                Some(Message::Request(request_of(self.life.job, kind(self.life.statuses[wait])?, &envelope)))
            })
            .collect()
    }

    /// The envelopes of all requests that were open at any time until now.
    pub fn opened(&self) -> Vec<String> {
        let opened = self.life.requests.iter().filter(|&&(_, from)| from <= self.at);
        opened.map(|&(wait, _)| self.life.envelope(wait)).collect()
    }

    /// The envelope of the request that waits for an answer; `None` if there is none.
    pub fn open_envelope(&self) -> Option<String> {
        self.open_requests().into_iter().find_map(|message| match message {
            Message::Request(request) => Some(request.envelope_id.as_str().to_owned()),
            _ => None,
        })
    }

    /// The job as its endpoint returns it now.
    pub fn entity(&self, is_hydrated: bool) -> JobEntity {
        let requests = if is_hydrated { self.open_requests() } else { Vec::new() };
        let percent_complete = self.life.said(self.at).percent_complete;
        let mut job = entity_of(self.life.job, self.life.statuses[self.at]);
        job.credential_requests = requests;
        job.percent_complete = percent_complete;
        job
    }
}

/// An application that carries out effects. It panics at an effect that no client should return.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact about the user or the job")]
pub struct Application {
    pub client: Client,
    now: i64,
    /// The open prompts, with their answers.
    pub prompts: Vec<(String, Message)>,
    pub asked: BTreeSet<String>,
    answered: BTreeSet<String>,
    pub fetches: usize,
    pub fetches_to_do: usize,
    warnings: usize,
    awaits_supply: bool,
    /// The number of prompts without a request.
    supplies: usize,
    /// The number of prompts with a request, including repeated ones.
    times_asked: usize,
    pub leaves: usize,
    pub has_stopped: bool,
    /// Whether any input showed that nothing more may be asked.
    is_past_asking: bool,
    /// Whether the last input is the job itself.
    is_sampled: bool,
}

impl Application {
    pub fn new() -> Self {
        Self {
            client: Client::new(Limits::default()),
            now: 0,
            prompts: Vec::new(),
            asked: BTreeSet::new(),
            answered: BTreeSet::new(),
            fetches: 0,
            fetches_to_do: 0,
            warnings: 0,
            awaits_supply: false,
            supplies: 0,
            times_asked: 0,
            leaves: 0,
            has_stopped: false,
            is_past_asking: false,
            is_sampled: false,
        }
    }

    pub fn pass(&mut self, milliseconds: i64) {
        self.now += milliseconds;
        let effects = self.client.tick(Timestamp::from_millis(self.now));
        self.carry_out(effects);
    }

    pub fn take(&mut self, carrier: &Payload) {
        let status_of = |message: &Message| match message {
            Message::JobStatus(status) => status.message.status.known(),
            _ => None,
        };
        let shown = match carrier {
            Payload::Message(message) => vec![status_of(message)],
            Payload::Poll(messages) => messages.iter().map(status_of).collect(),
            Payload::Job(job) => vec![job.status.known()],
            _ => Vec::new(),
        };
        let is_last = |status: Status| status.phase() > cardsavr_protocol::Phase::Authentication;
        self.is_past_asking |= shown.into_iter().flatten().any(is_last);
        self.is_sampled = matches!(carrier, Payload::Job(_));
        let effects = self.client.observe(Timestamp::from_millis(self.now), carrier);
        self.carry_out(effects);
    }

    /// The user answers the oldest prompt. Returns the envelope of its request.
    pub fn answer(&mut self) -> Option<String> {
        if self.prompts.is_empty() {
            return None;
        }
        let (envelope, answer) = self.prompts.remove(0);
        self.answered.insert(envelope.clone());
        self.take(&Payload::Message(answer));
        Some(envelope)
    }

    /// The application restarts with the saved client.
    pub fn restart(&mut self) {
        let saved = serde_json::to_string(&self.client).unwrap();
        let client = serde_json::from_str(&saved).unwrap();
        assert_eq!(std::mem::replace(&mut self.client, client), self.client);
    }

    /// The envelopes of the open prompts.
    pub fn prompted(&self) -> Vec<&str> {
        self.prompts.iter().map(|(envelope, _)| envelope.as_str()).collect()
    }

    fn ask(&mut self, envelope: &str, answer: Message) {
        assert!(!self.is_past_asking || self.is_sampled, "the user is asked for {envelope} after UPDATING");
        assert!(!self.prompted().contains(&envelope), "the user is being asked for {envelope} already");
        assert!(!self.answered.contains(envelope), "the user has answered {envelope} already");
        self.asked.insert(envelope.to_owned());
        self.times_asked += 1;
        self.prompts.push((envelope.to_owned(), answer));
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            assert!(!self.has_stopped, "{effect:?} after the end");
            match effect {
                Effect::AskForTfaCode(prompt) => {
                    self.ask(
                        prompt.envelope_id.as_str(),
                        prompt.answer(Secret::new("1")).message().unwrap().clone(),
                    );
                }
                Effect::AskForCredentials(prompt) => {
                    self.ask(prompt.envelope_id.as_str(), prompt.submitted().message().unwrap().clone());
                }
                Effect::Warn { time_left, .. } => {
                    assert!(self.client.prompts().next().is_some(), "a warning without a prompt");
                    assert!(!time_left.is_zero() && time_left <= Limits::default().warning);
                    self.warnings += 1;
                    assert!(self.warnings <= self.times_asked + self.supplies, "one warning per wait");
                }
                Effect::AskForInitialCredentials { .. } => {
                    assert!(!self.is_past_asking, "initial credentials are asked for after UPDATING");
                    assert!(!self.awaits_supply, "asked for already");
                    self.awaits_supply = true;
                    self.supplies += 1;
                }
                Effect::AddCard { .. } => {
                    assert!(!self.awaits_supply, "asked for already");
                    self.awaits_supply = true;
                    self.supplies += 1;
                }
                Effect::Withdraw { envelope_id: None, .. } => {
                    assert!(self.awaits_supply, "a withdrawn prompt was open");
                    self.awaits_supply = false;
                }
                Effect::Withdraw { envelope_id: Some(envelope_id), .. } => {
                    let before = self.prompts.len();
                    self.prompts.retain(|(envelope, _)| envelope != envelope_id.as_str());
                    assert_eq!(self.prompts.len() + 1, before, "a withdrawn prompt was open");
                }
                Effect::FetchJob { .. } => {
                    self.fetches += 1;
                    self.fetches_to_do += 1;
                }
                Effect::AllowLeaving { .. } => {
                    self.leaves += 1;
                    assert_eq!(self.leaves, 1, "the user may leave once");
                }
                Effect::StopPolling { .. } => {
                    assert!(self.prompts.is_empty() && !self.awaits_supply, "a prompt outlives its job");
                    self.has_stopped = true;
                }
                Effect::TellEnd(_) | Effect::Report(_) => {}
                other => panic!("nothing of this kind was sent: {other:?}"),
            }
        }
        // A job in progress has a deadline in the future, and a restarted application can show the open prompts.
        let deadline = self.client.next_deadline();
        assert_eq!(deadline.is_some(), self.client.in_progress().next().is_some(), "{:?}", self.prompts);
        assert!(deadline.is_none_or(|at| at.as_millis() > self.now));
        let is_supply = |prompt: &Effect| {
            matches!(prompt, Effect::AskForInitialCredentials { .. } | Effect::AddCard { .. })
        };
        assert_eq!(self.client.prompts().any(|prompt| is_supply(&prompt)), self.awaits_supply);
        let prompts = self.client.prompts().filter(|prompt| !is_supply(prompt));
        let open: BTreeSet<String> = prompts.map(|prompt| envelope_of(&prompt)).collect();
        assert_eq!(open, self.prompted().into_iter().map(str::to_owned).collect());
    }
}

fn envelope_of(prompt: &Effect) -> String {
    match prompt {
        Effect::AskForTfaCode(prompt) => prompt.envelope_id.as_str().to_owned(),
        Effect::AskForCredentials(prompt) => prompt.envelope_id.as_str().to_owned(),
        other => panic!("no prompt: {other:?}"),
    }
}
