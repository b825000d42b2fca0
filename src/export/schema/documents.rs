//! The list of documents: one row a document.

use alloc::vec::Vec;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::document::Document;
use super::lists::Known;
use super::types::{Bundle, Poll, Report, RequestMessage};
use crate::conformance::{FindingInFile, Rule, Summary};
use crate::wire::{
    CredentialResponse, JobEntity, JobStatusMessage, LinkResponse, MessageKind, Notification, TfaResponse,
    UnknownMessage,
};
use crate::{Lifecycle, Status, TerminationType};

fn root<T: JsonSchema>(generator: SchemaGenerator) -> Schema {
    generator.into_root_schema_for::<T>()
}

impl Document {
    /// All documents, in the order in which a reader meets them.
    pub const fn all() -> &'static [Self] {
        DOCUMENTS
    }

    /// The document of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|document| document.name == name)
    }
}

const DOCUMENTS: &[Document] = &[
    Document {
        name: "job_status",
        about: "a job_status message: where a job stands",
        is_read: true,
        root: root::<JobStatusMessage>,
        examples: || [job_status()].into(),
    },
    Document {
        name: "tfa_request",
        about: "a tfa_request message: a job asks for a TFA code",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::TfaRequest as usize }>>,
        examples: || [tfa_request()].into(),
    },
    Document {
        name: "credential_request",
        about: "a credential_request message: a job asks for credentials",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::CredentialRequest as usize }>>,
        examples: || [credential_request()].into(),
    },
    Document {
        name: "initial_account_link",
        about: "an initial_account_link message: a job asks for the values that link the account",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::InitialAccountLink as usize }>>,
        examples: || [linked("initial_account_link", &["username", "password"])].into(),
    },
    Document {
        name: "tfa",
        about: "a tfa message: a job asks for a TFA code",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::Tfa as usize }>>,
        examples: || [linked("tfa", &["tfa"])].into(),
    },
    Document {
        name: "tfa_message",
        about: "a tfa_message message: the user is to act elsewhere",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::TfaMessage as usize }>>,
        examples: || [linked("tfa_message", &["tfa_message"])].into(),
    },
    Document {
        name: "security",
        about: "a security message: a job asks security questions",
        is_read: true,
        root: root::<RequestMessage<{ MessageKind::Security as usize }>>,
        examples: || [linked("security", &["security_1"])].into(),
    },
    Document {
        name: "tfa_response",
        about: "a tfa_response message: the answer to a tfa_request",
        is_read: true,
        root: root::<TfaResponse>,
        examples: || [tfa_response()].into(),
    },
    Document {
        name: "credential_response",
        about: "a credential_response message: the answer to a credential_request",
        is_read: true,
        root: root::<CredentialResponse>,
        examples: || [credential_response()].into(),
    },
    Document {
        name: "link_response",
        about: "a response without a type: the newer body of an answer to a request of any kind",
        is_read: true,
        root: root::<LinkResponse>,
        examples: || [link_response()].into(),
    },
    Document {
        name: "unknown_message",
        about: "a message of a kind that is newer than these schemas",
        is_read: true,
        root: root::<UnknownMessage>,
        examples: || [json!({ "type": "selfie", "job_id": 101, "envelope_id": ENVELOPE })].into(),
    },
    Document {
        name: "poll",
        about: "what a poll returns: an array of messages",
        is_read: true,
        root: root::<Poll>,
        examples: || [json!([job_status(), tfa_request()])].into(),
    },
    Document {
        name: "job",
        about: "the job itself, as its endpoint returns it",
        is_read: true,
        root: root::<JobEntity>,
        examples: || [job()].into(),
    },
    Document {
        name: "notification",
        about: "what a webhook is told of jobs that have ended",
        is_read: true,
        root: root::<Notification>,
        examples: || [notification()].into(),
    },
    Document {
        name: "messages",
        about: "the bundle: all of the above in one file",
        is_read: true,
        root: root::<Bundle>,
        examples: messages,
    },
    Document {
        name: "known_status",
        about: "the statuses that this version knows, as constants",
        is_read: false,
        root: root::<Known<Status>>,
        examples: Known::<Status>::examples,
    },
    Document {
        name: "known_termination_type",
        about: "the termination types that this version knows, as constants",
        is_read: false,
        root: root::<Known<TerminationType>>,
        examples: Known::<TerminationType>::examples,
    },
    Document {
        name: "known_message_kind",
        about: "the kinds of message that this version knows, as constants",
        is_read: false,
        root: root::<Known<MessageKind>>,
        examples: Known::<MessageKind>::examples,
    },
    Document {
        name: "known_rule",
        about: "the conformance rules that this version knows, as constants",
        is_read: false,
        root: root::<Known<Rule>>,
        examples: Known::<Rule>::examples,
    },
    Document {
        name: "lifecycle",
        about: "the life cycle as data: lifecycle.json",
        is_read: false,
        root: root::<Lifecycle>,
        examples: lifecycle,
    },
    Document {
        name: "report",
        about: "what `cardsavr check --format json` prints",
        is_read: false,
        root: root::<Report>,
        examples: || [Report::example()].into(),
    },
    Document {
        name: "summary",
        about: "a report without its findings, also the last line of `cardsavr check --format jsonl`",
        is_read: false,
        root: root::<Summary>,
        examples: || {
            let mut report = Report::example();
            _ = report.as_object_mut().and_then(|report| report.remove("findings"));
            [report].into()
        },
    },
    Document {
        name: "finding",
        about: "a finding of a report, also each other line of `cardsavr check --format jsonl`",
        is_read: false,
        root: root::<FindingInFile>,
        examples: || Report::example()["findings"].as_array().cloned().unwrap_or_default(),
    },
];

const ENVELOPE: &str = "2kRDNRFbPlf98X5S917d4w==";

fn job_status() -> Value {
    json!({
        "type": "job_status",
        "job_id": 101,
        "message": { "status": "PENDING_TFA", "percent_complete": 22.5, "job_timeout": 240 },
    })
}

fn tfa_request() -> Value {
    json!({ "type": "tfa_request", "job_id": 101, "envelope_id": ENVELOPE })
}

fn credential_request() -> Value {
    json!({ "type": "credential_request", "job_id": "1586", "envelope_id": ENVELOPE, "message": "please re-submit" })
}

fn linked(kind: &str, keys: &[&str]) -> Value {
    let fields: Vec<Value> =
        keys.iter().map(|key| json!({ "key_name": key, "label": "What to enter", "secret": true })).collect();
    json!({ "type": kind, "job_id": 101, "envelope_id": ENVELOPE, "account_link": fields })
}

fn tfa_response() -> Value {
    json!({ "type": "tfa_response", "envelope_id": ENVELOPE, "message": "123456" })
}

fn credential_response() -> Value {
    json!({ "type": "credential_response", "envelope_id": ENVELOPE, "message": "submitted" })
}

fn link_response() -> Value {
    json!({ "job_id": 101, "envelope_id": ENVELOPE, "account_link": { "username": "jo", "password": "pa55" } })
}

fn job() -> Value {
    json!({
        "id": 101,
        "status": "PENDING_TFA",
        "percent_complete": 22.5,
        "job_timeout": 240,
        "credential_requests": [tfa_request()],
    })
}

fn notification() -> Value {
    json!({
        "jobs": [{
            "job_id": 101,
            "job_status": "SUCCESSFUL",
            "termination_type": "BILLABLE",
            "completed_on": "2021-09-28T00:06:00Z",
        }],
        "financial_institution": "default",
        "cuid": "cardholder-7",
    })
}

fn messages() -> Vec<Value> {
    [
        job_status(),
        tfa_request(),
        credential_request(),
        tfa_response(),
        credential_response(),
        json!([job_status(), tfa_request()]),
        job(),
        notification(),
    ]
    .into()
}

/// The life cycle with the first rows of its tables.
fn lifecycle() -> Vec<Value> {
    let mut lifecycle = Lifecycle::new();
    lifecycle.statuses.truncate(1);
    lifecycle.transitions.truncate(1);
    lifecycle.guards.truncate(1);
    lifecycle.expiry.truncate(1);
    serde_json::to_value(lifecycle).into_iter().collect()
}
