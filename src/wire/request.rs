//! `tfa_request` and `credential_request`: what a job asks of the client that created it.

use alloc::string::ToString;
use core::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::decode::{FromJson, Misfit, Value, deserialize};
use super::job_status::StatusTexts;
use super::object::object;
use super::{EnvelopeId, FieldType, JobId, Json, MessageKind, Text};
use crate::{Input, Status};

object! {
    /// Asks the client that created a job for a TFA code or for credentials. It stands until it is answered: polling
    /// shows the same request, with the same envelope, again and again.
    ///
    /// Specification 2021: "Credential Request and Response Messages".
    Request, "an object: a request" {
        required {
            /// What is asked for.
            kind as "type": RequestKind,
            /// The job that asks.
            job_id: JobId,
            /// The id that the response must carry.
            envelope_id: EnvelopeId,
        }
        optional {
            /// Further information from the service; optional.
            message, with_message: RequestBody,
        }
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(inline, transform = crate::spec::schema::closed))]
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

/// The content of a request without its envelope.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(untagged))]
pub enum RequestBody {
    /// Text for the user.
    Text(Text),
    /// An object, like the one of a `job_status`.
    Object(
        #[cfg_attr(
            feature = "schemars",
            schemars(with = "serde_json::Map<alloc::string::String, serde_json::Value>")
        )]
        Json,
    ),
}

impl RequestBody {
    /// The text for the user, if there is any: the text itself, or the text that an object has as a `job_status` has
    /// one, with or without a status.
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text.clone()).filter(|text| !text.as_str().is_empty()),
            Self::Object(object) => object.read::<StatusTexts>()?.to_show().cloned(),
        }
    }
}

impl From<Text> for RequestBody {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(hidden)",
            Self::Object(_) => "Object(hidden)",
        })
    }
}

impl Serialize for RequestBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl FromJson for RequestBody {
    const TYPE: FieldType = FieldType::RequestBody;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        if value.text.starts_with('{') {
            return Json::from_value(value).map(Self::Object);
        }
        value.string("text of whole characters, or an object").map(|text| Self::Text(Text::new(text)))
    }
}

impl FromJson for RequestKind {
    const TYPE: FieldType = FieldType::Word;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let text = value.string("a string")?;
        [Self::Tfa, Self::Credential]
            .into_iter()
            .find(|kind| kind.request().to_string() == text)
            .ok_or_else(|| value.other_kind("tfa_request or credential_request"))
    }
}

deserialize!(RequestBody);
