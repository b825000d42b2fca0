//! Reads the hand-written cases; the head of each `cases/*.txt` describes its format.

use std::fmt::Write;

use crate::table;

/// A case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) shows: &'static str,
    pub(crate) limits: Option<&'static str>,
    pub(crate) steps: Vec<CaseStep>,
    /// The findings at the end of the log: rules, and their steps.
    pub(crate) end: Vec<(&'static str, usize)>,
}

/// A step of a case.
pub(crate) struct CaseStep {
    pub(crate) at: Option<i64>,
    /// The input as JSON; `None` if only time passes.
    pub(crate) input: Option<String>,
    /// The text after `=>`.
    pub(crate) expected: &'static str,
}

/// The cases in a text.
pub(crate) fn read(text: &'static str) -> Vec<Case> {
    text.split("\n## ").skip(1).map(case).collect()
}

fn case(text: &'static str) -> Case {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let name = lines.next().expect("a case has a name");
    let shows = lines.next().expect("a case has a description");
    let mut case = Case { name, shows, limits: None, steps: Vec::new(), end: Vec::new() };
    for line in lines {
        if let Some(limits) = line.strip_prefix("limits ") {
            case.limits = Some(limits);
        } else if let Some(end) = line.strip_prefix("end ") {
            let (rule, step) = end.split_once(' ').expect("a rule and its step");
            case.end.push((rule, step.parse().expect("a step's index")));
        } else {
            case.steps.push(step(line));
        }
    }
    case
}

fn step(line: &'static str) -> CaseStep {
    let (step, expected) = line.split_once("=>").unwrap_or((line, ""));
    let (at, input) = match step.strip_prefix('@').and_then(|step| step.split_once(' ')) {
        Some((at, input)) => (Some(milliseconds(at)), input),
        None => (None, step),
    };
    CaseStep { at, input: self::input(input.trim()), expected: expected.trim() }
}

/// Seconds, optionally with a fraction, as milliseconds.
pub(crate) fn milliseconds(seconds: &str) -> i64 {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let number = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("{seconds} is no time"));
    number(whole) * 1000 + number(&format!("{fraction:0<3}"))
}

fn input(text: &str) -> Option<String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "tick" => None,
        "snapshot" => Some(snapshot(rest)),
        "tfa_request" | "credential_request" => {
            Some(format!(r#"{{"type":"{word}","job_id":7,"envelope_id":"{rest}"}}"#))
        }
        "tfa_response" => {
            Some(format!(r#"{{"type":"tfa_response","envelope_id":"{rest}","message":"123456"}}"#))
        }
        "credential_response" => {
            Some(format!(r#"{{"type":"credential_response","envelope_id":"{rest}","message":"submitted"}}"#))
        }
        _ if text.starts_with(['{', '[']) => Some(text.to_owned()),
        _ => Some(job_status(word, rest.split_whitespace())),
    }
}

fn snapshot(status: &str) -> String {
    let mut job = format!(r#"{{"id":7,"status":"{status}""#);
    if let Some(own) = table::status(status).and_then(|row| row.termination_type) {
        _ = write!(job, r#","termination_type":"{own}""#);
    }
    job + "}"
}

/// A `job_status` of job 7, with the status's own termination type unless one is given or it is `untyped`.
pub(crate) fn job_status<'a>(status: &str, words: impl Iterator<Item = &'a str>) -> String {
    let mut termination_type = table::status(status).and_then(|row| row.termination_type);
    let mut numbers = String::new();
    for word in words {
        match word.split_once('=') {
            Some(("timeout", value)) => _ = write!(numbers, r#","job_timeout":{value}"#),
            Some(("percent", value)) => _ = write!(numbers, r#","percent_complete":{value}"#),
            Some(_) => panic!("{word} is no field"),
            None if word == "untyped" => termination_type = None,
            None => termination_type = Some(word),
        }
    }
    let termination_type = termination_type.map(|own| format!(r#","termination_type":"{own}""#));
    let termination_type = termination_type.unwrap_or_default();
    format!(
        r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}"{termination_type}{numbers}}}}}"#
    )
}
