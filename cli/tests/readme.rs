//! The README shows what a reader gets: its commands are run here, and its diagram is compared with the table's.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The root of the repository, where the README's commands are meant to be run.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The blocks of a language, without their fences.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a split has a first part"))
        .collect()
}

#[test]
fn commands_print_what_the_readme_shows() {
    let mut compared = 0;
    for block in blocks("console") {
        let (command, shown) = block.split_once('\n').expect("a command ends its line");
        let Some(arguments) = command.strip_prefix("$ cargo run --release -- ") else { continue };
        let output = Command::new(env!("CARGO_BIN_EXE_cardsavr"))
            .args(arguments.split(' '))
            .current_dir(root())
            .output()
            .expect("the command runs");
        assert!(output.status.success(), "{command}");
        if !shown.is_empty() {
            assert_eq!(String::from_utf8_lossy(&output.stdout), shown, "{command}");
            compared += 1;
        }
    }
    assert!(compared > 0, "the README shows some output");
}

#[test]
fn the_diagram_is_the_tables() {
    use cardsavr_protocol::export::diagram::{Ends, mermaid};

    assert_eq!(blocks("mermaid"), [mermaid(Ends::Grouped)]);
}
