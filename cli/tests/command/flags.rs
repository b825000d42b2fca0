//! Flags that change the findings: severities, pointers and times.

use serde_json::{Value, json};

use crate::{check_with, run, status, successful};

/// A log with one warning (`skipped-status`), one note (`incomplete-termination`) and one error (`malformed-json`).
fn log() -> String {
    let end = successful(1).replace("}}", r#","percent_complete":90}}"#);
    format!("{}\n{end}\n{{\"\n", status(1, "LOGIN_SUBMITTED"))
}

/// The severity of each rule with findings, and the exit status.
fn severities(args: &[&str]) -> (Vec<(String, String)>, i32) {
    let ran = check_with(&[&["--format", "json"], args].concat(), log());
    let report = ran.report();
    let findings = report["findings"].as_array().expect("it is one");
    let text = |value: &Value| value.as_str().expect("it is a string").to_owned();
    let found: Vec<_> = findings.iter().map(|f| (text(&f["rule"]), text(&f["severity"]))).collect();

    // The counts are those of the findings.
    for severity in ["error", "warning", "note"] {
        let count = found.iter().filter(|(_, found)| found == severity).count();
        assert_eq!(report["severities"][severity], count, "{args:?}");
    }
    let rules: serde_json::Map<_, _> = found.iter().map(|(rule, _)| (rule.clone(), json!(1))).collect();
    assert_eq!(report["rules"], Value::Object(rules), "{args:?}");
    (found, ran.status)
}

/// A threshold on ends, waits and rules makes a clean log fail.
#[test]
fn a_threshold_decides_the_exit_status() {
    let at = |minute: u32, message: &str| {
        format!("{{\"at\":\"2026-03-02T09:{minute:02}:00Z\",\"message\":{message}}}\n")
    };
    let mut log: String =
        (10..14).map(|job| at(0, &status(job, "UPDATING")) + &at(1, &successful(job))).collect();
    let end = r#"{"type":"job_status","job_id":1,"message":{"status":"TIMEOUT_TFA","termination_type":"USER_DATA_FAILURE"}}"#;
    log += &(at(0, &status(1, "PENDING_TFA")) + &at(4, end));
    let check = |threshold: &str| {
        let ran = check_with(&["--format", "json", "--fail-if", threshold], &log);
        (ran.status, ran.stderr)
    };
    for (threshold, told) in [
        ("TIMEOUT_TFA > 2%", "TIMEOUT_TFA > 2%: it is 20.0%, 1 of 5 ended jobs"),
        ("timeout_tfa>=1", "TIMEOUT_TFA >= 1: there are 1"),
        ("USER_DATA_FAILURE > 0", "USER_DATA_FAILURE > 0: there are 1"),
        ("BILLABLE < 90 %", "BILLABLE < 90%: it is 80.0%, 4 of 5 ended jobs"),
        ("PENDING_TFA > 90s", "PENDING_TFA > 1 min 30 s: the 95th percentile is 4 min 0 s"),
        ("PENDING_TFA > 10%", "PENDING_TFA > 10%: it is 20.0%, 1 of 5 jobs"),
        ("pending-without-request >= 0", "pending-without-request >= 0: there are 0"),
    ] {
        assert_eq!(check(threshold), (1, format!("cardsavr: {told}\n")), "{threshold}");
    }
    for threshold in
        ["TIMEOUT_TFA > 20%", "BILLABLE < 80%", "PENDING_TFA > 5m", "PENDING_NEWCREDS > 1s", "KILLED > 0"]
    {
        assert_eq!(check(threshold), (0, String::new()), "{threshold}");
    }
    for (threshold, reason) in [
        ("TIMEOUT_TFA", "not a name, a comparison and a bound"),
        ("TIMEOUT_TFS > 1", "did you mean `TIMEOUT_TFA`?"),
        ("AUTH > 1", "neither an end nor a wait"),
        ("TIMEOUT_TFA > much", "neither a number, a percentage"),
        ("TIMEOUT_TFA > 101%", "not a percentage from 0 to 100"),
        ("TIMEOUT_TFA > 2m", "has no duration"),
        (">", "no end, wait or rule"),
    ] {
        let (status, stderr) = check(threshold);
        assert!(status == 2 && stderr.contains(reason), "{threshold}: {stderr}");
    }
}

#[test]
fn flags_set_the_severities() {
    let all = |skipped: &'static str, incomplete: &'static str, malformed: &'static str| {
        let rules = ["skipped-status", "incomplete-termination", "malformed-json"];
        let found = rules.into_iter().zip([skipped, incomplete, malformed]);
        found
            .filter(|(_, severity)| !severity.is_empty())
            .map(|(rule, severity)| (rule.to_owned(), severity.to_owned()))
            .collect::<Vec<_>>()
    };
    let cases: &[(&[&str], _, _)] = &[
        (&[], all("warning", "note", "error"), 1),
        (&["--deny", "warnings"], all("error", "note", "error"), 1),
        (&["--deny", "all"], all("error", "error", "error"), 1),
        (&["--warn", "all"], all("warning", "warning", "warning"), 0),
        (&["--allow", "all"], all("", "", ""), 0),
        (&["--allow", "malformed-json"], all("warning", "note", ""), 0),
        (&["--note", "skipped-status"], all("note", "note", "error"), 1),
        (&["--note", "all"], all("note", "note", "note"), 0),
        (&["--note", "malformed-json", "--deny", "warnings"], all("error", "note", "note"), 1),
        (&["--allow", "warnings"], all("", "note", "error"), 1),
        (&["--warn", "malformed-json", "--deny", "skipped-status"], all("error", "note", "warning"), 1),
        // The later flag wins.
        (&["--deny", "skipped-status", "--allow", "skipped-status"], all("", "note", "error"), 1),
        (&["--allow", "skipped-status", "--deny", "skipped-status"], all("error", "note", "error"), 1),
        (&["--allow", "all", "--warn", "all"], all("warning", "warning", "warning"), 0),
        (&["--warn", "all", "--allow", "all"], all("", "", ""), 0),
        // But a name overrides a group.
        (&["--allow", "skipped-status", "--deny", "all"], all("", "error", "error"), 1),
        (&["--deny", "incomplete-termination", "--allow", "all"], all("", "error", ""), 1),
        (&["--warn", "malformed-json", "--deny", "warnings"], all("error", "note", "warning"), 1),
    ];
    for (args, expected, status) in cases {
        assert_eq!(severities(args), (expected.clone(), *status), "{args:?}");
    }
}

#[test]
fn a_rule_that_does_not_exist_is_refused() {
    for flag in ["--deny", "--warn", "--allow"] {
        let ran = run(["check", flag, "ilegal-transition", "none.jsonl"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("'illegal-transition'"), "{}", ran.stderr);
        assert_eq!(run(["check", flag, "", "none.jsonl"]).status, 2);
    }
}

/// The findings and the number of messages of a log whose records are read by pointers.
fn pointed(args: &[&str], log: &str) -> (Vec<Value>, Value) {
    let report = check_with(&[&["--format", "json"], args].concat(), log).report();
    let findings = report["findings"].as_array().expect("it is one").iter();
    let places = findings.map(|f| json!([f["rule"], f["line"], f["column"], f["message"]])).collect();
    (places, report["messages"].clone())
}

#[test]
fn a_pointer_leads_to_the_message() {
    let message = status(1, "AUTH");
    let cases = [
        ("/payload", format!(r#"{{"payload":{message}}}"#)),
        ("/a/b/c", format!(r#"{{"x":{{"b":0}},"a":{{"b":{{"c":{message}}}}}}}"#)),
        ("/a~1b/m~0n", format!(r#"{{"a/b":{{"m~n":{message}}}}}"#)),
        ("/events/1", format!(r#"{{"events":[{{"type":"odd"}},{message}]}}"#)),
        ("/", format!(r#"{{"":{message}}}"#)),
        ("", message.clone()),
        ("/ü", format!(r#"{{"\u00fc":{message}}}"#)),
        // The last of several fields with a name counts.
        ("/p", format!(r#"{{"p":1,"p":{message}}}"#)),
    ];
    for (pointer, log) in cases {
        let (findings, messages) = pointed(&["--message-pointer", pointer], &log);
        let column = log.find(&message).expect("it is there") + 1;
        let unterminated =
            json!(["unterminated-job", 1, column, "the log ends and job 1 has not: its last status is AUTH"]);
        assert_eq!((findings, messages), (vec![unterminated], json!(1)), "{pointer}");
    }
}

#[test]
fn a_pointer_may_lead_to_any_payload() {
    let log = format!(
        "[{{\"p\":[{},{}]}},\n {{\"p\":{{\"at\":5,\"message\":{}}}}}]\n{{\"p\":{{\"id\":1,\"status\":\"SUCCESSFUL\",\"termination_type\":\"BILLABLE\"}}}}",
        status(1, "AUTH"),
        status(1, "UPDATING"),
        successful(1)
    );
    assert_eq!(pointed(&["--message-pointer", "/p"], &log), (vec![], json!(4)));
}

#[test]
fn a_record_without_the_pointers_target_is_malformed() {
    let log = format!(
        "{{\"p\":{}}}\n{{\"q\":1}}\n5\n [{{}},\n {{\"p\":{{\"type\":\"tfa_request\",\"job_id\":1}}}}]",
        successful(1)
    );
    let (findings, messages) = pointed(&["--message-pointer", "/p"], &log);
    let expected = vec![
        json!(["malformed-message", 2, 1, "/p is missing"]),
        json!(["malformed-message", 3, 1, "/p is missing"]),
        json!(["malformed-message", 4, 3, "/p is missing"]),
        json!(["malformed-message", 5, 7, "/p/envelope_id is missing, at line 5, column 39"]),
    ];
    assert_eq!((findings, messages), (expected, json!(1)));
}

#[test]
fn an_invalid_pointer_is_refused() {
    for flag in ["--message-pointer", "--time-pointer"] {
        for pointer in ["payload", "/a~", "/a~2b", "#/a"] {
            let ran = run(["check", flag, pointer, "none.jsonl"]);
            assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{pointer}");
            assert!(ran.stderr.contains("a JSON Pointer"), "{}", ran.stderr);
        }
    }
}

/// Whether the second of two messages with these times is before the first.
fn goes_backwards(first: &str, second: &str) -> bool {
    let log = format!(
        "{{\"at\":{first},\"message\":{}}}\n{{\"at\":{second},\"message\":{}}}\n",
        status(1, "UPDATING"),
        successful(1)
    );
    let (findings, messages) = pointed(&[], &log);
    assert_eq!(messages, 2);
    match findings.as_slice() {
        [] => false,
        [finding] => {
            assert_eq!(finding[0], "time-went-backwards", "{log}");
            true
        }
        _ => panic!("{log}: {findings:?}"),
    }
}

#[test]
fn times_are_rfc_3339_or_milliseconds() {
    // The same instant in each format, to the millisecond.
    let forms = [
        "1632787560264",
        "\"2021-09-28T00:06:00.264Z\"",
        "\"2021-09-28T00:06:00.264000000Z\"",
        "\"2021-09-28T02:06:00.264+02:00\"",
        "\"2021-09-27T19:06:00.264-05:00\"",
        "\"2021-09-28t00:06:00.264z\"",
    ];
    for first in forms {
        for second in forms {
            assert!(!goes_backwards(first, second), "{first} {second}");
        }
        assert!(goes_backwards(first, "1632787560263"), "{first}");
        assert!(goes_backwards("1632787560265", first), "{first}");
        assert!(goes_backwards(first, "\"2021-09-28T02:06:00.263+02:00\""), "{first}");
    }
    assert!(goes_backwards("0", "-1"));
    assert!(!goes_backwards("null", "-1"));
}

#[test]
fn an_invalid_time_is_one_finding() {
    for at in
        ["\"yesterday\"", "\"2021-09-28\"", "\"2021-09-28T00:06:00\"", "1.5", "{}", "true", "\"\"", "1e300"]
    {
        let log = format!("{{\"at\":{at},\"message\":[{},{}]}}", status(1, "UPDATING"), successful(1));
        let (findings, messages) = pointed(&[], &log);
        let [finding] = findings.as_slice() else { panic!("{at}: {findings:?}") };
        // The messages are still checked.
        assert_eq!((&finding[0], &messages), (&json!("malformed-message"), &json!(2)), "{at}");
        assert_eq!(
            finding[3],
            "the record's time is neither RFC 3339, up to 9999-12-30, nor whole milliseconds since 1970"
        );
    }
}

#[test]
fn a_pointer_leads_to_the_time() {
    let log = |first: &str, second: &str| {
        format!(
            "{{\"meta\":{{\"ts\":[{first}]}},\"p\":{}}}\n{{\"meta\":{{\"ts\":[{second}]}},\"p\":{}}}\n{{\"p\":{}}}",
            status(1, "AUTH"),
            status(1, "UPDATING"),
            successful(1)
        )
    };
    let args = ["--message-pointer", "/p", "--time-pointer", "/meta/ts/0"];
    // A missing time is not a fault.
    assert_eq!(pointed(&args, &log("5", "6")), (vec![], json!(3)));
    let (findings, _) = pointed(&args, &log("6", "5"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0][0], "time-went-backwards");
    let (findings, _) = pointed(&args, &log("6", "\"soon\""));
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0][0], &findings[0][1]), (&json!("malformed-message"), &json!(2)));

    // Without a pointer to the message, the record is the message.
    let timed = |at: u32, message: &str| message.replacen('{', &format!("{{\"ts\":{at},"), 1);
    let log = format!("{}\n{}\n", timed(6, &status(1, "UPDATING")), timed(5, &successful(1)));
    let (findings, messages) = pointed(&["--time-pointer", "/ts"], &log);
    assert_eq!((&findings[0][0], findings.len(), messages), (&json!("time-went-backwards"), 1, json!(2)));
}
