//! The fast path reads the same as the general decoder, which is the definition.

use cardsavr_protocol::wire::{Block, Message, MessageKind, Position, read_compact};
use cardsavr_protocol::{Status, TerminationType};
use itertools::Itertools;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Reads the start of a text on the fast path, compares it with the general decoder, and returns its length in bytes.
fn read(text: &str) -> Option<usize> {
    let (mut fast, mut general) = (Block::default(), Block::default());
    let length = read_compact(text.as_bytes(), &mut fast)?;
    let message = Message::from_json(&text[..length]).unwrap_or_else(|error| panic!("{error}: {text}"));
    general.push_message(&message, Position::default(), None);
    assert_eq!((fast.len(), fast.get(0)), (1, general.get(0)), "{text}");
    Some(length)
}

fn assert_whole(json: &str) {
    assert_eq!(read(&format!("{json}\n{{")), Some(json.len()), "{json}");
    let spaced = json.replace(':', ": ").replace(',', ", ");
    assert_eq!(read(&spaced), Some(spaced.len()), "{spaced}");
}

#[test]
fn the_fast_path_reads_every_status_with_fields_in_any_order() {
    for &status in Status::ALL {
        let fields = [
            format!("\"status\":\"{status}\""),
            "\"percent_complete\":93.5".to_owned(),
            "\"job_timeout\":835815".to_owned(),
        ];
        for fields in fields.iter().permutations(fields.len()) {
            let body = format!("\"message\":{{{}}}", fields.iter().join(","));
            for outer in ["\"type\":\"job_status\"", "\"job_id\":1586", &body].iter().permutations(3) {
                assert_whole(&format!("{{{}}}", outer.iter().join(",")));
            }
        }
    }
}

#[test]
fn the_fast_path_reads_requests_and_responses_with_fields_in_any_order() {
    let (id, text_id, envelope) =
        ("\"job_id\":1586", "\"job_id\":\"01586\"", "\"envelope_id\":\"2kRDNRFb/+w==\"");
    let text = |word: &str| format!("\"message\":\"{word}\"");
    let (code, submitted) = (text("123456"), text("submitted"));
    for (kind, fields) in [
        ("tfa_request", vec![id, envelope]),
        ("tfa_request", vec![text_id, envelope, &code]),
        ("credential_request", vec![text_id, envelope]),
        ("credential_request", vec![id, envelope, &submitted, "\"more\":1.5"]),
        ("tfa_response", vec![envelope, &code]),
        ("tfa_response", vec![id, envelope, &submitted]),
        ("credential_response", vec![envelope, &submitted]),
        ("credential_response", vec![text_id, envelope, &submitted]),
        ("job_status", vec![text_id, envelope, "\"message\":{\"status\":\"AUTH\"}"]),
    ] {
        let kind = format!("\"type\":\"{kind}\"");
        let fields = [vec![kind.as_str()], fields].concat();
        for fields in fields.iter().permutations(fields.len()) {
            assert_whole(&format!("{{{}}}", fields.iter().join(",")));
        }
    }
}

#[test]
fn the_fast_path_reads_every_end_and_texts_and_plain_unknown_fields() {
    for &ends in TerminationType::ALL {
        let json = format!(
            r#"{{"type":"job_status","job_id":1,"seq":"7","message":{{"status":"KILLED","termination_type":"{ends}","status_message":"a b!","job_status_message":"","termination_status_message":"c","termination_message":"d","at":12.5,"more":null,"odd":true}}}}"#
        );
        assert_eq!(read(&json), Some(json.len()), "{json}");
    }
}

#[test]
fn what_is_out_of_the_ordinary_is_left_to_the_long_way() {
    let message =
        |id: &str, body: &str| format!(r#"{{"type":"job_status","job_id":{id},"message":{{{body}}}}}"#);
    let body = |more: &str| message("1", &format!("\"status\":\"AUTH\"{more}"));
    let odd = [
        message("\"\\u0031\"", "\"status\":\"AUTH\""),
        message("\"é\"", "\"status\":\"AUTH\""),
        message("null", "\"status\":\"AUTH\""),
        message("01", "\"status\":\"AUTH\""),
        message("1.0", "\"status\":\"AUTH\""),
        message("18446744073709551616", "\"status\":\"AUTH\""),
        message("1", "\"status\":\"NEWER\""),
        message("1", "\"status\":\"CREDS_RECEVIED\""),
        message("1", "\"status\":\"AUT\\u0048\""),
        message("1", ""),
        body(",\"status\":\"AUTH\""),
        body(",\"percent_complete\":null"),
        body(",\"percent_complete\":-1"),
        body(",\"percent_complete\":1e2"),
        body(",\"percent_complete\":.5"),
        body(",\"percent_complete\":5."),
        body(",\"percent_complete\":05"),
        body(",\"percent_complete\":1.0000000000000001"),
        body(",\"job_timeout\":1.5"),
        body(",\"job_timeout\":-1"),
        body(",\"job_timeout\":9223372036854775808"),
        body(",\"termination_type\":\"NEWER\""),
        body(",\"status_message\":\"a\",\"status_message\":\"a\""),
        body(",\"status_message\":\"é\""),
        body(",\"status_message\":5"),
        body(",\"more\":[]"),
        body(","),
        body("").replace("}}", "}"),
        body("").replace("\"type\":\"job_status\",", ""),
        body("").replace("job_status", "tfa_request"),
        body("").replace("\"job_id\":1,", ""),
        body("").replace("\"job_id\":1", "\"job_id\":1,\"job_id\":1"),
        body("").replace("\"type\"", "\"type\":\"job_status\",\"type\""),
        body("").replace(':', " :"),
        body("").replace(',', "\t,"),
        r#"{"type":"job_status","job_id":1,"message":"AUTH"}"#.into(),
        r#"{"type":"tfa_request","job_id":1}"#.into(),
        r#"{"type":"tfa_request","envelope_id":"e"}"#.into(),
        r#"{"type":"tfa_request","job_id":1,"envelope_id":5}"#.into(),
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"\u0065"}"#.into(),
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"e","envelope_id":"e"}"#.into(),
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"e","message":{"status_message":"a"}}"#.into(),
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"e","message":5}"#.into(),
        r#"{"type":"tfa_response","job_id":1,"envelope_id":"e"}"#.into(),
        r#"{"type":"tfa_response","job_id":1,"message":"1"}"#.into(),
        r#"{"type":"tfa_response","job_id":null,"envelope_id":"e","message":"1"}"#.into(),
        r#"{"type":"tfa_response","job_id":1,"envelope_id":"e","message":{"status":"AUTH"}}"#.into(),
        r#"{"type":"credential_response","job_id":1,"envelope_id":"e","message":"Submitted"}"#.into(),
        r#"{"type":"newer","job_id":1,"envelope_id":"e","message":"1"}"#.into(),
    ];
    for json in odd {
        assert_eq!(read(&json), None, "{json}");
    }
    let json = body("");
    for end in 0..json.len() {
        assert_eq!(read(&json[..end]), None, "cut off after {end} bytes");
    }
}

/// Texts of the tokens of a message, most of them nearly one.
fn tokens() -> impl Strategy<Value = String> {
    let field = select(vec![
        "\"status\":\"AUTH\"",
        "\"status\":\"TOO_MANY_LOGIN_FAILURES\"",
        "\"status\":\"AUTX\"",
        "\"termination_type\":\"BILLABLE\"",
        "\"termination_type\":null",
        "\"percent_complete\":80",
        "\"percent_complete\":99.99999999999",
        "\"percent_complete\":0.1",
        "\"percent_complete\":00",
        "\"job_timeout\":0",
        "\"job_timeout\":999999999999999999",
        "\"job_timeout\":1e3",
        "\"status_message\":\"a\"",
        "\"x\":1.50",
        "\"x\":\"\\n\"",
        "\"\":false",
        "\"message\":1",
    ]);
    let colon = select(vec![",", ",", ",", ", ", " ,", ",,", ""]);
    let body = vec((field, colon), 0..5).prop_map(|fields| {
        let text: String = fields.iter().flat_map(|(field, comma)| [*field, *comma]).collect();
        format!("\"message\":{{{}}}", text.trim_end_matches([',', ' ']))
    });
    let outer = prop_oneof![
        3 => body,
        2 => Just("\"type\":\"job_status\"".to_owned()),
        2 => select(MessageKind::ALL).prop_map(|kind| format!("\"type\":\"{kind}\"")),
        2 => Just("\"job_id\":101".to_owned()),
        1 => Just("\"job_id\":\"101\"".to_owned()),
        2 => Just("\"envelope_id\":\"e\"".to_owned()),
        1 => Just("\"message\":\"submitted\"".to_owned()),
        1 => Just("\"x\":null".to_owned()),
    ];
    vec(outer, 2..5).prop_map(|fields| format!("{{{}}}", fields.join(",")))
}

proptest! {
    #[test]
    fn the_fast_path_agrees_with_the_general_decoder(json in tokens(), more in "[ \\n{}\\]]{0,3}") {
        read(&format!("{json}{more}"));
    }

    #[test]
    fn numbers_are_the_same(whole in 0..1_000_000_u64, fraction in "[0-9]{0,9}", timeout in 0..2_000_000_000_000_i64) {
        let point = if fraction.is_empty() { "" } else { "." };
        let json = format!(
            r#"{{"type":"job_status","job_id":{whole},"message":{{"status":"AUTH","percent_complete":{whole}{point}{fraction},"job_timeout":{timeout}}}}}"#
        );
        prop_assert_eq!(read(&json), Some(json.len()));
    }
}
