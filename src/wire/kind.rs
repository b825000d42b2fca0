//! The kinds of message.

use super::{CredentialResponse, Field, JobStatusMessage, Request, TfaResponse};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// The kinds of message, told apart by `type`. The list is open: a message of another kind is a
/// [`Message::Unknown`](super::Message::Unknown).
///
/// Specification 2021: "Message types".
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
#[strum(serialize_all = "snake_case", parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::message_kind)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageKind {
    /// Tells every subscriber where a job stands.
    JobStatus,
    /// Asks for a TFA code.
    TfaRequest,
    /// Asks for credentials.
    CredentialRequest,
    /// Brings a TFA code.
    TfaResponse,
    /// Says that credentials were put into the job safe.
    CredentialResponse,
}

impl MessageKind {
    /// All kinds, in the order of the specification.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The fields of a message of this kind.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::JobStatus => JobStatusMessage::FIELDS,
            Self::TfaRequest | Self::CredentialRequest => Request::FIELDS,
            Self::TfaResponse => TfaResponse::FIELDS,
            Self::CredentialResponse => CredentialResponse::FIELDS,
        }
    }
}
