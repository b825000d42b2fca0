//! What a client of the service should do next, as effects.
//!
//! The specification tells client applications how to behave. [`Client`] is that advice as a function: from what is
//! known of the jobs of a cardholder, what came in, and the time, to what is known then and what is to be done. It
//! sends nothing and shows nothing; an application that carries out each [`Effect`] behaves as the specification asks.
//!
//! | when | the client |
//! | --- | --- |
//! | a request for a TFA code is open | [`AskForTfaCode`](Effect::AskForTfaCode) |
//! | a request for credentials is open | [`AskForCredentials`](Effect::AskForCredentials) |
//! | a job waits for either, and no request was seen | [`FetchJob`](Effect::FetchJob) |
//! | a job waits for its card | [`AddCard`](Effect::AddCard) |
//! | a minute or less is left, and the user is being asked | [`Warn`](Effect::Warn) |
//! | it is too late to answer, or an answer isn't wanted any more | [`Withdraw`](Effect::Withdraw) |
//! | `UPDATING` | [`AllowLeaving`](Effect::AllowLeaving) |
//! | a status that this version doesn't know | [`ShowStatus`](Effect::ShowStatus) |
//! | the end | [`TellEnd`](Effect::TellEnd), [`Report`](Effect::Report), [`StopPolling`](Effect::StopPolling) |

mod effect;
mod known;
mod position;
mod request;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

pub use effect::{CredentialPrompt, Effect, JobEnd, TfaPrompt, Withdrawal};
use known::{KnownJob, Source};
use request::ByKind;
use serde::{Deserialize, Serialize};

use crate::machine::Standing;
use crate::wire::{
    EnvelopeId, JobEntity, JobId, Message, NotifiedJob, Payload, Request, RequestKind, StatusBody,
};
use crate::{Limits, Timestamp};

/// What is known of the jobs of a cardholder.
///
/// Hand in whatever the service sends: polls, single messages, jobs that were fetched, notifications; and the answers
/// that were posted. Let time pass with [`tick`](Self::tick). The same calls always give the same effects.
///
/// Messages may come twice or out of turn, and snapshots may run ahead of them: what a job has left behind is old news
/// and changes nothing. A message is known for old news by a percentage that is smaller than before, and by numbers that
/// were told before. Where percentages fall, or are the same in every round of codes, that may be another round: then
/// the job is [fetched](Effect::FetchJob). Without any numbers old news can't be told from another round; then the
/// requests tell. A request stands until it is answered, so one that is shown where the job waits for its like is asked
/// for, even if it was withdrawn before; of several, the newest. What was answered is never asked for again. The end of
/// one job says nothing of another.
///
/// The user has the time that the [`Timer`](crate::Timer) gives a wait. A request that shows ahead of its status has
/// the answer window, counted from when it was first seen, and no more than the job's budget.
///
/// What is kept of a job in progress is its position, its deadlines, the envelopes that it has shown, and the numbers of
/// its last 256 messages and snapshots; of a job that has ended, its id, so that a late message of it changes nothing;
/// and of the answers that were posted, their envelopes, until the job ends that asked (where its request was never
/// handed in, for good). A code is not kept. [`forget`](Self::forget) lets go of a job. A call looks once at each job in
/// progress, and finds the jobs and requests of its messages in ordered maps; jobs that have ended cost it nothing.
///
/// A client serializes, and what was serialized resumes: an application that starts again reads it with the version
/// that wrote it, and draws its [`prompts`](Self::prompts).
///
/// Specification: "Message types", "Broadcast Messages", "Credential Request and Response Messages", "Querying Messages
/// by Cardholder" and "Termination types", wherever they tell what a client application should do.
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
/// let effects = client.observe(now, &poll)?;
/// let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
/// // Polling shows the request until it is answered; the cardholder is asked once.
/// assert_eq!(client.observe(now, &poll)?, []);
///
/// let answer = prompt.answer(Secret::new("123456"));
/// // Here an application posts the answer.
/// assert_eq!(client.observe(now, &Payload::Message(answer))?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    limits: Limits,
    /// The latest time that was handed in.
    now: Option<Timestamp>,
    in_progress: BTreeMap<JobId, KnownJob>,
    ended: BTreeSet<JobId>,
    /// The envelopes of answers. An answer need not name its job, and may be handed in before its request.
    answered: ByKind<Envelopes>,
}

/// A set of envelopes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Envelopes(BTreeSet<EnvelopeId>);

impl Client {
    /// A client that knows of no job yet.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: None,
            in_progress: BTreeMap::new(),
            ended: BTreeSet::new(),
            answered: ByKind::new(Envelopes(BTreeSet::new()), Envelopes(BTreeSet::new())),
        }
    }

    /// Takes in something that the service sent, or an answer that was posted to it, and tells what is to be done. What
    /// came in one poll is taken in as a whole first: nobody is asked for what its last message shows to be over.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one; nothing is taken in then.
    pub fn observe(&mut self, now: Timestamp, carrier: &Payload) -> Result<Vec<Effect>, TimeWentBack> {
        self.now = Some(TimeWentBack::check(self.now, now)?);
        let mut effects = Vec::new();
        match carrier {
            Payload::Message(message) => self.take(now, message, false, &mut effects),
            Payload::Poll(messages) => {
                for message in messages {
                    self.take(now, message, true, &mut effects);
                }
            }
            Payload::Job(job) => {
                let source = Source::Snapshots(self.awaited_request(job));
                self.report(now, &job.id, source, job.says_completed(), &read_entity(job), &mut effects);
                for request in &job.credential_requests {
                    self.take(now, request, true, &mut effects);
                }
            }
            Payload::Notification(notification) => {
                for job in &notification.jobs {
                    let report = read_notified(job);
                    self.report(now, &job.job_id, Source::Snapshots(None), false, &report, &mut effects);
                }
            }
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// Lets time pass without a message, and tells what is to be done: call it at
    /// [`next_deadline`](Self::next_deadline), or more often.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn tick(&mut self, now: Timestamp) -> Result<Vec<Effect>, TimeWentBack> {
        self.now = Some(TimeWentBack::check(self.now, now)?);
        let mut effects = Vec::new();
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// When there will be something to do though no message comes: a warning, a prompt to withdraw, or a job to fetch
    /// whose request still wasn't seen.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.in_progress.values().filter_map(|job| job.next_deadline(&self.limits)).min()
    }

    /// The jobs that were seen and have not ended.
    pub fn in_progress(&self) -> impl Iterator<Item = &JobId> {
        self.in_progress.values().map(|job| &job.id)
    }

    /// The prompts that are open, each as the effect that asked for it: for an application that draws them anew.
    pub fn prompts(&self) -> impl Iterator<Item = Effect> {
        self.in_progress.values().flat_map(KnownJob::prompts)
    }

    /// Lets go of all that is known of a job, in progress or ended. A message of it that comes later makes it known
    /// anew, so that a job is best forgotten an hour after its end, when no message waits to be polled any more.
    pub fn forget(&mut self, job: &JobId) {
        let job = job.clone();
        self.ended.remove(&job);
        self.let_go_of(&job);
    }

    fn take(&mut self, now: Timestamp, message: &Message, is_whole: bool, effects: &mut Vec<Effect>) {
        match message {
            Message::JobStatus(status) => {
                self.report(now, &status.job_id, Source::Messages, false, &status.message, effects);
            }
            Message::Request(request) => {
                let is_answered = self.is_answered(request);
                if let Some(job) = self.job(&request.job_id) {
                    job.request(now, request, is_whole, is_answered, effects);
                }
            }
            Message::TfaResponse(response) => self.answer(RequestKind::Tfa, &response.envelope_id),
            Message::CredentialResponse(response) => {
                self.answer(RequestKind::Credential, &response.envelope_id);
            }
            // What is not known can't be carried out.
            Message::Unknown(_) => {}
        }
    }

    fn report(
        &mut self,
        now: Timestamp,
        id: &JobId,
        source: Source<'_>,
        is_completed: bool,
        report: &StatusBody,
        effects: &mut Vec<Effect>,
    ) {
        let standing = Standing::of(report.status.known(), report.termination_type.is_some());
        let Some(job) = self.job(id) else { return };
        if !is_completed && standing != Standing::Ended {
            return job.report(now, source, report, effects);
        }
        job.end(report, effects);
        let id = job.id.clone();
        self.let_go_of(&id);
        self.ended.insert(id);
    }

    /// Takes in an answer. It need not name its job: its envelope does.
    fn answer(&mut self, kind: RequestKind, envelope_id: &EnvelopeId) {
        self.answered.of_mut(kind).0.insert(envelope_id.clone());
        self.in_progress.values_mut().for_each(|job| job.answered(kind, envelope_id));
    }

    fn is_answered(&self, request: &Request) -> bool {
        self.answered.of(request.kind).0.contains(&request.envelope_id)
    }

    /// The open request that a hydrated job shows for what it waits for, the last where there are several.
    fn awaited_request<'j>(&self, job: &'j JobEntity) -> Option<&'j EnvelopeId> {
        let kind = RequestKind::awaited_in(job.status.known()?)?;
        job.credential_requests.iter().rev().find_map(|message| match message {
            Message::Request(request) if request.kind == kind && request.job_id == job.id => {
                Some(&request.envelope_id).filter(|_| !self.is_answered(request))
            }
            _ => None,
        })
    }

    /// A job in progress; none where it has ended.
    fn job(&mut self, id: &JobId) -> Option<&mut KnownJob> {
        let id = id.clone();
        let limits = &self.limits;
        let has_ended = self.ended.contains(&id);
        (!has_ended)
            .then(|| self.in_progress.entry(id.clone()).or_insert_with(|| KnownJob::new(id, limits.clone())))
    }

    /// Lets go of a job in progress, and of the answers to its requests.
    fn let_go_of(&mut self, id: &JobId) {
        let Some(mut requests) = self.in_progress.remove(id).map(KnownJob::into_requests) else { return };
        for kind in ByKind::<()>::KINDS {
            for envelope_id in core::mem::take(requests.of_mut(kind)).envelopes() {
                self.answered.of_mut(kind).0.remove(&envelope_id);
            }
        }
    }

    fn settle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.in_progress.values_mut().for_each(|job| job.settle(now, &self.limits, effects));
    }
}

/// A time was handed in that lies before one that was handed in earlier. Nothing was changed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("time went back from {before} to {now}: it has to stand still or go on")]
pub struct TimeWentBack {
    /// The latest time so far.
    pub before: Timestamp,
    /// The time that was refused.
    pub now: Timestamp,
}

impl TimeWentBack {
    /// The later of two times that were handed in one after the other; an error where the second is before the first.
    fn check(before: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Self> {
        match before {
            Some(before) if now < before => Err(Self { before, now }),
            _ => Ok(now),
        }
    }
}

/// What a job itself says.
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

/// What a notification says of a job.
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
