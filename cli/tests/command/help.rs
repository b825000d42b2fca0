//! The help of each command.

use crate::run;

/// Lines of a large terminal.
const SCREEN: usize = 60;

#[test]
fn help_fits_a_screen_and_shows_examples() {
    let commands =
        ["", "check", "stats", "trace", "redact", "simulate", "lifecycle", "explain", "completions", "man"];
    for command in commands {
        let ran = run([command, "--help"].iter().filter(|arg| !arg.is_empty()));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("Examples:\n  cardsavr"), "{command}");
        assert!(ran.stdout.lines().count() <= SCREEN, "{command}");
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{command}");
        insta::assert_snapshot!(format!("help_{command}"), ran.stdout);
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run(["--version"]).stdout, concat!("cardsavr ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_help_of_check_names_each_format() {
    let refusal = run(["check", "--format", "none"]).stderr;
    let (_, values) = refusal.split_once("[possible values: ").expect("the values are listed");
    let (values, _) = values.split_once(']').expect("the list ends");
    let help = run(["check", "--help"]).stdout;
    let (_, formats) = help.split_once("Formats: ").expect("the help lists the formats");
    for value in values.split(", ") {
        let is_named = formats.split(|c: char| !c.is_alphanumeric()).any(|word| word == value);
        assert!(is_named, "{value}");
    }
}
