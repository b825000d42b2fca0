//! The error for a name that is not in a list.

use alloc::string::{String, ToString};

/// A name that is not in a list, such as a status that this version's table lacks.
///
/// ```
/// use cardsavr_protocol::Status;
///
/// let error = "PENDING_SELFIE".parse::<Status>().unwrap_err();
/// assert_eq!(error.to_string(), "there is no status `PENDING_SELFIE`");
/// assert_eq!((error.list, error.name.as_str()), ("status", "PENDING_SELFIE"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {list} `{name}`")]
#[non_exhaustive]
pub struct UnknownName {
    /// What was looked for: a `status`, a `termination type`, an `edition`, a `limit`, a `message kind`, a `rule`.
    pub list: &'static str,
    /// The name that was not found.
    pub name: String,
}

impl UnknownName {
    fn new(list: &'static str, name: &str) -> Self {
        Self { list, name: name.to_string() }
    }

    pub(crate) fn status(name: &str) -> Self {
        Self::new("status", name)
    }

    pub(crate) fn termination_type(name: &str) -> Self {
        Self::new("termination type", name)
    }

    pub(crate) fn edition(name: &str) -> Self {
        Self::new("edition", name)
    }

    pub(crate) fn limit(name: &str) -> Self {
        Self::new("limit", name)
    }

    pub(crate) fn message_kind(name: &str) -> Self {
        Self::new("message kind", name)
    }

    pub(crate) fn rule(name: &str) -> Self {
        Self::new("rule", name)
    }
}
