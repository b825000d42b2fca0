//! `--edition`, the same in `cardsavr.toml`, and its `[statuses]`.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use cardsavr_protocol::conformance::Rule;
use serde_json::Value;

use crate::{directory, run, run_in, status};

const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/2026");

/// The table of the edition 2026, in rows of fields.
fn rows(table: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(Path::new(TABLES).join(table)).expect("it is a file");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn texts(value: &Value) -> String {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_life_cycle_as_data_equals_the_tables() {
    let life_cycle = run(["lifecycle", "--edition", "2026", "--format", "json"]).report();
    assert_eq!(life_cycle["edition"], "2026");
    let statuses = life_cycle["statuses"].as_array().expect("a list");
    let ours = statuses.iter().map(|row| {
        let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let others = texts(&row["other_termination_types"]);
        // Nobody published a type: it may be any.
        let types = if row["termination_type"].is_null() {
            String::new()
        } else {
            text("termination_type") + " " + &others
        };
        let since = row["since"].as_str().unwrap_or("2021").to_owned();
        let spellings = ["current_spellings", "aliases"].map(|column| texts(&row[column]));
        let [current, former] = spellings;
        vec![text("status"), text("phase"), types.trim().to_owned(), text("awaits"), current, former, since]
    });
    assert_eq!(ours.collect::<Vec<_>>(), rows("statuses.csv"));
    let transitions = life_cycle["transitions"].as_array().expect("a list");
    let ours = transitions
        .iter()
        .map(|row| ["from", "to", "basis"].map(|column| row[column].as_str().unwrap().to_owned()));
    assert_eq!(ours.map(Vec::from).collect::<Vec<_>>(), rows("transitions.csv"));
}

fn log() -> String {
    let life =
        ["REQUESTED", "QUEUED", "IN_PROGRESS", "AUTH", "PENDING", "CREDS_RECEIVED", "SUBMITTED", "UPDATING"];
    let end = r#"{"type":"job_status","job_id":1,"message":{"status":"CANCELED","termination_type":"NEVER_STARTED"}}"#;
    let lines: Vec<_> = life.iter().map(|word| status(1, word)).chain([end.to_owned()]).collect();
    lines.join("\n")
}

#[test]
fn a_log_is_judged_by_its_edition() {
    let logs = directory([("log.jsonl", log().as_str()), ("cardsavr.toml", "edition = \"2026\"")]);
    let check =
        |args: &[&str]| run_in(logs.path(), &[&["check", "--format", "json", "log.jsonl"], args].concat());
    let rules = |args: &[&str]| check(args).report()["rules"].clone();
    assert_eq!(rules(&[]), serde_json::json!({}));
    assert_eq!(check(&[]).report()["edition"], "2026");
    assert_eq!(rules(&["--no-config", "--edition", "2026"]), serde_json::json!({}));
    let first = check(&["--no-config"]);
    assert_eq!(first.report()["rules"]["unknown-status"], 2);
    assert!(first.stderr.contains("check with --edition 2026"), "{}", first.stderr);
    assert!(first.stdout.contains("not in the table: the edition 2026 has it"));
    assert_eq!(check(&["--edition", "2021"]).report()["rules"]["unknown-status"], 2);
    for command in ["stats", "trace"] {
        let args = [&[command][..], if command == "trace" { &["1"] } else { &[] }, &["log.jsonl"]].concat();
        assert_eq!(run_in(logs.path(), &args).status, 0, "{command}");
    }
}

#[test]
fn a_word_is_judged_as_a_status() {
    let log = [status(7, "AUTH"), status(7, "WALLET_LOCKED")].join("\n");
    let judged = |statuses: &str| {
        let toml = format!("edition = 2026\n[statuses]\n{statuses}\n");
        let logs = directory([("log.jsonl", log.as_str()), ("cardsavr.toml", toml.as_str())]);
        run_in(logs.path(), &["check", "--format", "json", "log.jsonl"])
    };
    let report = judged(r#"WALLET_LOCKED = { like = "ACCOUNT_LOCKED" }"#).report();
    assert_eq!(report["rules"], serde_json::json!({ "missing-termination-type": 1 }));
    let message = report["findings"][0]["message"].as_str().expect("a text");
    assert!(message.ends_with("(WALLET_LOCKED is judged as ACCOUNT_LOCKED)"), "{message}");
    for (statuses, expected) in [
        (r#"WALLET_LOCKED = { like = "ACCOUNT_LOKED" }"#, "ACCOUNT_LOCKED"),
        (r#"AUTH = { like = "PENDING" }"#, "`AUTH` is a status of the edition 2026 already"),
        (r#"WALLET_LOCKED = { like = "NETWORK_ISSUE" }"#, "the edition 2026 has no status `NETWORK_ISSUE`"),
        (r#"WALLET_LOCKED = { as = "AUTH" }"#, "like"),
        ("WALLET_LOCKED = {}", "like"),
    ] {
        let ran = judged(statuses);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{statuses}: {}", ran.stderr);
    }
}

/// A log of 2026 has the faults that are seeded, and no others; each rule that the edition's limits leave a place for is broken.
#[test]
fn a_check_finds_the_seeded_faults_of_2026_and_nothing_else() {
    let logs = directory([]);
    let truth = logs.path().join("truth.jsonl");
    let simulate = |args: &[&str]| {
        let log = run([&["simulate", "--edition", "2026", "--at", "0"], args].concat());
        assert_eq!(log.status, 0, "{}", log.stderr);
        fs::write(logs.path().join("log.jsonl"), log.stdout).expect("it can be written");
        let report =
            run_in(logs.path(), &["check", "--edition", "2026", "--format", "json", "-q", "log.jsonl"])
                .report();
        let findings = report["findings"].as_array().expect("a list").iter();
        let mut found: Vec<_> = findings.map(|it| (it["line"].as_u64(), it["rule"].to_string())).collect();
        found.sort();
        found
    };
    assert_eq!(simulate(&["--jobs", "300"]), []);
    let path = truth.to_str().expect("a path");
    let found = simulate(&["--jobs", "900", "--faults", "all", "--rate", "0.6", "--truth", path]);
    let seeded = fs::read_to_string(&truth).expect("it is written");
    let seeded = seeded.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut seeded: Vec<_> = seeded.map(|it| (it["line"].as_u64(), it["rule"].to_string())).collect();
    seeded.sort();
    assert_eq!(found, seeded);
    let rules: HashSet<_> = seeded.iter().map(|(_, rule)| rule.trim_matches('"')).collect();
    // The edition has no guard on failures to connect, and its limits of 1 leave no place for too few failures.
    let without_place = ["too-many-network-failures", "early-failure-limit"];
    for rule in Rule::ALL.iter().map(|rule| rule.name()) {
        assert_eq!(rules.contains(rule), !without_place.contains(&rule), "{rule}");
    }
}

#[test]
fn a_status_is_explained_in_an_edition() {
    let killed = run(["explain", "KILLED", "--edition", "2026"]).stdout;
    assert!(killed.contains("other termination types: PROCESS_FAILURE"), "{killed}");
    assert!(run(["explain", "PENDING"]).stdout.contains("edition: 2026"));
    let lacking = run(["explain", "PENDING", "--edition", "2021"]).stdout;
    assert!(lacking.contains("The edition 2021 lacks this status. In editions: 2026"), "{lacking}");
}

#[test]
fn the_steps_in_the_figures_are_those_of_the_edition() {
    let log = run(["simulate", "--edition", "2026", "--jobs", "200"]).stdout;
    let logs = directory([("log.jsonl", log.as_str())]);
    let figures = run_in(logs.path(), &["stats", "--edition", "2026", "--format", "csv", "log.jsonl"]).stdout;
    let steps: Vec<_> = figures.lines().filter(|line| line.starts_with("transition,")).collect();
    assert!(steps.iter().any(|step| step.starts_with("transition,REQUESTED,PENDING,legal,")), "{figures}");
    assert!(steps.iter().all(|step| step.contains(",legal,")), "{figures}");
}
