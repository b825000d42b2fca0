//! `cardsavr simulate` prints a log and writes its faults, and a check finds exactly these.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use cardsavr_protocol::conformance::Rule;
use serde_json::{Value, json};

use crate::{cardsavr, directory, findings_of, report_of, run, run_in};

#[test]
fn a_check_finds_the_truth() {
    let logs = directory([]);
    for (seed, times) in
        [("1", &["--at", "2026-03-02T09:00:00Z"][..]), ("2", &["--at", "1772442000000"]), ("3", &[])]
    {
        let args = ["simulate", "--jobs", "400", "--seed", seed, "--faults", "all", "--rate", "0.5"];
        let ran = run_in(logs.path(), &[&args, times, &["--truth", "truth.jsonl", "--force"]].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        fs::write(logs.path().join("log.jsonl"), &ran.stdout).expect("it can be written");
        let report = run_in(logs.path(), &["check", "--format", "json", "log.jsonl"]).report();

        let truth = fs::read_to_string(logs.path().join("truth.jsonl")).expect("it was written");
        let parse = |line: &str| serde_json::from_str::<Value>(line).expect("it is JSON");
        let mut truth: Vec<Value> = truth.lines().map(parse).collect();
        truth.sort_by_key(|seeded| seeded["line"].as_u64());
        assert_eq!(truth.len(), 200);

        let findings = report["findings"].as_array().expect("there are some");
        let as_truth = |finding: &Value| {
            // A malformed record has no job.
            let job =
                truth.iter().find(|seeded| seeded["line"] == finding["line"] && finding["job_id"].is_null());
            let job = job.map_or(&finding["job_id"], |seeded| &seeded["job_id"]);
            let job: Value =
                job.as_str().map_or(job.clone(), |text| json!(text.parse::<u64>().expect("digits")));
            json!({ "rule": finding["rule"], "line": finding["line"], "job_id": job })
        };
        let mut found: Vec<Value> = findings.iter().map(as_truth).collect();
        found.sort_by_key(|finding| finding["line"].as_u64());
        assert_eq!(found, truth);
    }
}

#[test]
fn the_truth_overwrites_no_file_unless_forced() {
    let logs = directory([("truth.jsonl", "kept")]);
    let args = ["simulate", "--jobs", "1", "--faults", "skipped-status", "--truth", "truth.jsonl"];
    let truth = || fs::read_to_string(logs.path().join("truth.jsonl")).expect("it can be read");
    let ran = run_in(logs.path(), &args);
    let said = "cardsavr: truth.jsonl exists; --force overwrites it\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (2, "", said));
    assert_eq!(truth(), "kept");
    let ran = run_in(logs.path(), &[&args[..], &["--force"]].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(truth().starts_with(r#"{"rule":"skipped-status","line":"#), "{}", truth());
}

#[test]
fn times_have_the_format_of_the_first_one() {
    let first = |args: &[&str]| {
        let ran = run(["simulate", "--jobs", "1"].iter().chain(args));
        let line = ran.stdout.lines().next().expect("there is one").to_owned();
        serde_json::from_str::<Value>(&line).expect("it is JSON")
    };
    assert_eq!(first(&["--at", "2026-03-02T10:00:00+01:00"])["at"], "2026-03-02T09:00:00.000Z");
    assert_eq!(first(&["--at", "1772442000000"])["at"], 1_772_442_000_000_i64);
    assert_eq!(first(&["--at", "-1"])["at"], -1);
    assert_eq!(first(&[])["type"], "job_status");
}

#[test]
fn time_stops_at_the_last_representable_one() {
    let ran = run(["simulate", "--jobs", "20", "--at", "9999-12-30T21:59:59Z"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.lines().last().expect("there is one").contains("9999-12-30T22:00:00.999Z"));
    assert_eq!(findings_of(&report_of(ran.stdout)), []);
}

#[test]
fn every_rule_can_be_named_and_those_of_time_need_times() {
    for rule in Rule::ALL {
        let args = ["simulate", "--jobs", "1", "--rate", "1", "--faults", rule.name()];
        let ran = run(args.iter().chain(&["--at", "0"]));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{rule}");
        let ran = run(args);
        if matches!(rule, Rule::LateResponse | Rule::OverdueTimeout | Rule::TimeWentBackwards) {
            let said =
                format!("cardsavr: a fault against {rule} is one of time: give the log times with --at\n");
            assert_eq!((ran.status, ran.stdout, ran.stderr), (2, String::new(), said));
        } else {
            assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{rule}");
        }
    }
}

#[test]
fn inconsistent_options_are_a_usage_error() {
    for (args, said) in [
        (&["--faults", "skiped-status"][..], "a similar value exists: 'skipped-status'"),
        (&["--faults", "warnings"], "invalid value 'warnings'"),
        (&["--faults", "all", "--rate", "1.5"], "it is not a number from 0 to 1"),
        (&["--faults", "all", "--rate", "NaN"], "it is not a number from 0 to 1"),
        (&["--at", "yesterday"], "neither RFC 3339 nor whole milliseconds since 1970"),
        (&["--alive", "0"], "0 is not in 1.."),
        (&["--truth", "truth.jsonl"], "--faults <RULE>"),
        (&["--faults", "all", "--force"], "--truth <FILE>"),
        (&["--faults", "all", "--truth", "no/such/directory"], "cardsavr: no/such/directory: "),
    ] {
        let ran = run(["simulate"].iter().chain(args));
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn a_closed_pipe_ends_the_command() {
    let mut command = cardsavr();
    command.args(["simulate", "--jobs", "100000000"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut start = [0; 20];
    stdout.read_exact(&mut start).expect("it goes on");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}
