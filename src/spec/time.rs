//! Points in time, handed in by the caller: this crate reads no clock.

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
