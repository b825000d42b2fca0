//! The runtime machine: a job's status and its memory for the guards.

use alloc::collections::BTreeMap;
use core::fmt;

use serde::{Deserialize, Serialize};
use strum::EnumCount;

use crate::spec::{Edition, Elsewhere, Guard, GuardRow, Limits, Phase, Status, StatusSet};

/// A job: its status and its memory for the guards.
///
/// A job is a small value; [`apply`](Self::apply) returns the next one, or an error with the reason. It serializes, and
/// resumes from its serialized form.
///
/// ```
/// use cardsavr_protocol::{Job, Limits, Status};
///
/// let limits = Limits::default();
/// let job = Job::new(Status::Requested);
/// let job = job.apply(Status::Queued, &limits)?.apply(Status::InProgress, &limits)?;
///
/// let refused = job.apply(Status::Successful, &limits).unwrap_err();
/// assert_eq!(refused.job.status(), Status::InProgress);
/// assert!(refused.legal.contains(Status::Auth));
/// # Ok::<(), cardsavr_protocol::IllegalTransition>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Job {
    status: Status,
    memory: Memory,
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    edition: Edition,
}

impl Job {
    /// A job of the first edition that is first seen in this status; its past is unknown.
    pub const fn new(status: Status) -> Self {
        Self::of(Edition::V2021, status)
    }

    /// A job of an edition that is first seen in this status; its past is unknown.
    ///
    /// ```
    /// use cardsavr_protocol::{Edition, Job, Limits, Status};
    ///
    /// let limits = Limits::of(Edition::V2026);
    /// let job = Job::of(Edition::V2026, Status::Pending).apply(Status::CredsReceived, &limits)?;
    ///
    /// let refused = job.apply(Status::PendingCreds, &limits).unwrap_err();
    /// assert!(refused.to_string().starts_with(
    ///     "a job in CREDS_RECEIVED may not become PENDING_CREDS: the edition 2026 has no such status, 2021 has"
    /// ));
    /// # Ok::<(), cardsavr_protocol::IllegalTransition>(())
    /// ```
    pub const fn of(edition: Edition, status: Status) -> Self {
        Self { status, memory: Memory::BLANK.remember(edition, None, status), edition }
    }

    /// A job in this status that remembers what is known of its past.
    pub(crate) const fn recall(edition: Edition, status: Status, memory: Memory) -> Self {
        Self { status, memory, edition }
    }

    /// The edition of the job's life cycle.
    pub const fn edition(&self) -> Edition {
        self.edition
    }

    /// The status of the job.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The memory of the job for its guards.
    pub const fn memory(&self) -> Memory {
        self.memory
    }

    /// The job in its next status. The same status again is a heartbeat and changes nothing.
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] if the table lacks the transition or a [`Guard`] forbids it.
    pub fn apply(self, to: Status, limits: &Limits) -> Result<Self, IllegalTransition> {
        if self.status == to {
            return Ok(self.adopt(to));
        }
        match self.memory.guard(self.edition, Some(self.status), to, limits) {
            None if self.edition.can_become(self.status, to) => Ok(self.adopt(to)),
            guard => Err(self.illegal(to, guard, limits)),
        }
    }

    /// The job after a `NETWORK_ISSUE` without a termination type: a failure to connect that doesn't end it. The
    /// status stays; reports in a row, with no other status between them, are one failure.
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] if the job has ended or its edition lacks the status, or with [`Guard::NetworkFailures`] if
    /// this failure is beyond the limit.
    pub fn report_network_failure(self, limits: &Limits) -> Result<Self, IllegalTransition> {
        let status = Status::NetworkIssue;
        let Some(guard) = self.edition.reported_to(status).filter(|_| !self.status.is_terminal()) else {
            return Err(self.illegal(status, None, limits));
        };
        let (memory, is_too_many) = self.memory.report(guard, limits);
        if is_too_many { Err(self.illegal(status, Some(guard), limits)) } else { Ok(Self { memory, ..self }) }
    }

    /// The job in a status that is set without checking whether it is legal: for code that observes a job and continues
    /// from the observed status.
    #[must_use]
    pub const fn adopt(self, to: Status) -> Self {
        let from = Some(self.status);
        Self { status: to, memory: self.memory.remember(self.edition, from, to), ..self }
    }

    /// The statuses that the job may take next: the table's successors without those that a guard forbids.
    pub fn legal(&self, limits: &Limits) -> StatusSet {
        let allowed = |to: &Status| self.memory.guard(self.edition, Some(self.status), *to, limits).is_none();
        self.edition.successors(self.status).iter().filter(allowed).collect()
    }

    fn illegal(self, to: Status, guard: Option<Guard>, limits: &Limits) -> IllegalTransition {
        // After the end, no guard is the reason.
        let guard = guard.filter(|_| !self.status.is_terminal());
        IllegalTransition { job: self, to, guard, legal: self.legal(limits) }
    }
}

/// The memory of a job for its guards: a count for each [`Guard`]. Only observed statuses count.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Counts", into = "Counts")]
pub struct Memory(u32);

/// The form in which a memory is serialized.
#[derive(Debug, Serialize, Deserialize)]
struct Counts {
    counts: BTreeMap<Guard, u8>,
    is_repeat: bool,
}

impl Memory {
    /// The memory of a job before its first status.
    pub(crate) const BLANK: Self = Self(0);

    /// The bit that says that the last message was a report without a termination type: the next one reports the same
    /// failure.
    const REPEAT: u32 = 1;

    /// The lowest bit of each guard's count, and the largest count: where one is enough, no more is counted.
    const COUNTS: [(u32, u32); Guard::COUNT] = {
        let (mut counts, mut shift, mut i) = ([(0, 0); Guard::COUNT], 1, 0);
        while i < Guard::COUNT {
            let width = if Guard::ALL[i].row().limit.is_some() { u8::BITS } else { 1 };
            counts[i] = (shift, (1 << width) - 1);
            shift += width;
            i += 1;
        }
        assert!(shift <= u32::BITS, "the counts of all guards fit");
        counts
    };

    /// How often a guard counted: how many logins or codes failed, for instance. At most 255, and at most 1 for a guard
    /// without a limit.
    ///
    /// ```
    /// use cardsavr_protocol::{Guard, Job, Status};
    ///
    /// let job = Job::new(Status::PendingNewCreds);
    /// assert_eq!(job.memory().count(Guard::FailedLogins), 1);
    /// assert_eq!(job.memory().count(Guard::CredentialsReceived), 1);
    /// ```
    pub const fn count(self, guard: Guard) -> u8 {
        let (shift, max) = Self::COUNTS[guard as usize];
        #[expect(clippy::cast_possible_truncation, reason = "no count has more than eight bits")]
        let count = (self.0 >> shift & max) as u8;
        count
    }

    const fn with_count(self, guard: Guard, count: u8) -> Self {
        let (shift, max) = Self::COUNTS[guard as usize];
        let count = if count as u32 > max { max } else { count as u32 };
        Self(self.0 & !(max << shift) | count << shift)
    }

    const fn with_one_more(self, guard: Guard) -> Self {
        self.with_count(guard, self.count(guard).saturating_add(1))
    }

    /// The guard that forbids entering a status, if one does. `from` is the status just before, where it is known.
    pub(crate) fn guard(
        self,
        edition: Edition,
        from: Option<Status>,
        to: Status,
        limits: &Limits,
    ) -> Option<Guard> {
        let forbids = |row: &&GuardRow| row.forbids(from, to) && self.count(row.guard) >= row.allowed(limits);
        edition.guards().find(forbids).map(|row| row.guard)
    }

    /// The memory after a status was seen. `from` is the status just before, where it is known.
    pub(crate) const fn remember(self, edition: Edition, from: Option<Status>, to: Status) -> Self {
        let (mut memory, mut i) = (self.remember_unknown(), 0);
        if matches!(from, Some(from) if from as u8 == to as u8) {
            return memory;
        }
        while i < Guard::COUNT {
            let guard = Guard::ALL[i];
            if matches!(edition.guard(guard), Some(row) if row.counts(from, to)) {
                memory = memory.with_one_more(guard);
            }
            i += 1;
        }
        memory
    }

    /// The bits that entering a status sets in any memory; `None` if a guard counts the entry that has a limit.
    pub(crate) const fn marks(edition: Edition, from: Status, to: Status) -> Option<u32> {
        let (mut marks, mut i) = (0, 0);
        while i < Guard::COUNT {
            if matches!(edition.guard(Guard::ALL[i]), Some(row) if row.counts(Some(from), to)) {
                let (shift, max) = Self::COUNTS[i];
                if max > 1 {
                    return None;
                }
                marks |= max << shift;
            }
            i += 1;
        }
        Some(marks)
    }

    /// The memory with [marks](Self::marks).
    pub(crate) const fn marked(self, marks: u32) -> Self {
        Self(self.0 | marks)
    }

    /// The memory after a status that isn't in the table was seen.
    pub(crate) const fn remember_unknown(self) -> Self {
        Self(self.0 & !Self::REPEAT)
    }

    /// The memory after a status without its termination type reported a failure that a guard counts, and whether it was
    /// one too many.
    pub(crate) const fn report(self, guard: Guard, limits: &Limits) -> (Self, bool) {
        if self.0 & Self::REPEAT != 0 {
            return (self, false);
        }
        let is_too_many = self.count(guard) >= guard.row().allowed(limits);
        (Self(self.with_one_more(guard).0 | Self::REPEAT), is_too_many)
    }
}

impl From<Counts> for Memory {
    fn from(saved: Counts) -> Self {
        let repeat = Self(if saved.is_repeat { Self::REPEAT } else { 0 });
        saved.counts.into_iter().fold(repeat, |memory, (guard, count)| memory.with_count(guard, count))
    }
}

impl From<Memory> for Counts {
    fn from(memory: Memory) -> Self {
        let counts = Guard::ALL.iter().map(|&guard| (guard, memory.count(guard)));
        Self {
            counts: counts.filter(|&(_, count)| count > 0).collect(),
            is_repeat: memory.0 & Memory::REPEAT != 0,
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Counts::from(*self).fmt(f)
    }
}

/// The error for a status that the job may not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a job in {from} may not become {to}: {reason}; legal are {legal}", from = job.status(), reason = Reason(self))]
#[non_exhaustive]
pub struct IllegalTransition {
    /// The unchanged job.
    pub job: Job,
    /// The status that was refused.
    pub to: Status,
    /// The guard that forbids it; `None` if the table lacks the transition.
    pub guard: Option<Guard>,
    /// The legal statuses.
    pub legal: StatusSet,
}

/// Why a transition is illegal, in words.
struct Reason<'a>(&'a IllegalTransition);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IllegalTransition { job: Job { status, edition, .. }, to, guard, .. } = self.0;
        f.write_str(match guard {
            Some(guard) => return guard.fmt(f),
            None if !edition.has(*to) => return Elsewhere(*edition, *to).fmt(f),
            None if status.is_terminal() => "a job that ended stays ended",
            None if to.phase() < status.phase() => "no job goes back to an earlier phase",
            None if to.phase() == Phase::Terminated => "no such end follows that status",
            None => "the table has no such transition",
        })
    }
}
