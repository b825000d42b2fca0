//! What a registration for broadcasts returns.

use super::decode::{Fields, FromJson, Object, deserialize};
use super::{MessageError, Secret};

/// What a registration for the broadcasts of a job returns.
///
/// Specification 2021: "Broadcast Messages".
///
/// ```
/// use cardsavr_protocol::endpoint::{Endpoint, Registration};
///
/// let registration = Registration::from_json(r#"{"access_key":"k3y"}"#)?;
/// let endpoint = Endpoint::broadcasts(&101.into(), &registration.access_key)?;
/// assert!(!format!("{registration:?} {endpoint:?}").contains("k3y"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The key to the job's broadcasts.
    pub access_key: Secret,
}

impl Registration {
    /// Reads what the registration returned.
    ///
    /// # Errors
    ///
    /// [`MessageError`] if that isn't an object with an `access_key`.
    pub fn from_json(json: &str) -> Result<Self, MessageError> {
        Self::from_text(json)
    }
}

impl Object for Registration {
    const EXPECTED: &'static str = "an object with an access_key";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("access_key").map(|access_key| Self { access_key })
    }
}

deserialize!(Registration);
