//! The portable vectors of `schemas/vectors/`: this crate passes all of them, they have the documented coverage, and they
//! match the hand-written cases and the table of transitions.
//!
//! The expectations have sources outside of this crate:
//!
//! - `transitions.json` is computed from `tests/data/*.csv` alone, by [`table`], with its own search for the shortest
//!   sequences; this crate only has to pass it.
//! - `guards.json`: each verdict and its guard are written by hand in `cases/guards.txt`; the legal alternatives are the
//!   table's row without the statuses that the guard forbids.
//! - `timeouts.json`: every deadline, warning and expiry is written by hand in `cases/timeouts.txt`.
//! - `rules.json`: each rule's example must break that rule once, at the step that [`generate`] lists by hand, and its
//!   near miss none; the findings of the other cases are in `cases/rules.txt`. Only the `expected` of a finding is taken
//!   from this crate.
//! - `client.json`: each effect and its distinguishing fields are written by hand in `cases/client.txt`; the texts in the
//!   effects, and `next_deadline`, are taken from this crate.

mod cases;
mod coverage;
mod form;
mod generate;
mod run;
mod table;
mod valid;

use std::path::{Path, PathBuf};

use form::File;

/// The files of vectors, in the order of the levels.
const FILES: [&str; 5] = ["transitions.json", "guards.json", "timeouts.json", "client.json", "rules.json"];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/vectors")
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap_or_default()
}

fn file(name: &str) -> File {
    serde_json::from_str(&text_of(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn this_crate_passes_all_vectors() {
    let mut passed = 0;
    for name in FILES {
        let file = file(name);
        for vector in &file.vectors {
            if let Err(why) = run::run(file.level, vector) {
                panic!("{name}, {}: {why}", vector.name);
            }
            passed += 1;
        }
    }
    assert!(passed > 400, "{passed}");
}

#[test]
fn the_files_are_small() {
    let size: usize = FILES.iter().map(|name| text_of(name).len()).sum();
    assert!(size < 1_000_000, "{size} bytes");
}
