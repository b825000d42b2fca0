//! The checked-in dictionary has the protocol's words, all of them.

use std::path::Path;
use std::{env, fs};

use cardsavr_properties::dictionary::{dictionary, field_names};

#[test]
fn the_dictionary_is_what_the_types_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dictionary.txt");
    let expected = dictionary();
    if env::var_os("UPDATE_DICTIONARY").is_some() {
        fs::write(&path, &expected).expect("it can be written");
    }
    let written = fs::read_to_string(&path).expect("it is checked in");
    assert!(written == expected, "run this test with UPDATE_DICTIONARY=1, and check the new words in");
}

/// What the fields are taken from gives them: some of each type.
#[test]
fn the_fields_of_every_type_are_there() {
    let names = field_names();
    for name in [
        "job_id",
        "job_timeout",
        "termination_status_message",
        "envelope_id",
        "id",
        "cuid",
        "completed_on",
        "jobs",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
}
