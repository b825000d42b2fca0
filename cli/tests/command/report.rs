//! The report: the exact JSON document, JSON Lines, and the human-readable format.

use serde_json::{Value, json};

use crate::{cardsavr, check_with, directory, report_of, run_in, run_with, status, successful};

/// A log with a finding of each kind of severity, in each kind of record.
pub(crate) const LOG: &str = r#"{"type":"job_status","job_id":101,"message":{"status":"PENDING_NEWCREDS"}}
{"type":"job_status","job_id":"101","message":{"status":"LOGIN_RESUBMITTED"}}
{"type":"job_status","job_id":101,"message":{"sta
[{"type":"job_status","job_id":102,"message":{"status":"NEW_STATUS"}},
 {"type":"job_status","job_id":102,"message":{"status":"UPDATING"}}, {"type":"job_status"}]
{
  "at": "2021-09-28T00:00:00Z",
  "message": [{ "type": "later", "job_id": "a-1", "envelope_id": "x" }]
} {"type":"job_status","job_id":101,"message":{"status":"SUCCESSFUL","termination_type":"ODD"}}
"#;

#[test]
fn the_document_has_exactly_these_fields() {
    let second = format!("{}\n{}\n", status(7, "UPDATING"), successful(7));
    let logs = directory([("a.jsonl", LOG), ("b.log", &second)]);
    let ran = run_in(logs.path(), &["check", "--format", "json", "a.jsonl", "b.log"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    let expected = json!({
        "version": 1,
        "inputs": [
            {"file": "a.jsonl", "bytes": LOG.len(), "records": 6},
            {"file": "b.log", "bytes": second.len(), "records": 2},
        ],
        "records": 8, "messages": 8, "jobs": 4,
        "terminations": {
            "BILLABLE": 2, "USER_DATA_FAILURE": 0, "SITE_INTERACTION_FAILURE": 0, "PROCESS_FAILURE": 0,
            "NEVER_STARTED": 0
        },
        "unterminated": 2,
        "severities": {"error": 2, "warning": 5, "note": 2},
        "rules": {
            "malformed-json": 1, "malformed-message": 1, "unknown-message-type": 1, "unknown-status": 1,
            "unknown-termination-type": 1, "skipped-status": 2, "unterminated-job": 2
        },
        "unknown": {
            "statuses": {"NEW_STATUS": 1}, "termination_types": {"ODD": 1}, "message_types": {"later": 1}
        },
        "findings": [
            {
                "rule": "skipped-status", "severity": "warning", "file": "a.jsonl", "line": 2, "column": 1,
                "job_id": 101,
                "message":
                    "job 101 went from PENDING_NEWCREDS to LOGIN_RESUBMITTED: NEWCREDS_RECEIVED is missing",
                "found": "LOGIN_RESUBMITTED", "expected": ["NEWCREDS_RECEIVED", "LOGIN_RESUBMITTED"]
            },
            {
                "rule": "malformed-json", "severity": "error", "file": "a.jsonl", "line": 3, "column": 1,
                "message": "not JSON: the line ends inside a string, at line 3, column 50"
            },
            {
                "rule": "unknown-status", "severity": "warning", "file": "a.jsonl", "line": 4, "column": 2,
                "job_id": 102,
                "message": "job 102 has the status NEW_STATUS, which is not in the table",
                "found": "NEW_STATUS"
            },
            {
                "rule": "malformed-message", "severity": "error", "file": "a.jsonl", "line": 5, "column": 70,
                "message": "/2/job_id is missing, at line 5, column 90"
            },
        ],
    });
    let report = ran.report();
    for (key, value) in expected.as_object().expect("it is one") {
        if key == "findings" {
            let first = value.as_array().expect("it is one");
            let found = report[key].as_array().expect("it is one");
            for (found, expected) in found.iter().zip(first) {
                assert_eq!(found, expected);
            }
        } else {
            assert_eq!(&report[key], value, "{key}: {report:#}");
        }
    }
    assert_eq!(report.as_object().expect("it is one").len(), expected.as_object().expect("it is one").len());
    insta::assert_json_snapshot!(report["findings"]);
}

#[test]
fn the_lines_are_the_findings_and_then_the_summary() {
    let document = report_of(LOG);
    let ran = check_with(&["--format", "jsonl"], LOG);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is one value")).collect();
    let (summary, findings) = lines.split_last().expect("there is a summary");
    assert_eq!(findings, document["findings"].as_array().expect("it is one"));
    let mut whole = summary.clone();
    whole["findings"] = document["findings"].clone();
    assert!(summary.get("findings").is_none());
    assert_eq!(whole, document);
}

#[test]
fn nothing_is_null() {
    fn no_null(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(values) => values.iter().all(no_null),
            Value::Object(fields) => fields.values().all(no_null),
            _ => true,
        }
    }
    assert!(no_null(&report_of(LOG)));
}

#[test]
fn an_empty_log_has_an_empty_report() {
    for log in ["", "\n", " \r\n\t\n"] {
        let ran = check_with(&["--format", "json", "--allow-empty"], log);
        assert_eq!(ran.status, 0);
        let expected = json!({
            "version": 1,
            "inputs": [{"file": "-", "bytes": log.len(), "records": 0}],
            "records": 0, "messages": 0, "jobs": 0,
            "terminations": {
                "BILLABLE": 0, "USER_DATA_FAILURE": 0, "SITE_INTERACTION_FAILURE": 0, "PROCESS_FAILURE": 0,
                "NEVER_STARTED": 0
            },
            "unterminated": 0,
            "severities": {"error": 0, "warning": 0, "note": 0},
            "rules": {},
            "unknown": {"statuses": {}, "termination_types": {}, "message_types": {}},
            "findings": [],
        });
        assert_eq!(ran.report(), expected);
    }
}

#[test]
fn a_job_id_is_a_number_where_it_can_be_one() {
    for (id, expected) in [
        ("101", json!(101)),
        ("\"101\"", json!(101)),
        ("\"0101\"", json!(101)),
        ("\"18446744073709551615\"", json!(u64::MAX)),
        ("\"18446744073709551616\"", json!("18446744073709551616")),
        ("\"+1\"", json!("+1")),
        ("\"a\"", json!("a")),
        ("\"\"", json!("")),
    ] {
        let log = format!(r#"{{"type":"job_status","job_id":{id},"message":{{"status":"AUTH"}}}}"#);
        assert_eq!(report_of(log)["findings"][0]["job_id"], expected, "{id}");
    }
}

#[test]
fn messages_are_counted_at_every_position() {
    let request = r#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#;
    let cases = [
        (status(1, "AUTH"), 1),
        (format!("[{},{},[{}]]", status(1, "AUTH"), status(2, "AUTH"), status(3, "AUTH")), 3),
        ("[]".to_owned(), 0),
        (format!(r#"{{"id":1,"status":"AUTH","credential_requests":[{request},{request}]}}"#), 3),
        (
            r#"{"jobs":[{"job_id":1,"job_status":"SUCCESSFUL"},{"job_id":2,"job_status":"CANCELLED"}],"cuid":"c"}"#
                .to_owned(),
            2,
        ),
        (format!(r#"{{"at":1632787560264,"message":[{request},{}]}}"#, status(1, "AUTH")), 2),
        (format!(r#"[5,{request},{{"type":"job_status"}}]"#), 1),
    ];
    for (record, messages) in cases {
        let report = report_of(&record);
        assert_eq!((&report["records"], &report["messages"]), (&json!(1), &json!(messages)), "{record}");
    }
}

#[test]
fn findings_of_one_message_are_in_the_order_of_the_catalogue() {
    let log = r#"{"type":"job_status","job_id":1,"message":{"status":"SUCCESSFUL","percent_complete":101,"job_timeout":-1}}"#;
    let report = report_of(log);
    let rules: Vec<_> =
        report["findings"].as_array().expect("it is one").iter().map(|f| &f["rule"]).collect();
    assert_eq!(rules, ["missing-termination-type", "progress-out-of-range", "negative-timeout"]);
}

#[test]
fn findings_at_the_end_are_in_the_order_of_first_messages() {
    let log = [9, 3, 7, 9].map(|job| status(job, "AUTH")).join("\n");
    let report = report_of(log);
    let ends: Vec<_> = report["findings"]
        .as_array()
        .expect("it is one")
        .iter()
        .map(|f| (&f["job_id"], &f["line"]))
        .collect();
    assert_eq!(ends, [(&json!(9), &json!(4)), (&json!(3), &json!(2)), (&json!(7), &json!(3))]);
}

#[test]
fn the_human_readable_report_has_paragraphs() {
    let logs = directory([("a.jsonl", LOG)]);
    let ran = run_in(logs.path(), &["check", "a.jsonl"]);
    insta::assert_snapshot!(ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn colours_follow_the_option() {
    let log = format!("{}\n{}\n", status(1, "PENDING_NEWCREDS"), status(1, "LOGIN_RESUBMITTED"));
    let ran = check_with(&["--color", "always"], &log);
    insta::assert_snapshot!(ran.stdout.replace('\u{1b}', "␛"));

    let plain = check_with(&[], &log).stdout;
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(check_with(&["--color", "never"], &log).stdout, plain);
    for format in ["json", "jsonl"] {
        let ran = check_with(&["--color", "always", "--format", format], &log);
        assert!(!ran.stdout.contains('\u{1b}'), "{format}");
    }
}

/// `CLICOLOR_FORCE` replaces the terminal that a test lacks.
#[test]
fn no_color_is_honoured() {
    let check = |variables: &[(&str, &str)]| {
        let mut command = cardsavr();
        command.arg("check").envs(variables.iter().copied());
        run_with(command, status(1, "AUTH").as_bytes()).stdout
    };
    assert!(check(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!check(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn a_log_cannot_control_the_terminal() {
    let log = r#"{"type":"x\u001b[2J\n\u009b1mno error\u202e","job_id":"\u0007"}"#;
    let ran = check_with(&["--color", "never"], log);
    let strange = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
    assert!(!ran.stdout.contains(strange), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\n\u{9b}") && ran.stdout.contains(r"x\u{1b}[2J\n\u{9b}1mno error\u{202e}"));
}

/// If records have times, the human-readable report shows the durations and waits of jobs.
#[test]
fn the_human_report_shows_durations() {
    let at = |seconds: u64, message: &str| format!("{{\"at\":{},\"message\":{message}}}\n", seconds * 1000);
    let request = r#"{"type":"tfa_request","job_id":7,"envelope_id":"e1"}"#;
    let response = r#"{"type":"tfa_response","envelope_id":"e1","message":"1"}"#;
    let log: String = [
        at(0, &status(7, "REQUESTED")),
        at(2, &status(7, "QUEUED")),
        at(3, &status(7, "IN_PROGRESS")),
        at(4, &status(7, "AUTH")),
        at(9, &status(7, "PENDING_TFA")),
        at(9, request),
        at(40, response),
        at(41, &status(7, "TFA_RECEIVED")),
        at(42, &status(7, "TFA_SUBMITTED")),
        at(50, &status(7, "UPDATING")),
        at(90, &successful(7)),
    ]
    .concat();
    let ran = check_with(&["--format", "human"], &log);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    let expected = "took: median 1 min 30 s, 95th percentile 1 min 30 s (1 job from start to end)\n\
                    waited: PENDING_TFA, median 32.0 s, 95th percentile 32.0 s (1 time)\n";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    // Without times there are no durations.
    let ran = check_with(&["--format", "human"], successful(7));
    assert!(!ran.stdout.contains("took"), "{}", ran.stdout);
}
