//! Finds breaking changes between an old and a new version of a schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The users of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Readers of the crate's output: every new value must have been allowed before.
    Readers,
    /// Writers of the crate's input: every accepted value must still be accepted.
    Writers,
}

/// Keywords that don't constrain values. A title names the generated type, so it is compared.
const WORDS: [&str; 7] = ["$schema", "$id", "$defs", "definitions", "description", "examples", "default"];
/// Keywords that have their own comparison.
const COMPARED: [&str; 9] =
    ["title", "type", "const", "enum", "oneOf", "anyOf", "properties", "required", "items"];

/// Each change from `old` to `new` that breaks the users on a side, with its position.
pub(crate) fn breaks(old: &Value, new: &Value, side: Side) -> Vec<String> {
    let mut comparison = Comparison { roots: (old, new), side, seen: BTreeSet::new(), breaks: Vec::new() };
    comparison.schema("", old, new);
    comparison.breaks
}

struct Comparison<'s> {
    roots: (&'s Value, &'s Value),
    side: Side,
    seen: BTreeSet<String>,
    breaks: Vec<String>,
}

impl Comparison<'_> {
    fn found(&mut self, place: &str, what: &str) {
        let place = if place.is_empty() { "the root" } else { place };
        self.breaks.push(format!("{place}: {what}"));
    }

    fn schema(&mut self, place: &str, old: &Value, new: &Value) {
        // A definition is compared once, wherever it is used first.
        if let Some(reference) = old.get("$ref") {
            if !self.seen.insert(format!("{reference} {}", new.get("$ref").unwrap_or(&Value::Null))) {
                return;
            }
        }
        let (old, new) = (resolve(self.roots.0, old), resolve(self.roots.1, new));
        let titles = old.get("title").zip(new.get("title"));
        if titles.is_some_and(|(old, new)| old != new) {
            self.found(place, "the title, which names the type, is another one");
        }
        self.choices(place, old, new);
    }

    /// Compares a schema as a choice of schemas, most often of one.
    fn choices(&mut self, place: &str, old: &Value, new: &Value) {
        let (before, after) = (choices(self.roots.0, old), choices(self.roots.1, new));
        for (name, choice) in &before {
            // An integer is a number.
            let wider =
                (self.side == Side::Writers && name == "integer").then(|| after.get("number")).flatten();
            match after.get(name).or(wider).or(after.get("anything").filter(|_| self.side == Side::Writers)) {
                Some(new) => self.parts(place, choice, new),
                None => self.found(place, &format!("{name} is gone")),
            }
        }
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            // A new constant of an open list was allowed as a text before.
            let is_expected = name.starts_with("const ") && before.contains_key("string");
            if self.side == Side::Readers && !is_expected {
                self.found(place, &format!("{name} is new"));
            }
        }
    }

    fn parts(&mut self, place: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.fields(place, old, new);
        self.values(place, old, new);
        match (old.get("items"), new.get("items")) {
            (Some(old), Some(new)) => self.schema(&format!("{place}/items"), old, new),
            (None, Some(_)) if self.side == Side::Writers => self.found(place, "items are narrowed"),
            (Some(_), None) if self.side == Side::Readers => self.found(place, "items may be anything"),
            _ => {}
        }
        let keywords: BTreeSet<_> = old.keys().chain(new.keys()).map(String::as_str).collect();
        for keyword in keywords.into_iter().filter(|it| !WORDS.contains(it) && !COMPARED.contains(it)) {
            let (before, after) = (old.get(keyword), new.get(keyword));
            let is_list =
                keyword == "not" && [before, after].iter().flatten().all(|not| not.get("enum").is_some());
            let limits = if self.side == Side::Writers { after } else { before };
            // The constants of an open list determine the `not` of its last text.
            if before != after && limits.is_some() && !is_list {
                self.found(place, &format!("`{keyword}` is another one"));
            }
        }
    }

    fn fields(&mut self, place: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let side = self.side;
        let nothing = Map::new();
        let fields =
            |schema: &'_ Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
        let (before, after) = (fields(old).unwrap_or_default(), fields(new).unwrap_or(nothing));
        for (name, field) in &before {
            match after.get(name) {
                Some(new) => self.schema(&format!("{place}/{name}"), field, new),
                None => self.found(place, &format!("the field `{name}` is gone")),
            }
        }
        let (before, after) = (texts(old.get("required")), texts(new.get("required")));
        for name in after.difference(&before).filter(|_| side == Side::Writers) {
            self.found(place, &format!("the field `{name}` is required now"));
        }
        for name in before.difference(&after).filter(|_| side == Side::Readers) {
            self.found(place, &format!("the field `{name}` may be absent now"));
        }
    }

    fn values(&mut self, place: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let side = self.side;
        let (before, after) = (texts(old.get("enum")), texts(new.get("enum")));
        for value in before.difference(&after).filter(|_| new.contains_key("enum") || side == Side::Readers) {
            self.found(place, &format!("the value {value} is gone"));
        }
        if before.is_empty() && !after.is_empty() && side == Side::Writers {
            self.found(place, "it is one of few values now");
        }
        // A file that is only a list may be extended.
        for value in after.difference(&before).filter(|_| side == Side::Readers && !place.is_empty()) {
            if !before.is_empty() {
                self.found(place, &format!("the value {value} is new"));
            }
        }
    }
}

fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let reference =
        schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// The alternatives of a schema, by what distinguishes them: constant, title or type.
fn choices<'s>(root: &'s Value, schema: &'s Value) -> BTreeMap<String, &'s Map<String, Value>> {
    let listed = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    let alone = std::slice::from_ref(schema);
    let mut named = BTreeMap::new();
    for choice in listed.map_or(alone, Vec::as_slice) {
        let choice = resolve(root, choice);
        if listed.is_some() && (choice.get("oneOf").or_else(|| choice.get("anyOf"))).is_some() {
            named.extend(choices(root, choice));
            continue;
        }
        let Some(object) = choice.as_object() else { continue };
        let text = |keyword| object.get(keyword).and_then(Value::as_str);
        let name = match (object.get("const"), text("title"), text("type")) {
            (Some(constant), ..) => format!("const {constant}"),
            (None, Some(title), Some("object")) if listed.is_some() => title.to_owned(),
            (None, _, Some(kind)) => kind.to_owned(),
            (None, _, None) => "anything".to_owned(),
        };
        named.insert(name, object);
    }
    named
}

fn texts(list: Option<&Value>) -> BTreeSet<String> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|it| it.as_str().unwrap_or_default().into())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "title": "Job",
            "type": "object",
            "properties": {
                "id": { "$ref": "#/$defs/Id" },
                "status": { "$ref": "#/$defs/Status" },
                "severity": { "type": "string", "enum": ["error", "note"] },
                "left": { "description": "seconds", "type": "integer", "minimum": 0 },
                "texts": { "type": "array", "items": { "type": "string" } },
                "any": { "description": "anything" },
            },
            "required": ["id"],
            "additionalProperties": true,
            "$defs": {
                "Id": { "title": "Id", "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                "Status": {
                    "title": "Status",
                    "oneOf": [
                        { "const": "AUTH" },
                        { "const": "DONE" },
                        { "type": "string", "not": { "enum": ["AUTH", "DONE"] } },
                    ],
                },
            },
        })
    }

    /// Sets or removes the value at a position of the schema.
    fn changed(place: &str, value: Option<Value>) -> Value {
        let mut schema = schema();
        let (parent, name) = place.rsplit_once('/').expect("a place has a parent");
        let parent = schema.pointer_mut(parent).expect("the parent is there");
        match (parent, value) {
            (Value::Object(object), Some(value)) => _ = object.insert(name.to_owned(), value),
            (Value::Object(object), None) => assert!(object.remove(name).is_some(), "{place}"),
            (Value::Array(list), Some(value)) if name == "-" => list.push(value),
            (Value::Array(list), None) => _ = list.remove(name.parse().expect("it is an index")),
            _ => panic!("nothing to change at {place}"),
        }
        schema
    }

    #[test]
    fn each_change_breaks_the_expected_users() {
        let (nobody, both) = ((false, false), (true, true));
        let (readers, writers) = ((true, false), (false, true));
        let cases = [
            // Descriptions, and new optional parts.
            ("/properties/left/description", Some(json!("in seconds")), nobody),
            ("/examples", Some(json!([1])), nobody),
            ("/$id", Some(json!("urn:another")), nobody),
            ("/properties/added", Some(json!({ "type": "string" })), nobody),
            ("/$defs/Status/oneOf/-", Some(json!({ "const": "NEW" })), nobody),
            ("/$defs/Status/oneOf/2/not/enum/-", Some(json!("NEW")), nobody),
            // Names.
            ("/properties/left", None, both),
            ("/title", Some(json!("Work")), both),
            ("/$defs/Id/title", Some(json!("JobId")), both),
            // Constants and values.
            ("/$defs/Status/oneOf/1", None, both),
            ("/properties/severity/enum/1", None, both),
            ("/properties/severity/enum/-", Some(json!("warning")), readers),
            ("/properties/severity/enum", None, readers),
            ("/properties/texts/items/enum", Some(json!(["a"])), writers),
            // Types.
            ("/properties/left/type", Some(json!("string")), both),
            ("/properties/left/type", Some(json!("number")), readers),
            ("/properties/left/type", None, readers),
            ("/properties/any/type", Some(json!("string")), both),
            ("/properties/texts/items/type", Some(json!("integer")), both),
            ("/properties/texts/items", None, readers),
            ("/$defs/Id/anyOf/-", Some(json!({ "type": "null" })), readers),
            ("/$defs/Id/anyOf/1", None, both),
            (
                "/properties/status",
                Some(json!({ "anyOf": [{ "$ref": "#/$defs/Status" }, { "type": "null" }] })),
                readers,
            ),
            // Required and optional fields.
            ("/required/-", Some(json!("left")), writers),
            ("/required/0", None, readers),
            // Limits.
            ("/properties/left/minimum", Some(json!(1)), both),
            ("/properties/left/minimum", None, readers),
            ("/properties/left/maximum", Some(json!(9)), writers),
            ("/additionalProperties", Some(json!(false)), both),
            ("/properties/severity/not", Some(json!({ "const": "note" })), writers),
        ];
        for (place, value, (for_readers, for_writers)) in cases {
            let new = changed(place, value.clone());
            for (side, expected) in [(Side::Readers, for_readers), (Side::Writers, for_writers)] {
                let found = breaks(&schema(), &new, side);
                assert_eq!(!found.is_empty(), expected, "{place} {value:?} {side:?}: {found:?}");
            }
        }
    }

    #[test]
    fn a_breaking_change_is_reported_with_its_position() {
        let new = changed("/$defs/Status/oneOf/1", None);
        assert_eq!(breaks(&schema(), &new, Side::Readers), ["/status: const \"DONE\" is gone"]);
        let new = changed("/properties/left", None);
        assert_eq!(breaks(&schema(), &new, Side::Writers), ["the root: the field `left` is gone"]);
    }

    #[test]
    fn a_schema_does_not_break_itself() {
        for side in [Side::Readers, Side::Writers] {
            assert_eq!(breaks(&schema(), &schema(), side), [""; 0]);
        }
    }
}
