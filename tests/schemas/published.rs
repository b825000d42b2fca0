//! The files of `schemas/` are what the types say. `UPDATE_SCHEMAS=1 cargo test --test schemas` rewrites them, and puts
//! a version that was not released yet into `schemas/released/`.

use std::collections::BTreeMap;
use std::fs;

use cardsavr_protocol::Lifecycle;
use cardsavr_protocol::schema::{self, VERSION};

use crate::{directory, files_in};

/// The directories that hold nothing but what is generated, and the released copies of the first two.
const DIRECTORIES: [&str; 4] = ["", "accepted/", "draft-07/", "draft-07/accepted/"];

fn generated() -> BTreeMap<String, String> {
    let schemas = schema::files().map(|(path, schema)| (path, print(&schema)));
    let lifecycle = ("lifecycle.json".to_owned(), print(&Lifecycle::new()));
    schemas.chain([lifecycle]).collect()
}

fn print(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("it has string keys only") + "\n"
}

fn published() -> BTreeMap<String, String> {
    let in_directory = |place: &'static str| {
        let files = files_in(&directory().join(place)).into_iter();
        files.map(move |(name, text)| (format!("{place}{name}"), text))
    };
    DIRECTORIES.into_iter().flat_map(in_directory).collect()
}

#[test]
fn the_files_are_what_the_types_say() {
    let generated = generated();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        update(&generated);
    }
    let published = published();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let how = "run `UPDATE_SCHEMAS=1 cargo test --test schemas`";
    assert_eq!(
        names(&published),
        names(&generated),
        "files are missing from schemas/ or left over there: {how}"
    );
    for (path, text) in &generated {
        assert!(published[path] == *text, "schemas/{path} is not what the types say: {how}");
    }
}

fn update(generated: &BTreeMap<String, String>) {
    for path in published().keys().filter(|path| !generated.contains_key(*path)) {
        fs::remove_file(directory().join(path)).expect("the file can be removed");
    }
    let release = directory().join("released").join(VERSION);
    let is_released = release.exists();
    for (path, text) in generated {
        let in_release = (!is_released && !path.starts_with("draft-07/")).then(|| release.join(path));
        for file in [Some(directory().join(path)), in_release].into_iter().flatten() {
            fs::create_dir_all(file.parent().expect("it stands in a directory")).expect("it can be made");
            fs::write(file, text).expect("the file can be written");
        }
    }
}

#[test]
fn the_open_api_document_is_what_the_endpoints_say() {
    let path = directory().join("openapi.json");
    let text = print(&schema::openapi());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, &text).expect("the file can be written");
    }
    let published = fs::read_to_string(path).unwrap_or_default();
    assert!(published == text, "schemas/openapi.json: run `UPDATE_SCHEMAS=1 cargo test --test schemas`");
}

/// The Draft 7 copies say nothing else than the canonical files.
#[test]
fn a_draft_7_copy_differs_in_its_dialect_alone() {
    let generated = generated();
    let copies = generated.iter().filter_map(|(path, text)| Some((path.strip_prefix("draft-07/")?, text)));
    let mut compared = 0;
    for (path, copy) in copies {
        let canonical = copy
            .replace(
                "http://json-schema.org/draft-07/schema#",
                "https://json-schema.org/draft/2020-12/schema",
            )
            .replace(&format!("schemas:{VERSION}:draft-07:"), &format!("schemas:{VERSION}:"))
            .replace("\"definitions\":", "\"$defs\":")
            .replace("#/definitions/", "#/$defs/");
        assert_eq!(canonical, generated[path], "{path}");
        compared += 1;
    }
    assert_eq!(compared * 2, generated.len() - 1, "each schema has a copy");
}
