//! What a log's records show, as plain data: the one form that all readers produce and all stages of a check take.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Deref;

use super::{
    Content, CredentialResponse, EnvelopeId, Fault, JobEntity, JobId, JobKey, JobTimeout, LinkResponse,
    Message, MessageError, NotifiedJob, Open, Percent, Request, RequestKind, Submission, TfaResponse,
    UnknownMessage,
};
use crate::machine::Standing;
use crate::{Edition, Status, TerminationType, Timestamp};

/// A position in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The index of the input, from 0 on.
    pub input: u32,
    /// The line, from 1 on.
    pub line: u64,
    /// The column in bytes, from 1 on.
    pub column: u64,
}

/// What one message or snapshot shows, or that a record can't be read. No secret is part of it.
///
/// Texts and what else is rare stand in the [`Block`]; an [`EventRef`] reads both.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What it is.
    pub kind: EventKind,
    /// The job, if it is known: a response need not name its own.
    pub job: Option<EventJob>,
    /// The status, if there is one and the block's edition has it.
    pub status: Option<Status>,
    /// The termination type.
    pub termination_type: Termination,
    /// About how much is done, in percent.
    pub percent_complete: Option<f64>,
    /// About how much of the authentication is done, in percent.
    pub auth_percent_complete: Option<f64>,
    /// The time left, as it was sent: in seconds or milliseconds.
    pub job_timeout: Option<i64>,
    /// The record's time.
    pub at: Option<Timestamp>,
    /// Where the message begins.
    pub position: Position,
    /// Whether a job entity has a text on its termination, which makes it completed whatever its status.
    pub is_completed: bool,
    /// Whether the message of a response is one that its kind allows: a `credential_response` only `submitted`.
    pub is_proper: bool,
    rare: Option<RareIndex>,
}

/// The row of an event in the side table, counted from 1.
type RareIndex = core::num::NonZeroU32;

/// The kind of an [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A `job_status`.
    Status,
    /// A job as its endpoint or a notification shows it.
    Snapshot,
    /// A request.
    Request(RequestKind),
    /// A response to a request of this kind; `None` for a response to a request of any kind.
    Response(Option<RequestKind>),
    /// A message of a type that this version doesn't know. It counts as a request if it has an envelope.
    Unknown,
    /// Something that can't be read as a message.
    Malformed,
}

/// The job of an [`Event`]: a number, or a text of the [`Block`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventJob {
    /// An id that is a number or a string of digits.
    Number(u64),
    /// Any other id.
    Text(TextRef),
}

/// A text of a [`Block`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRef {
    start: u32,
    end: u32,
}

/// The termination type of an [`Event`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Termination {
    /// There is none.
    #[default]
    Absent,
    /// One of the five.
    Known(TerminationType),
    /// Another word, which stands in the side table.
    Unknown,
}

impl Termination {
    /// The type, if it is one of the five.
    pub const fn known(self) -> Option<TerminationType> {
        match self {
            Self::Known(known) => Some(known),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether there is one, known or not.
    pub const fn is_present(self) -> bool {
        !matches!(self, Self::Absent)
    }
}

impl Event {
    const fn new(kind: EventKind, position: Position, at: Option<Timestamp>) -> Self {
        Self {
            kind,
            job: None,
            status: None,
            termination_type: Termination::Absent,
            percent_complete: None,
            auth_percent_complete: None,
            job_timeout: None,
            at,
            position,
            is_completed: false,
            is_proper: true,
            rare: None,
        }
    }

    /// Whether it reports a failure to connect that doesn't end the job: `NETWORK_ISSUE` without a termination type. The
    /// job stays in its status.
    pub fn is_network_failure(&self) -> bool {
        self.standing() == Standing::NetworkFailure
    }

    /// Whether it ends the job: its status is a terminal one of the table, or an unknown one with a termination type.
    pub fn ends_job(&self) -> bool {
        self.standing() == Standing::Ended
    }

    const fn standing(&self) -> Standing {
        // The block has made a status that its edition lacks unknown.
        let edition = match self.status {
            Some(status) => status.row().since,
            None => Edition::V2021,
        };
        Standing::in_edition(edition, self.status, self.termination_type.is_present())
    }
}

/// What few events have.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rare {
    /// The index of the event.
    event: usize,
    /// The job id as it came, if that is another text than the number's.
    job: Option<TextRef>,
    /// The job that a hydrated request names, if that isn't the job that it stands in.
    named_job: Option<TextRef>,
    /// The status as it came, if it isn't in the table or is spelled in another way.
    status: Option<TextRef>,
    /// The termination type, if it isn't one of the five.
    termination_type: Option<TextRef>,
    /// The `type` of a message, if the first edition lacks it.
    kind: Option<TextRef>,
    envelope: Option<TextRef>,
    malformed: Option<Box<Malformed>>,
    link: Link,
}

/// What the log's other requests and responses make of a request or response. The stage `link` fills it in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Whether a request was seen before.
    pub request: RequestSeen,
    /// Whether a response closes a request.
    pub answer: Answer,
    /// Whose the envelope is, if another job or kind used it first and this use is the first of its own.
    pub reused: Option<Box<EnvelopeOwner>>,
    /// The ordinal from which on all requests of the log are remembered; 0 if none was evicted.
    pub known_since: u64,
}

/// Whether a request was seen before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestSeen {
    /// No: its envelope is new.
    #[default]
    New,
    /// Yes, and it stands.
    Open,
    /// Yes, and it was answered since; polling shows it until the service has handled the answer.
    Answered,
    /// Its envelope is another request's.
    Reused,
}

/// Whether a response closes a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// It closes a request of its kind.
    #[default]
    Proper,
    /// The request with its envelope is of another kind.
    OtherKind(RequestKind),
    /// No request with its envelope was seen.
    Unmatched,
    /// There was a response with its envelope before.
    Repeated {
        /// Whether the request was seen.
        is_requested: bool,
    },
}

/// Who uses an envelope, as far as messages show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvelopeOwner {
    /// What is asked for; `None` for a request of an unknown type.
    pub kind: Option<RequestKind>,
    /// The job.
    pub job: Option<JobId>,
}

/// Why something in a log can't be read as a message. It shows no value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// What can't be read.
    pub kind: MalformedKind,
    /// The cause in stable words, without what is particular to one line: part of a finding's fingerprint.
    pub cause: Cow<'static, str>,
    /// The cause for people.
    pub message: String,
}

/// What can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedKind {
    /// The record is not JSON.
    Json,
    /// The record is too large, or nested too deeply.
    TooLarge,
    /// A value is JSON but no message.
    Message,
}

impl Malformed {
    /// Something that can't be read, with its cause in stable words and for people.
    pub fn new(kind: MalformedKind, cause: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { kind, cause: cause.into(), message: message.into() }
    }
}

impl From<&MessageError> for Malformed {
    fn from(error: &MessageError) -> Self {
        let (kind, cause) = match &error.fault {
            Fault::Json(_) => (MalformedKind::Json, "syntax"),
            Fault::TooDeep => (MalformedKind::TooLarge, "depth"),
            Fault::Missing => (MalformedKind::Message, "missing"),
            Fault::Repeated => (MalformedKind::Message, "repeated"),
            Fault::Unreadable(_) => (MalformedKind::Message, "unreadable"),
            Fault::WrongKind { .. } => (MalformedKind::Message, "wrong-kind"),
        };
        let is_index = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
        let segments = error.pointer.split('/').skip(1);
        let cause = segments.fold(cause.to_owned(), |cause, segment| {
            format!("{cause}/{}", if is_index(segment) { "#" } else { segment })
        });
        Self { kind, cause: cause.into(), message: error.to_string() }
    }
}

/// Events in the order of a log, with their texts and their side table. Cleared and filled again, it allocates nothing.
///
/// ```
/// use cardsavr_protocol::Status;
/// use cardsavr_protocol::wire::{Block, EventKind, Message, Position};
///
/// let message = Message::from_json(r#"{"type":"job_status","job_id":101,"message":{"status":"AUTH"}}"#)?;
/// let mut block = Block::default();
/// block.push_message(&message, Position::default(), None);
/// let event = block.get(0).expect("there is one");
/// assert_eq!((event.kind, event.status), (EventKind::Status, Some(Status::Auth)));
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Block {
    edition: Edition,
    events: Vec<Event>,
    rare: Vec<Rare>,
    texts: String,
    /// The index of the first event that comes after, or is, a request.
    requests_from: Option<usize>,
}

impl Block {
    /// A block without events, whose statuses are read as those of an edition.
    pub fn of(edition: Edition) -> Self {
        Self { edition, ..Self::default() }
    }

    /// Reads the statuses and the kinds as those of another edition.
    pub(crate) fn set_edition(&mut self, edition: Edition) {
        if self.edition == edition {
            return;
        }
        self.edition = edition;
        for index in 0..self.events.len() {
            let kind = self.get(index).and_then(|event| event.type_text()?.parse().ok());
            if let Some(kind) = kind.map(|kind| self.request(kind)) {
                self.events.iter_mut().skip(index).take(1).for_each(|event| event.kind = kind);
            }
            let Some(text) = self.get(index).and_then(|event| event.status_text()) else { continue };
            let status = Open::<Status>::new(text);
            let known = status.known_in(edition);
            let text =
                known.is_none_or(|known| known.as_str() != status.text()).then(|| self.text(status.text()));
            let rare = self.events.get(index).and_then(|event| event.rare);
            match rare.and_then(|row| self.rare.get_mut(row.get() as usize - 1)) {
                Some(rare) => rare.status = text,
                None if text.is_some() => {
                    self.rare.push(Rare { event: index, status: text, ..Rare::default() });
                    let row = u32::try_from(self.rare.len()).ok().and_then(RareIndex::new);
                    self.events.iter_mut().skip(index).take(1).for_each(|event| event.rare = row);
                }
                None => {}
            }
            self.events.iter_mut().skip(index).take(1).for_each(|event| event.status = known);
        }
    }

    /// Reads unknown words as the statuses that an extension of the vocabulary has for them.
    pub(crate) fn extend_vocabulary(&mut self, like: impl Fn(&str) -> Option<Status>) {
        for row in 0..self.rare.len() {
            let Some(index) = self.rare_event(row) else { continue };
            let unknown = self.get(index).filter(|event| event.status.is_none());
            let Some(status) = unknown.and_then(|event| event.status_text()).and_then(&like) else {
                continue;
            };
            self.events.iter_mut().skip(index).take(1).for_each(|event| event.status = Some(status));
        }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Removes all events, and keeps the memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.requests_from = None;
        // Most blocks have none.
        if !self.rare.is_empty() || !self.texts.is_empty() {
            self.rare.clear();
            self.texts.clear();
        }
    }

    /// The event with this index, with its texts.
    pub fn get(&self, index: usize) -> Option<EventRef<'_>> {
        Some(EventRef { block: self, event: self.events.get(index)?, index })
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = EventRef<'_>> {
        self.events.iter().enumerate().map(|(index, event)| EventRef { block: self, event, index })
    }

    /// The events of which not all stands in the [`Event`], in order: those with envelopes, unknown words, or texts as ids,
    /// and what can't be read.
    pub fn with_texts(&self) -> impl Iterator<Item = EventRef<'_>> {
        self.rare.iter().filter_map(|rare| self.get(rare.event))
    }

    /// Removes the event that was pushed last.
    pub fn pop(&mut self) {
        if self.events.pop().is_some_and(|event| event.rare.is_some()) {
            self.rare.pop();
        }
    }

    /// The event that was pushed last.
    pub fn last_mut(&mut self) -> Option<&mut Event> {
        self.events.last_mut()
    }

    /// Pushes what a message shows.
    pub fn push_message(&mut self, message: &Message, position: Position, at: Option<Timestamp>) {
        self.push_hydrated(message, None, position, at);
    }

    /// Pushes what a message shows that stands in an entity of the job `within`: a request there is that job's, whatever
    /// job it names.
    fn push_hydrated(
        &mut self,
        message: &Message,
        within: Option<&JobId>,
        position: Position,
        at: Option<Timestamp>,
    ) {
        let new = |kind| Event::new(kind, position, at);
        let mut rare = Rare::default();
        let event = match message {
            Message::JobStatus(status) => {
                let body = &status.message;
                let event = Event {
                    percent_complete: body.percent_complete.as_ref().map(Percent::get),
                    auth_percent_complete: body.auth_percent_complete.as_ref().map(Percent::get),
                    job_timeout: body.job_timeout.as_ref().map(JobTimeout::get),
                    ..new(EventKind::Status)
                };
                self.report(event, &status.job_id, &body.status, body.termination_type.as_ref(), &mut rare)
            }
            Message::Request(Request { kind, job_id, envelope_id, .. }) => {
                rare.envelope = self.envelope(Some(envelope_id));
                let job = self.job_within(within, Some(job_id), &mut rare);
                rare.kind = self.later_kind(*kind);
                Event { job, ..new(self.request(*kind)) }
            }
            Message::TfaResponse(TfaResponse { job_id, envelope_id, .. }) => {
                rare.envelope = self.envelope(Some(envelope_id));
                let job = self.job(job_id.as_ref(), &mut rare);
                Event { job, ..new(EventKind::Response(Some(RequestKind::TfaRequest))) }
            }
            Message::CredentialResponse(CredentialResponse { job_id, envelope_id, message, .. }) => {
                rare.envelope = self.envelope(Some(envelope_id));
                let job = self.job(job_id.as_ref(), &mut rare);
                let is_proper = *message == Submission::Submitted;
                Event { job, is_proper, ..new(EventKind::Response(Some(RequestKind::CredentialRequest))) }
            }
            Message::LinkResponse(LinkResponse { job_id, envelope_id, .. }) => {
                rare.envelope = self.envelope(Some(envelope_id));
                let job = self.job(Some(job_id), &mut rare);
                Event { job, ..new(EventKind::Response(None)) }
            }
            Message::Unknown(UnknownMessage { kind, job_id, envelope_id, .. }) => {
                rare.kind = Some(self.text(kind.text()));
                rare.envelope = self.envelope(envelope_id.as_ref());
                let within = within.filter(|_| envelope_id.is_some());
                let job = self.job_within(within, job_id.as_ref(), &mut rare);
                Event { job, ..new(EventKind::Unknown) }
            }
        };
        self.push(event, rare);
    }

    /// Pushes what a job entity shows, without the requests hydrated into it.
    pub fn push_job(&mut self, job: &JobEntity, position: Position, at: Option<Timestamp>) {
        let event = Event {
            percent_complete: job.percent_complete.as_ref().map(Percent::get),
            auth_percent_complete: job.auth_percent_complete.as_ref().map(Percent::get),
            job_timeout: job.job_timeout.as_ref().map(JobTimeout::get),
            is_completed: job.says_completed(),
            ..Event::new(EventKind::Snapshot, position, at)
        };
        let mut rare = Rare::default();
        let event = self.report(event, &job.id, &job.status, job.termination_type.as_ref(), &mut rare);
        self.push(event, rare);
    }

    /// Pushes what a notification shows of one job.
    pub fn push_notified(&mut self, job: &NotifiedJob, position: Position, at: Option<Timestamp>) {
        let event = Event::new(EventKind::Snapshot, position, at);
        let mut rare = Rare::default();
        let event =
            self.report(event, &job.job_id, &job.job_status, job.termination_type.as_ref(), &mut rare);
        self.push(event, rare);
    }

    /// Pushes what a part of a record shows. `within`: the job whose entity it is hydrated into.
    pub fn push_content(
        &mut self,
        content: &Content,
        within: Option<&JobId>,
        position: Position,
        at: Option<Timestamp>,
    ) {
        match content {
            Content::Message(message) => self.push_hydrated(message, within, position, at),
            Content::Job(job) => self.push_job(job, position, at),
            Content::Notified(job) => self.push_notified(job, position, at),
        }
    }

    /// Pushes that something can't be read, of a job if one is named there.
    pub fn push_malformed(
        &mut self,
        malformed: Malformed,
        job: Option<&JobId>,
        position: Position,
        at: Option<Timestamp>,
    ) {
        let mut rare = Rare { malformed: Some(malformed.into()), ..Rare::default() };
        let job = self.job(job, &mut rare);
        self.push(Event { job, ..Event::new(EventKind::Malformed, position, at) }, rare);
    }

    /// Pushes a `job_status` or a snapshot whose words are the table's.
    pub(super) fn push_known_status(&mut self, job: IdText<'_>, body: KnownStatus) {
        let event = Event {
            status: Some(body.status),
            termination_type: body.termination_type.map_or(Termination::Absent, Termination::Known),
            percent_complete: body.percent_complete,
            auth_percent_complete: body.auth_percent_complete,
            job_timeout: body.job_timeout,
            is_completed: body.is_completed,
            ..Event::new(body.kind, Position::default(), None)
        };
        match job {
            // The most common message by far has no row in the side table.
            IdText::Number(number) if self.edition.has(body.status) => {
                self.events.push(Event { job: Some(EventJob::Number(number)), ..event });
            }
            _ => {
                let mut rare = Rare::default();
                let status = Some(body.status).filter(|&status| self.edition.has(status));
                if status.is_none() {
                    rare.status = Some(self.text(body.status.as_str()));
                }
                let job = Some(self.id(job, &mut rare));
                self.push(Event { job, status, ..event }, rare);
            }
        }
    }

    /// Pushes a request or a proper response.
    pub(super) fn push_envelope(&mut self, kind: EventKind, job: Option<IdText<'_>>, envelope: &str) {
        let mut rare = Rare { envelope: Some(self.text(envelope)), ..Rare::default() };
        let job = job.map(|job| self.id(job, &mut rare));
        let kind = match kind {
            EventKind::Request(kind) => {
                rare.kind = self.later_kind(kind);
                self.request(kind)
            }
            kind => kind,
        };
        self.push_rare(Event { job, ..Event::new(kind, Position::default(), None) }, rare);
    }

    /// A request as the block's edition reads it.
    fn request(&self, kind: RequestKind) -> EventKind {
        if kind.is_in(self.edition) { EventKind::Request(kind) } else { EventKind::Unknown }
    }

    /// The `type` of a request that the first edition lacks.
    fn later_kind(&mut self, kind: RequestKind) -> Option<TextRef> {
        (!kind.is_in(Edition::V2021)).then(|| self.text(kind.into()))
    }

    fn push(&mut self, event: Event, rare: Rare) {
        if rare == Rare::default() {
            self.events.push(event);
        } else {
            self.push_rare(event, rare);
        }
    }

    fn push_rare(&mut self, mut event: Event, rare: Rare) {
        self.rare.push(Rare { event: self.events.len(), ..rare });
        event.rare = u32::try_from(self.rare.len()).ok().and_then(RareIndex::new);
        self.events.push(event);
    }

    fn report(
        &mut self,
        event: Event,
        job: &JobId,
        status: &Open<Status>,
        termination_type: Option<&Open<TerminationType>>,
        rare: &mut Rare,
    ) -> Event {
        let known = status.known_in(self.edition);
        if known.is_none_or(|known| known.as_str() != status.text()) {
            rare.status = Some(self.text(status.text()));
        }
        let termination_type = match termination_type.map(|sent| (sent.known(), sent)) {
            None => Termination::Absent,
            Some((Some(known), _)) => Termination::Known(known),
            Some((None, sent)) => {
                rare.termination_type = Some(self.text(sent.text()));
                Termination::Unknown
            }
        };
        Event { job: self.job(Some(job), rare), status: known, termination_type, ..event }
    }

    fn envelope(&mut self, envelope: Option<&EnvelopeId>) -> Option<TextRef> {
        envelope.map(|envelope| self.text(envelope.as_str()))
    }

    fn job(&mut self, job: Option<&JobId>, rare: &mut Rare) -> Option<EventJob> {
        job.map(|job| self.id(IdText::of(job), rare))
    }

    fn job_within(
        &mut self,
        within: Option<&JobId>,
        named: Option<&JobId>,
        rare: &mut Rare,
    ) -> Option<EventJob> {
        if let (Some(within), Some(named)) = (within, named) {
            if within != named {
                rare.named_job = Some(self.text(&named.to_string()));
            }
        }
        self.job(within.or(named), rare)
    }

    fn id(&mut self, id: IdText<'_>, rare: &mut Rare) -> EventJob {
        match id {
            IdText::Number(number) => EventJob::Number(number),
            IdText::Text(text) => match JobKey::of(text) {
                JobKey::Number(number) => {
                    // Digits are the number's own text unless they begin with zeros.
                    if text.len() > 1 && text.starts_with('0') {
                        rare.job = Some(self.text(text));
                    }
                    EventJob::Number(number)
                }
                JobKey::Text(_) => EventJob::Text(self.text(text)),
            },
        }
    }

    /// Keeps a text. Beyond 4 GiB in one block, texts are empty.
    fn text(&mut self, text: &str) -> TextRef {
        let (start, end) = (self.texts.len(), self.texts.len().saturating_add(text.len()));
        match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => {
                self.texts.push_str(text);
                TextRef { start, end }
            }
            _ => TextRef { start: 0, end: 0 },
        }
    }

    fn read(&self, text: TextRef) -> &str {
        self.texts.get(text.start as usize..text.end as usize).unwrap_or_default()
    }

    /// Sets the index of the first event that comes after a request of the log, or is one.
    pub(crate) fn set_requests_from(&mut self, index: usize) {
        self.requests_from = Some(self.requests_from.map_or(index, |first| first.min(index)));
    }

    /// The index of the event that a row of the side table belongs to; events have their rows in order.
    pub(crate) fn rare_event(&self, row: usize) -> Option<usize> {
        self.rare.get(row).map(|rare| rare.event)
    }

    /// Sets what the log makes of a request or response, and the job of its envelope if it names none.
    pub(crate) fn set_link(&mut self, index: usize, link: Link, job: Option<&JobId>) {
        let Some(row) = self.events.get(index).and_then(|event| event.rare) else { return };
        let mut named = Rare::default();
        let job = job.map(|job| self.id(IdText::of(job), &mut named));
        let Some(rare) = self.rare.get_mut(row.get() as usize - 1) else { return };
        rare.link = link;
        if let Some(event) = self.events.get_mut(index).filter(|event| event.job.is_none() && job.is_some()) {
            event.job = job;
            rare.job = named.job;
        }
    }
}

/// A `job_status` or a snapshot whose words are the table's.
#[derive(Clone, Copy)]
pub(super) struct KnownStatus {
    pub(super) kind: EventKind,
    pub(super) status: Status,
    pub(super) termination_type: Option<TerminationType>,
    pub(super) percent_complete: Option<f64>,
    pub(super) auth_percent_complete: Option<f64>,
    pub(super) job_timeout: Option<i64>,
    pub(super) is_completed: bool,
}

/// A job id as it came.
#[derive(Clone, Copy)]
pub(super) enum IdText<'t> {
    Number(u64),
    Text(&'t str),
}

impl<'t> IdText<'t> {
    fn of(id: &'t JobId) -> Self {
        match id {
            JobId::Number(number) => Self::Number(*number),
            JobId::Text(text) => Self::Text(text),
        }
    }
}

/// An event of a [`Block`], with its texts.
#[derive(Clone, Copy, Debug)]
pub struct EventRef<'b> {
    block: &'b Block,
    event: &'b Event,
    index: usize,
}

impl Deref for EventRef<'_> {
    type Target = Event;

    fn deref(&self) -> &Event {
        self.event
    }
}

/// Two events are equal if they show the same, whatever blocks they stand in.
impl PartialEq for EventRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        let plain = |event: &Event| Event { job: None, rare: None, ..*event };
        let texts = |event: &Self| {
            let texts = [event.status_text(), event.termination_text(), event.type_text(), event.envelope()];
            (event.job_id().map(|job| job.to_string()), texts.map(|text| text.map(ToString::to_string)))
        };
        plain(self) == plain(other)
            && (self.job(), self.named_job(), self.malformed())
                == (other.job(), other.named_job(), other.malformed())
            && texts(self) == texts(other)
    }
}

impl<'b> EventRef<'b> {
    /// The edition whose statuses it has.
    pub fn edition(&self) -> Edition {
        self.block.edition
    }

    /// Its index in the block.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether all of it stands in the [`Event`]: its words are the table's, and it has no envelope.
    pub(crate) fn is_plain(&self) -> bool {
        self.event.rare.is_none()
    }

    fn rare(&self) -> Option<&'b Rare> {
        let index = self.event.rare?;
        self.block.rare.get(index.get() as usize - 1)
    }

    fn text(&self, of: impl FnOnce(&Rare) -> Option<TextRef>) -> Option<&'b str> {
        of(self.rare()?).map(|text| self.block.read(text))
    }

    /// What identifies the job.
    pub fn job(&self) -> Option<JobKey<'b>> {
        self.event.job.map(|job| match job {
            EventJob::Number(number) => JobKey::Number(number),
            EventJob::Text(text) => JobKey::Text(self.block.read(text)),
        })
    }

    /// The job's id as it came, but digits without leading zeros as a number.
    pub fn job_id(&self) -> Option<JobId> {
        let key = self.job()?;
        Some(match self.text(|rare| rare.job) {
            Some(text) => JobId::from(text.to_owned()),
            None => key.into(),
        })
    }

    /// The job that a request names which is hydrated into another one.
    pub fn named_job(&self) -> Option<&'b str> {
        self.text(|rare| rare.named_job)
    }

    /// The status as it came.
    pub fn status_text(&self) -> Option<&'b str> {
        self.text(|rare| rare.status).or_else(|| self.event.status.map(Status::as_str))
    }

    /// Whether a known status came in a spelling that is neither the table's nor current in the edition.
    pub fn is_respelled(&self) -> bool {
        let Some((status, sent)) = self.event.status.zip(self.text(|rare| rare.status)) else { return false };
        self.extension().is_none() && !self.block.edition.current_spellings(status).contains(&sent)
    }

    /// The word that is read as the status by an extension of the vocabulary.
    pub(crate) fn extension(&self) -> Option<&'b str> {
        let (status, sent) = self.event.status.zip(self.text(|rare| rare.status))?;
        (sent.parse() != Ok(status)).then_some(sent)
    }

    /// Whether the job waits for its client: in a waiting status, or in an unknown one whose name shows that it waits.
    pub(crate) fn is_waiting(&self) -> bool {
        let has_prefix =
            |text: &str| self.block.edition.waiting_prefix().is_some_and(|prefix| text.starts_with(prefix));
        match self.event.status {
            Some(status) => status.is_waiting(),
            None => self.status_text().is_some_and(has_prefix),
        }
    }

    /// The termination type as it came, but a known one in the table's spelling.
    pub fn termination_text(&self) -> Option<&'b str> {
        match self.event.termination_type {
            Termination::Absent => None,
            Termination::Known(known) => Some(known.into()),
            Termination::Unknown => self.text(|rare| rare.termination_type),
        }
    }

    /// The `type` of a message, if the first edition lacks it.
    pub fn type_text(&self) -> Option<&'b str> {
        self.text(|rare| rare.kind)
    }

    /// The envelope of a request or response.
    pub fn envelope(&self) -> Option<&'b str> {
        self.text(|rare| rare.envelope)
    }

    /// Why it can't be read.
    pub fn malformed(&self) -> Option<&'b Malformed> {
        self.rare()?.malformed.as_deref()
    }

    /// What the log's other requests and responses make of it, once linked.
    pub fn link(&self) -> Option<&'b Link> {
        self.rare().map(|rare| &rare.link)
    }

    /// Whether the log has shown a request up to here, this event included, once linked.
    pub fn shows_requests(&self) -> bool {
        self.block.requests_from.is_some_and(|first| first <= self.index)
    }
}
