//! Effects, and the prompts, answers and ends that they contain.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::endpoint::{Endpoint, EndpointError};
use crate::wire::{
    AccountAnswer, AccountId, AnswerKeys, CredentialResponse, EnvelopeId, JobId, LinkField, LinkResponse,
    LinkValues, Message, Open, Secret, Text, TfaResponse,
};
use crate::{Status, TerminationType};

/// An action for the application. Carry out effects in their order.
///
/// Specification: "Message types", "Broadcast Messages", "Querying Messages by Cardholder" and "Termination types",
/// on the behaviour of client applications.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Ask the cardholder for the TFA code, and post the prompt's [answer](TfaPrompt::answer). Returned once per
    /// request, even if later polls contain it again; after a [withdrawal](Self::Withdraw), again if the request recurs.
    AskForTfaCode(TfaPrompt),
    /// Ask the cardholder for credentials, put them into the account in the job safe, and post that they were
    /// [submitted](CredentialPrompt::submitted). Returned once per request, as for a code.
    AskForCredentials(CredentialPrompt),
    /// Ask the cardholder for the initial credentials, and put them into the account. There is no request to answer:
    /// call [`Client::supplied`](super::Client::supplied) afterwards, which prevents a warning or a withdrawal. Returned
    /// once per wait. A later request for the same credentials replaces it: this prompt is
    /// [withdrawn](Self::Withdraw), and the request is asked.
    AskForInitialCredentials {
        /// The job that waits.
        job: JobId,
    },
    /// Ask the cardholder for the values that a request names, and send the prompt's [answer](Prompt::answer): a request of the
    /// 2026 edition, or of a kind that this version doesn't know. Returned once per request, as for a code.
    Ask(Prompt),
    /// Send this answer now, without asking the cardholder. Returned with [`AskToAct`](Self::AskToAct), once per request.
    Acknowledge(Answer),
    /// Tell the cardholder to act elsewhere: to follow a link or a push notification. There is nothing to enter, and the request
    /// stands until the job moves on; then it is [withdrawn](Self::Withdraw). Returned once per request, as for a code.
    AskToAct(ActPrompt),
    /// Warn the cardholder that the time to answer, or to add the card, is about to run out. Returned once per wait.
    Warn {
        /// The job that waits.
        job: JobId,
        /// The time left: one minute by default, or less if the input arrived late.
        time_left: Duration,
    },
    /// Withdraw a prompt: the answer is no longer needed. Not returned for an answered prompt. The withdrawal is inferred
    /// from the statuses and the time; if the request occurs again, it is asked again.
    Withdraw {
        /// The job that asked.
        job: JobId,
        /// The request of the prompt. `None` for a prompt without one: for the [initial
        /// credentials](Self::AskForInitialCredentials) or the [card](Self::AddCard).
        envelope_id: Option<EnvelopeId>,
        /// The reason, for the message to the user.
        reason: Withdrawal,
    },
    /// Fetch the job with its requests, and pass the result to the client: the job waits without a request, only the job
    /// itself can show whether a message is stale, or no input arrived for too long. Repeated at the polling interval
    /// ([`poll_interval_max`](crate::Limits::poll_interval_max)) while the request to ask is missing, otherwise with
    /// increasing delay. If the service no longer knows the job, [forget](super::Client::forget) it.
    FetchJob {
        /// The job to fetch, by [`Endpoint::job`].
        job: JobId,
    },
    /// Add the card that the job waits for. There is no request to answer: call
    /// [`Client::supplied`](super::Client::supplied) afterwards, which prevents a warning or a withdrawal. Returned once per
    /// wait.
    AddCard {
        /// The job that waits.
        job: JobId,
    },
    /// The user may leave: the job is authenticated, and needs no more input. Returned once per job.
    AllowLeaving {
        /// The job that places its card.
        job: JobId,
    },
    /// Show this text: the job has a status that this version doesn't know. Returned once while the
    /// status and its text stay the same and the job doesn't move on.
    ShowStatus {
        /// The job.
        job: JobId,
        /// The service's text for the user.
        text: Text,
    },
    /// Tell the user how the job ended. Comes once a job.
    TellEnd(JobEnd),
    /// Count the job in reports, by its [outcome](JobEnd::outcome). Comes once a job, and not for one that never
    /// started.
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
            | Self::AskForInitialCredentials { job }
            | Self::Ask(Prompt { job, .. })
            | Self::Acknowledge(Answer { job, .. })
            | Self::AskToAct(ActPrompt { job, .. })
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

/// A request for a TFA code, to show to the cardholder.
///
/// Specification: "Credential Request and Response Messages".
///
/// ```
/// use cardsavr_protocol::client::TfaPrompt;
/// use cardsavr_protocol::wire::{EnvelopeId, Secret};
///
/// let prompt = TfaPrompt::new(101.into(), EnvelopeId::new("2kRDNRFbPlf98X5S917d4w=="), None);
/// let answer = prompt.answer(Secret::new("123"));
/// assert_eq!(
///     answer.endpoint()?.path(),
///     "/messages/place_card_on_single_site_jobs/101/credential_responses"
/// );
/// assert_eq!(
///     serde_json::to_string(&answer)?,
///     r#"{"type":"tfa_response","envelope_id":"2kRDNRFbPlf98X5S917d4w==","message":"123"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TfaPrompt {
    /// The job that asks.
    pub job: JobId,
    /// The id of the request, which the answer must contain.
    pub envelope_id: EnvelopeId,
    /// The service's text for the user, if it sent one.
    pub text: Option<Text>,
}

impl TfaPrompt {
    /// A prompt for the code that this request of this job asks for.
    pub const fn new(job: JobId, envelope_id: EnvelopeId, text: Option<Text>) -> Self {
        Self { job, envelope_id, text }
    }

    /// What to post once the cardholder has given the code.
    pub fn answer(&self, code: Secret) -> Answer {
        let response = TfaResponse { job_id: None, envelope_id: self.envelope_id.clone(), message: code };
        Answer::new(&self.job, &self.envelope_id, Body::Response(Message::TfaResponse(response)))
    }
}

/// A request for credentials, to show to the cardholder.
///
/// Specification: "Credential Request and Response Messages".
///
/// ```
/// use cardsavr_protocol::client::CredentialPrompt;
/// use cardsavr_protocol::wire::EnvelopeId;
///
/// let prompt = CredentialPrompt::new(101.into(), EnvelopeId::new("e7"), None);
/// assert_eq!(
///     serde_json::to_string(&prompt.submitted())?,
///     r#"{"type":"credential_response","envelope_id":"e7","message":"submitted"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialPrompt {
    /// The job that asks.
    pub job: JobId,
    /// The id of the request, which the answer must contain.
    pub envelope_id: EnvelopeId,
    /// The service's text for the user, if it sent one.
    pub text: Option<Text>,
}

impl CredentialPrompt {
    /// A prompt for the credentials that this request of this job asks for.
    pub const fn new(job: JobId, envelope_id: EnvelopeId, text: Option<Text>) -> Self {
        Self { job, envelope_id, text }
    }

    /// What to post once the account in the job safe has the credentials; they are not in the message.
    pub fn submitted(&self) -> Answer {
        let response = CredentialResponse::submitted(self.envelope_id.clone());
        Answer::new(&self.job, &self.envelope_id, Body::Response(Message::CredentialResponse(response)))
    }
}

/// A request for the values that it names, to show to the cardholder: an input for each field, with its label, and hidden if it
/// [is secret](LinkField::is_secret).
///
/// A request of an unknown kind may name none. How it is answered is for the application to know: it
/// [reports](super::Client::answered_other) the answer, or passes the response that it posts to
/// [`observe`](super::Client::observe), if the `type` ends in `_response`.
///
/// Specification 2026: "Messages".
///
/// ```
/// use cardsavr_protocol::client::Prompt;
/// use cardsavr_protocol::wire::{LinkField, Secret};
///
/// let fields = vec![LinkField::new("username").with_secret(false), LinkField::new("password").with_secret(true)];
/// let prompt = Prompt::new(101.into(), "initial_account_link", "e7".into(), fields);
/// let answer = prompt.answer([("username", Secret::new("jo")), ("password", Secret::new("pa55"))])?;
/// assert_eq!(answer.endpoint()?.path(), "/place_card_on_single_site_jobs/101");
/// assert_eq!(
///     serde_json::to_string(&answer)?,
///     r#"{"account":{"account_link":{"username":"jo","password":"pa55"}}}"#
/// );
/// let error = prompt.answer([("username", Secret::new("jo"))]).unwrap_err();
/// assert_eq!(error.missing, ["password"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// The job that asks.
    pub job: JobId,
    /// The request's `type`.
    pub kind: String,
    /// The id of the request, which the answer must contain.
    pub envelope_id: EnvelopeId,
    /// The service's text for the user, if it sent one.
    pub text: Option<Text>,
    /// The values to ask for.
    pub fields: Vec<LinkField>,
}

impl Prompt {
    /// A prompt for the values that this request of this job names.
    pub fn new(job: JobId, kind: impl Into<String>, envelope_id: EnvelopeId, fields: Vec<LinkField>) -> Self {
        Self { job, kind: kind.into(), envelope_id, text: None, fields }
    }

    /// What to put to the job, once the cardholder has given the values: one for each field.
    ///
    /// # Errors
    ///
    /// [`AnswerKeys`] if a key is missing, not named by the request or there twice.
    pub fn answer<K: AsRef<str>>(
        &self,
        values: impl IntoIterator<Item = (K, Secret)>,
    ) -> Result<Answer, AnswerKeys> {
        let values = LinkValues::answering(&self.fields, values)?;
        Ok(Answer::new(&self.job, &self.envelope_id, Body::Account(AccountAnswer::new(values))))
    }

    /// What to post to the channel of the job in place of the [answer](Self::answer): the older form.
    ///
    /// # Errors
    ///
    /// Those of [`answer`](Self::answer).
    pub fn response<K: AsRef<str>>(
        &self,
        values: impl IntoIterator<Item = (K, Secret)>,
    ) -> Result<Answer, AnswerKeys> {
        let values = LinkValues::answering(&self.fields, values)?;
        let response =
            LinkResponse::new(self.job.clone(), self.envelope_id.clone()).with_account_link(values);
        Ok(Answer::new(&self.job, &self.envelope_id, Body::Response(Message::LinkResponse(response))))
    }
}

/// A request that the cardholder answers elsewhere, to show with its text and the labels of its fields.
///
/// Specification 2026: "Statuses", `PENDING_TFA_MESSAGE`; "Messages".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActPrompt {
    /// The job that asks.
    pub job: JobId,
    /// The id of the request.
    pub envelope_id: EnvelopeId,
    /// The service's text for the user, if it sent one.
    pub text: Option<Text>,
    /// The values that the client answers at once.
    pub fields: Vec<LinkField>,
}

impl ActPrompt {
    /// The value of each field in the acknowledgement.
    pub const ACKNOWLEDGED: &'static str = "ack";

    /// What to put to the job at once; `None` if the request names no key.
    pub fn acknowledgement(&self) -> Option<Answer> {
        let values = self.fields.iter().map(|field| (&field.key_name, Secret::new(Self::ACKNOWLEDGED)));
        let values = LinkValues::answering(&self.fields, values).ok().filter(|_| !self.fields.is_empty())?;
        Some(Answer::new(&self.job, &self.envelope_id, Body::Account(AccountAnswer::new(values))))
    }
}

/// An answer to a request: what to send, and where. Made from a prompt, so that envelope, keys and job are those of the
/// request. `Debug` doesn't show a secret. It serializes as its body.
///
/// Pass it to [`Client::answered`](super::Client::answered) once it is sent: the request is answered then, and neither
/// warned of nor withdrawn.
///
/// Specification 2021: "Credential Request and Response Messages". Specification 2026: "Messages".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    job: JobId,
    envelope_id: EnvelopeId,
    account: Option<AccountId>,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Body {
    Response(Message),
    Account(AccountAnswer),
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl Answer {
    fn new(job: &JobId, envelope_id: &EnvelopeId, body: Body) -> Self {
        Self { job: job.clone(), envelope_id: envelope_id.clone(), account: None, body }
    }

    /// The same answer, put to the account of the job, which is the older form. A response is posted to the channel of the job
    /// all the same.
    #[must_use]
    pub fn with_account(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The endpoint to send it to: the job that asks, its account, or its channel.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] if an id can't be part of a path, [`EndpointError::HeaderValue`] if the envelope can't be the
    /// value of a header.
    pub fn endpoint(&self) -> Result<Endpoint, EndpointError> {
        match (&self.body, &self.account) {
            (Body::Response(_), _) => Endpoint::answer(&self.job),
            (Body::Account(_), None) => Endpoint::answer_job(&self.job, &self.envelope_id),
            (Body::Account(_), Some(account)) => Endpoint::answer_account(account, &self.envelope_id),
        }
    }

    /// The envelope of the request.
    pub const fn envelope_id(&self) -> &EnvelopeId {
        &self.envelope_id
    }

    /// The message to post; `None` if values are put instead.
    pub const fn message(&self) -> Option<&Message> {
        match &self.body {
            Body::Response(message) => Some(message),
            Body::Account(_) => None,
        }
    }
}

/// Why a prompt is taken back.
///
/// Specification: "Message types".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Withdrawal {
    /// The time to answer has passed: the answer can't be supplied any more.
    TooLate,
    /// The job has moved on or ended without the answer, or a fetched job no longer contains the request.
    NotNeeded,
}

/// How a job ended.
///
/// Specification: "Broadcast Messages", `termination_type`; "Termination types".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobEnd {
    /// The job.
    pub job: JobId,
    /// The status that it ended in.
    pub status: Open<Status>,
    /// The termination type that was sent, if this version knows it, else the status's own; `None` if neither is known.
    pub termination_type: Option<TerminationType>,
    /// The service's text for the user, if it sent one.
    pub text: Option<Text>,
}

/// Whether a job that ended has placed its card.
///
/// Specification: "Termination types".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The card was placed: `BILLABLE`.
    Success,
    /// It was not placed, be it for the user's data, the site or the service.
    Failure,
    /// Neither: the job never started.
    Neither,
    /// How it ended is not known to this version.
    Unknown,
}

impl JobEnd {
    /// The end of a job in this status, with the status's own termination type.
    pub fn new(job: JobId, status: impl Into<Open<Status>>) -> Self {
        let status = status.into();
        let termination_type = status.known().and_then(Status::termination_type);
        Self { job, status, termination_type, text: None }
    }

    /// Whether the card was placed.
    pub const fn outcome(&self) -> Outcome {
        match self.termination_type {
            Some(TerminationType::Billable) => Outcome::Success,
            Some(TerminationType::NeverStarted) => Outcome::Neither,
            None => Outcome::Unknown,
            Some(_) => Outcome::Failure,
        }
    }

    /// Whether reports have the job: all but those that never started.
    pub fn is_reported(&self) -> bool {
        self.termination_type != Some(TerminationType::NeverStarted)
    }
}
