//! No error and no `Debug` shows the cardholder's input, in any field.

use std::fmt::Write as _;

use cardsavr_protocol::wire::{Message, MessageError, Payload, Secret, TfaResponse, log_items};

/// The planted code; as a number it has a single representation.
const CODE: &str = "48392017";

/// The code in each JSON representation.
fn forms() -> [String; 8] {
    [
        format!("\"{CODE}\""),
        format!("\"{CODE}, expected {CODE} at line {CODE}\""),
        format!("\"missing field `{CODE}`\""),
        CODE.to_owned(),
        format!("-{CODE}"),
        format!("{CODE}.5"),
        format!("[\"{CODE}\",{CODE}]"),
        format!("{{\"{CODE}\":{CODE},\"status\":{CODE}}}"),
    ]
}

/// Everything that a program may print about decoding a text, except for decoded messages.
fn errors(json: &str) -> String {
    let mut shown = String::new();
    let mut show = |error: MessageError| writeln!(shown, "{error:?} {error} {error:#?}").unwrap();
    Message::from_json(json).err().map(&mut show);
    Payload::from_json(json).err().map(&mut show);
    log_items(json, |part| {
        part.content.err().map(&mut show);
    });
    shown
}

#[test]
fn no_error_shows_what_it_found() {
    let mut seen = 0;
    for code in forms() {
        let mut texts = Vec::new();
        for kind in
            ["job_status", "tfa_request", "credential_request", "tfa_response", "credential_response", "new"]
        {
            for (job_id, envelope_id, message) in [
                (code.as_str(), r#""x""#, "true"),
                ("1", code.as_str(), "true"),
                ("1", r#""x""#, code.as_str()),
                ("true", r#""x""#, code.as_str()),
                ("1", "true", code.as_str()),
            ] {
                texts.push(format!(
                    r#"{{"type":"{kind}","job_id":{job_id},"envelope_id":{envelope_id},"message":{message}}}"#
                ));
            }
            texts.push(format!(r#"{{"type":"{kind}","message":{code},"message":{code}}}"#));
        }
        for field in ["status", "termination_type", "percent_complete", "job_timeout", "status_message"] {
            texts.push(format!(r#"{{"type":"job_status","job_id":1,"message":{{"{field}":{code}}}}}"#));
            texts.push(format!(
                r#"{{"type":"job_status","job_id":1,"message":{{"{field}":{code},"status":true}}}}"#
            ));
            texts.push(format!(r#"{{"id":1,"{field}":{code}}}"#));
        }
        texts.push(format!(r#"{{"type":{code},"job_id":1}}"#));
        texts.push(format!(r#"{{"access_key":{code}}}"#));
        texts.push(format!(r#"{{"at":{code},"message":{code}}}"#));
        texts.push(format!(r#"{{"jobs":{code}}}"#));
        texts.push(format!(r#"{{"id":1,"status":"AUTH","credential_requests":{code}}}"#));
        texts.push(code.clone());
        for text in texts {
            // Complete, in a poll, in a record, and truncated right after the code.
            let cut = text.rfind(CODE).map(|at| text[..at + CODE.len()].to_owned());
            let around =
                [format!("[{text}]"), format!(r#"{{"at":1,"message":{text}}}"#), format!("{text}}}")];
            for json in around.into_iter().chain(cut).chain([text]) {
                let shown = errors(&json);
                seen += usize::from(!shown.is_empty());
                assert!(!shown.contains(CODE), "{shown}");
            }
        }
    }
    assert!(seen > 1000, "only {seen} texts were faulty");
}

#[test]
fn debug_hides_the_content_of_messages() {
    for code in forms() {
        for kind in
            ["tfa_request", "credential_request", "tfa_response", "credential_response", "tfa_message"]
        {
            let json = format!(r#"{{"type":"{kind}","job_id":1,"envelope_id":"x","message":{code}}}"#);
            let Ok(message) = Message::from_json(&json) else { continue };
            let shown = format!("{message:?} {message:#?}");
            assert!(!shown.contains(CODE), "{shown}");
            assert!(
                serde_json::to_string(&message).unwrap().contains(CODE),
                "serialization keeps it: {json}"
            );
            assert!(!format!("{:?}", Payload::from_json(&json)).contains(CODE));
            log_items(&json, |part| assert!(!format!("{part:?}").contains(CODE)));
        }
    }
}

#[test]
fn the_code_of_a_response_is_hidden_and_can_be_revealed() {
    let json = format!(r#"{{"type":"tfa_response","envelope_id":"x","message":"{CODE}"}}"#);
    let Message::TfaResponse(response) = Message::from_json(&json).unwrap() else { panic!("a tfa_response") };
    assert_eq!(response.message.reveal(), CODE);
    assert_eq!(format!("{:?}", response.message), "Secret(hidden)");
}

/// A code that is not a string is refused without being shown, also in serde's own errors.
#[test]
fn the_secret_type_shows_nothing_to_serde() {
    for code in forms().iter().skip(3) {
        let error = serde_json::from_str::<Secret>(code).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CODE), "{error}");
        let json = format!(r#"{{"envelope_id":"x","message":{code}}}"#);
        let error = serde_json::from_str::<TfaResponse>(&json).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CODE), "{error}");
    }
    let error = serde_json::from_str::<Secret>("true").unwrap_err();
    assert_eq!(error.to_string(), "the value is a boolean, expected a string");
}
