//! What a log holds in secret is in no output of any form.

use std::fs;

use serde_json::Value;

use crate::{Ran, cardsavr, check_with, examples, run_with};

const FORMATS: [&str; 3] = ["human", "json", "jsonl"];

/// The strings of a value that nobody may see: all but the words of the protocol and the ids and times of records.
fn secrets(key: &str, value: &Value, found: &mut Vec<String>) {
    const OPEN: [&str; 9] = [
        "type",
        "status",
        "job_status",
        "termination_type",
        "job_id",
        "id",
        "at",
        "completed_on",
        "submitted",
    ];
    match value {
        Value::String(text) if !OPEN.contains(&key) && text != "submitted" && text.len() > 2 => {
            found.push(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| secrets(key, value, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| secrets(key, value, found)),
        _ => {}
    }
}

fn assert_hidden(ran: &Ran, secret: &str, log: &str) {
    assert!(!ran.stdout.contains(secret), "{log}: {secret} is in {}", ran.stdout);
    assert!(!ran.stderr.contains(secret), "{log}: {secret} is in {}", ran.stderr);
}

#[test]
fn the_logs_of_the_catalogue_keep_theirs() {
    let mut seen = 0;
    for file in fs::read_dir(examples()).expect("they are there") {
        let path = file.expect("it can be listed").path();
        let log = fs::read_to_string(&path).expect("it is text");
        let mut hidden = Vec::new();
        for value in log.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            secrets("", &value, &mut hidden);
        }
        seen += hidden.len();
        for format in FORMATS {
            let ran = check_with(&["--format", format, "--deny", "all"], &log);
            for secret in &hidden {
                assert_hidden(&ran, secret, &path.display().to_string());
            }
        }
    }
    assert!(seen > 40, "the logs have codes and envelopes: {seen}");
}

/// A secret in each place where a log can have one, sound or not.
#[test]
fn a_secret_is_hidden_wherever_it_stands() {
    const SECRET: &str = "hunter2-778899";
    const CODE: &str = "77889966";
    let sound = [
        r#"{"type":"job_status","job_id":1,"message":{"status":"PENDING_TFA","status_message":"S"}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"ODD","job_status_message":"S","termination_message":"S"}}"#,
        r#"{"type":"job_status","job_id":1,"S":1,"S":2,"message":{"status":"AUTH","S":"S","more":{"S":["S"]}}}"#,
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"S","message":"S"}"#,
        r#"{"type":"tfa_request","job_id":2,"envelope_id":"S","message":{"status":"PENDING_TFA","note":"S"}}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S"}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":C}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":{"code":"S"}}"#,
        r#"{"type":"credential_response","envelope_id":"S","message":"S"}"#,
        r#"{"type":"credential_response","envelope_id":"S","message":{"username":"S","password":"S"}}"#,
        r#"{"type":"credential_response","envelope_id":"S","message":{"status":"S","type":"S","id":C,"job_id":C}}"#,
        r#"{"type":"odd","job_id":1,"message":{"status":"S","termination_type":"S","id":C,"percent_complete":C}}"#,
        r#"{"type":"odd","job_id":1,"envelope_id":"S","message":{"username":"S"},"code":C}"#,
        r#"{"id":3,"status":"AUTH","status_message":"S","account":{"password":"S"},"credential_requests":[{"type":"tfa_request","envelope_id":"S"}]}"#,
        r#"{"jobs":[{"job_id":4,"job_status":"CANCELLED","job_status_message":"S"},{"job_status_message":"S"}],"cuid":"S"}"#,
        r#"{"at":"S","message":{"type":"tfa_response","envelope_id":"S","message":"S"}}"#,
        r#"{"at":{"S":C},"message":"S"}"#,
    ];
    let wrong = [
        r#"{"type":"tfa_response","envelope_id":{"S":1},"message":"S"}"#,
        r#"{"type":"tfa_response","envelope_id":C,"message":"S"}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S","message":"S"}"#,
        r#"{"type":"job_status","job_id":{"S":"S"},"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":-C,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":1.C,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":1,"message":"S"}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":["S"]}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":C}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","percent_complete":"S"}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","job_timeout":"S"}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","job_timeout":0.C}}"#,
        r#"{"type":{"S":"S"},"message":"S"}"#,
        r#"{"type":C}"#,
        r#"{"S":"S"}"#,
        r#"["S",C]"#,
        r#""S""#,
        "C",
        // Broken in the middle of it, and after it.
        r#"{"type":"tfa_response","envelope_id":"S","message":"S"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S" S}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":S}"#,
        r#"{"type":"tfa_response","S"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S\q"}"#,
        r#"S {"type":"tfa_response"}"#,
    ];
    let fill = |line: &str| line.replace('C', CODE).replace('S', SECRET);
    // `C` and `S` are letters of other words, too.
    let words = ["PENDING_TFA", "CANCELLED", "AUTH", "ODD"];
    let line = |line: &&str| {
        let kept = words
            .iter()
            .enumerate()
            .fold((*line).to_owned(), |line, (index, word)| line.replace(word, &format!("<{index}>")));
        words
            .iter()
            .enumerate()
            .fold(fill(&kept), |line, (index, word)| line.replace(&format!("<{index}>"), word))
    };
    let mut log: Vec<u8> = sound.iter().chain(&wrong).map(line).collect::<Vec<_>>().join("\n").into();
    log.extend(format!("\n{{\"type\":\"{SECRET}").bytes());
    log.extend(b"\xff\"}\n");
    let deep = format!("{{\"{SECRET}\":{}{CODE}{}}}\n", "[".repeat(120), "]".repeat(120));
    log.extend(deep.bytes());

    for format in FORMATS {
        for flags in
            [&["--deny", "all"][..], &["--max-record-bytes", "60"], &["--message-pointer", "/payload"]]
        {
            let mut command = cardsavr();
            command.args(["check", "--color", "never", "--format", format]).args(flags);
            let ran = run_with(command, &log);
            assert_eq!(ran.status, 1, "{}", ran.stderr);
            assert_hidden(&ran, SECRET, format);
            assert_hidden(&ran, CODE, format);
        }
    }
}
