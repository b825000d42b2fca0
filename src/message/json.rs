//! JSON that is kept as it came.

use alloc::borrow::Cow;
use alloc::string::ToString;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::value::RawValue;

/// A JSON value that this version has no type for, kept as it came. `Debug` doesn't show it: it may hold anything.
#[derive(Clone, PartialEq, Eq)]
pub struct Json<'a>(Cow<'a, str>);

impl<'a> Json<'a> {
    pub(super) fn raw(raw: &'a RawValue) -> Self {
        Self(Cow::Borrowed(raw.get()))
    }

    /// The value as a type that fits it; none where it doesn't fit.
    pub(super) fn read<T: Deserialize<'a>>(&self) -> Option<T> {
        match &self.0 {
            Cow::Borrowed(json) => serde_json::from_str(json).ok(),
            Cow::Owned(_) => None,
        }
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Json<'static> {
        Json(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.0.len())
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Self::raw)
    }
}

impl From<&serde_json::Value> for Json<'static> {
    fn from(value: &serde_json::Value) -> Self {
        Self(Cow::Owned(value.to_string()))
    }
}

/// The text of a JSON string; none for any other value.
pub(super) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Borrowing<'a>(#[serde(borrow)] Cow<'a, str>);

    serde_json::from_str(raw.get()).ok().map(|Borrowing(text)| text)
}
