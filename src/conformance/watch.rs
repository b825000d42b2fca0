//! What is remembered of one job, and judged by.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use super::envelopes::RequestSeen;
use super::finding::{Detail, Reporter};
use super::numbers::Numbers;
use super::sequence::{End, Sequence, Source};
use super::wait::{Requested, Since, Waits};
use super::{Position, Rule, Settings, StatusReport};
use crate::message::{JobId, RequestKind};
use crate::{Phase, Status, TerminationType, Timestamp};

/// One job under watch: its messages are judged as one sequence, its snapshots as another, and its requests and answers
/// by the time and the status at which they come.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// How many jobs were seen before this one.
    order: u64,
    /// Whether a status or a request of the job was seen, not an answer alone.
    was_seen: bool,
    /// Where the job was last seen, and when.
    last: Position,
    at: Option<Timestamp>,
    messages: Track,
    /// Most logs have no snapshots.
    snapshots: Option<Box<Track>>,
    waits: Waits,
    first: Option<FirstStatus>,
    /// Whether a snapshot had a text on the termination, whatever its status was.
    is_completed: bool,
    /// The unknown or respelled values that were reported already: a bounded number.
    oddities: BTreeSet<String>,
}

/// A sequence and its numbers.
#[derive(Clone, Debug, Default)]
struct Track {
    sequence: Sequence,
    numbers: Numbers,
}

/// How a job was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstStatus {
    Waiting,
    Other,
}

impl Watch {
    /// A watch over a job before which so many others were seen.
    pub(super) fn new(order: u64) -> Self {
        Self { order, ..Self::default() }
    }

    /// How many jobs were seen before this one.
    pub(super) fn order(&self) -> u64 {
        self.order
    }

    /// Whether a status or a request of the job was seen.
    pub(super) fn was_seen(&self) -> bool {
        self.was_seen
    }

    /// Where the job's last message stands.
    pub(super) fn position(&self) -> Position {
        self.last
    }

    /// The last status of those that are in the table: of the job's messages, or of its snapshots where there are no
    /// messages.
    pub(super) fn status(&self) -> Option<Status> {
        let snapshots = self.snapshots.as_ref();
        self.messages.sequence.status().or_else(|| snapshots.and_then(|track| track.sequence.status()))
    }

    /// Whether the job has ended, by its messages or by its snapshots.
    pub(super) fn has_ended(&self) -> bool {
        self.end().is_some()
    }

    /// The termination type that the job ended with, where it has ended and one is known.
    pub(super) fn termination_type(&self) -> Option<TerminationType> {
        self.end().and_then(End::termination_type)
    }

    /// Reports that the log ends and the job has not.
    pub(super) fn judge_unfinished(&self, job: &JobId<'_>, to: &mut Reporter<'_>) {
        to.report(Rule::UnterminatedJob, || {
            Detail::new(match self.status() {
                Some(status) => format!("the log ends and job {job} has not: its last status is {status}"),
                None => format!("the log ends and job {job} has not"),
            })
        });
    }

    /// Whether the job goes on, as far as was told.
    pub(super) fn is_in_progress(&self) -> bool {
        !self.has_ended() && !self.is_completed
    }

    fn end(&self) -> Option<&End> {
        let snapshots = self.snapshots.as_ref();
        self.messages.sequence.end().or_else(|| snapshots.and_then(|track| track.sequence.end()))
    }

    /// Whether the requests of the job that were sent before can be expected in the log: not those of a job that was
    /// waiting already when it was first seen, or of which nothing was seen.
    pub(super) fn shows_requests(&self) -> bool {
        self.was_seen && self.first != Some(FirstStatus::Waiting)
    }

    /// Judges the time at which something of the job was seen, and notes it.
    pub(super) fn seen(&mut self, at: Option<Timestamp>, to: &mut Reporter<'_>) {
        if let (Some(before), Some(now)) = (self.at, at) {
            if now < before {
                let by = before.since(now);
                to.report(Rule::TimeWentBackwards, || {
                    Detail::new(format!("this record is {by:?} older than the one before it of the same job"))
                });
            }
        }
        self.note(at, to.position);
    }

    fn note(&mut self, at: Option<Timestamp>, position: Position) {
        self.last = position;
        self.at = at.or(self.at);
    }

    /// Judges a `job_status`.
    pub(super) fn status_message(
        &mut self,
        report: &StatusReport<'_>,
        at: Option<Timestamp>,
        requests_shown: bool,
        to: &mut Reporter<'_>,
    ) {
        self.note_first(report);
        if !self.observe(Source::Messages, report, at, to) || report.is_network_failure() {
            return;
        }
        let numbers = &self.messages.numbers;
        self.waits.observe(report.status.known(), at, numbers, requests_shown, report.job, to);
    }

    /// Judges a snapshot.
    pub(super) fn snapshot(
        &mut self,
        report: &StatusReport<'_>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) {
        self.note_first(report);
        self.is_completed |= report.is_completed;
        self.observe(Source::Snapshots, report, at, to);
    }

    fn note_first(&mut self, report: &StatusReport<'_>) {
        self.was_seen = true;
        let is_waiting = report.status.known().is_some_and(Status::is_waiting);
        self.first.get_or_insert(if is_waiting { FirstStatus::Waiting } else { FirstStatus::Other });
    }

    /// Judges a report in its sequence; says whether there was more to it than an end that was known.
    fn observe(
        &mut self,
        source: Source,
        report: &StatusReport<'_>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) -> bool {
        let track = match source {
            Source::Messages => &mut self.messages,
            Source::Snapshots => self.snapshots.get_or_insert_default(),
        };
        if let Some(end) = track.sequence.end() {
            let is_repeated = end.is(report);
            Sequence::judge_after_end(end, source, report, to);
            if is_repeated {
                // What a job said before its end is not kept: its numbers are judged by themselves.
                Numbers::default().observe(report, true, to);
                self.seen(at, to);
                self.judge_words(report, to);
            } else {
                self.note(at, to.position);
            }
            return false;
        }
        let before = track.sequence.status();
        let has_skipped_wait = track.sequence.observe(source, report, to);
        let may_grow = match (report.status.known(), before) {
            (Some(status), _) if source == Source::Snapshots => may_wait_between(before, status),
            (Some(status), Some(before)) if status == before => false,
            (Some(status), _) => status.is_waiting() || has_skipped_wait,
            // Nobody can tell what a status newer than this version waits for.
            (None, _) => true,
        };
        track.numbers.observe(report, may_grow, to);
        self.seen(at, to);
        self.judge_words(report, to);
        self.judge_ends(source, report, to);
        true
    }

    /// Reports values that are unknown or spelled in another way: each once a job.
    fn judge_words(&mut self, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let job = report.job;
        let status = report.status;
        if status.is_respelled() && self.is_new(status.text(), to) {
            to.report(Rule::StatusSpelling, || {
                Detail::new(format!("job {job} sends {} for {status}", status.text()))
                    .found(&status.text())
                    .expected([status])
            });
        }
        if status.known().is_none() && self.is_new(status.text(), to) {
            to.report(Rule::UnknownStatus, || {
                Detail::new(format!("job {job} has the status {status}, which is not in the table"))
                    .found(status)
            });
        }
        let Some(sent) = report.termination_type.filter(|sent| sent.known().is_none()) else { return };
        // A blank tells a termination type from a status of the same name.
        if self.is_new(&format!(" {}", sent.text()), to) {
            to.report(Rule::UnknownTerminationType, || {
                Detail::new(format!("job {job} has the termination type {sent}, which is none of the five"))
                    .found(&sent)
            });
        }
    }

    /// Whether a word was not reported before, as far as is remembered: a job may send any number of words.
    fn is_new(&mut self, word: &str, to: &Reporter<'_>) -> bool {
        if self.oddities.contains(word) {
            return false;
        }
        if self.oddities.len() < to.settings.max_unknown_words && word.len() <= Settings::MAX_WORD_BYTES {
            self.oddities.insert(word.to_string());
        }
        true
    }

    /// Reports an end in one sequence that contradicts the end in the other.
    fn judge_ends(&self, source: Source, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let snapshots = self.snapshots.as_ref().and_then(|track| track.sequence.end());
        let (Some(messages), Some(snapshots)) = (self.messages.sequence.end(), snapshots) else { return };
        if messages.has_status_of(snapshots) {
            return;
        }
        let (found, other) = match source {
            Source::Messages => (messages, snapshots),
            Source::Snapshots => (snapshots, messages),
        };
        to.report(Rule::ConflictingTermination, || {
            Detail::new(format!(
                "the messages of job {} say that it ended in {messages}, its snapshots say {snapshots}",
                report.job
            ))
            .found(&found.status())
            .expected([other.status()])
        });
    }

    /// Judges a request.
    pub(super) fn request(
        &mut self,
        kind: Option<RequestKind>,
        standing: RequestSeen,
        job: &JobId<'_>,
        to: &mut Reporter<'_>,
    ) {
        self.was_seen = true;
        // What was answered is no request for the next wait.
        if standing != RequestSeen::Answered {
            self.waits.note_request(kind);
        }
        let (Some(kind), RequestSeen::New) = (kind, standing) else { return };
        // Snapshots run ahead of the messages, in which a request stands: by them it may be out of turn though it is not.
        let sequence = &self.messages.sequence;
        let when = match (sequence.end(), sequence.status()) {
            (Some(end), _) => format!("after its end in {}", end.status()),
            (None, Some(status)) if status.phase() == Phase::Placement => format!("in {status}"),
            _ => return,
        };
        to.report(Rule::RequestOutOfTurn, || {
            let request = kind.request();
            Detail::new(format!(
                "job {job} sends a new {request} {when}: nothing is asked of the user any more"
            ))
            .found(&request)
        });
    }

    /// Judges an answer to a request of the job.
    pub(super) fn answer(
        &self,
        kind: RequestKind,
        at: Option<Timestamp>,
        job: &JobId<'_>,
        to: &mut Reporter<'_>,
    ) {
        self.waits.judge_answer(kind, at, job, to);
    }

    /// Whether the end of the job is known and its messages don't lag behind.
    pub(super) fn is_over(&self) -> bool {
        let messages = &self.messages.sequence;
        self.has_ended() && (!messages.has_begun() || messages.end().is_some())
    }

    /// What must be remembered of the job once it is over.
    pub(super) fn retire(&mut self) -> Ended {
        let Self { at, messages, snapshots, waits, first, oddities, .. } = core::mem::take(self);
        let rest = Rest { snapshots, wait: waits.last(), oddities };
        Ended {
            messages: messages.sequence.into_end(),
            at,
            requested: waits.requested(),
            first,
            rest: (!rest.is_empty()).then(|| Box::new(rest)),
        }
    }
}

/// Whether a job may have begun to wait for the user since a snapshot showed it in `before`, so that another one shows it
/// in `now`.
fn may_wait_between(before: Option<Status>, now: Status) -> bool {
    let Some(before) = before else { return true };
    let leads_to = |from: Status, to: Status| from.successors().iter().any(|next| next.reaches(to));
    let mut waits = Status::ALL.iter().filter(|status| status.is_waiting());
    waits.any(|&wait| leads_to(before, wait) && wait.reaches(now))
}

/// A job that has ended, in the few bytes that what may still come is judged by.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    messages: Option<End>,
    at: Option<Timestamp>,
    /// For messages that all come after the end that a snapshot showed.
    requested: Requested,
    first: Option<FirstStatus>,
    /// Most jobs have none.
    rest: Option<Box<Rest>>,
}

/// What else some jobs leave behind.
#[derive(Clone, Debug, Default)]
struct Rest {
    snapshots: Option<Box<Track>>,
    wait: Option<Since>,
    oddities: BTreeSet<String>,
}

impl Rest {
    fn is_empty(&self) -> bool {
        self.snapshots.is_none() && self.wait.is_none() && self.oddities.is_empty()
    }
}

impl Ended {
    /// The watch again, for what comes after the end.
    pub(super) fn revive(self) -> Watch {
        let track = |end| Track { sequence: Sequence::ended(end), numbers: Numbers::default() };
        let Rest { snapshots, wait, oddities } = self.rest.map(|rest| *rest).unwrap_or_default();
        Watch {
            was_seen: true,
            at: self.at,
            messages: self.messages.map(track).unwrap_or_default(),
            snapshots,
            waits: Waits::after(wait, self.requested),
            first: self.first,
            oddities,
            ..Watch::default()
        }
    }
}
