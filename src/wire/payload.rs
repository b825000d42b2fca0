//! What contains messages: a poll's array, the job itself, a webhook's notification.

use alloc::vec::Vec;

use serde::Serialize;

use super::decode::{FromJson, Misfit, Value, deserialize};
use super::items::{self, Content, Shape};
use super::object::object;
use super::{
    AccountId, CardholderId, FieldType, JobId, JobTimeout, Json, Message, MessageError, Open, Percent,
    Seconds, Secret, Text, Time,
};
use crate::{Status, TerminationType};

object! {
    /// The job itself, as its endpoint returns it: a snapshot, which may run ahead of the job's messages.
    ///
    /// Specification 2021: "Querying Messages by Cardholder".
    JobEntity, "an object: a job" {
        required {
            /// The job's id.
            id: JobId,
            /// Where it stands.
            status: Open<Status>,
        }
        optional {
            /// How it ended, if it has.
            termination_type, with_termination_type: Open<TerminationType>,
            /// About how much of it is done, in percent: from 0 to 100, often with a fraction.
            percent_complete, with_percent: Percent,
            /// About how much of the authentication is done, in percent: from 0 to 100.
            auth_percent_complete, with_auth_percent: Percent,
            /// The time left before it times out: in seconds, or in milliseconds where it is 10,000 or more.
            job_timeout, with_timeout: JobTimeout,
            /// Text for the user.
            status_message, with_status_message: Text,
            /// Text for the user: what to show for a status that the client doesn't know.
            job_status_message, with_job_status_message: Text,
            /// Text for the user on how the job ended.
            termination_status_message, with_termination_status_message: Text,
            /// Text for the user on how the job ended: where it stands, the job is completed.
            termination_message, with_termination_message: Text,
            /// The time to answer a request.
            credential_timeout, with_credential_timeout: Seconds,
            /// The time that the job has taken. Its unit isn't documented.
            time_elapsed, with_time_elapsed: Json,
            /// The key to the job's broadcasts, in the reply to its creation.
            access_key, with_access_key: Secret,
            /// The cardholder whose card the job places.
            cardholder_id, with_cardholder_id: CardholderId,
            /// The account that it places the card in.
            account_id, with_account_id: AccountId,
            /// When it started, as RFC 3339 has it.
            started_on, with_started_on: Time,
            /// When it ended, as RFC 3339 has it.
            completed_on, with_completed_on: Time,
        }
        list {
            /// The requests that wait for an answer; there only when the query asked for them.
            credential_requests, with_requests: Message as "Option<Vec<Message>>",
        }
    }
}

object! {
    /// A part of a job: its open requests alone, as documents of the service abridge it.
    ///
    /// Specification 2021: "Querying Messages by Cardholder".
    #[derive(Default)]
    JobRequests, "an object: the requests of a job" {
        required {}
        optional {}
        list {
            /// The requests that wait for an answer.
            credential_requests, with_requests: Message as "Option<Vec<Message>>",
        }
    }
}

impl JobEntity {
    /// Whether a text on the termination shows that the job is completed, whatever its status.
    ///
    /// Specification 2021: "Querying Messages by Cardholder".
    pub fn says_completed(&self) -> bool {
        self.termination_message.as_ref().is_some_and(|text| !text.as_str().is_empty())
    }
}

object! {
    /// What a webhook receives of jobs that have ended.
    ///
    /// Specification 2021: "Termination types", which refers to the notifications.
    Notification, "an object: a notification" {
        required {
            /// The jobs that have ended.
            jobs: Vec<NotifiedJob>,
        }
        optional {
            /// The institution that issued the cards.
            financial_institution, with_financial_institution: Text,
            /// The institution's own id of the cardholder.
            cuid, with_cuid: Text,
        }
    }
}

object! {
    /// A job of a [`Notification`]: a snapshot, as [`JobEntity`] is one.
    NotifiedJob, "an object: a job of a notification" {
        required {
            /// The job's id.
            job_id: JobId,
            /// The status that it ended in.
            job_status: Open<Status>,
        }
        optional {
            /// How it ended.
            termination_type, with_termination_type: Open<TerminationType>,
            /// Text for the user.
            status_message, with_status_message: Text,
            /// Text for the user: what to show for a status that the client doesn't know.
            job_status_message, with_job_status_message: Text,
            /// Text for the user on how the job ended.
            termination_status_message, with_termination_status_message: Text,
            /// Text for the user on how the job ended.
            termination_message, with_termination_message: Text,
            /// When it ended, as RFC 3339 has it.
            completed_on, with_completed_on: Time,
        }
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
    /// The open requests of a job without its other fields.
    Requests(JobRequests),
    /// A webhook's notification of jobs that ended.
    Notification(Notification),
}

impl Payload {
    /// Reads what the service returns, whole: one bad message fails it. [`Payload::read`] goes on after a bad one. No text,
    /// `null` and `[]` are an empty poll.
    ///
    /// # Errors
    ///
    /// [`MessageError`] for the first fault in the text.
    pub fn from_json(json: &str) -> Result<Self, MessageError> {
        if is_blank(json) { Ok(Self::Poll(Vec::new())) } else { Self::from_text(json) }
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
        if is_blank(json) {
            return (Self::Poll(messages), errors);
        }
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
            (Some(Shape::Requests { .. }), _) => {
                Self::Requests(JobRequests { credential_requests: messages })
            }
            (Some(Shape::Notification { fields, .. }), _) => {
                let alone = fields.emptied("jobs").read_all();
                Self::Notification(Notification { jobs, ..alone.unwrap_or_else(|_| Notification::new([])) })
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

/// Whether a body has no JSON value.
fn is_blank(json: &str) -> bool {
    json.trim_matches([' ', '\t', '\n', '\r']).is_empty()
}

impl FromJson for Payload {
    const TYPE: FieldType = FieldType::Messages;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        if value.is_null() {
            return Ok(Self::Poll(Vec::new()));
        }
        match Shape::of(value)? {
            Shape::Message(fields) | Shape::Record { fields, .. } => Message::of(fields).map(Self::Message),
            Shape::Array => FromJson::from_value(value).map(Self::Poll),
            Shape::Job { fields, .. } => fields.read_all().map(Self::Job),
            Shape::Requests { fields, .. } => fields.read_all().map(Self::Requests),
            Shape::Notification { fields, .. } => fields.read_all().map(Self::Notification),
        }
    }
}

deserialize!(Payload);
