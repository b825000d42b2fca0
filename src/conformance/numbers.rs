//! The numbers of a job's status reports: percentages and timeouts.

use core::time::Duration;

use super::finding::Reporter;
use super::{Rule, Violation};
use crate::wire::{EventRef, TimeoutUnit};

/// The last percentage and timeout of one sequence. What was found faulty is not remembered; a timeout that grew is
/// the server's word all the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    /// 0 before there is one, which is the least that can be remembered.
    percent_complete: f64,
    /// Negative before there is one: those that are remembered are not.
    job_timeout: i64,
    unit: TimeoutUnit,
    /// Whether the job began to wait, as far as anybody can tell, since the last timeout: the next one may be larger.
    may_grow: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { percent_complete: 0.0, job_timeout: -1, unit: TimeoutUnit::default(), may_grow: false }
    }
}

impl Numbers {
    fn job_timeout(&self) -> Option<i64> {
        Some(self.job_timeout).filter(|timeout| *timeout >= 0)
    }

    /// The time that the server last said was left.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.job_timeout().map(|timeout| self.unit.duration(timeout))
    }

    /// Notes whether the job begins to wait for the user: then the timeout may grow.
    pub(super) fn begin_wait(&mut self, begins: bool) {
        self.may_grow |= begins;
    }

    /// Takes the numbers of a status in progress, if no rule finds anything in them; else nothing is
    /// changed. Returns whether it did so.
    #[inline]
    pub(super) fn quick(&mut self, percent: Option<f64>, timeout: Option<i64>) -> bool {
        if percent.is_some_and(|percent| !(self.percent_complete..=100.0).contains(&percent)) {
            return false;
        }
        if let Some(timeout) = timeout {
            let before = self.job_timeout;
            let unit = self.unit.after(timeout);
            let is_more = timeout > before || unit != self.unit;
            if timeout < 0 || timeout.saturating_mul(100) < before || is_more && before >= 0 && !self.may_grow
            {
                return false;
            }
            (self.job_timeout, self.unit, self.may_grow) = (timeout, unit, false);
        }
        if let Some(percent) = percent {
            self.percent_complete = percent;
        }
        true
    }

    /// Judges an event's numbers. `may_grow`: whether the job may have begun to wait for the user.
    pub(super) fn observe(&mut self, event: &EventRef<'_>, may_grow: bool, to: &mut Reporter<'_>) {
        self.begin_wait(may_grow);
        if let Some(percent) = event.percent_complete {
            self.percent(percent, event.ends_job(), to);
        }
        if let Some(timeout) = event.job_timeout {
            self.timeout(timeout, event.ends_job(), to);
        }
    }

    fn percent(&mut self, percent: f64, is_end: bool, to: &mut Reporter<'_>) {
        if !(0.0..=100.0).contains(&percent) {
            to.report(Rule::ProgressOutOfRange, || Violation::ProgressOutOfRange { percent });
            return;
        }
        let before = self.percent_complete;
        if percent < before {
            to.report(Rule::ProgressDecreased, || Violation::ProgressDecreased { from: before, to: percent });
        } else {
            self.percent_complete = percent;
        }
        if is_end && percent < 100.0 {
            to.report(Rule::IncompleteTermination, || Violation::IncompleteTermination { percent });
        }
    }

    fn timeout(&mut self, timeout: i64, is_end: bool, to: &mut Reporter<'_>) {
        let unit = self.unit.after(timeout);
        if timeout < 0 {
            to.report(Rule::NegativeTimeout, || Violation::NegativeTimeout { timeout });
            return;
        }
        if let Some(before) = self.job_timeout() {
            if !is_end && timeout.saturating_mul(100) < before {
                to.report(Rule::MixedTimeoutUnits, || Violation::MixedTimeoutUnits {
                    from: before,
                    to: timeout,
                });
                return;
            }
            if unit.duration(timeout) > self.unit.duration(before) && !self.may_grow {
                to.report(Rule::TimeoutIncreased, || Violation::TimeoutIncreased {
                    from: before,
                    to: timeout,
                });
            }
        }
        self.job_timeout = timeout;
        self.unit = unit;
        self.may_grow = false;
    }
}
