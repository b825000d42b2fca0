//! Texts without escapes are read in place, and only those with escapes are copied.

use cardsavr_protocol::wire::{
    Carrier, EnvelopeId, JobId, Message, Open, Request, RequestBody, Submission, Text,
};

/// Every text of a message, by the name of its field.
fn texts<'m>(message: &'m Message) -> Vec<(&'static str, &'m str)> {
    fn job_id<'m>(id: Option<&'m JobId>) -> Option<&'m str> {
        id.map(|id| match id {
            JobId::Text(text) => &**text,
            JobId::Number(_) => panic!("the samples have strings"),
        })
    }

    let mut all = vec![("job_id", job_id(message.job_id()))];
    match message {
        Message::JobStatus(job) => {
            let body = &job.message;
            all.extend([
                ("status", Some(body.status.text())),
                ("termination_type", body.termination_type.as_ref().map(Open::text)),
                ("status_message", body.status_message.as_ref().map(Text::as_str)),
                ("job_status_message", body.job_status_message.as_ref().map(Text::as_str)),
                ("termination_status_message", body.termination_status_message.as_ref().map(Text::as_str)),
                ("termination_message", body.termination_message.as_ref().map(Text::as_str)),
            ]);
        }
        Message::Request(request) => all.extend([
            ("envelope_id", Some(request.envelope_id.as_str())),
            (
                "message",
                request.message.as_ref().map(|body| match body {
                    RequestBody::Text(text) => text.as_str(),
                    RequestBody::Object(object) => object.as_str(),
                }),
            ),
        ]),
        Message::TfaResponse(response) => all.extend([
            ("envelope_id", Some(response.envelope_id.as_str())),
            ("message", Some(response.message.reveal())),
        ]),
        Message::CredentialResponse(response) => all.extend([
            ("envelope_id", Some(response.envelope_id.as_str())),
            (
                "message",
                match &response.message {
                    Submission::Submitted => None,
                    Submission::Other(other) => Some(other.as_str()),
                },
            ),
        ]),
        Message::Unknown(unknown) => all.extend([
            ("type", Some(unknown.kind.text())),
            ("envelope_id", unknown.envelope_id.as_ref().map(EnvelopeId::as_str)),
            ("whole", Some(unknown.json.as_str())),
        ]),
        other => panic!("a new kind: {other:?}"),
    }
    all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

fn stands_in(json: &str, text: &str) -> bool {
    let bytes = json.as_bytes().as_ptr_range();
    bytes.contains(&text.as_ptr())
}

const PLAIN: [(&str, usize); 7] = [
    (
        r#"{"type":"job_status","job_id":"ß7","message":{"status":"NEWER","termination_type":"BILLABLE",
            "status_message":"a","job_status_message":"b","termination_status_message":"c","termination_message":"d"}}"#,
        7,
    ),
    (r#"{"type":"tfa_request","job_id":"7","envelope_id":"2kRD==","message":"please re-submit"}"#, 3),
    (r#"{"type":"credential_request","job_id":"7","envelope_id":"2kRD==","message":{"a":1}}"#, 3),
    (r#"{"type":"tfa_response","job_id":"7","envelope_id":"2kRD==","message":"123"}"#, 3),
    (r#"{"type":"credential_response","job_id":"7","envelope_id":"2kRD==","message":"submitted"}"#, 2),
    (r#"{"type":"credential_response","job_id":"7","envelope_id":"2kRD==","message":[1]}"#, 3),
    (r#"{"type":"security","job_id":"7","envelope_id":"2kRD=="}"#, 4),
];

#[test]
fn texts_without_escapes_are_borrowed() {
    for (json, count) in PLAIN {
        let message = Message::from_json(json).unwrap();
        let texts = texts(&message);
        assert_eq!(texts.len(), count, "{json}");
        for (name, text) in texts {
            assert!(stands_in(json, text), "{name} of {json}");
        }
    }
}

#[test]
fn what_is_owned_stands_by_itself() {
    for (json, count) in PLAIN {
        let message = Message::from_json(json).unwrap();
        let owned = message.clone().into_owned();
        assert_eq!(texts(&owned), texts(&message));
        assert_eq!(texts(&owned).iter().filter(|(_, text)| !stands_in(json, text)).count(), count, "{json}");
    }
}

#[test]
fn texts_with_escapes_are_copied_and_read_the_same() {
    let plain = r#"{"type":"tfa_request","job_id":"7","envelope_id":"2k=","message":"again"}"#;
    let escaped = r#"{"t\u0079pe":"tf\u0061_request","job_id":"\u0037","envelope_id":"2\u006b=","message":"ag\u0061in"}"#;
    let message = Message::from_json(escaped).unwrap();
    assert_eq!(message, Message::from_json(plain).unwrap());
    for (name, text) in texts(&message) {
        assert!(!stands_in(escaped, text), "{name}");
    }
}

#[test]
fn carriers_borrow_too() {
    let poll = format!("[{}]", PLAIN.map(|(json, _)| json).join(","));
    let Carrier::Poll(messages) = Carrier::from_json(&poll).unwrap() else { panic!("a poll") };
    assert!(messages.iter().flat_map(texts).all(|(_, text)| stands_in(&poll, text)));

    let job = format!(r#"{{"id":"9","status":"AUTH","credential_requests":{poll}}}"#);
    let Carrier::Job(entity) = Carrier::from_json(&job).unwrap() else { panic!("a job") };
    assert_eq!(entity.credential_requests, messages);
    assert!(entity.credential_requests.iter().flat_map(texts).all(|(_, text)| stands_in(&job, text)));
    assert!(stands_in(&job, entity.status.text()));

    let notification = r#"{"jobs":[{"job_id":"9","job_status":"AUTH","completed_on":"2021"}],"cuid":"c"}"#;
    let Carrier::Notification(told) = Carrier::from_json(notification).unwrap() else {
        panic!("a notification")
    };
    let completed_on = told.jobs[0].completed_on.as_ref().unwrap();
    for text in [told.jobs[0].job_status.text(), completed_on.as_str(), told.cuid.as_ref().unwrap().as_str()]
    {
        assert!(stands_in(notification, text), "{text}");
    }
}

#[test]
fn bytes_and_text_read_the_same_by_serde_itself() {
    let (json, _) = PLAIN[1];
    let from_bytes: Request = serde_json::from_slice(json.as_bytes()).unwrap();
    assert_eq!(Message::Request(from_bytes), Message::from_json(json).unwrap());
}
