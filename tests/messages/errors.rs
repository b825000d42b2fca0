//! Errors name the field, the kind of value and the position.

use std::fmt::Write as _;

use cardsavr_protocol::wire::{Fault, Message, MessageError, Payload, log_items};
use serde_json::{Value, json};

/// A value of each kind, with its name in an error.
fn kinds() -> [(&'static str, Value); 8] {
    [
        ("null", Value::Null),
        ("a boolean", json!(true)),
        ("a number", json!(80)),
        ("a negative number", json!(-80)),
        ("a number with a fraction or beyond 64 bits", json!(1.5)),
        ("a string", json!("80")),
        ("an array", json!(["UPDATING"])),
        ("an object", json!({ "status": "UPDATING" })),
    ]
}

/// A field: its pointer, whether it is required, and the kinds of value that it may have.
type Field = (&'static str, bool, &'static [&'static str]);

/// A message of each kind with all its fields, and a description of each field except `type`.
fn messages() -> Vec<(Value, Vec<Field>)> {
    const ID: &[&str] = &["a number", "a string"];
    const TEXT: &[&str] = &["a string"];
    const TEXT_OR_NONE: &[&str] = &["a string", "null"];
    const PERCENT: &[&str] =
        &["a number", "a negative number", "a number with a fraction or beyond 64 bits", "null"];
    const TIMEOUT: &[&str] = &["a number", "a negative number", "null"];
    const SAYS: &[&str] = &["a string", "an object", "null"];
    const BUT_NULL: &[&str] = &[
        "a boolean",
        "a number",
        "a negative number",
        "a number with a fraction or beyond 64 bits",
        "a string",
        "an array",
        "an object",
    ];

    let job_status = json!({
        "type": "job_status", "job_id": 101, "message": {
            "status": "TIMEOUT_TFA", "termination_type": "USER_DATA_FAILURE", "percent_complete": 100,
            "job_timeout": 150, "status_message": "a", "job_status_message": "b",
            "termination_status_message": "c", "termination_message": "d",
        },
    });
    let job_status_fields = vec![
        ("/job_id", true, ID),
        ("/message", true, &["an object"] as &[_]),
        ("/message/status", true, TEXT),
        ("/message/termination_type", false, TEXT_OR_NONE),
        ("/message/percent_complete", false, PERCENT),
        ("/message/job_timeout", false, TIMEOUT),
        ("/message/status_message", false, TEXT_OR_NONE),
        ("/message/job_status_message", false, TEXT_OR_NONE),
        ("/message/termination_status_message", false, TEXT_OR_NONE),
        ("/message/termination_message", false, TEXT_OR_NONE),
    ];
    let request = |kind| {
        let fields = vec![("/job_id", true, ID), ("/envelope_id", true, TEXT), ("/message", false, SAYS)];
        (json!({ "type": kind, "job_id": "101", "envelope_id": "2kRD==", "message": "again" }), fields)
    };
    let response = |kind, says| {
        let or_none: &[_] = &["a number", "a string", "null"];
        let fields =
            vec![("/job_id", false, or_none), ("/envelope_id", true, TEXT), ("/message", true, says)];
        (json!({ "type": kind, "job_id": 101, "envelope_id": "2kRD==", "message": "submitted" }), fields)
    };
    vec![
        (job_status, job_status_fields),
        request("tfa_request"),
        request("credential_request"),
        response("tfa_response", TEXT),
        response("credential_response", BUT_NULL),
    ]
}

/// The positions of a message: the text before and after it, and the pointer to it.
const AROUND: [(&str, &str, &str); 6] = [
    ("", "", ""),
    (r#"[{"type":"later"},"#, "]", "/1"),
    (r#"{"id":7,"status":"AUTH","credential_requests":["#, "]}", "/credential_requests/0"),
    (r#"{"at":1632787560264,"message":"#, "}", "/message"),
    (r#"{"message":[{"type":"later"},"#, r#"],"at":"2021-09-16T00:06:00Z"}"#, "/message/1"),
    (
        r#"[{"at":0,"message":{"id":7,"status":"AUTH","credential_requests":["#,
        "]}}]",
        "/0/message/credential_requests/0",
    ),
];

/// The only error in the items of a text.
fn only_error(json: &str) -> MessageError {
    let mut errors = Vec::new();
    log_items(json, |part| errors.extend(part.content.err()));
    match <[_; 1]>::try_from(errors) {
        Ok([error]) => error,
        Err(errors) => panic!("{} errors in {json}", errors.len()),
    }
}

/// Fails unless line and column are between `start` and `end`; a column may be that of a line's end.
fn assert_inside(error: &MessageError, json: &str, start: usize, end: usize) {
    let lines: Vec<_> = json.split('\n').collect();
    let line =
        lines.get(error.line.wrapping_sub(1)).unwrap_or_else(|| panic!("no such line: {error}: {json}"));
    assert!(error.column <= line.len(), "no such column: {error}: {json}");
    let at = lines[..error.line - 1].iter().map(|line| line.len() + 1).sum::<usize>() + error.column;
    assert!((start..=end).contains(&at), "{at} is not in {start}..={end}: {error}: {json}");
}

/// Checks one faulty message alone and at every other position, on one line and on many.
fn assert_fault(message: &Value, pointer: &str, is_expected: impl Fn(&Fault) -> bool) {
    for text in [message.to_string(), serde_json::to_string_pretty(message).unwrap()] {
        let error = Message::from_json(&text).expect_err(&text);
        assert_eq!(error.pointer, pointer, "{text}");
        assert!(is_expected(&error.fault), "{error}: {text}");

        for (before, after, place) in AROUND {
            for (before, after) in
                [(before.into(), after), (format!("\n{}", before.replace(',', ",\n ")), after)]
            {
                let json = format!("{before}{text}{after}");
                let inner = only_error(&json);
                assert_eq!(inner.pointer, format!("{place}{pointer}"), "{json}");
                assert_eq!(inner.fault, error.fault, "{json}");
                assert_inside(&inner, &json, before.len(), before.len() + text.len());
                if !json.contains("\"at\"") {
                    assert_eq!(Payload::from_json(&json), Err(inner), "{json}");
                }
            }
        }
    }
}

fn take(message: &mut Value, pointer: &str) {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    message.pointer_mut(parent).and_then(Value::as_object_mut).unwrap().remove(field).unwrap();
}

#[test]
fn a_required_field_that_is_absent_is_missing() {
    for (message, fields) in messages() {
        Message::from_json(&message.to_string()).unwrap();
        for (pointer, required, _) in fields {
            let mut without = message.clone();
            take(&mut without, pointer);
            if required {
                assert_fault(&without, pointer, |fault| *fault == Fault::Missing);
            } else {
                Message::from_json(&without.to_string()).unwrap();
            }
        }
    }
}

#[test]
fn a_field_of_the_wrong_kind_is_named_with_what_it_is() {
    for (message, fields) in messages() {
        for (pointer, _, allowed) in fields {
            for (kind, value) in kinds() {
                let mut changed = message.clone();
                *changed.pointer_mut(pointer).unwrap() = value;
                if allowed.contains(&kind) {
                    Message::from_json(&changed.to_string()).unwrap();
                } else {
                    // If a number may be a secret, the error names only its type.
                    let is_kind = |found| found == kind || found == "a number" && kind.contains("number");
                    assert_fault(
                        &changed,
                        pointer,
                        |fault| matches!(fault, Fault::WrongKind { found, .. } if is_kind(*found)),
                    );
                }
            }
        }
    }
}

#[test]
fn a_duplicate_field_is_rejected() {
    for (message, fields) in messages() {
        for (pointer, ..) in fields.into_iter().chain([("/type", true, [].as_slice())]) {
            let (_, name) = pointer.rsplit_once('/').unwrap();
            let value = message.pointer(pointer).unwrap();
            let once = format!("\"{name}\":{value}");
            let text = message.to_string();
            let at = text.rfind(&once).unwrap();
            let json = format!("{}{once},{}", &text[..at], &text[at..]);
            let error = Message::from_json(&json).expect_err(&json);
            assert_eq!((error.pointer.as_str(), &error.fault), (pointer, &Fault::Repeated), "{json}");
        }
    }
}

#[test]
fn unknown_fields_may_be_anything_even_twice() {
    let odd = r#""jobs":1e400,"id":null,"id":[],"credential_requests":"\ud800","at":{"a":[[]]},"":0,"~/":1"#;
    for (message, _) in messages() {
        let text = message.to_string();
        let json = format!("{{{odd},{}", &text[1..]);
        let read = Message::from_json(&json).unwrap();
        assert_eq!(read, Message::from_json(&text).unwrap());
        let mut count = 0;
        log_items(&json, |part| {
            part.content.unwrap();
            count += 1;
        });
        assert_eq!(count, 1);
    }
}

/// The error of a text, or its decoded value.
fn rendered(json: &str) -> String {
    let mut rendered = format!("{json}\n");
    let mut errors = 0;
    log_items(json, |part| {
        if let Err(error) = part.content {
            errors += 1;
            writeln!(rendered, "  {error}").unwrap();
        }
    });
    assert!(errors > 0, "no error in {json}");
    rendered
}

#[test]
fn errors_read_well() {
    let deep = format!("{}{}", "[".repeat(18), "]".repeat(18));
    let rendered: String = [
        // Not JSON.
        "",
        "{",
        "nonsense",
        r#"{"type":"tfa_response","envelope_id":"x","message":"12"#,
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"x",}"#,
        r#"{"type":"tfa_request","job_id":true,"envelope_id":"x"]"#,
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"x"} {}"#,
        r#"[{"type":"tfa_request"},"#,
        // JSON, but not a message.
        "5",
        "[null]",
        r#"["job_status"]"#,
        r#"{"job_id":1}"#,
        r#"{"type":5}"#,
        &deep,
        // Values of the wrong kind.
        r#"{"type":"job_status","job_id":-1,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":1.0,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":18446744073709551616,"message":{"status":"AUTH"}}"#,
        r#"{"type":"job_status","job_id":1,"message":["AUTH",null,null,null,null,null,null,null]}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":null}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","percent_complete":"80"}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","job_timeout":1.5}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","job_timeout":9223372036854775808}}"#,
        r#"{"type":"credential_response","envelope_id":"x","message":null}"#,
        r#"{"type":"credential_request","job_id":1,"envelope_id":"x","message":[]}"#,
        // Values out of range.
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","percent_complete":1e400}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"\ud800"}}"#,
        r#"{"type":"tfa_request","job_id":1,"envelope_id":"x","message":"\ud800"}"#,
        // Missing or duplicate fields.
        r#"{"type":"tfa_response","envelope_id":"x"}"#,
        r#"{"type":"job_status","job_id":1,"message":{}}"#,
        r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH","status":"AUTH"}}"#,
        r#"{"type":"job_status","type":"later"}"#,
        // In nested values.
        r#"{"at":1,"message":true}"#,
        r#"{"at":null,"message":{"type":"tfa_request"}}"#,
        r#"{"id":7,"credential_requests":5}"#,
        r#"{"id":null,"status":"AUTH","credential_requests":[null,{"type":"tfa_request","job_id":1}]}"#,
        r#"{"jobs":null}"#,
        r#"{"jobs":[[7,null,"SUCCESSFUL",null,null],{"job_id":7}]}"#,
        "[\n  {\"type\": \"later\"},\n  {\n    \"type\": \"tfa_request\",\n    \"job_id\": true\n  }\n]",
    ]
    .into_iter()
    .map(rendered)
    .collect();
    insta::assert_snapshot!(rendered);
}

#[test]
fn a_payload_has_the_error_of_its_first_faulty_item() {
    for (json, pointer) in [
        (r#"[{"type":"later"},{"type":"tfa_request"},5]"#, "/1/job_id"),
        (r#"{"id":7,"status":5,"credential_requests":[5]}"#, "/status"),
        (r#"{"id":7,"status":"AUTH","credential_requests":[{"type":"later"},5]}"#, "/credential_requests/1"),
        (r#"{"id":7,"status":"AUTH","credential_requests":{}}"#, "/credential_requests"),
        (r#"{"jobs":[{"job_id":7,"job_status":"AUTH"},{"job_id":7}]}"#, "/jobs/1/job_status"),
        (r#"{"jobs":{}}"#, "/jobs"),
        (r#"{"jobs":[],"cuid":5}"#, "/cuid"),
        // Recorders write records; the service sends none.
        (r#"{"at":1,"message":{"type":"later"}}"#, "/type"),
    ] {
        assert_eq!(Payload::from_json(json).unwrap_err().pointer, pointer, "{json}");
    }
}
