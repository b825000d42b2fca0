//! `cardsavr trace`: the history of one job.

use std::path::Path;

use crate::{Ran, cardsavr, run, run_in, run_with, status};

fn trace_with(args: &[&str], log: &str) -> Ran {
    let mut command = cardsavr();
    command.arg("trace").args(args);
    run_with(command, log.as_bytes())
}

#[test]
fn the_histories_in_the_shipped_logs() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/logs");
    let colour = &["--color", "always"][..];
    for (name, args) in [
        ("one_file", &["101", "one-job.jsonl"][..]),
        ("skipped", &["1586", "."]),
        ("times", &["2001", "recorder.log"]),
        ("colour", &[&["1586", "polls.json"][..], colour].concat()),
    ] {
        let ran = run_in(&logs, &[&["trace"][..], args].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{args:?}");
        insta::assert_snapshot!(format!("trace_{name}"), ran.stdout);
    }
}

#[test]
fn repetitions_are_folded_and_findings_are_at_their_messages() {
    let at = |second: u32, message: &str| {
        format!(r#"{{"at":"2026-03-02T09:00:{second:02}Z","message":{message}}}"#)
    };
    let request = r#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#;
    let log = [
        at(0, &status(1, "AUTH")),
        at(1, &status(1, "PENDING_TFA")),
        at(2, request),
        at(3, request),
        at(4, &status(1, "PENDING_TFA")),
        at(5, &status(2, "AUTH")),
        at(6, request),
        at(7, &status(1, "PENDING_TFA")),
        at(8, r#"{"type":"tfa_response","envelope_id":"e","message":"123456"}"#),
        at(9, &status(1, "PENDING_CREDS")),
        at(10, &status(1, "PENDING_CREDS")),
        at(11, &status(1, "LATER")),
        at(12, r#"{"type":"later_request","job_id":1,"envelope_id":"f"}"#),
        at(13, r#"{"id":1,"status":"UPDATING"}"#),
    ]
    .join("\n");
    let ran = trace_with(&["1"], &log);
    assert!(!ran.stdout.contains("123456"));
    insta::assert_snapshot!("trace_folded", ran.stdout);
}

#[test]
fn an_unknown_job_is_an_error_with_the_most_similar_ids() {
    let log = [status(1586, "AUTH"), status(1587, "AUTH"), status(3, "AUTH"), status(15, "AUTH")].join("\n");
    let ran = trace_with(&["1588"], &log);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "cardsavr: no input has job 1588; the most similar: `1586`, `1587`, `15`\n");
    let ran = trace_with(&["1588"], "");
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (2, "cardsavr: no input has job 1588; the inputs have no jobs\n")
    );
    assert_eq!(run(["trace", "1", "no-such-file"]).status, 2);
}

/// Data from a log can't control the terminal.
#[test]
fn text_of_the_log_is_escaped() {
    let log = r#"{"type":"job_status","job_id":"a\u001b[2J","message":{"status":"\u001b]0;x\u0007"}}"#;
    let ran = trace_with(&["a\u{1b}[2J"], log);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{7}'), "{}", ran.stdout);
}

#[test]
fn a_history_of_several_days_has_dates() {
    let at =
        |at: &str, status: &str| format!("{{\"at\":\"{at}\",\"message\":{}}}\n", crate::status(1, status));
    let log = [
        at("2026-03-02T23:59:59Z", "REQUESTED"),
        at("2026-03-03T00:00:01Z", "QUEUED"),
        at("2026-03-03T00:00:02Z", "IN_PROGRESS"),
        at("2026-03-05T00:00:02Z", "AUTH"),
    ];
    let logs = crate::directory([("log.jsonl", &log.concat())]);
    let ran = crate::run_in(logs.path(), &["trace", "1", "log.jsonl"]);
    let days: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("2026-")).collect();
    assert_eq!(days, ["2026-03-03", "2026-03-05"], "{}", ran.stdout);
}

#[test]
fn several_jobs_are_traced() {
    let log = [status(1586, "AUTH"), status(1587, "AUTH"), status(3, "AUTH")].join("\n");
    let logs = crate::directory([("logs/log.jsonl", &*log), ("3", &log)]);
    let ran = run_in(logs.path(), &["trace", "1586", "1587", "logs"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let jobs: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("job ")).collect();
    assert_eq!(jobs, ["job 1586 in logs/log.jsonl", "job 1587 in logs/log.jsonl"]);
    // What is a file is a log.
    let ran = run_in(logs.path(), &["trace", "1586", "3"]);
    assert!(ran.stdout.starts_with("job 1586 in 3\n"), "{}", ran.stdout);
    let ran = run_in(logs.path(), &["trace", "1586", "99", "logs"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (2, "cardsavr: no input has job 99\n"));
    assert!(ran.stdout.starts_with("job 1586"), "{}", ran.stdout);
}

#[test]
fn the_jobs_with_an_error_are_traced() {
    let log: String = (1..=5).map(|job| status(job, "UPDATING") + "\n").collect();
    let log = format!("{log}{}\n{}\n", status(2, "AUTH"), status(4, "AUTH"));
    let logs = crate::directory([("log.jsonl", &log)]);
    let traced = |args: &[&str]| {
        let ran = run_in(logs.path(), &[&["trace", "--failing"], args].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        let jobs = ran.stdout.lines().filter(|line| line.starts_with("job ") || line.contains("job"));
        jobs.filter(|line| !line.starts_with(' ')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(traced(&["log.jsonl"]), ["job 2 in log.jsonl", "job 4 in log.jsonl"]);
    let last = "1 further job with an error: --max-jobs prints more";
    assert_eq!(traced(&["--max-jobs", "1", "log.jsonl"]), ["job 2 in log.jsonl", last]);
    let ran = trace_with(&["--failing"], &status(1, "AUTH"));
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "no job has an error\n"));
    assert_eq!(run(["trace"]).status, 2);
}
