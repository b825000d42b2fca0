//! `tfa_request` and `credential_request`: what a job asks of the client that created it.

use alloc::borrow::ToOwned;
use core::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Input, Status};

use super::{EnvelopeId, JobId, Json, MessageKind, Text, job_status, json};

/// Asks the client that created a job for a TFA code or for credentials. It stands until it is answered: polling
/// shows the same request, with the same envelope, again and again.
///
/// Specification: "Credential Request and Response Messages".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(expecting = "an object: a request")]
pub struct Request<'a> {
    /// What is asked for.
    #[serde(rename = "type")]
    pub kind: RequestKind,
    /// The job that asks.
    #[serde(borrow)]
    pub job_id: JobId<'a>,
    /// The id that the response must carry.
    #[serde(borrow)]
    pub envelope_id: EnvelopeId<'a>,
    /// What else the service says; some requests have it.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub message: Option<RequestBody<'a>>,
}

impl Request<'_> {
    /// The same request, independent of the input it was read from.
    pub fn into_owned(self) -> Request<'static> {
        Request {
            kind: self.kind,
            job_id: self.job_id.into_owned(),
            envelope_id: self.envelope_id.into_owned(),
            message: self.message.map(RequestBody::into_owned),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(inline, transform = crate::export::schema::shape::closed))]
pub enum RequestKind {
    /// A TFA code.
    #[serde(rename = "tfa_request")]
    Tfa,
    /// Credentials, which go to the job safe.
    #[serde(rename = "credential_request")]
    Credential,
}

impl RequestKind {
    /// The request that a job makes when it awaits this; it asks for no card.
    pub const fn for_input(input: Input) -> Option<Self> {
        match input {
            Input::TfaCode => Some(Self::Tfa),
            Input::InitialCredentials | Input::NewCredentials => Some(Self::Credential),
            Input::Card => None,
        }
    }

    /// What a job in this status waits for, if that is an answer to a request.
    pub(crate) fn awaited_in(status: Status) -> Option<Self> {
        status.awaits().and_then(Self::for_input)
    }

    /// The kind of a request that asks for this.
    pub const fn request(self) -> MessageKind {
        match self {
            Self::Tfa => MessageKind::TfaRequest,
            Self::Credential => MessageKind::CredentialRequest,
        }
    }

    /// The kind of the response that a request for this wants.
    pub const fn response(self) -> MessageKind {
        match self {
            Self::Tfa => MessageKind::TfaResponse,
            Self::Credential => MessageKind::CredentialResponse,
        }
    }
}

/// What a request says beside its envelope.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(untagged))]
pub enum RequestBody<'a> {
    /// Text for the user.
    Text(Text<'a>),
    /// An object, like the one of a `job_status`.
    Object(
        #[cfg_attr(
            feature = "schemars",
            schemars(with = "serde_json::Map<alloc::string::String, serde_json::Value>")
        )]
        Json<'a>,
    ),
}

impl RequestBody<'_> {
    /// The words to the user, if there are any: the text itself, or the text of an object that has one as a
    /// `job_status` has it, a status beside it or not.
    pub fn text(&self) -> Option<Text<'static>> {
        #[expect(clippy::struct_field_names, reason = "they are the service's")]
        #[derive(Deserialize)]
        struct Texts<'a> {
            #[serde(borrow)]
            status_message: Option<Text<'a>>,
            #[serde(borrow)]
            job_status_message: Option<Text<'a>>,
            #[serde(borrow)]
            termination_status_message: Option<Text<'a>>,
            #[serde(borrow)]
            termination_message: Option<Text<'a>>,
        }

        let own = |text: &str| Text::new(text.to_owned());
        match self {
            Self::Text(text) => Some(text.as_str()).filter(|text| !text.is_empty()).map(own),
            Self::Object(object) => {
                let texts: Texts<'_> = serde_json::from_str(object.as_str()).ok()?;
                job_status::to_show([
                    &texts.termination_status_message,
                    &texts.termination_message,
                    &texts.job_status_message,
                    &texts.status_message,
                ])
                .map(own)
            }
        }
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> RequestBody<'static> {
        match self {
            Self::Text(text) => RequestBody::Text(text.into_owned()),
            Self::Object(object) => RequestBody::Object(object.into_owned()),
        }
    }
}

impl fmt::Debug for RequestBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(hidden)",
            Self::Object(_) => "Object(hidden)",
        })
    }
}

impl Serialize for RequestBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RequestBody<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        match json::string(raw) {
            Some(text) => Ok(Self::Text(Text(text))),
            None if raw.get().starts_with('{') => Ok(Self::Object(Json::raw(raw))),
            None => {
                Err(D::Error::invalid_type(json::unexpected(raw), &"text of whole characters, or an object"))
            }
        }
    }
}
