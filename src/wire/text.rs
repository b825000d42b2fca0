//! The leaves of a message that are text: free text, envelope ids, secrets.

use alloc::string::String;
use core::fmt;

use serde::Serialize;

use super::FieldType;
use super::decode::{FromJson, Misfit, Value, deserialize};

/// Text of the service for the user. `Debug` hides it, since it may repeat the user's input.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(hidden)")
    }
}

/// The opaque id of a request, which its response carries: a GUID or base64, compared byte by byte.
///
/// Specification: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct EnvelopeId(String);

impl EnvelopeId {
    /// Wraps an id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A time as the service writes it, by RFC 3339. It is kept as text: the crate computes with [`Timestamp`].
///
/// [`Timestamp`]: crate::Timestamp
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Time(String);

impl Time {
    /// Wraps a time.
    pub fn new(time: impl Into<String>) -> Self {
        Self(time.into())
    }

    /// The time's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A TFA code or an access key: neither `Debug` nor any error shows it, and there is no `Display`. It serializes,
/// since the message that carries it must.
///
/// ```
/// use cardsavr_protocol::wire::Secret;
///
/// let code = Secret::new("123456");
/// assert_eq!(format!("{code:?}"), "Secret(hidden)");
/// assert_eq!(code.reveal(), "123456");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline, extend("writeOnly" = true)))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: for the one place that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

macro_rules! from_string {
    ($($text:ident $field_type:ident),+) => {$(
        impl FromJson for $text {
            const TYPE: FieldType = FieldType::$field_type;

            fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
                value.string("a string").map(Self)
            }
        }
    )+};
}

macro_rules! from_text {
    ($($text:ident),+) => {$(
        impl From<&str> for $text {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $text {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    )+};
}

from_text!(Text, EnvelopeId, Time);
from_string!(Text Text, EnvelopeId Envelope, Secret Secret, Time Time);
deserialize!(Text, EnvelopeId, Secret, Time);
