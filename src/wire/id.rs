//! Job ids: numbers and strings of digits in the same service.

use alloc::borrow::Cow;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The id of a job. The service sends the same id as a number and as a string of digits, so `1586` and `"1586"`
/// are equal; each goes out in the form it came in.
///
/// Specification: "Message Format and Endpoints"; its examples have both forms.
///
/// ```
/// use cardsavr_protocol::wire::JobId;
///
/// let text: JobId = serde_json::from_str(r#""1586""#)?;
/// assert_eq!(text, JobId::Number(1586));
/// assert_eq!(serde_json::to_string(&text)?, r#""1586""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum JobId<'a> {
    /// Sent as a number.
    // The schema has no least value: generators make another type of a number that has one.
    Number(#[cfg_attr(feature = "schemars", schemars(with = "i64"))] u64),
    /// Sent as a string.
    Text(Cow<'a, str>),
}

impl JobId<'_> {
    /// The id as a number, where it is one or a string of digits that fits one.
    pub fn number(&self) -> Option<u64> {
        match self.key() {
            JobKey::Number(number) => Some(number),
            JobKey::Text(_) => None,
        }
    }

    /// The same id, independent of the input it was read from.
    pub fn into_owned(self) -> JobId<'static> {
        match self {
            Self::Number(number) => JobId::Number(number),
            Self::Text(text) => JobId::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// What tells jobs apart.
    pub(crate) fn key(&self) -> JobKey<'_> {
        match self {
            Self::Number(number) => JobKey::Number(*number),
            Self::Text(text) => {
                // `parse` would take a sign, too.
                let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = text.parse().ok().filter(|_| is_digits);
                number.map_or(JobKey::Text(text), JobKey::Number)
            }
        }
    }
}

/// A job id without the form that it came in: the number, or the text of an id that isn't one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum JobKey<'k> {
    // Without a least value: see `JobId`.
    Number(#[cfg_attr(feature = "schemars", schemars(with = "i64"))] u64),
    Text(&'k str),
}

impl From<u64> for JobId<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for JobId<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for JobId<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl PartialEq for JobId<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for JobId<'_> {}

impl PartialOrd for JobId<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for JobId<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for JobId<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for JobId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JobId<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl<'de> Visitor<'de> for IdVisitor {
            type Value = JobId<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a job id: a whole number from 0 on, or a string")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(JobId::Number(number))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                // Formats other than JSON may hand any whole number over as a signed one.
                u64::try_from(number)
                    .map(JobId::Number)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(JobId::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(JobId::Text(Cow::Owned(text.into())))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}
