//! One sequence of a job's statuses, its messages' or its snapshots', judged by the tables and the guards.

use alloc::boxed::Box;

use super::finding::Reporter;
use super::violation::{SentStatus, shortened, status_word};
use super::{Rule, Settings, Violation};
use crate::machine::Memory;
use crate::track::{Step, StepKind, Walk};
use crate::wire::{EventRef, Termination};
use crate::{Edition, Job, Status, StatusRow, TerminationType};

/// What was seen of a job in one sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    walk: Walk,
    memory: Memory,
    end: Option<EndKind>,
}

/// Where the statuses of a sequence come from. Snapshots sample a job: between two of them more may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Messages,
    Snapshots,
}

/// A step, as a sequence has judged it.
pub(super) struct Judged {
    pub(super) step: Step,
    /// Whether it skips a wait for the user.
    pub(super) skips_wait: bool,
}

impl Sequence {
    pub(super) fn status(&self) -> Option<Status> {
        self.walk.status()
    }

    pub(super) fn has_begun(&self) -> bool {
        self.walk.has_begun()
    }

    pub(super) fn end(&self) -> Option<EndKind> {
        self.end
    }

    pub(super) fn ended(end: EndKind) -> Self {
        Self { walk: Walk::forgotten(), end: Some(end), ..Self::default() }
    }

    /// The status, if it is that of a job whose next step can be judged by it and the memory alone.
    pub(super) fn calm(&self) -> Option<Status> {
        let is_calm =
            self.end.is_none() && self.walk.is_whole() && self.memory == self.memory.remember_unknown();
        self.status().filter(|_| is_calm)
    }

    /// Takes a legal step of a calm job, which sets these bits of the memory.
    #[inline]
    pub(super) fn quick(&mut self, to: Status, marks: u32) {
        self.walk.step(to);
        self.memory = self.memory.marked(marks);
    }

    /// Whether no guard forbids a step of the table from the status before.
    pub(super) fn may_enter(&self, to: Status, settings: &Settings) -> bool {
        self.memory.guard(settings.edition, self.status(), to, &settings.limits).is_none()
    }

    /// Takes a legal step of a calm job.
    pub(super) fn enter_quietly(&mut self, to: Status, edition: Edition) {
        self.memory = self.memory.remember(edition, self.status(), to);
        self.walk.step(to);
    }

    /// Takes the first step.
    pub(super) fn begin(&mut self, to: Status, edition: Edition) -> Step {
        self.memory = self.memory.remember(edition, None, to);
        self.walk.take_in(edition, Some(to), false)
    }

    /// Judges an event after the end: whether it is the same end again.
    pub(super) fn judge_after_end(end: End<'_>, source: Source, event: &EventRef<'_>, to: &mut Reporter<'_>) {
        if !end.is(event) {
            to.report(Rule::MessageAfterTermination, || Violation::MessageAfterTermination {
                end: end.sent(),
                sent: SentStatus::of(event),
            });
        } else if source == Source::Messages {
            to.report(Rule::RepeatedTermination, || Violation::RepeatedTermination { end: end.sent() });
        }
    }

    /// Judges an event and goes on from it.
    pub(super) fn observe(&mut self, source: Source, event: &EventRef<'_>, to: &mut Reporter<'_>) -> Judged {
        let step = self.walk.take_in(to.settings.edition, event.status, event.termination_type.is_present());
        let mut skips_wait = false;
        match event.status {
            _ if step.kind == StepKind::NetworkFailure => self.network_failure(event, to),
            Some(status) => skips_wait = self.enter(step, status, source, to),
            None => {
                self.memory = self.memory.remember_unknown();
            }
        }
        judge_termination_type(event, to);
        if event.ends_job() {
            self.end = Some(EndKind::of(event));
        }
        Judged { step, skips_wait }
    }

    fn network_failure(&mut self, event: &EventRef<'_>, to: &mut Reporter<'_>) {
        let Settings { edition, limits, .. } = to.settings;
        let Some(guard) = event.status.and_then(|status| edition.reported_to(status)) else { return };
        let (memory, is_too_many) = self.memory.report(guard, limits);
        if is_too_many {
            let legal = self
                .status()
                .map(|status| Job::recall(*edition, status, self.memory).legal(limits))
                .unwrap_or_default();
            let (failures, limit) = (memory.count(guard), guard.row().allowed(limits));
            to.report(Rule::of_guard(guard), || Violation::TooManyNetworkFailures { failures, limit, legal });
        }
        self.memory = memory;
    }

    /// Judges the step to a known status, and takes it; returns whether it skips a wait for the user.
    fn enter(&mut self, step: Step, to: Status, source: Source, reporter: &mut Reporter<'_>) -> bool {
        // What follows a hole follows nothing directly, but the last known status again is a heartbeat still.
        let is_heartbeat = step.from == Some(to);
        let before = step.from.filter(|_| is_heartbeat || !step.is_after_hole);
        let Settings { edition, limits, .. } = reporter.settings;
        let edition = *edition;
        let mut skips_wait = false;
        if let (Some(from), false) = (step.from, is_heartbeat) {
            let is_skip =
                step.kind != StepKind::Legal && edition.reaches(from, to) && !edition.can_become(from, to);
            // After a hole reachability alone counts, and reachability looks at no guard.
            let guard = before.and_then(|_| self.memory.guard(edition, before, to, limits));
            let legal = || Job::recall(edition, from, self.memory).legal(limits);
            if let Some(guard) = guard {
                let legal = legal();
                reporter.report(Rule::of_guard(guard), || Violation::Guard { guard, from, to, legal });
            } else if step.kind == StepKind::Illegal {
                let legal = legal();
                reporter.report(Rule::IllegalTransition, || Violation::IllegalTransition { from, to, legal });
            } else if is_skip {
                skips_wait = edition.path(from, to).is_some_and(|mut path| path.any(Status::is_waiting));
                if source == Source::Messages && !step.is_after_hole {
                    reporter.report(Rule::SkippedStatus, || Violation::SkippedStatus { from, to, edition });
                }
            } else if source == Source::Messages && self.walk.is_from_start() {
                // Snapshots sample: what lies between two of them may be a failure.
                self.judge_failure_limit(to, reporter);
            }
        }
        self.memory = self.memory.remember(edition, before, to);
        skips_wait
    }

    /// Whether a job that was seen from its start ends for too many failures before the limit.
    fn judge_failure_limit(&self, status: Status, to: &mut Reporter<'_>) {
        let Some(row) = to.settings.edition.guard_of_end(status) else { return };
        let (guard, limit) = (row.guard, row.allowed(&to.settings.limits));
        // The end itself reports the last failure.
        let failures = self.memory.count(guard).saturating_add(1);
        if failures < limit {
            to.report(Rule::EarlyFailureLimit, || Violation::EarlyFailureLimit {
                status,
                guard,
                failures,
                limit,
            });
        }
    }
}

/// Judges whether the termination type belongs to the status.
fn judge_termination_type(event: &EventRef<'_>, to: &mut Reporter<'_>) {
    let Some(status) = event.status.filter(|_| !event.is_network_failure()) else { return };
    let edition = to.settings.edition;
    match (edition.termination_type(status), event.termination_type) {
        (own, Termination::Absent) if status.is_terminal() => {
            to.report(Rule::MissingTerminationType, || Violation::MissingTerminationType { status, own });
        }
        (_, Termination::Known(sent)) if !status.is_terminal() => {
            to.report(Rule::EarlyTerminationType, || Violation::EarlyTerminationType { status, sent });
        }
        (_, Termination::Known(sent)) if !edition.ends(status, sent) => {
            let allowed = edition.row(status).into_iter().flat_map(StatusRow::termination_types).collect();
            to.report(Rule::WrongTerminationType, || Violation::WrongTerminationType {
                status,
                allowed,
                sent,
            });
        }
        _ => {}
    }
}

/// How a sequence ended, in two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndKind {
    Known(Status, Option<TerminationType>),
    /// In words that this version doesn't know, which are kept aside.
    Unknown,
}

impl EndKind {
    fn of(event: &EventRef<'_>) -> Self {
        match (event.status, event.termination_type) {
            (Some(status), Termination::Absent) => Self::Known(status, None),
            (Some(status), Termination::Known(sent)) => Self::Known(status, Some(sent)),
            _ => Self::Unknown,
        }
    }
}

/// The words of an end of which this version doesn't know at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownEnd {
    /// The status, and its text if it is unknown.
    status: Option<Status>,
    status_text: Box<str>,
    termination_type: Termination,
    termination_text: Option<Box<str>>,
}

impl UnknownEnd {
    pub(super) fn new(event: &EventRef<'_>) -> Self {
        let bounded = |word: &str| shortened(word, Settings::MAX_WORD_BYTES).into();
        Self {
            status: event.status,
            status_text: bounded(status_word(event)),
            termination_type: event.termination_type,
            termination_text: event.termination_text().map(bounded),
        }
    }
}

/// How a sequence ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End<'e> {
    Known(Status, Option<TerminationType>),
    Unknown(&'e UnknownEnd),
}

impl<'e> End<'e> {
    /// Whether an event shows the same end.
    pub(super) fn is(self, event: &EventRef<'_>) -> bool {
        match (self, EndKind::of(event)) {
            (Self::Known(status, sent), EndKind::Known(status_now, sent_now)) => {
                (status, sent) == (status_now, sent_now)
            }
            (Self::Unknown(end), EndKind::Unknown) => *end == UnknownEnd::new(event),
            _ => false,
        }
    }

    /// Whether two ends are in the same status.
    pub(super) fn has_status_of(self, other: Self) -> bool {
        self.status() == other.status()
    }

    /// The status: a known one in the table's spelling, an unknown one as it came.
    fn status(self) -> &'e str {
        match self {
            Self::Known(status, _) => status.as_str(),
            Self::Unknown(end) => &end.status_text,
        }
    }

    /// The status and termination type that came.
    pub(super) fn sent(self) -> SentStatus {
        match self {
            Self::Known(status, sent) => SentStatus::new(status.as_str(), sent.map(Into::into)),
            Self::Unknown(end) => SentStatus::new(&end.status_text, end.termination_text.as_deref()),
        }
    }

    /// The termination type that counts: the one that was sent if it is known, else the status's own.
    pub(super) fn termination_type(self, edition: Edition) -> Option<TerminationType> {
        match self {
            Self::Known(status, sent) => sent.or(edition.termination_type(status)),
            Self::Unknown(end) => end
                .termination_type
                .known()
                .or(end.status.and_then(|status| edition.termination_type(status))),
        }
    }
}
