//! Transforms that make schemas usable by code generators.
//!
//! Each rule was tested with generators for TypeScript, Python, Java, C#, Go, Kotlin, Swift and Rust:
//!
//! - an absent optional field is omitted; `null` is allowed in accepted input only;
//! - a choice of types is an `anyOf`, since strict validators refuse a list of types;
//! - a `$ref` has no sibling keywords: a description there produces a second type of the same name;
//! - every definition has its name as its title, and every object explicitly allows additional fields;
//! - Rust-specific `format` values are removed.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::Schema;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Map, Value};

use super::contract::Contract;
use crate::spec::schema::plain;

/// Applies these rules to a schema.
#[derive(Clone)]
pub(super) struct Shape(pub(super) Contract);

impl Transform for Shape {
    fn transform(&mut self, schema: &mut Schema) {
        for definitions in ["$defs", "definitions"] {
            let named = schema.get_mut(definitions).and_then(Value::as_object_mut);
            for (name, definition) in named.into_iter().flatten() {
                if let Some(definition) = definition.as_object_mut() {
                    definition.insert("title".into(), name.as_str().into());
                }
            }
        }
        self.visit(schema);
    }
}

impl Shape {
    fn visit(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            self.fix(object);
        }
        transform_subschemas(&mut |inner: &mut Schema| self.visit(inner), schema);
    }

    fn fix(&self, schema: &mut Map<String, Value>) {
        if schema.contains_key("$ref") {
            return schema.retain(|keyword, _| keyword == "$ref");
        }
        schema.remove("format");
        if let Some(Value::String(description)) = schema.get_mut("description") {
            *description = plain(description);
        }
        if schema.get("type").is_some_and(|kind| kind == "object") {
            schema.entry("additionalProperties").or_insert(true.into());
        }
        if self.0 == Contract::Emitted {
            let required = schema.get("required").cloned().unwrap_or_default();
            let is_required =
                |name: &String| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
            let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
            let optional = properties.into_iter().flatten().filter(|(name, _)| !is_required(name));
            optional.filter_map(|(_, property)| property.as_object_mut()).for_each(without_null);
        }
        choice_of_types(schema);
    }
}

/// Removes `null` from the types that a schema allows.
fn without_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [kind] = &types[..] {
            let kind = kind.clone();
            schema.insert("type".into(), kind);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        let all = choices.len();
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        if let ([Value::Object(only)], true) = (&choices[..], choices.len() < all) {
            let only = only.clone();
            schema.remove("anyOf");
            schema.extend(only);
            if schema.contains_key("$ref") {
                schema.retain(|keyword, _| keyword == "$ref");
            }
        }
    }
}

/// Converts a list of types to an `anyOf`. Keywords for the value as a whole stay outside of it.
fn choice_of_types(schema: &mut Map<String, Value>) {
    const OF_THE_WHOLE: [&str; 5] = ["title", "description", "default", "examples", "writeOnly"];

    let Some(Value::Array(types)) = schema.get("type").cloned() else { return };
    let inside: Vec<_> =
        schema.keys().filter(|keyword| !OF_THE_WHOLE.contains(&keyword.as_str())).cloned().collect();
    let inside: Map<String, Value> =
        inside.into_iter().filter_map(|keyword| schema.remove_entry(&keyword)).collect();
    let choices = types.into_iter().map(|kind| {
        let mut choice = if kind == "null" { Map::new() } else { inside.clone() };
        choice.insert("type".into(), kind);
        Value::Object(choice)
    });
    schema.insert("anyOf".into(), choices.collect());
}
