//! Points in time, which are arguments since this crate reads no clock, and the unit of `job_timeout`.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since the start of 1970 (UTC). Earlier points are negative.
///
/// ```
/// use core::time::Duration;
/// use cardsavr_protocol::Timestamp;
///
/// let asked = Timestamp::from_millis(1_632_787_560_264);
/// let answered = asked + Duration::from_secs(90);
/// assert_eq!(answered.since(asked), Duration::from_secs(90));
/// assert_eq!(asked.since(answered), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest point.
    pub(crate) const MIN: Self = Self(i64::MIN);

    /// The point that many milliseconds after the start of 1970.
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// How many milliseconds after the start of 1970 it is.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time from an earlier point to this one; zero if the other is later.
    pub const fn since(self, earlier: Self) -> Duration {
        if self.0 < earlier.0 { Duration::ZERO } else { Duration::from_millis(self.0.abs_diff(earlier.0)) }
    }
}

/// Whole milliseconds later, and at the end of the range no further.
impl core::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis());
        Self(milliseconds.map_or(i64::MAX, |milliseconds| self.0.saturating_add_unsigned(milliseconds)))
    }
}

/// Whole milliseconds earlier, and at the start of the range no further.
impl core::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis());
        Self(milliseconds.map_or(i64::MIN, |milliseconds| self.0.saturating_sub_unsigned(milliseconds)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

/// The unit of a job's `job_timeout` values. The specification has seconds, the service sends milliseconds, and the unit
/// belongs to the job: from the first value of [`MILLISECONDS_FROM`](Self::MILLISECONDS_FROM) or more on, all values of
/// the job are milliseconds, including the small ones of its last ten seconds; until then they are seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutUnit {
    /// Seconds, as in the specification.
    #[default]
    Seconds,
    /// Milliseconds, as recordings of the service show.
    Milliseconds,
}

impl TimeoutUnit {
    /// The smallest value that can't be seconds.
    pub const MILLISECONDS_FROM: i64 = 10_000;

    /// The job's unit after another of its values was seen; it holds for that value too.
    #[must_use]
    pub const fn after(self, value: i64) -> Self {
        if value >= Self::MILLISECONDS_FROM { Self::Milliseconds } else { self }
    }

    /// A value as a duration; a negative value is zero.
    pub const fn duration(self, value: i64) -> Duration {
        let value = if value < 0 { 0 } else { value.unsigned_abs() };
        match self {
            Self::Seconds => Duration::from_secs(value),
            Self::Milliseconds => Duration::from_millis(value),
        }
    }
}
