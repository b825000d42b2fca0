//! What a client of the service should do next, as effects.
//!
//! The specification describes the behaviour of client applications. [`Client`] implements it as a state machine: an
//! input and the time update the state of a cardholder's jobs and return effects. It performs no I/O; an application
//! that carries out each [`Effect`] conforms to the specification.
//!
//! | when | the client |
//! | --- | --- |
//! | a request for a TFA code is open | [`AskForTfaCode`](Effect::AskForTfaCode) |
//! | a request for credentials is open | [`AskForCredentials`](Effect::AskForCredentials) |
//! | a request that names what it asks for, or of an unknown kind, is open | [`Ask`](Effect::Ask) |
//! | a `tfa_message` is open | [`Acknowledge`](Effect::Acknowledge), [`AskToAct`](Effect::AskToAct) |
//! | a job waits for its initial credentials | [`AskForInitialCredentials`](Effect::AskForInitialCredentials) |
//! | a job waits for its card | [`AddCard`](Effect::AddCard) |
//! | a job waits without a request, its state is in doubt, or no input arrived until its time has run out | [`FetchJob`](Effect::FetchJob) |
//! | a minute or less is left to answer | [`Warn`](Effect::Warn) |
//! | it is too late to answer, or an answer is no longer needed | [`Withdraw`](Effect::Withdraw) |
//! | `UPDATING` | [`AllowLeaving`](Effect::AllowLeaving) |
//! | a status that this version doesn't know | [`ShowStatus`](Effect::ShowStatus) |
//! | the end | [`TellEnd`](Effect::TellEnd), [`Report`](Effect::Report), [`StopPolling`](Effect::StopPolling) |
//!
//! A client that polls [by cardholder](crate::endpoint::Endpoint::messages) needs no access key. One that polls the
//! broadcasts of single jobs [registers](crate::endpoint::Endpoint::register) once for each job that it has created, and
//! keeps the [key](crate::endpoint::AccessKey): it opens the [broadcasts](crate::endpoint::Endpoint::broadcasts) of the job
//! that it was registered for, and of no other. The [requests](crate::endpoint::Endpoint::requests) of a job need no key.

mod effect;
mod fetches;
mod job;
mod position;
mod request;
mod settle;
mod supply;
mod want;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use effect::{
    ActPrompt, Answer, CredentialPrompt, Effect, JobEnd, Outcome, Prompt, TfaPrompt, Withdrawal,
};
use job::{KnownJob, Source, standing};
use request::{Answers, Seen, Shown};
use serde::{Deserialize, Serialize};

use crate::machine::Standing;
use crate::wire::{
    EnvelopeId, JobEntity, JobId, JobRequests, Message, NotifiedJob, Payload, RequestKind, Seconds,
    StatusBody, UnknownMessage,
};
use crate::{Edition, Limits, Timestamp};

/// The state of a cardholder's jobs.
///
/// Pass everything that the service sends to [`observe`](Self::observe): polls, single messages, fetched jobs and
/// notifications; and posted answers to [`answered`](Self::answered). Advance the time with [`tick`](Self::tick). The same
/// calls always return the same effects.
///
/// Messages may be repeated or out of order, and snapshots may be ahead of them. A stale message is recognized by its
/// numbers: a smaller percentage than before, or numbers that occurred before. If it may also be another round of codes,
/// the job is [fetched](Effect::FetchJob), and the fetched job decides. A request is open until it is answered: each
/// request is asked, and a withdrawn one is asked again when it occurs again. An answered request is never asked again.
/// Jobs don't affect each other.
///
/// Where requests name what they ask for, as in the edition of 2026, any request may belong to any wait, and an unknown status
/// waits if its name begins as those of waiting statuses do.
///
/// A wait begins with its request or its status, whichever comes first; the cardholder has the answer window from then
/// on, and no more than the job's budget, which the wait extends.
///
/// Time is monotonic: a time before the latest one counts as the latest one.
///
/// A client keeps, of each job in progress, its position, its deadlines, its requests and the numbers of its last 256
/// messages and snapshots; of a job that has ended its id, so that a late message changes nothing; and the envelopes of
/// answers whose request it hasn't seen. A request that isn't open, an answer and an ended id are dropped when
/// [`message_retention`](Limits::message_retention) has passed since they were last seen. A code is not kept.
/// [`forget`](Self::forget) drops a job at once. A call looks at each job in progress once.
///
/// A client serializes, and a deserialized client continues unchanged: after a restart, an application deserializes it
/// with the version that wrote it, and shows its [`prompts`](Self::prompts).
///
/// Specification: "Message types", "Broadcast Messages", "Credential Request and Response Messages", "Querying Messages
/// by Cardholder" and "Termination types", on the behaviour of client applications.
///
/// ```
/// use cardsavr_protocol::client::{Client, Effect};
/// use cardsavr_protocol::wire::{Payload, Secret};
/// use cardsavr_protocol::{Limits, Timestamp};
///
/// let mut client = Client::new(Limits::default());
/// let poll = r#"[{"type":"tfa_request","job_id":101,"envelope_id":"e7"}]"#;
/// let poll = Payload::from_json(poll)?;
///
/// let now = Timestamp::from_millis(1_632_787_560_264);
/// let effects = client.observe(now, &poll);
/// let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
/// // Polling shows the request until it is answered; the cardholder is asked once.
/// assert_eq!(client.observe(now, &poll), []);
///
/// let answer = prompt.answer(Secret::new("123456"));
/// // Here an application posts `answer` as JSON to `answer.endpoint()`.
/// assert_eq!(client.answered(now, &answer), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    edition: Edition,
    limits: Limits,
    /// The latest time so far.
    now: Option<Timestamp>,
    in_progress: BTreeMap<JobId, KnownJob>,
    /// The jobs that have ended, and when anything of them came in last.
    ended: BTreeMap<JobId, Timestamp>,
    /// The answers whose request was not seen. An answer need not name its job, and may be handed in before its request.
    answered: BTreeMap<EnvelopeId, Answered>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Answered {
    answers: Answers,
    at: Timestamp,
}

impl Client {
    /// A client of jobs of the first edition that knows of no job yet.
    pub const fn new(limits: Limits) -> Self {
        Self::of(Edition::V2021, limits)
    }

    /// A client of jobs of an edition that knows of no job yet.
    pub const fn of(edition: Edition, limits: Limits) -> Self {
        Self {
            edition,
            limits,
            now: None,
            in_progress: BTreeMap::new(),
            ended: BTreeMap::new(),
            answered: BTreeMap::new(),
        }
    }

    /// Processes a payload from the service, or an answer posted to it, and returns the effects. The messages of one poll
    /// are processed together: a request that is over by the last message of the poll is not asked.
    pub fn observe(&mut self, now: Timestamp, carrier: &Payload) -> Vec<Effect> {
        let now = self.pass(now);
        let mut effects = Vec::new();
        match carrier {
            Payload::Message(message) => self.message(now, message, &mut effects),
            Payload::Poll(messages) => {
                for message in messages {
                    self.message(now, message, &mut effects);
                }
            }
            Payload::Job(job) => self.entity(now, job, &mut effects),
            Payload::Requests(JobRequests { credential_requests: requests, .. }) => {
                for message in requests {
                    self.shown(now, None, message, &mut effects);
                }
            }
            Payload::Notification(notification) => {
                for job in &notification.jobs {
                    self.report(now, &job.job_id, Source::Notification, &read_notified(job), &mut effects);
                }
            }
        }
        self.settle(now, &mut effects);
        effects
    }

    /// Takes in an answer that was posted.
    pub fn answered(&mut self, now: Timestamp, answer: &Answer) -> Vec<Effect> {
        let now = self.pass(now);
        let mut effects = Vec::new();
        self.answer(now, Answers::of(self.edition, answer), answer.envelope_id());
        self.settle(now, &mut effects);
        effects
    }

    /// Takes in that a request of an unknown kind was answered.
    pub fn answered_other(&mut self, now: Timestamp, envelope_id: &EnvelopeId) {
        let now = self.pass(now);
        for job in self.in_progress.values_mut() {
            job.answered(now, Answers::to(self.edition, None), envelope_id);
        }
    }

    /// Takes in that the initial credentials, or the card, that a job waits for were supplied: nothing is warned of or
    /// withdrawn then.
    pub fn supplied(&mut self, job: &JobId) {
        let job = self.in_progress.get_mut(&job.clone());
        if let Some(supply) = job.and_then(|job| job.supply.as_mut()) {
            supply.supplied();
        }
    }

    /// Advances the time without a message and returns the effects: call it at
    /// [`next_deadline`](Self::next_deadline), or more often.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let now = self.pass(now);
        let mut effects = Vec::new();
        self.settle(now, &mut effects);
        effects
    }

    /// The time of the next effect without further input: a warning, a withdrawal or a fetch.
    /// `None` if no job is in progress.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let now = self.now?;
        self.in_progress.values().map(|job| job.next_deadline(now, &self.limits)).min()
    }

    /// The jobs that were seen and have not ended.
    pub fn in_progress(&self) -> impl Iterator<Item = &JobId> {
        self.in_progress.values().map(|job| &job.id)
    }

    /// The prompts that are open, each as the effect that asked for it: for an application that shows them again.
    pub fn prompts(&self) -> impl Iterator<Item = Effect> {
        self.in_progress.values().flat_map(KnownJob::prompts)
    }

    /// Drops all that is known of a job, in progress or ended. A message of it that comes later makes it known again.
    pub fn forget(&mut self, job: &JobId) {
        let job = job.clone();
        self.ended.remove(&job);
        self.in_progress.remove(&job);
    }

    /// Lets time pass, forwards only.
    fn pass(&mut self, now: Timestamp) -> Timestamp {
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
        let retention = self.limits.message_retention;
        self.ended.retain(|_, ended| now.since(*ended) < retention);
        self.answered.retain(|_, answer| now.since(answer.at) < retention);
        now
    }

    fn message(&mut self, now: Timestamp, message: &Message, effects: &mut Vec<Effect>) {
        match message {
            Message::JobStatus(status) => {
                self.report(now, &status.job_id, Source::Message, &status.message, effects);
            }
            Message::Request(request) => {
                let job = self.owner(&request.job_id, &request.envelope_id);
                self.request(now, &job, Seen::of(self.edition, request, Shown::ByMessage));
            }
            Message::TfaResponse(response) => {
                let answers = Answers::to(self.edition, Some(RequestKind::TfaRequest));
                self.answer(now, answers, &response.envelope_id);
            }
            Message::CredentialResponse(response) => {
                let answers = Answers::to(self.edition, Some(RequestKind::CredentialRequest));
                self.answer(now, answers, &response.envelope_id);
            }
            Message::LinkResponse(response) => self.answer(now, Answers::Any, &response.envelope_id),
            Message::Unknown(message) => {
                self.unknown(now, message.job_id.as_ref(), message, Shown::ByMessage);
            }
        }
    }

    /// The job itself. A request in it belongs to it, regardless of the request's `job_id`.
    fn entity(&mut self, now: Timestamp, entity: &JobEntity, effects: &mut Vec<Effect>) {
        let report = read_entity(entity);
        let awaited = match standing(self.edition, &report) {
            Standing::InProgress(status) => want::in_status(self.edition, status),
            _ => None,
        };
        let mut shown = None;
        let requests: Vec<_> = entity.credential_requests.iter().filter_map(|it| self.seen(it)).collect();
        for (named, seen) in requests {
            self.disown(&entity.id, named, &seen.envelope_id, effects);
            let wanted = seen.kind.wanted(self.edition);
            if wanted == awaited && awaited.is_some() && !self.is_answered(&entity.id, &seen) {
                shown = Some(seen.envelope_id);
            }
        }
        if let Some(job) = self.job(now, &entity.id) {
            let timeout = entity.credential_timeout.as_ref().map(Seconds::duration);
            job.credential_timeout =
                timeout.filter(|timeout| want::is_named(job.edition) && !timeout.is_zero());
        }
        self.report(now, &entity.id, Source::Job(shown.as_ref()), &report, effects);
        for message in &entity.credential_requests {
            self.shown(now, Some(&entity.id), message, effects);
        }
    }

    /// A message among the requests that a job shows.
    fn shown(&mut self, now: Timestamp, job: Option<&JobId>, message: &Message, effects: &mut Vec<Effect>) {
        match message {
            Message::Request(request) => {
                let job = job.unwrap_or(&request.job_id);
                self.request(now, job, Seen::of(self.edition, request, Shown::ByJob));
            }
            Message::Unknown(message) => {
                self.unknown(now, job.or(message.job_id.as_ref()), message, Shown::ByJob);
            }
            other => self.message(now, other, effects),
        }
    }

    /// A request that belongs to a wait, and the job that it names.
    fn seen<'m>(&self, message: &'m Message) -> Option<(&'m JobId, Seen)> {
        let (job, seen) = match message {
            Message::Request(request) => (&request.job_id, Seen::of(self.edition, request, Shown::ByJob)),
            Message::Unknown(message) => (message.job_id.as_ref()?, Seen::unknown(message, Shown::ByJob)?),
            _ => return None,
        };
        seen.kind.wanted(self.edition).map(|_| (job, seen))
    }

    /// A request of a kind that this version doesn't know, or a response to one.
    fn unknown(&mut self, now: Timestamp, job: Option<&JobId>, message: &UnknownMessage, shown: Shown) {
        let Some(seen) = Seen::unknown(message, shown) else { return };
        if message.kind.text().ends_with("_response") {
            self.answered_other(now, &seen.envelope_id);
        } else if let Some(job) = job {
            self.request(now, job, seen);
        }
    }

    fn report(
        &mut self,
        now: Timestamp,
        id: &JobId,
        source: Source<'_>,
        report: &StatusBody,
        effects: &mut Vec<Effect>,
    ) {
        let (edition, limits) = (self.edition, self.limits.clone());
        let Some(job) = self.job(now, id) else { return };
        // Only the final message has a termination type, whatever its status.
        let standing = standing(edition, report);
        if report.termination_type.is_none() && standing != Standing::Ended {
            return job.report(now, source, report, &limits, effects);
        }
        job.end(report, effects);
        let id = job.id.clone();
        self.in_progress.remove(&id);
        self.ended.insert(id, now);
    }

    fn request(&mut self, now: Timestamp, job: &JobId, seen: Seen) {
        let is_answered = self.answered.get(&seen.envelope_id).is_some_and(|it| it.answers.fits(&seen.kind));
        let envelope_id = seen.envelope_id.clone();
        let Some(job) = self.job(now, job) else { return };
        job.request(now, seen, is_answered);
        if is_answered {
            self.answered.remove(&envelope_id);
        }
    }

    /// Takes in an answer. It need not name its job: its envelope does.
    fn answer(&mut self, now: Timestamp, answers: Answers, envelope_id: &EnvelopeId) {
        let envelope_id = envelope_id.clone();
        let mut is_known = false;
        for job in self.in_progress.values_mut() {
            is_known |= job.answered(now, answers, &envelope_id);
        }
        if !is_known {
            self.answered.insert(envelope_id, Answered { answers, at: now });
        }
    }

    fn is_answered(&self, job: &JobId, seen: &Seen) -> bool {
        let known = self.in_progress.get(job).and_then(|job| job.requests.get(&seen.envelope_id));
        known.is_some_and(request::KnownRequest::is_answered)
            || self.answered.get(&seen.envelope_id).is_some_and(|answer| answer.answers.fits(&seen.kind))
    }

    /// The job of a request: the one that has shown it, else the one that it names.
    fn owner(&self, named: &JobId, envelope_id: &EnvelopeId) -> JobId {
        let (named, envelope_id) = (named.clone(), envelope_id.clone());
        let has_it = |job: &KnownJob| job.requests.contains_key(&envelope_id);
        if self.in_progress.get(&named).is_some_and(has_it) {
            return named;
        }
        let owner = self.in_progress.values().find(|job| has_it(job));
        owner.map_or(named, |job| job.id.clone())
    }

    /// Takes a request that a job shows away from the job that it names; and drops that job if nothing else is known of
    /// it.
    fn disown(&mut self, owner: &JobId, named: &JobId, envelope_id: &EnvelopeId, effects: &mut Vec<Effect>) {
        if named == owner {
            return;
        }
        let Some(job) = self.in_progress.get_mut(named) else { return };
        if !job.requests.contains_key(envelope_id) {
            return;
        }
        job.disown(envelope_id, effects);
        if job.is_empty() {
            self.in_progress.remove(named);
        }
    }

    /// A job in progress; `None` if it has ended.
    fn job(&mut self, now: Timestamp, id: &JobId) -> Option<&mut KnownJob> {
        let id = id.clone();
        if let Some(ended) = self.ended.get_mut(&id) {
            *ended = now;
            return None;
        }
        let edition = self.edition;
        Some(self.in_progress.entry(id.clone()).or_insert_with(|| KnownJob::new(id, edition, now)))
    }

    fn settle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.in_progress.values_mut().for_each(|job| job.settle(now, &self.limits, effects));
    }
}

/// The content of a job.
fn read_entity(job: &JobEntity) -> StatusBody {
    StatusBody {
        termination_type: job.termination_type.clone(),
        percent_complete: job.percent_complete.clone(),
        job_timeout: job.job_timeout.clone(),
        status_message: job.status_message.clone(),
        job_status_message: job.job_status_message.clone(),
        termination_status_message: job.termination_status_message.clone(),
        termination_message: job.termination_message.clone(),
        ..StatusBody::new(job.status.clone())
    }
}

/// The content of a notification for a job.
fn read_notified(job: &NotifiedJob) -> StatusBody {
    StatusBody {
        termination_type: job.termination_type.clone(),
        status_message: job.status_message.clone(),
        job_status_message: job.job_status_message.clone(),
        termination_status_message: job.termination_status_message.clone(),
        termination_message: job.termination_message.clone(),
        ..StatusBody::new(job.job_status.clone())
    }
}
