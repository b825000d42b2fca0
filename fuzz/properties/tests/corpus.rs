//! Each target's property holds for all inputs of its corpus.

use std::fs;
use std::path::Path;

fn replay(target: &str, property: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(&corpus).expect("it is checked in") {
        let path = file.expect("it can be listed").path();
        // Captured output is shown if the property fails.
        println!("{}", path.display());
        property(&fs::read(&path).expect("it can be read"));
        inputs += 1;
    }
    assert!(inputs >= 20, "only {inputs} in {}", corpus.display());
}

#[test]
fn client() {
    replay("client", cardsavr_properties::client);
}

#[test]
fn message() {
    replay("message", cardsavr_properties::message);
}

#[test]
fn log() {
    replay("log", cardsavr_properties::log);
}

#[test]
fn life() {
    replay("life", cardsavr_properties::life);
}

#[test]
fn pointer() {
    replay("pointer", cardsavr_properties::pointer);
}

#[test]
fn differential() {
    replay("differential", cardsavr_properties::differential);
}
