//! JSON Schemas of the messages, the report and the life cycle, for programs in other languages.
//!
//! Everything is derived from the Rust types; the directory `schemas/` of the repository holds the files of [`layout`]. A
//! type that is read and written has a schema for each [`Contract`]: output is strict; input may use other spellings, and
//! `null` for absent. The shapes of the schemas are those that code generators can use.
//!
//! ```
//! use cardsavr_protocol::export::schema::{Contract, Document, Draft};
//!
//! let document = Document::named("job_status").ok_or("no such document")?;
//! let schema = document.schema(Contract::Emitted, Draft::V2020_12);
//! assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("JobStatusMessage"));
//! # Ok::<(), &str>(())
//! ```

mod contract;
mod document;
mod documents;
mod lists;
mod openapi;
pub(crate) mod shape;
mod types;

use alloc::format;
use alloc::string::String;

use schemars::Schema;
use serde::Serialize;

pub use self::contract::{Contract, Draft};
pub use self::document::{Document, VERSION};
pub use self::openapi::openapi;
use crate::export::diagram;
use crate::{Edition, Lifecycle};

/// The path and text of each generated file in `schemas/`: the schemas in draft 2020-12, the life cycle as data and as
/// state machines, and the `OpenAPI` document. The pages, vectors and released versions in that directory are not included.
pub fn layout() -> impl Iterator<Item = (String, String)> {
    let schemas = files(Draft::V2020_12).map(|(path, schema)| (path, text(&schema)));
    let others = [
        ("lifecycle.json", text(&Lifecycle::new())),
        ("lifecycle.scxml", diagram::scxml(Edition::V2021)),
        ("openapi.json", text(&openapi())),
        ("xstate.json", diagram::xstate(Edition::V2021)),
    ];
    schemas.chain(others.map(|(path, text)| (path.into(), text)))
}

/// A document as indented JSON, with a line break at its end.
pub fn text(value: &impl Serialize) -> String {
    // Serializing fails only if a key is not a string, and all keys here are.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// The path and schema of each document in a draft: `NAME.schema.json` for what is emitted and, if the document has two
/// contracts, `accepted/NAME.schema.json` for what is accepted.
pub fn files(draft: Draft) -> impl Iterator<Item = (String, Schema)> {
    Document::all().iter().flat_map(move |document| {
        let accepted = document.has_two_contracts().then_some(Contract::Accepted);
        [Some(Contract::Emitted), accepted].into_iter().flatten().map(move |contract| {
            (format!("{}.schema.json", document.qualified(contract, "/")), document.schema(contract, draft))
        })
    })
}
