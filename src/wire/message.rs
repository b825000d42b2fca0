//! A message of any kind.

use serde::{Serialize, Serializer};

use super::decode::{Fields, FromJson, Misfit, Object, Value, deserialize};
use super::{
    CredentialResponse, EnvelopeId, FieldType, JobId, JobStatusMessage, Json, MessageError, MessageKind,
    Open, Request, RequestBody, Text, TfaResponse,
};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Message {
    /// Where a job stands.
    JobStatus(JobStatusMessage),
    /// A job asks for something.
    Request(Request),
    /// The answer to a request for a TFA code.
    TfaResponse(TfaResponse),
    /// The answer to a request for credentials.
    CredentialResponse(CredentialResponse),
    /// The complete message of a kind that this version doesn't know.
    Unknown(UnknownMessage),
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    ///
    /// [`MessageError`] if the text is not JSON, or a field is missing, of the wrong kind or repeated.
    pub fn from_json(json: &str) -> Result<Self, MessageError> {
        Self::from_text(json)
    }

    /// Reads the message that an object is.
    pub(super) fn of(mut fields: Fields<'_>) -> Result<Self, Misfit> {
        let Some(kind) = fields.required::<Open<MessageKind>>("type") else { return fields.fail_all() };
        if fields.has_fault() {
            return fields.fail_all();
        }
        match kind.known() {
            Some(MessageKind::JobStatus) => fields.read_all().map(Self::JobStatus),
            Some(MessageKind::TfaRequest | MessageKind::CredentialRequest) => {
                fields.read_all().map(Self::Request)
            }
            Some(MessageKind::TfaResponse) => fields.read_all().map(Self::TfaResponse),
            Some(MessageKind::CredentialResponse) => fields.read_all().map(Self::CredentialResponse),
            None => fields.read_all().map(Self::Unknown),
        }
    }

    /// What kind of message it is.
    pub fn kind(&self) -> Open<MessageKind> {
        match self {
            Self::JobStatus(_) => MessageKind::JobStatus.into(),
            Self::Request(request) => Open::new(request.kind.text()),
            Self::TfaResponse(_) => MessageKind::TfaResponse.into(),
            Self::CredentialResponse(_) => MessageKind::CredentialResponse.into(),
            Self::Unknown(message) => message.kind.clone(),
        }
    }

    /// The job that the message names; a response need not name one.
    pub fn job_id(&self) -> Option<&JobId> {
        match self {
            Self::JobStatus(message) => Some(&message.job_id),
            Self::Request(request) => Some(&request.job_id),
            Self::TfaResponse(response) => response.job_id.as_ref(),
            Self::CredentialResponse(response) => response.job_id.as_ref(),
            Self::Unknown(message) => message.job_id.as_ref(),
        }
    }
}

impl FromJson for Message {
    const TYPE: FieldType = FieldType::Messages;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        Self::of(value.fields("an object: a message")?)
    }
}

/// A message of a kind that this version doesn't know. The service adds kinds over time; those added so far are
/// requests with an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownMessage {
    /// Its `type`.
    pub kind: Open<MessageKind>,
    /// The job that it names, if it names one.
    pub job_id: Option<JobId>,
    /// Its envelope, if it has one.
    pub envelope_id: Option<EnvelopeId>,
    /// The complete message.
    pub json: Json,
}

impl UnknownMessage {
    /// The text for the user, if its `message` is one or has one, as that of a [request](Request).
    pub fn text(&self) -> Option<Text> {
        let Body(body) = self.json.read()?;
        body?.text()
    }
}

/// The `message` of a message of any kind, if it is text or an object.
struct Body(Option<RequestBody>);

impl Object for Body {
    const EXPECTED: &'static str = "an object: a message";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self(fields.get("message").and_then(|value| RequestBody::from_value(value).ok())))
    }
}

impl Object for UnknownMessage {
    const EXPECTED: &'static str = "an object: a message";

    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let kind: Option<Open<MessageKind>> = fields.required("type");
        if kind.as_ref().is_some_and(|kind| kind.known().is_some()) {
            fields.fail_kind("one that is not known");
        }
        // Nothing is known of such a message, so a field of another kind than expected is no fault.
        let job_id = fields.get("job_id").and_then(|value| JobId::from_value(value).ok());
        let envelope_id = fields.get("envelope_id").and_then(|value| EnvelopeId::from_value(value).ok());
        let json = Json::from_value(fields.object).ok();
        Some(Self { kind: kind?, job_id, envelope_id, json: json? })
    }
}

impl Serialize for UnknownMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

deserialize!(Message, UnknownMessage);
