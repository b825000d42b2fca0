//! The history of a job: its events in the order of the log, and its findings.

use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::conformance::{Finding, Position};
use cardsavr_protocol::track::{StepKind, Walk};
use cardsavr_protocol::wire::{EventKind, EventRef, JobId, RequestKind};
use cardsavr_protocol::{Status, Timestamp};

/// The maximum length of a word that is not in a table, in bytes.
const MAX_WORD_BYTES: usize = 80;

/// The history of a job.
#[derive(Clone, Debug)]
pub struct JobHistory {
    pub job: JobId,
    pub events: Vec<Event>,
    /// The findings in order, each with the number of events before it.
    pub findings: Vec<(usize, Finding)>,
    /// The number of events and findings beyond the maximum.
    pub left_out: u64,
    walk: Walk,
    /// Whether an event ended the job.
    pub has_ended: bool,
    /// The hash of the last request.
    envelope: Option<u64>,
}

/// An event, or several equal ones in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The position and time of the first of them.
    pub position: Position,
    pub at: Option<Timestamp>,
    pub detail: Detail,
    pub count: u64,
    /// The time of the last of them.
    pub until: Option<Timestamp>,
}

/// What an event shows. The content of requests and responses is left out: it may be a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    Status {
        status: Word,
        from: Option<Status>,
        step: StepKind,
        percent: Option<f32>,
    },
    Heartbeat,
    Request(Option<RequestKind>),
    /// The same request in another poll.
    RequestAgain,
    Response(Option<RequestKind>),
    Snapshot(Word),
    /// A message of an unknown kind.
    Unknown(Word),
}

/// A status of the table, or another word.
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

impl JobHistory {
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

    /// Adds an event, unless there are `max_events` already.
    pub fn observe(&mut self, event: &EventRef<'_>, max_events: usize) {
        let (position, at) = (event.position, event.at);
        let detail = self.detail(event);
        let can_repeat = |detail: &Detail| {
            matches!(detail, Detail::Heartbeat | Detail::RequestAgain | Detail::Snapshot(_))
        };
        // A finding separates its event from the following ones.
        let found_after = self.findings.last().map_or(0, |(after, _)| *after);
        let since = self.events.get_mut(found_after..).unwrap_or_default();
        let mut repeated = since.iter_mut().rev().take_while(|event| can_repeat(&event.detail));
        if let Some(event) = repeated.find(|event| event.detail == detail) {
            event.count += 1;
            event.until = at;
        } else if self.events.len() < max_events {
            self.events.push(Event { position, at, detail, count: 1, until: at });
        } else {
            self.left_out += 1;
        }
    }

    fn detail(&mut self, event: &EventRef<'_>) -> Detail {
        let envelope = event.envelope();
        match event.kind {
            EventKind::Status => {
                self.has_ended |= event.ends_job();
                let step =
                    self.walk.take_in(event.edition(), event.status, event.termination_type.is_present());
                if step.kind == StepKind::Heartbeat {
                    return Detail::Heartbeat;
                }
                #[expect(clippy::cast_possible_truncation, reason = "a percentage is shown with few digits")]
                let percent = event.percent_complete.map(|percent| percent as f32);
                Detail::Status { status: Word::status(event), from: step.from, step: step.kind, percent }
            }
            EventKind::Snapshot => {
                self.has_ended |= event.ends_job();
                Detail::Snapshot(Word::status(event))
            }
            EventKind::Request(kind) => self.request(Some(kind), envelope.unwrap_or_default()),
            EventKind::Unknown if envelope.is_some() => self.request(None, envelope.unwrap_or_default()),
            EventKind::Response(kind) => Detail::Response(kind),
            _ => Detail::Unknown(Word::other(event.type_text().unwrap_or("message"))),
        }
    }

    fn request(&mut self, kind: Option<RequestKind>, envelope: &str) -> Detail {
        let mut hasher = DefaultHasher::new();
        (kind.map(RequestKind::request), envelope).hash(&mut hasher);
        let hash = Some(hasher.finish());
        let is_again = std::mem::replace(&mut self.envelope, hash) == hash;
        if is_again { Detail::RequestAgain } else { Detail::Request(kind) }
    }

    /// Adds a finding of the last event, unless there are `max_findings` already.
    pub fn finding(&mut self, finding: &Finding, max_findings: usize) {
        if self.findings.len() < max_findings {
            self.findings.push((self.events.len(), finding.clone()));
        } else {
            self.left_out += 1;
        }
    }

    /// The events, each with its findings. Findings before the first event come first, with `None`.
    pub fn entries(&self) -> impl Iterator<Item = (Option<&Event>, impl Iterator<Item = &Finding>)> {
        let events = std::iter::once(None).chain(self.events.iter().map(Some));
        events.enumerate().map(|(number, event)| {
            let findings = self.findings.iter().filter(move |(after, _)| *after == number);
            (event, findings.map(|(_, finding)| finding))
        })
    }
}
