//! `cardsavr stats`: counts and durations.

use serde_json::Value;

use crate::{Ran, cardsavr, run, run_in, run_with, status, successful};

fn stats_with(args: &[&str], log: &str) -> Ran {
    let mut command = cardsavr();
    command.arg("stats").args(args);
    run_with(command, log.as_bytes())
}

fn logs() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/logs")
}

#[test]
fn the_figures_of_the_shipped_logs() {
    for format in ["human", "csv", "json"] {
        let ran = run_in(&logs(), &["stats", "--format", format, "."]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        insta::assert_snapshot!(format!("stats_{format}"), ran.stdout);
    }
}

#[test]
fn without_times_the_reason_for_missing_durations_is_shown() {
    let log = format!("{}\n{}\n", status(1, "UPDATING"), successful(1));
    insta::assert_snapshot!("stats_without_times", stats_with(&[], &log).stdout);
}

/// A log with faults has figures, too; they don't affect the exit status.
#[test]
fn illegal_and_skipping_steps_are_counted_separately() {
    let log = [status(1, "AUTH"), status(1, "TFA_RECEIVED"), status(1, "PENDING_CREDS")].join("\n");
    let ran = stats_with(&["--format", "csv"], &log);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.contains("transition,AUTH,TFA_RECEIVED,skipped,1,0,,,,\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("transition,TFA_RECEIVED,PENDING_CREDS,illegal,1,0,,,,\n"), "{}", ran.stdout);
    assert_eq!(run(["stats", "no-such-file"]).status, 2);
}

/// The counts of all jobs equal those of a check.
#[test]
fn the_ends_are_those_of_a_check() {
    let log = run(["simulate", "--jobs", "300", "--at", "0"]).stdout;
    let stats: Value =
        serde_json::from_str(&stats_with(&["--format", "json"], &log).stdout).expect("it is JSON");
    let report = crate::report_of(&log);
    assert_eq!(stats["jobs"], report["jobs"]);
    let rows = stats["rows"].as_array().expect("it is an array");
    for (termination_type, jobs) in report["terminations"].as_object().expect("it is an object") {
        let row = rows.iter().find(|row| row["table"] == "job" && row["name"] == termination_type.as_str());
        assert_eq!(row.map(|row| &row["count"]), Some(jobs), "{termination_type}");
    }
    let one = stats_with(&["--format", "json", "--job", "7"], &log);
    assert_eq!(serde_json::from_str::<Value>(&one.stdout).expect("it is JSON")["jobs"], 1);
}

/// `stats` and `trace` merge the logs of two recorders as a check does.
#[test]
fn a_merge_by_time_equals_one_log() {
    let whole = run(["simulate", "--jobs", "20", "--at", "0"]).stdout;
    let (mut one, mut other) = (String::new(), String::new());
    for (number, line) in whole.lines().enumerate() {
        let part = if number % 3 == 0 { &mut one } else { &mut other };
        part.push_str(line);
        part.push('\n');
    }
    let logs = crate::directory([("whole.jsonl", &whole), ("one.jsonl", &one), ("other.jsonl", &other)]);
    let merged = ["--merge", "time", "one.jsonl", "other.jsonl"];
    for command in [&["stats", "--format", "csv"][..], &["trace", "3"]] {
        let expected = run_in(logs.path(), &[command, &["whole.jsonl"]].concat());
        let ran = run_in(logs.path(), &[command, &merged].concat());
        assert_eq!((ran.status, expected.status), (0, 0), "{}", ran.stderr);
        if command[0] == "stats" {
            assert_eq!(ran.stdout, expected.stdout);
        }
        assert!(!ran.stdout.contains("illegal-transition"), "{}", ran.stdout);
        let refused = run_in(logs.path(), &[command, &["--dedupe", "one.jsonl"]].concat());
        assert_eq!(refused.status, 2);
        assert!(refused.stderr.contains("--dedupe needs --merge time"), "{}", refused.stderr);
    }
}

/// A row a job: what people load into a spreadsheet.
#[test]
fn each_job_has_a_row() {
    let at = |second: u32, message: &str| {
        format!("{{\"at\":\"2026-03-02T09:00:{second:02}Z\",\"message\":{message}}}\n")
    };
    let log = [
        at(0, &status(1, "PENDING_TFA")),
        at(5, &status(1, "TFA_RECEIVED")),
        at(6, &status(1, "TFA_SUBMITTED")),
        at(7, &status(1, "PENDING_TFA")),
        at(9, &status(1, "TFA_RECEIVED")),
        at(10, &successful(2)),
        at(12, &status(1, "AUTH")),
        r#"{"type":"job_status","job_id":"=a,\"b","message":{"status":"QUEUED"}}"#.to_owned(),
    ]
    .concat();
    let ran = stats_with(&["--jobs"], &log);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("stats_jobs", ran.stdout);
    let rows = stats_with(&["--jobs", "--format", "jsonl"], &log).stdout;
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (&rows[0]["waits"], &rows[0]["retries"], &rows[0]["waited_ms"]),
        (&2.into(), &1.into(), &7000.into())
    );
    assert_eq!((&rows[1]["outcome"], &rows[2]["job"]), (&"success".into(), &"=a,\"b".into()));
    for args in [&["--jobs", "--format", "human"][..], &["--format", "jsonl"]] {
        assert_eq!(stats_with(args, &log).status, 2, "{args:?}");
    }
}

#[test]
fn a_file_has_the_format_of_its_name() {
    let log = successful(1);
    let logs = crate::directory([("a.jsonl", &log)]);
    for (file, args) in [("stats.csv", "csv"), ("stats.json", "json"), ("stats.txt", "human")] {
        let ran = run_in(logs.path(), &["stats", "--output", file, "a.jsonl"]);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{file}");
        let written = std::fs::read_to_string(logs.path().join(file)).expect("it was written");
        assert_eq!(written, run_in(logs.path(), &["stats", "--format", args, "a.jsonl"]).stdout);
    }
    let ran = run_in(logs.path(), &["stats", "--output", "a.jsonl", "--jobs", "a.jsonl"]);
    assert!(ran.status == 2 && ran.stderr.contains("one of the logs"), "{}", ran.stderr);
}
