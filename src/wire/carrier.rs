//! What carries messages: a poll's array, the job itself, a webhook's notification.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::parts::{Place, Shape};
use super::{JobId, JobTimeout, Message, MessageError, Open, Percent, Text, error};
use crate::{Status, TerminationType};

/// The job itself, as its endpoint returns it: a snapshot, which may run ahead of the job's messages.
///
/// Specification: "Querying Messages by Cardholder".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(expecting = "an object: a job")]
pub struct JobEntity<'a> {
    /// The job's id.
    #[serde(borrow)]
    pub id: JobId<'a>,
    /// Where it stands.
    #[serde(borrow)]
    pub status: Open<'a, Status>,
    /// How it ended, if it has.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<'a, TerminationType>>,
    /// About how much of it is done, in percent: from 0 to 100, often with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<Percent>,
    /// The time left before it times out: in seconds, or in milliseconds where it is 10,000 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_timeout: Option<JobTimeout>,
    /// Text for the user.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<Text<'a>>,
    /// Text for the user: what to show for a status that the client doesn't know.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub job_status_message: Option<Text<'a>>,
    /// Text for the user on how the job ended.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_status_message: Option<Text<'a>>,
    /// Text for the user on how the job ended: where it stands, the job is completed.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text<'a>>,
    /// The requests that wait for an answer; there only when the query asked for them.
    ///
    /// [`Carrier::from_json`] reads them; [`parts`](super::parts) has them as parts of their own.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemars", schemars(!skip_deserializing, with = "Option<Vec<Message>>"))]
    pub credential_requests: Vec<Message<'a>>,
}

impl JobEntity<'_> {
    /// Whether a text on the termination says that the job is completed, whatever its status.
    ///
    /// Specification: "Querying Messages by Cardholder".
    pub fn says_completed(&self) -> bool {
        self.termination_message.as_ref().is_some_and(|text| !text.as_str().is_empty())
    }

    /// The same job, independent of the input it was read from.
    pub fn into_owned(self) -> JobEntity<'static> {
        JobEntity {
            id: self.id.into_owned(),
            status: self.status.into_owned(),
            termination_type: self.termination_type.map(Open::into_owned),
            percent_complete: self.percent_complete,
            job_timeout: self.job_timeout,
            status_message: self.status_message.map(Text::into_owned),
            job_status_message: self.job_status_message.map(Text::into_owned),
            termination_status_message: self.termination_status_message.map(Text::into_owned),
            termination_message: self.termination_message.map(Text::into_owned),
            credential_requests: self.credential_requests.into_iter().map(Message::into_owned).collect(),
        }
    }
}

/// What a webhook is told of jobs that have ended.
///
/// Specification: "Termination types", which refers to the notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(expecting = "an object: a notification")]
pub struct Notification<'a> {
    /// The jobs that have ended.
    ///
    /// [`Carrier::from_json`] reads them.
    #[serde(skip_deserializing)]
    #[cfg_attr(feature = "schemars", schemars(!skip_deserializing))]
    pub jobs: Vec<NotifiedJob<'a>>,
    /// The institution that issued the cards.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub financial_institution: Option<Text<'a>>,
    /// The institution's own id of the cardholder.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub cuid: Option<Text<'a>>,
}

impl Notification<'_> {
    /// The same notification, independent of the input it was read from.
    pub fn into_owned(self) -> Notification<'static> {
        Notification {
            jobs: self.jobs.into_iter().map(NotifiedJob::into_owned).collect(),
            financial_institution: self.financial_institution.map(Text::into_owned),
            cuid: self.cuid.map(Text::into_owned),
        }
    }
}

/// A job that a [`Notification`] tells of: a snapshot, as [`JobEntity`] is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(expecting = "an object: a job of a notification")]
pub struct NotifiedJob<'a> {
    /// The job's id.
    #[serde(borrow)]
    pub job_id: JobId<'a>,
    /// How it ended.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<'a, TerminationType>>,
    /// The status that it ended in.
    #[serde(borrow)]
    pub job_status: Open<'a, Status>,
    /// Text for the user.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<Text<'a>>,
    /// Text for the user: what to show for a status that the client doesn't know.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub job_status_message: Option<Text<'a>>,
    /// Text for the user on how the job ended.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_status_message: Option<Text<'a>>,
    /// Text for the user on how the job ended.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text<'a>>,
    /// When it ended, as RFC 3339 has it.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub completed_on: Option<Text<'a>>,
}

impl NotifiedJob<'_> {
    /// The same job, independent of the input it was read from.
    pub fn into_owned(self) -> NotifiedJob<'static> {
        NotifiedJob {
            job_id: self.job_id.into_owned(),
            termination_type: self.termination_type.map(Open::into_owned),
            job_status: self.job_status.into_owned(),
            status_message: self.status_message.map(Text::into_owned),
            job_status_message: self.job_status_message.map(Text::into_owned),
            termination_status_message: self.termination_status_message.map(Text::into_owned),
            termination_message: self.termination_message.map(Text::into_owned),
            completed_on: self.completed_on.map(Text::into_owned),
        }
    }
}

/// Something of the service that carries messages or the same information.
///
/// ```
/// use cardsavr_protocol::wire::Carrier;
///
/// let poll = r#"[{"type":"tfa_request","job_id":7,"envelope_id":"bdNruAXhrc3jhLfmpD5naA=="}]"#;
/// match Carrier::from_json(poll)? {
///     Carrier::Poll(messages) => assert_eq!(messages.len(), 1),
///     other => panic!("not a poll: {other:?}"),
/// }
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Carrier<'a> {
    /// A message by itself.
    Message(Message<'a>),
    /// What a poll returns.
    Poll(Vec<Message<'a>>),
    /// The job itself, with its open requests if it was asked for them.
    Job(JobEntity<'a>),
    /// A webhook's notification of jobs that ended.
    Notification(Notification<'a>),
}

impl<'a> Carrier<'a> {
    /// The same, independent of the input it was read from.
    pub fn into_owned(self) -> Carrier<'static> {
        match self {
            Self::Message(message) => Carrier::Message(message.into_owned()),
            Self::Poll(messages) => Carrier::Poll(messages.into_iter().map(Message::into_owned).collect()),
            Self::Job(job) => Carrier::Job(job.into_owned()),
            Self::Notification(notification) => Carrier::Notification(notification.into_owned()),
        }
    }

    /// Reads whatever the service hands out that carries messages, whole: one bad part spoils it. To go on after a
    /// bad part, use [`parts`](super::parts).
    ///
    /// # Errors
    ///
    /// [`MessageError`] for the first part that can't be read.
    pub fn from_json(json: &'a str) -> Result<Self, MessageError> {
        let whole = Place::Top;
        Ok(match Shape::of(json)? {
            Shape::Message | Shape::Record { .. } => Self::Message(Message::from_json(json)?),
            Shape::Array => Self::Poll(each(json, json, &whole, Message::from_json)?),
            Shape::Job { requests } => {
                let job = error::parse(json)?;
                let list = Place::Key(&whole, "credential_requests");
                let requests =
                    requests.map(|list_json| each(json, list_json.get(), &list, Message::from_json));
                Self::Job(JobEntity { credential_requests: requests.transpose()?.unwrap_or_default(), ..job })
            }
            Shape::Notification { jobs } => {
                let notification = error::parse(json)?;
                let jobs = each(json, jobs.get(), &Place::Key(&whole, "jobs"), error::parse)?;
                Self::Notification(Notification { jobs, ..notification })
            }
        })
    }
}

/// Reads each element of the array `list`, which stands at `place` in `json`.
fn each<'a, T>(
    json: &str,
    list: &'a str,
    place: &Place,
    read: impl Fn(&'a str) -> Result<T, MessageError>,
) -> Result<Vec<T>, MessageError> {
    let raws: Vec<&RawValue> = error::parse(list).map_err(|error| error.of_slice(json, list, place))?;
    let element = |(index, raw): (usize, &'a RawValue)| {
        read(raw.get()).map_err(|error| error.of_slice(json, raw.get(), &Place::Index(place, index)))
    };
    raws.into_iter().enumerate().map(element).collect()
}
