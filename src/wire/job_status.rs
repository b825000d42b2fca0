//! `job_status`: a broadcast on where a job stands.

use super::decode::{Fields, Object};
use super::object::object;
use super::{JobId, JobTimeout, Open, Percent, Text};
use crate::{Status, TerminationType};

object! {
    /// Informs every subscriber where a job stands: a heartbeat, a change of status, or how the job ended.
    ///
    /// Specification 2021: "Broadcast Messages".
    ///
    /// ```
    /// use cardsavr_protocol::{Status, wire::{JobStatusMessage, StatusBody}};
    ///
    /// let message = JobStatusMessage::new(101, StatusBody::new(Status::Updating).with_percent(80));
    /// assert_eq!(
    ///     serde_json::to_string(&message)?,
    ///     r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING","percent_complete":80}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg_attr(
        feature = "schemars",
        schemars(rename = "JobStatusMessage", transform = super::schema::of_kind(super::MessageKind::JobStatus))
    )]
    #[serde(tag = "type", rename = "job_status")]
    JobStatusMessage, "an object: a job_status message", type JobStatus {
        required {
            /// The job that the message is about.
            job_id: JobId,
            /// Where it stands.
            message: StatusBody,
        }
        optional {}
    }
}

object! {
    /// What a `job_status` says of its job.
    StatusBody, "an object with a status" {
        required {
            /// The job's status; one that is newer than this version is no error.
            status: Open<Status>,
        }
        optional {
            /// How the job ended: on the final message only.
            termination_type, with_termination_type: Open<TerminationType>,
            /// About how much of the job is done, in percent: from 0 to 100, often with a fraction.
            percent_complete, with_percent: Percent,
            /// About how much of the authentication is done, in percent: from 0 to 100.
            auth_percent_complete, with_auth_percent: Percent,
            /// The time left before the job times out: in seconds, and from the job's first value of 10,000 or more on in
            /// milliseconds.
            job_timeout, with_timeout: JobTimeout,
            /// Text for the user.
            status_message, with_status_message: Text,
            /// Text for the user: what to show for a status that the client doesn't know.
            job_status_message, with_job_status_message: Text,
            /// Text for the user on how the job ended.
            termination_status_message, with_termination_status_message: Text,
            /// Text for the user on how the job ended.
            termination_message, with_termination_message: Text,
        }
    }
}

impl StatusBody {
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
