//! The service's endpoints as values: what to send, and what comes back. The caller's HTTP client sends them.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use crate::Edition;
pub use crate::wire::{AccessKey, AccountId, CardholderId, Registration};
use crate::wire::{EnvelopeId, JobId, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a segment of a path can't hold as it is: everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An endpoint of the service, as a row. [`Endpoint`]s are made of it.
///
/// ```
/// use cardsavr_protocol::endpoint::{EndpointRow, Method};
///
/// let row = EndpointRow::ALL.iter().find(|row| row.name == "answer").ok_or("no such endpoint")?;
/// assert_eq!(row.method, Method::Post);
/// assert_eq!(row.path, "/messages/place_card_on_single_site_jobs/{job_id}/credential_responses");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointRow {
    /// Its name, which is that of the function of [`Endpoint`].
    pub name: &'static str,
    /// What a request to it does.
    pub about: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with the name of its parameter, if it has one, in braces.
    pub path: &'static str,
    /// The header that the service requires, if any.
    pub header: Option<HeaderRow>,
    /// What is sent.
    pub body: Body,
    /// What comes back.
    pub returns: Returns,
    /// The first edition that documents it.
    pub since: Edition,
    /// The section of the specification.
    pub section: &'static str,
}

/// A header that an endpoint requires, as a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderRow {
    /// The header's name, in lower case.
    pub name: &'static str,
    /// Its value.
    pub value: HeaderSource,
}

/// What the value of a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderSource {
    /// Always this.
    Fixed(&'static str),
    /// The access key of a registration: a secret.
    AccessKey,
    /// The envelope of the request that is answered.
    Envelope,
}

/// What is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    Nothing,
    /// A response: a [`TfaResponse`](crate::wire::TfaResponse), [`CredentialResponse`](crate::wire::CredentialResponse) or
    /// [`LinkResponse`](crate::wire::LinkResponse).
    Response,
    /// The values that a request asks for: an [`AccountAnswer`](crate::wire::AccountAnswer).
    Account,
    /// The fields of a new job, which are not part of this protocol.
    Job,
    /// Always this.
    Fixed(&'static str),
}

const HYDRATION: HeaderRow =
    HeaderRow { name: "x-cardsavr-hydration", value: HeaderSource::Fixed(r#"["credential_requests"]"#) };

const ENVELOPE: HeaderRow = HeaderRow { name: "x-cardsavr-envelope-id", value: HeaderSource::Envelope };

/// What most rows have.
const MOST: EndpointRow = EndpointRow {
    name: "",
    about: "",
    method: Method::Get,
    path: "",
    header: None,
    body: Body::Nothing,
    returns: Returns::Nothing,
    since: Edition::V2021,
    section: "",
};

impl EndpointRow {
    const REGISTER: Self = Self {
        name: "register",
        about: "Registers for the broadcasts of a job",
        path: "/messages/place_card_on_single_site_jobs/{job_id}/broadcasts/registrations",
        returns: Returns::Registration,
        section: "Broadcast Messages",
        ..MOST
    };

    const BROADCASTS: Self = Self {
        name: "broadcasts",
        about: "Polls the status messages of a job",
        path: "/messages/place_card_on_single_site_jobs/{job_id}/broadcasts",
        header: Some(HeaderRow { name: "cardsavr-messaging-access-key", value: HeaderSource::AccessKey }),
        returns: Returns::Messages,
        section: "Broadcast Messages",
        ..MOST
    };

    const REQUESTS: Self = Self {
        name: "requests",
        about: "Polls the open requests of a job",
        path: "/messages/place_card_on_single_site_jobs/{job_id}/credential_requests",
        returns: Returns::Messages,
        section: "Credential Request and Response Messages",
        ..MOST
    };

    const ANSWER: Self = Self {
        name: "answer",
        about: "Posts the answer to a request of a job",
        method: Method::Post,
        path: "/messages/place_card_on_single_site_jobs/{job_id}/credential_responses",
        body: Body::Response,
        section: "Credential Request and Response Messages",
        ..MOST
    };

    const MESSAGES: Self = Self {
        name: "messages",
        about: "Polls the messages of all jobs of a cardholder",
        path: "/messages/cardholders/{cardholder_id}",
        returns: Returns::Messages,
        section: "Querying Messages by Cardholder",
        ..MOST
    };

    const JOB: Self = Self {
        name: "job",
        about: "Fetches a job with its open requests",
        path: "/place_card_on_single_site_jobs/{job_id}",
        header: Some(HYDRATION),
        returns: Returns::Job,
        section: "Querying Messages by Cardholder",
        ..MOST
    };

    const CREATE: Self = Self {
        name: "create",
        about: "Creates a job, and fetches it with its first request",
        method: Method::Post,
        path: "/place_card_on_single_site_jobs",
        header: Some(HYDRATION),
        body: Body::Job,
        returns: Returns::Job,
        since: Edition::V2026,
        section: "Messages",
        ..MOST
    };

    const JOB_MESSAGES: Self = Self {
        name: "job_messages",
        about: "Polls the messages and the open requests of a job",
        path: "/messages/place_card_on_single_site_jobs/{job_id}",
        returns: Returns::Messages,
        since: Edition::V2026,
        section: "Messages",
        ..MOST
    };

    const ANSWER_JOB: Self = Self {
        name: "answer_job",
        about: "Puts the answer to a request to its job",
        method: Method::Put,
        path: "/place_card_on_single_site_jobs/{job_id}",
        header: Some(ENVELOPE),
        body: Body::Account,
        since: Edition::V2026,
        section: "Messages",
        ..MOST
    };

    const ANSWER_ACCOUNT: Self = Self {
        name: "answer_account",
        about: "Puts the answer to a request to the account of its job",
        method: Method::Put,
        path: "/cardsavr_accounts/{account_id}",
        header: Some(ENVELOPE),
        body: Body::Account,
        since: Edition::V2026,
        section: "Messages",
        ..MOST
    };

    const CANCEL: Self = Self {
        name: "cancel",
        about: "Cancels a job",
        method: Method::Put,
        path: "/place_card_on_single_site_jobs/{job_id}",
        body: Body::Fixed(r#"{"status":"CANCEL_REQUESTED"}"#),
        since: Edition::V2026,
        section: "Messages",
        ..MOST
    };

    /// All endpoints.
    pub const ALL: &'static [Self] = &[
        Self::REGISTER,
        Self::BROADCASTS,
        Self::REQUESTS,
        Self::ANSWER,
        Self::MESSAGES,
        Self::JOB,
        Self::CREATE,
        Self::JOB_MESSAGES,
        Self::ANSWER_JOB,
        Self::ANSWER_ACCOUNT,
        Self::CANCEL,
    ];

    /// The endpoints that an edition documents.
    pub fn of(edition: Edition) -> impl Iterator<Item = &'static Self> {
        Self::ALL.iter().filter(move |row| row.since <= edition)
    }

    /// The name of the path's parameter, such as `job_id`; empty if it has none.
    pub fn parameter(&self) -> &'static str {
        self.split().1
    }

    /// The path before its parameter, the parameter, and the path after it.
    fn split(&self) -> (&'static str, &'static str, &'static str) {
        let (before, rest) = self.path.split_once('{').unwrap_or((self.path, ""));
        let (parameter, after) = rest.split_once('}').unwrap_or_default();
        (before, parameter, after)
    }

    /// The endpoint for an id. A segment of dots, or an empty one, would lead to another path.
    fn with(&self, id: &dyn fmt::Display, given: Option<HeaderValue>) -> Result<Endpoint, EndpointError> {
        let (id, (before, parameter, after)) = (id.to_string(), self.split());
        if matches!(&*id, "" | "." | "..") {
            return Err(EndpointError::Id { parameter, id });
        }
        let header = match (self.header, given) {
            (Some(HeaderRow { name, .. }), Some(value)) => Some(Header::given(name, value)?),
            _ => self.fixed_header(),
        };
        let path = format!("{before}{}{after}", utf8_percent_encode(&id, RESERVED));
        Ok(Endpoint { method: self.method, path, header, body: self.body, returns: self.returns })
    }

    fn fixed_header(&self) -> Option<Header> {
        match self.header {
            Some(HeaderRow { name, value: HeaderSource::Fixed(value) }) => Some(Header::fixed(name, value)),
            _ => None,
        }
    }
}

/// A request to the service: method, path and header, and what comes back. Callers know the host, and what their session
/// adds.
///
/// Ids are percent-encoded. `Debug` shows no access key.
///
/// Specification 2021: "Message Format and Endpoints", "Querying Messages by Cardholder".
///
/// ```
/// use cardsavr_protocol::endpoint::{Endpoint, Method};
///
/// let endpoint = Endpoint::job(&1586.into())?;
/// assert_eq!((endpoint.method(), endpoint.path()), (Method::Get, "/place_card_on_single_site_jobs/1586"));
/// for header in endpoint.headers() {
///     assert_eq!((header.name(), header.value()), ("x-cardsavr-hydration", r#"["credential_requests"]"#));
/// }
/// # Ok::<(), cardsavr_protocol::endpoint::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    method: Method,
    path: String,
    header: Option<Header>,
    body: Body,
    returns: Returns,
}

impl Endpoint {
    /// Registers for the broadcasts of a job; a [`Registration`] comes back, whose key is [of this job](Registration::of) alone.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn register(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::REGISTER.with(job, None)
    }

    /// Polls the status messages of a job, with the access key of its registration.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path, [`EndpointError::HeaderValue`] for a key that
    /// can't be the value of a header.
    pub fn broadcasts(access_key: &AccessKey) -> Result<Self, EndpointError> {
        EndpointRow::BROADCASTS.with(access_key.job(), Some(HeaderValue::Secret(access_key.key().clone())))
    }

    /// Polls the open requests of a job.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn requests(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::REQUESTS.with(job, None)
    }

    /// Posts the answer to a request of a job, for credentials or for a TFA code: the body is the response message as
    /// JSON, with a `content-type` of `application/json` from the caller's HTTP client.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn answer(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::ANSWER.with(job, None)
    }

    /// Polls the messages of all jobs of a cardholder. No key is needed: the session gives access.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn messages(cardholder: &CardholderId) -> Result<Self, EndpointError> {
        EndpointRow::MESSAGES.with(cardholder, None)
    }

    /// Fetches a job with its open requests.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn job(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::JOB.with(job, None)
    }

    /// Creates a job, and fetches it with its first request. The body has the fields of the job, which are not part of this
    /// protocol. The [job](Returns::Job) that comes back has the access key to its broadcasts.
    pub fn create() -> Self {
        let EndpointRow { method, path, body, returns, .. } = EndpointRow::CREATE;
        Self { method, path: path.into(), header: EndpointRow::CREATE.fixed_header(), body, returns }
    }

    /// Polls the messages and the open requests of a job. A message is returned once only: two pollers of one job, or of its
    /// cardholder, take messages from each other.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn job_messages(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::JOB_MESSAGES.with(job, None)
    }

    /// Puts the answer to a request to its job: the body is an [`AccountAnswer`](crate::wire::AccountAnswer).
    ///
    /// ```
    /// use cardsavr_protocol::endpoint::Endpoint;
    /// use cardsavr_protocol::wire::{AccountAnswer, LinkField, LinkValues, Secret};
    ///
    /// // The `account_link` of the request with the envelope `e7`.
    /// let fields = [LinkField::new("security_1")];
    /// let body = AccountAnswer::new(LinkValues::answering(&fields, [("security_1", Secret::new("Rex"))])?);
    /// let endpoint = Endpoint::answer_job(&101.into(), &"e7".into())?;
    /// let header = &endpoint.headers()[0];
    /// assert_eq!((header.name(), header.value()), ("x-cardsavr-envelope-id", "e7"));
    /// assert_eq!(serde_json::to_string(&body)?, r#"{"account":{"account_link":{"security_1":"Rex"}}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path, [`EndpointError::HeaderValue`] for an envelope that
    /// can't be the value of a header.
    pub fn answer_job(job: &JobId, envelope_id: &EnvelopeId) -> Result<Self, EndpointError> {
        EndpointRow::ANSWER_JOB.with(job, Some(HeaderValue::Public(envelope_id.as_str().to_owned().into())))
    }

    /// Puts the answer to a request to the account of its job: the older form of [`answer_job`](Self::answer_job), with the
    /// same body.
    ///
    /// # Errors
    ///
    /// Those of [`answer_job`](Self::answer_job).
    pub fn answer_account(account: &AccountId, envelope_id: &EnvelopeId) -> Result<Self, EndpointError> {
        EndpointRow::ANSWER_ACCOUNT
            .with(account, Some(HeaderValue::Public(envelope_id.as_str().to_owned().into())))
    }

    /// Cancels a job. Its [body](Self::body) is always the same.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn cancel(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::CANCEL.with(job, None)
    }

    /// The HTTP method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path, from its first slash, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers that the service requires.
    pub fn headers(&self) -> &[Header] {
        self.header.as_slice()
    }

    /// What is sent.
    pub const fn body(&self) -> Body {
        self.body
    }

    /// What comes back.
    pub const fn returns(&self) -> Returns {
        self.returns
    }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}

impl Method {
    /// The method's name in HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A header that the service asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    name: &'static str,
    value: HeaderValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HeaderValue {
    Public(Cow<'static, str>),
    Secret(Secret),
}

impl HeaderValue {
    fn as_str(&self) -> &str {
        match self {
            Self::Public(value) => value,
            Self::Secret(value) => value.reveal(),
        }
    }
}

impl Header {
    const fn fixed(name: &'static str, value: &'static str) -> Self {
        Self { name, value: HeaderValue::Public(Cow::Borrowed(value)) }
    }

    fn given(name: &'static str, value: HeaderValue) -> Result<Self, EndpointError> {
        // A line break would end the header and start another; a blank at either end is not part of the value to the receiver
        // (RFC 9110, 5.5).
        let text = value.as_str();
        let is_wrong = |(at, byte): (usize, u8)| match byte {
            b' ' => at == 0 || at + 1 == text.len(),
            _ => !byte.is_ascii_graphic(),
        };
        let wrong = text.bytes().enumerate().position(is_wrong);
        match wrong.or(text.is_empty().then_some(0)) {
            Some(position) => Err(EndpointError::HeaderValue { header: name, position }),
            None => Ok(Self { name, value }),
        }
    }

    /// The header's name, in lower case.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The header's value, which may be secret: for the one place that must send it.
    pub fn value(&self) -> &str {
        self.value.as_str()
    }
}

/// What an endpoint returns, and what reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Returns {
    /// An access key: [`Registration::from_json`].
    Registration,
    /// A list of messages: [`Payload::from_json`](crate::wire::Payload::from_json).
    Messages,
    /// The job itself: [`Payload::from_json`](crate::wire::Payload::from_json).
    Job,
    /// Nothing that the protocol knows of.
    Nothing,
}

/// Why there is no such endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// An id would make a path another one.
    #[error("{parameter} is {id:?}: expected an id that is not empty, `.` or `..`")]
    Id {
        /// The name of the path's parameter.
        parameter: &'static str,
        /// The id.
        id: String,
    },
    /// A value is invalid in a header. It may be secret and is not included.
    #[error(
        "the value for {header} can't be carried, from {position} on: expected visible ASCII, and blanks only between"
    )]
    HeaderValue {
        /// The header's name.
        header: &'static str,
        /// Where the first byte that can't be carried is, from 0 on; 0 for an empty value.
        position: usize,
    },
}
