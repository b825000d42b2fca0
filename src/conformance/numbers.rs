//! The numbers of a job's status reports: percentages and timeouts.

use alloc::format;
use core::time::Duration;

use super::finding::{Detail, Reporter};
use super::{Rule, StatusReport};
use crate::wire::TimeoutUnit;

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

    /// Judges a report's numbers. `may_grow`: whether the job began to wait for the user, as far as anybody can tell.
    pub(super) fn observe(&mut self, report: &StatusReport<'_>, may_grow: bool, to: &mut Reporter<'_>) {
        self.may_grow |= may_grow;
        if let Some(percent) = report.percent_complete {
            self.percent(percent, report, to);
        }
        if let Some(timeout) = report.job_timeout {
            self.timeout(timeout, report, to);
        }
    }

    fn percent(&mut self, percent: f64, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let job = report.job;
        if !(0.0..=100.0).contains(&percent) {
            to.report(Rule::ProgressOutOfRange, || {
                Detail::new(format!("job {job} is {percent} percent complete: the range is 0 to 100"))
                    .found(&percent)
            });
            return;
        }
        match self.percent_complete() {
            Some(before) if percent < before => to.report(Rule::ProgressDecreased, || {
                Detail::new(format!("job {job} went from {before} back to {percent} percent complete"))
                    .found(&percent)
            }),
            _ => self.percent_complete = percent,
        }
        if report.ends_job() && percent < 100.0 {
            to.report(Rule::IncompleteTermination, || {
                Detail::new(format!("job {job} ended at {percent} percent complete instead of 100"))
                    .found(&percent)
            });
        }
    }

    fn timeout(&mut self, timeout: i64, report: &StatusReport<'_>, to: &mut Reporter<'_>) {
        let job = report.job;
        let unit = self.unit.after(timeout);
        if timeout < 0 {
            to.report(Rule::NegativeTimeout, || {
                Detail::new(format!(
                    "job {job} has a job_timeout of {timeout}: the least is 0, when no time is left"
                ))
                .found(&timeout)
            });
            return;
        }
        if let Some(before) = self.job_timeout() {
            if !report.ends_job() && timeout.saturating_mul(100) < before {
                to.report(Rule::MixedTimeoutUnits, || {
                    Detail::new(format!(
                        "the job_timeout of job {job} went from {before} to {timeout}, as if from milliseconds to seconds"
                    ))
                    .found(&timeout)
                });
                return;
            }
            if unit.duration(timeout) > self.unit.duration(before) && !self.may_grow {
                to.report(Rule::TimeoutIncreased, || {
                    Detail::new(format!(
                        "the job_timeout of job {job} grew from {before} to {timeout} though it did not begin to wait for the user"
                    ))
                    .found(&timeout)
                });
            }
        }
        self.job_timeout = timeout;
        self.unit = unit;
        self.may_grow = false;
    }
}
