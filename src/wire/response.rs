//! `tfa_response` and `credential_response`: what a client answers.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{EnvelopeId, JobId, Json, Secret, json};

/// Answers a [request](super::Request) for a TFA code.
///
/// Specification: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        rename = "TfaResponseMessage",
        transform = crate::export::schema::shape::of_kind(super::MessageKind::TfaResponse)
    )
)]
#[serde(tag = "type", rename = "tfa_response", expecting = "an object: a tfa_response")]
pub struct TfaResponse<'a> {
    /// The job; the specification has none here, some recorders add it.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId<'a>>,
    /// The envelope of the request.
    #[serde(borrow)]
    pub envelope_id: EnvelopeId<'a>,
    /// The code that the cardholder gave.
    #[serde(borrow)]
    pub message: Secret<'a>,
}

impl TfaResponse<'_> {
    /// The same response, independent of the input it was read from.
    pub fn into_owned(self) -> TfaResponse<'static> {
        TfaResponse {
            job_id: self.job_id.map(JobId::into_owned),
            envelope_id: self.envelope_id.into_owned(),
            message: self.message.into_owned(),
        }
    }
}

/// Answers a [request](super::Request) for credentials, after they were put into the job safe.
///
/// Specification: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        rename = "CredentialResponseMessage",
        transform = crate::export::schema::shape::of_kind(super::MessageKind::CredentialResponse)
    )
)]
#[serde(tag = "type", rename = "credential_response", expecting = "an object: a credential_response")]
pub struct CredentialResponse<'a> {
    /// The job; the specification has none here, some recorders add it.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId<'a>>,
    /// The envelope of the request.
    #[serde(borrow)]
    pub envelope_id: EnvelopeId<'a>,
    /// The word `submitted`.
    #[serde(borrow)]
    pub message: Submission<'a>,
}

impl CredentialResponse<'_> {
    /// The same response, independent of the input it was read from.
    pub fn into_owned(self) -> CredentialResponse<'static> {
        CredentialResponse {
            job_id: self.job_id.map(JobId::into_owned),
            envelope_id: self.envelope_id.into_owned(),
            message: self.message.into_owned(),
        }
    }
}

/// What a `credential_response` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission<'a> {
    /// The word `submitted`: the credentials are in the job safe.
    Submitted,
    /// Anything else, which is a fault: it may be the credentials themselves, so it is never shown.
    Other(Json<'a>),
}

impl Submission<'_> {
    const SUBMITTED: &'static str = "submitted";

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Submission<'static> {
        match self {
            Self::Submitted => Submission::Submitted,
            Self::Other(other) => Submission::Other(other.into_owned()),
        }
    }
}

impl Serialize for Submission<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Submitted => serializer.serialize_str(Self::SUBMITTED),
            Self::Other(other) => other.serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Submission<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        match json::string(raw) {
            Some(text) if text == Self::SUBMITTED => Ok(Self::Submitted),
            None if raw.get() == "null" => {
                Err(D::Error::invalid_type(Unexpected::Unit, &"the word `submitted`"))
            }
            _ => Ok(Self::Other(Json::raw(raw))),
        }
    }
}
