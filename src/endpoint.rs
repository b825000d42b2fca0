//! The service's endpoints as values: what to send, and what comes back. The caller's HTTP client sends them.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

pub use crate::wire::{AccessKey, CardholderId, Registration};
use crate::wire::{JobId, Secret};
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
    /// The path, with the name of its one parameter in braces.
    pub path: &'static str,
    /// The header that the service requires, if any.
    pub header: Option<HeaderRow>,
    /// What comes back.
    pub returns: Returns,
    /// The section of the specification.
    pub section: &'static str,
}

/// A header that an endpoint requires, as a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderRow {
    /// The header's name, in lower case.
    pub name: &'static str,
    /// Its value; `None` if that is the access key of a registration.
    pub value: Option<&'static str>,
}

impl EndpointRow {
    const REGISTER: Self = Self {
        name: "register",
        about: "Registers for the broadcasts of a job",
        method: Method::Get,
        path: "/messages/place_card_on_single_site_jobs/{job_id}/broadcasts/registrations",
        header: None,
        returns: Returns::Registration,
        section: "Broadcast Messages",
    };

    const BROADCASTS: Self = Self {
        name: "broadcasts",
        about: "Polls the status messages of a job",
        method: Method::Get,
        path: "/messages/place_card_on_single_site_jobs/{job_id}/broadcasts",
        header: Some(HeaderRow { name: "cardsavr-messaging-access-key", value: None }),
        returns: Returns::Messages,
        section: "Broadcast Messages",
    };

    const REQUESTS: Self = Self {
        name: "requests",
        about: "Polls the open requests of a job",
        method: Method::Get,
        path: "/messages/place_card_on_single_site_jobs/{job_id}/credential_requests",
        header: None,
        returns: Returns::Messages,
        section: "Credential Request and Response Messages",
    };

    const ANSWER: Self = Self {
        name: "answer",
        about: "Posts the answer to a request of a job",
        method: Method::Post,
        path: "/messages/place_card_on_single_site_jobs/{job_id}/credential_responses",
        header: None,
        returns: Returns::Nothing,
        section: "Credential Request and Response Messages",
    };

    const MESSAGES: Self = Self {
        name: "messages",
        about: "Polls the messages of all jobs of a cardholder",
        method: Method::Get,
        path: "/messages/cardholders/{cardholder_id}",
        header: None,
        returns: Returns::Messages,
        section: "Querying Messages by Cardholder",
    };

    const JOB: Self = Self {
        name: "job",
        about: "Fetches a job with its open requests",
        method: Method::Get,
        path: "/place_card_on_single_site_jobs/{job_id}",
        header: Some(HeaderRow { name: "x-cardsavr-hydration", value: Some(r#"["credential_requests"]"#) }),
        returns: Returns::Job,
        section: "Querying Messages by Cardholder",
    };

    /// All endpoints.
    pub const ALL: &'static [Self] =
        &[Self::REGISTER, Self::BROADCASTS, Self::REQUESTS, Self::ANSWER, Self::MESSAGES, Self::JOB];

    /// The name of the path's parameter, such as `job_id`.
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
    fn with(&self, id: &str, access_key: Option<&Secret>) -> Result<Endpoint, EndpointError> {
        let (before, parameter, after) = self.split();
        if matches!(id, "" | "." | "..") {
            return Err(EndpointError::Id { parameter, id: id.to_owned() });
        }
        let header = match self.header {
            Some(HeaderRow { name, value: Some(value) }) => Some(Header::public(name, value)),
            Some(HeaderRow { name, value: None }) => {
                access_key.map(|key| Header::secret(name, key)).transpose()?
            }
            None => None,
        };
        let path = format!("{before}{}{after}", utf8_percent_encode(id, RESERVED));
        Ok(Endpoint { method: self.method, path, header, returns: self.returns })
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
    returns: Returns,
}

impl Endpoint {
    /// Registers for the broadcasts of a job; a [`Registration`] comes back, whose key is [of this job](Registration::of) alone.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn register(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::REGISTER.with(&job.to_string(), None)
    }

    /// Polls the status messages of a job, with the access key of its registration.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path, [`EndpointError::HeaderValue`] for a key that
    /// can't be the value of a header.
    pub fn broadcasts(access_key: &AccessKey) -> Result<Self, EndpointError> {
        EndpointRow::BROADCASTS.with(&access_key.job().to_string(), Some(access_key.key()))
    }

    /// Polls the open requests of a job.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn requests(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::REQUESTS.with(&job.to_string(), None)
    }

    /// Posts the answer to a request of a job, for credentials or for a TFA code: the body is the response message as
    /// JSON, with a `content-type` of `application/json` from the caller's HTTP client.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn answer(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::ANSWER.with(&job.to_string(), None)
    }

    /// Polls the messages of all jobs of a cardholder. No key is needed: the session gives access.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn messages(cardholder: &CardholderId) -> Result<Self, EndpointError> {
        EndpointRow::MESSAGES.with(&cardholder.to_string(), None)
    }

    /// Fetches a job with its open requests.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that can't be a segment of a path.
    pub fn job(job: &JobId) -> Result<Self, EndpointError> {
        EndpointRow::JOB.with(&job.to_string(), None)
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
}

impl Method {
    /// The method's name in HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
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
    Public(&'static str),
    Secret(Secret),
}

impl Header {
    const fn public(name: &'static str, value: &'static str) -> Self {
        Self { name, value: HeaderValue::Public(value) }
    }

    fn secret(name: &'static str, value: &Secret) -> Result<Self, EndpointError> {
        // A line break would be the end of the header and the start of whatever follows in the key; a blank at either
        // end is no part of the value to whoever receives it (RFC 9110, 5.5).
        let text = value.reveal();
        let is_wrong = |(at, byte): (usize, u8)| match byte {
            b' ' => at == 0 || at + 1 == text.len(),
            _ => !byte.is_ascii_graphic(),
        };
        let wrong = text.bytes().enumerate().position(is_wrong);
        match wrong.or(text.is_empty().then_some(0)) {
            Some(position) => Err(EndpointError::HeaderValue { header: name, position }),
            None => Ok(Self { name, value: HeaderValue::Secret(value.clone()) }),
        }
    }

    /// The header's name, in lower case.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The header's value, which may be secret: for the one place that must send it.
    pub fn value(&self) -> &str {
        match &self.value {
            HeaderValue::Public(value) => value,
            HeaderValue::Secret(value) => value.reveal(),
        }
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
