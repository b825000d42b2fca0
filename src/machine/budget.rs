//! A job's time budget.

use serde::{Deserialize, Serialize};

use crate::spec::{Edition, Limits, TimeoutUnit, Timestamp};

/// A job's time budget: when it ends, and the unit of the job's `job_timeout` values.
///
/// Specification 2021: "Broadcast Messages", `job_timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Budget {
    /// `None` before the job begins to run.
    pub(crate) end: Option<Timestamp>,
    pub(crate) unit: TimeoutUnit,
}

impl Budget {
    /// The budget of a job that doesn't run yet.
    pub(crate) const NONE: Self = Self { end: None, unit: TimeoutUnit::Seconds };

    /// The budget of a job of an edition that doesn't run yet.
    pub(crate) const fn of(edition: Edition) -> Self {
        Self { end: None, unit: edition.timeout_unit() }
    }

    /// The budget begins with the first running status or request, and only the end of the job stops it: it goes on in
    /// `CANCEL_REQUESTED`.
    pub(crate) fn begin(&mut self, now: Timestamp, limits: &Limits) {
        self.end.get_or_insert(now + limits.budget);
    }

    /// A wait extends the budget, or, if it is used up, begins another one.
    pub(crate) fn extend(&mut self, now: Timestamp, limits: &Limits) {
        self.begin(now, limits);
        // Where a wait adds nothing, another budget is as long as its answer may take.
        let is_used_up = limits.budget_extension.is_zero() && self.end.is_some_and(|end| end <= now);
        let extension = if is_used_up { limits.answer_window } else { limits.budget_extension };
        self.end = self.end.map(|end| end.max(now) + extension);
    }

    /// The server's own value of the time left replaces the computed end; before the budget begins it determines the unit
    /// only.
    pub(crate) fn observe(&mut self, now: Timestamp, job_timeout: i64) {
        self.unit = self.unit.after(job_timeout);
        self.end = self.end.map(|_| now + self.unit.duration(job_timeout));
    }
}
