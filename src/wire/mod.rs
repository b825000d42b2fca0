//! The messages that a job and its clients exchange.
//!
//! [`Message`] is one of them; [`Payload`] is what the service returns that contains some. All types own what they
//! hold, and implement `Serialize` and `Deserialize` for any format that describes itself. Fields that this version
//! doesn't know are ignored. A field that occurs twice in its object makes the message malformed, since readers differ
//! on which one counts.
//!
//! [`Message::from_json`], [`Payload::from_json`], [`Payload::read`] and [`log_items`] read JSON texts, with the place
//! of each fault. `Deserialize` accepts and refuses the same values.
//!
//! ```
//! use cardsavr_protocol::wire::{Message, Payload};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Stored {
//!     message: Message,
//!     polled: Payload,
//! }
//!
//! let request = r#"{"type":"tfa_request","job_id":7,"envelope_id":"bdNruAXhrc3jhLfmpD5naA=="}"#;
//! let stored: Stored = serde_json::from_str(&format!(r#"{{"message":{request},"polled":[{request}]}}"#))?;
//! assert_eq!(stored.polled, Payload::Poll(vec![stored.message]));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod decode;
mod error;
#[cfg(feature = "conformance")]
mod event;
mod field;
mod id;
mod items;
mod job_status;
mod json;
mod kind;
mod link;
mod message;
mod number;
mod object;
mod payload;
mod registration;
mod request;
mod response;
#[cfg(feature = "conformance")]
pub mod scan;
#[cfg(feature = "schemars")]
mod schema;
mod text;

pub use crate::spec::Open;
pub use crate::spec::TimeoutUnit;
pub use error::{Fault, MessageError};
#[cfg(feature = "conformance")]
pub use event::{
    Answer, Block, EnvelopeOwner, Event, EventJob, EventKind, EventRef, Link, Malformed, MalformedKind,
    Position, RequestSeen, Termination, TextRef,
};
pub use field::{Field, FieldType};
pub use id::{AccountId, CardholderId, JobId, JobKey};
pub use items::{Content, LogItem, log_items};
pub use job_status::{JobStatusMessage, StatusBody};
pub use json::Json;
#[cfg(feature = "schemars")]
pub(crate) use kind::kind_table;
pub use kind::{MessageKind, RequestKind, RequestRow};
pub use link::{AccountAnswer, AnswerKeys, LinkField, LinkValues, OtherFields};
pub use message::{Message, UnknownMessage};
pub use number::{JobTimeout, NotFinite, Percent, Seconds};
pub use payload::{JobEntity, JobRequests, Notification, NotifiedJob, Payload};
pub use registration::{AccessKey, Registration};
pub use request::{Request, RequestBody};
pub use response::{CredentialResponse, LinkResponse, Submission, TfaResponse};
#[cfg(feature = "schemars")]
pub(crate) use schema::of_kind;
pub use text::{EnvelopeId, Secret, Text, Time};
