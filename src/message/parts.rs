//! The messages in one JSON value of a log, each by itself: a bad one doesn't spoil the others.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{JobEntity, Message, MessageError, NotifiedJob, error};

/// A message, or a snapshot of a job, in a JSON value of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Where in the value it begins, in bytes.
    pub offset: usize,
    /// The time of the record that it stands in, as JSON text, where it stands in one.
    pub at: Option<&'a str>,
    /// The message or snapshot, or why it can't be read.
    pub content: Result<Content<'a>, MessageError>,
}

/// What a [`Part`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A message.
    Message(Message<'a>),
    /// A job as its endpoint returned it; its hydrated requests are parts of their own.
    Job(JobEntity<'a>),
    /// A job that a notification tells of.
    Notified(NotifiedJob<'a>),
}

/// Hands each message and each snapshot in a JSON value to `visit`, in the order of the text. The value is a message,
/// a job entity, a notification, a record `{"at": …, "message": <any of these>}`, or an array of any of these.
///
/// ```
/// use cardsavr_protocol::message::parts;
///
/// let json = r#"{"at":1632787560264,"message":[{"type":"tfa_request","job_id":7},{"type":"future","job_id":7}]}"#;
/// let mut seen = Vec::new();
/// parts(json, |part| seen.push((part.offset, part.at, part.content.map_err(|error| error.pointer))));
/// assert_eq!(seen[0], (31, Some("1632787560264"), Err("/message/0/envelope_id".into())));
/// assert!(matches!(seen[1], (65, _, Ok(_))));
/// ```
pub fn parts<'a>(json: &'a str, mut visit: impl FnMut(Part<'a>)) {
    Value { json, at: None, place: &Place::Top }.visit(json, &mut visit);
}

/// A value somewhere in the JSON text `json`.
struct Value<'v, 'a> {
    json: &'a str,
    at: Option<&'a str>,
    place: &'v Place<'v>,
}

impl<'a> Value<'_, 'a> {
    fn visit(&self, text: &'a str, visit: &mut impl FnMut(Part<'a>)) {
        let shape = match Shape::of(text) {
            Ok(shape) => shape,
            Err(error) => return visit(self.part(text, Err(error))),
        };
        match shape {
            Shape::Message => visit(self.part(text, Message::from_json(text).map(Content::Message))),
            Shape::Array(elements) => self.each(&elements, visit),
            Shape::Record { at, message } => {
                let place = Place::Key(self.place, "message");
                Value { at: Some(at.get()), ..self.inner(&place) }.visit(message.get(), visit);
            }
            Shape::Job { requests } => {
                visit(self.part(text, error::parse(text).map(Content::Job)));
                self.inner(&Place::Key(self.place, "credential_requests")).each(&requests, visit);
            }
            Shape::Notification { jobs } => {
                let list = Place::Key(self.place, "jobs");
                for (index, job) in jobs.into_iter().enumerate() {
                    let place = Place::Index(&list, index);
                    visit(self.inner(&place).part(job.get(), error::parse(job.get()).map(Content::Notified)));
                }
            }
        }
    }

    fn each(&self, elements: &[&'a RawValue], visit: &mut impl FnMut(Part<'a>)) {
        for (index, element) in elements.iter().enumerate() {
            self.inner(&Place::Index(self.place, index)).visit(element.get(), visit);
        }
    }

    /// The same surroundings for a value further in.
    fn inner<'i>(&self, place: &'i Place<'i>) -> Value<'i, 'a> {
        Value { json: self.json, at: self.at, place }
    }

    fn part(&self, text: &'a str, content: Result<Content<'a>, MessageError>) -> Part<'a> {
        let content = content.map_err(|error| error.within(self.json, text, self.place));
        Part { offset: offset_in(self.json, text), at: self.at, content }
    }
}

/// Where a slice of `json` begins in it.
fn offset_in(json: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(json.as_ptr() as usize)
}

impl MessageError {
    /// The error of a slice of `json` as one of the whole.
    pub(super) fn within(self, json: &str, slice: &str, place: &Place) -> Self {
        let before = json.get(..offset_in(json, slice)).unwrap_or_default();
        let column = match before.rfind('\n') {
            _ if self.line > 1 => self.column,
            Some(line_break) => self.column + before.len() - line_break - 1,
            None => self.column + before.len(),
        };
        Self {
            pointer: format!("{}{}", place.pointer(), self.pointer),
            line: self.line + before.matches('\n').count(),
            column,
            fault: self.fault,
        }
    }
}

/// Where a value stands in another: a chain of steps, made into a pointer only when an error needs it.
pub(super) enum Place<'p> {
    Top,
    Key(&'p Place<'p>, &'static str),
    Index(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Key(parent, key) => format!("{}/{key}", parent.pointer()),
            Self::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

/// What a JSON value of the service or of a recorder is, told from the fields that it has.
pub(super) enum Shape<'a> {
    /// An object with a `type`, or with nothing that would make it anything else.
    Message,
    /// A poll.
    Array(Vec<&'a RawValue>),
    /// An object with `at` and `message`.
    Record { at: &'a RawValue, message: &'a RawValue },
    /// An object with an `id`, a `status` or hydrated requests.
    Job { requests: Vec<&'a RawValue> },
    /// An object with `jobs`.
    Notification { jobs: Vec<&'a RawValue> },
}

impl<'a> Shape<'a> {
    pub(super) fn of(text: &'a str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        #[serde(expecting = "a message, a job, a notification or a record: an object")]
        struct Fields<'a> {
            #[serde(rename = "type", borrow)]
            kind: Option<&'a RawValue>,
            at: Option<&'a RawValue>,
            message: Option<&'a RawValue>,
            jobs: Option<Vec<&'a RawValue>>,
            id: Option<&'a RawValue>,
            status: Option<&'a RawValue>,
            credential_requests: Option<Vec<&'a RawValue>>,
        }

        if text.trim_ascii_start().starts_with('[') {
            return error::parse(text).map(Self::Array);
        }
        let fields: Fields<'a> = error::parse(text)?;
        Ok(match fields {
            Fields { kind: Some(_), .. } => Self::Message,
            Fields { at: Some(at), message: Some(message), .. } => Self::Record { at, message },
            Fields { jobs: Some(jobs), .. } => Self::Notification { jobs },
            Fields { id: None, status: None, credential_requests: None, .. } => Self::Message,
            Fields { credential_requests, .. } => {
                Self::Job { requests: credential_requests.unwrap_or_default() }
            }
        })
    }
}
