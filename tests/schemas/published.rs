//! The files of `schemas/` are what the types say. `UPDATE_SCHEMAS=1 cargo test --test schemas` rewrites them, and puts
//! a version that was not released yet into `schemas/released/`.

use std::collections::BTreeMap;
use std::fs;

use cardsavr_protocol::export::schema::{self, VERSION};

use crate::{directory, files_in};

/// The directories that hold nothing but what is generated, and the released copies of the first two.
const DIRECTORIES: [&str; 4] = ["", "accepted/", "draft-07/", "draft-07/accepted/"];

fn generated() -> BTreeMap<String, String> {
    schema::layout().collect()
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
        let in_release = (!is_released && is_released_file(path)).then(|| release.join(path));
        for file in [Some(directory().join(path)), in_release].into_iter().flatten() {
            fs::create_dir_all(file.parent().expect("it stands in a directory")).expect("it can be made");
            fs::write(file, text).expect("the file can be written");
        }
    }
}

/// What a released version keeps. The copies in Draft 7 and the machines say nothing that the rest does not.
pub(crate) fn is_released_file(path: &str) -> bool {
    !path.starts_with("draft-07/") && !["xstate.json", "lifecycle.scxml"].contains(&path)
}

/// The Draft 7 copies say nothing else than the canonical files.
#[test]
fn a_draft_7_copy_differs_in_its_dialect_alone() {
    let generated = generated();
    let schemas = generated.keys().filter(|path| path.ends_with(".schema.json")).count();
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
    assert_eq!(compared * 2, schemas, "each schema has a copy");
}
