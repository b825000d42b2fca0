//! The numbers that the specification documents.

use core::time::Duration;

use serde::{Deserialize, Serialize};

/// The documented numbers: how many failures are allowed, and how long things may take. The service has changed
/// them over the years, so they are a value; the defaults are the specification's.
///
/// Serialized, a duration is a number of seconds and its name says so (`answer_window_seconds`): a whole number where
/// it is one. A field left out has its default.
///
/// ```
/// use cardsavr_protocol::Limits;
///
/// let limits = Limits { failed_logins: 3, ..Limits::default() };
/// assert_eq!(limits.answer_window.as_secs(), 240);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Limits {
    /// How many failed logins are allowed: 2. One more ends the job in `TOO_MANY_LOGIN_FAILURES`.
    pub failed_logins: u8,
    /// How many failed TFA codes are allowed: 1. One more ends the job in `TOO_MANY_TFA_FAILURES`.
    pub failed_tfa_codes: u8,
    /// How many failures to connect may be reported without ending the job: 2. One more is the end.
    pub network_failures: u8,
    /// A job's first time budget, from its first running status on: 300 s.
    #[serde(rename = "budget_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub budget: Duration,
    /// What is added to the budget when the job begins to wait for the user: 240 s.
    #[serde(rename = "budget_extension_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub budget_extension: Duration,
    /// How long a request for credentials or a TFA code can be answered: 240 s.
    #[serde(rename = "answer_window_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub answer_window: Duration,
    /// How long before the end the cardholder is warned: 60 s.
    #[serde(rename = "warning_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub warning: Duration,
    /// How long a message waits to be polled: 3600 s.
    #[serde(rename = "message_retention_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub message_retention: Duration,
    /// The shortest time from one poll to the next: 3 s.
    #[serde(rename = "poll_interval_min_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub poll_interval_min: Duration,
    /// The longest time from one poll to the next: 5 s.
    #[serde(rename = "poll_interval_max_seconds", with = "seconds")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
    pub poll_interval_max: Duration,
}

impl Limits {
    /// The specification's numbers, as a constant.
    pub const DOCUMENTED: Self = Self {
        failed_logins: 2,
        failed_tfa_codes: 1,
        network_failures: 2,
        budget: Duration::from_secs(300),
        budget_extension: Duration::from_secs(240),
        answer_window: Duration::from_secs(240),
        warning: Duration::from_secs(60),
        message_retention: Duration::from_secs(3600),
        poll_interval_min: Duration::from_secs(3),
        poll_interval_max: Duration::from_secs(5),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DOCUMENTED
    }
}

/// A duration as a number of seconds: a whole one where it is one, so that the documented numbers read as they are
/// documented.
mod seconds {
    use core::time::Duration;

    use serde::de::{Error, Unexpected};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if duration.subsec_nanos() == 0 {
            serializer.serialize_u64(duration.as_secs())
        } else {
            serializer.serialize_f64(duration.as_secs_f64())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of seconds, 0 or more")]
        enum Seconds {
            Whole(u64),
            Fractional(f64),
        }

        match Seconds::deserialize(deserializer)? {
            Seconds::Whole(seconds) => Ok(Duration::from_secs(seconds)),
            // As a float, the longest duration is a little too long for one.
            Seconds::Fractional(seconds) if seconds >= Duration::MAX.as_secs_f64() => Ok(Duration::MAX),
            Seconds::Fractional(seconds) => Duration::try_from_secs_f64(seconds)
                .map_err(|_| D::Error::invalid_value(Unexpected::Float(seconds), &"0 or more seconds")),
        }
    }
}
