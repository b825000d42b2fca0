//! Merges of logs by time: of several recorders, and of one that writes late.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Ran, check_with, directory, run, run_in, status, successful};

/// A log of simulated jobs with faults, as lines with their times: a line without a time has that of the line before.
fn log() -> Vec<(i64, String)> {
    let rules = "malformed-json,malformed-message,illegal-transition,skipped-status,late-response,overdue-timeout,\
                 message-after-termination,repeated-response,unmatched-response,unknown-status,envelope-reused";
    let args =
        ["simulate", "--jobs", "120", "--alive", "40", "--at", "0", "--rate", "0.5", "--faults", rules];
    let mut time = 0;
    let ran = run(args);
    let lines = ran.stdout.lines().map(|line| {
        let at = serde_json::from_str::<Value>(line).ok().and_then(|record| record["at"].as_i64());
        time = at.unwrap_or(time);
        (time, format!("{line}\n"))
    });
    lines.collect()
}

/// A pseudorandom number that depends only on its argument.
fn mixed(number: i64) -> u64 {
    (number.unsigned_abs() + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

/// The findings without their positions, and the counts.
fn found(ran: &Ran) -> (Vec<(String, Value, String)>, Vec<Value>) {
    let report = ran.report();
    let text = |value: &Value| {
        let text = value.as_str().expect("it is a string");
        // The position in a message is that in its file.
        text.split(", at line").next().unwrap_or_default().to_owned()
    };
    let findings = report["findings"].as_array().expect("it is one").iter();
    let findings =
        findings.map(|found| (text(&found["rule"]), found["job_id"].clone(), text(&found["message"])));
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by_key(|(rule, job, message)| (rule.clone(), job.to_string(), message.clone()));
    let counted = ["records", "messages", "jobs", "terminations", "rules", "unknown", "unterminated"];
    (findings, counted.iter().map(|name| report[name].clone()).collect())
}

fn check_in(logs: &TempDir, args: &[&str]) -> Ran {
    run_in(logs.path(), &[&["check", "--format", "json"], args].concat())
}

#[test]
fn the_logs_of_several_recorders_are_one_log() {
    let lines = log();
    let mut parts: BTreeMap<u64, String> = BTreeMap::new();
    for (time, line) in &lines {
        *parts.entry(mixed(*time) % 3).or_default() += line;
    }
    let whole: String = lines.iter().map(|(_, line)| line.as_str()).collect();
    let logs = directory([("whole/all.jsonl", &whole), ("0.jsonl", &parts[&0]), ("1.jsonl", &parts[&1])]);
    fs::write(logs.path().join("2.jsonl"), &parts[&2]).expect("it can be written");
    let expected = check_in(&logs, &["whole"]);
    assert!(expected.report()["rules"].as_object().expect("it is one").len() > 8);

    let merged = check_in(&logs, &["--merge", "time", "2.jsonl", "0.jsonl", "1.jsonl"]);
    assert_eq!(found(&merged), found(&expected), "{}", merged.stderr);
    // Without a merge they are not in order.
    let as_given = check_in(&logs, &["2.jsonl", "0.jsonl", "1.jsonl"]);
    assert!(as_given.report()["rules"]["time-went-backwards"].as_u64() > Some(10));
}

#[test]
fn late_records_are_put_in_order() {
    let mut lines = log();
    let whole: String = lines.iter().map(|(_, line)| line.as_str()).collect();
    let expected = check_with(&["--format", "json"], &whole);
    lines.sort_by_key(|(time, _)| time + i64::try_from(mixed(*time) % 5000).expect("it is small"));
    let late: String = lines.iter().map(|(_, line)| line.as_str()).collect();
    assert_ne!(late, whole);
    let ran = check_with(&["--format", "json", "--reorder", "5s"], &late);
    assert_eq!(found(&ran), found(&expected));
    let ran = check_with(&["--format", "json", "--reorder", "1s"], &late);
    assert!(ran.report()["rules"]["time-went-backwards"].as_u64() > Some(0));
}

#[test]
fn messages_of_two_recorders_count_once() {
    let lines = log();
    let whole: String = lines.iter().map(|(_, line)| line.as_str()).collect();
    // The other recorder is slightly later, writes times in another format, and misses some records.
    let other: String = lines
        .iter()
        .filter(|(time, _)| mixed(*time) % 10 > 0)
        .filter_map(|(time, line)| {
            let record: Value = serde_json::from_str(line).ok()?;
            let at = time + i64::try_from(mixed(*time) % 3).expect("it is small");
            let message = record.get("message").filter(|_| record.get("at").is_some())?;
            Some(format!("{}\n", json!({"message": message, "at": at})))
        })
        .collect();
    let logs = directory([("a.jsonl", &whole), ("b.jsonl", &other)]);
    let expected = check_in(&logs, &["a.jsonl"]).report();
    let ran = check_in(&logs, &["--merge", "time", "--dedupe", "a.jsonl", "b.jsonl"]);
    let report = ran.report();
    assert_eq!(
        (&report["messages"], &report["jobs"], &report["terminations"], &report["unterminated"]),
        (&expected["messages"], &expected["jobs"], &expected["terminations"], &expected["unterminated"])
    );
    let duplicates = report["duplicates"].as_u64().expect("it is counted");
    assert_eq!(duplicates, check_in(&logs, &["b.jsonl"]).report()["messages"]);
    // A malformed record is not deduplicated.
    for (rule, count) in expected["rules"].as_object().expect("it is one") {
        if rule != "malformed-message" {
            assert_eq!(report["rules"].get(rule), Some(count), "{rule}");
        }
    }
    let human = run_in(logs.path(), &["check", "--merge", "time", "--dedupe", "a.jsonl", "b.jsonl"]);
    let line = format!("{duplicates} messages of two inputs were counted once\n");
    assert!(human.stdout.contains(&line), "{}", human.stdout);
    assert!(check_in(&logs, &["--merge", "time", "a.jsonl", "b.jsonl"]).report().get("duplicates").is_none());
}

fn at(time: i64, message: &str) -> String {
    format!("{{\"at\":{time},\"message\":{message}}}\n")
}

/// A recorder that polls twice records a message twice; each occurrence is deduplicated separately.
#[test]
fn a_message_that_occurs_twice_in_one_input_counts_twice() {
    let beat = status(1, "UPDATING");
    let end = successful(1);
    let a = [at(0, &beat), at(3000, &beat), at(6000, &end)].concat();
    let b = [at(100, &beat), at(3100, &beat), at(3200, &beat), at(6100, &end)].concat();
    let c = [at(40_000, &end)].concat();
    let logs = directory([("a.jsonl", &a), ("b.jsonl", &b), ("c.jsonl", &c)]);
    let counted = |args: &[&str]| {
        let report = check_in(&logs, &[&["--merge", "time", "--dedupe"], args].concat()).report();
        (report["messages"].as_u64(), report["duplicates"].as_u64(), report["rules"].clone())
    };
    assert_eq!(counted(&["a.jsonl", "b.jsonl"]), (Some(4), Some(3), json!({})));
    // A message more than 10 s later is another one.
    let again = json!({"repeated-termination": 1});
    assert_eq!(counted(&["a.jsonl", "c.jsonl"]), (Some(4), Some(0), again.clone()));
    assert_eq!(counted(&["--reorder", "34s", "a.jsonl", "c.jsonl"]), (Some(3), Some(1), json!({})));
    assert_eq!(counted(&["--reorder", "33s", "a.jsonl", "c.jsonl"]), (Some(4), Some(0), again));
    // Messages of jobs that are not selected don't count.
    let other = at(7000, &successful(2));
    fs::write(logs.path().join("a.jsonl"), format!("{a}{other}")).expect("it can be written");
    fs::write(logs.path().join("b.jsonl"), format!("{b}{other}")).expect("it can be written");
    assert_eq!(counted(&["a.jsonl", "b.jsonl"]), (Some(5), Some(4), json!({})));
    assert_eq!(counted(&["--job", "1", "a.jsonl", "b.jsonl"]), (Some(4), Some(3), json!({})));
    let ran = check_in(&logs, &["--dedupe", "a.jsonl", "b.jsonl"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--merge time"), "{}", ran.stderr);
}

/// Records with the same time keep the order of the inputs, and a record without a time follows the one before it.
#[test]
fn findings_keep_their_positions() {
    let a = [at(1000, &status(1, "UPDATING")), "{\n".into(), at(3000, &successful(1))].concat();
    let b = [status(2, "ODD"), "\n".into(), at(1000, &status(2, "AUTH")), at(2000, &status(1, "REQUESTED"))]
        .concat();
    let logs = directory([("a.jsonl", &a), ("b.jsonl", &b), ("c.jsonl", &at(2000, &status(3, "NEWER")))]);
    let ran = check_in(&logs, &["--merge", "time", "a.jsonl", "c.jsonl", "b.jsonl"]);
    let report = ran.report();
    let findings = report["findings"].as_array().expect("it is one").iter();
    let places: Vec<_> = findings.map(|f| format!("{} {}:{}", f["rule"], f["file"], f["line"])).collect();
    assert_eq!(
        places.join("\n").replace('"', ""),
        "\
unknown-status b.jsonl:1
malformed-json a.jsonl:2
unknown-status c.jsonl:1
illegal-transition b.jsonl:3
skipped-status a.jsonl:3
unterminated-job b.jsonl:2
unterminated-job c.jsonl:1"
    );
    let files: Vec<_> = report["inputs"].as_array().expect("it is one").iter().map(|i| &i["file"]).collect();
    assert_eq!(files, ["a.jsonl", "c.jsonl", "b.jsonl"]);
}

/// An array is read element by element: each has its own time.
#[test]
fn the_elements_of_an_array_are_merged_by_their_own_times() {
    let array = format!("[{}, {}]", at(0, &status(1, "UPDATING")), at(2000, &successful(1)));
    let poll = at(1000, &format!("[{}, {}]", status(1, "PENDING_CARD"), status(1, "UPDATING")));
    let logs = directory([("a.json", &array), ("b.json", &poll)]);
    let ran = check_in(&logs, &["--merge", "time", "a.json", "b.json"]);
    assert_eq!(
        (&ran.report()["rules"], &ran.report()["messages"]),
        (&json!({}), &json!(4)),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_record_that_is_later_than_the_delay_is_checked_where_it_occurs() {
    let rules = |late: i64, latest: i64| {
        let log = [
            at(10_000, &status(1, "UPDATING")),
            at(20_000, &status(1, "PENDING_CARD")),
            at(latest, &successful(2)),
            at(late, &successful(1)),
        ];
        check_with(&["--format", "json", "--reorder", "5s"], log.concat()).report()["rules"].clone()
    };
    let skipped = json!({"skipped-status": 1});
    assert_eq!(rules(21_000, 26_000), skipped);
    // In order, before PENDING_CARD.
    assert_eq!(rules(15_000, 20_000), json!({"message-after-termination": 1}));
    // No record after its position has been checked.
    assert_eq!(rules(14_999, 20_000), json!({"message-after-termination": 1}));
    assert_eq!(rules(20_999, 26_000), skipped);
    assert_eq!(rules(19_999, 26_000), json!({"skipped-status": 1, "time-went-backwards": 1}));
}

#[test]
fn unusual_times_and_inputs_affect_no_other_input() {
    let min_max: String = [i64::MIN, i64::MAX, 0, i64::MAX, i64::MIN]
        .iter()
        .enumerate()
        .map(|(job, time)| at(*time, &successful(job as u64)))
        .collect();
    let untimed: String = (10..20).map(|job| successful(job) + "\n").collect();
    let same: String = (20..3000).map(|job| at(5, &successful(job))).collect();
    let bad = "{\"at\":\"soon\",\"message\":{\"type\":\"later\"}}\n{\"at\":1e99,\"message\":[1,2]}\n[[[\n";
    let logs = directory([("a", &min_max), ("b", &untimed), ("c", &same), ("d", bad), ("e", "")]);
    fs::write(logs.path().join("f"), [0x1f, 0x8b, 8, 0]).expect("it can be written");
    for args in [
        &["--merge", "time"][..],
        &["--merge", "time", "--reorder", "300000000y"],
        &["--merge", "time", "--reorder", "0s", "--dedupe"],
        &["--reorder", "1h"],
    ] {
        let ran = check_in(&logs, &[args, &["a", "b", "none", "c", "d", "e", "f"]].concat());
        if args.contains(&"300000000y") {
            assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
            continue;
        }
        assert_eq!(ran.status, 2);
        let lines: Vec<_> = ran.stderr.lines().collect();
        let [none, gzip] = lines.as_slice() else { panic!("{}", ran.stderr) };
        assert!(none.starts_with("cardsavr: none: "), "{none}");
        assert!(gzip.starts_with("cardsavr: f: the gzip data ends in the middle"), "{gzip}");
        let report = ran.report();
        assert_eq!((&report["jobs"], &report["messages"]), (&json!(2995), &json!(2996)), "{args:?}");
        assert_eq!(report["inputs"].as_array().map(Vec::len), Some(6));
    }
    for delay in ["5", "-5s", "soon", ""] {
        let ran = check_in(&logs, &["--reorder", delay, "a"]);
        assert_eq!(ran.status, 2, "{delay}");
        assert!(
            ran.stderr.contains("5s, 500ms, 2m, 1h 30m or 1d") || delay.starts_with('-'),
            "{}",
            ran.stderr
        );
    }
}
