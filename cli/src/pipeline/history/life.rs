//! One job's life: what happened, in the order of the log, and what was found.

use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::conformance::{Finding, Position};
use cardsavr_protocol::track::{StepKind, Walk};
use cardsavr_protocol::wire::{EventKind, EventRef, JobId, RequestKind};
use cardsavr_protocol::{Status, Timestamp};

/// How many bytes of a word that is not the protocol's are kept.
const MAX_WORD_BYTES: usize = 80;

/// What a job went through.
#[derive(Clone, Debug)]
pub struct Life {
    pub job: JobId,
    pub events: Vec<Event>,
    /// What was found of it, in order; each after so many events.
    pub findings: Vec<(usize, Finding)>,
    /// How many events and findings came after those that are kept.
    pub left_out: u64,
    walk: Walk,
    /// Whether a status that ends a job was seen.
    pub has_ended: bool,
    /// The hash of the envelope that was asked with last.
    envelope: Option<u64>,
}

/// Something that happened, once or several times in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where the first of them stands, and when it was recorded.
    pub position: Position,
    pub at: Option<Timestamp>,
    pub what: What,
    pub count: u64,
    /// When the last of them was recorded.
    pub until: Option<Timestamp>,
}

/// What happened. What requests, responses and texts say is not kept: it could be a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Status {
        status: Word,
        from: Option<Status>,
        step: StepKind,
        percent: Option<f32>,
    },
    Heartbeat,
    Request(Option<RequestKind>),
    /// Polling shows a request again.
    RequestAgain,
    Response(Option<RequestKind>),
    Snapshot(Word),
    /// A message of a kind that this version doesn't know.
    Unknown(Word),
}

/// A word of the protocol, or another one.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Status(Status),
    Other(Box<str>),
}

impl Word {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::Other(word) => word,
        }
    }

    fn status(event: &EventRef<'_>) -> Self {
        event.status.map_or_else(|| Self::other(event.status_text().unwrap_or_default()), Self::Status)
    }

    fn other(word: &str) -> Self {
        let end = (0..=MAX_WORD_BYTES.min(word.len())).rfind(|&end| word.is_char_boundary(end));
        let kept = end.and_then(|end| word.get(..end)).unwrap_or_default();
        let more = if kept.len() < word.len() { "…" } else { "" };
        Self::Other(format!("{kept}{more}").into())
    }
}

impl Life {
    pub fn new(job: JobId) -> Self {
        Self {
            job,
            events: Vec::new(),
            findings: Vec::new(),
            left_out: 0,
            walk: Walk::default(),
            has_ended: false,
            envelope: None,
        }
    }

    /// Notes what happened, if fewer than so many events are there.
    pub fn observe(&mut self, event: &EventRef<'_>, max_events: usize) {
        let (position, at) = (event.position, event.at);
        let what = self.what(event);
        let can_repeat =
            |what: &What| matches!(what, What::Heartbeat | What::RequestAgain | What::Snapshot(_));
        // What was found of an event stands right after it.
        let found_after = self.findings.last().map_or(0, |(after, _)| *after);
        let since = self.events.get_mut(found_after..).unwrap_or_default();
        let mut repeated = since.iter_mut().rev().take_while(|event| can_repeat(&event.what));
        if let Some(event) = repeated.find(|event| event.what == what) {
            event.count += 1;
            event.until = at;
        } else if self.events.len() < max_events {
            self.events.push(Event { position, at, what, count: 1, until: at });
        } else {
            self.left_out += 1;
        }
    }

    fn what(&mut self, event: &EventRef<'_>) -> What {
        let envelope = event.envelope();
        match event.kind {
            EventKind::Status => {
                self.has_ended |= event.ends_job();
                let step = self.walk.take(event.status, event.termination_type.is_present());
                if step.kind == StepKind::Heartbeat {
                    return What::Heartbeat;
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "nobody reads so many digits of a percentage"
                )]
                let percent = event.percent_complete.map(|percent| percent as f32);
                What::Status { status: Word::status(event), from: step.from, step: step.kind, percent }
            }
            EventKind::Snapshot => {
                self.has_ended |= event.ends_job();
                What::Snapshot(Word::status(event))
            }
            EventKind::Request(kind) => self.request(Some(kind), envelope.unwrap_or_default()),
            EventKind::Unknown if envelope.is_some() => self.request(None, envelope.unwrap_or_default()),
            EventKind::Response(kind) => What::Response(kind),
            _ => What::Unknown(Word::other(event.type_text().unwrap_or("message"))),
        }
    }

    fn request(&mut self, kind: Option<RequestKind>, envelope: &str) -> What {
        let mut hasher = DefaultHasher::new();
        (kind.map(RequestKind::request), envelope).hash(&mut hasher);
        let hash = Some(hasher.finish());
        let is_again = std::mem::replace(&mut self.envelope, hash) == hash;
        if is_again { What::RequestAgain } else { What::Request(kind) }
    }

    /// Notes what was found of what happened last.
    pub fn finding(&mut self, finding: &Finding, max_findings: usize) {
        if self.findings.len() < max_findings {
            self.findings.push((self.events.len(), finding.clone()));
        } else {
            self.left_out += 1;
        }
    }

    /// What happened, each with what was found of it. What was found before anything was seen comes first.
    pub fn told(&self) -> impl Iterator<Item = (Option<&Event>, impl Iterator<Item = &Finding>)> {
        let events = std::iter::once(None).chain(self.events.iter().map(Some));
        events.enumerate().map(|(number, event)| {
            let findings = self.findings.iter().filter(move |(after, _)| *after == number);
            (event, findings.map(|(_, finding)| finding))
        })
    }
}
