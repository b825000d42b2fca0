//! The JSON Schemas of closed lists and of counts, and descriptions from doc comments.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use strum::{EnumMessage, VariantArray};

/// The first paragraph of a doc comment without its mark-up. What follows it speaks to those who use the crate.
pub(crate) fn plain(doc: &str) -> String {
    let paragraph = doc.split("\n\n").next().unwrap_or_default();
    let mut text = String::new();
    for line in paragraph.lines() {
        // The items of a list keep their lines.
        let separator = if line.starts_with("- ") { "\n" } else { " " };
        text.extend((!text.is_empty()).then_some(separator));
        text += line.trim();
    }
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // The address of a link goes, too.
            ']' if characters.peek() == Some(&'(') => {
                while characters.next().is_some_and(|end| end != ')') {}
            }
            '`' | '[' | ']' | '\\' => {}
            _ => plain.push(character),
        }
    }
    plain
}

/// Makes the values of a list of our own, which a new version of the schemas alone can extend, an `enum`: generators
/// have a type for that. What the values mean goes into the description.
pub(crate) fn closed(schema: &mut Schema) {
    let Some(Value::Array(values)) = schema.remove("oneOf") else { return };
    let described = values
        .iter()
        .filter_map(|value| Some((value.get("const")?.as_str()?, value.get("description")?.as_str()?)));
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = list(description, described);
    schema.insert("description".into(), description.into());
    schema.insert("type".into(), "string".into());
    let values: Vec<_> = values.iter().filter_map(|value| value.get("const").cloned()).collect();
    schema.insert("enum".into(), values.into());
}

/// A description that ends with what each value of a list means.
pub(crate) fn list<'d>(about: &str, values: impl Iterator<Item = (&'d str, &'d str)>) -> String {
    let first = plain(about);
    values.fold(first, |text, (value, meaning)| text + "\n- " + value + ": " + &plain(meaning))
}

/// How often each value of a list occurred: all of them are there.
pub(crate) fn counts<T: EnumMessage + VariantArray + Copy + Into<&'static str>>(
    _: &mut SchemaGenerator,
) -> Schema {
    let count = |value: T| {
        let meaning = plain(value.get_documentation().unwrap_or_default());
        json!({ "description": format!("How many of these: {meaning}"), "type": "integer", "minimum": 0 })
    };
    let names: Vec<&str> = T::VARIANTS.iter().map(|&value| value.into()).collect();
    let properties: Map<_, _> =
        T::VARIANTS.iter().zip(&names).map(|(&value, &name)| (name.into(), count(value))).collect();
    json_schema!({ "type": "object", "properties": properties, "required": names })
}
