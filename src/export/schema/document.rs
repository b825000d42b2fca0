//! A document, and its schema in each contract and draft.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::contract::{Contract, Draft};
use super::shape::Shape;

/// The schemas' own version, which is part of every `$id`. It follows semver, apart from the crate's: a new major
/// version may break a reader or a writer, a new minor one adds (a status, an optional field, a document), and a
/// patch changes words. A released version is kept in `schemas/released/VERSION.json`.
pub const VERSION: &str = "1.1.0";

/// A document that has a schema.
#[derive(Clone, Copy)]
pub struct Document {
    /// Its name: `NAME.schema.json` is its file.
    pub name: &'static str,
    /// One line on its content.
    pub about: &'static str,
    /// Whether this crate reads it as well as writes it.
    pub is_read: bool,
    pub(super) root: fn(SchemaGenerator) -> Schema,
    pub(super) examples: fn() -> Vec<Value>,
}

impl Document {
    /// Its schema. If no more is accepted than emitted, both contracts have the same schema.
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
        // `Shape` replaces the transforms of the draft.
        let settings = settings.with(|settings| settings.transforms.clear()).with_transform(Shape(contract));
        let mut schema = (self.root)(settings.into_generator());
        // A name, not an address: nothing can be fetched.
        let draft = if draft == Draft::V7 { "draft-07:" } else { "" };
        let id = format!("urn:cardsavr-protocol:schemas:{VERSION}:{draft}{}", self.qualified(contract, ":"));
        schema.insert("$id".into(), id.into());
        schema.insert("examples".into(), (self.examples)().into());
        schema
    }

    /// The name, qualified by the contract if that is [`Contract::Accepted`].
    pub(super) fn qualified(&self, contract: Contract, separator: &str) -> String {
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
