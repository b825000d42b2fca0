//! When a job is fetched.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Limits, Timestamp};

/// When the job was fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fetches {
    last: Option<Timestamp>,
    /// The number of fetches with increasing delay since the job last moved on.
    slow: u32,
}

impl Fetches {
    /// Whether there was none.
    pub(super) const fn is_empty(self) -> bool {
        self.last.is_none()
    }

    /// The job is fetched now, at the polling interval or with increasing delay.
    pub(super) fn count(&mut self, now: Timestamp, is_steady: bool) {
        self.last = Some(now);
        self.slow = self.slow.saturating_add(u32::from(!is_steady));
    }

    /// The job has moved on; if it waits for an answer to a request, it is fetched immediately.
    pub(super) fn move_on(&mut self, waits: bool) {
        *self = Self { last: self.last.filter(|_| !waits), slow: 0 };
    }

    /// When the next one is due, at the polling interval; `now` if there was none.
    pub(super) fn next(self, now: Timestamp, limits: &Limits) -> Timestamp {
        self.last.map_or(now, |last| last + pace(limits))
    }

    /// When the next one is due with increasing delay: each interval is twice the one before.
    pub(super) fn next_slow(self, now: Timestamp, limits: &Limits) -> Timestamp {
        let factor = 1 << self.slow.saturating_sub(1).min(20);
        let interval = pace(limits).saturating_mul(factor).min(limits.message_retention.max(pace(limits)));
        self.last.map_or(now, |last| last + interval)
    }
}

/// The time from one fetch to the next; never zero, so that time goes on.
pub(super) fn pace(limits: &Limits) -> Duration {
    limits.poll_interval_max.max(Duration::from_millis(1))
}
