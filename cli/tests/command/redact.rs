//! `cardsavr redact`: copies without secrets, in which a check has the same findings.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;
use std::process::Stdio;

use crate::{Ran, cardsavr, check_with, directory, examples, findings_of, run, run_with, status};

/// The logs of the repository.
fn shipped() -> Vec<PathBuf> {
    let files = |directory: PathBuf| fs::read_dir(directory).expect("it is there");
    let both = files(examples()).chain(files(examples().join("../logs")));
    both.map(|file| file.expect("it can be listed").path()).collect()
}

#[test]
fn the_copies_of_the_repositorys_logs_have_the_same_findings() {
    let mut compared = 0;
    for path in shipped() {
        let log = fs::read(&path).expect("it can be read");
        let copied = run(["redact".as_ref(), path.as_os_str()]);
        assert_eq!((copied.status, copied.stderr.as_str()), (0, ""));
        let check = |log: &[u8]| {
            let ran = check_with(&["--format", "json"], log);
            let places = findings_of(&ran.report()).into_iter().map(|(rule, line, _)| (rule, line));
            (places.collect::<Vec<_>>(), ran.report()["terminations"].clone(), ran.status)
        };
        let before = check(&log);
        compared += before.0.len();
        assert_eq!(check(copied.stdout.as_bytes()), before, "{}", path.display());
    }
    assert!(compared > 30, "each rule has its log: {compared}");
}

#[test]
fn a_copy_is_written_or_an_error_is_reported() {
    let log = format!("{}\n", status(1, "AUTH"));
    let logs = directory([("a.jsonl", &log)]);
    let redact = |args: &[&str]| {
        let output = cardsavr().current_dir(logs.path()).arg("redact").args(args).output();
        Ran::from(output.expect("it runs"))
    };
    let ran = redact(&["--output", "b.jsonl", "a.jsonl"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert_eq!(fs::read_to_string(logs.path().join("b.jsonl")).expect("it is there"), log);

    let ran = redact(&["--output", "./a.jsonl", "b.jsonl", "a.jsonl"]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (2, "cardsavr: ./a.jsonl: this is one of the logs; write the copy to another file\n")
    );
    assert_eq!(fs::read_to_string(logs.path().join("a.jsonl")).expect("it is there"), log);

    let ran = redact(&["none.jsonl", "a.jsonl"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, log.as_str()));
    assert!(ran.stderr.starts_with("cardsavr: none.jsonl: "), "{}", ran.stderr);
    assert_eq!(redact(&["--key", "", "a.jsonl"]).status, 2);
    assert_eq!(redact(&["--output", "none/b.jsonl", "a.jsonl"]).status, 2);

    if let Ok(full) = File::options().write(true).open("/dev/full") {
        let output = cardsavr().current_dir(logs.path()).args(["redact", "a.jsonl"]).stdout(full).output();
        let ran = Ran::from(output.expect("it runs"));
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.starts_with("cardsavr: the output can't be written: "), "{}", ran.stderr);
    }
}

/// Under any name: a copy that overwrites its log would be empty.
#[test]
fn no_log_is_overwritten() {
    let log = format!("{}\n", status(1, "AUTH"));
    let logs = directory([("a.jsonl", &log)]);
    let open = |options: &mut OpenOptions| options.open(logs.path().join("a.jsonl")).expect("it is there");
    let redact = |args: &[&str], stdin: Stdio, stdout: Stdio| {
        let mut command = cardsavr();
        command.current_dir(logs.path()).arg("redact").args(args).stdin(stdin).stdout(stdout);
        let ran = Ran::from(command.output().expect("it runs"));
        assert_eq!(fs::read_to_string(logs.path().join("a.jsonl")).expect("it is there"), log, "{args:?}");
        (ran.status, ran.stderr)
    };
    let refused = |name: &str| {
        (2, format!("cardsavr: {name}: this is one of the logs; write the copy to another file\n"))
    };

    fs::hard_link(logs.path().join("a.jsonl"), logs.path().join("b.jsonl")).expect("it can be linked");
    let ran = redact(&["--output", "b.jsonl", "a.jsonl"], Stdio::null(), Stdio::piped());
    assert_eq!(ran, refused("b.jsonl"));
    let stdin = open(OpenOptions::new().read(true));
    assert_eq!(redact(&["--output", "a.jsonl"], stdin.into(), Stdio::piped()), refused("a.jsonl"));
    let stdout = open(OpenOptions::new().append(true));
    assert_eq!(redact(&["a.jsonl"], Stdio::null(), stdout.into()), refused("standard output"));
    // A device is not overwritten.
    if let Ok(null) = File::open("/dev/null") {
        let ran = redact(&["--output", "/dev/null"], null.into(), Stdio::piped());
        assert_eq!(ran, (0, String::new()));
    }
}

/// Without a key, two runs have different pseudonyms.
#[test]
fn each_run_has_a_new_key() {
    let log = br#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#;
    let redact = |args: &[&str]| {
        let mut command = cardsavr();
        command.arg("redact").args(args);
        run_with(command, log).stdout
    };
    assert_ne!(redact(&[]), redact(&[]));
    assert_eq!(redact(&["--key", "k"]), redact(&["--key", "k"]));
}
