//! Records in a log: every supported form, and malformed ones.

use serde_json::json;

use crate::{check_with, finding, findings_of, report_of, status, successful};

/// A job's history, as its messages.
fn life() -> Vec<String> {
    vec![status(1, "AUTH"), status(1, "UPDATING"), successful(1)]
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("it is sound");
    serde_json::to_string_pretty(&value).expect("it is printed")
}

#[test]
fn every_form_is_read_alike() {
    let [first, second, third] = <[String; 3]>::try_from(life()).expect("there are three");
    let forms = [
        (format!("{first}\n{second}\n{third}\n"), 3),
        (format!("{first}\n{second}\n{third}"), 3),
        (format!("{first}\r\n\r\n{second}\r\n{third}\r\n"), 3),
        (format!("\u{feff}{first}\n\n \t\n{second}\n{third}"), 3),
        (format!("{first}{second} {third}"), 3),
        (format!("[{first},{second},{third}]"), 1),
        (format!("[\n{first},\n{second},\n{third}\n]\n"), 1),
        (format!("{}\n{}\n{}\n", pretty(&first), pretty(&second), pretty(&third)), 3),
        (pretty(&format!("[{first},{second},{third}]")), 1),
        (format!("{}[{second}]\n\n{third}", pretty(&first)), 3),
        (
            format!(
                r#"{{"at":1,"message":{first}}}[{{"at":"1970-01-01T00:00:01Z","message":[{second}]}},{third}]"#
            ),
            2,
        ),
    ];
    for (log, records) in forms {
        let report = report_of(&log);
        assert_eq!(findings_of(&report), [], "{log}");
        assert_eq!(report["terminations"]["BILLABLE"], 1, "{log}");
        assert_eq!(report["messages"], 3, "{log}");
        assert_eq!(report["records"], records, "{log}");
        assert_eq!(report["inputs"], json!([{"file": "-", "bytes": log.len(), "records": records}]));
    }
}

/// A record truncated at any position is one finding at its start, and the other records are read.
#[test]
fn a_truncated_record_affects_no_other() {
    let wrapped = format!(r#"{{"at":"2021-09-28T00:00:00Z","message":{}}}"#, status(1, "UPDATING"));
    let records = [
        status(1, "UPDATING"),
        wrapped,
        format!("[{},{}]", status(1, "UPDATING"), status(1, "UPDATING")),
        pretty(&status(1, "UPDATING")),
        r#"{"type":"job_status","job_id":1,"message":{"status":"UPDATING","status_message":"{[\"\\\u00fc"}}"#
            .to_owned(),
    ];
    for record in records {
        for cut in 1..record.len() {
            let record = &record[..cut];
            let log =
                format!("{}\n{record}\n{}\n{}\n", status(1, "AUTH"), status(1, "UPDATING"), successful(1));
            let report = report_of(&log);
            assert_eq!(findings_of(&report), [finding("malformed-json", 2, 1)], "{log}");
            assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(4)), "{log}");
            assert_eq!(report["terminations"]["BILLABLE"], 1, "{log}");

            // At the end of the log no next line follows.
            let log =
                format!("{}\n{}\n{}\n{record}", status(1, "AUTH"), status(1, "UPDATING"), successful(1));
            let report = report_of(&log);
            assert_eq!(findings_of(&report), [finding("malformed-json", 4, 1)], "{log}");
            assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(4)), "{log}");
        }
    }
}

/// If the line break between two records is lost, both or one of them may still be valid.
#[test]
fn valid_records_on_one_line_are_read() {
    let [first, second, third] = <[String; 3]>::try_from(life()).expect("there are three");
    let report = report_of(format!("{first}{second}{{\"type\"\n{third}"));
    assert_eq!(findings_of(&report), [finding("malformed-json", 1, (first.len() + second.len() + 1) as u64)]);
    assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(4)));
}

#[test]
fn text_between_records_is_one_finding() {
    let log = format!(
        "{}\n2021-09-28 starting\nmore {{}} noise\n  {{\"not\": \"at the start\"}}\n\n{}\n{}\ntrailing\n",
        status(1, "AUTH"),
        status(1, "UPDATING"),
        successful(1),
    );
    let report = report_of(log);
    assert_eq!(findings_of(&report), [finding("malformed-json", 2, 1), finding("malformed-json", 8, 1)]);
    assert_eq!(report["messages"], 3);
}

#[test]
fn the_elements_of_a_broken_array_are_read() {
    let [first, second, third] = <[String; 3]>::try_from(life()).expect("there are three");
    // A comma is missing: the array is malformed, its elements are not.
    let report = report_of(format!("[\n{first}\n{second},\n{third}\n]\n"));
    assert_eq!(findings_of(&report), [finding("malformed-json", 1, 1)]);
    assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(4)));

    // A malformed element is another finding.
    let report =
        report_of(format!("[\n{first},\n{{\"type\":\n{second},\n{third}\n]\n{}\n", status(2, "AUTH")));
    let expected = [("malformed-json", 1, 1), ("malformed-json", 3, 1), ("unterminated-job", 7, 1)];
    assert_eq!(findings_of(&report), expected.map(|(rule, line, column)| finding(rule, line, column)));
    assert_eq!(report["messages"], 4);

    // The array is not closed.
    let report = report_of(format!("[\n{first},\n{second},\n{third}"));
    assert_eq!(findings_of(&report), [finding("malformed-json", 1, 1)]);
    assert_eq!(report["messages"], 3);

    // The elements on its first line are lost.
    let report = report_of(format!("[{first},{second},\n{third}"));
    assert_eq!(findings_of(&report), [finding("malformed-json", 1, 1)]);
    assert_eq!(report["messages"], 1);
}

#[test]
fn bytes_that_are_not_utf_8_are_malformed() {
    let mut log = status(1, "UPDATING").into_bytes();
    log.extend(b"\n{\"type\":\"job_status\",\"job_id\":1,\"message\":{\"status\":\"UPD\xffTING\"}}\n");
    log.extend(b"\x00\x01\n\xfe\xff\n");
    log.extend(successful(1).bytes());
    let report = report_of(&log);
    assert_eq!(findings_of(&report), [finding("malformed-json", 2, 1)]);
    assert_eq!(report["findings"][0]["message"], "not UTF-8, at line 2, column 57; 3 lines are skipped");
    assert_eq!(report["messages"], 2);
}

#[test]
fn the_maximum_size_of_a_record_is_an_option() {
    let updating = status(1, "UPDATING");
    // One byte more than the message after it.
    let padding = "x".repeat(successful(1).len() + 1 - updating.len() - r#","more":"""#.len());
    let large = updating.replace("}}", &format!("}},\"more\":\"{padding}\"}}"));
    let log = format!("{}\n{large}\n{updating}{}\n", status(1, "AUTH"), successful(1));
    let cap =
        |bytes: usize| check_with(&["--format", "json", "--max-record-bytes", &bytes.to_string()], &log);

    assert_eq!(findings_of(&cap(large.len()).report()), []);
    let report = cap(successful(1).len()).report();
    assert_eq!(findings_of(&report), [finding("record-too-large", 2, 1)]);
    assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(4)));
    let message = format!("the record is larger than {} bytes", successful(1).len());
    assert_eq!(report["findings"][0]["message"], message);

    // The maximum applies to each record of an array, not to the array.
    let array = format!("[{},\n{updating},{}]", status(1, "AUTH"), successful(1));
    let ran = check_with(&["--format", "json", "--max-record-bytes", "104"], &array);
    let report = ran.report();
    assert_eq!(findings_of(&report), []);
    assert_eq!((&report["messages"], &report["records"]), (&json!(3), &json!(1)));
}

#[test]
fn a_record_may_be_a_hundred_levels_deep() {
    let nested = |depth: usize| {
        let more = format!("}},\"more\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        status(1, "UPDATING").replace("}}", &more)
    };
    let log = |depth| format!("{}\n{}\n{}\n", status(1, "AUTH"), nested(depth), successful(1));
    assert_eq!(findings_of(&report_of(log(100))), []);
    let report = report_of(log(101));
    let expected = [("record-too-large", 2, 1), ("skipped-status", 3, 1)];
    assert_eq!(findings_of(&report), expected.map(|(rule, line, column)| finding(rule, line, column)));
    // A recursive reader would overflow its stack at this depth.
    let report = report_of(log(1_000_000));
    assert_eq!(report["findings"][0]["rule"], "record-too-large");
    let endless = report_of(format!("{}\n{}\n", "[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)));
    assert_eq!(findings_of(&endless), [finding("record-too-large", 1, 2), finding("malformed-json", 2, 1)]);
}

/// Unusual values that are valid JSON, but no messages.
#[test]
fn unusual_values_are_not_malformed_json() {
    let log = [
        r#"{"type":"job_status","job_id":1e999,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":123456789012345678901234567890,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"\ud800"}}"#,
        r#"{"type":"job_status","job_id":1,"job_id":2,"message":{"status":"AUTH"}}"#,
        "[null]",
        "-0",
        r#""\ud83d\ude00""#,
        "{}",
    ]
    .join("\n");
    let report = report_of(log);
    let column = |line| if line == 5 { 2 } else { 1 };
    let expected: Vec<_> = (1..=8).map(|line| finding("malformed-message", line, column(line))).collect();
    assert_eq!(findings_of(&report), expected);
    assert_eq!(report["records"], 8);

    // In skipped fields they are not a fault.
    let odd =
        r#"{"type":"job_status","job_id":1,"x":[1e999,"\ud800\u0000"],"x":2,"message":{"status":"AUTH"}}"#;
    assert_eq!(findings_of(&report_of(odd)), [finding("unterminated-job", 1, 1)]);
}

/// The position in an error is that in the log, not in the record.
#[test]
fn the_text_of_an_error_has_its_position_in_the_log() {
    let log = "\n\n  [{\"type\":\"tfa_request\",\"job_id\":1},\n {\"type\":\n  5}]";
    let report = report_of(log);
    let messages: Vec<_> =
        report["findings"].as_array().expect("it is one").iter().map(|finding| &finding["message"]).collect();
    assert_eq!(
        messages,
        [
            "/0/envelope_id is missing, at line 3, column 36",
            "/1/type is a number, expected a string, at line 5, column 3"
        ]
    );
}
