//! The numbers of a message, in the form they came in.

use core::time::Duration;

use serde::Serialize;
use serde_json::Number;

use super::FieldType;
use super::decode::{FromJson, Misfit, Value, deserialize};
use crate::spec::TimeoutUnit;

/// How much of the job is done, in percent: lawful from 0 to 100, often fractional. A number that came as `80`
/// goes out as `80`.
///
/// Specification: "Broadcast Messages", `percent_complete`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Percent(Number);

impl Percent {
    /// The percentage.
    pub fn get(&self) -> f64 {
        // A JSON number always is an f64 as long as serde_json is not asked for arbitrary precision.
        self.0.as_f64().unwrap_or(f64::NAN)
    }
}

impl From<u8> for Percent {
    fn from(percent: u8) -> Self {
        Self(percent.into())
    }
}

impl TryFrom<f64> for Percent {
    type Error = NotFinite;

    fn try_from(percent: f64) -> Result<Self, NotFinite> {
        Number::from_f64(percent).map(Self).ok_or(NotFinite)
    }
}

/// A percentage that is infinite or no number, for which JSON has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a percentage is a finite number")]
#[non_exhaustive]
pub struct NotFinite;

impl FromJson for Percent {
    const TYPE: FieldType = FieldType::Percent;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.number("a number").map(Self)
    }
}

/// The time that is left before the job times out, by the server: a whole number, in the unit that
/// [`TimeoutUnit`] explains. It goes out as it came.
///
/// Specification: "Broadcast Messages", `job_timeout`; "Querying Messages by Cardholder" has one in milliseconds.
///
/// ```
/// use cardsavr_protocol::wire::{JobTimeout, TimeoutUnit};
///
/// let seconds: JobTimeout = serde_json::from_str("300")?;
/// assert_eq!((seconds.unit(), seconds.duration().as_secs()), (TimeoutUnit::Seconds, 300));
///
/// let milliseconds: JobTimeout = serde_json::from_str("766325")?;
/// assert_eq!((milliseconds.unit(), milliseconds.duration().as_secs()), (TimeoutUnit::Milliseconds, 766));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline, with = "i64"))]
#[serde(transparent)]
pub struct JobTimeout(Number);

impl JobTimeout {
    /// The number as it came.
    pub fn get(&self) -> i64 {
        whole(&self.0).unwrap_or_default()
    }

    /// The unit of the number, judged by its size alone; where its job is known, the job's unit counts instead.
    pub fn unit(&self) -> TimeoutUnit {
        TimeoutUnit::Seconds.after(self.get())
    }

    /// The time left, in the unit judged by size alone; a time that has passed is none left.
    pub fn duration(&self) -> Duration {
        self.unit().duration(self.get())
    }
}

impl From<u32> for JobTimeout {
    fn from(timeout: u32) -> Self {
        Self(timeout.into())
    }
}

impl From<i64> for JobTimeout {
    fn from(timeout: i64) -> Self {
        Self(timeout.into())
    }
}

impl FromJson for JobTimeout {
    const TYPE: FieldType = FieldType::Timeout;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        const EXPECTED: &str = "a whole number";

        let number = value.number(EXPECTED)?;
        match (whole(&number), number.is_u64()) {
            (Some(_), _) => Ok(Self(number)),
            (None, true) => Err(value.wrong("a smaller one")),
            (None, false) => Err(value.wrong(EXPECTED)),
        }
    }
}

/// A time in seconds, as the service sends it. It goes out as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Seconds(Number);

impl Seconds {
    /// The time; zero for a negative number.
    pub fn duration(&self) -> Duration {
        Duration::try_from_secs_f64(self.0.as_f64().unwrap_or_default()).unwrap_or_default()
    }
}

impl From<u32> for Seconds {
    fn from(seconds: u32) -> Self {
        Self(seconds.into())
    }
}

impl FromJson for Seconds {
    const TYPE: FieldType = FieldType::Seconds;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        value.number("a number").map(Self)
    }
}

deserialize!(Percent, JobTimeout, Seconds);

/// The integer value of a JSON number, `300` or `300.0`; `None` if it has a fraction or is out of range.
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "that nothing was cut off is what the next line tests"
        )]
        let whole = float as i64;
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "equal only if nothing was lost")]
        let same = whole as f64 == float;
        (same && whole != i64::MAX).then_some(whole)
    })
}
