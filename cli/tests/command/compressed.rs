//! Compressed logs.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::{cardsavr, check_with, directory, findings_of, report_of, run_in, run_with, status, successful};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("a vector takes anything");
    encoder.finish().expect("a vector takes anything")
}

fn zstandard(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).expect("it is text")
}

/// A frame that Zstandard skips.
fn skippable(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("it is short");
    [&[0x5f, 0x2a, 0x4d, 0x18][..], &length.to_le_bytes(), content].concat()
}

/// A log with two findings, cut in the middle of a record.
fn halves() -> (String, String) {
    let log = [status(1, "UPDATING"), status(1, "PENDING_TFA"), successful(2), successful(2)].join("\n");
    let (first, second) = log.split_at(100);
    (first.to_owned(), second.to_owned())
}

/// A report without the names and sizes of its inputs.
fn nameless(mut report: Value) -> Value {
    let inputs = report["inputs"].as_array_mut().expect("it is one");
    for input in inputs {
        input["file"] = "log".into();
    }
    let findings = report["findings"].as_array_mut().expect("it is one");
    for finding in findings {
        finding["file"] = "log".into();
    }
    report
}

/// Of a log that breaks off, no job is known to have no end.
#[test]
fn a_truncated_log_has_no_unterminated_jobs() {
    let log: String = (1..200).map(|job| status(job, "AUTH") + "\n").collect();
    let mut bytes = gzip(&log);
    bytes.truncate(bytes.len() * 2 / 3);
    let ran = check_with(&["--format", "json"], bytes);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("ends in the middle"), "{}", ran.stderr);
    assert_eq!(ran.report()["rules"], serde_json::json!({}));
    assert!(ran.report()["unterminated"].as_u64() > Some(10));
}

#[test]
fn compressed_logs_are_recognized_by_content_under_any_name() {
    let (first, second) = halves();
    let log = format!("{first}{second}");
    let expected = nameless(report_of(&log));
    assert_eq!(findings_of(&expected).len(), 3);
    let forms = [
        log.clone().into_bytes(),
        gzip(&log),
        [gzip(&first), gzip(&second)].concat(),
        [gzip(""), gzip(&first), gzip(""), gzip(&second), gzip("")].concat(),
        zstandard(&log),
        [zstandard(&first), zstandard(&second)].concat(),
        [zstandard(""), zstandard(&first), skippable(b"{"), zstandard(&second), skippable(b"")].concat(),
        [skippable(b"{"), skippable(&[0; 300]), zstandard(&log)].concat(),
    ];
    let logs = directory([]);
    for (index, form) in forms.iter().enumerate() {
        assert_eq!(nameless(report_of(form)), expected, "{index} on standard input");
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "-"] {
            fs::write(logs.path().join(name), form).expect("it can be written");
            let ran = run_in(logs.path(), &["check", "--format", "json", &format!("./{name}")]);
            assert_eq!(nameless(ran.report()), expected, "{index} as {name}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_copy_of_a_compressed_log_is_that_of_its_content() {
    let (first, second) = halves();
    let redact = |log: &[u8]| {
        let mut command = cardsavr();
        command.args(["redact", "--key", "k"]);
        run_with(command, log)
    };
    let expected = redact(format!("{first}{second}").as_bytes());
    for form in [[gzip(&first), gzip(&second)].concat(), [zstandard(&first), zstandard(&second)].concat()] {
        let ran = redact(&form);
        assert_eq!((ran.status, ran.stdout), (0, expected.stdout.clone()));
    }
    let ran = redact(&gzip("{")[..15]);
    assert_eq!(ran.status, 2);
    insta::assert_snapshot!(ran.stderr, @"cardsavr: -: the gzip data ends in the middle, after 15 bytes; the copy has what was read before");
}

#[test]
fn the_records_before_the_damage_are_checked() {
    let (first, second) = halves();
    let rest = |packed: &[u8]| packed.len() - 4;
    let cases = [
        ("gzip cut off", [gzip(&first), gzip(&second)[..30].to_vec()].concat()),
        ("gzip with a wrong checksum", {
            let mut packed = gzip(&format!("{first}{second}"));
            let at = packed.len() - 6;
            packed[at] ^= 1;
            packed
        }),
        ("gzip with something after it", [gzip(&first), b"{}".to_vec()].concat()),
        (
            "zstd cut off",
            [zstandard(&first), zstandard(&second)[..rest(&zstandard(&second))].to_vec()].concat(),
        ),
        ("zstd with something after it", [zstandard(&first), b"hello".to_vec()].concat()),
        ("xz", b"\xfd7zXZ\0\0\0".to_vec()),
        ("zip", b"PK\x03\x04".to_vec()),
    ];
    let logs = directory([]);
    let mut told = Vec::new();
    for (what, packed) in cases {
        fs::write(logs.path().join("a.log"), packed).expect("it can be written");
        let ran = run_in(logs.path(), &["check", "--format", "json", "a.log"]);
        assert_eq!(ran.status, 2, "{what}");
        told.push(format!("{what} ({} records):\n{}", ran.report()["records"], ran.stderr));
    }
    insta::assert_snapshot!("compressed_damaged", told.concat());
}

/// The name of standard input, `-`, is not that of a file.
#[test]
fn damaged_standard_input_is_reported() {
    let ran = check_with(&["--format", "json", "-"], &gzip("{}\n")[..15]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.starts_with("cardsavr: -: the gzip data ends in the middle"), "{}", ran.stderr);
}
