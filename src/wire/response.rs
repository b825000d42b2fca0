//! `tfa_response` and `credential_response`: what a client answers.

use serde::{Serialize, Serializer};

use super::decode::{FromJson, Misfit, Value, deserialize};
use super::object::object;
use super::{EnvelopeId, FieldType, JobId, Json, LinkValues, Secret};

object! {
    /// Answers a [request](super::Request) for a TFA code.
    ///
    /// Specification 2021: "Credential Request and Response Messages".
    #[cfg_attr(
        feature = "schemars",
        schemars(rename = "TfaResponseMessage", transform = super::schema::of_kind(super::MessageKind::TfaResponse))
    )]
    #[serde(tag = "type", rename = "tfa_response")]
    TfaResponse, "an object: a tfa_response", type TfaResponse {
        required {
            /// The envelope of the request.
            envelope_id: EnvelopeId,
            /// The code that the cardholder gave.
            message: Secret,
        }
        optional {
            /// The job; the specification has none here, some recorders add it.
            job_id, with_job_id: JobId,
        }
    }
}

object! {
    /// Answers a [request](super::Request) for credentials, after they were put into the job safe.
    ///
    /// Specification 2021: "Credential Request and Response Messages".
    #[cfg_attr(
        feature = "schemars",
        schemars(
            rename = "CredentialResponseMessage",
            transform = super::schema::of_kind(super::MessageKind::CredentialResponse)
        )
    )]
    #[serde(tag = "type", rename = "credential_response")]
    CredentialResponse, "an object: a credential_response", type CredentialResponse {
        required {
            /// The envelope of the request.
            envelope_id: EnvelopeId,
            /// The word `submitted`.
            message: Submission,
        }
        optional {
            /// The job; the specification has none here, some recorders add it.
            job_id, with_job_id: JobId,
        }
    }
}

object! {
    /// A response without a `type`, which answers a request of any kind: the newer body of a `credential_response`.
    ///
    /// Specification 2026: "Messages", "answer, older".
    #[cfg_attr(feature = "schemars", schemars(transform = super::schema::untyped))]
    LinkResponse, "an object: a response" {
        required {
            /// The job.
            job_id: JobId,
            /// The envelope of the request.
            envelope_id: EnvelopeId,
        }
        optional {
            /// The values, by the keys that the request names.
            account_link, with_account_link: LinkValues,
            /// The TFA code, in place of the values.
            message, with_message: Secret,
        }
    }
}

impl CredentialResponse {
    /// The answer to the request with this envelope: the credentials are in the job safe.
    pub fn submitted(envelope_id: impl Into<EnvelopeId>) -> Self {
        Self::new(envelope_id, Submission::Submitted)
    }
}

/// The content of a `credential_response`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The word `submitted`: the credentials are in the job safe.
    Submitted,
    /// Any other value, which is a fault. It may be the credentials themselves and is never shown.
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
    const TYPE: FieldType = FieldType::Submission;

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

deserialize!(Submission);
