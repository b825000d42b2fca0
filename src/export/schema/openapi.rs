//! The endpoints as an `OpenAPI` document, generated from their rows.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;

use serde_json::{Map, Value, json};

use super::document::VERSION;
use crate::endpoint::{Body, EndpointRow, HeaderRow, HeaderSource, Returns};

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
        let path = paths.entry(row.path).or_insert_with(|| json!({}));
        path[&method] = match path.get(&method) {
            None => operation(row),
            Some(other) => either(other.clone(), &operation(row)),
        };
    }
    let mut headers = EndpointRow::ALL.iter().filter_map(|row| row.header);
    let access_key = headers.find(|header| header.value == HeaderSource::AccessKey).map(|header| header.name);
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
                "AccountAnswer": {
                    "title": "AccountAnswer",
                    "description": "The values that a request asks for.",
                    "type": "object",
                    "required": ["account"],
                    "properties": { "account": {
                        "description": "The account of the job.",
                        "type": "object",
                        "required": ["account_link"],
                        "properties": { "account_link": {
                            "description": "A value for each `key_name` of the request, and for no other key: all are secret.",
                            "type": "object",
                            "additionalProperties": { "type": "string", "format": "password", "writeOnly": true },
                        } },
                    } },
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
    let mut parameters = vec![];
    if !row.parameter().is_empty() {
        let schema = json!({ "type": "string" });
        parameters.push(json!({ "name": row.parameter(), "in": "path", "required": true, "schema": schema }));
    }
    let mut security = json!([]);
    if let Some(HeaderRow { name, value, .. }) = row.header {
        let schema = match value {
            // The document has a scheme for the access key instead of a value.
            HeaderSource::AccessKey => None,
            HeaderSource::Fixed(value) => Some(json!({ "type": "string", "const": value })),
            HeaderSource::Envelope => {
                Some(json!({ "type": "string", "description": "The envelope of the request." }))
            }
        };
        match schema {
            None => security = json!([{ "access_key": [] }]),
            Some(schema) => {
                parameters.push(json!({ "name": name, "in": "header", "required": true, "schema": schema }));
            }
        }
    }
    let success = if row.body == Body::Nothing { "200" } else { "2XX" };
    let mut operation = json!({
        "operationId": row.name,
        "summary": row.about,
        "description": format!("Since the edition {}.", row.since),
        "security": security,
        "parameters": parameters,
        "responses": { success: response(row.returns) },
    });
    let schema = match row.body {
        Body::Nothing => return operation,
        Body::Response => json!({ "oneOf": [
            { "$ref": "tfa_response.schema.json" },
            { "$ref": "credential_response.schema.json" },
            { "$ref": "link_response.schema.json" },
        ] }),
        Body::Account => json!({ "$ref": "#/components/schemas/AccountAnswer" }),
        Body::Job => {
            json!({ "type": "object", "description": "The fields of a job: not part of this protocol." })
        }
        Body::Fixed(json) => json!({ "const": serde_json::from_str::<Value>(json).unwrap_or_default() }),
    };
    operation["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    operation
}

/// One operation in place of two of the same method and path: with the body of either, and the headers that its body needs.
fn either(mut one: Value, other: &Value) -> Value {
    const SCHEMA: &str = "/requestBody/content/application~1json/schema";
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned).unwrap_or_default();
    one["summary"] = format!("{}. {}", text(&one["summary"]), text(&other["summary"])).into();
    if let Some(parameters) = one["parameters"].as_array_mut() {
        for parameter in parameters.iter_mut().filter(|parameter| parameter["in"] == "header") {
            parameter["required"] = false.into();
        }
    }
    let schemas =
        [one.pointer(SCHEMA), other.pointer(SCHEMA)].map(|schema| schema.cloned().unwrap_or_default());
    if let Some(schema) = one.pointer_mut(SCHEMA) {
        *schema = json!({ "oneOf": schemas });
    }
    one
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
