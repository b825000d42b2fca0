//! The runtime machine: a job's status, and what it must remember for the guards.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr, VariantArray};

use crate::{Limits, Phase, Status, StatusSet};

/// A job: the status it has, and what it remembers of the way there.
///
/// A job is a small value; [`apply`](Self::apply) gives the next one or says why there is none. It serializes, and
/// what was serialized resumes.
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
}

impl Job {
    /// A job that is first seen in this status; what came before is unknown to it.
    pub const fn new(status: Status) -> Self {
        Self { status, memory: Memory::BLANK.remember(None, status) }
    }

    /// A job in this status that remembers what is known of its past.
    pub(crate) const fn recall(status: Status, memory: Memory) -> Self {
        Self { status, memory }
    }

    /// Where the job stands.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// What the job remembers beside its status.
    pub const fn memory(&self) -> Memory {
        self.memory
    }

    /// The job in its next status. The same status again is a heartbeat and changes nothing.
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] where the table lacks the transition or a [`Guard`] forbids it.
    pub fn apply(self, to: Status, limits: &Limits) -> Result<Self, IllegalTransition> {
        if self.status == to {
            return Ok(self.adopt(to));
        }
        match self.memory.guard(Some(self.status), to, limits) {
            None if self.status.can_become(to) => Ok(self.adopt(to)),
            guard => Err(self.illegal(to, guard, limits)),
        }
    }

    /// The job after a `NETWORK_ISSUE` without a termination type: a failure to connect that doesn't end it. The
    /// status stays; reports in a row, with no other status between them, are one failure.
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] where the job has ended, or with [`Guard::NetworkFailures`] where this failure should
    /// have been the end.
    pub fn report_network_failure(self, limits: &Limits) -> Result<Self, IllegalTransition> {
        let (memory, guard) = self.memory.report_network_failure(limits);
        if guard.is_some() || self.status.is_terminal() {
            return Err(self.illegal(Status::NetworkIssue, guard, limits));
        }
        Ok(Self { memory, ..self })
    }

    /// The job in a status that is taken at its word, whether it is legal or not: for those who watch a job and
    /// must go on from what they saw.
    #[must_use]
    pub const fn adopt(self, to: Status) -> Self {
        let from = Some(self.status);
        Self { status: to, memory: self.memory.remember(from, to) }
    }

    /// The statuses that the job may take next: the table's successors without those that a guard forbids.
    pub fn legal(&self, limits: &Limits) -> StatusSet {
        let allowed = |to: &Status| self.memory.guard(Some(self.status), *to, limits).is_none();
        self.status.successors().iter().filter(allowed).collect()
    }

    fn illegal(self, to: Status, guard: Option<Guard>, limits: &Limits) -> IllegalTransition {
        // A job that ended is past all guards: that it ended is the reason.
        let guard = guard.filter(|_| !self.status.is_terminal());
        IllegalTransition { job: self, to, guard, legal: self.legal(limits) }
    }
}

/// What a job remembers beside its status: what the guards need, nothing else. Only what was seen counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Memory {
    failed_logins: u8,
    failed_tfa_codes: u8,
    network_failures: u8,
    connecting_failed: bool,
    credentials_received: bool,
}

impl Memory {
    /// The memory of a job of which nothing was seen yet.
    pub(crate) const BLANK: Self = Self {
        failed_logins: 0,
        failed_tfa_codes: 0,
        network_failures: 0,
        connecting_failed: false,
        credentials_received: false,
    };

    /// How often the login failed: how often `PENDING_NEWCREDS` was entered.
    pub const fn failed_logins(&self) -> u8 {
        self.failed_logins
    }

    /// How often a TFA code failed: how often `PENDING_TFA` was entered directly from `TFA_SUBMITTED`.
    pub const fn failed_tfa_codes(&self) -> u8 {
        self.failed_tfa_codes
    }

    /// How many failures to connect were reported.
    pub const fn network_failures(&self) -> u8 {
        self.network_failures
    }

    /// Whether the job showed that its initial credentials have come.
    pub const fn credentials_received(&self) -> bool {
        self.credentials_received
    }

    /// The guard that forbids entering a status, if one does. `from` is the status just before, where it is known.
    pub(crate) fn guard(self, from: Option<Status>, to: Status, limits: &Limits) -> Option<Guard> {
        let guard = match to {
            Status::PendingNewCreds if self.failed_logins >= limits.failed_logins => Guard::FailedLogins,
            Status::PendingTfa
                if from == Some(Status::TfaSubmitted) && self.failed_tfa_codes >= limits.failed_tfa_codes =>
            {
                Guard::FailedTfaCodes
            }
            Status::PendingCreds | Status::CancelledQuickstart | Status::AbandonedQuickstart
                if self.credentials_received =>
            {
                Guard::CredentialsReceived
            }
            _ => return None,
        };
        // A heartbeat enters nothing.
        (from != Some(to)).then_some(guard)
    }

    /// The memory after a status was seen. `from` is the status just before, where it is known.
    pub(crate) const fn remember(mut self, from: Option<Status>, to: Status) -> Self {
        self.connecting_failed = false;
        self.credentials_received |= SHOWS_CREDENTIALS.contains(to);
        match (from, to) {
            (Some(Status::PendingNewCreds), Status::PendingNewCreds) => {}
            (_, Status::PendingNewCreds) => self.failed_logins = self.failed_logins.saturating_add(1),
            (Some(Status::TfaSubmitted), Status::PendingTfa) => {
                self.failed_tfa_codes = self.failed_tfa_codes.saturating_add(1);
            }
            _ => {}
        }
        self
    }

    /// The memory after a status that isn't in the table was seen.
    pub(crate) const fn remember_unknown(mut self) -> Self {
        self.connecting_failed = false;
        self
    }

    /// The memory after a failure to connect was reported, and the guard if it was one too many.
    pub(crate) const fn report_network_failure(mut self, limits: &Limits) -> (Self, Option<Guard>) {
        if self.connecting_failed {
            return (self, None);
        }
        let guard = if self.network_failures >= limits.network_failures {
            Some(Guard::NetworkFailures)
        } else {
            None
        };
        self.connecting_failed = true;
        self.network_failures = self.network_failures.saturating_add(1);
        (self, guard)
    }
}

/// The statuses that show that the initial credentials have come: `CREDS_RECEIVED`, `LOGIN_SUBMITTED`, and the
/// running ones that only follow them, which they lead to and which never lead back to them.
pub(crate) const SHOWS_CREDENTIALS: StatusSet = {
    let (received, submitted) = (Status::CredsReceived, Status::LoginSubmitted);
    let mut set = StatusSet::EMPTY.with(received).with(submitted);
    let mut row = 0;
    while row < Status::COUNT {
        let status = Status::ALL[row];
        let after = received.reaches(status) && submitted.reaches(status);
        let before = status.reaches(received) || status.reaches(submitted);
        if status.is_running() && after && !before {
            set = set.with(status);
        }
        row += 1;
    }
    set
};

/// What a job's memory can forbid although the table has the transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// `PENDING_NEWCREDS` after as many failed logins as are allowed.
    #[error("no further failed login is allowed, the job must end in TOO_MANY_LOGIN_FAILURES instead")]
    FailedLogins,
    /// `PENDING_TFA` from `TFA_SUBMITTED` after as many failed TFA codes as are allowed.
    #[error("no further failed TFA code is allowed, the job must end in TOO_MANY_TFA_FAILURES instead")]
    FailedTfaCodes,
    /// A status that speaks of a job without initial credentials, after they have come.
    #[error("the job's initial credentials have come already")]
    CredentialsReceived,
    /// Another failure to connect, which should have been the end.
    #[error(
        "no further failure to connect is allowed, the job must end in NETWORK_ISSUE with its termination type"
    )]
    NetworkFailures,
}

impl Guard {
    /// All guards.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Whether a job that enters a status so remembers it for this guard.
    pub(crate) fn counts(self, from: Status, to: Status) -> bool {
        let memory = Memory::BLANK.remember(Some(from), to);
        match self {
            Self::FailedLogins => memory.failed_logins > 0,
            Self::FailedTfaCodes => memory.failed_tfa_codes > 0,
            Self::CredentialsReceived => memory.credentials_received,
            // A report of one is no status that is entered.
            Self::NetworkFailures => to == Status::NetworkIssue,
        }
    }

    /// Whether this guard can forbid a job to enter a status so.
    pub(crate) fn forbids(self, from: Status, to: Status) -> bool {
        if self == Self::NetworkFailures {
            return to == Status::NetworkIssue;
        }
        let full = Memory {
            failed_logins: u8::MAX,
            failed_tfa_codes: u8::MAX,
            credentials_received: true,
            ..Memory::BLANK
        };
        full.guard(Some(from), to, &Limits::DOCUMENTED) == Some(self)
    }

    /// The name of its limit in the document of the limits; none where once is too often.
    pub(crate) const fn limit(self) -> Option<&'static str> {
        match self {
            Self::FailedLogins => Some("failed_logins"),
            Self::FailedTfaCodes => Some("failed_tfa_codes"),
            Self::CredentialsReceived => None,
            Self::NetworkFailures => Some("network_failures"),
        }
    }

    /// The status that the job must end in instead, if it is a certain one.
    pub(crate) const fn instead(self) -> Option<Status> {
        match self {
            Self::FailedLogins => Some(Status::TooManyLoginFailures),
            Self::FailedTfaCodes => Some(Status::TooManyTfaFailures),
            Self::CredentialsReceived => None,
            Self::NetworkFailures => Some(Status::NetworkIssue),
        }
    }
}

/// A job was asked for a status that it may not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a job in {from} may not become {to}: {reason}; legal are {legal}", from = job.status(), reason = self.reason())]
#[non_exhaustive]
pub struct IllegalTransition {
    /// The job as it was, and still is.
    pub job: Job,
    /// The status that was asked for.
    pub to: Status,
    /// The guard that spoke, if one did; else the table lacks the transition.
    pub guard: Option<Guard>,
    /// What would have been legal.
    pub legal: StatusSet,
}

impl IllegalTransition {
    fn reason(&self) -> &dyn core::fmt::Display {
        match &self.guard {
            Some(guard) => guard,
            None if self.job.status.is_terminal() => &"a job that ended stays ended",
            None if self.to.phase() < self.job.status.phase() => &"no job goes back to an earlier phase",
            None if self.to.phase() == Phase::Terminated => &"no such end follows that status",
            None => &"the table has no such transition",
        }
    }
}
