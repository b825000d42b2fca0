//! A version is compatible with the released versions of the same major version.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cardsavr_protocol::Status;
use cardsavr_protocol::endpoint::EndpointRow;
use cardsavr_protocol::export::schema::{Document, VERSION};
use serde_json::Value;

use crate::breaking::{Side, breaks};
use crate::published::published;
use crate::{directory, files_in};

/// The files of a version, by path: the schemas, the life cycle and the `OpenAPI` document. The state machines are
/// omitted, since the life cycle has the same data.
type Files = BTreeMap<String, Value>;

fn current() -> Files {
    let files = published().into_iter().filter(|(path, _)| {
        path.ends_with(".schema.json") || DATA.iter().any(|(document, _)| path == document)
    });
    files.map(|(path, text)| (path, serde_json::from_str(&text).expect("it is JSON"))).collect()
}

/// The numbers of a version.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let numbers: Option<Vec<u64>> = version.split('.').map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// The versions in `schemas/released/`: `VERSION.json` is compact JSON, an object of the files by path.
fn released() -> BTreeMap<[u64; 3], Files> {
    let files = files_in(&directory().join("released")).into_iter();
    let versions = files.map(|(name, text)| {
        let version = name.strip_suffix(".json").and_then(numbers).expect("it is named by its version");
        (version, serde_json::from_str(&text).expect("it is an object of files"))
    });
    versions.collect()
}

/// The schema of a document's output for readers, or of its input for writers.
fn schema_of<'f>(files: &'f Files, document: &str, side: Side) -> Option<&'f Value> {
    let name = format!("{document}.schema.json");
    let accepted = files.get(&format!("accepted/{name}")).filter(|_| side == Side::Writers);
    accepted.or_else(|| files.get(&name))
}

/// The breaking changes from an older to a newer set of schemas.
fn breaks_between(old: &Files, new: &Files) -> Vec<String> {
    let mut all = Vec::new();
    let names = old.keys().filter_map(|path| path.strip_suffix(".schema.json"));
    for name in names.filter(|name| !name.starts_with("accepted/")) {
        let is_read = Document::named(name).is_none_or(|document| document.is_read);
        let sides =
            [Side::Readers, Side::Writers].into_iter().filter(|side| is_read || *side == Side::Readers);
        for side in sides {
            match (schema_of(old, name, side), schema_of(new, name, side)) {
                (Some(old), Some(new)) => {
                    let found = breaks(old, new, side).into_iter();
                    all.extend(found.map(|what| format!("{name}, for {side:?}: {what}")));
                }
                _ => all.push(format!("{name}, for {side:?}: the file is gone")),
            }
        }
    }
    for (path, entries) in DATA {
        let entries_of = |files: &Files| files.get(path).map(entries).unwrap_or_default();
        let new = entries_of(new);
        let gone = entries_of(old).into_iter().filter(|entry| !new.contains(entry));
        all.extend(gone.map(|entry| format!("{path}: {entry} is gone")));
    }
    all
}

/// The entries of a document that is data.
type Entries = fn(&Value) -> BTreeSet<String>;

/// The documents that are data, with the entries that must stay; new ones may be added.
const DATA: [(&str, Entries); 2] = [("lifecycle.json", rows_of), ("openapi.json", operations_of)];

/// The statuses with their columns, the transitions, the names of the limits, and the other rows.
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

/// `RELEASE_SCHEMAS=1 cargo test --test schemas` writes the current version to `schemas/released/`, as a release does.
#[test]
fn a_released_version_is_unchanged() {
    let current = current();
    if std::env::var_os("RELEASE_SCHEMAS").is_some() {
        let directory = directory().join("released");
        fs::create_dir_all(&directory).expect("it can be created");
        let text = serde_json::to_string(&current).expect("it is JSON") + "\n";
        fs::write(directory.join(format!("{VERSION}.json")), text).expect("it can be written");
    }
    assert_eq!(conflicts(&released(), numbers(VERSION).expect("it is a version"), &current), [""; 0]);
}

/// The conflicts of the current files of `version` with the released versions.
fn conflicts(released: &BTreeMap<[u64; 3], Files>, version: [u64; 3], current: &Files) -> Vec<String> {
    let mut all = Vec::new();
    if released.get(&version).is_some_and(|files| files != current) {
        all.push(
            "the schemas differ from the released ones of the same version: raise schema::VERSION".into(),
        );
    }
    if released.last_key_value().is_some_and(|(newest, _)| *newest > version) {
        all.push("a newer version is released".into());
    }
    for (old, files) in released.iter().filter(|(old, _)| old[0] == version[0]) {
        let breaks = breaks_between(files, current).into_iter();
        all.extend(breaks.map(|what| format!("{old:?}: {what}: it needs a new major version")));
    }
    all
}

#[test]
fn conflicts_with_released_versions_are_found() {
    let all = current();
    let fewer = without(&all, "lifecycle.json", "/transitions/0");
    let released = BTreeMap::from([([1, 1, 0], all.clone())]);
    let gone =
        "[1, 1, 0]: lifecycle.json: transitions: REQUESTED QUEUED is gone: it needs a new major version";
    for (version, files, expected) in [
        ([1, 1, 0], &all, &[][..]),
        ([1, 2, 0], &all, &[]),
        ([1, 2, 0], &fewer, &[gone]),
        ([2, 0, 0], &fewer, &[]),
        ([1, 0, 9], &all, &["a newer version is released"]),
        (
            [1, 1, 0],
            &fewer,
            &["the schemas differ from the released ones of the same version: raise schema::VERSION", gone],
        ),
    ] {
        assert_eq!(conflicts(&released, version, files), expected, "{version:?}");
    }
}

#[test]
fn a_removed_file_is_a_breaking_change() {
    let all = current();
    assert_eq!(breaks_between(&all, &all), [""; 0]);
    let mut fewer = all.clone();
    fewer.remove("known_rule.schema.json");
    assert_eq!(breaks_between(&all, &fewer), ["known_rule, for Readers: the file is gone"]);
    fewer.clone_from(&all);
    fewer.remove("accepted/job.schema.json");
    // The strict schema is used instead, and accepts less.
    assert!(!breaks_between(&all, &fewer).is_empty());
}

#[test]
fn removed_data_is_a_breaking_change() {
    let all = current();
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
    let operations: BTreeSet<_> =
        EndpointRow::ALL.iter().map(|row| (row.path, row.method.as_str())).collect();
    assert_eq!(breaks_between(&all, &fewer).len(), operations.len());
}

/// The files with one value removed.
fn without(all: &Files, path: &str, place: &str) -> Files {
    let mut new = all.clone();
    let document = new.get_mut(path).expect("there is such a file");
    let (parent, name) = place.rsplit_once('/').expect("it has a parent");
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => _ = object.remove(&name.replace("~1", "/")).expect("it is there"),
        Some(Value::Array(list)) => _ = list.remove(name.parse().expect("it is an index")),
        _ => panic!("{place} is not there"),
    }
    new
}

/// Each kind of breaking change is found at its position in the real files.
#[test]
fn breaking_changes_of_the_real_schemas_are_found() {
    let all = current();
    // The other spellings are after the statuses, in the order of the table.
    let other_spelling = format!("/$defs/Status/oneOf/{}", Status::ALL.len() + 2);
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
            &other_spelling,
            "job, for Writers: /credential_requests/items/message/status: const \"TFA_CODE_RECEIVED\" is gone",
        ),
    ] {
        assert_eq!(breaks_between(&all, &without(&all, path, place)), [what]);
    }
}
