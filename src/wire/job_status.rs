//! `job_status`: a broadcast on where a job stands.

use serde::{Deserialize, Serialize};

use super::{JobId, JobTimeout, MessageKind, Open, Percent, Text, error, json};
use crate::{Status, TerminationType};

/// Tells every subscriber where a job stands: a heartbeat, a change of status, or how the job ended.
///
/// Specification: "Broadcast Messages".
///
/// ```
/// use cardsavr_protocol::{Status, wire::{JobStatusMessage, StatusBody}};
///
/// let message = JobStatusMessage { job_id: 101.into(), message: StatusBody::new(Status::Updating) };
/// assert_eq!(
///     serde_json::to_string(&message)?,
///     r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING"}}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        rename = "JobStatusMessage",
        transform = crate::export::schema::shape::of_kind(super::MessageKind::JobStatus)
    )
)]
#[serde(tag = "type", rename = "job_status", expecting = "an object: a job_status message")]
pub struct JobStatusMessage<'a> {
    /// The job that the message is about.
    #[serde(borrow)]
    pub job_id: JobId<'a>,
    /// Where it stands.
    #[serde(borrow, deserialize_with = "json::object")]
    pub message: StatusBody<'a>,
}

impl<'a> JobStatusMessage<'a> {
    /// Reads a `job_status` in a single pass, since nearly all messages are one. None says nothing: the text is another
    /// message, or a faulty one, and must be read the long way, which tells `type` first and what is wrong.
    pub(super) fn at_once(json: &'a str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(rename = "type", borrow)]
            kind: Open<'a, MessageKind>,
            #[serde(borrow)]
            job_id: JobId<'a>,
            #[serde(borrow, deserialize_with = "json::object")]
            message: StatusBody<'a>,
        }

        // To look for the word is less than to read the message in vain.
        if !json.contains("job_status") {
            return None;
        }
        let Typed { kind, job_id, message } = error::read(json).ok()?;
        (kind.known() == Some(MessageKind::JobStatus)).then_some(Self { job_id, message })
    }

    /// The same message, independent of the input it was read from.
    pub fn into_owned(self) -> JobStatusMessage<'static> {
        JobStatusMessage { job_id: self.job_id.into_owned(), message: self.message.into_owned() }
    }
}

/// What a `job_status` says of its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(expecting = "an object with a status")]
pub struct StatusBody<'a> {
    /// The job's status; one that is newer than this version is no error.
    #[serde(borrow)]
    pub status: Open<'a, Status>,
    /// How the job ended: on the final message only.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<'a, TerminationType>>,
    /// About how much of the job is done, in percent: from 0 to 100, often with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<Percent>,
    /// The time left before the job times out: in seconds, and from the job's first value of 10,000 or more on in
    /// milliseconds.
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
    /// Text for the user on how the job ended.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text<'a>>,
}

impl<'a> StatusBody<'a> {
    /// A status and nothing else.
    pub fn new(status: impl Into<Open<'a, Status>>) -> Self {
        Self {
            status: status.into(),
            termination_type: None,
            percent_complete: None,
            job_timeout: None,
            status_message: None,
            job_status_message: None,
            termination_status_message: None,
            termination_message: None,
        }
    }

    /// The text to show to the user, if one came: that on the end before that on the status. An empty text says nothing
    /// and is passed over.
    pub fn text(&self) -> Option<&str> {
        to_show([
            &self.termination_status_message,
            &self.termination_message,
            &self.job_status_message,
            &self.status_message,
        ])
    }

    /// The same values, independent of the input they were read from.
    pub fn into_owned(self) -> StatusBody<'static> {
        StatusBody {
            status: self.status.into_owned(),
            termination_type: self.termination_type.map(Open::into_owned),
            percent_complete: self.percent_complete,
            job_timeout: self.job_timeout,
            status_message: self.status_message.map(Text::into_owned),
            job_status_message: self.job_status_message.map(Text::into_owned),
            termination_status_message: self.termination_status_message.map(Text::into_owned),
            termination_message: self.termination_message.map(Text::into_owned),
        }
    }
}

/// The first of these texts that says something.
pub(super) fn to_show<'t>(texts: [&'t Option<Text<'_>>; 4]) -> Option<&'t str> {
    texts.into_iter().flatten().map(Text::as_str).find(|text| !text.is_empty())
}
