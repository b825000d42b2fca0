//! The schemas keep the promise of their version: nothing that a released one of the same major version allowed breaks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cardsavr_protocol::export::schema::{Document, VERSION};
use serde_json::Value;

use crate::breaking::{Side, breaks};
use crate::published::is_released_file;
use crate::{directory, files_in};

/// What a version keeps: the schemas of both contracts, the life cycle and the `OpenAPI` document.
fn schemas(directory: &Path) -> BTreeMap<String, String> {
    let accepted = files_in(&directory.join("accepted")).into_iter();
    let mut files = files_in(directory);
    files.retain(|path, _| is_released_file(path));
    files.extend(accepted.map(|(name, text)| (format!("accepted/{name}"), text)));
    files
}

/// A version's numbers, to be compared.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version
        .split('.')
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<_>>>()
        .filter(|all| all.len() == 3)
}

fn released() -> Vec<(Vec<u64>, BTreeMap<String, String>)> {
    let entries = std::fs::read_dir(directory().join("released")).expect("there are released schemas");
    let versions = entries.map(|entry| {
        let path = entry.expect("the directory can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name");
        (numbers(name).expect("it is named by its version"), schemas(&path))
    });
    versions.collect()
}

/// The schema of what a document's readers get, or of what is taken from its writers.
fn schema_of(files: &BTreeMap<String, String>, document: &str, side: Side) -> Option<Value> {
    let name = format!("{document}.schema.json");
    let accepted = files.get(&format!("accepted/{name}")).filter(|_| side == Side::Writers);
    accepted.or_else(|| files.get(&name)).map(|text| serde_json::from_str(text).expect("it is JSON"))
}

/// What a newer set of schemas breaks of an older one.
fn breaks_between(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = Vec::new();
    let names = old.keys().filter_map(|path| path.strip_suffix(".schema.json"));
    for name in names.filter(|name| !name.starts_with("accepted/")) {
        let is_read = Document::named(name).is_none_or(|document| document.is_read);
        let sides =
            [Side::Readers, Side::Writers].into_iter().filter(|side| is_read || *side == Side::Readers);
        for side in sides {
            match (schema_of(old, name, side), schema_of(new, name, side)) {
                (Some(old), Some(new)) => {
                    let found = breaks(&old, &new, side).into_iter();
                    all.extend(found.map(|what| format!("{name}, for {side:?}: {what}")));
                }
                _ => all.push(format!("{name}, for {side:?}: the file is gone")),
            }
        }
    }
    for (path, entries) in DATA {
        let entries_of = |files: &BTreeMap<String, String>| {
            let text = files.get(path).map_or("null", String::as_str);
            entries(&serde_json::from_str(text).expect("it is JSON"))
        };
        let new = entries_of(new);
        let gone = entries_of(old).into_iter().filter(|entry| !new.contains(entry));
        all.extend(gone.map(|entry| format!("{path}: {entry} is gone")));
    }
    all
}

/// What stands in a document that is data.
type Entries = fn(&Value) -> BTreeSet<String>;

/// The documents that are data, and what of each must stay: more may come.
const DATA: [(&str, Entries); 2] = [("lifecycle.json", rows_of), ("openapi.json", operations_of)];

/// The statuses with what tells them apart, the transitions, the names of the limits, and whatever else is listed.
fn rows_of(lifecycle: &Value) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for (list, value) in lifecycle.as_object().into_iter().flatten() {
        rows.insert(list.clone());
        let columns: &[&str] = match list.as_str() {
            "statuses" => &["status", "phase", "termination_type", "awaits"],
            "transitions" => &["from", "to"],
            _ => &[],
        };
        for row in value.as_array().into_iter().flatten().filter(|_| !columns.is_empty()) {
            let words = columns.iter().map(|column| row[column].as_str().unwrap_or("null"));
            rows.insert(format!("{list}: {}", words.collect::<Vec<_>>().join(" ")));
        }
        rows.extend(value.as_object().into_iter().flatten().map(|(name, _)| format!("{list}: {name}")));
    }
    rows
}

/// The methods of the paths.
fn operations_of(openapi: &Value) -> BTreeSet<String> {
    let paths = openapi["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, _)| format!("{method} {path}"))
    });
    operations.collect()
}

#[test]
fn a_released_version_stays_as_it_is() {
    let version = numbers(VERSION).expect("it is a version");
    let released = released();
    let own = released.iter().find(|(of, _)| *of == version).map(|(_, files)| files);
    assert!(
        own == Some(&schemas(&directory())),
        "the schemas are not those of schemas/released/{VERSION}: raise schema::VERSION, then run \
         `UPDATE_SCHEMAS=1 cargo test --test schemas`"
    );
    assert_eq!(released.iter().map(|(of, _)| of).max(), Some(&version), "a newer version was released");
}

#[test]
fn nothing_that_was_released_under_the_same_major_version_breaks() {
    let version = numbers(VERSION).expect("it is a version");
    let new = schemas(&directory());
    let mut compared = 0;
    for (_, old) in released().iter().filter(|(of, _)| of[0] == version[0]) {
        assert_eq!(breaks_between(old, &new), [""; 0], "such a change needs a new major version");
        compared += 1;
    }
    // Of a major version just begun nothing is released but itself.
    assert!(compared > 0);
}

#[test]
fn a_file_that_is_gone_breaks() {
    let all = schemas(&directory());
    assert_eq!(breaks_between(&all, &all), [""; 0]);
    let mut fewer = all.clone();
    fewer.remove("known_rule.schema.json");
    assert_eq!(breaks_between(&all, &fewer), ["known_rule, for Readers: the file is gone"]);
    fewer.clone_from(&all);
    fewer.remove("accepted/job.schema.json");
    // The strict schema stands in for it, and takes less.
    assert!(!breaks_between(&all, &fewer).is_empty());
}

#[test]
fn data_that_is_gone_breaks() {
    let all = schemas(&directory());
    for (path, place, what) in [
        (
            "lifecycle.json",
            "/statuses/0",
            "lifecycle.json: statuses: SUCCESSFUL terminated BILLABLE null is gone",
        ),
        ("lifecycle.json", "/transitions/0", "lifecycle.json: transitions: REQUESTED QUEUED is gone"),
        ("lifecycle.json", "/limits/failed_logins", "lifecycle.json: limits: failed_logins is gone"),
        (
            "openapi.json",
            "/paths/~1messages~1cardholders~1{cardholder_id}",
            "openapi.json: get /messages/cardholders/{cardholder_id} is gone",
        ),
    ] {
        assert_eq!(breaks_between(&all, &without(&all, path, place)), [what]);
    }
    let mut fewer = all.clone();
    fewer.remove("openapi.json");
    assert_eq!(breaks_between(&all, &fewer).len(), 6);
}

/// The files with something taken out of one of them.
fn without(all: &BTreeMap<String, String>, path: &str, place: &str) -> BTreeMap<String, String> {
    let mut document: Value = serde_json::from_str(&all[path]).expect("it is JSON");
    let (parent, name) = place.rsplit_once('/').expect("it has a parent");
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => _ = object.remove(&name.replace("~1", "/")).expect("it is there"),
        Some(Value::Array(list)) => _ = list.remove(name.parse().expect("it is an index")),
        _ => panic!("{place} is not there"),
    }
    let mut new = all.clone();
    new.insert(path.to_owned(), document.to_string());
    new
}

/// The comparison sees into the real files: each way to break one is found where it is.
#[test]
fn changes_of_the_real_schemas_are_seen() {
    let all = schemas(&directory());
    for (path, place, what) in [
        (
            "job_status.schema.json",
            "/properties/message",
            "job_status, for Readers: the root: the field `message` is gone",
        ),
        (
            "poll.schema.json",
            "/$defs/StatusBody/properties/job_timeout",
            "poll, for Readers: /items/message: the field `job_timeout` is gone",
        ),
        (
            "accepted/job.schema.json",
            "/$defs/Status/oneOf/48",
            "job, for Writers: /credential_requests/items/message/status: const \"TFA_CODE_RECEIVED\" is gone",
        ),
    ] {
        assert_eq!(breaks_between(&all, &without(&all, path, place)), [what]);
    }
}
