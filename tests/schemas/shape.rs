//! The schemas use only shapes that code generators support: each rule, on every schema of every file.

use std::collections::BTreeMap;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::export::schema::{Contract, Document, Draft, VERSION, files};
use cardsavr_protocol::wire::MessageKind;
use cardsavr_protocol::{Status, TerminationType};
use serde_json::{Map, Value};

use crate::{DRAFTS, value_of};

/// Calls `visit` with each schema in a schema, and its position.
fn walk(place: &str, schema: &Value, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    let Some(object) = schema.as_object() else { return };
    visit(place, object);
    for (keyword, value) in object {
        match (keyword.as_str(), value) {
            ("properties" | "$defs" | "definitions", Value::Object(named)) => {
                for (name, inner) in named {
                    walk(&format!("{place}/{keyword}/{name}"), inner, visit);
                }
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(choices)) => {
                for (index, inner) in choices.iter().enumerate() {
                    walk(&format!("{place}/{keyword}/{index}"), inner, visit);
                }
            }
            ("items" | "not" | "additionalProperties", inner) => {
                walk(&format!("{place}/{keyword}"), inner, visit);
            }
            _ => {}
        }
    }
}

fn each_schema(mut visit: impl FnMut(&str, &Map<String, Value>)) {
    for (path, schema) in files(Draft::V2020_12) {
        walk(&path, &schema.to_value(), &mut visit);
    }
}

#[test]
fn no_keyword_that_tools_refuse_or_misread() {
    /// All keywords in use. Test a new one with the generators first.
    const KEYWORDS: [&str; 20] = [
        "$schema",
        "$id",
        "$ref",
        "$defs",
        "definitions",
        "title",
        "description",
        "examples",
        "type",
        "const",
        "enum",
        "not",
        "oneOf",
        "anyOf",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "minimum",
        "writeOnly",
    ];
    const RUST: [&str; 2] = ["maximum", "default"];

    each_schema(|place, schema| {
        for keyword in schema.keys().map(String::as_str) {
            // The limits have the range of their type, and the documented values as defaults.
            let is_limit = place.contains("/Limits/") && RUST.contains(&keyword);
            assert!(KEYWORDS.contains(&keyword) || is_limit, "{place}: {keyword}");
        }
        assert!(!matches!(schema.get("type"), Some(Value::Array(_))), "{place}: a list of types");
        assert!(schema.len() == 1 || !schema.contains_key("$ref"), "{place}: something beside a $ref");
    });
}

#[test]
fn a_reference_stays_in_its_file() {
    for (path, schema) in DRAFTS.into_iter().flat_map(files) {
        let root = schema.to_value();
        walk(&path, &root, &mut |place, schema| {
            if let Some(Value::String(reference)) = schema.get("$ref") {
                let pointer = reference.strip_prefix('#').expect("it points into the file");
                assert!(root.pointer(pointer).is_some(), "{place}: {reference}");
            }
        });
    }
}

#[test]
fn every_object_allows_additional_fields() {
    each_schema(|place, schema| {
        if schema.get("type").is_some_and(|kind| kind == "object") {
            // A map has the schema of its values instead.
            let more = &schema["additionalProperties"];
            assert!(*more == true || (more.is_object() && !schema.contains_key("properties")), "{place}");
        }
    });
}

#[test]
fn every_definition_has_its_name_as_title_and_a_description() {
    for (path, schema) in DRAFTS.into_iter().flat_map(files) {
        let schema = schema.to_value();
        let mut titles = vec![schema["title"].clone()];
        for definitions in ["$defs", "definitions"] {
            for (name, definition) in schema.get(definitions).and_then(Value::as_object).into_iter().flatten()
            {
                assert_eq!(definition["title"], **name, "{path}");
                assert!(definition["description"].is_string(), "{path}: {name}");
                titles.push(definition["title"].clone());
            }
        }
        assert!(schema["description"].is_string(), "{path}");
        let count = titles.len();
        titles.sort_by_key(Value::to_string);
        titles.dedup();
        assert_eq!(titles.len(), count, "{path}: a title is duplicated");
    }
}

/// Types generated from several files have one type per name.
#[test]
fn one_title_means_one_schema_in_all_files_of_a_contract() {
    for contract in [Contract::Emitted, Contract::Accepted] {
        let mut known = BTreeMap::new();
        for document in
            Document::all().iter().filter(|document| document.is_read || contract == Contract::Emitted)
        {
            let mut schema = value_of(document, contract, Draft::V2020_12);
            let object = schema.as_object_mut().expect("it is an object");
            let definitions = object.remove("$defs").unwrap_or_default();
            object.retain(|keyword, _| !["$id", "$schema", "examples"].contains(&keyword.as_str()));
            let root = (object["title"].to_string(), schema);
            let inner = definitions.as_object().into_iter().flatten();
            for (title, schema) in
                inner.map(|(name, schema)| (format!("\"{name}\""), schema.clone())).chain([root])
            {
                let first = known.entry(title.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "{title} in {}", document.name);
            }
        }
    }
}

/// A property or its definition has a description.
#[test]
fn every_property_has_a_description() {
    let mut missing = Vec::new();
    each_schema(|place, schema| {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let bare = properties.filter(|(_, property)| {
            let is_described = property["description"].is_string() || property["$ref"].is_string();
            // A choice with a single reference also has the description of its definition.
            let choices = property["anyOf"].as_array().into_iter().flatten();
            !is_described && choices.filter(|choice| choice["$ref"].is_string()).count() != 1
        });
        missing.extend(bare.map(|(name, _)| format!("{place}: {name}")));
    });
    assert_eq!(missing, [""; 0]);
}

#[test]
fn descriptions_are_plain_text() {
    each_schema(|place, schema| {
        if let Some(Value::String(text)) = schema.get("description") {
            assert!(!text.is_empty(), "{place}");
            assert!(!text.contains(['`', '[', ']', '\\']) && !text.contains("::"), "{place}: {text}");
        }
    });
}

#[test]
fn the_ids_have_the_version_and_are_unique() {
    let mut ids = Vec::new();
    for draft in DRAFTS {
        let prefix = if draft == Draft::V7 { "draft-07:" } else { "" };
        for (path, schema) in files(draft) {
            let id = schema.get("$id").and_then(Value::as_str).expect("it has an id").to_owned();
            let name = path.trim_end_matches(".schema.json").replace('/', ":");
            assert_eq!(id, format!("urn:cardsavr-protocol:schemas:{VERSION}:{prefix}{name}"));
            ids.push(id);
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_union_of_messages_is_discriminated_by_constants() {
    let bundle = Document::named("messages").expect("it is a document");
    for contract in [Contract::Emitted, Contract::Accepted] {
        let schema = value_of(bundle, contract, Draft::V2020_12);
        let members = schema["$defs"]["Message"]["oneOf"].as_array().expect("it is a union");
        let kinds: Vec<_> = members
            .iter()
            .map(|member| {
                let name = member["$ref"].as_str().expect("it is a reference").trim_start_matches("#/$defs/");
                assert!(name.ends_with("Message"), "{name}");
                schema["$defs"][name]["properties"]["type"]["const"].as_str().expect("it has a constant")
            })
            .collect();
        // No unknown kind: generated code would decode a malformed known message as one.
        assert_eq!(kinds, MessageKind::ALL.iter().map(Into::into).collect::<Vec<&str>>());
        for definition in ["UnknownMessage", "Poll", "JobEntity", "Notification", "NotifiedJob"] {
            assert!(schema["$defs"][definition].is_object(), "{definition} is in the bundle");
        }
    }
}

/// The values of a list, each with its other spellings.
type Values = Vec<(&'static str, &'static [&'static str])>;

#[test]
fn an_open_list_has_every_value_and_then_any_other_text() {
    let statuses = Status::ALL.iter().map(|status| (status.as_str(), status.aliases()));
    let terminations = TerminationType::ALL.iter().map(|&kind| (kind.into(), &[] as _));
    let rules = Rule::ALL.iter().map(|rule| (rule.name(), &[] as _));
    let lists: [(&str, &str, Values); 3] = [
        ("job_status", "Status", statuses.collect()),
        ("job_status", "TerminationType", terminations.collect()),
        ("report", "Rule", rules.collect()),
    ];
    for (document, list, values) in lists {
        let document = Document::named(document).expect("it is a document");
        for contract in [Contract::Emitted, Contract::Accepted] {
            let schema = value_of(document, contract, Draft::V2020_12);
            let choices = schema["$defs"][list]["oneOf"].as_array().expect("it is a choice");
            let (other, constants) = choices.split_last().expect("there are choices");
            let names = values.iter().map(|(name, _)| *name);
            let aliases = || values.iter().flat_map(|(_, aliases)| aliases.iter().copied());
            let read = aliases().filter(|_| contract == Contract::Accepted);
            let expected: Vec<_> = names.clone().chain(read).collect();
            assert_eq!(constants.iter().map(|choice| &choice["const"]).collect::<Vec<_>>(), expected);
            assert!(choices.iter().all(|choice| choice["description"].is_string()));
            assert_eq!(other["type"], "string");
            assert_eq!(other["not"]["enum"], names.chain(aliases()).collect::<Value>());
        }
    }
}

#[test]
fn a_closed_companion_has_the_known_values_and_no_message_uses_it() {
    for (name, title, count) in [
        ("known_status", "KnownStatus", Status::ALL.len()),
        ("known_termination_type", "KnownTerminationType", TerminationType::ALL.len()),
        ("known_message_kind", "KnownMessageKind", MessageKind::ALL.len()),
        ("known_rule", "KnownRule", Rule::ALL.len()),
    ] {
        let schema =
            value_of(Document::named(name).expect("it is a document"), Contract::Emitted, Draft::V2020_12);
        assert_eq!(schema["title"], title);
        assert_eq!(schema["enum"].as_array().map(Vec::len), Some(count));
        each_schema(|place, schema| {
            assert_ne!(schema.get("$ref"), Some(&format!("#/$defs/{title}").into()), "{place}");
        });
    }
}

#[test]
fn secrets_are_marked() {
    let mut secrets = Vec::new();
    each_schema(|place, schema| {
        if schema.get("writeOnly").is_some_and(|secret| *secret == true) && place.starts_with("accepted/") {
            secrets.push(place.to_owned());
        }
    });
    assert_eq!(
        secrets,
        [
            "accepted/tfa_response.schema.json/properties/message",
            // Any text other than `submitted` may be the credentials.
            "accepted/credential_response.schema.json/properties/message",
            "accepted/link_response.schema.json/properties/account_link/anyOf/0/additionalProperties",
            "accepted/link_response.schema.json/properties/message",
            "accepted/poll.schema.json/$defs/CredentialResponseMessage/properties/message",
            "accepted/poll.schema.json/$defs/TfaResponseMessage/properties/message",
            "accepted/job.schema.json/$defs/CredentialResponseMessage/properties/message",
            "accepted/job.schema.json/$defs/TfaResponseMessage/properties/message",
            "accepted/job.schema.json/properties/access_key",
            "accepted/messages.schema.json/$defs/CredentialResponseMessage/properties/message",
            "accepted/messages.schema.json/$defs/JobEntity/properties/access_key",
            "accepted/messages.schema.json/$defs/TfaResponseMessage/properties/message",
        ]
    );
}

#[test]
fn only_input_may_be_null() {
    let mut nullable = 0;
    each_schema(|place, schema| {
        if schema.get("type").is_some_and(|kind| kind == "null") {
            // The rows of the life cycle have all their columns.
            let is_row = ["/StatusRow/", "/GuardRow/"].iter().any(|row| place.contains(row));
            let is_expected = place.contains("accepted/") || is_row;
            assert!(is_expected, "{place}");
            nullable += usize::from(place.contains("accepted/"));
        }
    });
    assert!(nullable > 0);
}
