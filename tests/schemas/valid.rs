//! Every schema is valid by the meta-schema of its draft, and its examples are valid by the schema.

use cardsavr_protocol::Lifecycle;
use cardsavr_protocol::export::schema::{Contract, Document, Draft, files};
use jsonschema::ValidationError;
use serde_json::Value;

use crate::{DRAFTS, validator, value_of};

#[test]
fn every_schema_is_valid_by_its_meta_schema() {
    type Validate = fn(&Value) -> Result<(), ValidationError<'_>>;
    let drafts: [(Draft, Validate); 2] = [
        (Draft::V2020_12, jsonschema::draft202012::meta::validate),
        (Draft::V7, jsonschema::draft7::meta::validate),
    ];
    for (draft, validate) in drafts {
        for (path, schema) in files(draft) {
            let schema = schema.to_value();
            let result = validate(&schema);
            assert!(result.is_ok(), "{path}: {:?}", result.err());
        }
    }
}

#[test]
fn every_file_has_a_valid_example() {
    for (path, schema) in DRAFTS.into_iter().flat_map(files) {
        let schema = schema.to_value();
        let examples = schema["examples"].as_array().expect("there are examples");
        assert!(!examples.is_empty(), "{path}");
        let validator = validator(&schema);
        for example in examples {
            let result = validator.validate(example);
            assert!(result.is_ok(), "{path}: {example}: {:?}", result.err().map(|error| error.to_string()));
            assert!(!validator.is_valid(&Value::Null), "{path} accepts anything");
        }
    }
}

#[test]
fn the_lifecycle_is_valid_by_its_schema() {
    let document = Document::named("lifecycle").expect("it is a document");
    let mut lifecycle = serde_json::to_value(Lifecycle::new()).expect("it is JSON");
    let validator = validator(&value_of(document, Contract::Emitted, Draft::V2020_12));
    assert!(validator.is_valid(&lifecycle));
    lifecycle["statuses"][3]["phase"] = "afterlife".into();
    assert!(!validator.is_valid(&lifecycle));
}
