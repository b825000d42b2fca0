//! The machine with the status in the type: a [`Job<S>`] makes the moves that the transition table has for the status
//! `S`, and no others compile.
//!
//! It is for code that knows the status of its job at each line: a test that plays the service, a simulator, a client
//! written as one conversation. Code that gets the status from a message uses the runtime [`Job`](crate::Job). One converts
//! into the other: [`Job::erase`], and `TryFrom` for the way back.
//!
//! ```
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::*;
//! use cardsavr_protocol::{Limits, TerminationType};
//!
//! let limits = Limits::default();
//! let job = Job::new(Requested).advance(Queued).advance(InProgress).advance(Auth).advance(LoginSubmitted);
//!
//! // The merchant asks for a TFA code, and refuses the first one. A second failed code is one too many: that depends
//! // on what the job remembers, so the move can be refused, and a refusal gives the job back.
//! let job = job.advance(PendingTfa).answered().advance(TfaSubmitted);
//! let job = job.try_advance(PendingTfa, &limits)?.answered().advance(TfaSubmitted);
//! let refused = job.try_advance(PendingTfa, &limits).unwrap_err();
//! let job = refused.job.end(TooManyTfaFailures);
//! assert_eq!(job.termination_type(), TerminationType::UserDataFailure);
//! # Ok::<(), cardsavr_protocol::IllegalTransition>(())
//! ```
//!
//! Specification 2021: "Termination types", which lists the statuses.
//!
//! To leave a terminal status is a compile error:
//!
//! ```compile_fail,E0277
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::*;
//!
//! Job::new(Successful).advance(Queued);
//! ```
//!
//! # Editions
//!
//! [`status`] has the types of the first edition, [`v2026`] those of the edition 2026. No move leads from one edition to the
//! other.
//!
//! ```
//! use cardsavr_protocol::typestate::{Job, v2026};
//!
//! let job = Job::new(v2026::Auth).advance(v2026::Pending).answered();
//! let job: Job<v2026::Updating> = job.advance(v2026::Submitted).advance(v2026::Updating);
//! ```
//!
//! # Time
//!
//! A job with a [`Timer`], from [`Job::timed`], has deadlines too. [`at`](Job::at) sets the time of what follows, and what
//! a job expires as is known at compile time: it is the table's [`expires_as`](Status::expires_as) column.
//!
//! ```
//! use core::time::Duration;
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::*;
//! use cardsavr_protocol::{Limits, Timestamp};
//!
//! let start = Timestamp::from_millis(0);
//! let after = |seconds| start + Duration::from_secs(seconds);
//! let job = Job::new(LoginSubmitted).timed(start, Limits::default());
//! let job = job.at(after(10)).advance(PendingTfa);
//!
//! // The cardholder has four minutes to answer.
//! assert_eq!(job.expires_at(), Some(after(250)));
//! let early = job.at(after(249)).expire().unwrap_err();
//! assert_eq!(early.to_string(), "a job in PENDING_TFA does not expire before 250000 ms");
//! let job: Job<TimeoutTfa, _> = early.job.at(after(250)).expire()?;
//! # Ok::<(), cardsavr_protocol::typestate::NotExpired<PendingTfa>>(())
//! ```
//!
//! A job in a status without a deadline has no expiry:
//!
//! ```compile_fail,E0277
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::Queued;
//! use cardsavr_protocol::{Limits, Timestamp};
//!
//! Job::new(Queued).timed(Timestamp::from_millis(0), Limits::default()).expire();
//! ```

mod table;
mod traits;

use core::marker::PhantomData;
use core::time::Duration;

use super::{IllegalTransition, Memory, Timer};
use crate::spec::{Limits, Status, TerminationType, Timestamp};

pub use table::{status, v2026};
pub use traits::{Clock, EndsAs, Expires, Follows, Never, Ongoing, State, Terminal, Waiting};

/// A job whose status is the type `S`: see the [module](self).
///
/// A move consumes the job and returns it in its next type, so that no copy goes on another way. `C` is `()` for a job
/// without deadlines, and [`Timer`] for one [with](Self::timed).
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use = "a move consumes the job and returns it"]
pub struct Job<S: State, C: Clock = ()> {
    inner: crate::Job,
    clock: C,
    status: PhantomData<S>,
}

impl<S: State> Job<S> {
    /// A job that is first seen in this status; its past is unknown.
    pub fn new(_status: S) -> Self {
        Self::trusted(crate::Job::of(S::EDITION, S::STATUS), ())
    }

    /// The job with deadlines, which takes its status now.
    pub fn timed(self, now: Timestamp, limits: Limits) -> Job<S, Timer> {
        let mut timer = Timer::of(S::EDITION, limits);
        timer.enter(now, S::STATUS);
        Job::trusted(self.inner, timer)
    }
}

impl<S: State, C: Clock> Job<S, C> {
    /// The callers guarantee that the runtime job is in `S`.
    fn trusted(inner: crate::Job, clock: C) -> Self {
        Self { inner, clock, status: PhantomData }
    }

    fn moved<T: State>(self, job: crate::Job) -> Job<T, C> {
        Job::trusted(job, self.clock.entered(T::STATUS))
    }

    /// The status of the job.
    pub fn status(&self) -> Status {
        S::STATUS
    }

    /// What the job remembers beside its status.
    pub fn memory(&self) -> Memory {
        self.inner.memory()
    }

    /// The job in its next status, by a move that no guard can refuse.
    ///
    /// ```
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{Auth, InProgress, Updating};
    ///
    /// let job: Job<Updating> = Job::new(InProgress).advance(Auth).advance(Updating);
    /// ```
    pub fn advance<T: State + Follows<S, Refusal: Never>>(self, _to: T) -> Job<T, C>
    where
        S: Ongoing,
    {
        let job = self.inner.adopt(T::STATUS);
        self.moved(job)
    }

    /// The job in its next status, by a move that a guard may refuse because of what the job remembers.
    ///
    /// ```
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{LoginResubmitted, LoginSubmitted, PendingNewCreds};
    /// use cardsavr_protocol::{Guard, Limits};
    ///
    /// let limits = Limits::default().with_failed_logins(1);
    /// let job = Job::new(LoginSubmitted).try_advance(PendingNewCreds, &limits)?;
    /// let job = job.answered().advance(LoginResubmitted);
    ///
    /// let refused = job.try_advance(PendingNewCreds, &limits).unwrap_err();
    /// assert_eq!(refused.reason.guard, Some(Guard::FailedLogins));
    /// let job: Job<LoginResubmitted> = refused.job;
    /// # Ok::<(), cardsavr_protocol::IllegalTransition>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Refused`], with the unchanged job, if a [`Guard`](crate::Guard) forbids the move.
    pub fn try_advance<T: State + Follows<S>>(
        self,
        _to: T,
        limits: &Limits,
    ) -> Result<Job<T, C>, Refused<S, C>>
    where
        S: Ongoing,
    {
        match self.inner.apply(T::STATUS, limits) {
            Ok(job) => Ok(self.moved(job)),
            Err(reason) => Err(Refused { job: self, reason }),
        }
    }

    /// The job at its end, by a move that no guard can refuse.
    ///
    /// ```
    /// use cardsavr_protocol::TerminationType;
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{Successful, Updating};
    ///
    /// // The task placed the card before it saw the cancel.
    /// let job = Job::new(Updating).cancel().end(Successful);
    /// assert_eq!(job.termination_type(), TerminationType::Billable);
    /// ```
    pub fn end<T: Terminal + Follows<S, Refusal: Never>>(self, to: T) -> Job<T, C>
    where
        S: Ongoing,
    {
        self.advance(to)
    }

    /// The job at its end, by a move that a guard may refuse because of what the job remembers.
    ///
    /// ```
    /// use cardsavr_protocol::Limits;
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{CancelledQuickstart, InProgress};
    ///
    /// let job = Job::new(InProgress).try_end(CancelledQuickstart, &Limits::default())?;
    /// # Ok::<(), cardsavr_protocol::IllegalTransition>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Refused`], with the unchanged job, if a [`Guard`](crate::Guard) forbids the move.
    pub fn try_end<T: Terminal + Follows<S>>(self, to: T, limits: &Limits) -> Result<Job<T, C>, Refused<S, C>>
    where
        S: Ongoing,
    {
        self.try_advance(to, limits)
    }

    /// The job after its client has given what it awaits.
    ///
    /// ```
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{PendingCard, PendingTfa, TfaReceived, Updating};
    ///
    /// let job: Job<TfaReceived> = Job::new(PendingTfa).answered();
    /// let job: Job<Updating> = Job::new(PendingCard).answered();
    /// ```
    pub fn answered<T>(self) -> Job<T, C>
    where
        S: Waiting<AnsweredBy = T>,
        T: State + Follows<S, Refusal: Never>,
    {
        self.advance(T::default())
    }

    /// The job after its client has cancelled it. Its end is still to come, and can be any.
    pub fn cancel(self) -> Job<S::CancelRequested, C>
    where
        S: Ongoing<CancelRequested: Follows<S, Refusal: Never>>,
    {
        self.advance(S::CancelRequested::default())
    }

    /// The job after a failure to connect that doesn't end it: see
    /// [`Job::report_network_failure`](crate::Job::report_network_failure).
    ///
    /// # Errors
    ///
    /// [`Refused`], with the unchanged job, if this failure should have been the end.
    pub fn report_network_failure(self, limits: &Limits) -> Result<Self, Refused<S, C>>
    where
        S: Ongoing,
    {
        match self.inner.report_network_failure(limits) {
            Ok(inner) => Ok(Self { inner, ..self }),
            Err(reason) => Err(Refused { job: self, reason }),
        }
    }

    /// The runtime job, whose status is a value; of a job with deadlines, with its timer.
    pub fn erase(self) -> C::Erased {
        self.clock.erase(self.inner)
    }

    /// How the job ended, or usually does in this status.
    pub fn termination_type(&self) -> TerminationType
    where
        S: EndsAs,
    {
        S::TERMINATION_TYPE
    }
}

impl<S: State> Job<S, Timer> {
    /// The job at a later time: that of the moves that follow. An earlier time changes nothing.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.clock.advance(now);
        self
    }

    /// The job after the server has sent its own value of the time left, a `job_timeout`: see [`Timer::observe`].
    pub fn with_job_timeout(mut self, job_timeout: i64) -> Self {
        self.clock.observe_timeout(job_timeout);
        self
    }

    /// When the job expires: see [`Timer::expires_at`].
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.clock.expires_at()
    }

    /// The time left to answer, if it is little enough to warn the cardholder: see [`Timer::warn`].
    pub fn warn(&mut self) -> Option<Duration> {
        self.clock.warn(Timestamp::MIN)
    }

    /// The job at its end because its time has run out.
    ///
    /// # Errors
    ///
    /// [`NotExpired`], with the unchanged job, before the deadline.
    #[expect(
        clippy::result_large_err,
        reason = "the error is as large as the success: both are a job with its timer"
    )]
    pub fn expire<T>(mut self) -> Result<Job<T, Timer>, NotExpired<S>>
    where
        S: Expires<ExpiresAs = T>,
        T: Terminal,
    {
        match self.clock.expire(Timestamp::MIN) {
            Some(_) => {
                let job = self.inner.adopt(T::STATUS);
                Ok(self.moved(job))
            }
            None => Err(NotExpired { deadline: self.expires_at(), job: self }),
        }
    }
}

impl<S: State> From<Job<S>> for crate::Job {
    fn from(job: Job<S>) -> Self {
        job.erase()
    }
}

/// A runtime job in the status `S` becomes a typed one; any other is returned as the error.
///
/// ```
/// use cardsavr_protocol::typestate::{self, status::PendingTfa};
/// use cardsavr_protocol::{Job, Status};
///
/// let job = Job::new(Status::PendingTfa);
/// let typed = typestate::Job::<PendingTfa>::try_from(job)?;
/// assert_eq!(typed.answered().erase().status(), Status::TfaReceived);
///
/// let other = Job::new(Status::Updating);
/// assert_eq!(typestate::Job::<PendingTfa>::try_from(other), Err(other));
/// # Ok::<(), Job>(())
/// ```
impl<S: State> TryFrom<crate::Job> for Job<S> {
    type Error = crate::Job;

    fn try_from(job: crate::Job) -> Result<Self, crate::Job> {
        if (job.edition(), job.status()) == (S::EDITION, S::STATUS) {
            Ok(Self::trusted(job, ()))
        } else {
            Err(job)
        }
    }
}

/// A runtime job and its timer, both in the status `S`, become a typed job with the same deadlines; others are returned as
/// the error.
impl<S: State> TryFrom<(crate::Job, Timer)> for Job<S, Timer> {
    type Error = (crate::Job, Timer);

    fn try_from((job, timer): (crate::Job, Timer)) -> Result<Self, Self::Error> {
        let is_typed = (job.edition(), job.status()) == (S::EDITION, S::STATUS);
        if is_typed && timer.edition() == S::EDITION && timer.is_in(S::STATUS) {
            Ok(Self::trusted(job, timer))
        } else {
            Err((job, timer))
        }
    }
}

/// The error for a move that the table has and a guard refuses because of what the job remembers.
#[derive(Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{reason}")]
pub struct Refused<S: State, C: Clock = ()> {
    /// The unchanged job.
    pub job: Job<S, C>,
    /// Why the move was refused, and what is legal.
    pub reason: IllegalTransition,
}

impl<S: State, C: Clock> From<Refused<S, C>> for IllegalTransition {
    fn from(refused: Refused<S, C>) -> Self {
        refused.reason
    }
}

/// The error for a job whose time has not run out.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct NotExpired<S: State> {
    /// The unchanged job.
    pub job: Job<S, Timer>,
    /// When the job expires; `None` if no time runs, or after the job has expired.
    pub deadline: Option<Timestamp>,
}

impl<S: State> core::fmt::Display for NotExpired<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.deadline {
            Some(deadline) => write!(f, "a job in {} does not expire before {deadline}", S::STATUS),
            None => write!(f, "a job in {} has no deadline", S::STATUS),
        }
    }
}

impl<S: State> core::error::Error for NotExpired<S> {}

#[cfg(test)]
mod tests;
