//! Truncated, re-encoded and hostile logs, and their reports.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use cardsavr_cli::input::records::{MAX_BYTES, Records};
use serde_json::json;

use crate::{check_with, directory, findings_of, report_of, status, successful};

/// Text in UTF-16.
fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

/// The rows: a name and a log. If the row is about a record, a valid message is before and after it.
fn rows() -> Vec<(&'static str, Vec<u8>)> {
    let (before, after) = (status(1, "AUTH"), successful(2));
    let between = |record: &str| format!("{before}\n{record}\n{after}\n").into_bytes();
    let of = |more: &str| between(&status(1, "AUTH").replace("}}", &format!("}},{more}}}")));
    let message = |json: &str| between(&format!(r#"{{"type":"job_status","job_id":1,"message":{json}}}"#));
    let mut cut_character = between("{\"type\":\"Zür");
    cut_character.truncate(before.len() + 1 + "{\"type\":\"Z".len() + 1);
    vec![
        ("cut off in the middle of a value", between(r#"{"type":"job_status","job_id":1,"mess"#)),
        ("cut off in the middle of a character", cut_character),
        ("a byte-order mark", format!("\u{feff}{before}\n").into_bytes()),
        (
            "UTF-16, little-endian, with a mark",
            utf16(&format!("\u{feff}{before}\n{after}\n"), u16::to_le_bytes),
        ),
        ("UTF-16, big-endian, with a mark", utf16(&format!("\u{feff}{before}\n{after}\n"), u16::to_be_bytes)),
        ("UTF-16, little-endian, without", utf16(&format!("{before}\n{after}\n"), u16::to_le_bytes)),
        ("UTF-16, big-endian, without", utf16(&format!("{before}\n{after}\n"), u16::to_be_bytes)),
        ("CRLF", format!("{before}\r\n{after}\r\n").into_bytes()),
        ("lone CR", format!("{before}\r{after}\r").into_bytes()),
        ("lone CR, one record broken", format!("{before}\r{{\"type\":}}\r{after}\r").into_bytes()),
        ("blank lines", format!("\n\n{before}\n \t\n\r\n{after}\n\n").into_bytes()),
        ("a comma after the last field", of(r#""x":1,"#)),
        ("a comma after the last element", of(r#""x":[1,]"#)),
        ("a comment in a line", between("// the first poll")),
        ("a comment in a record", between("{\"type\": /* which */ \"job_status\"}")),
        ("a comment after a record", between("{\"type\": \"tfa_request\", \"job_id\": 1, # soon\n}")),
        ("unquoted keys, as in the specification", between("{\n  type: \"job_status\",\n  job_id: 101\n}")),
        ("smart quotes, as in the specification", between("{\n  \"envelope_id\": “<GUID>”,\n}")),
        ("smart quotes around a key", between("{“type”: \"tfa_request\"}")),
        ("an ellipsis, as in the specification", between("{ \n  ...\n  \"id\": 1\n}")),
        ("single quotation marks", between("{'type': 'tfa_request'}")),
        ("NaN", message(r#"{"status":"AUTH","percent_complete":NaN}"#)),
        ("Infinity", message(r#"{"status":"AUTH","percent_complete":Infinity}"#)),
        ("-Infinity", message(r#"{"status":"AUTH","percent_complete":-Infinity}"#)),
        ("1e999", message(r#"{"status":"AUTH","percent_complete":1e999}"#)),
        ("-0", message(r#"{"status":"AUTH","percent_complete":-0,"job_timeout":-0}"#)),
        (
            "a number beyond 64 bits",
            message(r#"{"status":"AUTH","job_timeout":123456789012345678901234567890}"#),
        ),
        ("a number beyond 63 bits", message(r#"{"status":"AUTH","job_timeout":9223372036854775808}"#)),
        (
            "numbers beyond all in a field that nobody reads",
            of(r#""x":[1e999,-1e999,123456789012345678901234567890]"#),
        ),
        (
            "a job's id beyond 64 bits",
            between(r#"{"type":"job_status","job_id":18446744073709551616,"message":{"status":"AUTH"}}"#),
        ),
        ("a field twice", message(r#"{"status":"AUTH","status":"UPDATING"}"#)),
        ("a type twice", of(r#""type":"job_status""#)),
        ("an unknown field twice", of(r#""x":1,"x":2"#)),
        (
            "100,000 arrays in each other",
            of(&format!("\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ),
        ("100,000 arrays that are never closed", between(&"[".repeat(100_000))),
        ("an empty file", Vec::new()),
        ("zeros", vec![0; 4096]),
    ]
}

#[test]
fn each_hostile_log_is_reported() {
    let mut told = String::new();
    for (name, log) in rows() {
        let report = report_of(&log);
        _ = writeln!(told, "{name}: {} messages", report["messages"]);
        for finding in report["findings"].as_array().expect("it is one") {
            // The rows are not about the end of the log.
            if finding["rule"] != "unterminated-job" {
                let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
                let (line, column) = (&finding["line"], &finding["column"]);
                _ = writeln!(told, "  {line}:{column} {}: {}", text("rule"), text("message"));
            }
        }
    }
    insta::assert_snapshot!(told);
}

/// The findings of each later message repeat an unknown word; a long word is shortened.
#[test]
fn a_long_word_is_shortened_in_the_report() {
    let word = "W".repeat(100_000);
    let end = successful(1).replace("SUCCESSFUL", &word);
    let request = format!(r#"{{"type":"tfa_request","job_id":"{word}","envelope_id":"e"}}"#);
    let response = r#"{"type":"tfa_response","envelope_id":"e","message":"1"}"#;
    let log = format!(
        "{end}\n{request}\n{}{}",
        (status(1, "AUTH") + "\n").repeat(100),
        format!("{response}\n").repeat(100)
    );
    let ran = check_with(&["--format", "jsonl"], &log);
    assert_eq!(ran.status, 1);
    let too_long = ran.stdout.lines().filter(|line| line.len() > 4000).count();
    // The summary contains only its start as well.
    assert_eq!((ran.stdout.lines().count(), too_long), (202, 0));
}

/// The records lost with a broken one are reported.
#[test]
fn skipped_lines_are_counted() {
    let array = |bad: &str| {
        format!(
            "[\n  {},\n  {{\"job_id\": {bad}}},\n  {}\n]\n{}\n",
            status(1, "AUTH"),
            status(2, "AUTH"),
            successful(3)
        )
    };
    let report = report_of(array("1x"));
    let message = report["findings"][0]["message"].as_str().expect("it is text");
    assert!(message.ends_with("at line 3, column 15; 5 lines are skipped"), "{message}");
    assert_eq!(report["messages"], 1);
}

/// Jobs that never end are all remembered and reported.
#[test]
fn all_jobs_that_never_end_are_reported() {
    let log: String = (0..20_000).map(|job| status(job, "AUTH") + "\n").collect();
    let report = report_of(&log);
    assert_eq!((&report["jobs"], &report["unterminated"]), (&json!(20_000), &json!(20_000)));
    assert_eq!(report["rules"], json!({"unterminated-job": 20_000}));
    assert_eq!(report["findings"][19_999]["job_id"], 19_999);
}

/// A record of 64 MiB. `docs/robustness.md` has the measured memory, which doesn't depend on the size of a record.
#[test]
fn a_line_of_any_length_is_skipped() {
    let log = format!("{{\"x\":\"{}\"}}\n{}\n", "x".repeat(64 << 20), successful(1));
    let report = report_of(&log);
    assert_eq!(findings_of(&report), [("record-too-large".to_owned(), 1, 1)]);
    assert_eq!((&report["messages"], &report["records"]), (&json!(1), &json!(2)));
}

/// A file whose content changes after the first read.
struct Changing<F> {
    file: File,
    change: Option<F>,
}

impl<F: FnOnce()> Read for Changing<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if let Some(change) = self.change.take() {
            change();
        }
        Ok(read)
    }
}

/// The lines of a file's records and the errors, if the file changes while it is read.
fn read_changing(log: &str, change: impl FnOnce(&Path)) -> (Vec<u64>, Vec<String>) {
    let logs = directory([("a.jsonl", log)]);
    let path = logs.path().join("a.jsonl");
    let file = File::open(&path).expect("it is there");
    let mut records = Records::new(Changing { file, change: Some(|| change(&path)) }, MAX_BYTES);
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    while let Some(record) = records.next_record().expect("it can be read") {
        lines.push(record.location.line);
        faults.extend(record.text.err().map(|unreadable| unreadable.to_string()));
    }
    (lines, faults)
}

/// The content at the time when the end of the file is reached counts.
#[test]
fn a_file_may_grow_or_shrink_while_it_is_read() {
    // Longer than one read.
    let line = status(1, "AUTH") + "\n";
    let lines = 3 * (256 << 10) / line.len();
    let log = line.repeat(lines);
    let (read, faults) = read_changing(&log, |path| {
        let mut file = File::options().append(true).open(path).expect("it is ours");
        file.write_all(format!("{line}{{\"").as_bytes()).expect("there is room");
    });
    assert_eq!((read.len(), read.last()), (lines + 2, Some(&(lines as u64 + 2))));
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("not JSON: the text ends inside a string, at line "), "{faults:?}");

    let (read, faults) = read_changing(&log, |path| {
        let file = File::options().write(true).open(path).expect("it is ours");
        file.set_len((256 << 10) + 3).expect("it is ours");
    });
    assert_eq!(read.len(), ((256 << 10) + 3usize).div_ceil(line.len()));
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn the_maximum_depth_of_a_record_is_an_option() {
    let nested = |depth: usize| {
        let more = format!("}},\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        format!("{}\n{}\n", status(1, "AUTH").replace("}}", &more), status(1, "ODD"))
    };
    let rules = |max: usize, depth: usize| {
        let ran = check_with(&["--format", "json", "--max-depth", &max.to_string()], nested(depth));
        findings_of(&ran.report()).into_iter().map(|(rule, ..)| rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(2, 2), ["unknown-status", "unterminated-job"]);
    assert_eq!(rules(2, 3), ["record-too-large", "unknown-status", "unterminated-job"]);
    // Depth costs no stack, however much is allowed.
    assert_eq!(rules(1_000_000, 1_000_000), ["unknown-status", "unterminated-job"]);
    let deep =
        status(1, "ODD").replace("}}", &format!("}},\"x\":{}{}}}", "[".repeat(500_000), "]".repeat(500_000)));
    let ran = check_with(&["--max-depth", "1000000", "--message-pointer", "/x/0/0"], &deep);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
}

/// A bounded number of unknown words is counted individually; the report has the number of the others.
#[test]
fn unknown_words_beyond_a_maximum_are_counted_together() {
    let log: String = (0..1500).map(|n| status(n / 300, &format!("S{n}")) + "\n").collect();
    let report = report_of(format!("{log}{}\n{}\n", status(1, "S0"), status(1, "S1499")));
    let statuses = report["unknown"]["statuses"].as_object().expect("it is one");
    assert_eq!((statuses.len(), &statuses["S0"], &statuses["S999"]), (1000, &json!(2), &json!(1)));
    assert_eq!(report["unknown"]["left_out"], json!({"statuses": 501}));
    assert_eq!(report["rules"]["unknown-status"], 1502);

    // A very long word is not kept either.
    let report = report_of(status(1, &"S".repeat(300)));
    assert_eq!(report["unknown"]["statuses"], json!({}));
    assert_eq!(report["unknown"]["left_out"], json!({"statuses": 1}));
    // If nothing is left out, the field is absent.
    assert!(report_of(status(1, "S"))["unknown"].get("left_out").is_none());
}

#[test]
fn the_human_readable_report_limits_the_findings() {
    let log: String = (0..1200).map(|job| status(job, "ODD") + "\n").collect();
    let shown = |args: &[&str]| {
        let ran = check_with(args, &log);
        let findings =
            ran.stdout.lines().filter(|line| line.starts_with("warning[") || line.starts_with("note["));
        (findings.count(), ran.stdout)
    };
    // Three of each cause, and the number of similar ones and of their jobs.
    let (findings, text) = shown(&[]);
    assert_eq!(findings, 6);
    let more = "… and 1197 similar in 1000 jobs or more: warning[unknown-status]: job # has the status ODD, ";
    assert!(text.contains(more), "{text}");
    assert!(text.ends_with("findings: 0 errors, 1200 warnings, 1200 notes\n      1200 unknown-status\n      1200 unterminated-job\n"));
    let (findings, text) = shown(&["--all"]);
    assert_eq!(findings, 2400);
    assert!(!text.contains(" similar in"));

    let (findings, text) = shown(&["--max-findings", "4"]);
    assert_eq!(findings, 4);
    assert!(text.contains(
        "\n4 findings printed: further findings are only counted; `--max-findings` prints more, `--all` all\n"
    ));
    assert!(text.contains("\n… and 1199 similar in 1000 jobs or more: note[unterminated-job]: "), "{text}");
    assert!(!shown(&["--max-findings", "6"]).1.contains("only counted"));
    let (findings, text) = shown(&["--max-findings", "0"]);
    assert_eq!(findings, 0);
    assert!(text.contains("\n… 1200 findings in 1000 jobs or more: note[unterminated-job]: "), "{text}");
    // Formats for programs have all findings, and the totals at the end.
    let (_, lines) = shown(&["--format", "jsonl", "--max-findings", "1"]);
    assert_eq!(lines.lines().count(), 2401);
}
