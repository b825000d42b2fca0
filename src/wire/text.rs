//! The leaves of a message that are text: free text, envelope ids, secrets.

use alloc::borrow::{Cow, ToOwned};
use core::fmt;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Text for the user, as the service words it. `Debug` doesn't show it: it may repeat what the user said.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> Text<'a> {
    /// Wraps a text.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text, independent of the input it was read from.
    pub fn into_owned(self) -> Text<'static> {
        Text::new(self.0.into_owned())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(hidden)")
    }
}

/// The opaque id of a request, which its response carries: a GUID or base64, compared byte by byte.
///
/// Specification: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct EnvelopeId<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> EnvelopeId<'a> {
    /// Wraps an id.
    pub fn new(id: impl Into<Cow<'a, str>>) -> Self {
        Self(id.into())
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same id, independent of the input it was read from.
    pub fn into_owned(self) -> EnvelopeId<'static> {
        EnvelopeId::new(self.0.into_owned())
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
pub struct Secret<'a>(Cow<'a, str>);

impl<'a> Secret<'a> {
    /// Wraps a secret.
    pub fn new(secret: impl Into<Cow<'a, str>>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: for the one place that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The same secret, independent of the input it was read from.
    pub fn into_owned(self) -> Secret<'static> {
        Secret::new(self.0.into_owned())
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Secret<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretVisitor;

        /// A secret is no less one where it was sent as a number: the error that serde would make shows the number.
        fn hidden<T, E: de::Error>(kind: &'static str) -> Result<T, E> {
            Err(E::invalid_type(Unexpected::Other(kind), &SecretVisitor))
        }

        impl<'de> Visitor<'de> for SecretVisitor {
            type Value = Secret<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Secret::new(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Secret::new(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
                hidden("a boolean")
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
                hidden("a number")
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
                hidden("a number")
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
                hidden("a number")
            }
        }

        // Asked for a string, serde_json makes the error itself instead of leaving it to the visitor.
        deserializer.deserialize_any(SecretVisitor)
    }
}
