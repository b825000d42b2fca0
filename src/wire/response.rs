//! `tfa_response` and `credential_response`: what a client answers.

use serde::{Serialize, Serializer};

use super::decode::{Fields, FromJson, Misfit, Object, Value, deserialize};
use super::{EnvelopeId, JobId, Json, MessageKind, Secret};

/// Answers a [request](super::Request) for a TFA code.
///
/// Specification 2021: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(rename = "TfaResponseMessage", transform = super::schema::of_kind(MessageKind::TfaResponse))
)]
#[serde(tag = "type", rename = "tfa_response")]
#[non_exhaustive]
pub struct TfaResponse {
    /// The job; the specification has none here, some recorders add it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The envelope of the request.
    pub envelope_id: EnvelopeId,
    /// The code that the cardholder gave.
    pub message: Secret,
}

impl TfaResponse {
    /// The answer to the request with this envelope.
    pub fn new(envelope_id: EnvelopeId, code: Secret) -> Self {
        Self { job_id: None, envelope_id, message: code }
    }

    /// The same answer with the job that it is for.
    #[must_use]
    pub fn with_job_id(self, job_id: JobId) -> Self {
        Self { job_id: Some(job_id), ..self }
    }
}

impl Object for TfaResponse {
    const EXPECTED: &'static str = "an object: a tfa_response";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.expect_kind(&[MessageKind::TfaResponse]);
        let job_id = fields.optional("job_id");
        let envelope_id = fields.required("envelope_id");
        let message = fields.required("message");
        Some(Self { job_id, envelope_id: envelope_id?, message: message? })
    }
}

/// Answers a [request](super::Request) for credentials, after they were put into the job safe.
///
/// Specification 2021: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        rename = "CredentialResponseMessage",
        transform = super::schema::of_kind(MessageKind::CredentialResponse)
    )
)]
#[serde(tag = "type", rename = "credential_response")]
#[non_exhaustive]
pub struct CredentialResponse {
    /// The job; the specification has none here, some recorders add it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The envelope of the request.
    pub envelope_id: EnvelopeId,
    /// The word `submitted`.
    pub message: Submission,
}

impl CredentialResponse {
    /// The answer to the request with this envelope: the credentials are in the job safe.
    pub fn submitted(envelope_id: EnvelopeId) -> Self {
        Self { job_id: None, envelope_id, message: Submission::Submitted }
    }

    /// The same answer with the job that it is for.
    #[must_use]
    pub fn with_job_id(self, job_id: JobId) -> Self {
        Self { job_id: Some(job_id), ..self }
    }
}

impl Object for CredentialResponse {
    const EXPECTED: &'static str = "an object: a credential_response";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.expect_kind(&[MessageKind::CredentialResponse]);
        let job_id = fields.optional("job_id");
        let envelope_id = fields.required("envelope_id");
        let message = fields.required("message");
        Some(Self { job_id, envelope_id: envelope_id?, message: message? })
    }
}

/// What a `credential_response` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The word `submitted`: the credentials are in the job safe.
    Submitted,
    /// Anything else, which is a fault: it may be the credentials themselves, so it is never shown.
    Other(Json),
}

impl Submission {
    const SUBMITTED: &'static str = "submitted";
}

impl Serialize for Submission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Submitted => serializer.serialize_str(Self::SUBMITTED),
            Self::Other(other) => other.serialize(serializer),
        }
    }
}

impl FromJson for Submission {
    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        if value.is_null() {
            return Err(value.wrong("the word `submitted`"));
        }
        match value.string("a string") {
            Ok(text) if text == Self::SUBMITTED => Ok(Self::Submitted),
            _ => Json::from_value(value).map(Self::Other),
        }
    }
}

deserialize!(TfaResponse, CredentialResponse, Submission);
