//! The columns of the status table that are lists of their own: phases and inputs.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumMessage, IntoStaticStr, VariantArray};

/// The phases of a job, in order: a transition never goes to an earlier one.
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
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = super::schema::closed))]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// No task runs yet.
    Creation,
    /// A task is getting into the account: credentials and TFA codes are asked for here, and only here.
    Authentication,
    /// The card is being placed; a client may let its user leave.
    Placement,
    /// The client has cancelled, and the end has not been seen yet.
    Cancellation,
    /// The job has ended.
    Terminated,
}

/// What a waiting job needs from its client.
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
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = super::schema::closed))]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Input {
    /// The first credentials of a job that was started without any.
    #[strum(to_string = "initial credentials")]
    #[serde(rename = "initial credentials")]
    InitialCredentials,
    /// Credentials in place of those that the merchant refused.
    #[strum(to_string = "new credentials")]
    #[serde(rename = "new credentials")]
    NewCredentials,
    /// The code that the merchant sent to the cardholder.
    #[strum(to_string = "tfa code")]
    #[serde(rename = "tfa code")]
    TfaCode,
    /// The card to place.
    Card,
    /// What the request that comes with the status names.
    #[strum(to_string = "what the request names")]
    #[serde(rename = "what the request names")]
    Named,
    /// That the user acts elsewhere, by a link or a push notification; the client acknowledges at once.
    #[strum(to_string = "the user's act outside")]
    #[serde(rename = "the user's act outside")]
    ActOutside,
}

impl Input {
    /// Whether the user gives it, within the answer window. A card is added by the client.
    pub const fn is_from_user(self) -> bool {
        !matches!(self, Self::Card)
    }
}
