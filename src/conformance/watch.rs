//! What is remembered of one job, and judged by.

mod ended;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use super::envelopes::RequestSeen;
use super::finding::{Detail, Reporter};
use super::numbers::Numbers;
use super::sequence::{End, EndKind, Sequence, Source, UnknownEnd};
use super::wait::Waits;
use super::{Position, Rule, Settings, StatusReport};
use crate::wire::{JobId, RequestKind};
use crate::{Phase, Status, TerminationType, Timestamp};

pub(super) use ended::Ended;

/// One job under watch: its messages are judged as one sequence, its snapshots as another, and its requests and answers
/// by the time and the status at which they come.
///
/// There may be millions of them, and so what is rare is kept aside, and no field has a byte more than it needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// How many jobs were seen before this one.
    order: u64,
    /// Where the job was last seen: the parts of a [`Position`].
    line: u64,
    column: u64,
    input: u32,
    /// When it was last seen, in milliseconds, if its records have times.
    at: i64,
    has_time: bool,
    beginning: Beginning,
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

impl Watch {
    /// A watch over a job before which so many others were seen.
    pub(super) fn new(order: u64) -> Self {
        Self { order, ..Self::default() }
    }

    /// How many jobs were seen before this one.
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
    pub(super) fn termination_type(&self) -> Option<TerminationType> {
        self.end(Source::Messages).or_else(|| self.end(Source::Snapshots)).and_then(End::termination_type)
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

    /// Reports that the log ends and the job has not.
    pub(super) fn judge_unfinished(&self, job: &JobId, to: &mut Reporter<'_>) {
        to.report(Rule::UnterminatedJob, || {
            Detail::new(match self.status() {
                Some(status) => format!("the log ends and job {job} has not: its last status is {status}"),
                None => format!("the log ends and job {job} has not"),
            })
        });
    }

    /// Whether the job goes on, as far as was told.
    pub(super) fn is_in_progress(&self) -> bool {
        !self.has_ended() && !self.rest.as_ref().is_some_and(|rest| rest.is_completed)
    }

    /// Whether the requests of the job that were sent before can be expected in the log: not those of a job that was
    /// waiting already when it was first seen, or of which nothing was seen.
    pub(super) fn shows_requests(&self) -> bool {
        self.was_seen() && self.beginning != Beginning::Waiting
    }

    /// Judges the time at which something of the job was seen, and notes it.
    pub(super) fn seen(&mut self, at: Option<Timestamp>, to: &mut Reporter<'_>) {
        if let (Some(before), Some(now)) = (self.at(), at) {
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
        let Position { input, line, column } = position;
        (self.input, self.line, self.column) = (input, line, column);
        if let Some(at) = at {
            (self.at, self.has_time) = (at.as_millis(), true);
        }
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
        self.waits.observe(report.status.known(), at, &self.numbers, requests_shown, report.job, to);
    }

    /// Judges a snapshot.
    pub(super) fn snapshot(
        &mut self,
        report: &StatusReport<'_>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) {
        self.note_first(report);
        self.rest.get_or_insert_default().is_completed |= report.is_completed;
        self.observe(Source::Snapshots, report, at, to);
    }

    fn note_first(&mut self, report: &StatusReport<'_>) {
        if matches!(self.beginning, Beginning::Unseen | Beginning::Request) {
            let is_waiting = report.status.known().is_some_and(Status::is_waiting);
            self.beginning = if is_waiting { Beginning::Waiting } else { Beginning::Status };
        }
    }

    /// Judges a report in its sequence; says whether there was more to it than an end that was known.
    fn observe(
        &mut self,
        source: Source,
        report: &StatusReport<'_>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) -> bool {
        if let Some(end) = self.end(source) {
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
        let (sequence, numbers) = match source {
            Source::Messages => (&mut self.messages, &mut self.numbers),
            Source::Snapshots => {
                let rest = self.rest.get_or_insert_default();
                (&mut rest.snapshots, &mut rest.snapshot_numbers)
            }
        };
        let before = sequence.status();
        let has_skipped_wait = sequence.observe(source, report, to);
        let may_grow = match (report.status.known(), before) {
            (Some(status), _) if source == Source::Snapshots => may_wait_between(before, status),
            (Some(status), Some(before)) if status == before => false,
            (Some(status), _) => status.is_waiting() || has_skipped_wait,
            // Nobody can tell what a status newer than this version waits for.
            (None, _) => true,
        };
        numbers.observe(report, may_grow, to);
        if sequence.end() == Some(EndKind::Unknown) {
            let end = Some(UnknownEnd::new(report));
            match source {
                Source::Messages => self.words_mut().message_end = end,
                Source::Snapshots => self.words_mut().snapshot_end = end,
            }
        }
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
    fn judge_ends(&self, source: Source, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let Some(snapshots) = self.end(Source::Snapshots) else { return };
        let Some(messages) = self.end(Source::Messages) else { return };
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
        job: &JobId,
        to: &mut Reporter<'_>,
    ) {
        if self.beginning == Beginning::Unseen {
            self.beginning = Beginning::Request;
        }
        // What was answered is no request for the next wait.
        if standing != RequestSeen::Answered {
            self.waits.note_request(kind);
        }
        let (Some(kind), RequestSeen::New) = (kind, standing) else { return };
        // Snapshots run ahead of the messages, in which a request stands: by them it may be out of turn though it is not.
        let when = match (self.end(Source::Messages), self.messages.status()) {
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
        job: &JobId,
        to: &mut Reporter<'_>,
    ) {
        self.waits.judge_answer(kind, at, job, to);
    }

    /// Whether the end of the job is known and its messages don't lag behind.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended() && (!self.messages.has_begun() || self.messages.end().is_some())
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
