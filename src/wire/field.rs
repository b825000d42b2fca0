//! The fields of messages and snapshots, as rows.

use super::{JobEntity, LinkField, LinkResponse, MessageKind, Notification, NotifiedJob, StatusBody};

/// A field of a message or a snapshot.
///
/// ```
/// use cardsavr_protocol::wire::{FieldType, MessageKind, StatusBody};
///
/// let timeout = StatusBody::FIELDS.iter().find(|field| field.name == "job_timeout").ok_or("no such field")?;
/// assert_eq!((timeout.is_required, timeout.field_type), (false, FieldType::Timeout));
/// assert!(MessageKind::TfaResponse.fields().iter().any(|field| field.field_type.is_secret()));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it is, as one or more paragraphs of Markdown.
    pub about: &'static str,
    /// Whether it must be present. A field that need not be may also be `null`.
    pub is_required: bool,
    /// What its value is.
    pub field_type: FieldType,
}

/// What the value of a [`Field`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// A word of a list, such as a status.
    Word,
    /// A job id: a whole number or a string.
    JobId,
    /// An envelope id: a string.
    Envelope,
    /// A percentage: a number.
    Percent,
    /// The time left, in seconds or milliseconds: a whole number.
    Timeout,
    /// Text for the user: a string.
    Text,
    /// A time as RFC 3339 has it: a string.
    Time,
    /// A TFA code: a string.
    Secret,
    /// Text for the user, or an object: what a request says.
    RequestBody,
    /// The word `submitted`, or something that is never shown.
    Submission,
    /// The object of a `job_status`.
    StatusBody,
    /// A name: a string.
    Name,
    /// `true` or `false`.
    Flag,
    /// A time in seconds: a number.
    Seconds,
    /// A value of any type.
    Any,
    /// An array of the values that a request asks for.
    LinkFields,
    /// The values that answer a request, by key: an object.
    LinkValues,
    /// An array of messages.
    Messages,
    /// An array of the jobs of a notification.
    Jobs,
}

impl FieldType {
    /// The type of the value in JSON.
    pub const fn json(self) -> &'static str {
        match self {
            Self::JobId => "number or string",
            Self::Percent | Self::Timeout | Self::Seconds => "number",
            Self::RequestBody => "string or object",
            Self::StatusBody | Self::LinkValues => "object",
            Self::Messages | Self::Jobs | Self::LinkFields => "array",
            Self::Flag => "boolean",
            Self::Any => "any",
            Self::Word
            | Self::Envelope
            | Self::Text
            | Self::Time
            | Self::Secret
            | Self::Submission
            | Self::Name => "string",
        }
    }

    /// The unit of the value, if it has one.
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Self::Percent => Some("percent"),
            Self::Seconds => Some("seconds"),
            Self::Timeout => Some("seconds, or milliseconds if the job has shown 10,000 or more"),
            _ => None,
        }
    }

    /// Whether the value is, or has, a secret of the cardholder's. It is not shown by `Debug` and in no error.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Submission | Self::LinkValues)
    }
}

impl Field {
    /// The objects that have fields, each with its name and its fields: the messages of each kind, and what else the service
    /// returns.
    pub fn objects() -> impl Iterator<Item = (&'static str, &'static [Self])> {
        let messages = MessageKind::ALL.iter().map(|&kind| (kind.into(), kind.fields()));
        messages.chain([
            ("the message of a job_status", StatusBody::FIELDS),
            ("a job", JobEntity::FIELDS),
            ("a notification", Notification::FIELDS),
            ("the jobs of a notification", NotifiedJob::FIELDS),
            ("the account_link of a request", LinkField::FIELDS),
            ("a response without a type", LinkResponse::FIELDS),
        ])
    }

    /// The fields of [all objects](Self::objects); a name occurs once for each object that has it.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Self::objects().flat_map(|(_, fields)| fields)
    }
}
