//! A baseline hides known findings, and reports those that are gone.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Ran, directory, run_in, status, successful};

/// Jobs that break rules, numbered from `first_job`, after this number of blank lines.
fn log(first_job: u64, blank_lines: usize) -> String {
    let job = |index| first_job + index;
    let text = |id: &str| format!(r#"{{"type":"job_status","job_id":"{id}","message":{{"status":"ODD"}}}}"#);
    let request =
        |id: &str| format!(r#"{{"type":"tfa_request","job_id":"{id}","envelope_id":"e{first_job}"}}"#);
    let lines = [
        status(job(0), "UPDATING"),
        status(job(0), "PENDING_TFA"),
        status(job(1), "UPDATING"),
        status(job(1), "PENDING_TFA"),
        successful(job(2)).replace("}}", &format!(r#","percent_complete":{}.5}}}}"#, 50 + blank_lines)),
        text(&format!("id-{first_job}x")),
        request(&format!("id-{first_job}x")),
        request(&format!("id-{first_job}y")),
        "{\"".into(),
    ];
    "\n".repeat(blank_lines) + &lines.join("\n") + "\n"
}

fn check(logs: &TempDir, args: &[&str]) -> Ran {
    run_in(logs.path(), &[&["check", "--format", "json"], args].concat())
}

fn counted(ran: &Ran) -> (i32, Value, Value, usize) {
    let report = ran.report();
    let findings = report["findings"].as_array().expect("it is one").len();
    (ran.status, report["rules"].clone(), report["baseline"].clone(), findings)
}

#[test]
fn known_findings_are_hidden_for_other_jobs_and_lines() {
    let logs =
        directory([("a.jsonl", &log(100, 0)), ("b.jsonl", &log(7_000, 3)), ("clean.jsonl", &successful(1))]);
    let before = check(&logs, &["a.jsonl"]);
    assert_eq!((before.status, before.report().get("baseline")), (1, None));
    let found = before.report()["findings"].as_array().expect("it is one").len();

    let written = check(&logs, &["--write-baseline=known.json", "a.jsonl"]);
    assert_eq!(written.stderr, format!("cardsavr: known.json: {found} findings written to the baseline\n"));
    assert_eq!(counted(&written), (0, json!({}), json!({"hidden": found}), 0));
    let file = fs::read_to_string(logs.path().join("known.json")).expect("it is written");
    insta::assert_snapshot!("baseline_file", file);

    for log in ["a.jsonl", "b.jsonl"] {
        let ran = check(&logs, &["--baseline", "known.json", log]);
        assert_eq!(counted(&ran), (0, json!({}), json!({"hidden": found}), 0), "{log}");
        assert_eq!(ran.report()["severities"], json!({"error": 0, "warning": 0, "note": 0}));
        assert_eq!(ran.stderr, "");
    }
    // Rewriting the baseline doesn't change it.
    check(&logs, &["--baseline", "known.json", "--write-baseline", "b.jsonl"]);
    assert_eq!(fs::read_to_string(logs.path().join("known.json")).expect("it is there"), file);
}

#[test]
fn findings_beyond_the_count_are_reported_and_missing_entries_are_dropped() {
    let breaks = |job: u64| {
        format!("{}\n{}\n", status(job, "UPDATING"), status(job, "PENDING_TFA")) + &successful(job) + "\n"
    };
    let odd = format!("{}\n{}\n", status(9, "ODD"), successful(9));
    let logs = directory([
        ("a.jsonl", &(breaks(1) + &breaks(2) + &odd)),
        ("b.jsonl", &[1, 2, 3].map(breaks).concat()),
    ]);
    check(&logs, &["--write-baseline=known.json", "a.jsonl"]);
    let ran = check(&logs, &["--baseline=known.json", "b.jsonl"]);
    let gone = json!([{"rule": "unknown-status", "fingerprint": "unknown-status/ODD", "count": 1}]);
    let new = json!({"illegal-transition": 1, "skipped-status": 1});
    assert_eq!(counted(&ran), (1, new, json!({"hidden": 4, "gone": gone}), 2));
    assert_eq!(ran.report()["findings"][0]["job_id"], 3);
    // A new warning doesn't fail the run, and neither does a known error.
    let ran = check(&logs, &["--baseline=known.json", "--allow", "illegal-transition", "b.jsonl"]);
    assert_eq!(ran.status, 0);

    let human = run_in(logs.path(), &["check", "--baseline", "known.json", "b.jsonl"]);
    let summary: Vec<_> = human.stdout.lines().skip_while(|line| !line.starts_with("b.jsonl")).collect();
    insta::assert_snapshot!(summary.join("\n"), @r"
    b.jsonl: 9 records, 9 messages, 3 jobs
             3 BILLABLE
    findings: 1 error, 1 warning, 0 notes
             1 illegal-transition
             1 skipped-status
    baseline: 4 findings hidden
    no longer found; `--write-baseline` removes them:
             1 unknown-status/ODD
    ");
    let ran = check(&logs, &["--baseline", "known.json", "--write-baseline", "b.jsonl"]);
    assert_eq!(counted(&ran), (0, json!({}), json!({"hidden": 6, "gone": gone}), 0));
    let ran = check(&logs, &["--baseline", "known.json", "b.jsonl"]);
    assert_eq!(counted(&ran), (0, json!({}), json!({"hidden": 6}), 0));
}

/// Version 1 of the file has the text of findings in place of fingerprints.
#[test]
fn a_baseline_of_version_1_is_read_and_rewritten_with_fingerprints() {
    let logs = directory([("a.jsonl", &log(100, 0))]);
    let old = json!({"version": 1, "findings": [
        {"rule": "illegal-transition", "shape": "job # went from UPDATING to PENDING_TFA: no job goes back from placement to authentication", "count": 2},
        {"rule": "unknown-status", "shape": "job # has the status NEWER, which is not in the table", "count": 1},
    ]});
    fs::write(logs.path().join("known.json"), old.to_string()).expect("it can be written");
    let ran = check(&logs, &["--baseline", "known.json", "a.jsonl"]);
    let gone = json!([{"rule": "unknown-status", "shape": "job # has the status NEWER, which is not in the table", "count": 1}]);
    assert_eq!(ran.report()["baseline"], json!({"hidden": 2, "gone": gone}));

    let ran = check(&logs, &["--baseline", "known.json", "--write-baseline", "a.jsonl"]);
    assert_eq!((ran.status, &ran.report()["baseline"]["gone"]), (0, &gone));
    let known = fs::read_to_string(logs.path().join("known.json")).expect("it is there");
    assert!(known.contains("\"version\": 2"), "{known}");
    assert!(known.contains("\"illegal-transition/UPDATING/PENDING_TFA\",\"count\":2"), "{known}");
}

#[test]
fn every_format_reports_the_number_of_hidden_findings() {
    let logs = directory([("a.jsonl", &log(100, 0))]);
    check(&logs, &["--write-baseline=known.json", "a.jsonl"]);
    let formats = [
        ("human", "baseline: 10 findings hidden"),
        ("json", r#""baseline":{"hidden":10}"#),
        ("jsonl", r#""baseline":{"hidden":10}"#),
        ("sarif", r#""baseline":{"hidden":10}"#),
        ("junit", r#"<property name="hidden-by-the-baseline" value="10"/>"#),
        ("github", "; 10 hidden by the baseline"),
        ("markdown", "| hidden by the baseline | 10 |"),
    ];
    for (format, text) in formats {
        let args = ["check", "--format", format, "a.jsonl"];
        assert!(!run_in(logs.path(), &args).stdout.contains("baseline"), "{format}");
        let ran = run_in(logs.path(), &[&args[..], &["--baseline", "known.json"]].concat());
        assert_eq!(ran.status, 0, "{format}");
        assert!(ran.stdout.contains(text), "{format}: {}", ran.stdout);
    }
}

#[test]
fn the_path_in_a_configuration_is_relative_to_its_directory() {
    let logs = directory([
        ("cardsavr.toml", "baseline = 'known/all.json'"),
        ("sub/a.jsonl", &log(1, 0)),
        ("known/x", ""),
    ]);
    let sub = logs.path().join("sub");
    let ran = run_in(&sub, &["check", "a.jsonl"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("all.json: ") && ran.stderr.ends_with("; --write-baseline makes it\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(run_in(&sub, &["check", "--write-baseline", "a.jsonl"]).status, 0);
    assert!(logs.path().join("known/all.json").exists());
    assert_eq!(run_in(&sub, &["check", "a.jsonl"]).status, 0);
    assert_eq!(run_in(&sub, &["check", "--no-config", "a.jsonl"]).status, 1);
}

#[test]
fn a_baseline_beside_the_logs_is_not_read_as_a_log() {
    let logs = directory([("a.jsonl", &log(1, 0))]);
    for args in [
        &["--write-baseline=known.json", "."][..],
        &["--write-baseline=known.json", "."],
        &["--baseline=./known.json", "."],
    ] {
        let ran = check(&logs, args);
        assert_eq!((ran.status, ran.report()["inputs"].as_array().map(Vec::len)), (0, Some(1)), "{args:?}");
        assert_eq!(ran.report()["baseline"], json!({"hidden": 10}));
    }
}

/// A baseline overwrites no log, and is not written if only a part of the input was read.
#[test]
fn a_baseline_is_not_written_over_a_log_or_from_partial_input() {
    let log = log(1, 0);
    let logs = directory([("a.jsonl", &log), ("known.json", "{\"version\":1,\"findings\":[]}")]);
    let mut told = Vec::new();
    for args in [
        &["--write-baseline", "a.jsonl"][..],
        &["--write-baseline=a.jsonl", "a.jsonl"],
        &["--write-baseline=known.json", "a.jsonl", "none.jsonl"],
        &["--write-baseline=none/known.json", "a.jsonl"],
        &["--write-baseline=known.json", "--job", "1", "a.jsonl"],
    ] {
        let ran = check(&logs, args);
        assert_eq!(ran.status, 2, "{args:?}");
        told.push(ran.stderr);
    }
    for baseline in [
        "{}",
        "{\"version\":3,\"findings\":[]}",
        "{\"version\":1,\"findings\":[{\"rule\":\"skiped-status\",\"shape\":\"\",\"count\":1}]}",
        "{\"version\":1,\"findings\":[{\"rule\":\"skipped-status\",\"shape\":\"\",\"count\":-1}]}",
        "{\"version\":1,\"findings\":[],\"more\":1}",
    ] {
        fs::write(logs.path().join("odd.json"), baseline).expect("it can be written");
        let ran = check(&logs, &["--baseline", "odd.json", "a.jsonl"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{baseline}");
        told.push(ran.stderr);
    }
    insta::assert_snapshot!("baseline_errors", told.concat());
    assert_eq!(fs::read_to_string(logs.path().join("a.jsonl")).expect("it is there"), log);
    let known = fs::read_to_string(logs.path().join("known.json")).expect("it is there");
    assert_eq!(known, "{\"version\":1,\"findings\":[]}");
}

/// Findings in the baseline are not reported as gone if their job was not checked or not all input was read.
#[test]
fn only_a_complete_check_reports_what_is_gone() {
    let log = log(1, 0);
    let logs = directory([("a.jsonl", &log), ("clean.jsonl", &successful(3))]);
    check(&logs, &["--write-baseline=known.json", "a.jsonl"]);
    for args in [&["--job", "3", "clean.jsonl"][..], &["clean.jsonl", "none.jsonl"]] {
        let ran = check(&logs, &[&["--baseline", "known.json"], args].concat());
        assert_eq!(ran.report()["baseline"], json!({"hidden": 0}), "{args:?}");
    }
    let ran = check(&logs, &["--baseline", "known.json", "clean.jsonl"]);
    assert_eq!(ran.report()["baseline"]["gone"].as_array().map(Vec::len), Some(7));
}
