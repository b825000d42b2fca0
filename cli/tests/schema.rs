//! `cardsavr schema` prints the published schemas, and the reports of the command are valid by them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use cardsavr_protocol::conformance::Rule;
use serde_json::Value;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn cardsavr(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cardsavr"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the command runs")
}

fn stdout(arguments: &[&str]) -> String {
    let output = cardsavr(arguments);
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

fn published(path: &str) -> String {
    fs::read_to_string(root().join("schemas").join(path)).expect("the file is there")
}

fn validator(path: &str) -> jsonschema::Validator {
    let schema = serde_json::from_str(&published(path)).expect("it is JSON");
    jsonschema::validator_for(&schema).expect("it is a schema")
}

#[test]
fn it_prints_what_is_published() {
    for (arguments, path) in [
        (&["schema", "job_status"][..], "job_status.schema.json"),
        (&["schema", "job_status", "--accepted"], "accepted/job_status.schema.json"),
        (&["lifecycle", "--format", "json"], "lifecycle.json"),
    ] {
        assert_eq!(stdout(arguments), published(path), "{arguments:?}");
    }
}

#[test]
fn without_a_name_it_lists_them() {
    let list = stdout(&["schema"]);
    for line in list.lines() {
        let (name, about) = line.split_once(' ').expect("a name and what it is");
        assert!(root().join(format!("schemas/{name}.schema.json")).exists(), "{name}");
        assert!(!about.trim().is_empty());
    }
    assert!(list.lines().count() > 10);
}

#[test]
fn it_writes_files() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas");
    _ = fs::remove_dir_all(&directory);
    let out = directory.to_str().expect("it is text");
    assert_eq!(stdout(&["schema", "poll", "--draft", "7", "--out", out]), "");
    let names = || {
        let entries = fs::read_dir(&directory).expect("it was made");
        let names = entries.map(|entry| entry.expect("it can be read").file_name().into_string());
        names.collect::<Result<Vec<_>, _>>().expect("they are text")
    };
    assert_eq!(names(), ["poll.schema.json"]);
    let written = |name: &str| fs::read_to_string(directory.join(name)).expect("it was written");
    assert_eq!(written("poll.schema.json"), stdout(&["schema", "poll", "--draft", "7"]));

    fs::remove_dir_all(&directory).expect("it was made");
    assert_eq!(stdout(&["schema", "--out", out]), "");
    let mut compared = 0;
    for (path, text) in cardsavr_protocol::export::schema::layout() {
        assert!(written(&path) == text && published(&path) == text, "{path}");
        compared += 1;
    }
    assert!(compared > stdout(&["schema"]).lines().count() + 4);
}

#[test]
fn draft_7_of_all_schemas_is_written_on_demand() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("draft-07");
    _ = fs::remove_dir_all(&directory);
    assert_eq!(stdout(&["schema", "--draft", "7", "--out", directory.to_str().expect("it is text")]), "");
    let mut compared = 0;
    for (path, _) in cardsavr_protocol::export::schema::layout() {
        let Some(name) = path.strip_suffix(".schema.json") else { continue };
        let written = fs::read_to_string(directory.join(&path)).expect("it was written");
        let printed = match name.strip_prefix("accepted/") {
            Some(name) => stdout(&["schema", name, "--accepted", "--draft", "7"]),
            None => stdout(&["schema", name, "--draft", "7"]),
        };
        assert_eq!(written, printed, "{path}");
        assert!(written.contains("http://json-schema.org/draft-07/schema#"), "{path}");
        compared += 1;
    }
    assert!(compared > stdout(&["schema"]).lines().count());
}

#[test]
fn an_option_without_an_effect_is_a_usage_error() {
    for (arguments, error) in [
        (&["schema", "--accepted"][..], "--accepted needs the name of a schema"),
        (&["schema", "--accepted", "--out", "x"], "--accepted needs the name of a schema"),
        (&["schema", "--draft", "7"], "--draft needs the name of a schema, or --out DIR for all of them"),
        (&["schema", "report", "--accepted"], "--accepted is for what is read, and report is only written"),
    ] {
        let output = cardsavr(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("cardsavr: {error}\n"));
    }
}

#[test]
fn a_directory_that_cannot_be_created_is_reported() {
    let output = cardsavr(&["schema", "--out", "Cargo.toml/schemas"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("Cargo.toml/schemas"), "{error}");
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    let output = cardsavr(&["schema", "job-state"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "cardsavr: there is no schema `job-state`\n  did you mean `job_status`?\n"
    );
}

/// The reports of the rules' examples contain every kind of finding.
#[test]
fn reports_and_their_findings_are_valid_by_the_schemas() {
    let [report_schema, finding_schema, summary_schema] =
        ["report", "finding", "summary"].map(|name| validator(&format!("{name}.schema.json")));
    for rule in Rule::ALL {
        let log = format!("examples/rules/{rule}.jsonl");
        let report: Value = serde_json::from_slice(&cardsavr(&["check", "--format", "json", &log]).stdout)
            .expect("it prints JSON");
        assert_eq!(report["rules"][rule.name()], 1, "{log}");
        let result = report_schema.validate(&report).map_err(|error| error.to_string());
        assert_eq!(result, Ok(()), "{log}");

        let lines = cardsavr(&["check", "--format", "jsonl", &log]).stdout;
        let lines: Vec<Value> = serde_json::Deserializer::from_slice(&lines)
            .into_iter()
            .collect::<Result<_, _>>()
            .expect("a line is JSON");
        let (summary, findings) = lines.split_last().expect("there are lines");
        assert!(findings.iter().all(|finding| finding_schema.is_valid(finding)), "{log}");
        assert!(summary_schema.is_valid(summary) && !finding_schema.is_valid(summary), "{log}");
        assert!(!findings.iter().any(|finding| summary_schema.is_valid(finding)), "{log}");
    }
}
