//! Types whose schemas can't be derived: unions, and types that are one in Rust and two on the wire.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use schemars::transform::Transform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;
use strum::EnumMessage;

use crate::conformance::{FindingInFile, Summary};
use crate::wire::{
    CredentialResponse, JobEntity, JobStatusMessage, Json, LinkValues, Message, MessageKind, Notification,
    Payload, Request, RequestKind, Submission, TfaResponse, UnknownMessage, kind_table, of_kind,
};

/// The schemas of all kinds of message.
macro_rules! each_kind {
    (
        statuses { $($(#[$s_doc:meta])+ $s_text:literal $status:ident: $s_object:ident;)+ }
        requests { $($(#[$q_doc:meta])+ $q_text:literal $request:ident: $q_object:ident, $($column:ident $value:tt),+;)+ }
        responses { $($(#[$r_doc:meta])+ $r_text:literal $response:ident: $r_object:ident;)+ }
    ) => {
        [
            $(SchemaGenerator::subschema_for::<$s_object>,)+
            $(SchemaGenerator::subschema_for::<RequestMessage<{ MessageKind::$request as usize }>>,)+
            $(SchemaGenerator::subschema_for::<$r_object>,)+
        ]
    };
}

/// The messages of the known kinds, told apart by the constant in each. Those of newer kinds, which the parser takes in the
/// same places, have a document of their own: generators pass over the `not` that keeps a known message with a fault from
/// being taken for one of them. So whoever reads looks at the `type` first.
impl JsonSchema for Message {
    fn schema_name() -> Cow<'static, str> {
        "Message".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kinds = kind_table!(each_kind);
        let kinds = kinds.map(|schema| schema(generator));
        json_schema!({
            "description": "A message of a known kind: its type tells which. Where one may stand, one of a newer kind may, \
                            too: look at the type first, and read that one as an UnknownMessage.",
            "oneOf": kinds,
        })
    }
}

/// A request of one kind: on the wire a message of its own. `KIND` is its row.
pub(super) struct RequestMessage<const KIND: usize>;

impl<const KIND: usize> JsonSchema for RequestMessage<KIND> {
    fn schema_name() -> Cow<'static, str> {
        MessageKind::ALL
            .get(KIND)
            .map_or_else(|| "RequestMessage".into(), |kind| format!("{kind:?}Message").into())
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Request::json_schema(generator);
        if let Some(&kind) = MessageKind::ALL.get(KIND) {
            of_kind(kind).transform(&mut schema);
            let asks = kind.get_documentation().unwrap_or_default();
            let stands = "It stands until it is answered: polling shows the same request again and again.";
            schema.insert("description".into(), format!("{asks} {stands}").into());
        }
        schema
    }
}

impl JsonSchema for UnknownMessage {
    fn schema_name() -> Cow<'static, str> {
        "UnknownMessage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let known: Vec<_> = MessageKind::ALL.iter().map(ToString::to_string).collect();
        json_schema!({
            "description": "A message of a kind that is newer than these schemas. Those added so far are requests.",
            "type": "object",
            "properties": {
                "type": { "description": "The kind of message.", "type": "string", "not": { "enum": known } },
                // The fields of such a message are unknown, so any type is valid. The types are listed because some
                // generators turn a description alone into an object.
                "job_id": { "description": "The job that it names, if it names one.", "anyOf": [{}] },
                "envelope_id": { "description": "Its envelope, if it has one.", "anyOf": [{}] },
            },
            "required": ["type"],
        })
    }
}

/// The `type` of a request, which each kind of request replaces by its own.
impl JsonSchema for RequestKind {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RequestKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl JsonSchema for LinkValues {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LinkValues".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string", "writeOnly": true } })
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Some generators turn a description alone into an object.
        json_schema!({ "anyOf": [{}] })
    }
}

impl JsonSchema for Submission {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Submission".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        if generator.contract().is_serialize() {
            return json_schema!({ "type": "string", "const": "submitted" });
        }
        // Another value violates a conformance rule, not the schema; it may be the credentials.
        json_schema!({ "anyOf": [{}], "not": { "type": "null" }, "writeOnly": true })
    }
}

/// An array of messages, which a poll returns.
pub(super) struct Poll;

impl JsonSchema for Poll {
    fn schema_name() -> Cow<'static, str> {
        "Poll".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What a poll returns: the messages of one job or, by cardholder, of several.",
            "type": "array",
            "items": generator.subschema_for::<Message>(),
        })
    }
}

impl JsonSchema for Payload {
    fn schema_name() -> Cow<'static, str> {
        "Payload".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choices = [
            generator.subschema_for::<Message>(),
            generator.subschema_for::<Poll>(),
            generator.subschema_for::<JobEntity>(),
            generator.subschema_for::<Notification>(),
        ];
        // A message may also have the fields of a job, so require at least one of its own fields.
        json_schema!({ "description": "Whatever carries messages or the same information.", "anyOf": choices })
    }
}

/// Every definition of the messages in one file.
pub(super) struct Bundle;

impl JsonSchema for Bundle {
    fn schema_name() -> Cow<'static, str> {
        Payload::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // Not a member of the union, but part of the bundle.
        generator.subschema_for::<UnknownMessage>();
        Payload::json_schema(generator)
    }
}

/// What `cardsavr check --format json` prints. The field `rules` and those of `unknown` have only what occurred.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the report is written as it comes, so that its length needs no memory")]
pub(super) struct Report {
    #[schemars(flatten)]
    summary: Summary,
    /// The breaks of rules, in the order of the log.
    findings: Vec<FindingInFile<'static>>,
}

impl Report {
    pub(super) fn example() -> serde_json::Value {
        json!({
            "version": 1,
            "inputs": [{ "file": "a.jsonl", "bytes": 812, "records": 9 }],
            "records": 9,
            "messages": 9,
            "jobs": 2,
            "terminations": {
                "BILLABLE": 1, "USER_DATA_FAILURE": 0, "SITE_INTERACTION_FAILURE": 0, "PROCESS_FAILURE": 0,
                "NEVER_STARTED": 0,
            },
            "unterminated": 1,
            "severities": { "error": 0, "warning": 1, "note": 1 },
            "rules": { "skipped-status": 1, "unterminated-job": 1 },
            "unknown": { "statuses": { "PENDING": 3 }, "termination_types": {}, "message_types": {} },
            "findings": [
                {
                    "rule": "skipped-status", "severity": "warning", "file": "a.jsonl", "line": 7, "column": 1,
                    "job_id": 101,
                    "message": "job 101 went from PENDING_NEWCREDS to LOGIN_RESUBMITTED: NEWCREDS_RECEIVED is missing",
                    "found": "LOGIN_RESUBMITTED", "expected": ["NEWCREDS_RECEIVED", "LOGIN_RESUBMITTED"],
                },
                {
                    "rule": "unterminated-job", "severity": "note", "file": "a.jsonl", "line": 9, "column": 1,
                    "job_id": 101, "message": "the log ends while job 101 is in UPDATING",
                },
            ],
        })
    }
}
