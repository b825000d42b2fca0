//! A check of some jobs of a log (`--job`).

use serde_json::{Value, json};

use crate::{Ran, check_with, directory, report_of, run, run_in, status, successful};

fn check(args: &[&str], log: &str) -> Ran {
    check_with(&[&["--format", "json"], args].concat(), log)
}

/// The findings of a job, and those without a known job.
fn findings_of_job(report: &Value, job: &Value) -> Vec<Value> {
    let findings = report["findings"].as_array().expect("it is one").iter();
    findings.filter(|finding| finding.get("job_id").is_none_or(|id| id == job)).cloned().collect()
}

/// Requests and envelopes are matched in the complete log: a job has the same findings as in a check of all jobs.
#[test]
fn a_job_has_the_same_findings_alone_and_among_all() {
    let log =
        run(["simulate", "--jobs", "60", "--alive", "30", "--at", "0", "--faults", "all", "--rate", "1"])
            .stdout;
    let log = log
        + r#"{"type":"tfa_request","job_id":1,"envelope_id":"shared"}
{"type":"tfa_request","job_id":2,"envelope_id":"shared"}
{"type":"credential_response","envelope_id":"shared","message":"secret"}
{"type":"tfa_response","envelope_id":"nobody's","message":"123456"}
{"type":"later","envelope_id":"shared"}
{"type":"later","job_id":3,"envelope_id":"later's"}
{"type":"tfa_response","job_id":4,"envelope_id":"later's","message":"123456"}
{"type":"tfa_request","job_id":5}
{"type":"tfa_request"}
"#;
    let all = report_of(&log);
    for job in 1..=60 {
        let ran = check(&["--job", &job.to_string()], &log);
        let report = ran.report();
        assert_eq!(
            findings_of_job(&all, &job.into()),
            *report["findings"].as_array().expect("it is one"),
            "{job}"
        );
        assert_eq!(report["jobs"], 1, "{job}");
        assert_eq!(report["records"], all["records"], "{job}");
    }
}

#[test]
fn messages_of_other_jobs_are_not_counted() {
    let log =
        [status(1, "UPDATING"), status(2, "ODD"), successful(2), successful(1), successful(3)].join("\n");
    let report = check(&["--job", "2"], &log).report();
    assert_eq!((&report["messages"], &report["jobs"], &report["records"]), (&json!(2), &json!(1), &json!(5)));
    assert_eq!((&report["terminations"]["BILLABLE"], &report["unterminated"]), (&json!(1), &json!(0)));
    assert_eq!(report["rules"], json!({"unknown-status": 1}));
    assert_eq!(report["unknown"]["statuses"], json!({"ODD": 1}));
    let report = check(&["--job", "1", "--job", "3"], &log).report();
    assert_eq!((&report["messages"], &report["jobs"], &report["rules"]), (&json!(3), &json!(2), &json!({})));
    assert_eq!(report["unknown"]["statuses"], json!({}));
}

#[test]
fn an_id_is_the_same_as_a_number_and_as_digits() {
    let log = format!("{}\n{}", status(1586, "UPDATING"), successful(1586).replace("1586", "\"1586\""));
    for id in ["1586", "01586"] {
        let report = check(&["--job", id], &log).report();
        assert_eq!((&report["messages"], &report["jobs"]), (&json!(2), &json!(1)), "{id}");
    }
    let log = log.replace("\"1586\"", "1586").replace("1586", "\"a b\"");
    assert_eq!(check(&["--job", "a b"], &log).report()["messages"], 2);
}

/// All messages are judged, and only some findings are reported.
#[test]
fn a_period_and_statuses_narrow_the_findings() {
    let at = |day: u32, message: &str| {
        format!("{{\"at\":\"2026-03-{day:02}T09:00:00Z\",\"message\":{message}}}\n")
    };
    let log = [
        at(1, &crate::status(1, "UPDATING")),
        at(2, &crate::status(1, "AUTH")),
        at(3, "5"),
        at(3, &crate::status(2, "REQUESTED")),
        at(4, &crate::status(2, "UPDATING")),
        at(5, &crate::status(2, "QUEUED")),
    ]
    .concat();
    let check = |args: &[&str]| {
        let ran = crate::check_with(&[&["--format", "json"], args].concat(), &log);
        let found: Vec<_> =
            crate::findings_of(&ran.report()).into_iter().map(|(rule, line, _)| (rule, line)).collect();
        let counted: u64 = ran.report()["rules"]
            .as_object()
            .expect("it is one")
            .values()
            .filter_map(serde_json::Value::as_u64)
            .sum();
        assert_eq!(counted, found.len() as u64, "{args:?}");
        assert_eq!(ran.report()["messages"], 5, "all is judged");
        (ran.status, found)
    };
    let found =
        |list: &[(&str, u64)]| list.iter().map(|&(rule, line)| (rule.to_owned(), line)).collect::<Vec<_>>();
    let (illegal, skipped, open) = ("illegal-transition", "skipped-status", "unterminated-job");
    let all = [(illegal, 2), ("malformed-message", 3), (skipped, 5), (illegal, 6), (open, 2), (open, 6)];
    assert_eq!(check(&[]), (1, found(&all)));
    assert_eq!(check(&["--since", "2026-03-04"]), (1, found(&all[2..])));
    assert_eq!(check(&["--since", "2026-03-04T09:00:01Z"]), (1, found(&all[3..])));
    assert_eq!(check(&["--until", "2026-03-02T09:00"]), (0, found(&[])));
    assert_eq!(check(&["--since", "2026-03-04", "--until", "2026-03-05"]), (0, found(&all[2..3])));
    assert_eq!(check(&["--status", "auth"]), (1, found(&all[..1])));
    assert_eq!(check(&["--status", "AUTH", "--status", "UPDATING"]), (1, found(&[all[0], all[2]])));
    // What can't be.
    let refused = |args: &[&str]| {
        let ran = crate::check_with(args, crate::status(1, "AUTH"));
        assert_eq!(ran.status, 2, "{args:?}");
        ran.stderr
    };
    assert!(refused(&["--since", "2026-03-02"]).contains("no record has a time for --since"));
    assert!(refused(&["--since", "yesterday"]).contains("it is not a time such as 2026-03-02"));
    assert!(refused(&["--status", "UPDATNG"]).contains("did you mean `UPDATING`?"));
    assert!(refused(&["--status", "AUTH", "--write-baseline=x"]).contains("cannot be used with"));
}

/// A report without findings would hide the mistake.
#[test]
fn a_job_that_does_not_occur_is_an_error() {
    let logs = directory([("a.jsonl", &successful(1)), ("b.jsonl", &successful(2))]);
    let ran = run_in(
        logs.path(),
        &["check", "--format", "json", "--job", "2", "--job", "17", "--job", "x\u{1b}", "."],
    );
    assert_eq!((ran.status, &ran.report()["jobs"]), (2, &json!(1)));
    assert_eq!(ran.stderr, "cardsavr: no input has job 17\ncardsavr: no input has job x\\u{1b}\n");
    // A malformed message of the job counts.
    let log = r#"{"type":"tfa_request","job_id":17}"#;
    let ran = check(&["--job", "17"], log);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    assert_eq!(ran.report()["rules"], json!({"malformed-message": 1}));
    assert_eq!(check(&["--job", ""], log).status, 2);
}
