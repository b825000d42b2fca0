//! The portable vectors of `schemas/vectors/`: this crate passes them all, they cover what they say that they cover, and
//! they are what the hand-written cases and the table of transitions say.
//!
//! So that the vectors are not this crate's echo, what is expected is anchored outside of it:
//!
//! - `transitions.json` is computed from `tests/data/*.csv` alone, by [`table`], with its own search for the shortest
//!   sequences; this crate only has to pass it.
//! - `guards.json`: each verdict and the guard that speaks are written by hand in `cases/guards.txt`; what may be taken
//!   instead is the table's row without what that guard forbids.
//! - `timeouts.json`: every deadline, warning and expiry is written by hand in `cases/timeouts.txt`.
//! - `rules.json`: each rule's example must break that rule once, at the step that [`generate`] lists by hand, and its
//!   near miss nothing; the findings of the other cases stand in `cases/rules.txt`. Only the `expected` of a finding is
//!   this crate's own word.
//! - `client.json`: each effect and what tells it from others is written by hand in `cases/client.txt`; the texts in
//!   the effects, and `next_deadline`, are this crate's own word.

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
fn the_kit_is_small() {
    let size: usize = FILES.iter().map(|name| text_of(name).len()).sum();
    assert!(size < 1_000_000, "{size} bytes");
}
