//! Interrupted runs, and input that can't be read to its end.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::{Ran, cardsavr, directory, status, successful};

fn interrupt(child: &Child) {
    // The `kill` of the shell is available everywhere.
    let sent = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status();
    assert!(sent.expect("there is a shell").success());
}

/// After an interrupt the report has the findings so far, even if the log currently has no new data.
#[test]
fn an_interrupt_ends_a_check_with_the_report() {
    let logs = directory([("later.jsonl", "{")]);
    for format in ["human", "json", "jsonl"] {
        let mut command = cardsavr();
        command.args(["check", "--format", format, "--output", "json:report.json", "-", "later.jsonl"]);
        command.current_dir(logs.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut text = String::new();
        // More than any buffer between the processes, so the first lines have been read.
        let log = format!("{}\n{}\n", status(1, "ODD"), status(2, "AUTH"));
        stdin.write_all(log.as_bytes()).expect("it is read");
        if format == "json" {
            // The document is printed at the end; its counts show that the lines were read.
            let much = format!("{}\n", " ".repeat(2 << 20));
            stdin.write_all(much.as_bytes()).expect("it is read");
        } else {
            stdout.read_line(&mut text).expect("the first finding is printed at once");
            assert!(text.contains("unknown-status"), "{text}");
        }
        interrupt(&child);
        std::io::Read::read_to_string(&mut stdout, &mut text).expect("it is text");
        let output = child.wait_with_output().expect("it ends");
        // Closed only now: the log did not end.
        drop(stdin);
        assert_eq!(output.status.code(), Some(130), "{format}");
        let stderr = String::from_utf8(output.stderr).expect("it is text");
        assert_eq!(stderr, "cardsavr: -: interrupted; the report has what was read before\n");
        let report = fs::read_to_string(logs.path().join("report.json")).expect("it was written");
        let report: Value = serde_json::from_str(&report).expect("it is whole");
        assert_eq!(report["rules"], json!({"unknown-status": 1}), "{format}");
        let summary: Value = match format {
            "human" => {
                assert!(text.contains("\nfindings: 0 errors, 1 warning, 0 notes\n"), "{text}");
                continue;
            }
            "json" => serde_json::from_str(&text).expect("it is one document"),
            _ => serde_json::from_str(text.lines().last().expect("there is one")).expect("it is the summary"),
        };
        // After an interrupt no job is unterminated, and no further input is read.
        assert_eq!(summary["rules"], json!({"unknown-status": 1}), "{format}");
        assert_eq!(summary["inputs"].as_array().map(Vec::len), Some(1), "{format}");
    }
}

/// Messages that a merge holds back for late ones are judged after an interrupt as well.
#[test]
fn an_interrupt_ends_a_merge_with_what_was_read() {
    let logs = directory([("a.jsonl", &format!("{{\"at\":5,\"message\":{}}}", status(1, "ODD")))]);
    let mut command = cardsavr();
    command.args(["check", "--format", "json", "--merge", "time", "--reorder", "1h", "a.jsonl", "-"]);
    command.current_dir(logs.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let log = format!("{{\"at\":6,\"message\":{}}}\n{}", status(2, "NEWER"), " ".repeat(2 << 20));
    // More than any buffer in between, so everything before it was read.
    stdin.write_all(log.as_bytes()).expect("it is read");
    interrupt(&child);
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    assert_eq!(output.status.code(), Some(130));
    let stderr = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(stderr, "cardsavr: -: interrupted; the report has what was read before\n");
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is one document");
    assert_eq!(report["rules"], json!({"unknown-status": 2}));
}

/// Only the owner may read the file; if the tests run as root, the command runs as another user.
#[test]
fn a_file_without_permission_is_named_and_the_others_are_read() {
    let logs = directory([("secret.jsonl", "{"), ("b.jsonl", &successful(1))]);
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set(logs.path(), 0o755).expect("it is ours");
    set(&logs.path().join("secret.jsonl"), 0o000).expect("it is ours");
    let is_root = fs::metadata(logs.path()).expect("it is there").uid() == 0;
    // The user `nobody` may lack access to the target directory.
    let copy = logs.path().join("cardsavr");
    // Copied by another process: children that other tests start meanwhile inherit a file that this process has open for
    // writing, and such a file can't be executed.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_cardsavr")).arg(&copy).status();
    assert!(copied.expect("there is `cp`").success());
    let mut command = Command::new(&copy);
    if is_root {
        command.uid(65534).gid(65534);
    }
    let output = command
        .current_dir(logs.path())
        .args(["check", "--format", "json", "secret.jsonl", "b.jsonl"])
        .output();
    let ran = Ran::from(output.expect("it runs"));
    assert_eq!(ran.status, 2);
    assert_eq!(ran.stderr, "cardsavr: secret.jsonl: Permission denied (os error 13)\n");
    assert_eq!(ran.report()["terminations"]["BILLABLE"], 1);
}
