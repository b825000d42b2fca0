//! The command as a process with arguments, files, standard input and output.

mod baseline;
mod broken_off;
mod compressed;
mod configuration;
mod edition;
mod explain;
mod flags;
mod formats;
mod framing;
mod help;
mod hostile;
mod html;
mod inputs;
mod jobs;
mod lifecycle;
mod merge;
mod outputs;
mod redact;
mod report;
mod rules;
mod secrets;
mod shell;
mod simulate;
mod stats;
mod trace;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

/// A run that has ended.
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// The report that `--format json` printed.
    fn report(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let status = output.status.code().expect("no signal ends it");
        assert!((0..=2).contains(&status), "status {status}: {}", text(output.stderr));
        Self { status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The command, in an environment that is the same everywhere.
fn cardsavr() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardsavr"));
    command.env("COLUMNS", "80").stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

fn run(args: impl IntoIterator<Item: AsRef<OsStr>>) -> Ran {
    cardsavr().args(args).output().expect("it runs").into()
}

/// Runs a command with `input` as its standard input.
fn run_with(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let output = thread::scope(|scope| {
        // The command may print, or end, before it has read everything.
        scope.spawn(move || _ = stdin.write_all(input));
        child.wait_with_output()
    });
    output.expect("it ends").into()
}

/// Checks a log on standard input.
fn check_with(args: &[&str], log: impl AsRef<[u8]>) -> Ran {
    let mut command = cardsavr();
    command.arg("check").args(args);
    run_with(command, log.as_ref())
}

/// The JSON report of a log that comes on standard input.
fn report_of(log: impl AsRef<[u8]>) -> Value {
    check_with(&["--format", "json"], log).report()
}

/// The rule, line and column of each finding.
fn findings_of(report: &Value) -> Vec<(String, u64, u64)> {
    let findings = report["findings"].as_array().expect("it is an array");
    let text = |value: &Value| value.as_str().expect("it is a string").to_owned();
    let number = |value: &Value| value.as_u64().expect("it is a number");
    findings
        .iter()
        .map(|finding| (text(&finding["rule"]), number(&finding["line"]), number(&finding["column"])))
        .collect()
}

/// A finding to compare with those of [`findings_of`].
fn finding(rule: &str, line: u64, column: u64) -> (String, u64, u64) {
    (rule.to_owned(), line, column)
}

/// A directory of logs.
fn directory<const N: usize>(files: [(&str, &str); N]) -> TempDir {
    let directory = tempfile::tempdir().expect("there is room for one");
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in the directory")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    }
    directory
}

/// Runs the command in a directory, so that the report has relative file names.
fn run_in(directory: &Path, args: &[&str]) -> Ran {
    cardsavr().current_dir(directory).args(args).output().expect("it runs").into()
}

/// The logs of the catalogue.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rules")
}

/// A `job_status` message.
fn status(job: u64, status: &str) -> String {
    format!(r#"{{"type":"job_status","job_id":{job},"message":{{"status":"{status}"}}}}"#)
}

/// The last message of a successful job.
fn successful(job: u64) -> String {
    let message = r#"{"status":"SUCCESSFUL","termination_type":"BILLABLE"}"#;
    format!(r#"{{"type":"job_status","job_id":{job},"message":{message}}}"#)
}
