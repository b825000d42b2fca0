//! The messages that a job and its clients exchange, as they stand on the wire.
//!
//! [`Message`] is one of them; [`Carrier`] is whatever the service hands out that has some. All of them borrow from
//! the JSON text where they can, and `into_owned` makes them independent of it. Fields that this version doesn't
//! know are passed over; a field of an object that stands in it twice makes the message malformed, since readers
//! differ on which one counts.
//!
//! [`Message::from_json`], [`Carrier::from_json`] and [`parts`] are the readers. Serde by itself reads a struct, too,
//! but it looks at no `type`, leaves the messages out that a job or a notification carries, and its errors show
//! values. It needs a text to borrow from: `serde_json::from_str` and `from_slice` have one, a `Value` has none.

mod carrier;
mod compact;
mod error;
mod id;
mod job_status;
mod json;
mod number;
mod parts;
mod request;
mod response;
mod text;

use serde::{Deserialize, Serialize, Serializer};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

pub use crate::spec::Open;
pub use carrier::{Carrier, JobEntity, Notification, NotifiedJob};
pub use compact::CompactMessage;
pub(crate) use error::read;
pub use error::{Fault, MessageError};
pub use id::JobId;
pub(crate) use id::JobKey;
pub use job_status::{JobStatusMessage, StatusBody};
pub use json::Json;
pub use number::{JobTimeout, Percent, TimeoutUnit};
pub use parts::{Content, Part, parts};
pub use request::{Request, RequestBody, RequestKind};
pub use response::{CredentialResponse, Submission, TfaResponse};
pub use text::{EnvelopeId, Secret, Text};

/// The kinds of message, told apart by `type`. The list is open: a message of another kind is a
/// [`Message::Unknown`].
///
/// Specification: "Message types".
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
}

/// A message of any kind.
///
/// ```
/// use cardsavr_protocol::{Status, wire::Message};
///
/// let json = r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING","percent_complete":80}}"#;
/// let message = Message::from_json(json)?;
/// match &message {
///     Message::JobStatus(job) => assert_eq!(job.message.status.known(), Some(Status::Updating)),
///     other => panic!("not a job_status: {other:?}"),
/// }
/// assert_eq!(serde_json::to_string(&message).unwrap(), json);
///
/// let error = Message::from_json(r#"{"type":"job_status","job_id":101,"message":{}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "/message/status is missing, at line 1, column 46");
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Where a job stands.
    JobStatus(JobStatusMessage<'a>),
    /// A job asks for something.
    Request(Request<'a>),
    /// The answer to a request for a TFA code.
    TfaResponse(TfaResponse<'a>),
    /// The answer to a request for credentials.
    CredentialResponse(CredentialResponse<'a>),
    /// A message of a kind that this version doesn't know, whole.
    Unknown(UnknownMessage<'a>),
}

impl<'a> Message<'a> {
    /// Reads one message: first its `type`, then the struct of that type, in one pass each; a sound `job_status` in one
    /// pass altogether.
    ///
    /// # Errors
    ///
    /// [`MessageError`] where the text is not JSON, or a field is missing, of the wrong kind or repeated.
    pub fn from_json(json: &'a str) -> Result<Self, MessageError> {
        match JobStatusMessage::at_once(json) {
            Some(message) => Ok(Self::JobStatus(message)),
            None => Self::by_type(json),
        }
    }

    /// Reads one message the long way, for those who know that it can't be read at once.
    fn by_type(json: &'a str) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        #[serde(expecting = "an object: a message")]
        struct Head<'a> {
            #[serde(rename = "type", borrow)]
            kind: Open<'a, MessageKind>,
        }

        let Head { kind } = error::parse(json)?;
        Ok(match kind.known() {
            Some(MessageKind::JobStatus) => Self::JobStatus(error::parse(json)?),
            Some(MessageKind::TfaRequest | MessageKind::CredentialRequest) => {
                Self::Request(error::parse(json)?)
            }
            Some(MessageKind::TfaResponse) => Self::TfaResponse(error::parse(json)?),
            Some(MessageKind::CredentialResponse) => Self::CredentialResponse(error::parse(json)?),
            None => Self::Unknown(UnknownMessage::from_json(json, kind)?),
        })
    }

    /// What kind of message it is.
    pub fn kind(&self) -> Open<'_, MessageKind> {
        match self {
            Self::JobStatus(_) => MessageKind::JobStatus.into(),
            Self::Request(request) => request.kind.request().into(),
            Self::TfaResponse(_) => MessageKind::TfaResponse.into(),
            Self::CredentialResponse(_) => MessageKind::CredentialResponse.into(),
            Self::Unknown(message) => message.kind.clone(),
        }
    }

    /// The job that the message names; a response need not name one.
    pub fn job_id(&self) -> Option<&JobId<'a>> {
        match self {
            Self::JobStatus(message) => Some(&message.job_id),
            Self::Request(request) => Some(&request.job_id),
            Self::TfaResponse(response) => response.job_id.as_ref(),
            Self::CredentialResponse(response) => response.job_id.as_ref(),
            Self::Unknown(message) => message.job_id.as_ref(),
        }
    }

    /// The same message, independent of the input it was read from.
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::JobStatus(message) => Message::JobStatus(message.into_owned()),
            Self::Request(request) => Message::Request(request.into_owned()),
            Self::TfaResponse(response) => Message::TfaResponse(response.into_owned()),
            Self::CredentialResponse(response) => Message::CredentialResponse(response.into_owned()),
            Self::Unknown(message) => Message::Unknown(message.into_owned()),
        }
    }
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::JobStatus(message) => message.serialize(serializer),
            Self::Request(request) => request.serialize(serializer),
            Self::TfaResponse(response) => response.serialize(serializer),
            Self::CredentialResponse(response) => response.serialize(serializer),
            Self::Unknown(message) => message.json.serialize(serializer),
        }
    }
}

/// A message of a kind that this version doesn't know. The service adds kinds over time; those added so far are
/// requests with an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMessage<'a> {
    /// Its `type`.
    pub kind: Open<'a, MessageKind>,
    /// The job that it names, if it names one.
    pub job_id: Option<JobId<'a>>,
    /// Its envelope, if it has one.
    pub envelope_id: Option<EnvelopeId<'a>>,
    /// The whole message as it came.
    pub json: Json<'a>,
}

impl<'a> UnknownMessage<'a> {
    fn from_json(json: &'a str, kind: Open<'a, MessageKind>) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            #[serde(borrow)]
            job_id: Option<Json<'a>>,
            #[serde(borrow)]
            envelope_id: Option<Json<'a>>,
        }

        let Fields { job_id, envelope_id } = error::parse(json)?;
        // Nothing is known of such a message, so a field of another kind than expected is no fault.
        Ok(Self {
            kind,
            job_id: job_id.and_then(|id| id.read()),
            envelope_id: envelope_id.and_then(|id| id.read()),
            json: error::parse(json)?,
        })
    }

    /// The same message, independent of the input it was read from.
    pub fn into_owned(self) -> UnknownMessage<'static> {
        UnknownMessage {
            kind: self.kind.into_owned(),
            job_id: self.job_id.map(JobId::into_owned),
            envelope_id: self.envelope_id.map(EnvelopeId::into_owned),
            json: self.json.into_owned(),
        }
    }
}
