//! What is remembered of one job, and judged by.

mod ended;
mod quick;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use super::finding::Reporter;
use super::numbers::Numbers;
use super::sequence::{End, EndKind, Sequence, Source, UnknownEnd};
use super::violation::word;
use super::wait::Waits;
use super::{Rule, Settings, Violation};
use crate::track::Step;
use crate::wire::{EventRef, Link, Position, RequestKind, RequestSeen};
use crate::{Edition, Phase, Status, TerminationType, Timestamp};

pub(super) use ended::Ended;
pub(super) use quick::status_of;

/// One job under watch: its messages are judged as one sequence, its snapshots as another, and its requests and answers
/// by the time and the status at which they come.
///
/// There may be millions of them, and so what is rare is kept aside, and no field has a byte more than it needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// The ordinal of the event with which the job was first seen.
    order: u64,
    /// Where the job was last seen: the parts of a [`Position`].
    line: u64,
    column: u64,
    input: u32,
    /// When it was last seen, in milliseconds, if its records have times.
    at: i64,
    has_time: bool,
    beginning: Beginning,
    calm: Calm,
    messages: Sequence,
    numbers: Numbers,
    waits: Waits,
    /// Most logs have no snapshots, and no words that this version doesn't know.
    rest: Option<Box<Rest>>,
}

/// What is remembered of some jobs only.
#[derive(Clone, Debug, Default)]
struct Rest {
    snapshots: Sequence,
    snapshot_numbers: Numbers,
    /// Whether a snapshot had a text on the termination, whatever its status was.
    is_completed: bool,
    words: Option<Box<Words>>,
}

/// The words of a job that this version doesn't know.
#[derive(Clone, Debug, Default)]
struct Words {
    /// The unknown or respelled values that were reported already: a bounded number.
    reported: BTreeSet<String>,
    message_end: Option<UnknownEnd>,
    snapshot_end: Option<UnknownEnd>,
}

/// How a job was first seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Not at all, or an answer alone.
    #[default]
    Unseen,
    /// A request, and no status yet.
    Request,
    /// In a status in which it waits for the user.
    Waiting,
    /// In another status.
    Status,
}

/// A job whose next heartbeat or legal step may be judged on the fast path of [`quick`]: one plus the row of the status of its messages,
/// or 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Calm(u8);

impl Calm {
    fn of(status: Option<Status>) -> Self {
        let row = status.and_then(|status| u8::try_from(status.index() + 1).ok());
        Self(row.unwrap_or_default())
    }
}

impl Watch {
    /// A watch over a job that is first seen in the event with this ordinal.
    pub(super) fn new(order: u64) -> Self {
        Self { order, ..Self::default() }
    }

    /// The ordinal of the event with which the job was first seen.
    pub(super) fn order(&self) -> u64 {
        self.order
    }

    /// Whether a status or a request of the job was seen, not an answer alone.
    pub(super) fn was_seen(&self) -> bool {
        self.beginning != Beginning::Unseen
    }

    /// Where the job's last message stands.
    pub(super) fn position(&self) -> Position {
        Position { input: self.input, line: self.line, column: self.column }
    }

    fn at(&self) -> Option<Timestamp> {
        self.has_time.then_some(Timestamp::from_millis(self.at))
    }

    /// The last status of those that are in the table: of the job's messages, or of its snapshots where there are no
    /// messages.
    pub(super) fn status(&self) -> Option<Status> {
        self.messages.status().or_else(|| self.snapshots().and_then(Sequence::status))
    }

    /// Whether the job has ended, by its messages or by its snapshots.
    pub(super) fn has_ended(&self) -> bool {
        self.messages.end().or_else(|| self.snapshots().and_then(Sequence::end)).is_some()
    }

    /// The termination type that the job ended with, where it has ended and one is known.
    pub(super) fn termination_type(&self, edition: Edition) -> Option<TerminationType> {
        let end = self.end(Source::Messages).or_else(|| self.end(Source::Snapshots));
        end.and_then(|end| end.termination_type(edition))
    }

    fn snapshots(&self) -> Option<&Sequence> {
        self.rest.as_ref().map(|rest| &rest.snapshots)
    }

    /// How a sequence ended, if it has.
    fn end(&self, source: Source) -> Option<End<'_>> {
        let words = || self.rest.as_ref().and_then(|rest| rest.words.as_ref());
        let (end, unknown) = match source {
            Source::Messages => (self.messages.end()?, words().map(|words| &words.message_end)),
            Source::Snapshots => (self.snapshots()?.end()?, words().map(|words| &words.snapshot_end)),
        };
        match end {
            EndKind::Known(status, termination_type) => Some(End::Known(status, termination_type)),
            EndKind::Unknown => unknown?.as_ref().map(End::Unknown),
        }
    }

    fn words_mut(&mut self) -> &mut Words {
        self.rest.get_or_insert_default().words.get_or_insert_default()
    }

    /// That the log ends and the job has not.
    pub(super) fn unterminated(&self) -> Violation {
        Violation::UnterminatedJob { status: self.status() }
    }

    /// Whether the job goes on, as far as was told.
    pub(super) fn is_in_progress(&self) -> bool {
        !self.has_ended() && !self.rest.as_ref().is_some_and(|rest| rest.is_completed)
    }

    /// Judges the time at which something of the job was seen, and notes it.
    pub(super) fn seen(&mut self, at: Option<Timestamp>, to: &mut Reporter<'_>) {
        if let (Some(before), Some(now)) = (self.at(), at) {
            if now < before {
                let by = before.since(now);
                to.report(Rule::TimeWentBackwards, || Violation::TimeWentBackwards { by });
            }
        }
        self.note(at, to.event.position);
    }

    #[inline]
    fn note(&mut self, at: Option<Timestamp>, position: Position) {
        let Position { input, line, column } = position;
        (self.input, self.line, self.column) = (input, line, column);
        if let Some(at) = at {
            (self.at, self.has_time) = (at.as_millis(), true);
        }
    }

    /// Judges a `job_status`; gives its step, unless the job has ended.
    pub(super) fn status_message(&mut self, event: &EventRef<'_>, to: &mut Reporter<'_>) -> Option<Step> {
        self.note_first(event);
        let step = self.observe(Source::Messages, event, to)?;
        if !event.is_network_failure() {
            self.waits.observe(event.status, event.at, &self.numbers, event.shows_requests(), to);
        }
        Some(step)
    }

    /// Judges a snapshot; gives its step, unless the job has ended.
    pub(super) fn snapshot(&mut self, event: &EventRef<'_>, to: &mut Reporter<'_>) -> Option<Step> {
        self.note_first(event);
        self.rest.get_or_insert_default().is_completed |= event.is_completed;
        self.observe(Source::Snapshots, event, to)
    }

    fn note_first(&mut self, event: &EventRef<'_>) {
        if matches!(self.beginning, Beginning::Unseen | Beginning::Request) {
            self.beginning = if event.is_waiting() { Beginning::Waiting } else { Beginning::Status };
        }
    }

    /// Judges an event in its sequence; gives its step, unless the sequence has ended.
    fn observe(&mut self, source: Source, event: &EventRef<'_>, to: &mut Reporter<'_>) -> Option<Step> {
        if let Some(end) = self.end(source) {
            let is_repeated = end.is(event);
            Sequence::judge_after_end(end, source, event, to);
            if is_repeated {
                // The numbers before the end are not kept: those of the end are judged by themselves.
                Numbers::default().observe(event, true, to);
                self.seen(event.at, to);
                self.judge_words(event, to);
            } else {
                self.note(event.at, to.event.position);
            }
            return None;
        }
        let (sequence, numbers) = match source {
            Source::Messages => (&mut self.messages, &mut self.numbers),
            Source::Snapshots => {
                let rest = self.rest.get_or_insert_default();
                (&mut rest.snapshots, &mut rest.snapshot_numbers)
            }
        };
        let before = sequence.status();
        let judged = sequence.observe(source, event, to);
        let may_grow = match (event.status, before) {
            (Some(status), _) if source == Source::Snapshots => {
                may_wait_between(to.settings.edition, before, status)
            }
            (Some(status), Some(before)) if status == before => false,
            (Some(status), _) => status.is_waiting() || judged.skips_wait,
            // What a status newer than this version waits for is unknown.
            (None, _) => true,
        };
        numbers.observe(event, may_grow, to);
        let end = sequence.end();
        if end == Some(EndKind::Unknown) {
            let end = Some(UnknownEnd::new(event));
            match source {
                Source::Messages => self.words_mut().message_end = end,
                Source::Snapshots => self.words_mut().snapshot_end = end,
            }
        }
        self.seen(event.at, to);
        self.judge_words(event, to);
        if end.is_some() {
            self.judge_ends(source, to);
        }
        Some(judged.step)
    }

    /// Reports values that are unknown or spelled in another way: each once a job.
    fn judge_words(&mut self, event: &EventRef<'_>, to: &mut Reporter<'_>) {
        if event.is_plain() {
            return;
        }
        if let Some(text) = event.status_text().filter(|_| event.status.is_none() || event.is_respelled()) {
            if self.is_new(text, to) {
                let rule = if event.status.is_some() { Rule::StatusSpelling } else { Rule::UnknownStatus };
                to.report(rule, || match event.status {
                    Some(status) => Violation::StatusSpelling { sent: word(text), status },
                    None => Violation::UnknownStatus { status: word(text) },
                });
            }
        }
        if event.termination_type.known().is_some() {
            return;
        }
        let Some(text) = event.termination_text() else { return };
        // A blank tells a termination type from a status of the same name.
        if self.is_new(&format!(" {text}"), to) {
            to.report(Rule::UnknownTerminationType, || Violation::UnknownTerminationType {
                termination_type: word(text),
            });
        }
    }

    /// Whether a word was not reported before, as far as is remembered: a job may send any number of words.
    fn is_new(&mut self, word: &str, to: &Reporter<'_>) -> bool {
        let reported = &mut self.words_mut().reported;
        if reported.contains(word) {
            return false;
        }
        if reported.len() < to.settings.max_unknown_words && word.len() <= Settings::MAX_WORD_BYTES {
            reported.insert(word.to_string());
        }
        true
    }

    /// Reports an end in one sequence that contradicts the end in the other.
    fn judge_ends(&self, source: Source, to: &mut Reporter<'_>) {
        let Some(snapshots) = self.end(Source::Snapshots) else { return };
        let Some(messages) = self.end(Source::Messages) else { return };
        if !messages.has_status_of(snapshots) {
            to.report(Rule::ConflictingTermination, || Violation::ConflictingTermination {
                messages: messages.sent(),
                snapshots: snapshots.sent(),
                is_snapshot: source == Source::Snapshots,
            });
        }
    }

    /// Judges a request: its kind, `None` if it is unknown, and whether it was seen before.
    pub(super) fn request(
        &mut self,
        event: &EventRef<'_>,
        kind: Option<RequestKind>,
        seen: RequestSeen,
        to: &mut Reporter<'_>,
    ) {
        self.seen(event.at, to);
        if self.beginning == Beginning::Unseen {
            self.beginning = Beginning::Request;
        }
        // What was answered is no request for the next wait.
        if seen != RequestSeen::Answered {
            self.waits.note_request(kind);
        }
        let (Some(kind), RequestSeen::New) = (kind, seen) else { return };
        // Snapshots run ahead of the messages, in which a request stands: by them it may be out of turn though it is not.
        let (status, has_ended) = match (self.end(Source::Messages), self.messages.status()) {
            (Some(end), _) => (end.sent().status, true),
            (None, Some(status)) if status.phase() == Phase::Placement => (word(status.as_str()), false),
            _ => return,
        };
        to.report(Rule::RequestOutOfTurn, || Violation::RequestOutOfTurn { kind, status, has_ended });
    }

    /// Judges a response to a request of the job; returns whether its request would have been seen.
    pub(super) fn response(
        &mut self,
        event: &EventRef<'_>,
        kind: Option<RequestKind>,
        link: &Link,
        to: &mut Reporter<'_>,
    ) -> bool {
        // Of a job that was waiting already when it was first seen, or of which nothing was seen, earlier requests are not
        // in the log; those of a job that began before requests were evicted may be forgotten.
        let shows_requests = self.was_seen() && self.beginning != Beginning::Waiting;
        let remembers_requests = link.known_since == 0 || self.order >= link.known_since;
        self.seen(event.at, to);
        self.waits.judge_answer(kind, event.at, to);
        shows_requests && remembers_requests
    }

    /// Sees whether the next heartbeat or legal step may be judged on the [fast path](quick).
    pub(super) fn settle(&mut self) {
        let status = self.messages.calm().filter(|status| self.waits.are_calm(*status));
        self.calm = Calm::of(status);
    }

    /// Whether the end of the job is known and its messages don't lag behind.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended() && (!self.messages.has_begun() || self.messages.end().is_some())
    }
}

/// Whether a job may have begun to wait for the user since a snapshot showed it in `before`, so that another one shows it
/// in `now`.
fn may_wait_between(edition: Edition, before: Option<Status>, now: Status) -> bool {
    let Some(before) = before else { return true };
    let leads_to =
        |from: Status, to: Status| edition.successors(from).iter().any(|next| edition.reaches(next, to));
    let mut waits = edition.statuses().iter().filter(|status| status.is_waiting());
    waits.any(|wait| leads_to(before, wait) && edition.reaches(wait, now))
}
