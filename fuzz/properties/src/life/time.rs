//! A model of the timer, with times as plain numbers of milliseconds.

use core::time::Duration;

use cardsavr_protocol::wire::StatusBody;
use cardsavr_protocol::{Limits, Status, Timer, Timestamp};

use crate::oracle::TABLE;

pub(super) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

/// A point in time, saturated.
fn point(milliseconds: i128) -> i64 {
    i64::try_from(milliseconds).unwrap_or(if milliseconds < 0 { i64::MIN } else { i64::MAX })
}

fn later(from: i64, by: Duration) -> i64 {
    point(i128::from(from) + i128::try_from(by.as_millis()).unwrap_or(i128::from(u64::MAX)))
}

/// The deadlines that a timer must have.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub(super) struct Clock {
    limits: Limits,
    now: Option<i64>,
    status: Option<Status>,
    is_over: bool,
    is_in_milliseconds: bool,
    budget: Option<i64>,
    window: Option<i64>,
    was_warned: bool,
    /// Whether `expire` has returned the current end.
    given: bool,
}

impl Clock {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            now: None,
            status: None,
            is_over: false,
            is_in_milliseconds: false,
            budget: None,
            window: None,
            was_warned: false,
            given: false,
        }
    }

    /// The time that counts as now: time is monotonic.
    fn pass(&mut self, time: i64) -> i64 {
        let now = self.now.map_or(time, |now| now.max(time));
        self.now = Some(now);
        now
    }

    /// Takes a message.
    pub(super) fn take(&mut self, now: i64, said: &StatusBody) {
        let now = self.pass(now);
        match said.status.known() {
            Some(status) if !TABLE.is_end(status) => self.enter(now, status),
            // A report of a failure to connect.
            Some(Status::NetworkIssue) if said.termination_type.is_none() => {}
            Some(_) => {
                (self.status, self.budget, self.window) = (None, None, None);
                (self.is_over, self.given) = (true, false);
            }
            None => {}
        }
        if let Some(timeout) = said.job_timeout.as_ref().map(cardsavr_protocol::wire::JobTimeout::get) {
            self.is_in_milliseconds |= timeout >= 10_000;
            let unit = if self.is_in_milliseconds { 1 } else { 1000 };
            if self.budget.is_some() {
                self.budget = Some(point(i128::from(now) + i128::from(timeout.max(0)) * unit));
                self.look_ahead(now);
            }
        }
    }

    fn enter(&mut self, now: i64, status: Status) {
        if self.is_over || self.status == Some(status) {
            return;
        }
        self.status = Some(status);
        let (is_asking, is_waiting) = (status.opens_window(), status.is_waiting());
        let is_before = [Status::Initiated, Status::Requested, Status::Queued].contains(&status);
        if self.budget.is_none() && !is_before && status != Status::CancelRequested {
            self.budget = Some(later(now, self.limits.budget));
        }
        if is_waiting {
            // A wait is running, so there is a budget.
            let left = self.budget.map_or(now, |end| end.max(now));
            // A used-up budget that a wait extends by nothing is as long as the answer may take.
            let is_used_up =
                self.limits.budget_extension.is_zero() && self.budget.is_some_and(|end| end <= now);
            let extension = if is_used_up { self.limits.answer_window } else { self.limits.budget_extension };
            self.budget = Some(later(left, extension));
        }
        self.window = is_asking.then(|| later(now, self.limits.answer_window));
        self.was_warned = false;
        self.look_ahead(now);
    }

    /// The job can expire again if its end is in the future.
    fn look_ahead(&mut self, now: i64) {
        if self.end().is_none_or(|end| end > now) {
            self.given = false;
        }
    }

    fn end(&self) -> Option<i64> {
        [self.budget, self.window].into_iter().flatten().min()
    }

    fn expires_at(&self) -> Option<i64> {
        self.end().filter(|_| !self.given)
    }

    fn warns_at(&self) -> Option<i64> {
        let is_waiting = self.status.is_some_and(Status::is_waiting);
        let end = self.expires_at().filter(|_| is_waiting && !self.was_warned)?;
        let warning = i128::try_from(self.limits.warning.as_millis()).unwrap_or(i128::from(u64::MAX));
        Some(point(i128::from(end) - warning))
    }

    /// The warning that the timer must give now.
    pub(super) fn warn(&mut self, now: i64) -> Option<Duration> {
        let now = self.pass(now);
        let end = self.expires_at().filter(|end| now < *end);
        let left = self.warns_at().filter(|at| *at <= now).and(end).map(|end| end.abs_diff(now));
        self.was_warned |= left.is_some();
        left.map(Duration::from_millis)
    }

    /// The end that the timer must give now.
    pub(super) fn expire(&mut self, now: i64) -> Option<Status> {
        let now = self.pass(now);
        if self.expires_at().is_none_or(|end| now < end) {
            return None;
        }
        self.given = true;
        Some(self.status.and_then(Status::expires_as).unwrap_or(Status::VbsTimeout))
    }

    pub(super) fn assert_same(&self, timer: &Timer) {
        let at = |time: Option<Timestamp>| time.map(Timestamp::as_millis);
        assert_eq!(at(timer.expires_at()), self.expires_at());
        assert_eq!(at(timer.warns_at()), self.warns_at());
        assert_eq!(timer.is_expired(), self.given);
        let next = [self.warns_at(), self.expires_at()].into_iter().flatten().min();
        assert_eq!(at(timer.next_deadline()), next);
    }
}
