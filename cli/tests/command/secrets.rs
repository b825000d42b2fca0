//! No output in any format has a secret of a log.

use std::fs;

use cardsavr_protocol::conformance::Rule;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use serde_json::{Value, json};

use crate::{Ran, cardsavr, check_with, examples, run_with};

const FORMATS: [&str; 8] = ["human", "json", "jsonl", "sarif", "junit", "github", "markdown", "html"];

/// The secret strings of a value: all but the words of the protocol and the ids and times of records.
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
fn no_secret_of_the_catalogues_logs_is_shown() {
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
            let mut ran = check_with(&["--format", format, "--deny", "all"], &log);
            // The HTML report contains the examples of the catalogue.
            for rule in Rule::ALL {
                let example = format!(r#""example":{}"#, Value::from(rule.example()));
                ran.stdout = ran.stdout.replace(&example, "");
            }
            for secret in &hidden {
                assert_hidden(&ran, secret, &path.display().to_string());
            }
        }
    }
    assert!(seen > 40, "the logs have codes and envelopes: {seen}");
}

/// A secret at each position of a log, valid or not.
#[test]
fn a_secret_is_hidden_in_every_position() {
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
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"f","message":{"status":"S","termination_type":"S","job_timeout":C}}"#,
        r#"{"type":"credential_response","job_id":1,"envelope_id":"e","message":"S","status":"S","termination_type":"S","percent_complete":C,"id":C}"#,
        r#"{"type":"tfa_response","envelope_id":"nobody's","message":"S","status":"S","job_timeout":C,"job_status":"S"}"#,
        r#"{"type":"job_status","job_id":1,"status":"S","message":{"status":"AUTH","job_status":"S","id":C}}"#,
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
        // Truncated in the middle of the secret, and after it.
        r#"{"type":"tfa_response","envelope_id":"S","message":"S"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S" S}"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":S}"#,
        r#"{"type":"tfa_response","S"#,
        r#"{"type":"tfa_response","envelope_id":"S","message":"S\q"}"#,
        r#"S {"type":"tfa_response"}"#,
    ];
    let fill = |line: &str| line.replace('C', CODE).replace('S', SECRET);
    // `C` and `S` are also letters of other words.
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

/// A value of any JSON type that contains a secret.
fn secret_value(secret: String) -> impl Strategy<Value = Value> {
    let number: u64 =
        secret.bytes().filter(u8::is_ascii_digit).fold(7, |n, byte| n * 10 + u64::from(byte - b'0'));
    let leaf = select(vec![
        json!(secret),
        json!(number),
        json!(format!("my code is {secret}!")),
        json!(true),
        Value::Null,
    ]);
    leaf.prop_recursive(3, 8, 3, move |inner| {
        let key =
            select(vec![secret.clone(), "status".into(), "type".into(), "message".into(), "job_id".into()]);
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((key, inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A message with the value at a position that may be secret: the content of requests and responses, texts for the user,
/// unknown fields.
fn planted_message(value: &Value, place: usize) -> Value {
    let places = [
        json!({"type": "tfa_response", "envelope_id": "e", "message": value}),
        json!({"type": "tfa_response", "envelope_id": value, "message": value}),
        json!({"type": "credential_response", "envelope_id": "e", "message": value}),
        json!({"type": "tfa_request", "job_id": 1, "envelope_id": value, "message": value}),
        json!({"type": "credential_request", "job_id": 1, "envelope_id": value, "code": value}),
        json!({"type": "later", "job_id": 1, "message": value, "envelope_id": value}),
        json!({"type": "job_status", "job_id": 1, "access_key": value, "message": {"status": "AUTH", "status_message": value}}),
        json!({"type": "job_status", "job_id": 1, "message": {"status": "ODD", "more": value, "termination_message": value}}),
        json!({"type": "job_status", "job_id": 1, "message": value}),
        json!({"type": ["job_status", value], "message": value}),
        json!({"id": 2, "status": "AUTH", "account": value, "credential_requests": value}),
        json!({"jobs": [{"job_id": 3, "job_status": "CANCELLED", "job_status_message": value}], "cuid": value}),
        json!({"at": value, "message": {"type": "tfa_response", "envelope_id": "e", "message": value}}),
        json!({"access_key": value}),
    ];
    places[place % places.len()].clone()
}

/// Whether a value is an object that is itself read as a message or a record.
fn says_more(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(values) => values.iter().any(says_more),
        _ => false,
    }
}

/// A secret, and values with it for some of the positions, each message complete or truncated.
fn plants() -> impl Strategy<Value = (String, Vec<(Value, usize, Option<Index>)>)> {
    "[a-z]{4}[0-9]{8}[a-z !-]{4}".prop_flat_map(|secret| {
        let plant = (secret_value(secret.clone()), 0..14_usize, any::<Option<Index>>());
        (Just(secret), vec(plant, 1..8))
    })
}

proptest! {
    // Each case starts several processes.
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// No output of any command shows a secret at any position, also if the log is truncated there.
    #[test]
    fn no_output_shows_a_secret((secret, plants) in plants()) {
        let mut log = String::new();
        for (value, place, cut) in plants {
            // At the position of a message, the report shows words and ids of the protocol. At the position of a record's
            // time, a number is a time, which a copy keeps.
            let is_told = says_more(&value) && matches!(place, 8 | 10) || value.is_number() && place == 12;
            let value = if is_told { json!(secret) } else { value };
            let line = planted_message(&value, place).to_string();
            log += cut.map_or(&line, |cut| &line[..cut.index(line.len())]);
            log.push('\n');
        }
        let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
        let mut runs: Vec<_> = FORMATS.iter().map(|format| check_with(&["--format", format, "--deny", "all"], &log)).collect();
        let mut redact = cardsavr();
        redact.arg("redact");
        runs.push(run_with(redact, log.as_bytes()));
        for ran in runs {
            assert_hidden(&ran, &secret, &log);
            assert_hidden(&ran, &digits, &log);
        }
    }
}
