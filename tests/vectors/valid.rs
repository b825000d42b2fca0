//! The vectors are valid by their schema.

use serde_json::Value;

use crate::{FILES, text_of};

#[test]
fn the_files_are_valid_by_the_schema() {
    let schema: Value = serde_json::from_str(&text_of("vectors.schema.json")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for name in FILES {
        let mut file: Value = serde_json::from_str(&text_of(name)).expect("it is JSON");
        assert_eq!(validator.validate(&file).map_err(|error| error.to_string()), Ok(()), "{name}");
        // The schema rejects an unknown expectation, which no adapter compares.
        file["vectors"][0]["steps"][0]["expect"]["verdict"] = "fine".into();
        assert!(!validator.is_valid(&file), "{name}");
    }
}
