//! The stage `link`: what requests and responses have to do with each other, through their envelopes.
//!
//! It goes through the log in order. That is cheap, since requests and responses are rare; of a job's status it knows
//! nothing, so a verdict that depends on it is left to the stage `judge`.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::mem;

use super::Settings;
use crate::track::{Generations, Size, Table};
use crate::wire::{
    Answer, Block, EnvelopeOwner, EventKind, EventRef, JobId, JobKey, Link, RequestKind, RequestSeen,
};

/// The envelopes of a log: which request carried each, and whether it was answered.
///
/// ```
/// use cardsavr_protocol::conformance::{Linker, Settings};
/// use cardsavr_protocol::wire::{Block, Message, Position};
///
/// let mut block = Block::default();
/// for json in [
///     r#"{"type":"tfa_request","job_id":101,"envelope_id":"e7"}"#,
///     r#"{"type":"tfa_response","envelope_id":"e7","message":"123456"}"#,
/// ] {
///     block.push_message(&Message::from_json(json)?, Position::default(), None);
/// }
/// Linker::default().link(&mut block, &Settings::default());
/// let response = block.get(1).expect("there are two");
/// assert_eq!(response.job_id(), Some(101.into()));
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Linker {
    envelopes: Generations<Envelopes>,
    /// How many events were linked.
    events: u64,
    has_requests: bool,
    /// The ordinal of the first event since which no request was evicted.
    known_since: u64,
}

/// One generation of envelopes.
#[derive(Clone, Debug, Default)]
struct Envelopes {
    table: Table<Box<str>, Envelope>,
    /// The ordinal of the event with which it began.
    began: u64,
}

impl Size for Envelopes {
    fn size(&self) -> usize {
        self.table.len()
    }
}

#[derive(Clone, Debug, Default)]
struct Envelope {
    /// Who used it first.
    owner: Owner,
    /// Who else used it, which was reported for each of them: seldom anybody.
    #[expect(clippy::box_collection, reason = "an empty vector has three words")]
    others: Option<Box<Vec<Owner>>>,
    is_requested: bool,
    is_answered: bool,
}

/// A use of an envelope.
#[derive(Clone, Copy)]
struct Use<'u> {
    kind: Option<RequestKind>,
    job: Option<(JobKey<'u>, EventRef<'u>)>,
}

impl Linker {
    /// Fills in, for each request and response of the next block of a log, what the log's others make of it, and the job
    /// of a response that names none.
    pub fn link(&mut self, block: &mut Block, settings: &Settings) {
        block.set_edition(settings.edition);
        if !settings.statuses.is_empty() {
            block.extend_vocabulary(|word| settings.statuses.get(word).copied());
        }
        if self.has_requests {
            block.set_requests_from(0);
        }
        let mut row = 0;
        while let Some(index) = block.rare_event(row) {
            row += 1;
            let Some(event) = block.get(index) else { continue };
            let is_request = match event.kind {
                EventKind::Request(_) => true,
                EventKind::Unknown if event.envelope().is_some() => true,
                EventKind::Response(_) => false,
                _ => continue,
            };
            let (link, job) = self.event(event, is_request, settings);
            if is_request {
                block.set_requests_from(index);
                self.has_requests = true;
            }
            block.set_link(index, link, job.as_ref());
        }
        self.events += block.len() as u64;
    }

    /// The job of an event that is not linked: the one that it names or else, for a response, the one whose request had its
    /// envelope.
    pub fn job_of(&self, event: &EventRef<'_>) -> Option<JobId> {
        event.job_id().or_else(|| {
            let envelope = event.envelope().filter(|_| matches!(event.kind, EventKind::Response(_)))?;
            let known = self.envelopes.each().find_map(|generation| generation.entries.table.get(envelope));
            known?.owner.job.as_ref().map(Job::id)
        })
    }

    /// Links a request or a response; gives the job of its envelope, too, if it names none.
    fn event(&mut self, event: EventRef<'_>, is_request: bool, settings: &Settings) -> (Link, Option<JobId>) {
        let ordinal = self.events + event.index() as u64;
        let keep = settings.max_ended_jobs.min(Table::<Box<str>, Envelope>::MOST);
        if self.envelopes.age(event.at, settings.limits.message_retention, keep) {
            if self.envelopes.evicted() > 0 {
                self.known_since = self.envelopes.old.entries.began;
            }
            self.envelopes.young.entries.began = ordinal;
        }
        let kind = match event.kind {
            EventKind::Request(kind) => Some(kind),
            EventKind::Response(kind) => kind,
            _ => None,
        };
        let used = Use { kind, job: event.job().map(|key| (key, event)) };
        let known_since = self.known_since;
        let link = |envelope: &mut Envelope| {
            let names_none = !is_request && used.job.is_none();
            let job = envelope.owner.job.as_ref().filter(|_| names_none).map(Job::id);
            let link = if is_request { envelope.request(used) } else { envelope.response(used) };
            (Link { known_since, ..link }, job)
        };
        let envelope = event.envelope().unwrap_or_default();
        if let Some(known) = self.envelopes.young.entries.table.get_mut(envelope) {
            return link(known);
        }
        let mut known = self.envelopes.old.entries.table.remove(envelope).unwrap_or_default();
        let linked = link(&mut known);
        self.envelopes.young.entries.table.insert(envelope.into(), known);
        linked
    }
}

impl Envelope {
    fn request(&mut self, request: Use<'_>) -> Link {
        let was_requested = mem::replace(&mut self.is_requested, true);
        let reused = self.reused(request);
        let request = match (was_requested, self.is_answered) {
            _ if reused.is_some() => RequestSeen::Reused,
            (false, _) => RequestSeen::New,
            (true, false) => RequestSeen::Open,
            (true, true) => RequestSeen::Answered,
        };
        Link { request, reused, ..Link::default() }
    }

    fn response(&mut self, response: Use<'_>) -> Link {
        // That it is of another kind than its request is a rule of its own.
        let reused = self.reused(Use { kind: None, ..response });
        let answer = if mem::replace(&mut self.is_answered, true) {
            Answer::Repeated { is_requested: self.is_requested }
        } else if self.is_requested {
            self.answer(response.kind)
        } else {
            // Its request may come later, and must be of its kind then.
            self.owner.kind = response.kind;
            Answer::Unmatched
        };
        Link { answer, reused, ..Link::default() }
    }

    /// The owner, if this is the first use by another one: a fault is reported once, however often polling shows it.
    fn reused(&mut self, used: Use<'_>) -> Option<Box<EnvelopeOwner>> {
        if self.owner.may_be(used) {
            self.owner.learn(used);
            return None;
        }
        let others = self.others.get_or_insert_default();
        if let Some(other) = others.iter_mut().find(|other| other.may_be(used)) {
            other.learn(used);
            return None;
        }
        let mut other = Owner::default();
        other.learn(used);
        others.push(other);
        Some(Box::new(EnvelopeOwner { kind: self.owner.kind, job: self.owner.job.as_ref().map(Job::id) }))
    }

    fn answer(&self, kind: Option<RequestKind>) -> Answer {
        let (Some(asked), Some(answered)) = (self.owner.kind, kind) else { return Answer::Proper };
        let others = self.others.as_deref().map(Vec::as_slice).unwrap_or_default();
        if asked != answered && others.iter().all(|other| other.kind != kind) {
            Answer::OtherKind(asked)
        } else {
            Answer::Proper
        }
    }
}

/// Who used an envelope, as far as messages showed it.
#[derive(Clone, Debug, Default)]
struct Owner {
    /// What is asked for; `None` for a request of an unknown kind.
    kind: Option<RequestKind>,
    job: Option<Job>,
}

/// The job of an envelope, with the text of an id that is no plain number.
#[derive(Clone, Debug)]
enum Job {
    Number(u64),
    Text(Box<Box<str>>),
}

impl Job {
    fn new(event: EventRef<'_>) -> Option<Self> {
        Some(match event.job_id()? {
            JobId::Number(number) => Self::Number(number),
            JobId::Text(text) => Self::Text(Box::new(text.into())),
        })
    }

    fn key(&self) -> JobKey<'_> {
        match self {
            Self::Number(number) => JobKey::Number(*number),
            Self::Text(text) => JobKey::of(text),
        }
    }

    fn id(&self) -> JobId {
        match self {
            Self::Number(number) => JobId::Number(*number),
            Self::Text(text) => JobId::from(text.to_string()),
        }
    }
}

impl Owner {
    fn may_be(&self, used: Use<'_>) -> bool {
        let is_of_kind = self.kind.is_none() || used.kind.is_none() || self.kind == used.kind;
        let is_of_job = match (&self.job, used.job) {
            (Some(ours), Some((theirs, _))) => ours.key() == theirs,
            _ => true,
        };
        is_of_kind && is_of_job
    }

    fn learn(&mut self, used: Use<'_>) {
        self.kind = self.kind.or(used.kind);
        if self.job.is_none() {
            self.job = used.job.and_then(|(_, event)| Job::new(event));
        }
    }
}
