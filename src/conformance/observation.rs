//! What the checker looks at in a message or a snapshot. No secret gets this far.

use crate::machine::Standing;
use crate::wire::{
    Content, CredentialResponse, EnvelopeId, JobEntity, JobId, JobStatusMessage, JobTimeout, Message,
    MessageKind, NotifiedJob, Open, Percent, Request, RequestKind, Submission, TfaResponse, UnknownMessage,
};
use crate::{Status, TerminationType};

/// What a message or a snapshot shows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observation<'o> {
    /// A `job_status`.
    Status(StatusReport<'o>),
    /// A job as its endpoint or a notification shows it.
    Snapshot(StatusReport<'o>),
    /// A job asks for something.
    Request {
        /// What it asks for.
        kind: RequestKind,
        /// The job.
        job: &'o JobId,
        /// The id that the response must carry.
        envelope: &'o EnvelopeId,
    },
    /// A client answers.
    Response {
        /// What the answer is.
        kind: RequestKind,
        /// The job, where it is named.
        job: Option<&'o JobId>,
        /// The envelope of the request.
        envelope: &'o EnvelopeId,
        /// Whether it says what a response of its kind may say.
        is_proper: bool,
    },
    /// A message of a kind that this version doesn't know.
    Unknown {
        /// Its `type`.
        kind: &'o Open<MessageKind>,
        /// The job, where it is named.
        job: Option<&'o JobId>,
        /// Its envelope, if it has one: then it counts as a request.
        envelope: Option<&'o EnvelopeId>,
    },
}

/// Where a job stands, as a message or a snapshot says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatusReport<'o> {
    /// The job.
    pub job: &'o JobId,
    /// Its status.
    pub status: &'o Open<Status>,
    /// How it ended, if that is said.
    pub termination_type: Option<&'o Open<TerminationType>>,
    /// How much is done, in percent.
    pub percent_complete: Option<f64>,
    /// The time left, as it was sent.
    pub job_timeout: Option<i64>,
    /// Whether a text on the termination says that the job is completed: in a job entity, whatever its status.
    pub is_completed: bool,
}

impl StatusReport<'_> {
    /// Whether it reports a failure to connect that doesn't end the job: `NETWORK_ISSUE` without a termination type. The
    /// job stays where it was.
    pub fn is_network_failure(&self) -> bool {
        self.standing() == Standing::NetworkFailure
    }

    /// Whether it ends the job: its status is a terminal one of the table, or an unknown one with a termination type.
    pub fn ends_job(&self) -> bool {
        self.standing() == Standing::Ended
    }

    fn standing(&self) -> Standing {
        Standing::of(self.status.known(), self.termination_type.is_some())
    }
}

impl<'o> From<&'o Content> for Observation<'o> {
    fn from(content: &'o Content) -> Self {
        match content {
            Content::Message(message) => message.into(),
            Content::Job(job) => job.into(),
            Content::Notified(job) => job.into(),
        }
    }
}

impl<'o> From<&'o Message> for Observation<'o> {
    fn from(message: &'o Message) -> Self {
        match message {
            Message::JobStatus(JobStatusMessage { job_id, message }) => Self::Status(StatusReport {
                job: job_id,
                status: &message.status,
                termination_type: message.termination_type.as_ref(),
                percent_complete: message.percent_complete.as_ref().map(Percent::get),
                job_timeout: message.job_timeout.as_ref().map(JobTimeout::get),
                is_completed: false,
            }),
            Message::Request(Request { kind, job_id, envelope_id, .. }) => {
                Self::Request { kind: *kind, job: job_id, envelope: envelope_id }
            }
            Message::TfaResponse(TfaResponse { job_id, envelope_id, .. }) => Self::Response {
                kind: RequestKind::Tfa,
                job: job_id.as_ref(),
                envelope: envelope_id,
                is_proper: true,
            },
            Message::CredentialResponse(CredentialResponse { job_id, envelope_id, message }) => {
                Self::Response {
                    kind: RequestKind::Credential,
                    job: job_id.as_ref(),
                    envelope: envelope_id,
                    is_proper: *message == Submission::Submitted,
                }
            }
            Message::Unknown(UnknownMessage { kind, job_id, envelope_id, .. }) => {
                Self::Unknown { kind, job: job_id.as_ref(), envelope: envelope_id.as_ref() }
            }
        }
    }
}

impl<'o> From<&'o JobEntity> for Observation<'o> {
    fn from(job: &'o JobEntity) -> Self {
        Self::Snapshot(StatusReport {
            job: &job.id,
            status: &job.status,
            termination_type: job.termination_type.as_ref(),
            percent_complete: job.percent_complete.as_ref().map(Percent::get),
            job_timeout: job.job_timeout.as_ref().map(JobTimeout::get),
            is_completed: job.says_completed(),
        })
    }
}

impl<'o> From<&'o NotifiedJob> for Observation<'o> {
    fn from(job: &'o NotifiedJob) -> Self {
        Self::Snapshot(StatusReport {
            job: &job.job_id,
            status: &job.job_status,
            termination_type: job.termination_type.as_ref(),
            percent_complete: None,
            job_timeout: None,
            is_completed: false,
        })
    }
}
