//! `--output`: several reports of one run, and their files.

use std::fs;

use serde_json::Value;

use crate::{check_with, directory, run_in, status, successful};

fn log() -> String {
    format!("{}\n{}\n{{\n", status(1, "ODD"), successful(2))
}

#[test]
fn a_report_in_a_file_equals_that_on_standard_output() {
    let logs = directory([
        ("a.jsonl", &log()),
        ("old.json", "a longer report, of a run before: ".repeat(100).as_str()),
    ]);
    let formats = ["human", "json", "jsonl"];
    let alone = formats.map(|format| run_in(logs.path(), &["check", "--format", format, "a.jsonl"]));
    for (format, alone) in formats.iter().zip(&alone) {
        assert_eq!(run_in(logs.path(), &["check", "--output", format, "a.jsonl"]).stdout, alone.stdout);
    }
    let outputs = ["--output", "human:new.txt", "--output", "json:old.json", "--output=jsonl:new.jsonl"];
    let colour = ["--color", "always"];
    let several = [&["check", "a.jsonl"][..], &outputs].concat();
    let ran = run_in(logs.path(), &several);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    // Standard output has the human-readable report by default.
    assert_eq!(ran.stdout, alone[0].stdout);
    assert_ne!(run_in(logs.path(), &[&several[..], &colour].concat()).stdout, alone[0].stdout);
    for (file, alone) in ["new.txt", "old.json", "new.jsonl"].iter().zip(&alone) {
        assert_eq!(fs::read_to_string(logs.path().join(file)).expect("it was written"), alone.stdout);
    }
}

#[test]
fn no_report_overwrites_another_or_a_log() {
    let known = r#"{"version":1,"findings":[]}"#;
    let own = "max-findings = 5\n";
    let logs =
        directory([("a.jsonl", &log()), ("logs/b.json", &log()), ("known.json", known), ("own.toml", own)]);
    for (args, complaint) in [
        (&["--format", "json", "--output", "jsonl"][..], "two reports would go to standard output"),
        (&["--output", "json", "--output", "jsonl:-"], "two reports would go to standard output"),
        (&["--output", "json:x", "--output", "jsonl:./x"], "./x: two reports would go to it"),
        (&["--output", "json:a.jsonl"], "a.jsonl: it is a log"),
        (&["--output", "json:logs/../logs/b.json"], "logs/../logs/b.json: it is a log"),
        (
            &["--baseline", "known.json", "--output", "sarif:./known.json"],
            "./known.json: it is a log, the baseline",
        ),
        (&["--write-baseline=new.json", "--output", "sarif:new.json"], "new.json: it is a log, the baseline"),
        (
            &["--config", "own.toml", "--output", "human:own.toml"],
            "own.toml: it is a log, the baseline or the conf",
        ),
        (&["--output", "json:none/x"], "none/x: the report can't be written: "),
        (&["--output", "jsno:x"], "did you mean `json`?"),
        (&["--output", "json:"], "no file follows `json:`"),
    ] {
        let ran = run_in(logs.path(), &[&["check", "a.jsonl", "logs"], args].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(complaint), "{args:?}: {}", ran.stderr);
    }
    for file in ["a.jsonl", "logs/b.json"] {
        assert_eq!(fs::read_to_string(logs.path().join(file)).expect("it is there"), log());
    }
    for (file, text) in [("known.json", known), ("own.toml", own)] {
        assert_eq!(fs::read_to_string(logs.path().join(file)).expect("it is there"), text);
    }
}

#[cfg(unix)]
#[test]
fn a_report_can_go_to_a_device() {
    let ran = check_with(&["--output", "json:/dev/stderr"], log());
    let document: Value = serde_json::from_str(&ran.stderr).expect("it is one document");
    assert_eq!(document, check_with(&["--format", "json"], log()).report());
    let ran = check_with(&["--output", "json:/dev/stdout"], log());
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("/dev/stdout: two reports would go to it"), "{}", ran.stderr);
}

/// `cardsavr check --output json:report.json log | head`: the file is complete.
#[cfg(unix)]
#[test]
fn a_file_is_complete_when_standard_output_is_closed() {
    use std::process::Stdio;

    let lines: Vec<String> = (0..5000).map(|job| status(job, "ODD")).collect();
    let logs = directory([("a.jsonl", &lines.join("\n"))]);
    let mut child = crate::cardsavr()
        .current_dir(logs.path())
        .args(["check", "--output", "json:report.json", "a.jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let report = fs::read_to_string(logs.path().join("report.json")).expect("it was written");
    let report: Value = serde_json::from_str(&report).expect("it is one document");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(10_000));
}

/// If standard error is not a terminal, no progress is shown; with `--quiet` there are no notes either.
#[test]
fn quiet_prints_only_errors() {
    let logs = directory([("a.jsonl", &log())]);
    let check = |args: &[&str]| run_in(logs.path(), &[&["check", "a.jsonl"], args].concat());
    let (loud, quiet) = (check(&[]), check(&["--quiet"]));
    assert_eq!((loud.status, &*loud.stderr, &*quiet.stderr), (1, "", ""));
    assert_eq!((quiet.status, quiet.stdout), (1, loud.stdout));
    assert!(check(&["--write-baseline=known.json"]).stderr.contains("findings written to the baseline"));
    assert_eq!(check(&["-q", "--write-baseline=known.json"]).stderr, "");
    // Errors are still reported.
    let failed = check(&["-q", "none.jsonl"]);
    assert!(failed.status == 2 && failed.stderr.starts_with("cardsavr: none.jsonl: "), "{}", failed.stderr);
}
