//! The files of `schemas/` are generated from the types. `UPDATE_SCHEMAS=1 cargo test --test schemas` rewrites them.

use std::collections::BTreeMap;
use std::fs;

use cardsavr_protocol::export::schema::{self, Draft, VERSION};

use crate::{directory, files_in};

/// The directories in which all files are generated.
const DIRECTORIES: [&str; 2] = ["", "accepted/"];

pub(crate) fn published() -> BTreeMap<String, String> {
    let in_directory = |prefix: &'static str| {
        let files = files_in(&directory().join(prefix)).into_iter();
        files.map(move |(name, text)| (format!("{prefix}{name}"), text))
    };
    DIRECTORIES.into_iter().flat_map(in_directory).collect()
}

#[test]
fn the_files_match_the_types() {
    let generated: BTreeMap<_, _> = schema::layout().collect();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        update(&generated);
    }
    let published = published();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let how = "run `UPDATE_SCHEMAS=1 cargo test --test schemas`";
    assert_eq!(names(&published), names(&generated), "schemas/ lacks files or has too many: {how}");
    for (path, text) in &generated {
        assert!(published[path] == *text, "schemas/{path} differs from the types: {how}");
    }
}

fn update(generated: &BTreeMap<String, String>) {
    for path in published().keys().filter(|path| !generated.contains_key(*path)) {
        fs::remove_file(directory().join(path)).expect("the file can be removed");
    }
    for (path, text) in generated {
        let file = directory().join(path);
        fs::create_dir_all(file.parent().expect("it is in a directory")).expect("it can be created");
        fs::write(file, text).expect("the file can be written");
    }
}

#[test]
fn draft_7_differs_only_in_its_keywords() {
    let published = published();
    let mut compared = 0;
    for (path, schema) in schema::files(Draft::V7) {
        let canonical = schema::text(&schema)
            .replace(
                "http://json-schema.org/draft-07/schema#",
                "https://json-schema.org/draft/2020-12/schema",
            )
            .replace(&format!("schemas:{VERSION}:draft-07:"), &format!("schemas:{VERSION}:"))
            .replace("\"definitions\":", "\"$defs\":")
            .replace("#/definitions/", "#/$defs/");
        assert_eq!(canonical, published[&path], "{path}");
        compared += 1;
    }
    let schemas = published.keys().filter(|path| path.ends_with(".schema.json")).count();
    assert_eq!(compared, schemas);
}
