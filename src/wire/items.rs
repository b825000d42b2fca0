//! The messages in one JSON value of a log, each by itself: a bad one doesn't spoil the others.

use super::decode::{Fields, FromJson, Misfit, Step, Value};
use super::error::Lines;
use super::{Fault, JobEntity, JobId, Message, MessageError, MessageKind, Notification, NotifiedJob, Open};

/// A message, or a snapshot of a job, in a JSON value of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogItem<'a> {
    /// Where in the value it begins, in bytes.
    pub offset: usize,
    /// The time of its record, as JSON text, if it is in a record.
    pub at: Option<&'a str>,
    /// The job that it names, also if the rest of it can't be read.
    pub job_id: Option<JobId>,
    /// The job whose entity it is hydrated into.
    pub hydrated_in: Option<JobId>,
    /// The message or snapshot, or why it can't be read.
    pub content: Result<Content, MessageError>,
}

#[cfg(feature = "conformance")]
impl LogItem<'_> {
    /// Pushes its event.
    pub fn push(&self, block: &mut super::Block, position: super::Position, at: Option<crate::Timestamp>) {
        match &self.content {
            Ok(content) => block.push_content(content, self.hydrated_in.as_ref(), position, at),
            Err(error) => block.push_malformed(error.into(), self.job_id.as_ref(), position, at),
        }
    }
}

/// What a [`LogItem`] contains.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// A message.
    Message(Message),
    /// A job as its endpoint returned it, without its requests: they are items of their own.
    Job(JobEntity),
    /// A job of a notification.
    Notified(NotifiedJob),
}

impl Content {
    /// The job that it names.
    pub fn job_id(&self) -> Option<&JobId> {
        match self {
            Self::Message(message) => message.job_id(),
            Self::Job(job) => Some(&job.id),
            Self::Notified(job) => Some(&job.job_id),
        }
    }
}

/// Passes each message and each snapshot in a JSON value to `visit`, in the order of the text. The value is a message,
/// a job entity, a notification, a record `{"at": …, "message": <any of these>}`, or an array of any of these.
///
/// ```
/// use cardsavr_protocol::wire::log_items;
///
/// let json = r#"{"at":1632787560264,"message":[{"type":"tfa_request","job_id":7},{"type":"future","job_id":7}]}"#;
/// let mut seen = Vec::new();
/// log_items(json, |item| seen.push((item.offset, item.at, item.content.map_err(|error| error.pointer))));
/// assert_eq!(seen[0], (31, Some("1632787560264"), Err("/message/0/envelope_id".into())));
/// assert!(matches!(seen[1], (65, _, Ok(_))));
/// ```
pub fn log_items<'a>(json: &'a str, visit: impl FnMut(LogItem<'a>)) {
    let mut walk = Walk { lines: Lines::of(json), visit };
    match Value::parse(json) {
        Ok(value) => {
            walk.value(value, &Position { at: None, hydrated_in: None, place: Place::Top, depth: 0 });
        }
        Err(error) => {
            let offset = json.len() - json.trim_start_matches([' ', '\t', '\n', '\r']).len();
            (walk.visit)(LogItem { offset, at: None, job_id: None, hydrated_in: None, content: Err(error) });
        }
    }
}

/// How many arrays and objects a message may be nested in. The deepest in use, a request of a job of a record of an
/// array, is in four; each level costs a pass over the text and some of the stack.
const DEEPEST: usize = 16;

/// Visits all items of a text.
struct Walk<'a, V> {
    lines: Lines<'a>,
    visit: V,
}

/// Where in the text a value is.
struct Position<'p, 'a> {
    /// The time of the innermost record.
    at: Option<&'a str>,
    /// The job whose entity it is hydrated into.
    hydrated_in: Option<&'p JobId>,
    place: Place<'p>,
    depth: usize,
}

/// The steps from the outermost value, made into a pointer only when an error needs it.
#[derive(Clone, Copy)]
enum Place<'p> {
    Top,
    Key(&'p Place<'p>, &'static str),
    Index(&'p Place<'p>, usize),
}

impl<'a> Position<'_, 'a> {
    fn key<'i>(&'i self, key: &'static str) -> Position<'i, 'a> {
        Position { place: Place::Key(&self.place, key), depth: self.depth + 1, ..*self }
    }

    fn index<'i>(&'i self, index: usize) -> Position<'i, 'a> {
        Position { place: Place::Index(&self.place, index), depth: self.depth + 1, ..*self }
    }
}

impl Misfit {
    /// The fault of a value as one of the outermost value.
    fn at(self, place: &Place<'_>) -> Self {
        match place {
            Place::Top => self,
            Place::Key(outer, key) => self.inside(Step::Key(key)).at(outer),
            Place::Index(outer, index) => self.inside(Step::Index(*index)).at(outer),
        }
    }
}

impl<'a, V: FnMut(LogItem<'a>)> Walk<'a, V> {
    fn value(&mut self, value: Value<'a>, position: &Position<'_, 'a>) {
        if position.depth > DEEPEST {
            return self.bad(value, position, value.misfit(Fault::TooDeep));
        }
        match Shape::of(value) {
            // An empty poll.
            Err(_) if value.is_null() && !matches!(position.place, Place::Index(..)) => {}
            Err(misfit) => self.bad(value, position, misfit),
            Ok(Shape::Message(fields)) => {
                self.item(value, position, Message::of(fields).map(Content::Message));
            }
            Ok(Shape::Array) => self.each(value, position, Self::value),
            Ok(Shape::Record { at, message, .. }) => {
                self.value(message, &Position { at: Some(at.text), ..position.key("message") });
            }
            Ok(Shape::Job { fields, requests }) => {
                let job = fields.emptied("credential_requests").read_all::<JobEntity>();
                let id = job.as_ref().map_or_else(|_| named_job(value), |job| Some(job.id.clone()));
                self.item(value, position, job.map(Content::Job));
                if let Some(requests) = requests {
                    let position = position.key("credential_requests");
                    let position = Position { hydrated_in: id.as_ref(), ..position };
                    self.each(requests, &position, Self::value);
                }
            }
            Ok(Shape::Requests { requests, .. }) => {
                self.each(requests, &position.key("credential_requests"), Self::value);
            }
            Ok(Shape::Notification { fields, jobs }) => {
                // Its own fields are no item, unless one can't be read. It names no job: each of its jobs does.
                if let Err(misfit) = fields.emptied("jobs").read_all::<Notification>() {
                    self.unread(value, position, misfit, None);
                }
                self.each(jobs, &position.key("jobs"), |walk, job, position| {
                    walk.item(job, position, NotifiedJob::from_value(job).map(Content::Notified));
                });
            }
        }
    }

    /// Visits each element of an array; any other value is a bad item without elements.
    fn each(
        &mut self,
        value: Value<'a>,
        position: &Position<'_, 'a>,
        mut visit: impl FnMut(&mut Self, Value<'a>, &Position<'_, 'a>),
    ) {
        match value.elements() {
            Ok(elements) => {
                elements
                    .enumerate()
                    .for_each(|(index, element)| visit(self, element, &position.index(index)));
            }
            Err(misfit) => self.bad(value, position, misfit),
        }
    }

    fn item(&mut self, value: Value<'a>, position: &Position<'_, 'a>, content: Result<Content, Misfit>) {
        match content {
            Ok(content) => {
                let job_id = content.job_id().cloned();
                let hydrated_in = position.hydrated_in.cloned();
                let (offset, at) = (value.offset, position.at);
                (self.visit)(LogItem { offset, at, job_id, hydrated_in, content: Ok(content) });
            }
            Err(misfit) => self.bad(value, position, misfit),
        }
    }

    fn bad(&mut self, value: Value<'a>, position: &Position<'_, 'a>, misfit: Misfit) {
        self.unread(value, position, misfit, named_job(value));
    }

    fn unread(
        &mut self,
        value: Value<'a>,
        position: &Position<'_, 'a>,
        misfit: Misfit,
        job_id: Option<JobId>,
    ) {
        let error = misfit.at(&position.place).error(&mut self.lines);
        let (offset, at, hydrated_in) = (value.offset, position.at, position.hydrated_in.cloned());
        (self.visit)(LogItem { offset, at, job_id, hydrated_in, content: Err(error) });
    }
}

/// The job that a value names which can't be read: by its `job_id`, or by its `id` if it is no message at all.
fn named_job(value: Value<'_>) -> Option<JobId> {
    let fields = value.fields("an object").ok()?;
    let present = |name| fields.only(name).filter(|value| !value.is_null());
    let id = present("job_id").or_else(|| present("id").filter(|_| present("type").is_none()));
    id.and_then(|value| JobId::from_value(value).ok())
}

/// What a JSON value of the service or of a recorder is, by the fields that it has.
pub(super) enum Shape<'a> {
    /// An object with a `type`, or with nothing that would make it anything else.
    Message(Fields<'a>),
    /// A poll.
    Array,
    /// An object with `at` and `message`.
    Record { fields: Fields<'a>, at: Value<'a>, message: Value<'a> },
    /// An object with an `id` or a `status`. It may have a `type` that is not a message's.
    Job { fields: Fields<'a>, requests: Option<Value<'a>> },
    /// An object with hydrated requests, and neither an `id` nor a `status`.
    Requests { fields: Fields<'a>, requests: Value<'a> },
    /// An object with `jobs`.
    Notification { fields: Fields<'a>, jobs: Value<'a> },
}

impl Fields<'_> {
    /// Whether these are the fields of a job with a type, such as `CARD_PLACEMENT`: it has an `id` and a `status`, which no
    /// message has, and nothing of a message.
    fn is_typed_job(&self) -> bool {
        let is_message = ["job_id", "envelope_id", "message"].iter().any(|name| self.has(name));
        let kind = self.only("type").and_then(|value| Open::<MessageKind>::from_value(value).ok());
        let is_known = kind.is_none_or(|kind| kind.known().is_some());
        self.has("id") && self.has("status") && !is_message && !is_known
    }
}

impl<'a> Shape<'a> {
    pub(super) fn of(value: Value<'a>) -> Result<Self, Misfit> {
        if value.text.starts_with('[') {
            return Ok(Self::Array);
        }
        let mut fields = value.fields("an object: a message, a job, a notification or a record")?;
        // A message's own fields, whatever their names, make it nothing else.
        if fields.has("type") && !fields.is_typed_job() {
            return Ok(Self::Message(fields));
        }
        let [at, message, jobs, id, status] =
            ["at", "message", "jobs", "id", "status"].map(|name| fields.get(name));
        // `null` is the value of a job without requests.
        let requests = fields.get("credential_requests").filter(|requests| !requests.is_null());
        if fields.has_fault() {
            return fields.fail_all();
        }
        Ok(match (at, message, jobs) {
            (Some(at), Some(message), _) => Self::Record { fields, at, message },
            (_, _, Some(jobs)) => Self::Notification { fields, jobs },
            _ => match requests {
                Some(requests) if id.is_none() && status.is_none() => Self::Requests { fields, requests },
                None if id.is_none() && status.is_none() => Self::Message(fields),
                requests => Self::Job { fields, requests },
            },
        })
    }
}
