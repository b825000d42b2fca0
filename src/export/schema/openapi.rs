//! The endpoints as an `OpenAPI` document, generated from their rows.

use alloc::vec;

use serde_json::{Map, Value, json};

use super::document::VERSION;
use crate::endpoint::{EndpointRow, HeaderRow, Returns};

/// The endpoints as `OpenAPI` 3.1: `schemas/openapi.json`. It references the schema files in
/// the same directory: requests are strict, responses accept alternative spellings.
///
/// ```
/// let document = cardsavr_protocol::export::schema::openapi();
/// assert_eq!(document["openapi"], "3.1.1");
/// assert!(document["paths"]["/messages/cardholders/{cardholder_id}"]["get"].is_object());
/// ```
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for row in EndpointRow::ALL {
        let method = row.method.as_str().to_ascii_lowercase();
        paths.insert(row.path.into(), json!({ method: operation(row) }));
    }
    let keys = EndpointRow::ALL.iter().filter_map(|row| row.header).filter(|header| header.value.is_none());
    let access_key = keys.map(|header| header.name).next();
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
                    "name": access_key,
                    "description": "What the registration for the job's broadcasts returned.",
                },
            },
        },
    })
}

fn operation(row: &EndpointRow) -> Value {
    let mut parameters = vec![
        json!({ "name": row.parameter(), "in": "path", "required": true, "schema": { "type": "string" } }),
    ];
    let mut security = json!([]);
    match row.header {
        // The document has a scheme for the access key instead of a value.
        Some(HeaderRow { value: None, .. }) => security = json!([{ "access_key": [] }]),
        Some(HeaderRow { name, value: Some(value), .. }) => {
            let schema = json!({ "type": "string", "const": value });
            parameters.push(json!({ "name": name, "in": "header", "required": true, "schema": schema }));
        }
        None => {}
    }
    let mut operation = json!({
        "operationId": row.name,
        "summary": row.about,
        "security": security,
        "parameters": parameters,
        "responses": { "200": response(row.returns) },
    });
    if row.returns == Returns::Nothing {
        let answers = json!({ "oneOf": [
            { "$ref": "tfa_response.schema.json" },
            { "$ref": "credential_response.schema.json" },
        ] });
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": answers } } });
        operation["responses"] = json!({ "2XX": response(row.returns) });
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
