//! The fast path decodes a line that matches a learned layout as the general decoder does, which is the definition.

use cardsavr_protocol::wire::scan::{Layouts, Pointers, SLACK, Scanned};
use cardsavr_protocol::wire::{Block, JobEntity, MessageKind, Position, log_items};
use cardsavr_protocol::{Status, TerminationType};
use itertools::Itertools;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pushes the event that the general decoder reads in a record; returns its offset and time. `None` unless it is one
/// event.
fn general(record: &str, block: &mut Block) -> Option<(usize, Option<String>)> {
    let mut items = Vec::new();
    log_items(record, |item| items.push(item));
    let [item] = items.as_slice() else { return None };
    block.push_content(item.content.as_ref().ok()?, item.hydrated_in.as_ref(), Position::default(), None);
    Some((item.offset, item.at.filter(|at| *at != "null").map(str::to_owned)))
}

fn is_general(record: &str, fast: &Block, scanned: &Scanned) -> bool {
    let mut block = Block::default();
    let found = (scanned.message, scanned.time.clone().map(|time| record[time].to_owned()));
    general(record, &mut block) == Some(found)
        && block.len() == 1
        && fast.len() == 1
        && block.get(0) == fast.get(0)
}

fn record_of(line: &str) -> &str {
    line.trim_end_matches([' ', '\t', '\r', '\n'])
}

/// The layouts of some lines.
fn learned(lines: &[impl AsRef<str>]) -> Layouts {
    learned_after(u64::MAX, lines)
}

/// The layouts of some lines, if this number of lines was scanned before each of them.
fn learned_after(hits: u64, lines: &[impl AsRef<str>]) -> Layouts {
    let mut layouts = Layouts::default();
    for line in lines.iter().map(AsRef::as_ref) {
        let record = record_of(line);
        layouts.learn(line.as_bytes(), record.len(), Pointers::default(), hits, |block, scanned| {
            is_general(record, block, scanned)
        });
    }
    layouts
}

/// Whether a line matches a layout. If so, compares it with the general decoder.
fn matches(layouts: &Layouts, line: &str) -> bool {
    let mut block = Block::default();
    // The bytes after the line may look like a continuation of it.
    let padded = [line.as_bytes(), line.as_bytes(), &vec![b'0'; SLACK]].concat();
    let Some(scanned) = layouts.scan(&padded, &mut block) else { return false };
    if scanned.line > line.len() {
        // The match extends beyond the end of the input; the caller checks this.
        return false;
    }
    let line = &line[..scanned.line];
    assert_eq!((scanned.record, line.ends_with('\n')), (record_of(line).len(), true), "{line:?}");
    assert!(is_general(record_of(line), &block, &scanned), "{line:?}");
    true
}

fn status_line(id: &str, fields: &str) -> String {
    format!("{{\"type\":\"job_status\",\"job_id\":{id},\"message\":{{{fields}}}}}\n")
}

#[test]
fn every_status_and_end_matches_one_layout() {
    let layouts = learned(&[status_line("1", r#""status":"AUTH","termination_type":"BILLABLE""#)]);
    for (status, ends) in Status::ALL.iter().cartesian_product(TerminationType::ALL) {
        let line = status_line("1586", &format!("\"status\":\"{status}\",\"termination_type\":\"{ends}\""));
        assert!(matches(&layouts, &line), "{line}");
    }
}

/// A layout that is learned from one value of a field does not read another value that the general decoder refuses.
#[test]
fn every_field_is_read_as_the_general_decoder_reads_it() {
    const VALUES: [&str; 12] =
        ["1", "1.5", "100", "\"x\"", "\"\"", "\"submitted\"", "true", "false", "null", "[]", "{}", "[{}]"];
    let messages = MessageKind::ALL.iter().flat_map(|kind| {
        let message = if *kind == MessageKind::JobStatus { r#"{"status":"AUTH"}"# } else { "\"submitted\"" };
        let start =
            [("type", format!("\"{kind}\"")), ("job_id", "7".into()), ("envelope_id", "\"e\"".into())];
        let start = [start.as_slice(), &[("message", message.to_owned())]].concat();
        kind.fields().iter().map(move |field| (start.clone(), field.name))
    });
    let job = [("id", "7".to_owned()), ("status", "\"AUTH\"".to_owned())].to_vec();
    let jobs = JobEntity::FIELDS.iter().map(|field| (job.clone(), field.name));
    let mut matched = 0;
    for (start, name) in messages.chain(jobs) {
        let lines = VALUES.map(|value| {
            let others = start.iter().filter(|(other, _)| *other != name);
            let fields = others.map(|(name, value)| (*name, value.as_str())).chain([(name, value)]);
            format!("{{{}}}\n", fields.map(|(name, value)| format!("\"{name}\":{value}")).join(","))
        });
        for layouts in lines.iter().map(|line| learned(&[line])) {
            matched += lines.iter().filter(|line| matches(&layouts, line)).count();
        }
    }
    assert!(matched > 200, "{matched}");
}

#[test]
fn any_order_of_the_fields_any_spaces_and_any_unknown_fields_are_learned() {
    let fields = [
        "\"status\":\"AUTH\"",
        "\"percent_complete\":93.5",
        "\"job_timeout\":835815",
        "\"more\":{\"a\":[1,null]}",
    ];
    for fields in fields.iter().permutations(fields.len()) {
        let body = format!("\"message\":{{{}}}", fields.iter().join(","));
        for outer in ["\"type\":\"job_status\"", "\"job_id\":1586", &body].iter().permutations(3) {
            let line = format!("{{{}}}\n", outer.iter().join(","));
            for line in [line.replace(':', ": ").replace(',', " ,\t"), line.replace('\n', " \r\n"), line] {
                let other = line.replace("AUTH", "UPDATING").replace("93.5", "100").replace("1586", "7");
                assert!(matches(&learned(&[&line]), &other), "{line}");
            }
        }
    }
}

#[test]
fn every_kind_of_message_a_job_and_records_with_a_time_are_learned() {
    let lines = [
        r#"{"type":"tfa_request","job_id":1586,"envelope_id":"2kRDNRFb/+w=="}"#,
        r#"{"type":"tfa_request","job_id":"01586","envelope_id":"e","message":"1234"}"#,
        r#"{"type":"credential_request","envelope_id":"e","job_id":"a-b","message":"submitted","more":1.5}"#,
        r#"{"type":"tfa_response","envelope_id":"e","message":"1234"}"#,
        r#"{"type":"credential_response","job_id":7,"envelope_id":"e","message":"submitted"}"#,
        r#"{"id":7,"status":"AUTH","termination_type":null,"percent_complete":5,"credential_requests":[]}"#,
        r#"{"id":"7","status":"AUTH","termination_message":"done","credential_requests":null,"x":[{"y":"z"}]}"#,
        r#"{"at":"2026-03-02T09:00:00.000Z","message":{"type":"tfa_response","envelope_id":"e","message":"1"}}"#,
        r#"{"message":{"id":7,"status":"AUTH"},"at":1632787560264,"level":"info"}"#,
        r#"{"at":null,"message":{"type":"job_status","job_id":1,"message":{"status":"AUTH"}}}"#,
    ];
    for line in lines.map(|line| format!("{line}\n")) {
        let layouts = learned(&[&line]);
        assert!(matches(&layouts, &line), "{line}");
        assert!(
            matches(&layouts, &line.replace('7', "88").replace("\"e\"", "\"another\"").replace("done", "")),
            "{line}"
        );
    }
}

/// Fields that select the meaning of a record are part of its layout; values that a slot can't hold go to the general
/// decoder.
#[test]
fn near_misses_do_not_match() {
    let line =
        status_line("1", r#""status":"AUTH","percent_complete":5,"job_timeout":3,"status_message":"a""#);
    let layouts = learned(&[&line, &line.replace("job_status", "tfa_response")]);
    for (from, to) in [
        ("job_status", "job_statuz"),
        ("\"AUTH\"", "\"NEWER\""),
        ("\"AUTH\"", "\"CREDS_RECEVIED\""),
        ("\"AUTH\"", "null"),
        ("\"AUTH\"", "\"AUT\\u0048\""),
        (":5", ":-5"),
        (":5", ":05"),
        (":5", ":5."),
        (":5", ":.5"),
        (":5", ":5e1"),
        (":5", ":5.0000000000000001"),
        (":3", ":3.5"),
        (":3", ":9223372036854775808"),
        (":1,", ":18446744073709551616,"),
        (":1,", ":\"1\","),
        ("\"a\"", "\"\\ud800\""),
        ("\"a\"", "\"\u{1}\""),
        ("}}\n", "}} {}\n"),
        ("}}\n", "}}"),
        ("{\"type\"", " {\"type\""),
        ("\"job_id\":1", "\"job_id\":1,\"job_id\":1"),
    ] {
        let other = line.replacen(from, to, 1);
        assert_ne!(other, line);
        assert!(!matches(&layouts, &other), "{other}");
    }
    for text in ["é", "\\n\\u00e9", ""] {
        assert!(matches(&layouts, &line.replace("\"a\"", &format!("\"{text}\""))), "{text}");
    }
}

#[test]
fn a_record_of_another_form_is_not_learned() {
    let sound = status_line("1", "\"status\":\"AUTH\"");
    for odd in [
        sound.replace("\"AUTH\"", "\"AUTH\",\"status\":\"AUTH\""),
        sound.replace("\"AUTH\"", "\"AUTH\",\"x\":1,\"x\":1"),
        sound.replace("\"AUTH\"", "\"AUTH\",\"a\\u0062\":1"),
        sound.replace("\"AUTH\"", "\"NEWER\""),
        sound.replace("job_status", "newer"),
        format!("[{}]\n", sound.trim_end()),
        sound.trim_end().to_owned(),
        r#"{"id":7,"status":"AUTH","credential_requests":[{"type":"tfa_request","job_id":7,"envelope_id":"e"}]}"#.into(),
        r#"{"type":"credential_response","envelope_id":"e","message":"hunter2"}"#.into(),
        format!("{}{}\n", "[".repeat(200), "]".repeat(200)),
        format!("{}1{}\n", "{\"type\":".repeat(200), "}".repeat(200)),
    ] {
        assert!(!matches(&learned(&[&odd]), &odd), "{odd}");
    }
}

/// Records of many layouts use bounded memory and time, and are decoded the same.
#[test]
fn a_log_without_a_repeated_layout_is_read_the_same() {
    let line = |number: usize| status_line("1", &format!("\"status\":\"AUTH\",\"field{number}\":\"a\""));
    let lines: Vec<_> = (0..5000).map(line).collect();
    let layouts = learned(&lines);
    let found = lines.iter().filter(|line| matches(&layouts, line)).count();
    assert!((1..2000).contains(&found), "{found}");

    // If no line matches in between, fewer and fewer are learned.
    let layouts = learned_after(0, &lines);
    let found = lines.iter().filter(|line| matches(&layouts, line)).count();
    assert!((1..20).contains(&found), "{found}");
}

/// Texts of the tokens of a message, most of them almost valid.
fn record() -> impl Strategy<Value = String> {
    let field = select(vec![
        "\"status\":\"AUTH\"",
        "\"status\":\"TOO_MANY_LOGIN_FAILURES\"",
        "\"status\":\"AUTX\"",
        "\"termination_type\":\"BILLABLE\"",
        "\"termination_type\":null",
        "\"percent_complete\":80",
        "\"percent_complete\":99.99999999999",
        "\"percent_complete\":00",
        "\"job_timeout\":0",
        "\"job_timeout\":999999999999999",
        "\"job_timeout\":1e3",
        "\"status_message\":\"a\"",
        "\"x\":1.50",
        "\"x\":\"\\n\"",
        "\"\":false",
        "\"message\":1",
        "\"y\":{\"type\":[1,{}]}",
    ]);
    let comma = select(vec![",", ",", ",", ", ", " ,", ",,", ""]);
    let body = vec((field, comma), 0..5).prop_map(|fields| {
        let text: String = fields.iter().flat_map(|(field, comma)| [*field, *comma]).collect();
        format!("\"message\":{{{}}}", text.trim_end_matches([',', ' ']))
    });
    let outer = prop_oneof![
        3 => body,
        2 => Just("\"type\":\"job_status\"".to_owned()),
        2 => select(MessageKind::ALL).prop_map(|kind| format!("\"type\":\"{kind}\"")),
        2 => Just("\"job_id\":101".to_owned()),
        1 => Just("\"job_id\":\"101\"".to_owned()),
        1 => Just("\"id\":101,\"status\":\"AUTH\"".to_owned()),
        2 => Just("\"envelope_id\":\"e\"".to_owned()),
        1 => Just("\"message\":\"submitted\"".to_owned()),
        1 => Just("\"x\":null".to_owned()),
    ];
    let fields = vec(outer, 2..5).prop_map(|fields| format!("{{{}}}", fields.join(",")));
    prop_oneof![
        3 => fields.clone(),
        1 => fields.prop_map(|record| format!("{{\"at\":\"2026-03-02T09:00:00Z\",\"message\":{record}}}")),
    ]
}

proptest! {
    /// With any learned layouts, a line that matches is decoded the same, also after bytes of it were changed.
    #[test]
    fn a_line_that_matches_is_read_the_same(
        records in vec(record(), 1..6),
        changes in vec((any::<Index>(), select(b" \"\\{}[],:.0159-eEnut\n\x7fAz".to_vec())), 0..4),
    ) {
        let lines: Vec<_> = records.iter().map(|record| format!("{record}\n")).collect();
        let layouts = learned(&lines);
        for line in &lines {
            matches(&layouts, line);
            let mut bytes = line.clone().into_bytes();
            for (place, byte) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            if let Ok(changed) = String::from_utf8(bytes) {
                matches(&layouts, &changed);
            }
        }
    }

    #[test]
    fn numbers_are_the_same(whole in 0..1_000_000_u64, fraction in "[0-9]{0,8}", timeout in 0..2_000_000_000_000_i64) {
        let point = if fraction.is_empty() { "" } else { "." };
        let layouts = learned(&[status_line("1", r#""status":"AUTH","percent_complete":5,"job_timeout":3"#)]);
        let fields = format!(r#""status":"AUTH","percent_complete":{whole}{point}{fraction},"job_timeout":{timeout}"#);
        prop_assert!(matches(&layouts, &status_line(&whole.to_string(), &fields)));
    }
}
