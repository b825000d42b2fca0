//! The kinds of message: one row a kind, from which [`MessageKind`] and [`RequestKind`] derive.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::{CredentialResponse, Field, JobStatusMessage, Request, TfaResponse};
use crate::{Edition, Input, UnknownName};

/// Passes the rows of the kind table to the macro `$define`: description, `type`, name, and the object that has the fields.
/// The row of a request has also what it may ask for, the kind of response that answers it, if only one does, and the first
/// edition that has it, if that isn't the first of all.
macro_rules! kind_table {
    ($define:ident) => {
        $define! {
            statuses {
                /// Tells every subscriber where a job stands.
                "job_status" JobStatus: JobStatusMessage;
            }
            requests {
                /// Asks for a TFA code.
                "tfa_request" TfaRequest: Request, asks_for [TfaCode], answered_by TfaResponse;
                /// Asks for credentials.
                "credential_request" CredentialRequest: Request,
                    asks_for [InitialCredentials, NewCredentials], answered_by CredentialResponse;
                /// Asks for the values that link the account: credentials.
                "initial_account_link" InitialAccountLink: Request,
                    asks_for [NewCredentials, InitialCredentials], since V2026;
                /// Asks for a TFA code.
                "tfa" Tfa: Request, asks_for [TfaCode], since V2026;
                /// Asks the user to act elsewhere, by a link or a push notification.
                "tfa_message" TfaMessage: Request, asks_for [ActOutside, TfaCode], since V2026;
                /// Asks security questions.
                "security" Security: Request, asks_for [NewCredentials, TfaCode], since V2026;
            }
            responses {
                /// Brings a TFA code.
                "tfa_response" TfaResponse: TfaResponse;
                /// Says that credentials were put into the job safe.
                "credential_response" CredentialResponse: CredentialResponse;
            }
        }
    };
}

macro_rules! define_kinds {
    (
        statuses { $($(#[doc = $s_doc:literal])+ $s_text:literal $status:ident: $s_object:ident;)+ }
        requests { $(
            $(#[doc = $q_doc:literal])+
            $q_text:literal $request:ident: $q_object:ident, asks_for [$($input:ident),+]
            $(, answered_by $answer:ident)? $(, since $since:ident)?;
        )+ }
        responses { $($(#[doc = $r_doc:literal])+ $r_text:literal $response:ident: $r_object:ident;)+ }
    ) => {
        /// The kinds of message, told apart by `type`. The list is open: a message of another kind is a [`Request`] if
        /// it has an `account_link`, otherwise a [`Message::Unknown`](super::Message::Unknown).
        ///
        /// Specification 2021: "Message types".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray, Serialize, Deserialize)]
        #[strum(parse_err_ty = UnknownName, parse_err_fn = UnknownName::message_kind)]
        #[non_exhaustive]
        pub enum MessageKind {
            $($(#[doc = $s_doc])+ #[strum(serialize = $s_text)] #[serde(rename = $s_text)] $status,)+
            $($(#[doc = $q_doc])+ #[strum(serialize = $q_text)] #[serde(rename = $q_text)] $request,)+
            $($(#[doc = $r_doc])+ #[strum(serialize = $r_text)] #[serde(rename = $r_text)] $response,)+
        }

        impl MessageKind {
            /// The fields of a message of this kind.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$status => $s_object::FIELDS,)+
                    $(Self::$request => $q_object::FIELDS,)+
                    $(Self::$response => $r_object::FIELDS,)+
                }
            }

            /// The kind as one of a request; `None` for other kinds.
            pub const fn as_request(self) -> Option<RequestKind> {
                match self {
                    $(Self::$request => Some(RequestKind::$request),)+
                    _ => None,
                }
            }
        }

        /// The kinds of request, by their `type`. The list is open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray, Serialize, Deserialize)]
        #[strum(parse_err_ty = UnknownName, parse_err_fn = UnknownName::message_kind)]
        #[non_exhaustive]
        pub enum RequestKind {
            $($(#[doc = $q_doc])+ #[strum(serialize = $q_text)] #[serde(rename = $q_text)] $request,)+
        }

        static REQUESTS: [RequestRow; RequestKind::COUNT] = [$(RequestRow {
            kind: MessageKind::$request,
            asks_for: &[$(Input::$input),+],
            answered_by: first(&[$(MessageKind::$answer)?]),
            since: [$(Edition::$since,)? Edition::V2021][0],
        }),+];
    };
}

kind_table!(define_kinds);
#[cfg(feature = "schemars")]
pub(crate) use kind_table;

impl MessageKind {
    /// All kinds, in the order of the table.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The first edition that has the kind.
    pub fn since(self) -> Edition {
        self.as_request().map_or(Edition::V2021, |kind| kind.row().since)
    }

    /// The purpose of a message of this kind, in one sentence.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }
}

impl RequestKind {
    /// All kinds, in the order of the table.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The row of the kind.
    pub const fn row(self) -> &'static RequestRow {
        &REQUESTS[self as usize]
    }

    /// The kind of request that a response of this kind answers; `None` for other messages.
    pub fn answered_by(response: MessageKind) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.response() == Some(response))
    }

    /// The request that a job makes when it awaits this; it asks for no card.
    pub fn for_input(input: Input) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.row().asks_for.contains(&input))
    }

    /// Whether an edition has the kind. An edition that lacks it reads it as an unknown one.
    pub fn is_in(self, edition: Edition) -> bool {
        self.row().since <= edition
    }

    /// Whether a request of this kind may be for what a job awaits. What a request names is for any.
    pub fn may_ask_for(self, input: Input) -> bool {
        input == Input::Named || self.row().asks_for.contains(&input)
    }

    /// The kind as one of a message.
    pub const fn request(self) -> MessageKind {
        self.row().kind
    }

    /// The kind of the response that a request of this kind wants; `None` if it has no response of its own.
    pub const fn response(self) -> Option<MessageKind> {
        self.row().answered_by
    }
}

/// A kind of request, as a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRow {
    /// The kind of the message.
    pub kind: MessageKind,
    /// What it may ask for, by the status of the job.
    pub asks_for: &'static [Input],
    /// The kind of response that answers it; `None` if it has no response of its own.
    pub answered_by: Option<MessageKind>,
    /// The first edition that has it.
    pub since: Edition,
}

const fn first(kinds: &[MessageKind]) -> Option<MessageKind> {
    match kinds {
        [] => None,
        [first, ..] => Some(*first),
    }
}
