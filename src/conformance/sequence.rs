//! One sequence of a job's statuses, its messages' or its snapshots', judged by the tables and the guards.

use alloc::format;
use alloc::string::{String, ToString};
use core::str::FromStr;

use super::finding::{Detail, Reporter, shortened};
use super::{Rule, Settings, StatusReport};
use crate::machine::Memory;
use crate::wire::Open;
use crate::{Guard, Job, Status, TerminationType};

/// What was seen of a job in one sequence.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    /// The last status that is in the table.
    status: Option<Status>,
    memory: Memory,
    seen: Seen,
    end: Option<EndKind>,
}

/// How much was seen of a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    /// All of it: the job was seen from its start, and nothing was skipped or unknown since.
    All,
    /// Not all of it.
    Some,
    /// Not all of it, and an unknown status came after the last known one.
    Hole,
}

/// How the statuses of a sequence follow each other: whether each is told, or some are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Messages,
    Snapshots,
}

impl Sequence {
    pub(super) fn status(&self) -> Option<Status> {
        self.status
    }

    pub(super) fn has_begun(&self) -> bool {
        self.seen != Seen::Nothing
    }

    pub(super) fn end(&self) -> Option<EndKind> {
        self.end
    }

    pub(super) fn ended(end: EndKind) -> Self {
        Self { seen: Seen::Some, end: Some(end), ..Self::default() }
    }

    /// Judges a report after the end: whether it is the same end again.
    pub(super) fn judge_after_end(
        end: End<'_>,
        source: Source,
        report: &StatusReport<'_>,
        to: &mut Reporter<'_>,
    ) {
        let job = report.job;
        let status = report.status;
        if !end.is(report) {
            to.report(Rule::MessageAfterTermination, || {
                Detail::new(format!("job {job} had ended in {end} and now sends {}", describe(report)))
                    .found(status)
            });
        } else if source == Source::Messages {
            to.report(Rule::RepeatedTermination, || {
                Detail::new(format!("job {job} had ended in {end} and says so again")).found(status)
            });
        }
    }

    /// Judges a report and goes on from it; says whether a wait for the user was skipped before it.
    pub(super) fn observe(
        &mut self,
        source: Source,
        report: &StatusReport<'_>,
        to: &mut Reporter<'_>,
    ) -> bool {
        if !self.has_begun() {
            // Snapshots sample: what lies between two of them may be a failure, even where one status can follow the
            // other directly.
            let is_start = report.status.known().is_some_and(|status| Status::STARTS.contains(&status));
            self.seen = if is_start && source == Source::Messages { Seen::All } else { Seen::Some };
        }
        let mut has_skipped_wait = false;
        match report.status.known() {
            _ if report.is_network_failure() => self.network_failure(report, to),
            Some(status) => has_skipped_wait = self.enter(status, source, report, to),
            None => {
                self.memory = self.memory.remember_unknown();
                self.seen = Seen::Hole;
            }
        }
        judge_termination_type(report, to);
        if report.ends_job() {
            self.end = Some(EndKind::of(report));
        }
        has_skipped_wait
    }

    fn network_failure(&mut self, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let Some(guard) = report.status.known().and_then(Status::reported_to) else { return };
        let limits = &to.settings.limits;
        let (memory, is_too_many) = self.memory.report(guard, limits);
        if is_too_many {
            let legal =
                self.status.map(|status| Job::recall(status, self.memory).legal(limits)).unwrap_or_default();
            to.report(rule_of(guard), || {
                Detail::new(format!(
                    "job {} reports {} failures to connect without ending: the limit is {}",
                    report.job,
                    memory.count(guard),
                    guard.row().allowed(limits)
                ))
                .found(&Status::NetworkIssue)
                .expected(legal.iter())
            });
        }
        self.memory = memory;
    }

    /// Judges the step from the last known status to this one, and takes it; says whether it skips a wait for the user.
    fn enter(
        &mut self,
        to: Status,
        source: Source,
        report: &StatusReport<'_>,
        reporter: &mut Reporter<'_>,
    ) -> bool {
        // What follows a hole follows nothing directly, but the last known status again is a heartbeat still.
        let has_hole = self.seen == Seen::Hole;
        let is_heartbeat = self.status == Some(to);
        let before = self.status.filter(|_| is_heartbeat || !has_hole);
        let mut skips_wait = false;
        if let (Some(from), false) = (self.status, is_heartbeat) {
            let path = from.path_to(to);
            let legal = Job::recall(from, self.memory);
            let is_skip = path.is_some() && !from.can_become(to);
            if is_skip {
                self.seen = Seen::Some;
            }
            // After a hole reachability alone counts, and reachability looks at no guard.
            let guard = before.and_then(|_| self.memory.guard(before, to, &reporter.settings.limits));
            if let Some(guard) = guard {
                report_guard(guard, legal, to, report, reporter);
            } else if path.is_none() {
                report_illegal(legal, to, report, reporter);
            } else if is_skip {
                skips_wait = path.clone().is_some_and(|mut path| path.any(Status::is_waiting));
                if source == Source::Messages && !has_hole {
                    report_skipped(from, to, report, reporter);
                }
            } else if self.seen == Seen::All {
                self.judge_failure_limit(to, report, reporter);
            }
        }
        self.memory = self.memory.remember(before, to);
        self.status = Some(to);
        if has_hole {
            self.seen = Seen::Some;
        }
        skips_wait
    }

    /// Whether a job that was seen from its start ends for too many failures before the limit.
    fn judge_failure_limit(&self, to: Status, report: &StatusReport<'_>, reporter: &mut Reporter<'_>) {
        let Some(guard) = Guard::of_end(to) else { return };
        let limit = guard.row().allowed(&reporter.settings.limits);
        // The end itself reports the last failure.
        let failures = self.memory.count(guard).saturating_add(1);
        if failures < limit {
            reporter.report(Rule::EarlyFailureLimit, || {
                let (what, s) = (&guard.row().counted, if failures == 1 { "" } else { "s" });
                Detail::new(format!(
                    "job {} ended in {to} with {failures} {what}{s} seen, this last one included: {limit} are allowed",
                    report.job
                ))
                .found(&to)
            });
        }
    }
}

/// The rule that a guard's row names.
fn rule_of(guard: Guard) -> Rule {
    guard.row().rule.parse().unwrap_or(Rule::IllegalTransition)
}

fn report_guard(guard: Guard, job: Job, to: Status, report: &StatusReport<'_>, reporter: &mut Reporter<'_>) {
    let legal = job.legal(&reporter.settings.limits);
    reporter.report(rule_of(guard), || {
        Detail::new(format!("job {} went from {} to {to}: {guard}", report.job, job.status()))
            .found(&to)
            .expected(legal.iter())
    });
}

fn report_illegal(job: Job, to: Status, report: &StatusReport<'_>, reporter: &mut Reporter<'_>) {
    let legal = job.legal(&reporter.settings.limits);
    reporter.report(Rule::IllegalTransition, || {
        let from = job.status();
        let why = if to.phase() < from.phase() {
            format!("no job goes back from {} to {}", from.phase(), to.phase())
        } else {
            "no legal sequence leads there".into()
        };
        Detail::new(format!("job {} went from {from} to {to}: {why}", report.job))
            .found(&to)
            .expected(legal.iter())
    });
}

fn report_skipped(from: Status, to: Status, report: &StatusReport<'_>, reporter: &mut Reporter<'_>) {
    let path = from.path_to(to).into_iter().flatten();
    reporter.report(Rule::SkippedStatus, || {
        let missing: alloc::vec::Vec<&str> = path.clone().filter(|&s| s != to).map(Status::as_str).collect();
        let are = if missing.len() == 1 { "is" } else { "are" };
        let missing = missing.join(", ");
        Detail::new(format!("job {} went from {from} to {to}: {missing} {are} missing", report.job))
            .found(&to)
            .expected(path)
    });
}

/// Whether the termination type is the one that belongs to the status.
fn judge_termination_type(report: &StatusReport<'_>, to: &mut Reporter<'_>) {
    let Some(status) = report.status.known().filter(|_| !report.is_network_failure()) else { return };
    let sent = report.termination_type.map(Open::known);
    match (status.termination_type(), sent) {
        (Some(own), None) => to.report(Rule::MissingTerminationType, || {
            Detail::new(format!("job {} ended in {status} without its termination type {own}", report.job))
                .expected([own])
        }),
        (Some(own), Some(Some(sent))) if sent != own => to.report(Rule::WrongTerminationType, || {
            Detail::new(format!("job {} ended in {status} with {sent}, which should be {own}", report.job))
                .found(&sent)
                .expected([own])
        }),
        (None, Some(Some(sent))) => to.report(Rule::EarlyTerminationType, || {
            Detail::new(format!(
                "job {} has the termination type {sent} in {status}, which ends no job",
                report.job
            ))
            .found(&sent)
        }),
        _ => {}
    }
}

/// A status and, where there is one, its termination type, in the words of the log.
fn describe(report: &StatusReport<'_>) -> String {
    match report.termination_type {
        Some(termination_type) => format!("{} with {termination_type}", report.status),
        None => report.status.to_string(),
    }
}

/// A word that is remembered: one of any length by its beginning.
fn bounded<T: Copy + FromStr + Into<&'static str>>(word: &Open<T>) -> Open<T> {
    Open::new(shortened(word.text(), Settings::MAX_WORD_BYTES))
}

/// How a sequence ended, in the two bytes that are kept of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndKind {
    Known(Status, Option<TerminationType>),
    /// In words that this version doesn't know, which are kept aside.
    Unknown,
}

impl EndKind {
    fn of(report: &StatusReport<'_>) -> Self {
        match (report.status.known(), report.termination_type.map(Open::known)) {
            (Some(status), None) => Self::Known(status, None),
            (Some(status), Some(Some(termination_type))) => Self::Known(status, Some(termination_type)),
            _ => Self::Unknown,
        }
    }
}

/// The words of an end of which this version doesn't know at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownEnd {
    status: Open<Status>,
    termination_type: Option<Open<TerminationType>>,
}

impl UnknownEnd {
    pub(super) fn new(report: &StatusReport<'_>) -> Self {
        Self { status: bounded(report.status), termination_type: report.termination_type.map(bounded) }
    }
}

/// How a sequence ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End<'e> {
    Known(Status, Option<TerminationType>),
    Unknown(&'e UnknownEnd),
}

impl<'e> End<'e> {
    /// Whether a report says the same.
    pub(super) fn is(self, report: &StatusReport<'_>) -> bool {
        match (self, EndKind::of(report)) {
            (Self::Known(status, sent), EndKind::Known(status_now, sent_now)) => {
                (status, sent) == (status_now, sent_now)
            }
            (Self::Unknown(end), EndKind::Unknown) => *end == UnknownEnd::new(report),
            _ => false,
        }
    }

    /// Whether two ends are in the same status.
    pub(super) fn has_status_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Known(ours, _), Self::Known(theirs, _)) => ours == theirs,
            (Self::Unknown(ours), Self::Unknown(theirs)) => ours.status == theirs.status,
            (Self::Known(known, _), Self::Unknown(other)) | (Self::Unknown(other), Self::Known(known, _)) => {
                other.status.known() == Some(known)
            }
        }
    }

    /// The status, in the words of the log.
    pub(super) fn status(self) -> &'e str {
        match self {
            Self::Known(status, _) => status.as_str(),
            Self::Unknown(end) => end.status.canonical(),
        }
    }

    /// The termination type that counts: the one that was sent where it is known, else the status's own.
    pub(super) fn termination_type(self) -> Option<TerminationType> {
        match self {
            Self::Known(status, sent) => sent.or(status.termination_type()),
            Self::Unknown(end) => {
                let sent = end.termination_type.as_ref().and_then(Open::known);
                sent.or(end.status.known().and_then(Status::termination_type))
            }
        }
    }
}

impl core::fmt::Display for End<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.status())?;
        match self {
            Self::Known(_, Some(sent)) => write!(f, " with {sent}"),
            Self::Unknown(end) => {
                end.termination_type.as_ref().map_or(Ok(()), |sent| write!(f, " with {sent}"))
            }
            Self::Known(_, None) => Ok(()),
        }
    }
}
