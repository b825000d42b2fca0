//! The messages in one JSON value of a log, each by itself: a bad one doesn't spoil the others.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{JobEntity, JobId, JobStatusMessage, Message, MessageError, Notification, NotifiedJob, error};

/// A message, or a snapshot of a job, in a JSON value of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Where in the value it begins, in bytes.
    pub offset: usize,
    /// The time of the record that it stands in, as JSON text, where it stands in one.
    pub at: Option<&'a str>,
    /// The job that it names, also where the rest of it can't be read.
    pub job_id: Option<JobId<'a>>,
    /// The message or snapshot, or why it can't be read.
    pub content: Result<Content<'a>, MessageError>,
}

/// What a [`Part`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content<'a> {
    /// A message.
    Message(Message<'a>),
    /// A job as its endpoint returned it; its hydrated requests are parts of their own.
    Job(JobEntity<'a>),
    /// A job that a notification tells of.
    Notified(NotifiedJob<'a>),
}

impl<'a> Content<'a> {
    /// The job that it names.
    pub fn job_id(&self) -> Option<&JobId<'a>> {
        match self {
            Self::Message(message) => message.job_id(),
            Self::Job(job) => Some(&job.id),
            Self::Notified(job) => Some(&job.job_id),
        }
    }

    /// The same content, independent of the input it was read from.
    pub fn into_owned(self) -> Content<'static> {
        match self {
            Self::Message(message) => Content::Message(message.into_owned()),
            Self::Job(job) => Content::Job(job.into_owned()),
            Self::Notified(job) => Content::Notified(job.into_owned()),
        }
    }
}

/// Hands each message and each snapshot in a JSON value to `visit`, in the order of the text. The value is a message,
/// a job entity, a notification, a record `{"at": …, "message": <any of these>}`, or an array of any of these.
///
/// ```
/// use cardsavr_protocol::wire::parts;
///
/// let json = r#"{"at":1632787560264,"message":[{"type":"tfa_request","job_id":7},{"type":"future","job_id":7}]}"#;
/// let mut seen = Vec::new();
/// parts(json, |part| seen.push((part.offset, part.at, part.content.map_err(|error| error.pointer))));
/// assert_eq!(seen[0], (31, Some("1632787560264"), Err("/message/0/envelope_id".into())));
/// assert!(matches!(seen[1], (65, _, Ok(_))));
/// ```
pub fn parts<'a>(json: &'a str, mut visit: impl FnMut(Part<'a>)) {
    let lines = Cell::default();
    Value { json, lines: &lines, at: None, place: &Place::Top, depth: 0 }.visit(trimmed(json), &mut visit);
}

/// A JSON text without the white space before it.
fn trimmed(json: &str) -> &str {
    json.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// How many arrays and objects a message may stand in. The deepest in use, a request of a job of a record of an
/// array, stands in four; each level costs a pass over the text and some of the stack, so there is an end to them.
const DEEPEST: usize = 16;

/// A value somewhere in the JSON text `json`.
struct Value<'v, 'a> {
    json: &'a str,
    /// The lines before the last part that can't be read.
    lines: &'v Cell<Lines>,
    at: Option<&'a str>,
    place: &'v Place<'v>,
    depth: usize,
}

impl<'a> Value<'_, 'a> {
    fn visit(&self, text: &'a str, visit: &mut impl FnMut(Part<'a>)) {
        if self.depth > DEEPEST {
            return visit(self.part(text, Err(MessageError::too_deep())));
        }
        // What most values are is worth a try: any other is read as what it is.
        if let Some(message) = JobStatusMessage::at_once(text) {
            return visit(self.part(text, Ok(Content::Message(Message::JobStatus(message)))));
        }
        let shape = match Shape::of(text) {
            Ok(shape) => shape,
            Err(error) => return visit(self.part(text, Err(error))),
        };
        match shape {
            Shape::Message => visit(self.part(text, Message::by_type(text).map(Content::Message))),
            Shape::Array => self.each(text, visit),
            Shape::Record { at, message } => {
                let place = Place::Key(self.place, "message");
                Value { at: Some(at.get()), ..self.inner(&place) }.visit(message.get(), visit);
            }
            Shape::Job { requests } => {
                visit(self.part(text, error::parse(text).map(Content::Job)));
                if let Some(requests) = requests {
                    let place = Place::Key(self.place, "credential_requests");
                    self.inner(&place).each(requests.get(), visit);
                }
            }
            Shape::Notification { jobs } => {
                // Its own fields are no part, unless one can't be read. It names no job: each of its jobs does.
                if let Err(error) = error::parse::<Notification<'_>>(text) {
                    visit(Part { job_id: None, ..self.part(text, Err(error)) });
                }
                let place = Place::Key(self.place, "jobs");
                let list = self.inner(&place);
                for (index, job) in list.elements(jobs.get(), visit).into_iter().enumerate() {
                    let place = Place::Index(&place, index);
                    visit(list.inner(&place).part(job.get(), error::parse(job.get()).map(Content::Notified)));
                }
            }
        }
    }

    fn each(&self, text: &'a str, visit: &mut impl FnMut(Part<'a>)) {
        for (index, element) in self.elements(text, visit).into_iter().enumerate() {
            self.inner(&Place::Index(self.place, index)).visit(element.get(), visit);
        }
    }

    /// The elements of an array; a text that is none is a bad part and has no elements.
    fn elements(&self, text: &'a str, visit: &mut impl FnMut(Part<'a>)) -> Vec<&'a RawValue> {
        error::parse(text).unwrap_or_else(|error| {
            visit(self.part(text, Err(error)));
            Vec::new()
        })
    }

    /// The same surroundings for a value further in.
    fn inner<'i>(&'i self, place: &'i Place<'i>) -> Value<'i, 'a> {
        Value { json: self.json, lines: self.lines, at: self.at, place, depth: self.depth + 1 }
    }

    fn part(&self, text: &'a str, content: Result<Content<'a>, MessageError>) -> Part<'a> {
        let offset = offset_in(self.json, text);
        let job_id = match &content {
            Ok(content) => content.job_id().cloned(),
            Err(_) => named_job(text),
        };
        let content = content.map_err(|error| {
            let lines = self.lines.get().up_to(self.json, offset);
            self.lines.set(lines);
            error.after(lines, self.place)
        });
        Part { offset, at: self.at, job_id, content }
    }
}

/// The job that a text names which is no message: by its `job_id`, or by its `id` where it is no message at all.
fn named_job(text: &str) -> Option<JobId<'_>> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        job_id: Option<JobId<'a>>,
        #[serde(rename = "type", borrow)]
        kind: Option<&'a RawValue>,
        #[serde(borrow)]
        id: Option<&'a RawValue>,
    }

    let Named { job_id, kind, id } = error::read(text).ok()?;
    job_id.or_else(|| id.filter(|_| kind.is_none()).and_then(|id| error::read(id.get()).ok()))
}

/// Where a slice of `json` begins in it.
fn offset_in(json: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(json.as_ptr() as usize)
}

impl MessageError {
    /// The error of a slice of `json` as one of the whole.
    pub(super) fn of_slice(self, json: &str, slice: &str, place: &Place) -> Self {
        self.after(Lines::default().up_to(json, offset_in(json, slice)), place)
    }

    /// The error of a text as one of the text that it follows in.
    fn after(self, before: Lines, place: &Place) -> Self {
        self.within(&place.pointer(), before.breaks + 1, before.offset - before.last_start + 1)
    }
}

/// The lines of a text up to an offset. Counted from one error to the next, so that each byte is looked at once: an
/// array can hold as many errors as it has elements.
#[derive(Clone, Copy, Default)]
struct Lines {
    offset: usize,
    breaks: usize,
    /// Where the line begins that the offset is in.
    last_start: usize,
}

impl Lines {
    fn up_to(self, json: &str, offset: usize) -> Self {
        // Parts come in the order of the text; were one to come earlier, counting would begin anew.
        let from = if offset < self.offset { Self::default() } else { self };
        let passed = json.get(from.offset..offset).unwrap_or_default();
        let last_break = passed.rfind('\n');
        Self {
            offset,
            breaks: from.breaks + passed.matches('\n').count(),
            last_start: last_break.map_or(from.last_start, |last| from.offset + last + 1),
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
    Array,
    /// An object with `at` and `message`.
    Record { at: &'a RawValue, message: &'a RawValue },
    /// An object with an `id`, a `status` or hydrated requests.
    Job { requests: Option<&'a RawValue> },
    /// An object with `jobs`.
    Notification { jobs: &'a RawValue },
}

impl<'a> Shape<'a> {
    pub(super) fn of(text: &'a str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        #[serde(expecting = "an object: a message, a job, a notification or a record")]
        struct Head<'a> {
            #[serde(rename = "type", borrow, default, deserialize_with = "present")]
            kind: Option<&'a RawValue>,
        }

        #[derive(Deserialize)]
        struct Fields<'a> {
            #[serde(borrow, default, deserialize_with = "present")]
            at: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            message: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            jobs: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            id: Option<&'a RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            status: Option<&'a RawValue>,
            // `null` is what stands here where there are none.
            credential_requests: Option<&'a RawValue>,
        }

        if trimmed(text).starts_with('[') {
            return Ok(Self::Array);
        }
        // A message's own fields, whatever their names, make it nothing else.
        if let Head { kind: Some(_) } = error::parse(text)? {
            return Ok(Self::Message);
        }
        Ok(match error::parse(text)? {
            Fields { at: Some(at), message: Some(message), .. } => Self::Record { at, message },
            Fields { jobs: Some(jobs), .. } => Self::Notification { jobs },
            Fields { id: None, status: None, credential_requests: None, .. } => Self::Message,
            Fields { credential_requests, .. } => Self::Job { requests: credential_requests },
        })
    }
}

/// The value of a field that is there, `null` or not.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
