//! The endpoints as an `OpenAPI` document, made of the endpoints' own values.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::VERSION;
use crate::endpoint::{Endpoint, EndpointError, Returns};
use crate::wire::{JobId, Secret};

/// The access key stands in this header, and a document has a scheme for it instead of a value.
const ACCESS_KEY: &str = "cardsavr-messaging-access-key";

/// The endpoints as `OpenAPI` 3.1: `schemas/openapi.json`. The schemas of the messages are those of the files beside
/// it, by reference: what a client posts is strict, what it is sent may be spelled otherwise.
///
/// ```
/// let document = cardsavr_protocol::export::schema::openapi();
/// assert_eq!(document["openapi"], "3.1.1");
/// assert!(document["paths"]["/messages/cardholders/{cardholder_id}"]["get"].is_object());
/// ```
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for (id, summary, endpoint) in endpoints().into_iter().flatten() {
        let path = unescaped(endpoint.path());
        let operation = operation(id, summary, &path, &endpoint);
        let method = endpoint.method().as_str().to_ascii_lowercase();
        paths.insert(path, json!({ method: operation }));
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "CardSavr messaging",
            "version": VERSION,
            "summary": "The endpoints of the job life cycle's messages.",
            "description": "What the service requires beside these, such as its session's own headers, is not part of this protocol.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "Wherever the service is: the host is the caller's to know." }],
        "paths": paths,
        "components": {
            "schemas": {
                "Registration": {
                    "title": "Registration",
                    "description": "What a registration for the broadcasts of a job returns.",
                    "type": "object",
                    "required": ["access_key"],
                    "properties": {
                        "access_key": { "type": "string", "format": "password", "description": "The key to the job's broadcasts: a secret." },
                    },
                    "additionalProperties": true,
                },
            },
            "securitySchemes": {
                "access_key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": ACCESS_KEY,
                    "description": "What the registration for the job's broadcasts returned.",
                },
            },
        },
    })
}

type Row = (&'static str, &'static str, Endpoint);

/// The endpoints, with ids that name the path's parameters. No name is one that a path can't hold.
fn endpoints() -> [Result<Row, EndpointError>; 6] {
    let job = JobId::Text("{job_id}".into());
    let row = |id, summary, endpoint: Result<Endpoint, EndpointError>| Ok((id, summary, endpoint?));
    [
        row("register", "Registers for the broadcasts of a job", Endpoint::register(&job)),
        row(
            "broadcasts",
            "Polls the status messages of a job",
            Endpoint::broadcasts(&job, &Secret::new("{access_key}")),
        ),
        row("requests", "Polls the open requests of a job", Endpoint::requests(&job)),
        row("answer", "Posts the answer to a request of a job", Endpoint::answer(&job)),
        row(
            "messages",
            "Polls the messages of all jobs of a cardholder",
            Endpoint::messages("{cardholder_id}"),
        ),
        row("job", "Fetches a job with its open requests", Endpoint::job(&job)),
    ]
}

/// A path whose parameters stand in braces again.
fn unescaped(path: &str) -> String {
    path.replace("%7B", "{").replace("%7D", "}")
}

fn operation(id: &str, summary: &str, path: &str, endpoint: &Endpoint) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let mut security = json!([]);
    for header in endpoint.headers() {
        if header.name() == ACCESS_KEY {
            security = json!([{ "access_key": [] }]);
        } else {
            let schema = json!({ "type": "string", "const": header.value() });
            parameters
                .push(json!({ "name": header.name(), "in": "header", "required": true, "schema": schema }));
        }
    }
    let mut operation = json!({
        "operationId": id,
        "summary": summary,
        "security": security,
        "parameters": parameters,
        "responses": { "200": response(endpoint.returns()) },
    });
    if endpoint.returns() == Returns::Nothing {
        let answers = json!({ "oneOf": [
            { "$ref": "tfa_response.schema.json" },
            { "$ref": "credential_response.schema.json" },
        ] });
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": answers } } });
        operation["responses"] = json!({ "2XX": response(endpoint.returns()) });
    }
    operation
}

fn response(returns: Returns) -> Value {
    let (description, schema) = match returns {
        Returns::Registration => ("The access key", "#/components/schemas/Registration"),
        Returns::Messages => (
            "The messages. Look at the type of each first: one that is newer is of unknown_message.schema.json.",
            "accepted/poll.schema.json",
        ),
        Returns::Job => (
            "The job. Look at the type of each request first: one that is newer is of unknown_message.schema.json.",
            "accepted/job.schema.json",
        ),
        Returns::Nothing => return json!({ "description": "It was taken" }),
    };
    json!({ "description": description, "content": { "application/json": { "schema": { "$ref": schema } } } })
}
