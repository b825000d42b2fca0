//! Ids: numbers and strings of digits in the same service.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use serde::Serialize;

use super::FieldType;
use super::decode::{FromJson, Misfit, Value, deserialize};

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
pub enum JobId {
    /// Sent as a number.
    // The schema has no least value: generators make another type of a number that has one.
    Number(#[cfg_attr(feature = "schemars", schemars(with = "i64"))] u64),
    /// Sent as a string.
    Text(String),
}

impl JobId {
    /// The id as a number, where it is one or a string of digits that fits one.
    pub fn number(&self) -> Option<u64> {
        match self.key() {
            JobKey::Number(number) => Some(number),
            JobKey::Text(_) => None,
        }
    }

    /// What identifies the job, independent of the form of its id.
    pub fn key(&self) -> JobKey<'_> {
        match self {
            Self::Number(number) => JobKey::Number(*number),
            Self::Text(text) => JobKey::of(text),
        }
    }
}

/// Defines ids that have the two forms of a job's.
macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $id:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
        #[serde(transparent)]
        pub struct $id(JobId);

        impl From<u64> for $id {
            fn from(number: u64) -> Self {
                Self(number.into())
            }
        }

        impl From<&str> for $id {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $id {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromJson for $id {
            const TYPE: FieldType = FieldType::JobId;

            fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
                id(value, "an id: a whole number from 0 on, or a string").map(Self)
            }
        }

        deserialize!($id);
    )+};
}

ids! {
    /// The id of a cardholder, for [`Endpoint::messages`](crate::endpoint::Endpoint::messages). A number and its digits are
    /// equal.
    ///
    /// Specification 2021: "Querying Messages by Cardholder".
    ///
    /// ```
    /// use cardsavr_protocol::wire::CardholderId;
    ///
    /// assert_eq!(CardholderId::from(55), CardholderId::from("55"));
    /// ```
    CardholderId;
    /// The id of an account in the job safe, for
    /// [`Endpoint::answer_account`](crate::endpoint::Endpoint::answer_account). A number and its digits are equal.
    ///
    /// Specification 2026: "Messages".
    AccountId;
}

/// What identifies a job: the number of an id that is one or a string of digits, else the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum JobKey<'k> {
    /// A number, or a string of digits that fits one.
    // Without a least value: see `JobId`.
    Number(#[cfg_attr(feature = "schemars", schemars(with = "i64"))] u64),
    /// Any other id.
    Text(&'k str),
}

impl<'k> JobKey<'k> {
    /// The key of an id that came as a string.
    pub(crate) fn of(text: &'k str) -> Self {
        // `parse` would take a sign, too.
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_digits);
        number.map_or(Self::Text(text), Self::Number)
    }
}

impl From<JobKey<'_>> for JobId {
    fn from(key: JobKey<'_>) -> Self {
        match key {
            JobKey::Number(number) => Self::Number(number),
            JobKey::Text(text) => Self::Text(text.into()),
        }
    }
}

impl From<u64> for JobId {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for JobId {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for JobId {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl PartialEq for JobId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for JobId {}

impl PartialOrd for JobId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for JobId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for JobId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl FromJson for JobId {
    const TYPE: FieldType = FieldType::JobId;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        id(value, "a job id: a whole number from 0 on, or a string")
    }
}

fn id(value: Value<'_>, expected: &str) -> Result<JobId, Misfit> {
    match value.text.parse() {
        Ok(number) => Ok(JobId::Number(number)),
        Err(_) => value.string(expected).map(JobId::Text),
    }
}

deserialize!(JobId);
