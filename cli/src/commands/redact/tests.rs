//! What a check finds in a log, it finds in the copy; and what is secret in the log is not in the copy.

use std::collections::HashMap;
use std::io;

use cardsavr_protocol::conformance::{Checker, Finding, Rule, Severity, Summary};
use cardsavr_protocol::wire::JobId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::rewrite::Rewriter;
use super::*;
use crate::input::pointer::Pointer;
use crate::input::records;
use crate::pipeline::entries::Reading;
use crate::pipeline::judge::Judge;
use crate::pipeline::log;
use crate::pipeline::output::Output;

/// An output that keeps what it is given.
#[derive(Default)]
struct Kept(Vec<Finding>);

impl Output for Kept {
    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        self.0.push(finding.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// A finding as it must be found again.
type Found = (Rule, Severity, u64, Option<JobId>);

fn check(reading: &Reading, log: &[u8]) -> Vec<Found> {
    let mut checker = Checker::default();
    let mut kept = Kept::default();
    let read = log::check(reading, log, "log", 0, &mut Judge::new(&mut checker, &mut kept));
    assert!(read.is_ok(), "neither the input nor the output fails");
    checker.finish(&mut kept.0);
    let found = kept.0.into_iter();
    found
        .map(|Finding { rule, severity, position, job_id, .. }| (rule, severity, position.line, job_id))
        .collect()
}

fn redact(reading: &Reading, key: &str, log: &[u8]) -> String {
    let pseudonyms = Pseudonyms::new(key.as_bytes());
    let mut copy = Vec::new();
    let copied = Redactor::new(reading, &pseudonyms).copy(log, &mut copy);
    assert!(copied.is_ok(), "neither the log nor its copy fails");
    String::from_utf8(copy).expect("a copy is text")
}

/// The findings of the copy are those of the log, job for job.
fn assert_same(reading: &Reading, log: &[u8]) -> String {
    let copy = redact(reading, "key", log);
    let (before, after) = (check(reading, log), check(reading, copy.as_bytes()));
    let show = || format!("{}\n---\n{copy}", String::from_utf8_lossy(log));
    let without_job = |found: &[Found]| {
        found.iter().map(|&(rule, severity, line, _)| (rule, severity, line)).collect::<Vec<_>>()
    };
    assert_eq!(without_job(&before), without_job(&after), "{}", show());
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    for ((.., job), (.., pseudonym)) in before.into_iter().zip(after) {
        assert_eq!(there.entry(job.clone()).or_insert_with(|| pseudonym.clone()), &pseudonym, "{}", show());
        assert_eq!(back.entry(pseudonym).or_insert_with(|| job.clone()), &job, "{}", show());
    }
    copy
}

/// A secret that no pseudonym can be by chance.
const SECRET: &str = "hunter2-zyxwvut";
const CODE: &str = "77889966554433";

/// Records, and what may stand around them; `S` and `C` stand for a secret that is a text and one that is a number.
const WORDS: [&str; 62] = [
    r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","status_message":"S"}}"#,
    r#"{"type":"job_status","job_id":"a-1","message":{"status":"UPDATING","percent_complete":1.5,"S":{"S":[C]}}}"#,
    r#"{"type":"job_status","job_id":"1","message":{"status":"SUCCESSFUL","termination_type":"BILLABLE","percent_complete":100}}"#,
    r#"{"type":"job_status","job_id":2,"message":{"status":"PENDING_TFA","job_timeout":766325,"percent_complete":101}}"#,
    r#"{"type":"job_status","job_id":2,"message":{"status":"TFA_CODE_RECEIVED","job_timeout":-1}}"#,
    r#"{"type":"job_status","job_id":2,"message":{"status":"NEWER_STATUS"}}"#,
    r#"{"type":"job_status","job_id":2,"message":{"status":"S","termination_type":"S"}}"#,
    r#"{"\u0074ype":"job_status","job_id":"3","\ud800":1,"message":{"status":"AUTH"}}"#,
    r#"{"type":"job_status","job_id":-C,"message":{"status":"AUTH"}}"#,
    r#"{"type":"job_status","job_id":1e999,"message":{"status":"AUTH"}}"#,
    r#"{"type":"job_status","job_id":"C0000000000000","message":{"status":"AUTH","status_message":"\ud800"}}"#,
    r#"{"type":"job_status","job_id":1,"job_id":2,"message":{"status":"AUTH"}}"#,
    r#"{"type":"job_status","job_id":1,"message":{"status":["S"],"percent_complete":"S"}}"#,
    r#"{"type":"tfa_request","job_id":1,"envelope_id":"S","message":"S"}"#,
    r#"{"type":"tfa_request","job_id":2,"envelope_id":"S","message":{"status":"S","S":C}}"#,
    r#"{"type":"credential_request","job_id":"a-1","envelope_id":"e","message":C}"#,
    r#"{"type":"tfa_response","envelope_id":"S","message":"S"}"#,
    r#"{"type":"tfa_response","envelope_id":"S","message":C}"#,
    r#"{"type":"tfa_response","envelope_id":"unseen","job_id":null,"message":"C"}"#,
    r#"{"type":"credential_response","envelope_id":"e","message":"submitted"}"#,
    r#"{"type":"credential_response","envelope_id":"e","message":{"username":"S","status":"S","code":C}}"#,
    r#"{"type":"later","job_id":1,"envelope_id":"S","message":{"status":"S","job_id":C},"S":true}"#,
    r#"{"type":C,"message":"S"}"#,
    r#"{"id":2,"status":"PENDING_TFA","created_on":"2021-09-16T00:06:00.264Z","account":{"S":"S"},"credential_requests":["#,
    r#"{"id":3,"status":"CANCELLED","termination_type":"USER_DATA_FAILURE","termination_message":"S"}"#,
    r#"{"jobs":[{"job_id":3,"job_status":"SUCCESSFUL","completed_on":"S"},{"job_status_message":"S"}],"cuid":"S"}"#,
    r#"{"at":"2021-09-28T00:00:00Z","message":"#,
    r#"{"at":1632787560264,"message":["#,
    r#"{"at":"S","message":["#,
    r#"{"at":C.5,"message":"#,
    r#"{"S":"S","type":"job_status","#,
    r#"{"job_id":2}"#,
    r#"{"type":null,"job_id":null,"id":4,"S":"S"}"#,
    r#"{"job_id":"a-1","type":["S"]}"#,
    r#"{"id":2,"id":3,"job_id":7}"#,
    r#"{"at":1,"at":2,"message":"S","job_id":8}"#,
    r#"{"id":5,"status":[],"credential_requests":{"job_id":100,"S":C}}"#,
    r#"{"jobs":{"id":"a-2","job_id":-1}}"#,
    r#"{"jobs":[{"id":6,"job_status":"AUTH"}],"job_id":9}"#,
    r#"{"type":"e","job_id":"b","envelope_id":"1"}"#,
    r#"{"type":"e f","job_id":"c","envelope_id":"2","status":true}"#,
    r#"{"type":"tfa_response","envelope_id":"1","message":"1"}"#,
    r#"{"type":"tfa_response","envelope_id":"","message":""}"#,
    r#"{"id":2,"status":"AUTH","termination_message":"","x":0}"#,
    r#"{"id":2,"status":"AUTH","termination_message":"x","x":-0}"#,
    r#"{"at":-0,"message":["#,
    r#"{"at":"20210928T00Z[UTC]","message":["#,
    r#"{"S":"#,
    r#"{"":"#,
    r#""payload":"#,
    "{",
    "}",
    "[",
    "]",
    ",",
    " ",
    "\n",
    "\r\n",
    "\n\n",
    r#""S""#,
    "C ",
    "\u{feff}",
];

/// The secrets in their places.
fn planted(word: &str) -> String {
    // Letters of other words stay what they are.
    let is_place = |before: Option<char>, after: Option<char>| {
        let is_letter =
            |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphabetic() || char == '_');
        !is_letter(before) && !is_letter(after)
    };
    let chars: Vec<char> = word.chars().collect();
    let mut text = String::new();
    for (at, &char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before)).copied();
        match char {
            'S' if is_place(before, chars.get(at + 1).copied()) => text.push_str(SECRET),
            'C' if is_place(before, chars.get(at + 1).copied()) => text.push_str(CODE),
            char => text.push(char),
        }
    }
    text
}

fn logs() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<Vec<u8>> = WORDS
        .iter()
        .map(|word| planted(word).into_bytes())
        .chain([b"\xff\xfe".to_vec(), b"\xff".to_vec()])
        .collect();
    let whole: Vec<Vec<u8>> = words.iter().map(|word| [word, &b"\n"[..]].concat()).collect();
    // A record that was cut off anywhere.
    let cut = (select(words.clone()), any::<proptest::sample::Index>())
        .prop_map(|(word, end)| word[..end.index(word.len() + 1)].to_vec());
    let piece = prop_oneof![6 => select(whole), 3 => select(words), 1 => cut];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Caps of all sizes: those of a record's bytes from where there is room for the shortest fault.
fn caps() -> impl Strategy<Value = (usize, usize)> {
    let bytes = prop_oneof![4 => Just(records::MAX_BYTES), 3 => 1..200_usize, 1 => 200..2000_usize];
    let depth = prop_oneof![4 => Just(records::MAX_DEPTH), 2 => 0..6_usize, 1 => Just(100_000)];
    (bytes, depth)
}

fn pointers() -> impl Strategy<Value = (Option<Pointer>, Option<Pointer>)> {
    let pointer = |texts: &[&str]| {
        let pointers: Vec<Pointer> = texts.iter().map(|text| text.parse().expect("it is one")).collect();
        proptest::option::weighted(0.3, select(pointers))
    };
    (
        pointer(&["/payload", "/message", "/message/0", "", "/"]),
        pointer(&["/at", "/S/0", "/message/0/at", "", "/job_id", "/message", "/type"]),
    )
}

proptest! {
    #[test]
    fn a_copy_has_the_findings_and_no_secret(
        log in logs(),
        (message, time) in pointers(),
        (max_record_bytes, max_depth) in caps(),
    ) {
        let reading = Reading { message, time, max_record_bytes, max_depth };
        let copy = assert_same(&reading, &log);
        prop_assert!(!copy.contains(SECRET), "{copy}");
        // Where pointers lead astray, a number may be where a job has its id, or be the time itself.
        let is_pointed = reading.message.is_some() || reading.time.is_some();
        prop_assert!(is_pointed || !copy.contains(CODE), "{copy}");
        // What is sound is so in the copy, line for line.
        prop_assert!(copy.lines().count() <= log.split(|byte| *byte == b'\n').count(), "{copy}");
    }

    #[test]
    fn the_key_makes_the_pseudonyms(log in logs()) {
        let reading = Reading::default();
        let copy = redact(&reading, "key", &log);
        prop_assert_eq!(&redact(&reading, "key", &log), &copy);
        if copy.contains("redacted-") {
            prop_assert_ne!(redact(&reading, "another", &log), copy);
        }
    }
}

proptest! {
    /// Brackets that stand in each other over many lines, each line of which a check begins anew in.
    #[test]
    fn runs_of_records_beyond_the_caps_stay_so(
        lines in vec(select(vec!["[", "[[[", "{\"\":", "{\"\":[", "", " ", "{}", "]}", ",", "\"x", "[1,", "[[[]]]", "2"]), 0..100),
        max_record_bytes in prop_oneof![Just(1 << 20), 1..600_usize],
        max_depth in 0..30_usize,
    ) {
        // Most lines are the same, so that there are long runs.
        let lines = lines.iter().map(|line| [line, "[", "["]);
        let log = lines.flatten().collect::<Vec<_>>().join("\n");
        assert_same(&Reading { max_record_bytes, max_depth, ..Reading::default() }, log.as_bytes());
    }

    #[test]
    fn no_value_is_longer_than_what_it_stands_for(word in select(&WORDS[..]), (message, time) in pointers()) {
        let pseudonyms = Pseudonyms::new(b"key");
        let rewriter = Rewriter::new(&pseudonyms, message.as_ref(), time.as_ref());
        for text in [word.to_owned(), planted(word), word.replace('S', "").replace('C', "3")] {
            if let Ok(sound) = serde_json::from_str::<&serde_json::value::RawValue>(&text) {
                let copy = rewriter.rewrite(sound.get());
                prop_assert!(copy.len() <= sound.get().len(), "{copy} for {sound}");
            }
        }
    }
}

#[test]
fn a_run_of_records_beyond_the_caps_is_of_no_other_size() {
    for (line, lines) in [("[", 500), ("{\"\":", 300), ("{\"\":", 50), ("[\n", 300), ("[[[[", 100)] {
        let log = format!("{line}\n").repeat(lines);
        let deep = "[".repeat(101) + &"]".repeat(101);
        for end in ["", &deep, "]", "x", "\n\n{}"] {
            let log = format!("{log}{end}");
            let copy = assert_same(&Reading::default(), log.as_bytes());
            assert!(copy.len() < 10 * log.len(), "{} for {} bytes", copy.len(), log.len());
        }
    }
}

/// Two logs that are copied into one.
fn both(first: &str, second: &str) -> String {
    let reading = Reading::default();
    let pseudonyms = Pseudonyms::new(b"key");
    let mut redactor = Redactor::new(&reading, &pseudonyms);
    let mut copy = Vec::new();
    for log in [first, second] {
        assert!(redactor.copy(log.as_bytes(), &mut copy).is_ok());
    }
    String::from_utf8(copy).expect("a copy is text")
}

#[test]
fn nothing_is_lost_after_a_broken_record() {
    let long_array = format!("{{bad\n[1,{},2]\n\"x\"\n", "[".repeat(101) + &"]".repeat(101));
    let copy = assert_same(&Reading::default(), long_array.as_bytes());
    assert_eq!(check(&Reading::default(), copy.as_bytes()).len(), 5);
    let blanks = format!("{{bad\n[{}\n1,{{}}]", " ".repeat(200));
    assert_same(&Reading { max_record_bytes: 100, ..Reading::default() }, blanks.as_bytes());

    let auth = r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH"}}"#;
    for second in ["\"x\" 5", "7", auth, "\n\n[]"] {
        for first in ["{\"type\":\"cut", "{bad\n{}\n[1", "x"] {
            let found: Vec<Rule> = check(&Reading::default(), both(first, second).as_bytes())
                .into_iter()
                .map(|(rule, ..)| rule)
                .collect();
            let expected = [first, second].map(|log| check(&Reading::default(), log.as_bytes()));
            let expected: Vec<Rule> = expected.into_iter().flatten().map(|(rule, ..)| rule).collect();
            assert_eq!(found, expected, "{first} and {second}");
        }
    }
}

#[test]
fn the_job_of_a_broken_message_stays() {
    let deepest = |record: &str| format!("{}{record}{}", "[".repeat(17), "]".repeat(17));
    let requests = r#"{"id":1,"status":"AUTH","credential_requests":[{"job_id":100}]}"#;
    for (record, job) in [
        (r#"{"job_id":2}"#.to_owned(), 2),
        (r#"{"job_id":"2"}"#.to_owned(), 2),
        (r#"{"type":null,"id":2}"#.to_owned(), 2),
        (r#"{"id":1,"status":"AUTH","credential_requests":{"job_id":100}}"#.to_owned(), 100),
        (requests.to_owned(), 100),
        (r#"{"jobs":{"job_id":5}}"#.to_owned(), 5),
        (r#"{"jobs":[{"id":6,"job_status":"AUTH"}]}"#.to_owned(), 6),
        (r#"{"at":1,"at":2,"message":3,"job_id":4}"#.to_owned(), 4),
        (r#"{"id":1,"status":"AUTH","status":"AUTH","job_id":3}"#.to_owned(), 3),
        (deepest(r#"{"job_id":8}"#), 8),
        // These stand in the job and in its array, too.
        (format!("{}{requests}{}", "[".repeat(15), "]".repeat(15)), 100),
    ] {
        let job = Some(JobId::Number(job));
        for log in [&record, &assert_same(&Reading::default(), record.as_bytes())] {
            let found = check(&Reading::default(), log.as_bytes());
            assert!(found.iter().any(|(.., found)| *found == job), "{found:?} in {log}");
        }
    }
}

#[test]
fn a_copy_stays_within_the_caps() {
    let fields = r#","a":true,"more":"b","":"c""#.repeat(100);
    let message = format!(r#"{{"type":"tfa_request","job_id":"a","envelope_id":"e"{fields}}}"#);
    for record in
        [message.as_str(), r#"{"type":"e","job_id":"j"}"#, r#"{"at":"20210928T00Z","message":[]}"#, "-0"]
    {
        for slack in 0..3 {
            let reading = Reading { max_record_bytes: record.len() + slack, ..Reading::default() };
            let copy = assert_same(&reading, record.as_bytes());
            assert!(serde_json::from_str::<serde_json::Value>(&copy).is_ok(), "{copy}");
            assert!(copy.trim_end().len() <= record.len(), "{copy}");
        }
    }
}

#[test]
fn a_broken_record_is_given_no_other_fault() {
    let copy = redact(&Reading::default(), "key", b"{\"type\":\"cut\n{'\n{x:1}\n[1,]");
    let mut records = Reading::default().records(copy.as_bytes());
    let mut lines = Vec::new();
    while let Ok(Some(record)) = records.next_record() {
        match record.text {
            Ok(text) => assert_eq!(text, "[]"),
            Err(error) => {
                lines.push(record.location.line);
                assert!(error.to_string().starts_with("not JSON: expected value, at line "), "{error}");
            }
        }
    }
    assert_eq!(lines, [1, 2, 3, 4]);
}

#[test]
fn records_beyond_the_caps_stay_beyond_them() {
    let deep =
        |depth: usize| format!("{{\"type\":\"x\",\"more\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let large = format!("{{\"type\":\"{}\"}}", "x".repeat(2000));
    let after = r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH"}}"#;
    let long_array = format!("[{after},\n{large},\n{after},{{\n{after}]");
    for (max_record_bytes, max_depth) in [(1000, 100), (1000, 5), (1000, 2000), (1 << 20, 100)] {
        let reading = Reading { max_record_bytes, max_depth, ..Reading::default() };
        let log = format!("{large} {after}\n{}\n{after}\n{long_array}\n{after}", deep(200));
        assert_same(&reading, log.as_bytes());
    }
    assert_same(&Reading { max_depth: 200_000, ..Reading::default() }, deep(100_000).as_bytes());
    assert_same(&Reading::default(), "[".repeat(100_000).as_bytes());
}

#[test]
fn words_that_a_check_does_not_remember_stay_so() {
    let message = |length| {
        format!(r#"{{"type":"job_status","job_id":1,"message":{{"status":"{}"}}}}"#, "S ".repeat(length))
    };
    for length in [20, 127, 128, 129, 200, 40_000] {
        let line = message(length);
        assert_same(&Reading::default(), format!("{line}\n{line}\n").as_bytes());
    }
}

#[test]
fn what_is_kept_and_what_is_not() {
    let log = r#"{ "type": "job_status", "job_id": 101, "message":
  {"status":"PENDING_TFA","percent_complete":1.5,"status_message":"Anna's phone", "note":{"a":
  [1]},"more":"Anna's phone"}, "seen": 4711}
{"type":"tfa_response","job_id":"x-1","envelope_id":"e","message":"123456"} {"type"
[{"at":"2021-09-28T02:00:00+02:00","message":{"type":"tfa_request","job_id":"x-1","envelope_id":"e","message":null}}]
"#;
    insta::assert_snapshot!(redact(&Reading::default(), "key", log.as_bytes()));
}
