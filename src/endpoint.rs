//! The service's endpoints as values: what to send, and what comes back. Whoever has an HTTP client carries them.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

pub use crate::wire::Registration;
use crate::wire::{JobId, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a segment of a path can't hold as it is: everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to the service: method, path and header, and what comes back. The host is the caller's to know, and so is
/// whatever its session adds.
///
/// Ids are percent-encoded. `Debug` shows no access key.
///
/// Specification: "Message Format and Endpoints", "Querying Messages by Cardholder".
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
    /// Registers for the broadcasts of a job; a [`Registration`] comes back.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold.
    pub fn register(job: &JobId) -> Result<Self, EndpointError> {
        Self::messages_of_job(job, "broadcasts/registrations", Method::Get, Returns::Registration)
    }

    /// Polls the status messages of a job, with the access key of its registration.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold, [`EndpointError::HeaderValue`] for a key that no header
    /// can.
    pub fn broadcasts(job: &JobId, access_key: &Secret) -> Result<Self, EndpointError> {
        let header = Header::secret("cardsavr-messaging-access-key", access_key)?;
        let endpoint = Self::messages_of_job(job, "broadcasts", Method::Get, Returns::Messages)?;
        Ok(Self { header: Some(header), ..endpoint })
    }

    /// Polls the open requests of a job.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold.
    pub fn requests(job: &JobId) -> Result<Self, EndpointError> {
        Self::messages_of_job(job, "credential_requests", Method::Get, Returns::Messages)
    }

    /// Posts the answer to a request of a job, for credentials or for a TFA code: the body is the response message as
    /// JSON, and the caller's HTTP client says so by a `content-type` of `application/json`.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold.
    pub fn answer(job: &JobId) -> Result<Self, EndpointError> {
        Self::messages_of_job(job, "credential_responses", Method::Post, Returns::Nothing)
    }

    /// Polls the messages of all jobs of a cardholder. No key is needed: the session gives access.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold.
    pub fn messages(cardholder_id: &str) -> Result<Self, EndpointError> {
        let path = format!("/messages/cardholders/{}", segment("cardholder id", cardholder_id)?);
        Ok(Self { method: Method::Get, path, header: None, returns: Returns::Messages })
    }

    /// Fetches a job with its open requests.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Id`] for an id that no path can hold.
    pub fn job(job: &JobId) -> Result<Self, EndpointError> {
        let path = format!("/place_card_on_single_site_jobs/{}", segment("job id", &job.to_string())?);
        let value = HeaderValue::Public(r#"["credential_requests"]"#);
        let header = Some(Header { name: "x-cardsavr-hydration", value });
        Ok(Self { method: Method::Get, path, header, returns: Returns::Job })
    }

    fn messages_of_job(
        job: &JobId,
        channel: &str,
        method: Method,
        returns: Returns,
    ) -> Result<Self, EndpointError> {
        let id = segment("job id", &job.to_string())?;
        let path = format!("/messages/place_card_on_single_site_jobs/{id}/{channel}");
        Ok(Self { method, path, header: None, returns })
    }

    /// The HTTP method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path, from its first slash on, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers that the service asks for.
    pub fn headers(&self) -> &[Header] {
        self.header.as_slice()
    }

    /// What comes back.
    pub const fn returns(&self) -> Returns {
        self.returns
    }
}

/// An id as a segment of a path. A segment of dots, or none, would lead to another path.
fn segment(what: &'static str, id: &str) -> Result<String, EndpointError> {
    match id {
        "" | "." | ".." => Err(EndpointError::Id { what, id: id.to_owned() }),
        _ => Ok(utf8_percent_encode(id, RESERVED).to_string()),
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
    /// The method's name, as HTTP has it.
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
    #[error("the {what} is {id:?}: expected an id that is not empty, `.` or `..`")]
    Id {
        /// Whose id it is.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// A value can't stand in a header. It may be secret, and isn't shown.
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
