//! `job_status`: a broadcast on where a job stands.

use serde::Serialize;

use super::decode::{Fields, Object, deserialize};
use super::{JobId, JobTimeout, MessageKind, Open, Percent, Text};
use crate::{Status, TerminationType};

/// Tells every subscriber where a job stands: a heartbeat, a change of status, or how the job ended.
///
/// Specification: "Broadcast Messages".
///
/// ```
/// use cardsavr_protocol::{Status, wire::{JobStatusMessage, StatusBody}};
///
/// let message = JobStatusMessage::new(101, StatusBody::new(Status::Updating));
/// assert_eq!(
///     serde_json::to_string(&message)?,
///     r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING"}}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        rename = "JobStatusMessage",
        transform = super::schema::of_kind(MessageKind::JobStatus)
    )
)]
#[serde(tag = "type", rename = "job_status")]
#[non_exhaustive]
pub struct JobStatusMessage {
    /// The job that the message is about.
    pub job_id: JobId,
    /// Where it stands.
    pub message: StatusBody,
}

impl JobStatusMessage {
    /// A message on a job.
    pub fn new(job_id: impl Into<JobId>, message: StatusBody) -> Self {
        Self { job_id: job_id.into(), message }
    }
}

impl Object for JobStatusMessage {
    const EXPECTED: &'static str = "an object: a job_status message";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.expect_kind(&[MessageKind::JobStatus]);
        let job_id = fields.required("job_id");
        let message = fields.required("message");
        Some(Self { job_id: job_id?, message: message? })
    }
}

/// What a `job_status` says of its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusBody {
    /// The job's status; one that is newer than this version is no error.
    pub status: Open<Status>,
    /// How the job ended: on the final message only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<Open<TerminationType>>,
    /// About how much of the job is done, in percent: from 0 to 100, often with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<Percent>,
    /// The time left before the job times out: in seconds, and from the job's first value of 10,000 or more on in
    /// milliseconds.
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
    /// Text for the user on how the job ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_message: Option<Text>,
}

impl StatusBody {
    /// A status and nothing else.
    pub fn new(status: impl Into<Open<Status>>) -> Self {
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

    /// The same with how the job ended.
    #[must_use]
    pub fn with_termination_type(self, ends: impl Into<Open<TerminationType>>) -> Self {
        Self { termination_type: Some(ends.into()), ..self }
    }

    /// The same with how much of the job is done.
    #[must_use]
    pub fn with_percent(self, percent: impl Into<Percent>) -> Self {
        Self { percent_complete: Some(percent.into()), ..self }
    }

    /// The same with the time left, in the unit that the size of the number shows.
    #[must_use]
    pub fn with_timeout(self, timeout: impl Into<JobTimeout>) -> Self {
        Self { job_timeout: Some(timeout.into()), ..self }
    }

    /// The same with text for the user.
    #[must_use]
    pub fn with_status_message(self, text: Text) -> Self {
        Self { status_message: Some(text), ..self }
    }

    /// The same with text for the user who meets a status that the client doesn't know.
    #[must_use]
    pub fn with_job_status_message(self, text: Text) -> Self {
        Self { job_status_message: Some(text), ..self }
    }

    /// The same with text for the user on how the job ended.
    #[must_use]
    pub fn with_termination_status_message(self, text: Text) -> Self {
        Self { termination_status_message: Some(text), ..self }
    }

    /// The same with text for the user on how the job ended.
    #[must_use]
    pub fn with_termination_message(self, text: Text) -> Self {
        Self { termination_message: Some(text), ..self }
    }

    /// The text to show to the user, if there is one: the text on the end before the text on the status. An empty text
    /// is ignored.
    pub fn text(&self) -> Option<&str> {
        to_show([
            &self.termination_status_message,
            &self.termination_message,
            &self.job_status_message,
            &self.status_message,
        ])
        .map(Text::as_str)
    }
}

impl Object for StatusBody {
    const EXPECTED: &'static str = "an object with a status";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.required("status");
        Some(Self {
            termination_type: fields.optional("termination_type"),
            percent_complete: fields.optional("percent_complete"),
            job_timeout: fields.optional("job_timeout"),
            status_message: fields.optional("status_message"),
            job_status_message: fields.optional("job_status_message"),
            termination_status_message: fields.optional("termination_status_message"),
            termination_message: fields.optional("termination_message"),
            status: status?,
        })
    }
}

/// The texts of an object for the user, whatever else it has.
#[expect(clippy::struct_field_names, reason = "the names are the service's")]
pub(super) struct StatusTexts {
    status_message: Option<Text>,
    job_status_message: Option<Text>,
    termination_status_message: Option<Text>,
    termination_message: Option<Text>,
}

impl StatusTexts {
    /// The text to show to the user: see [`StatusBody::text`].
    pub(super) fn to_show(&self) -> Option<&Text> {
        to_show([
            &self.termination_status_message,
            &self.termination_message,
            &self.job_status_message,
            &self.status_message,
        ])
    }
}

impl Object for StatusTexts {
    const EXPECTED: &'static str = "an object";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            status_message: fields.optional("status_message"),
            job_status_message: fields.optional("job_status_message"),
            termination_status_message: fields.optional("termination_status_message"),
            termination_message: fields.optional("termination_message"),
        })
    }
}

/// The first of these texts that is not empty.
fn to_show(texts: [&Option<Text>; 4]) -> Option<&Text> {
    texts.into_iter().flatten().find(|text| !text.as_str().is_empty())
}

deserialize!(JobStatusMessage, StatusBody);
