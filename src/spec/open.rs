//! Values of lists that will grow: what is unknown survives.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Edition, Status};

/// A value of an open list, such as a status: known to this version, or newer than it.
///
/// It keeps the text it came as. A known value goes out in the table's spelling, whichever spelling it came in; an
/// unknown one goes out unchanged. Two known values are equal if they mean the same, whatever their spelling.
///
/// Specification: "The job\_status list is frequently updated".
///
/// ```
/// use cardsavr_protocol::{Status, wire::Open};
///
/// let slip: Open<Status> = serde_json::from_str(r#""CREDS_RECEVIED""#)?;
/// assert_eq!(slip.known(), Some(Status::CredsReceived));
/// assert_eq!(slip.text(), "CREDS_RECEVIED");
/// assert_eq!(serde_json::to_string(&slip)?, r#""CREDS_RECEIVED""#);
///
/// let newer: Open<Status> = serde_json::from_str(r#""PENDING_SELFIE""#)?;
/// assert_eq!(newer.known(), None);
/// assert_eq!(serde_json::to_string(&newer)?, r#""PENDING_SELFIE""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Open<T> {
    known: Option<T>,
    text: Cow<'static, str>,
}

impl<T: Copy + FromStr + Into<&'static str>> Open<T> {
    /// The value that a text stands for.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        match text.parse().ok() {
            Some(known) if Into::<&str>::into(known) == text => Self::from(known),
            known => Self { known, text: Cow::Owned(text.into()) },
        }
    }
}

impl<T: Copy> Open<T> {
    /// The value, if this version knows it.
    pub fn known(&self) -> Option<T> {
        self.known
    }

    /// The text as it was received.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Open<Status> {
    /// The status, if an edition has it.
    pub fn known_in(&self, edition: Edition) -> Option<Status> {
        self.known.filter(|&status| edition.has(status))
    }

    /// Whether a job in this status waits for its client, in an edition.
    ///
    /// ```
    /// use cardsavr_protocol::{Edition, Status, wire::Open};
    ///
    /// let newer: Open<Status> = Open::new("PENDING_SELFIE");
    /// assert!(newer.is_waiting_in(Edition::V2026));
    /// assert!(!newer.is_waiting_in(Edition::V2021));
    /// ```
    pub fn is_waiting_in(&self, edition: Edition) -> bool {
        match self.known_in(edition) {
            Some(status) => status.is_waiting(),
            None => edition.waiting_prefix().is_some_and(|prefix| self.text.starts_with(prefix)),
        }
    }
}

impl<T: Copy + Into<&'static str>> Open<T> {
    /// The text that goes out: the table's spelling of a known value, an unknown one's own text.
    pub fn canonical(&self) -> &str {
        match self.known {
            Some(known) => known.into(),
            None => &self.text,
        }
    }

    /// Whether the value is known and came in another spelling than the table's.
    pub fn is_respelled(&self) -> bool {
        self.known.is_some_and(|known| known.into() != self.text)
    }
}

impl<T: Copy + Into<&'static str>> From<T> for Open<T> {
    fn from(known: T) -> Self {
        Self { known: Some(known), text: Cow::Borrowed(known.into()) }
    }
}

impl<T: Copy + PartialEq> PartialEq for Open<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self.known, other.known) {
            (None, None) => self.text == other.text,
            (ours, theirs) => ours == theirs,
        }
    }
}

impl<T: Copy + Eq> Eq for Open<T> {}

impl<T: Copy + Hash> Hash for Open<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.known {
            Some(known) => known.hash(state),
            None => self.text.hash(state),
        }
    }
}

impl<T: Copy + Into<&'static str>> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.canonical())
    }
}

impl<T: Copy + Into<&'static str>> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.canonical())
    }
}

impl<'de, T: Copy + FromStr + Into<&'static str>> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
