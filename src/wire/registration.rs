//! What a registration for broadcasts returns.

use serde::{Deserialize, Serialize};

use super::decode::{Fields, FromJson, Object, deserialize};
use super::{JobId, MessageError, Secret};

/// What a registration for the broadcasts of a job returns: a key, without the job that it is for.
///
/// Specification 2021: "Broadcast Messages".
///
/// ```
/// use cardsavr_protocol::endpoint::{Endpoint, Registration};
///
/// let job = 101.into();
/// let register = Endpoint::register(&job)?;
/// // Here an application sends it.
/// let key = Registration::from_json(r#"{"access_key":"k3y"}"#)?.of(job);
/// let poll = Endpoint::broadcasts(&key)?;
/// assert_eq!(poll.path(), "/messages/place_card_on_single_site_jobs/101/broadcasts");
/// assert!(!format!("{key:?} {poll:?}").contains("k3y"));
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

    /// The key, with the job that was registered.
    pub fn of(self, job: JobId) -> AccessKey {
        AccessKey::new(job, self.access_key)
    }
}

/// A key to the broadcasts of one job, and that job. `Debug` doesn't show the key; it serializes with it, for an application
/// that stores it.
///
/// Specification 2021: "Broadcast Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    job: JobId,
    key: Secret,
}

impl AccessKey {
    /// The key that the registration of this job returned.
    pub const fn new(job: JobId, key: Secret) -> Self {
        Self { job, key }
    }

    /// The job whose broadcasts the key opens.
    pub const fn job(&self) -> &JobId {
        &self.job
    }

    /// The key itself.
    pub const fn key(&self) -> &Secret {
        &self.key
    }
}

impl Object for Registration {
    const EXPECTED: &'static str = "an object with an access_key";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("access_key").map(|access_key| Self { access_key })
    }
}

deserialize!(Registration);
