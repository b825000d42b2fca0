//! A job's deadlines, without a clock: time is an argument, and the next deadline is a return value.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Standing;
use super::budget::Budget;
use crate::spec::{Edition, Input, Limits, Status, Timestamp};

/// The deadlines of one job: its time budget, the answer window of a wait for the user, and the warning before the earlier
/// of the two ends.
///
/// [`observe`](Self::observe), [`request`](Self::request) and [`enter`](Self::enter) report the events of the job to a timer.
/// [`next_deadline`](Self::next_deadline) is when to ask it again; [`warn`](Self::warn) and [`expire`](Self::expire)
/// return what is due then. A timer never waits and never reads a clock. Its numbers come from [`Limits`]. It serializes,
/// and resumes from its serialized form.
///
/// Time is monotonic: an argument `now` before the latest one counts as the latest one.
///
/// A deadline stays the next one until it was taken: a loop over `next_deadline` has to call both `warn` and `expire`, or it
/// finds the same deadline again.
///
/// Specification 2021: "Message types", the four minutes; "Broadcast Messages", `job_timeout`.
///
/// ```
/// use core::time::Duration;
/// use cardsavr_protocol::{Limits, Status, Timer, Timestamp};
///
/// let start = Timestamp::from_millis(0);
/// let mut timer = Timer::new(Limits::default());
/// timer.enter(start, Status::PendingTfa);
///
/// // Four minutes to answer, and a warning one minute before.
/// let warning = start + Duration::from_secs(180);
/// assert_eq!(timer.next_deadline(), Some(warning));
/// assert_eq!(timer.warn(warning), Some(Duration::from_secs(60)));
///
/// let end = start + Duration::from_secs(240);
/// assert_eq!(timer.next_deadline(), Some(end));
/// assert_eq!(timer.expire(end), Some(Status::TimeoutTfa));
/// assert_eq!(timer.next_deadline(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timer {
    limits: Limits,
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    edition: Edition,
    /// The latest time so far.
    now: Option<Timestamp>,
    /// The last known status in progress.
    status: Option<Status>,
    /// What a request has asked for whose waiting status has not come yet.
    requested: Option<Input>,
    has_ended: bool,
    budget: Budget,
    /// When the answer window ends; `None` if no answer is awaited.
    window_end: Option<Timestamp>,
    /// Whether `warn` has returned the warning of the current wait.
    is_warned: bool,
    /// Whether `expire` has returned the current end.
    is_expired: bool,
}

impl Timer {
    /// The timer of a job of the first edition before its first status.
    pub const fn new(limits: Limits) -> Self {
        Self::of(Edition::V2021, limits)
    }

    /// The timer of a job of an edition before its first status.
    pub const fn of(edition: Edition, limits: Limits) -> Self {
        Self {
            limits,
            edition,
            now: None,
            status: None,
            requested: None,
            has_ended: false,
            budget: Budget::NONE,
            window_end: None,
            is_warned: false,
            is_expired: false,
        }
    }

    /// Updates the deadlines from a message or a snapshot: first the status, then the server's own value of the time left.
    /// A `job_timeout` replaces the computed budget, in the unit that belongs to the job; before the budget begins it
    /// determines that unit only.
    ///
    /// An unknown status, and a failure to connect that doesn't end the job, leave the status as it was. A job that
    /// expired and is then given more time expires again at the new end.
    pub fn observe(&mut self, now: Timestamp, standing: Standing, job_timeout: Option<i64>) {
        let now = self.pass(now);
        match standing {
            Standing::InProgress(status) => self.take(now, status),
            Standing::NetworkFailure | Standing::Unknown => {}
            Standing::Ended => self.end(),
        }
        if let Some(value) = job_timeout {
            self.budget.observe(now, value);
            self.revive(now);
        }
    }

    /// The job is in this status now: for code that moves the job itself instead of observing it. The same status again is
    /// a heartbeat and changes nothing; neither does anything after a terminal status.
    pub fn enter(&mut self, now: Timestamp, status: Status) {
        let standing = if status.is_terminal() { Standing::Ended } else { Standing::InProgress(status) };
        self.observe(now, standing, None);
    }

    /// A request was seen, which shows that the job waits for this input. A request ahead of its waiting status begins the
    /// wait: it extends the budget and opens the answer window, and the waiting status that follows belongs to the same
    /// wait. In that status, and after the end, a request changes nothing.
    ///
    /// Call this only for a new request: a poll returns a request again until it is answered.
    ///
    /// ```
    /// use core::time::Duration;
    /// use cardsavr_protocol::{Input, Limits, Status, Timer, Timestamp};
    ///
    /// let start = Timestamp::from_millis(0);
    /// let after = |seconds| start + Duration::from_secs(seconds);
    /// let mut timer = Timer::new(Limits::default());
    /// timer.enter(start, Status::InProgress);
    /// timer.request(after(280), Input::TfaCode);
    /// assert_eq!(timer.warn(after(460)), Some(Duration::from_secs(60)));
    ///
    /// // The status belongs to the same wait: no second window, no second warning.
    /// timer.enter(after(461), Status::PendingTfa);
    /// assert_eq!(timer.next_deadline(), Some(after(520)));
    /// ```
    pub fn request(&mut self, now: Timestamp, input: Input) {
        let now = self.pass(now);
        if self.has_ended || self.awaits() == Some(input) {
            return;
        }
        let is_named = self.status.and_then(Status::awaits) == Some(Input::Named);
        self.requested = Some(input);
        // A status that awaits what its request names has begun the wait.
        if !is_named {
            self.begin_wait(now, input);
        }
    }

    /// Sets the answer window of the waits that begin from now on: a job of the edition 2026 has its own, the
    /// `credential_timeout`.
    ///
    /// ```
    /// use core::time::Duration;
    /// use cardsavr_protocol::{Edition, Input, Limits, Status, Timer, Timestamp};
    ///
    /// let start = Timestamp::from_millis(0);
    /// let mut timer = Timer::of(Edition::V2026, Limits::of(Edition::V2026));
    /// timer.set_answer_window(Duration::from_secs(120));
    /// timer.enter(start, Status::Pending);
    /// // The request that comes with the status names a TFA code.
    /// timer.request(start, Input::TfaCode);
    /// assert_eq!(timer.expire(start + Duration::from_secs(120)), Some(Status::TimeoutTfa));
    /// ```
    pub const fn set_answer_window(&mut self, window: Duration) {
        self.limits.answer_window = window;
    }

    /// The edition of the job's life cycle.
    pub const fn edition(&self) -> Edition {
        self.edition
    }

    /// Advances the time.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.pass(now);
    }

    /// The server's own value of the time left, as of the latest time.
    pub(super) fn observe_timeout(&mut self, job_timeout: i64) {
        self.observe(Timestamp::MIN, Standing::Unknown, Some(job_timeout));
    }

    /// Whether the job is in this status.
    pub(super) fn is_in(&self, status: Status) -> bool {
        if status.is_terminal() { self.has_ended } else { self.status == Some(status) }
    }

    /// The next deadline: the warning, until [`warn`](Self::warn) has returned it, or the end, until
    /// [`expire`](Self::expire) has. `None` if the job doesn't run yet, has expired or has ended.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.warns_at().into_iter().chain(self.expires_at()).min()
    }

    /// When the warning of the present wait is due: the documented minute before the end. `None` if the job doesn't wait, or
    /// after the warning.
    pub fn warns_at(&self) -> Option<Timestamp> {
        let is_due = self.awaits().is_some() && !self.is_warned;
        self.expires_at().filter(|_| is_due).map(|end| end - self.limits.warning)
    }

    /// When the job expires: at the end of its budget or of its answer window, whichever is first. `None` if neither runs,
    /// or after [`expire`](Self::expire) has returned that end.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.end_of_time().filter(|_| !self.is_expired)
    }

    /// Whether the job's time has run out and [`expire`](Self::expire) has returned that.
    pub const fn is_expired(&self) -> bool {
        self.is_expired
    }

    /// The time left to answer, if it is little enough to warn the cardholder: once a wait, and never zero.
    pub fn warn(&mut self, now: Timestamp) -> Option<Duration> {
        let now = self.pass(now);
        let is_due = self.warns_at().is_some_and(|at| at <= now);
        let left = self.expires_at().filter(|&end| is_due && now < end).map(|end| end.since(now));
        self.is_warned |= left.is_some();
        left
    }

    /// The status that the job takes because its time has run out ([`Status::expires_as`]): once.
    ///
    /// | in status | ends by | the job becomes |
    /// | --- | --- | --- |
    /// | `PENDING_TFA` | window or budget | `TIMEOUT_TFA` |
    /// | `PENDING_NEWCREDS` | window or budget | `TIMEOUT_CREDENTIALS` |
    /// | `PENDING_CREDS` | window or budget | `ABANDONED_QUICKSTART` |
    /// | any other running status, `CANCEL_REQUESTED` | budget | `VBS_TIMEOUT` |
    ///
    /// A wait that a [request](Self::request) began ends as its waiting status does. The first millisecond of the deadline
    /// is the first in which the time has run out: what was [observed](Self::observe) in the one before still counts.
    pub fn expire(&mut self, now: Timestamp) -> Option<Status> {
        let now = self.pass(now);
        if self.expires_at().is_none_or(|end| now < end) {
            return None;
        }
        self.is_expired = true;
        let edition = self.edition;
        let status = self.requested.and_then(|input| edition.awaiting(input)).or(self.status);
        status.and_then(|status| edition.expires_as(status)).or(Some(Status::VbsTimeout))
    }

    /// What the job waits for.
    fn awaits(&self) -> Option<Input> {
        self.requested.or(self.status.and_then(Status::awaits))
    }

    /// The end of the budget or of the answer window, whichever is first.
    fn end_of_time(&self) -> Option<Timestamp> {
        self.budget.end.into_iter().chain(self.window_end).min()
    }

    /// The time that counts as now: time never goes backwards.
    fn pass(&mut self, now: Timestamp) -> Timestamp {
        *self.now.insert(self.now.map_or(now, |last| last.max(now)))
    }

    fn take(&mut self, now: Timestamp, status: Status) {
        if self.has_ended || self.status == Some(status) {
            return;
        }
        let before = self.status.replace(status);
        if status.is_running() {
            self.budget.begin(now, &self.limits);
        }
        match (self.requested.take(), status.awaits()) {
            // The status of the wait that a request has begun.
            (Some(requested), Some(input)) if requested == input => {}
            (Some(requested), Some(Input::Named)) => self.requested = Some(requested),
            (_, Some(input)) => self.begin_wait(now, input),
            (Some(requested), None) if self.is_before_wait(before, status, requested) => {
                self.requested = Some(requested);
            }
            (_, None) => {
                self.window_end = None;
                self.is_warned = false;
            }
        }
        self.revive(now);
    }

    fn begin_wait(&mut self, now: Timestamp, input: Input) {
        self.budget.extend(now, &self.limits);
        self.window_end = input.is_from_user().then(|| now + self.limits.answer_window);
        self.is_warned = false;
        self.revive(now);
    }

    /// An end in the future has not expired, even if an earlier end has.
    fn revive(&mut self, now: Timestamp) {
        self.is_expired &= self.end_of_time().is_some_and(|end| end <= now);
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.status = None;
        self.requested = None;
        self.budget.end = None;
        self.window_end = None;
        self.is_expired = false;
    }

    /// Whether a job that went from one status to another has the wait for this input before it still.
    fn is_before_wait(&self, from: Option<Status>, to: Status, input: Input) -> bool {
        let edition = self.edition;
        let awaits = |status: Status| status.awaits() == Some(input);
        let was_named = from.and_then(Status::awaits) == Some(Input::Named);
        let passed =
            was_named || from.and_then(|from| edition.path(from, to)).into_iter().flatten().any(awaits);
        !passed && edition.awaiting(input).is_some_and(|waiting| edition.reaches(to, waiting))
    }
}
