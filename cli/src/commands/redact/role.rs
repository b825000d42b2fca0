//! What a value of a log is, told from where it stands: whether it may be kept follows from that.

use cardsavr_protocol::wire::{MessageKind, Open};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Anything that may carry messages; stands in so many others.
    Carrier(u8),
    /// What a `job_status` says.
    Body,
    /// The jobs of a notification, and one of them.
    NotifiedJobs,
    NotifiedJob,
    /// The requests that a job was fetched with.
    Requests(u8),
    /// A word of the protocol.
    Word,
    /// A number of the protocol.
    Number,
    JobId,
    /// The id that a request and its response share.
    Envelope,
    /// The date of something else.
    Date,
    /// What a `credential_response` says: one word, or what must not be there.
    Submission,
    /// Anything else.
    #[default]
    Other,
}

/// What an object is, and so what its fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Message(Option<MessageKind>),
    Record(u8),
    Notification,
    Job(u8),
    Body,
    NotifiedJob,
    /// Something that stands where a message may and is none: a check tells of which job it is.
    Unreadable,
    Other,
}

/// The fields of the protocol and of records: their names are kept wherever they stand.
const FIELDS: [&str; 22] = [
    "type",
    "job_id",
    "message",
    "envelope_id",
    "id",
    "status",
    "job_status",
    "termination_type",
    "percent_complete",
    "job_timeout",
    "status_message",
    "job_status_message",
    "termination_message",
    "termination_status_message",
    "credential_requests",
    "jobs",
    "financial_institution",
    "cuid",
    "at",
    "completed_on",
    "created_on",
    "last_updated_on",
];

/// Whether a field's name is one of the protocol or of a record.
pub fn is_field(name: &str) -> bool {
    FIELDS.contains(&name)
}

/// Carriers that stand in so many others are not read by a check either.
const DEEPEST: u8 = 17;

impl Role {
    /// The role of an array's elements.
    pub fn element(self) -> Self {
        match self {
            Self::Carrier(depth) if depth < DEEPEST => Self::Carrier(depth + 1),
            // They stand in the job and in their array.
            Self::Requests(depth) => Self::Carrier(depth + 2),
            Self::NotifiedJobs => Self::NotifiedJob,
            _ => Self::Other,
        }
    }

    /// What an object in this role is. `json` begins with it.
    pub fn object(self, json: &str) -> Object {
        match self {
            Self::Carrier(depth) if depth < DEEPEST => Object::of(json, depth),
            // Nor is what stands here in place of an array.
            Self::Carrier(_) | Self::Requests(_) | Self::NotifiedJobs => Object::Unreadable,
            Self::Body => Object::Body,
            Self::NotifiedJob => Object::NotifiedJob,
            _ => Object::Other,
        }
    }
}

impl Object {
    /// What an object is that may carry messages: as the checker tells it, from the fields that it has.
    fn of(json: &str, depth: u8) -> Self {
        // What has a name that can't be read, no check can read.
        let mut reader = serde_json::Deserializer::from_str(json);
        let Ok(fields) = reader.deserialize_map(Fields::default()) else { return Self::Other };
        match fields {
            Fields { kind: Some(kind), .. } if kind.get() == "null" => Self::Unreadable,
            Fields { kind: Some(kind), .. } => {
                let kind = serde_json::from_str::<Open<MessageKind>>(kind.get()).ok();
                Self::Message(kind.and_then(|kind| kind.known()))
            }
            Fields { at: Some(_), message: Some(_), .. } => Self::Record(depth),
            Fields { jobs: Some(_), .. } => Self::Notification,
            Fields { of_job: Some(_), .. } => Self::Job(depth),
            _ => Self::Unreadable,
        }
    }

    /// Whether a field is the time of its record.
    pub fn is_time(self, name: &str) -> bool {
        matches!((self, name), (Self::Record(_), "at"))
    }

    /// The role of a field.
    pub fn field(self, name: &str) -> Role {
        match (self, name) {
            (Self::Body | Self::Other, "job_id" | "id") | (Self::Message(_), "id") => Role::Other,
            // Each may be looked for where an object turns out to be broken.
            (_, "job_id" | "id") => Role::JobId,
            (Self::Message(_), "envelope_id") => Role::Envelope,
            (Self::Message(Some(MessageKind::JobStatus)), "message") => Role::Body,
            (Self::Message(Some(MessageKind::CredentialResponse)), "message") => Role::Submission,
            (Self::Record(depth), "message") => Role::Carrier(depth + 1),
            (Self::Notification, "jobs") => Role::NotifiedJobs,
            (Self::Job(depth), "credential_requests") => Role::Requests(depth),
            (Self::Message(_), "type")
            | (Self::NotifiedJob, "job_status" | "termination_type")
            | (Self::Body | Self::Job(_), "status" | "termination_type") => Role::Word,
            (Self::Body | Self::Job(_), "percent_complete" | "job_timeout") => Role::Number,
            (Self::NotifiedJob, "completed_on") | (Self::Job(_), "created_on" | "last_updated_on") => {
                Role::Date
            }
            _ => Role::Other,
        }
    }
}

/// The fields that tell what an object is: the values of `type` and of these, where they stand in it.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a RawValue>,
    at: Option<IgnoredAny>,
    message: Option<IgnoredAny>,
    jobs: Option<IgnoredAny>,
    of_job: Option<IgnoredAny>,
}

impl<'de> Visitor<'de> for Fields<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "type" => self.kind = Some(map.next_value()?),
                "at" => self.at = Some(map.next_value()?),
                "message" => self.message = Some(map.next_value()?),
                "jobs" => self.jobs = Some(map.next_value()?),
                "id" | "status" => self.of_job = Some(map.next_value()?),
                // `null` is what stands there where there are none.
                "credential_requests" => self.of_job = map.next_value::<Option<_>>()?.or(self.of_job),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(self)
    }
}
