//! A message of any kind.

use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use super::decode::{Fields, FromJson, Misfit, Object, Value, deserialize};
use super::{
    CredentialResponse, EnvelopeId, FieldType, JobId, JobStatusMessage, Json, LinkField, LinkResponse,
    MessageError, MessageKind, Open, Request, RequestBody, Text, TfaResponse,
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
    /// A response without a type, which answers a request of any kind.
    LinkResponse(LinkResponse),
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
        if !fields.has("type") {
            return Self::untyped(fields);
        }
        let Some(kind) = fields.required::<Open<MessageKind>>("type") else { return fields.fail_all() };
        if fields.has_fault() {
            return fields.fail_all();
        }
        match kind.known() {
            Some(MessageKind::JobStatus) => fields.read_all().map(Self::JobStatus),
            Some(MessageKind::TfaResponse) => fields.read_all().map(Self::TfaResponse),
            Some(MessageKind::CredentialResponse) => fields.read_all().map(Self::CredentialResponse),
            Some(_) => fields.read_all().map(Self::Request),
            None => fields.read_all().map(Self::Unknown),
        }
    }

    /// Reads the message that an object without a `type` is: a request by its `account_link`, or the newer body of a response.
    fn untyped(mut fields: Fields<'_>) -> Result<Self, Misfit> {
        let is_list = fields.only("account_link").is_some_and(|link| link.text.starts_with('['));
        if is_list && fields.has("job_id") && fields.has("envelope_id") {
            return fields.read(UnknownMessage::untyped).map(Self::Unknown);
        }
        let has = |name| fields.has(name);
        if has("job_id") && has("envelope_id") && (has("account_link") || has("message")) {
            return fields.read_all().map(Self::LinkResponse);
        }
        fields.required::<Open<MessageKind>>("type");
        fields.fail_all()
    }

    /// What kind of message it is: the empty word for a response without a type.
    pub fn kind(&self) -> Open<MessageKind> {
        match self {
            Self::JobStatus(_) => MessageKind::JobStatus.into(),
            Self::Request(request) => request.kind.request().into(),
            Self::TfaResponse(_) => MessageKind::TfaResponse.into(),
            Self::CredentialResponse(_) => MessageKind::CredentialResponse.into(),
            Self::LinkResponse(_) => Open::new(""),
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
            Self::LinkResponse(response) => Some(&response.job_id),
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

/// A message of a kind that this version doesn't know, complete. The service adds kinds over time; one that has an envelope
/// is a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownMessage {
    /// Its `type`; empty if it has none.
    pub kind: Open<MessageKind>,
    /// The job that it names, if it names one.
    pub job_id: Option<JobId>,
    /// Its envelope, if it has one.
    pub envelope_id: Option<EnvelopeId>,
    /// The values that it asks for.
    pub account_link: Vec<LinkField>,
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
        Self::of_kind(kind?, fields)
    }
}

impl UnknownMessage {
    fn untyped(fields: &mut Fields<'_>) -> Option<Self> {
        Self::of_kind(Open::new(""), fields)
    }

    fn of_kind(kind: Open<MessageKind>, fields: &mut Fields<'_>) -> Option<Self> {
        // Nothing is known of such a message, so a field of another kind than expected is no fault.
        let job_id = fields.get("job_id").and_then(|value| JobId::from_value(value).ok());
        let envelope_id = fields.get("envelope_id").and_then(|value| EnvelopeId::from_value(value).ok());
        let account_link = fields.get("account_link").and_then(|value| Vec::from_value(value).ok());
        let json = Json::from_value(fields.object).ok()?;
        Some(Self { kind, job_id, envelope_id, account_link: account_link.unwrap_or_default(), json })
    }
}

impl Serialize for UnknownMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

deserialize!(Message, UnknownMessage);
