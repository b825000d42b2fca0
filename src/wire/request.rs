//! Requests: what a job asks of the client that created it.

use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};

use super::decode::{FromJson, Misfit, Value, deserialize};
use super::job_status::StatusTexts;
use super::object::object;
use super::{EnvelopeId, FieldType, JobId, Json, LinkField, MessageKind, Open, RequestKind, Text};

object! {
    /// Asks the client that created a job for something: for a TFA code or credentials or, where it has an `account_link`,
    /// for the values named there. It stands until it is answered: polling shows the same request, with the same envelope,
    /// again and again.
    ///
    /// Specification 2021: "Credential Request and Response Messages". Specification 2026: "Messages".
    Request, "an object: a request" {
        required {
            /// Its kind.
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
        list {
            /// The values that are asked for.
            account_link, with_account_link: LinkField as "Option<Vec<LinkField>>",
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
        let kind = Open::<MessageKind>::from_value(value)?;
        kind.known().and_then(MessageKind::as_request).ok_or_else(|| value.other_kind("a request"))
    }
}

deserialize!(RequestBody);
