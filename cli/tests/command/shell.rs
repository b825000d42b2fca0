//! Completions and man pages: they are generated, and shells and `groff` accept them.

use std::fs;
use std::process::{Command, Stdio};

use crate::{cardsavr, directory, run, run_with};

#[test]
fn each_shell_has_a_script_that_knows_the_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(["completions", shell]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        for name in ["cardsavr", "check", "simulate", "max-findings", "no-config"] {
            assert!(ran.stdout.contains(name), "{shell}: {name}");
        }
        // The names that `explain` accepts.
        for name in ["PENDING_TFA", "BILLABLE", "illegal-transition", "tfa_request", "job_timeout"] {
            assert!(
                ran.stdout.contains(name) || ["elvish", "powershell"].contains(&shell),
                "{shell}: {name}"
            );
        }
        assert_eq!(run(["completions", shell]).stdout, ran.stdout);
    }
    assert!(run(["completions", "bsh"]).stderr.contains("'bash'"));
}

/// Runs a program that reads standard input and prints only errors; `None` if it is not installed.
fn complaints(program: &str, args: &[&str], text: &str) -> Option<String> {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let mut command = Command::new(program);
    command.args(args);
    let ran = run_with(command, text.as_bytes());
    Some(format!("{}{}", if ran.status == 0 { "" } else { "it fails: " }, ran.stderr))
}

#[test]
fn bash_and_groff_accept_the_output() {
    if let Some(complaints) = complaints("bash", &["-n"], &run(["completions", "bash"]).stdout) {
        assert_eq!(complaints, "");
    }
    let pages = directory([]);
    let ran = cardsavr().args(["man", "--out"]).arg(pages.path().join("man1")).output().expect("it runs");
    assert!(ran.status.success() && ran.stdout.is_empty() && ran.stderr.is_empty());
    let mut names = Vec::new();
    for page in fs::read_dir(pages.path().join("man1")).expect("it was made") {
        let page = page.expect("it can be listed");
        let text = fs::read_to_string(page.path()).expect("it is text");
        if let Some(complaints) = complaints("groff", &["-man", "-ww", "-z", "-Kutf8", "-Tutf8"], &text) {
            assert_eq!(complaints, "", "{page:?}");
        }
        names.push(page.file_name().into_string().expect("it is text"));
    }
    names.sort();
    assert_eq!(names[..3], ["cardsavr-check.1", "cardsavr-completions.1", "cardsavr-explain.1"]);
    assert_eq!(names.last().map(String::as_str), Some("cardsavr.1"));
}

#[test]
fn unwritable_pages_are_reported() {
    let files = directory([("file", "")]);
    let ran = cardsavr().args(["man", "--out"]).arg(files.path().join("file")).output().expect("it runs");
    let stderr = String::from_utf8(ran.stderr).expect("it is text");
    assert_eq!(ran.status.code(), Some(2));
    assert!(stderr.contains("the pages can't be written: ") && stderr.contains("--out"), "{stderr}");
}
