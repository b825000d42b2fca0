//! How a job ends: the five termination types.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// How a job ended, in broad terms. Each encompasses several statuses: see [`Status::termination_type`].
///
/// Specification: "Termination types".
///
/// [`Status::termination_type`]: crate::Status::termination_type
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumCount,
    EnumMessage,
    EnumString,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::termination_type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TerminationType {
    /// Success: the card was placed.
    Billable,
    /// Something about the cardholder's credentials, account or card stood in the way.
    UserDataFailure,
    /// The merchant's site could not be navigated.
    SiteInteractionFailure,
    /// The service itself failed; to be reported as unsuccessful.
    ProcessFailure,
    /// The job was cancelled, abandoned or stopped before it did its work; left out of reports.
    NeverStarted,
}

impl TerminationType {
    /// All termination types, in the order of the specification.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// What the type says, as a sentence.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }
}
