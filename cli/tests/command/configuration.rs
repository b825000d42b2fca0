//! `cardsavr.toml`, and the flags that override it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{Ran, directory, run, run_in, status, successful};

/// A log with a warning, skipped-status, and a record that wraps a message.
fn log() -> String {
    format!("{}\n{}\n", status(1, "LOGIN_SUBMITTED"), successful(1))
}

fn rules(ran: &Ran) -> Value {
    assert!(ran.status < 2, "{}", ran.stderr);
    ran.report()["rules"].clone()
}

fn severities(ran: &Ran) -> Value {
    ran.report()["severities"].clone()
}

#[test]
fn the_nearest_file_applies() {
    let logs = directory([
        ("cardsavr.toml", "[rules]\nskipped-status = \"error\""),
        ("a/log.jsonl", &log()),
        ("a/b/cardsavr.toml", "[rules]\nskipped-status = \"allow\""),
        ("a/b/c/log.jsonl", &log()),
        ("other.toml", "rules = { warnings = \"allow\" }"),
    ]);
    let check = |at: &str, args: &[&str]| {
        let ran =
            run_in(&logs.path().join(at), &[&["check", "--format", "json", "log.jsonl"], args].concat());
        (ran.status, severities(&ran))
    };
    let count = |error, warning| json!({"error": error, "warning": warning, "note": 0});
    assert_eq!(check("a", &[]), (1, count(1, 0)));
    assert_eq!(check("a/b/c", &[]), (0, count(0, 0)));
    assert_eq!(check("a/b/c", &["--no-config"]), (0, count(0, 1)));
    assert_eq!(check("a", &["--config", "../other.toml"]), (0, count(0, 0)));
    // A flag overrides the file, even a flag for a group a key for a rule.
    assert_eq!(check("a", &["--warn", "skipped-status"]), (0, count(0, 1)));
    assert_eq!(check("a", &["--allow", "all"]), (0, count(0, 0)));
    assert_eq!(check("a/b/c", &["--deny", "all"]), (1, count(1, 0)));
    let ran = run_in(logs.path(), &["check", "--no-config", "--config", "other.toml", "a/log.jsonl"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn every_option_changes_the_findings() {
    let wrapped =
        format!("{{\"p\":{},\"t\":6}}\n{{\"p\":{},\"t\":5}}\n", status(1, "UPDATING"), successful(1));
    let failing: String =
        ["AUTH", "LOGIN_SUBMITTED", "PENDING_NEWCREDS", "NEWCREDS_RECEIVED", "LOGIN_RESUBMITTED"]
            .iter()
            .chain(["PENDING_NEWCREDS", "NEWCREDS_RECEIVED", "LOGIN_RESUBMITTED"].iter().cycle().take(4))
            .map(|word| status(1, word) + "\n")
            .collect();
    let waits = |message: &str, at: u64| format!("{{\"at\":{at},\"message\":{message}}}\n");
    let late = [
        waits(&status(1, "PENDING_TFA"), 0),
        waits(r#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#, 0),
        waits(r#"{"type":"tfa_response","job_id":1,"envelope_id":"e","message":"123456"}"#, 250_000),
    ];
    let late = late.concat();
    let cases: [(&str, &str, &str, &str, Option<&str>); 6] = [
        (
            "message-pointer = '/p'\ntime-pointer = '/t'",
            "--message-pointer=/p --time-pointer=/t",
            &wrapped,
            "malformed-message",
            Some("time-went-backwards"),
        ),
        (
            "max-record-bytes = 70",
            "--max-record-bytes=70",
            &log(),
            "skipped-status",
            Some("record-too-large"),
        ),
        ("max-depth = 1", "--max-depth=1", &log(), "skipped-status", Some("record-too-large")),
        ("[rules]\nskipped-status = 'allow'", "--allow=skipped-status", &log(), "skipped-status", None),
        ("[limits]\nfailed-logins = 3", "--limit=failed-logins=3", &failing, "too-many-failed-logins", None),
        ("limits.answer-window = '5m'", "--limit=answer-window=5m", &late, "late-response", None),
    ];
    for (toml, flags, log, without, with) in cases {
        let logs = directory([("log.jsonl", log), ("sub/cardsavr.toml", toml)]);
        let check = |args: &[&str]| {
            let ran = run_in(logs.path(), &[&["check", "--format", "json", "log.jsonl"], args].concat());
            rules(&ran)
        };
        let plain = check(&[]);
        assert!(plain.get(without).is_some(), "{toml}: {plain}");
        let set = check(&["--config", "sub/cardsavr.toml"]);
        assert!(set.get(without).is_none(), "{toml}: {set}");
        assert!(with.is_none_or(|rule| set.get(rule).is_some()), "{toml}: {set}");
        assert_eq!(check(&flags.split(' ').collect::<Vec<_>>()), set, "{flags}");
    }
}

#[test]
fn redact_has_the_same_options() {
    let record = format!("{{\"code\":\"secret\",\"p\":{}}}\n", successful(1));
    let logs = directory([("cardsavr.toml", "message-pointer = '/p'"), ("log.jsonl", &record)]);
    let copied = run_in(logs.path(), &["redact", "log.jsonl"]).stdout;
    assert!(!copied.contains("secret"), "{copied}");
    fs::write(logs.path().join("copy.jsonl"), copied).expect("it can be written");
    let ran = run_in(logs.path(), &["check", "--format", "json", "copy.jsonl"]);
    assert_eq!((rules(&ran), &ran.report()["messages"]), (json!({}), &json!(1)));
}

#[test]
fn a_mistake_is_reported_with_its_position() {
    let mistakes = [
        "max-deph = 5",
        "\n  colour = 'red'",
        "[rules]\nskiped-status = 'error'",
        "[rules]\nskipped-status = 'eror'",
        "[rules]\nskipped-status = 1",
        "rules = 'all'",
        "[limits]\nfailed-login = 3",
        "[limits]\nfailed-logins = 300",
        "[limits]\nfailed-logins = '2'",
        "[limits]\nanswer-window = 240",
        "limits.failed-logins = 2.5",
        "retention = '1'",
        "retention = 3600",
        "max-depth = -1",
        "max-depth = 0x10",
        "message-pointer = 'payload'",
        "max-depth = 5\nmax-depth = 6",
        "max-depth = ",
        "[[rules]]",
    ];
    let logs = directory([("a.jsonl", "{")]);
    let mut told = Vec::new();
    for mistake in mistakes {
        fs::write(logs.path().join("cardsavr.toml"), mistake).expect("it can be written");
        let ran = run_in(logs.path(), &["check", "a.jsonl"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{mistake}");
        told.push(format!("{mistake}\n{}\n", ran.stderr));
        let ran = run_in(logs.path(), &["redact", "a.jsonl"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{mistake}");
    }
    for limit in ["failed-logins", "failed-login=1", "foo=3", "failed-logins=x", "answer-window=5"] {
        let ran = run_in(logs.path(), &["check", "--no-config", "--limit", limit, "a.jsonl"]);
        assert_eq!(ran.status, 2);
        told.push(format!("{limit}\n{}\n", ran.stderr));
    }
    fs::write(logs.path().join("cardsavr.toml"), b"# \xff").expect("it can be written");
    told.push(run_in(logs.path(), &["check", "a.jsonl"]).stderr);
    told.push(run_in(logs.path(), &["check", "--config", "none.toml", "a.jsonl"]).stderr);
    insta::assert_snapshot!("mistakes_of_configuration", told.concat());
    assert_eq!(run_in(logs.path(), &["check", "--no-config", "a.jsonl"]).status, 1);
}

/// The example in the documentation is a valid configuration with every key and its default; the help has all keys.
#[test]
fn the_documentation_has_every_option() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let text = fs::read_to_string(path).expect("it is there");
    let example =
        text.split("```").nth(1).and_then(|block| block.strip_prefix("toml\n")).expect("it is an example");
    let logs = directory([
        ("cardsavr.toml", example),
        ("known.json", r#"{"version":1,"findings":[]}"#),
        ("a.jsonl", ""),
    ]);
    let ran = run_in(logs.path(), &["check", "--format", "json", "--allow-empty", "a.jsonl"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));

    let help = run(["check", "--help"]).stdout;
    let words: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let keys = example.lines().filter_map(|line| Some(line.split_once(" = ")?.0));
    for key in keys.filter(|key| !(key.ends_with("-status") || *key == "WALLET_LOCKED")) {
        assert!(text.contains(&format!("`{key}`")), "{key}");
        assert!(words.contains(&format!("--{key} ")) || words.contains(key), "{key}");
    }
    // The example has the keys that the error for an unknown key lists.
    fs::write(logs.path().join("cardsavr.toml"), "zzz = 1\n").expect("it can be written");
    let ran = run_in(logs.path(), &["check", "a.jsonl"]);
    let known = ran.stderr.split("known: ").nth(1).expect("the keys are named");
    for key in known.trim().split(", ") {
        assert!(example.contains(&format!("\n{key} = ")) || example.contains(&format!("\n[{key}]")), "{key}");
    }
}
