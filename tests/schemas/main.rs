//! The JSON Schemas: they match the types, generators and validators can use them, they agree with the parser, and a
//! breaking change needs a new major version.

mod agreement;
mod breaking;
mod differences;
mod published;
mod released;
#[path = "../messages/samples.rs"]
mod samples;
mod shape;
mod valid;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cardsavr_protocol::export::schema::{Contract, Document, Draft};
use jsonschema::Validator;
use serde_json::Value;

const DRAFTS: [Draft; 2] = [Draft::V2020_12, Draft::V7];

/// The directory of the published schemas.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// The generated files in a directory, by their names; empty if the directory doesn't exist.
fn files_in(directory: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.expect("the directory can be read").path());
    paths
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let is_ours =
                path.extension().is_some_and(|extension| extension == "json" || extension == "scxml");
            is_ours.then(|| (name, std::fs::read_to_string(&path).expect("the file can be read")))
        })
        .collect()
}

fn value_of(document: &Document, contract: Contract, draft: Draft) -> Value {
    document.schema(contract, draft).to_value()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).expect("it is a schema")
}
