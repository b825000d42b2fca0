//! What contains messages: a poll's array, the job itself, a webhook's notification.

use alloc::vec::Vec;

use serde::Serialize;

use super::decode::{Fields, FromJson, Misfit, Object, Value, deserialize};
use super::items::{self, Content, Shape};
use super::{JobId, JobTimeout, Message, MessageError, Open, Percent, Text};
use crate::{Status, TerminationType};

/// The job itself, as its endpoint returns it: a snapshot, which may run ahead of the job's messages.
///
/// Specification 2021: "Querying Messages by Cardholder".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct JobEntity {
    /// The job's id.
    pub id: JobId,
    /// Where it stands.
    pub status: Open<Status>,
    /// How it ended, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<TerminationType>>,
    /// About how much of it is done, in percent: from 0 to 100, often with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<Percent>,
    /// The time left before it times out: in seconds, or in milliseconds where it is 10,000 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_timeout: Option<JobTimeout>,
    /// Text for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<Text>,
    /// Text for the user: what to show for a status that the client doesn't know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_status_message: Option<Text>,
    /// Text for the user on how the job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_status_message: Option<Text>,
    /// Text for the user on how the job ended: where it stands, the job is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text>,
    /// The requests that wait for an answer; there only when the query asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Vec<Message>>"))]
    pub credential_requests: Vec<Message>,
}

impl JobEntity {
    /// A job with an id and a status and nothing else.
    pub fn new(id: impl Into<JobId>, status: impl Into<Open<Status>>) -> Self {
        Self {
            id: id.into(),
            status: status.into(),
            termination_type: None,
            percent_complete: None,
            job_timeout: None,
            status_message: None,
            job_status_message: None,
            termination_status_message: None,
            termination_message: None,
            credential_requests: Vec::new(),
        }
    }

    /// Whether a text on the termination shows that the job is completed, whatever its status.
    ///
    /// Specification 2021: "Querying Messages by Cardholder".
    pub fn says_completed(&self) -> bool {
        self.termination_message.as_ref().is_some_and(|text| !text.as_str().is_empty())
    }

    /// Reads a job without its requests.
    pub(super) fn without_requests(fields: &mut Fields<'_>) -> Option<Self> {
        let (id, status) = (fields.required("id"), fields.required("status"));
        Some(Self {
            termination_type: fields.optional("termination_type"),
            percent_complete: fields.optional("percent_complete"),
            job_timeout: fields.optional("job_timeout"),
            status_message: fields.optional("status_message"),
            job_status_message: fields.optional("job_status_message"),
            termination_status_message: fields.optional("termination_status_message"),
            termination_message: fields.optional("termination_message"),
            credential_requests: Vec::new(),
            id: id?,
            status: status?,
        })
    }
}

impl Object for JobEntity {
    const EXPECTED: &'static str = "an object: a job";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let job = Self::without_requests(fields);
        let credential_requests = fields.optional("credential_requests").unwrap_or_default();
        Some(Self { credential_requests, ..job? })
    }
}

/// What a webhook receives of jobs that have ended.
///
/// Specification 2021: "Termination types", which refers to the notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Notification {
    /// The jobs that have ended.
    pub jobs: Vec<NotifiedJob>,
    /// The institution that issued the cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub financial_institution: Option<Text>,
    /// The institution's own id of the cardholder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuid: Option<Text>,
}

impl Notification {
    /// A notification of these jobs.
    pub fn new(jobs: Vec<NotifiedJob>) -> Self {
        Self { jobs, financial_institution: None, cuid: None }
    }

    /// Reads a notification without its jobs.
    pub(super) fn without_jobs(fields: &mut Fields<'_>) -> Self {
        Self {
            jobs: Vec::new(),
            financial_institution: fields.optional("financial_institution"),
            cuid: fields.optional("cuid"),
        }
    }
}

impl Object for Notification {
    const EXPECTED: &'static str = "an object: a notification";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let notification = Self::without_jobs(fields);
        Some(Self { jobs: fields.required("jobs")?, ..notification })
    }
}

/// A job of a [`Notification`]: a snapshot, as [`JobEntity`] is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotifiedJob {
    /// The job's id.
    pub job_id: JobId,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<TerminationType>>,
    /// The status that it ended in.
    pub job_status: Open<Status>,
    /// Text for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<Text>,
    /// Text for the user: what to show for a status that the client doesn't know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_status_message: Option<Text>,
    /// Text for the user on how the job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_status_message: Option<Text>,
    /// Text for the user on how the job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text>,
    /// When it ended, as RFC 3339 has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_on: Option<Text>,
}

impl NotifiedJob {
    /// A job that ended in a status, and nothing else.
    pub fn new(job_id: impl Into<JobId>, job_status: impl Into<Open<Status>>) -> Self {
        Self {
            job_id: job_id.into(),
            termination_type: None,
            job_status: job_status.into(),
            status_message: None,
            job_status_message: None,
            termination_status_message: None,
            termination_message: None,
            completed_on: None,
        }
    }
}

impl Object for NotifiedJob {
    const EXPECTED: &'static str = "an object: a job of a notification";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let (job_id, job_status) = (fields.required("job_id"), fields.required("job_status"));
        Some(Self {
            termination_type: fields.optional("termination_type"),
            status_message: fields.optional("status_message"),
            job_status_message: fields.optional("job_status_message"),
            termination_status_message: fields.optional("termination_status_message"),
            termination_message: fields.optional("termination_message"),
            completed_on: fields.optional("completed_on"),
            job_id: job_id?,
            job_status: job_status?,
        })
    }
}

/// What the service returns that contains messages or the same information.
///
/// ```
/// use cardsavr_protocol::wire::Payload;
///
/// let poll = r#"[{"type":"tfa_request","job_id":7,"envelope_id":"bdNruAXhrc3jhLfmpD5naA=="}]"#;
/// match Payload::from_json(poll)? {
///     Payload::Poll(messages) => assert_eq!(messages.len(), 1),
///     other => panic!("not a poll: {other:?}"),
/// }
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Payload {
    /// A message by itself.
    Message(Message),
    /// What a poll returns.
    Poll(Vec<Message>),
    /// The job itself, with its open requests if the query asked for them.
    Job(JobEntity),
    /// A webhook's notification of jobs that ended.
    Notification(Notification),
}

impl Payload {
    /// Reads what the service returns, whole: one bad message fails it. [`Payload::read`] goes on after a bad one.
    ///
    /// # Errors
    ///
    /// [`MessageError`] for the first fault in the text.
    pub fn from_json(json: &str) -> Result<Self, MessageError> {
        Self::from_text(json)
    }

    /// Reads all that can be read of what the service returns, with the error of each message that can't be.
    ///
    /// Of a job that can't be read, the open requests that can be read are a [`Payload::Poll`].
    ///
    /// ```
    /// use cardsavr_protocol::wire::Payload;
    ///
    /// let poll = r#"[{"type":"tfa_request","job_id":7},{"type":"tfa_request","job_id":8,"envelope_id":"e"}]"#;
    /// let (payload, errors) = Payload::read(poll);
    /// assert!(matches!(payload, Payload::Poll(messages) if messages.len() == 1));
    /// assert_eq!(errors[0].pointer, "/0/envelope_id");
    /// ```
    pub fn read(json: &str) -> (Self, Vec<MessageError>) {
        let (mut messages, mut job, mut jobs, mut errors) = (Vec::new(), None, Vec::new(), Vec::new());
        items::log_items(json, |item| match item.content {
            Ok(Content::Message(message)) => messages.push(message),
            Ok(Content::Job(entity)) => job = Some(entity),
            Ok(Content::Notified(job)) => jobs.push(job),
            Err(error) => errors.push(error),
        });
        let shape = Value::parse(json).ok().and_then(|value| Shape::of(value).ok());
        let payload = match (shape, job) {
            (Some(Shape::Job { .. }), Some(job)) => {
                Self::Job(JobEntity { credential_requests: messages, ..job })
            }
            (Some(Shape::Notification { mut fields, .. }), _) => {
                Self::Notification(Notification { jobs, ..Notification::without_jobs(&mut fields) })
            }
            (Some(Shape::Message(_)), _) => match messages.pop() {
                Some(message) => Self::Message(message),
                None => Self::Poll(messages),
            },
            _ => Self::Poll(messages),
        };
        (payload, errors)
    }
}

impl FromJson for Payload {
    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match Shape::of(value)? {
            Shape::Message(fields) | Shape::Record { fields, .. } => Message::of(fields).map(Self::Message),
            Shape::Array => FromJson::from_value(value).map(Self::Poll),
            Shape::Job { fields, .. } => fields.read_all().map(Self::Job),
            Shape::Notification { fields, .. } => fields.read_all().map(Self::Notification),
        }
    }
}

deserialize!(Payload, JobEntity, Notification, NotifiedJob);
