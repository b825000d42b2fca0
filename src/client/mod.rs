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

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use effect::{CredentialPrompt, Effect, JobEnd, TfaPrompt, Withdrawal};
use known::{KnownJob, Source};

use crate::message::{Carrier, JobEntity, JobId, Message, NotifiedJob, RequestKind, StatusBody};
use crate::standing::Standing;
use crate::{Limits, TimeWentBack, Timestamp};

/// What is known of the jobs of a cardholder.
///
/// Hand in whatever the service sends: polls, single messages, jobs that were fetched, notifications; and the answers
/// that were posted. Let time pass with [`tick`](Self::tick). The same calls always give the same effects.
///
/// Messages may come twice or out of turn, and snapshots may run ahead of them: what a job has left behind is old news
/// and changes nothing. The end of one job says nothing of another.
///
/// ```
/// use cardsavr_protocol::client::{Client, Effect};
/// use cardsavr_protocol::message::{Carrier, Secret};
/// use cardsavr_protocol::{Limits, Timestamp};
///
/// let mut client = Client::new(Limits::default());
/// let poll = r#"[{"type":"tfa_request","job_id":101,"envelope_id":"e7"}]"#;
/// let poll = Carrier::from_json(poll)?;
///
/// let now = Timestamp::from_millis(1_632_787_560_264);
/// let effects = client.observe(now, &poll)?;
/// let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
/// // Polling shows the request until it is answered; the cardholder is asked once.
/// assert_eq!(client.observe(now, &poll)?, []);
///
/// let answer = prompt.answer(Secret::new("123456"));
/// // Here an application posts the answer.
/// assert_eq!(client.observe(now, &Carrier::Message(answer))?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    limits: Limits,
    /// The latest time that was handed in.
    now: Option<Timestamp>,
    jobs: BTreeMap<JobId<'static>, KnownJob>,
}

impl Client {
    /// A client that knows of no job yet.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, now: None, jobs: BTreeMap::new() }
    }

    /// Takes in something that the service sent, or an answer that was posted to it, and tells what is to be done. What
    /// came in one poll is taken in as a whole first: nobody is asked for what its last message shows to be over.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one; nothing is taken in then.
    pub fn observe(&mut self, now: Timestamp, carrier: &Carrier<'_>) -> Result<Vec<Effect>, TimeWentBack> {
        self.now = Some(TimeWentBack::check(self.now, now)?);
        let mut effects = Vec::new();
        match carrier {
            Carrier::Message(message) => self.take(now, message, &mut effects)?,
            Carrier::Poll(messages) => {
                for message in messages {
                    self.take(now, message, &mut effects)?;
                }
            }
            Carrier::Job(job) => {
                let (standing, report) = read_entity(job);
                self.job(&job.id).report(now, Source::Snapshots, standing, &report, &mut effects)?;
                for request in &job.credential_requests {
                    self.take(now, request, &mut effects)?;
                }
            }
            Carrier::Notification(notification) => {
                for job in &notification.jobs {
                    let report = read_notified(job);
                    let standing = standing(&report);
                    self.job(&job.job_id).report(now, Source::Snapshots, standing, &report, &mut effects)?;
                }
            }
        }
        self.settle(now, &mut effects)?;
        Ok(effects)
    }

    /// Lets time pass without a message, and tells what is to be done: call it at [`next_deadline`](Self::next_deadline),
    /// or more often.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn tick(&mut self, now: Timestamp) -> Result<Vec<Effect>, TimeWentBack> {
        self.now = Some(TimeWentBack::check(self.now, now)?);
        let mut effects = Vec::new();
        self.settle(now, &mut effects)?;
        Ok(effects)
    }

    /// When there will be something to do though no message comes: a warning, or a prompt to withdraw.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.jobs.values().filter_map(KnownJob::next_deadline).min()
    }

    /// The jobs that were seen and have not ended.
    pub fn in_progress(&self) -> impl Iterator<Item = &JobId<'static>> {
        self.jobs.iter().filter(|(_, job)| !job.has_ended).map(|(id, _)| id)
    }

    fn take(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), TimeWentBack> {
        match message {
            Message::JobStatus(status) => {
                let (report, standing) = (&status.message, standing(&status.message));
                self.job(&status.job_id).report(now, Source::Messages, standing, report, effects)?;
            }
            Message::Request(request) => self.job(&request.job_id).request(request),
            // A response need not name its job: its envelope does.
            Message::TfaResponse(response) => {
                self.jobs.values_mut().for_each(|job| job.answered(RequestKind::Tfa, &response.envelope_id));
            }
            Message::CredentialResponse(response) => {
                let envelope_id = &response.envelope_id;
                self.jobs.values_mut().for_each(|job| job.answered(RequestKind::Credential, envelope_id));
            }
            // What is not known can't be carried out.
            Message::Unknown(_) => {}
        }
        Ok(())
    }

    fn job(&mut self, id: &JobId<'_>) -> &mut KnownJob {
        let id = id.clone().into_owned();
        let limits = &self.limits;
        self.jobs.entry(id.clone()).or_insert_with(|| KnownJob::new(id, limits.clone()))
    }

    fn settle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), TimeWentBack> {
        self.jobs.values_mut().try_for_each(|job| job.settle(now, effects))
    }
}

/// What a job itself says. A text on its termination says that it is completed, whatever its status.
fn read_entity<'j>(job: &'j JobEntity<'_>) -> (Standing, StatusBody<'j>) {
    let report = StatusBody {
        termination_type: job.termination_type.clone(),
        percent_complete: job.percent_complete.clone(),
        job_timeout: job.job_timeout.clone(),
        status_message: job.status_message.clone(),
        job_status_message: job.job_status_message.clone(),
        termination_status_message: job.termination_status_message.clone(),
        termination_message: job.termination_message.clone(),
        ..StatusBody::new(job.status.clone())
    };
    (if job.says_completed() { Standing::Ended } else { standing(&report) }, report)
}

/// What a notification says of a job.
fn read_notified<'j>(job: &'j NotifiedJob<'_>) -> StatusBody<'j> {
    StatusBody {
        termination_type: job.termination_type.clone(),
        status_message: job.status_message.clone(),
        job_status_message: job.job_status_message.clone(),
        termination_status_message: job.termination_status_message.clone(),
        termination_message: job.termination_message.clone(),
        ..StatusBody::new(job.job_status.clone())
    }
}

fn standing(report: &StatusBody<'_>) -> Standing {
    Standing::of(&report.status, report.termination_type.as_ref())
}
