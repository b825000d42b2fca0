//! Inputs: files, directories, patterns and standard input, and those that can't be read.

use std::fs::{self, File};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::{Ran, cardsavr, check_with, directory, run, run_in, run_with, status, successful};

fn files(report: &Value) -> Vec<&str> {
    let inputs = report["inputs"].as_array().expect("it is one");
    inputs.iter().map(|input| input["file"].as_str().expect("it is a path")).collect()
}

#[test]
fn a_missing_file_affects_no_other() {
    let clean = format!("{}\n", successful(1));
    let logs = directory([("a.jsonl", &clean), ("bad.jsonl", "{")]);
    let ran = run_in(logs.path(), &["check", "--format", "json", "none.jsonl", "a.jsonl", "bad.jsonl"]);
    // Exit status 2 takes precedence over 1.
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.starts_with("cardsavr: none.jsonl: "), "{}", ran.stderr);
    assert_eq!(files(&ran.report()), ["a.jsonl", "bad.jsonl"]);
    assert_eq!(ran.report()["rules"], json!({"malformed-json": 1}));
    assert_eq!(ran.report()["findings"][0]["file"], "bad.jsonl");
}

#[test]
fn the_exit_status_is_the_worst_of_all_inputs() {
    let clean = format!("{}\n", successful(1));
    let logs = directory([("clean.jsonl", &clean), ("note.jsonl", &status(2, "AUTH")), ("bad.jsonl", "{")]);
    let check = |args: &[&str]| run_in(logs.path(), &[&["check"], args].concat()).status;
    assert_eq!(check(&["clean.jsonl"]), 0);
    assert_eq!(check(&["note.jsonl"]), 0);
    assert_eq!(check(&["clean.jsonl", "bad.jsonl"]), 1);
    assert_eq!(check(&["bad.jsonl", "none.jsonl"]), 2);
    assert_eq!(check(&["none.jsonl"]), 2);
    assert_eq!(check(&["--frmat", "json", "clean.jsonl"]), 2);
    assert_eq!(check(&["--format", "xml", "clean.jsonl"]), 2);
    assert_eq!(check(&["--max-record-bytes", "-1", "clean.jsonl"]), 2);
    assert_eq!(run([""; 0]).status, 2);
    assert_eq!(run(["chekc"]).status, 2);
}

#[test]
fn a_directory_is_read_in_order_of_path_and_by_extension() {
    let files_in = [
        ("logs/b.json", ""),
        ("logs/a.log", ""),
        ("logs/a/z.jsonl", ""),
        ("logs/a/b/c.ndjson", ""),
        ("logs/B.json", ""),
        ("logs/a.txt", "plain text"),
        ("logs/json", "{"),
        ("logs/a.json.gz", ""),
        ("logs/a.jsonl.zst", ""),
        ("logs/a.gz", "{"),
        ("logs/a.txt.gz", ""),
        ("logs/empty/x.md", "{"),
    ];
    let logs = directory(files_in);
    let ran = run_in(logs.path(), &["check", "--format", "json", "--allow-empty", "--quiet", "logs"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        files(&ran.report()),
        [
            "logs/B.json",
            "logs/a/b/c.ndjson",
            "logs/a/z.jsonl",
            "logs/a.json.gz",
            "logs/a.jsonl.zst",
            "logs/a.log",
            "logs/a.txt.gz",
            "logs/b.json"
        ]
    );
    // A file given by name is read with any extension.
    let ran = run_in(logs.path(), &["check", "--format", "json", "logs/a.txt", "logs/a"]);
    assert_eq!(files(&ran.report()), ["logs/a.txt", "logs/a/b/c.ndjson", "logs/a/z.jsonl"]);
    assert_eq!((ran.status, &ran.report()["rules"]), (1, &json!({"malformed-json": 1})));
}

/// If it were read twice, each job in it would continue after its end.
#[test]
fn an_input_that_is_named_twice_is_read_once() {
    let end = successful(1);
    let logs = directory([("logs/a.jsonl", &end), ("logs/b.jsonl", &successful(2))]);
    for names in [
        &["logs/b.jsonl", "logs", "logs/a.jsonl"][..],
        &["./logs/b.jsonl", "logs/../logs/a.jsonl", "logs/*.jsonl"],
        &["logs/b*", "logs/?.jsonl", "logs"],
    ] {
        let ran = run_in(logs.path(), &[&["check", "--format", "json"], names].concat());
        assert_eq!((ran.status, &ran.report()["rules"]), (0, &json!({})), "{names:?}");
        let report = ran.report();
        let last = |file: &&str| file.rsplit('/').next() == Some("b.jsonl");
        assert_eq!(files(&report).iter().position(last), Some(0), "{names:?}");
        assert_eq!(files(&report).len(), 2, "{names:?}");
    }
    let mut command = cardsavr();
    command.args(["check", "--format", "json", "-", "-"]);
    assert_eq!(files(&run_with(command, end.as_bytes()).report()), ["-"]);
}

#[test]
fn a_pattern_that_the_shell_did_not_expand_is_expanded() {
    let files_in = [
        ("logs/b.jsonl", ""),
        ("logs/a.jsonl", ""),
        ("logs/B.jsonl", ""),
        ("logs/.hidden.jsonl", "{"),
        ("logs/2026/11/c.jsonl", ""),
        ("logs/2026/d.jsonl.gz", ""),
        ("logs/2026/e.txt", ""),
        ("logs/empty/x.md", ""),
        ("[a].jsonl", ""),
        ("a.jsonl", ""),
    ];
    let logs = directory(files_in);
    let all = [
        "logs/2026/11/c.jsonl",
        "logs/2026/d.jsonl.gz",
        "logs/2026/e.txt",
        "logs/B.jsonl",
        "logs/a.jsonl",
        "logs/b.jsonl",
    ];
    let cases: [(&str, &[&str]); 11] = [
        ("logs/*.jsonl", &["logs/B.jsonl", "logs/a.jsonl", "logs/b.jsonl"]),
        ("logs/?.jsonl", &["logs/B.jsonl", "logs/a.jsonl", "logs/b.jsonl"]),
        ("logs/[a-b].jsonl", &["logs/a.jsonl", "logs/b.jsonl"]),
        ("logs/[!a].jsonl", &["logs/B.jsonl", "logs/b.jsonl"]),
        ("logs/**/c.jsonl", &["logs/2026/11/c.jsonl"]),
        ("logs/**/*.jsonl", &["logs/2026/11/c.jsonl", "logs/B.jsonl", "logs/a.jsonl", "logs/b.jsonl"]),
        ("logs/2026/*.txt", &["logs/2026/e.txt"]),
        // Directories that a pattern names are searched; one without a log is not an error.
        ("logs/20*", &["logs/2026/11/c.jsonl", "logs/2026/d.jsonl.gz", "logs/2026/e.txt"]),
        ("logs/*", &all),
        // A file with exactly this name takes precedence over the pattern.
        ("[a].jsonl", &["[a].jsonl"]),
        ("[[]a].jsonl", &["[a].jsonl"]),
    ];
    for (pattern, expected) in cases {
        let ran = run_in(logs.path(), &["check", "--format", "json", "--allow-empty", "-q", pattern]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{pattern}");
        assert_eq!(files(&ran.report()), expected, "{pattern}");
    }
}

#[test]
fn a_pattern_without_matches_is_an_error_with_a_hint() {
    let logs = directory([("logs/a.jsonl", ""), ("logs/2026/x.md", ""), ("b.json", "")]);
    let patterns =
        ["logs/*.json", "log/**/*.jsonl", "*.jsonl", "logs/2026/11/*", "logs/20*", "logs/[a", "a***b"];
    let mut told = Vec::new();
    for pattern in patterns {
        let ran = run_in(logs.path(), &["check", "--format", "json", pattern, "b.json"]);
        assert_eq!((ran.status, files(&ran.report())), (2, vec!["b.json"]), "{pattern}");
        told.push(ran.stderr);
    }
    insta::assert_snapshot!("patterns_without_files", told.concat());
}

/// A recorder that has failed doesn't pass.
#[test]
fn a_log_without_a_message_is_an_error() {
    let logs =
        directory([("empty.jsonl", ""), ("array.json", "[]"), ("blank.log", " \n"), ("bad.jsonl", "{")]);
    for (args, reason) in [
        (&["empty.jsonl"][..], "empty.jsonl: it is empty"),
        (&["blank.log"], "blank.log: it is empty"),
        (&["array.json"], "there is no message in 1 record"),
        (&["empty.jsonl", "blank.log"], "all inputs are empty"),
        (&[], "standard input is empty"),
    ] {
        let ran = run_in(logs.path(), &[&["check"], args].concat());
        assert_eq!(ran.status, 2, "{args:?}");
        assert_eq!(ran.stderr, format!("cardsavr: {reason}; --allow-empty permits that\n"));
        let ran = run_in(logs.path(), &[&["check", "--allow-empty"], args].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    // A finding is the reason, then.
    assert_eq!(run_in(logs.path(), &["check", "bad.jsonl"]).status, 1);
    // A report of nothing is none.
    assert_eq!(run_in(logs.path(), &["check", "none.jsonl"]).stdout, "");
}

/// What an earlier run wrote beside the logs is no log, and rotated logs are read from the oldest.
#[test]
fn a_directory_is_read_as_people_have_it() {
    let job = |statuses: &[&str]| statuses.iter().map(|name| status(1, name) + "\n").collect::<String>();
    let logs = directory([
        ("logs/app.log.10", &*job(&["REQUESTED"])),
        ("logs/app.log.2", &job(&["QUEUED"])),
        ("logs/app.log.1", &job(&["IN_PROGRESS"])),
        ("logs/app.log", &job(&["AUTH"])),
        ("logs/other.txt", &job(&["LOGIN_SUBMITTED"])),
        ("logs/readme.md", "#"),
        ("logs/.hidden", "#"),
    ]);
    let args = ["check", "--output", "logs/report.json", "--output", "logs/findings.jsonl", "--output"];
    let ran = run_in(
        logs.path(),
        &[&args[..], &["sarif:logs/sarif.json", "--write-baseline=logs/known.json", "logs"]].concat(),
    );
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    let ran = run_in(logs.path(), &["check", "--format", "json", "logs"]);
    let expected = ["logs/app.log.10", "logs/app.log.2", "logs/app.log.1", "logs/app.log", "logs/other.txt"];
    assert_eq!(files(&ran.report()), expected);
    assert_eq!(ran.report()["rules"], json!({"unterminated-job": 1}));
    let ignored = "cardsavr: ignored 4 reports of an earlier run: logs/findings.jsonl, logs/known.json, logs/report.json, …; \
                   1 file with another extension or content: logs/readme.md\n";
    assert_eq!(ran.stderr, ignored);
    assert_eq!(run_in(logs.path(), &["check", "-q", "logs"]).stderr, "");
}

#[test]
fn a_directory_without_logs_is_an_error() {
    let logs = directory([("none/readme.md", ""), ("a.jsonl", "")]);
    let ran = run_in(logs.path(), &["check", "--format", "json", "none", "a.jsonl"]);
    assert_eq!(ran.status, 2);
    let (ignored, error) = ran.stderr.split_once('\n').expect("two lines");
    assert_eq!(ignored, "cardsavr: ignored 1 file with another extension or content: none/readme.md");
    insta::assert_snapshot!(error, @"cardsavr: none: the directory has no logs: expected names that end in .json, .jsonl, .ndjson, .log or .txt, optionally followed by the suffix of a rotation such as .1, and by .gz or .zst");
    assert_eq!(files(&ran.report()), ["a.jsonl"]);
}

/// Several inputs are one log.
#[test]
fn a_job_continues_from_one_input_to_the_next() {
    let logs = directory([("1.jsonl", &status(1, "UPDATING")), ("2.jsonl", &successful(1))]);
    let ran = run_in(logs.path(), &["check", "--format", "json", "1.jsonl", "2.jsonl"]);
    assert_eq!((ran.status, &ran.report()["rules"], &ran.report()["jobs"]), (0, &json!({}), &json!(1)));
    let ran = run_in(logs.path(), &["check", "--format", "json", "2.jsonl", "1.jsonl"]);
    let finding = &ran.report()["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["file"]),
        (&json!("message-after-termination"), &json!("1.jsonl"))
    );
}

#[test]
fn standard_input_is_a_dash_or_the_default() {
    let log = status(1, "AUTH");
    let expected = json!([{"file": "-", "bytes": log.len(), "records": 1}]);
    for args in [&["--format", "json"][..], &["--format", "json", "-"]] {
        let report = check_with(args, &log).report();
        assert_eq!(report["inputs"], expected);
        assert_eq!(report["findings"][0]["file"], "-");
    }
    let logs = directory([("a.jsonl", "")]);
    let mut command = cardsavr();
    command.current_dir(logs.path()).args(["check", "--format", "json", "a.jsonl", "-"]);
    assert_eq!(files(&run_with(command, log.as_bytes()).report()), ["a.jsonl", "-"]);
}

/// The reader of the output may close it; the findings until then determine the exit status.
#[test]
fn a_closed_pipe_ends_the_command_without_an_error() {
    let sound: String = (0..20_000).map(|job| status(job, "AUTH") + "\n").collect();
    let faulty = format!("{{\n{sound}");
    let formats = ["human", "json", "jsonl"];
    for (format, (log, status)) in
        formats.iter().flat_map(|format| [(format, (&sound, 0)), (format, (&faulty, 1))])
    {
        let logs = directory([("a.jsonl", log)]);
        let mut command = cardsavr();
        command.args(["check", "--format", format, "a.jsonl"]).current_dir(logs.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        // Closed before the command writes to it, so that the timing doesn't matter.
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().expect("it ends"));
        assert_eq!((ran.status, ran.stderr.as_str()), (status, ""), "{format}");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn an_input_with_a_read_error_is_reported_as_far_as_it_was_read() {
        // A process can't read the start of its own memory.
        let ran = run(["check", "--format", "json", "/proc/self/mem", "-"]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.starts_with("cardsavr: /proc/self/mem: "), "{}", ran.stderr);
        let report = ran.report();
        assert_eq!(report["inputs"][0], json!({"file": "/proc/self/mem", "bytes": 0, "records": 0}));
        assert_eq!(report["inputs"][1]["file"], "-");
    }

    #[test]
    fn a_file_name_may_be_invalid_utf_8() {
        let logs = directory([]);
        let name = OsStr::from_bytes(b"\xff\x1b[31m.jsonl");
        fs::write(logs.path().join(name), "{").expect("it can be written");
        for args in [vec![OsStr::new("."), name], vec![name]] {
            for format in ["human", "json", "jsonl"] {
                let mut command = cardsavr();
                command.current_dir(logs.path()).args(["check", "--format", format]).args(&args);
                let ran = Ran::from(command.output().expect("it runs"));
                assert_eq!(ran.status, 1, "{}", ran.stderr);
                assert!(ran.stdout.contains('\u{fffd}') && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
            }
        }
        let mut command = cardsavr();
        command.current_dir(logs.path()).args([OsStr::new("check"), OsStr::from_bytes(b"\xff\x1b[31m")]);
        let ran = Ran::from(command.output().expect("it runs"));
        assert_eq!(ran.status, 2);
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    }

    #[test]
    fn cyclic_links_are_followed_once() {
        let logs = directory([("logs/a/a.jsonl", &successful(1)), ("elsewhere/b.jsonl", &successful(2))]);
        let path = logs.path().join("logs");
        symlink("..", path.join("a/up")).expect("it can be made");
        symlink("a", path.join("a/a")).expect("it can be made");
        symlink("../elsewhere", path.join("c")).expect("it can be made");
        // Editors create such a lock beside an open file.
        symlink("somebody@somewhere", path.join(".#a.jsonl.lock")).expect("it can be made");
        let ran = run_in(logs.path(), &["check", "--format", "json", "logs"]);
        assert_eq!(files(&ran.report()), ["logs/a/a.jsonl", "logs/c/b.jsonl"], "{}", ran.stderr);

        // A dangling link is an error.
        symlink("gone", path.join("gone.jsonl")).expect("it can be made");
        let ran = run_in(logs.path(), &["check", "--format", "json", "logs"]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains("logs/gone.jsonl"), "{}", ran.stderr);
        assert_eq!(files(&ran.report()), ["logs/a/a.jsonl", "logs/c/b.jsonl"]);
    }

    #[test]
    fn output_that_cannot_be_written_is_an_error() {
        let full = || File::options().write(true).open("/dev/full").expect("Linux has it");
        let log = directory([("a.jsonl", &status(1, "AUTH"))]);
        let commands = [
            &["check", "a.jsonl"][..],
            &["check", "--format", "json", "a.jsonl"],
            &["check", "--format", "jsonl", "a.jsonl"],
            &["lifecycle"],
            &["lifecycle", "--format", "dot"],
            &["explain", "AUTH"],
        ];
        for args in commands {
            let mut command = cardsavr();
            command.current_dir(log.path()).args(args).stdout(full());
            let ran = Ran::from(command.output().expect("it runs"));
            assert_eq!(ran.status, 2, "{args:?}");
            assert!(ran.stderr.starts_with("cardsavr: the output can't be written: "), "{}", ran.stderr);
        }
        // An error that can't be written to standard error either sets only the exit status.
        for args in [&["check", "none"][..], &["explain", "none"], &["none"]] {
            let ran = Ran::from(cardsavr().args(args).stderr(full()).output().expect("it runs"));
            assert_eq!(ran.status, 2, "{args:?}");
        }
    }
}
