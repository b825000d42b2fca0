//! A job's deadlines, without a clock: time is an argument, and the next deadline is a return value.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::machine::standing::Standing;
use crate::wire::{JobTimeout, StatusBody, TimeoutUnit};
use crate::{Input, Limits, Status, Timestamp};

/// The deadlines of one job: its time budget, the answer window of a wait for the user, and the warning before
/// whichever of them ends first.
///
/// A timer is told what its job does, by [`observe`](Self::observe) or [`enter`](Self::enter). It says when it wants
/// to be asked again, by [`next_deadline`](Self::next_deadline), and what has become due then, by
/// [`warn`](Self::warn) and [`expire`](Self::expire). It never waits and never reads a clock, so that hours pass in a
/// test as fast as they are told. Its numbers come from [`Limits`]. It serializes, and what was serialized resumes.
///
/// A deadline stays the next one until it was taken: a loop over `next_deadline` has to call both `warn` and `expire`,
/// or it comes to the same deadline for ever.
///
/// Specification: "Message types", on the four minutes; "Broadcast Messages", `job_timeout`.
///
/// ```
/// use core::time::Duration;
/// use cardsavr_protocol::{Limits, Status, Timer, Timestamp};
///
/// let start = Timestamp::from_millis(0);
/// let mut timer = Timer::new(Limits::default());
/// timer.enter(start, Status::PendingTfa)?;
///
/// // Four minutes to answer, and a warning one minute before.
/// let warning = start + Duration::from_secs(180);
/// assert_eq!(timer.next_deadline(), Some(warning));
/// assert_eq!(timer.warn(warning)?, Some(Duration::from_secs(60)));
///
/// let end = start + Duration::from_secs(240);
/// assert_eq!(timer.next_deadline(), Some(end));
/// assert_eq!(timer.expire(end)?, Some(Status::TimeoutTfa));
/// assert_eq!(timer.next_deadline(), None);
/// # Ok::<(), cardsavr_protocol::TimeWentBack>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timer {
    limits: Limits,
    /// The latest time that was handed in.
    now: Option<Timestamp>,
    /// The last known status in progress.
    status: Option<Status>,
    has_ended: bool,
    /// The unit of the job's `job_timeout` values.
    unit: TimeoutUnit,
    /// When the budget runs out; none before the job began to run.
    budget_end: Option<Timestamp>,
    /// When the answer window closes; none where no answer is awaited.
    window_end: Option<Timestamp>,
    /// Whether the warning of the present wait was given.
    is_warned: bool,
    /// Whether the present end was given by `expire`.
    is_expired: bool,
}

/// A time was handed in that lies before one that was handed in earlier. Nothing was changed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("time went back from {before} to {now}: it has to stand still or go on")]
pub struct TimeWentBack {
    /// The latest time so far.
    pub before: Timestamp,
    /// The time that was refused.
    pub now: Timestamp,
}

impl TimeWentBack {
    /// The later of two times that were handed in one after the other; an error where the second is before the first.
    pub(crate) fn check(before: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Self> {
        match before {
            Some(before) if now < before => Err(Self { before, now }),
            _ => Ok(now),
        }
    }
}

impl Status {
    /// Whether a job that enters this status asks its user for something that can be answered for so long only.
    pub(crate) fn opens_window(self) -> bool {
        self.awaits().is_some_and(|input| input != Input::Card)
    }

    /// What a job becomes whose time runs out in this status.
    pub(crate) const fn timed_out(self) -> Self {
        match self {
            Self::PendingTfa => Self::TimeoutTfa,
            Self::PendingNewCreds => Self::TimeoutCredentials,
            Self::PendingCreds => Self::AbandonedQuickstart,
            _ => Self::VbsTimeout,
        }
    }
}

impl Timer {
    /// The timer of a job of which nothing was seen yet.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: None,
            status: None,
            has_ended: false,
            unit: TimeoutUnit::Seconds,
            budget_end: None,
            window_end: None,
            is_warned: false,
            is_expired: false,
        }
    }

    /// Takes in what a message says: the status, and then the server's own word on the time left. A `job_timeout`
    /// replaces the budget that was computed, in the unit that belongs to the job; before the budget began it only
    /// tells that unit.
    ///
    /// A status that this version doesn't know, and a failure to connect that doesn't end the job, leave the status as
    /// it was. What the server says stands above what was computed: a job that expired and is then given more time
    /// expires again at the new end.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn observe(&mut self, now: Timestamp, message: &StatusBody) -> Result<(), TimeWentBack> {
        self.pass(now)?;
        match Standing::of(&message.status, message.termination_type.as_ref()) {
            Standing::InProgress(status) => self.take(now, status),
            Standing::NetworkFailure | Standing::Unknown => {}
            Standing::Ended => self.end(),
        }
        if let Some(timeout) = &message.job_timeout {
            self.replace_budget(now, timeout);
        }
        Ok(())
    }

    /// The job is in this status now: for those who move the job themselves instead of hearing of it. The same status
    /// again is a heartbeat and changes nothing; neither does anything after a terminal status.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn enter(&mut self, now: Timestamp, status: Status) -> Result<(), TimeWentBack> {
        self.pass(now)?;
        if status.is_terminal() {
            self.end();
        } else {
            self.take(now, status);
        }
        Ok(())
    }

    /// The job waits anew, though its status is the one that it had: a new request shows that the wait before it is
    /// over.
    pub(crate) fn wait_anew(&mut self, now: Timestamp, status: Status) -> Result<(), TimeWentBack> {
        self.pass(now)?;
        self.status = None;
        self.take(now, status);
        Ok(())
    }

    /// Takes in what unit a message gives the time left in, where the time itself is old news.
    pub(crate) fn learn_unit(&mut self, message: &StatusBody) {
        self.unit = message.job_timeout.iter().fold(self.unit, |unit, timeout| unit.after(timeout.get()));
    }

    /// When the budget runs out; none before the job began to run.
    pub(crate) const fn budget_ends_at(&self) -> Option<Timestamp> {
        self.budget_end
    }

    /// When the answer window closes; none where no answer is awaited.
    pub(crate) const fn window_ends_at(&self) -> Option<Timestamp> {
        self.window_end
    }

    /// When something becomes due next: the warning, until [`warn`](Self::warn) has given it, or the end, until
    /// [`expire`](Self::expire) has. None where nothing will, because the job doesn't run yet, has expired or has ended.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.warns_at().into_iter().chain(self.expires_at()).min()
    }

    /// When the warning of the present wait is due: the documented minute before the end. None where the job doesn't
    /// wait or the warning was given.
    pub fn warns_at(&self) -> Option<Timestamp> {
        let is_due = self.status.is_some_and(Status::is_waiting) && !self.is_warned;
        self.expires_at().filter(|_| is_due).map(|end| end - self.limits.warning)
    }

    /// When the job expires: at the end of its budget or of its answer window, whichever is first. None where neither
    /// runs, or where that end was given by [`expire`](Self::expire).
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.end_of_time().filter(|_| !self.is_expired)
    }

    /// Whether the job's time has run out and [`expire`](Self::expire) has said so.
    pub const fn is_expired(&self) -> bool {
        self.is_expired
    }

    /// The time that is left to answer, if that is little enough to warn the cardholder: once a wait, and not any more
    /// when there is none left.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn warn(&mut self, now: Timestamp) -> Result<Option<Duration>, TimeWentBack> {
        self.pass(now)?;
        let is_due = self.warns_at().is_some_and(|at| at <= now);
        let left = self.expires_at().filter(|&end| is_due && now < end).map(|end| end.since(now));
        self.is_warned |= left.is_some();
        Ok(left)
    }

    /// The status that the job takes because its time has run out, if it has: once.
    ///
    /// | in status | ends by | the job becomes |
    /// | --- | --- | --- |
    /// | `PENDING_TFA` | window or budget | `TIMEOUT_TFA` |
    /// | `PENDING_NEWCREDS` | window or budget | `TIMEOUT_CREDENTIALS` |
    /// | `PENDING_CREDS` | window or budget | `ABANDONED_QUICKSTART` |
    /// | any other running status, `CANCEL_REQUESTED` | budget | `VBS_TIMEOUT` |
    ///
    /// The first millisecond of the deadline is the first in which the time has run out: what was
    /// [observed](Self::observe) in the one before still counts.
    ///
    /// # Errors
    ///
    /// [`TimeWentBack`] for a time before the last one.
    pub fn expire(&mut self, now: Timestamp) -> Result<Option<Status>, TimeWentBack> {
        self.pass(now)?;
        if self.expires_at().is_none_or(|end| now < end) {
            return Ok(None);
        }
        self.is_expired = true;
        Ok(Some(self.status.map_or(Status::VbsTimeout, Status::timed_out)))
    }

    /// The end of the budget or of the answer window, whichever is first.
    fn end_of_time(&self) -> Option<Timestamp> {
        self.budget_end.into_iter().chain(self.window_end).min()
    }

    /// Lets time pass, forwards only.
    fn pass(&mut self, now: Timestamp) -> Result<(), TimeWentBack> {
        self.now = Some(TimeWentBack::check(self.now, now)?);
        Ok(())
    }

    fn take(&mut self, now: Timestamp, status: Status) {
        if self.has_ended || self.status == Some(status) {
            return;
        }
        self.status = Some(status);
        // The budget begins with the first running status, and nothing stops it but the end: it goes on in
        // CANCEL_REQUESTED, too.
        if status.is_running() {
            self.budget_end.get_or_insert(now + self.limits.budget);
        }
        // Each wait adds to what is left of the budget, and never less than nothing is left.
        if let (Some(end), true) = (self.budget_end, status.is_waiting()) {
            self.budget_end = Some(end.max(now) + self.limits.budget_extension);
        }
        self.window_end = status.opens_window().then(|| now + self.limits.answer_window);
        self.is_warned = false;
        self.revive(now);
    }

    fn replace_budget(&mut self, now: Timestamp, timeout: &JobTimeout) {
        self.unit = self.unit.after(timeout.get());
        if self.budget_end.is_some() {
            self.budget_end = Some(now + self.unit.duration(timeout.get()));
            self.revive(now);
        }
    }

    /// An end that lies ahead has not been given yet, whatever end before it was.
    fn revive(&mut self, now: Timestamp) {
        self.is_expired &= self.end_of_time().is_some_and(|end| end <= now);
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.status = None;
        self.budget_end = None;
        self.window_end = None;
        self.is_expired = false;
    }
}
