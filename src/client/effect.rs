//! What a client is to do: effects, and the prompts and ends that they carry.

use core::time::Duration;

use crate::wire::{CredentialResponse, EnvelopeId, JobId, Message, Open, Secret, Text, TfaResponse};
use crate::{Status, TerminationType};

/// One thing that a client is to do now. Effects come in the order in which they are to be carried out.
///
/// Specification: "Message types", "Broadcast Messages", "Querying Messages by Cardholder" and "Termination types",
/// wherever they tell what a client application should do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Ask the cardholder for the TFA code, and post the prompt's [answer](TfaPrompt::answer). Comes once a request,
    /// however often polling shows it; anew only after a [withdrawal](Self::Withdraw), where the request proves to
    /// stand.
    AskForTfaCode(TfaPrompt),
    /// Ask the cardholder for credentials, put them into the account in the job safe, and post that they were
    /// [submitted](CredentialPrompt::submitted). Comes once a request, however often polling shows it; anew only after
    /// a [withdrawal](Self::Withdraw), where the request proves to stand.
    AskForCredentials(CredentialPrompt),
    /// Warn the cardholder, who is being asked, that the time to answer is about to run out. Comes once a wait.
    Warn {
        /// The job that waits.
        job: JobId,
        /// The time that is left to answer: the documented minute, or less where that was heard of late.
        time_left: Duration,
    },
    /// Take a prompt back: an answer isn't wanted any more. Not for one that was answered. That is what the statuses
    /// and the time say; a request that is shown after it while the job waits for its like stands all the same, and is
    /// asked for anew.
    Withdraw {
        /// The job that had asked.
        job: JobId,
        /// The request that the prompt was for.
        envelope_id: EnvelopeId,
        /// Why, for what the user is told.
        reason: Withdrawal,
    },
    /// Fetch the job with its requests, and hand in what comes back: the job waits, and its request was not seen; or only
    /// the job itself can tell whether a message is old news. Comes again when
    /// [`poll_interval_max`](crate::Limits::poll_interval_max) has passed, until a request is seen, the job moves on, or
    /// it is too late to answer.
    FetchJob {
        /// The job to fetch, by [`Endpoint::job`](crate::endpoint::Endpoint::job).
        job: JobId,
    },
    /// Add the card that the job waits for. Comes once a wait.
    AddCard {
        /// The job that waits.
        job: JobId,
    },
    /// The user may leave: the job is authenticated, and asks for nothing more. Comes once a job.
    AllowLeaving {
        /// The job that places its card.
        job: JobId,
    },
    /// Show this text: the job has a status that this version doesn't know, and the service's own words are all there
    /// is to say of it. Comes once as long as the status and its text stay the same and the job doesn't move on.
    ShowStatus {
        /// The job.
        job: JobId,
        /// The service's words.
        text: Text,
    },
    /// Tell the user how the job ended. Comes once a job.
    TellEnd(JobEnd),
    /// Count the job in reports, as successful or not: [`JobEnd::is_successful`]. Comes once a job, and not for one
    /// that never started.
    Report(JobEnd),
    /// Poll no more for this job. Comes once a job, last. The messages of a cardholder are polled as long as
    /// [`Client::in_progress`](super::Client::in_progress) has a job.
    StopPolling {
        /// The job that ended.
        job: JobId,
    },
}

impl Effect {
    /// The job that the effect is about.
    pub fn job(&self) -> &JobId {
        match self {
            Self::AskForTfaCode(TfaPrompt { job, .. })
            | Self::AskForCredentials(CredentialPrompt { job, .. })
            | Self::Warn { job, .. }
            | Self::Withdraw { job, .. }
            | Self::FetchJob { job }
            | Self::AddCard { job }
            | Self::AllowLeaving { job }
            | Self::ShowStatus { job, .. }
            | Self::TellEnd(JobEnd { job, .. })
            | Self::Report(JobEnd { job, .. })
            | Self::StopPolling { job } => job,
        }
    }
}

/// A request for a TFA code, to put before the cardholder.
///
/// Specification: "Credential Request and Response Messages".
///
/// ```
/// use cardsavr_protocol::client::TfaPrompt;
/// use cardsavr_protocol::wire::{EnvelopeId, Secret};
///
/// let prompt = TfaPrompt { job: 101.into(), envelope_id: EnvelopeId::new("2kRDNRFbPlf98X5S917d4w=="), text: None };
/// assert_eq!(
///     serde_json::to_string(&prompt.answer(Secret::new("123")))?,
///     r#"{"type":"tfa_response","envelope_id":"2kRDNRFbPlf98X5S917d4w==","message":"123"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TfaPrompt {
    /// The job that asks: where the answer goes, by [`Endpoint::answer`](crate::endpoint::Endpoint::answer).
    pub job: JobId,
    /// The id of the request, which the answer carries.
    pub envelope_id: EnvelopeId,
    /// What the service says with the request, where it says something.
    pub text: Option<Text>,
}

impl TfaPrompt {
    /// The message to post once the cardholder has given the code. Hand it in to the client, too: the request is
    /// answered then, and neither warned of nor withdrawn.
    pub fn answer(&self, code: Secret) -> Message {
        Message::TfaResponse(TfaResponse::new(self.envelope_id.clone(), code))
    }
}

/// A request for credentials, to put before the cardholder.
///
/// Specification: "Credential Request and Response Messages".
///
/// ```
/// use cardsavr_protocol::client::CredentialPrompt;
/// use cardsavr_protocol::wire::EnvelopeId;
///
/// let prompt = CredentialPrompt { job: 101.into(), envelope_id: EnvelopeId::new("e7"), text: None };
/// assert_eq!(
///     serde_json::to_string(&prompt.submitted())?,
///     r#"{"type":"credential_response","envelope_id":"e7","message":"submitted"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialPrompt {
    /// The job that asks: where the answer goes, by [`Endpoint::answer`](crate::endpoint::Endpoint::answer).
    pub job: JobId,
    /// The id of the request, which the answer carries.
    pub envelope_id: EnvelopeId,
    /// What the service says with the request, where it says something.
    pub text: Option<Text>,
}

impl CredentialPrompt {
    /// The message to post once the account in the job safe has the credentials; they are not in the message. Hand it
    /// in to the client, too: the request is answered then, and neither warned of nor withdrawn.
    pub fn submitted(&self) -> Message {
        Message::CredentialResponse(CredentialResponse::submitted(self.envelope_id.clone()))
    }
}

/// Why a prompt is taken back.
///
/// Specification: "Message types".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Withdrawal {
    /// The time to answer has passed: the user is told that the answer can't be supplied any more. If the server gives
    /// the job more time then, before its answer window has passed, the request is asked for again where it is shown
    /// again.
    TooLate,
    /// The job has moved on without the answer, asks by a newer request, was cancelled, or has ended in another way.
    NotNeeded,
}

/// How a job ended.
///
/// Specification: "Broadcast Messages", `termination_type`; "Termination types".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// The job.
    pub job: JobId,
    /// The status that it ended in.
    pub status: Open<Status>,
    /// The termination type that was sent, where this version knows it, else the status's own; none where neither is
    /// known.
    pub termination_type: Option<TerminationType>,
    /// The service's words to the user, where they came.
    pub text: Option<Text>,
}

impl JobEnd {
    /// Whether the card was placed. Everything else is unsuccessful, a failure of the service as much as one of the
    /// user's data.
    pub fn is_successful(&self) -> bool {
        self.termination_type == Some(TerminationType::Billable)
    }

    /// Whether reports have the job: all but those that never started.
    pub fn is_reported(&self) -> bool {
        self.termination_type != Some(TerminationType::NeverStarted)
    }
}
