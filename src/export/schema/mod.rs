//! JSON Schemas of the messages, the report and the life cycle, for whoever does not read Rust.
//!
//! Everything derives from the Rust types; the directory `schemas/` of the repository holds what [`layout`] gives.
//! A type that is read and written has two schemas, one a [`Contract`]: what goes out is strict, what comes in may be
//! spelled otherwise, or be `null` where it is absent. Which shapes the schemas use follows from what generators of
//! code make of them.
//!
//! ```
//! use cardsavr_protocol::export::schema::{Contract, Document, Draft};
//!
//! let document = Document::named("job_status").ok_or("no such document")?;
//! let schema = document.schema(Contract::Emitted, Draft::V2020_12);
//! assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("JobStatusMessage"));
//! # Ok::<(), &str>(())
//! ```

mod documents;
mod lists;
mod openapi;
pub(crate) mod shape;
mod types;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use openapi::openapi;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::Lifecycle;
use crate::export::diagram;
use shape::Shape;

/// The schemas' own version, which is part of every `$id`. It follows semver, apart from the crate's: a new major
/// version may break a reader or a writer, a new minor one adds (a status, an optional field, a document), and a
/// patch changes words. A released version is kept in `schemas/released/VERSION.json`.
pub const VERSION: &str = "1.1.0";

/// Which side of the wire a schema speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contract {
    /// What this crate writes: the table's spellings, and no field without a value.
    Emitted,
    /// What this crate reads: other spellings, and `null` for absent, too. A kind of message that is newer has a document
    /// of its own in both.
    Accepted,
}

/// The dialect that a schema is written in. What it says is the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Draft {
    /// Draft 2020-12, the canonical form.
    V2020_12,
    /// Draft 7, for generators that read no other.
    V7,
}

/// A document that has a schema.
#[derive(Clone, Copy)]
pub struct Document {
    /// Its name: `NAME.schema.json` is its file.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Whether this crate reads it, or does nothing but write it.
    pub is_read: bool,
    root: fn(SchemaGenerator) -> Schema,
    examples: fn() -> Vec<Value>,
}

impl Document {
    /// All documents, in the order in which a reader meets them.
    pub const fn all() -> &'static [Self] {
        documents::DOCUMENTS
    }

    /// The document of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|document| document.name == name)
    }

    /// Its schema. Where what is accepted is no more than what is emitted, the two are one.
    pub fn schema(&self, contract: Contract, draft: Draft) -> Schema {
        match contract {
            Contract::Accepted if self.has_two_contracts() => self.generate(contract, draft),
            _ => self.generate(Contract::Emitted, draft),
        }
    }

    /// Whether more is accepted than is emitted.
    pub fn has_two_contracts(&self) -> bool {
        let without_id = |contract| {
            let mut schema = self.generate(contract, Draft::V2020_12);
            schema.remove("$id");
            schema
        };
        self.is_read && without_id(Contract::Emitted) != without_id(Contract::Accepted)
    }

    fn generate(&self, contract: Contract, draft: Draft) -> Schema {
        let settings = match draft {
            Draft::V2020_12 => SchemaSettings::draft2020_12(),
            Draft::V7 => SchemaSettings::draft07(),
        };
        let settings = match contract {
            Contract::Emitted => settings.for_serialize(),
            Contract::Accepted => settings.for_deserialize(),
        };
        // What those of the draft would rewrite, this one leaves none of.
        let settings = settings.with(|settings| settings.transforms.clear()).with_transform(Shape(contract));
        let mut schema = (self.root)(settings.into_generator());
        // A name, not an address: there is nothing to fetch, and no domain that might change hands.
        let draft = if draft == Draft::V7 { "draft-07:" } else { "" };
        let id = format!("urn:cardsavr-protocol:schemas:{VERSION}:{draft}{}", self.qualified(contract, ":"));
        schema.insert("$id".into(), id.into());
        schema.insert("examples".into(), (self.examples)().into());
        schema
    }

    /// The name, qualified by the contract if that is [`Contract::Accepted`].
    fn qualified(&self, contract: Contract, separator: &str) -> String {
        match contract {
            Contract::Emitted => self.name.into(),
            Contract::Accepted => format!("accepted{separator}{}", self.name),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.name).finish()
    }
}

/// The path and text of each generated file in `schemas/`: the schemas in draft 2020-12, the life cycle as data and as
/// state machines, and the `OpenAPI` document. The pages, vectors and released versions in that directory are not included.
pub fn layout() -> impl Iterator<Item = (String, String)> {
    let schemas = files(Draft::V2020_12).map(|(path, schema)| (path, text(&schema)));
    let others = [
        ("lifecycle.json", text(&Lifecycle::new())),
        ("lifecycle.scxml", diagram::scxml()),
        ("openapi.json", text(&openapi())),
        ("xstate.json", diagram::xstate()),
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
