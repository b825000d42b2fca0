//! The role of a value in a log, which decides whether it is kept.

use cardsavr_protocol::wire::{
    Field, FieldType, JobEntity, MessageKind, Notification, NotifiedJob, Open, StatusBody,
};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The role of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Anything that may contain messages, nested in so many others.
    Payload(u8),
    /// The `message` of a `job_status`.
    Body,
    /// The jobs of a notification, and one of them.
    NotifiedJobs,
    NotifiedJob,
    /// The requests of a job.
    Requests(u8),
    /// A word of the protocol.
    Word,
    /// A number of the protocol.
    Number,
    JobId,
    /// The id that a request and its response share.
    Envelope,
    /// A date other than a record's time.
    Date,
    /// The `message` of a `credential_response`: one word, or credentials.
    Submission,
    /// Anything else.
    #[default]
    Other,
}

/// The kind of an object, which decides the roles of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Message(Option<MessageKind>),
    Record(u8),
    Notification,
    Job(u8),
    Body,
    NotifiedJob,
    /// An object where a message is expected, of no known kind. A check reports its job.
    Unreadable,
    Other,
}

/// The fields whose names are kept everywhere, besides those of the protocol: of records and of jobs.
const OTHER_FIELDS: [&str; 3] = ["at", "created_on", "last_updated_on"];

/// Whether a field name is kept.
pub fn is_field(name: &str) -> bool {
    OTHER_FIELDS.contains(&name) || Field::all().any(|field| field.name == name)
}

/// A check does not read payloads nested deeper either.
const MAX_DEPTH: u8 = 17;

impl Role {
    /// The role of an array's elements.
    pub fn element(self) -> Self {
        match self {
            Self::Payload(depth) if depth < MAX_DEPTH => Self::Payload(depth + 1),
            // Nested in the job and in the array.
            Self::Requests(depth) => Self::Payload(depth + 2),
            Self::NotifiedJobs => Self::NotifiedJob,
            _ => Self::Other,
        }
    }

    /// The kind of an object with this role, with which `json` begins.
    pub fn object(self, json: &str) -> Object {
        match self {
            Self::Payload(depth) if depth < MAX_DEPTH => Object::of(json, depth),
            // Too deep, or an object instead of an array.
            Self::Payload(_) | Self::Requests(_) | Self::NotifiedJobs => Object::Unreadable,
            Self::Body => Object::Body,
            Self::NotifiedJob => Object::NotifiedJob,
            _ => Object::Other,
        }
    }
}

impl Object {
    /// The kind of an object that may contain messages, recognized by its fields as in the checker.
    fn of(json: &str, depth: u8) -> Self {
        // An object with an unreadable field name is unreadable for a check, too.
        let mut reader = serde_json::Deserializer::from_str(json);
        let Ok(fields) = reader.deserialize_map(Fields::default()) else { return Self::Other };
        match fields {
            Fields { kind: Some(kind), .. } if kind.get() == "null" => Self::Unreadable,
            Fields { kind: Some(kind), .. } => {
                let kind = serde_json::from_str::<Open<MessageKind>>(kind.get()).ok();
                match kind.map(|kind| kind.known()) {
                    Some(None) if fields.is_typed_job() => Self::Job(depth),
                    kind => Self::Message(kind.flatten()),
                }
            }
            Fields { at: Some(_), message: Some(_), .. } => Self::Record(depth),
            Fields { jobs: Some(_), .. } => Self::Notification,
            _ if fields.is_of_job() => Self::Job(depth),
            // A request or a response without a type.
            Fields { envelope: Some(_), .. } => Self::Message(None),
            _ => Self::Unreadable,
        }
    }

    /// Whether a field is the time of its record.
    pub fn is_time(self, name: &str) -> bool {
        matches!((self, name), (Self::Record(_), "at"))
    }

    /// The fields that the protocol defines for the object.
    fn fields(self) -> &'static [Field] {
        match self {
            Self::Message(kind) => kind.map_or(&[], MessageKind::fields),
            Self::Notification => Notification::FIELDS,
            Self::Job(_) => JobEntity::FIELDS,
            Self::Body => StatusBody::FIELDS,
            Self::NotifiedJob => NotifiedJob::FIELDS,
            Self::Record(_) | Self::Unreadable | Self::Other => &[],
        }
    }

    /// The role of a field.
    pub fn field(self, name: &str) -> Role {
        let row = || self.fields().iter().find(|field| field.name == name);
        match (self, name) {
            (Self::Body | Self::Other, "job_id" | "id") | (Self::Message(_), "id") => Role::Other,
            // A check looks for either in a malformed object.
            (_, "job_id" | "id") => Role::JobId,
            // A message of an unknown kind has them, too.
            (Self::Message(_), "envelope_id") => Role::Envelope,
            (Self::Message(_) | Self::Job(_), "type") => Role::Word,
            (Self::Record(depth), "message") => Role::Payload(depth + 1),
            (Self::Job(_), "created_on" | "last_updated_on") => Role::Date,
            _ => match (row().map(|field| field.field_type), self) {
                (Some(FieldType::Word), _) => Role::Word,
                (Some(FieldType::Percent | FieldType::Timeout | FieldType::Seconds), _) => Role::Number,
                (Some(FieldType::Time), _) => Role::Date,
                (Some(FieldType::StatusBody), _) => Role::Body,
                (Some(FieldType::Submission), _) => Role::Submission,
                (Some(FieldType::Jobs), _) => Role::NotifiedJobs,
                (Some(FieldType::Messages), Self::Job(depth)) => Role::Requests(depth),
                _ => Role::Other,
            },
        }
    }
}

/// The fields by which the kind of an object is recognized.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a RawValue>,
    at: Option<IgnoredAny>,
    message: Option<IgnoredAny>,
    jobs: Option<IgnoredAny>,
    job_id: Option<IgnoredAny>,
    envelope: Option<IgnoredAny>,
    id: Option<IgnoredAny>,
    status: Option<IgnoredAny>,
    requests: Option<IgnoredAny>,
}

impl Fields<'_> {
    /// Whether a job alone has them.
    fn is_of_job(&self) -> bool {
        self.id.is_some() || self.status.is_some() || self.requests.is_some()
    }

    /// Whether an object with an unknown type is a job.
    fn is_typed_job(&self) -> bool {
        let is_message = self.job_id.is_some() || self.envelope.is_some() || self.message.is_some();
        self.id.is_some() && self.status.is_some() && !is_message
    }
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
                "id" => self.id = Some(map.next_value()?),
                "status" => self.status = Some(map.next_value()?),
                "job_id" => self.job_id = Some(map.next_value()?),
                "envelope_id" => self.envelope = Some(map.next_value()?),
                // `null` is the same as absent.
                "credential_requests" => self.requests = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(self)
    }
}
