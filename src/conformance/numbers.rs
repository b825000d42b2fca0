//! The numbers of a job's status reports: percentages and timeouts.

use core::time::Duration;

use super::finding::Reporter;
use super::{Rule, Violation};
use crate::wire::{EventRef, TimeoutUnit};

/// The last percentage and timeout of one sequence. What was found faulty is not remembered; a timeout that grew is
/// the server's word all the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    /// Negative before there is one: those that are remembered are not.
    percent_complete: f64,
    /// As the percentage.
    job_timeout: i64,
    unit: TimeoutUnit,
    /// Whether the job began to wait, as far as anybody can tell, since the last timeout: the next one may be larger.
    may_grow: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { percent_complete: -1.0, job_timeout: -1, unit: TimeoutUnit::default(), may_grow: false }
    }
}

impl Numbers {
    fn percent_complete(&self) -> Option<f64> {
        Some(self.percent_complete).filter(|percent| *percent >= 0.0)
    }

    fn job_timeout(&self) -> Option<i64> {
        Some(self.job_timeout).filter(|timeout| *timeout >= 0)
    }

    /// The time that the server last said was left.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.job_timeout().map(|timeout| self.unit.duration(timeout))
    }

    /// Judges an event's numbers. `may_grow`: whether the job may have begun to wait for the user.
    pub(super) fn observe(&mut self, event: &EventRef<'_>, may_grow: bool, to: &mut Reporter<'_>) {
        self.may_grow |= may_grow;
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
        match self.percent_complete() {
            Some(before) if percent < before => to.report(Rule::ProgressDecreased, || {
                Violation::ProgressDecreased { from: before, to: percent }
            }),
            _ => self.percent_complete = percent,
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
