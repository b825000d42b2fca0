//! The items of a text: their offsets, their order, and that a faulty one doesn't affect the others.

use cardsavr_protocol::wire::{Content, Fault, JobId, log_items};
use proptest::prelude::*;

/// Each item: its offset, the time of its record, and the job that it names or the pointer of its error.
fn seen(json: &str) -> Vec<(usize, Option<&str>, Result<String, String>)> {
    let mut seen = Vec::new();
    log_items(json, |part| {
        let content = part.content.map(|content| match content {
            Content::Message(message) => message.job_id().map(JobId::to_string).unwrap_or_default(),
            Content::Job(job) => format!("entity {}", job.id),
            Content::Notified(job) => format!("notified {}", job.job_id),
            other => panic!("a new content: {other:?}"),
        });
        seen.push((part.offset, part.at, content.map_err(|error| error.pointer)));
    });
    seen
}

/// Checks the items of a text in which a mark, `@`, precedes each; the marks are removed first.
fn check(marked: &str, expected: &[(Option<&str>, Result<&str, &str>)]) {
    let json = marked.replace('@', "");
    let offsets = marked.match_indices('@').enumerate().map(|(marks_before, (at, _))| at - marks_before);
    let expected: Vec<_> = offsets
        .zip(expected)
        .map(|(offset, (at, content))| (offset, *at, content.map(str::to_owned).map_err(str::to_owned)))
        .collect();
    assert_eq!(marked.matches('@').count(), expected.len(), "one mark per item");
    assert_eq!(seen(&json), expected, "{json}");
}

#[test]
fn each_item_has_its_position() {
    check(r#"@{"type":"later","job_id":1}"#, &[(None, Ok("1"))]);
    check(" \r\n\t@{\"type\":\"later\",\"job_id\":1}\n", &[(None, Ok("1"))]);
    check("[]", &[]);
    check(
        r#" [ @{"type":"later","job_id":1} , @5,@{"type":"later","job_id":"ü"},[[@{"type":"later"}],[]]]"#,
        &[(None, Ok("1")), (None, Err("/1")), (None, Ok("ü")), (None, Ok(""))],
    );
}

#[test]
fn a_job_comes_before_its_requests() {
    check(
        r#"@{"credential_requests": [@{"type":"tfa_request","job_id":2}, @{"type":"later","job_id":3}],"status":"AUTH","id":1}"#,
        &[(None, Ok("entity 1")), (None, Err("/credential_requests/0/envelope_id")), (None, Ok("3"))],
    );
    check(r#"@{"id":1,"status":"AUTH","credential_requests":null}"#, &[(None, Ok("entity 1"))]);
    // A fault in either doesn't affect the other.
    check(
        r#"@{"id":1,"credential_requests":[@{"type":"later","job_id":3}]}"#,
        &[(None, Err("/status")), (None, Ok("3"))],
    );
    check(
        r#"@{"id":1,"status":"AUTH","credential_requests":@{}}"#,
        &[(None, Ok("entity 1")), (None, Err("/credential_requests"))],
    );
}

#[test]
fn a_notification_has_an_item_per_job() {
    check(
        r#"{"cuid":"5","jobs":[@{"job_id":1,"job_status":"SUCCESSFUL"},@{"job_id":2},@[3,null,"SUCCESSFUL",null,null]]}"#,
        &[(None, Ok("notified 1")), (None, Err("/jobs/1/job_status")), (None, Err("/jobs/2"))],
    );
    check(r#"{"jobs":@7}"#, &[(None, Err("/jobs"))]);
    check(r#"{"jobs":[]}"#, &[]);
}

#[test]
fn a_record_gives_its_parts_its_time() {
    let time = Some(r#""2021-09-16T00:06:00Z""#);
    check(
        r#"[@{"type":"later"},{"at":"2021-09-16T00:06:00Z","message":[@{"type":"later"},@{"id":1,"status":"AUTH","credential_requests":[@{}]}]},@{"type":"later"}]"#,
        &[
            (None, Ok("")),
            (time, Ok("")),
            (time, Ok("entity 1")),
            (time, Err("/1/message/1/credential_requests/0/type")),
            (None, Ok("")),
        ],
    );
    // The innermost record counts, and its time is passed on unparsed.
    check(r#"{"at":1,"message":{"at" : [ 2 ] ,"message": @{"type":"later"}}}"#, &[(Some("[ 2 ]"), Ok(""))]);
    check(r#"{"at":null,"message":@{"type":"later"}}"#, &[(Some("null"), Ok(""))]);
    // An empty poll.
    check(r#"{"at":1,"message":null}"#, &[]);
    check("null", &[]);
    check("[@null]", &[(None, Err("/0"))]);
    // A `type` makes the object a message, whatever its other fields are.
    check(r#"@{"at":1,"message":{"type":"later"},"type":"also"}"#, &[(None, Ok(""))]);
    // An incomplete record is not a record.
    check(r#"@{"at":1}"#, &[(None, Err("/type"))]);
    check(r#"@{"message":{"type":"later"}}"#, &[(None, Err("/type"))]);
}

#[test]
fn a_text_that_is_not_json_is_one_faulty_item() {
    check(r#" @[{"type":"later"},"#, &[(None, Err(""))]);
    check(r#"@{"type":"later"} {"type":"later"}"#, &[(None, Err(""))]);
    check("@", &[(None, Err(""))]);
    check(" @", &[(None, Err(""))]);
}

/// Deep nesting costs no stack, and time only linear in the length of the text.
#[test]
fn the_depth_of_nesting_is_limited() {
    for (open, close) in [
        ("[", "]"),
        (r#"{"at":1,"message":"#, "}"),
        (r#"[{"at":1,"message":"#, "}]"),
        (r#"{"id":1,"status":"AUTH","credential_requests":["#, "]}"),
    ] {
        let json = format!("{}0{}", open.repeat(10_000), close.repeat(10_000));
        let mut faults = Vec::new();
        log_items(&json, |part| faults.extend(part.content.err().map(|error| error.fault)));
        assert_eq!(faults, [Fault::TooDeep], "{open}");
    }
    let nested = |depth| format!(r#"{}{{"type":"later"}}{}"#, "[".repeat(depth), "]".repeat(depth));
    assert_eq!(seen(&nested(16)), [(16, None, Ok(String::new()))]);
    assert_eq!(seen(&nested(17)), [(17, None, Err("/0".repeat(17)))]);
    // A record counts as an array does, and a job with its list of requests as two.
    let in_records = |depth| format!("{}5{}", r#"{"at":1,"message":"#.repeat(depth), "}".repeat(depth));
    let in_jobs = |depth| {
        let job = r#"{"id":1,"status":"AUTH","credential_requests":["#;
        format!(r#"{}{{"type":"later"}}{}"#, job.repeat(depth), "]}".repeat(depth))
    };
    let last = |json: String| {
        let mut last = None;
        log_items(&json, |part| last = Some(part.content.map_err(|error| error.fault)));
        last.unwrap()
    };
    assert!(!matches!(last(in_records(16)), Ok(_) | Err(Fault::TooDeep)));
    assert_eq!(last(in_records(17)), Err(Fault::TooDeep));
    assert!(matches!(last(in_jobs(8)), Ok(Content::Message(_))));
    assert_eq!(last(in_jobs(9)), Err(Fault::TooDeep));
}

/// Skipped or unparsed values may have any depth.
#[test]
fn depth_inside_a_message_is_not_limited() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let json = format!(
        r#"{{"type":"tfa_request","job_id":1,"envelope_id":"x","message":{{"a":{deep}}},"b":{deep}}}"#
    );
    assert_eq!(seen(&json), [(0, None, Ok("1".to_owned()))]);
    let json = format!(r#"{{"type":"job_status","job_id":{deep},"message":{{"status":"AUTH"}}}}"#);
    assert_eq!(seen(&json), [(0, None, Err("/job_id".to_owned()))]);
}

proptest! {
    /// The items of a list are those of its elements, with the offsets of the elements added.
    #[test]
    fn a_faulty_item_does_not_change_the_others(
        elements in proptest::collection::vec(prop_oneof![
            crate::samples::message().prop_map(|sample| (sample.input, true)),
            crate::samples::json()
                .prop_filter("no message", |value| !value.is_array() && value.get("type").is_none())
                .prop_map(|value| (value.to_string(), false)),
        ], 0..5),
        wrapped in any::<bool>(),
    ) {
        let (start, end) = if wrapped { (r#"{"at":5,"message":["#, "]}") } else { ("[", "]") };
        let mut json = start.to_owned();
        let mut expected = Vec::new();
        for (index, (element, good)) in elements.iter().enumerate() {
            if index > 0 {
                json.push_str(", ");
            }
            expected.push((json.len(), wrapped.then_some("5"), *good));
            json.push_str(element);
        }
        json.push_str(end);
        let seen = seen(&json).into_iter().map(|(offset, at, content)| (offset, at, content.is_ok()));
        prop_assert_eq!(seen.collect::<Vec<_>>(), expected);
    }
}

/// A fault in a notification's own fields is reported, and all its jobs are still decoded.
#[test]
fn a_fault_of_a_notification_itself_is_an_item() {
    check(
        r#"@{"jobs":[@{"job_id":1,"job_status":"X"}],"id":5,"cuid":4}"#,
        &[(None, Err("/cuid")), (None, Ok("notified 1"))],
    );
    check(
        r#"{"at":1,"message":@{"jobs":[],"financial_institution":[]}}"#,
        &[(Some("1"), Err("/message/financial_institution"))],
    );
    log_items(r#"{"jobs":[],"id":5,"cuid":4}"#, |part| assert_eq!(part.job_id, None));
}

#[test]
fn each_of_several_errors_has_its_position() {
    let json =
        "[1,\n {\"type\":\"job_status\",\n \"job_id\":\"ü\",\"x\":1},\n\n[2, {}], 3\n,{\"jobs\":[\n4]}]";
    let mut places = Vec::new();
    log_items(json, |part| {
        let error = part.content.expect_err("nothing here is a message");
        places.push((error.pointer, error.line, error.column));
    });
    let expected = [
        ("/0", 1, 2),
        ("/1/message", 3, 21),
        ("/2/0", 5, 2),
        ("/2/1/type", 5, 6),
        ("/3", 5, 10),
        ("/4/jobs/0", 7, 1),
    ];
    assert_eq!(places, expected.map(|(pointer, line, column)| (pointer.to_owned(), line, column)));
}

/// A malformed item names its job if the id can be decoded.
#[test]
fn a_malformed_item_names_its_job() {
    let job = |json: &str| {
        let mut jobs = Vec::new();
        log_items(json, |part| jobs.push(part.job_id));
        jobs
    };
    for (json, id) in [
        (r#"{"type":"job_status","job_id":7,"message":{"status":"AUTH"}}"#, Some("7")),
        (r#"{"type":"job_status","job_id":7,"message":{}}"#, Some("7")),
        (r#"{"type":"tfa_request","job_id":"a","message":[1]}"#, Some("a")),
        (r#"{"type":5,"job_id":7}"#, Some("7")),
        (r#"{"id":7,"status":"AUTH"}"#, Some("7")),
        (r#"{"id":7,"status":5}"#, Some("7")),
        (r#"{"jobs":[{"job_id":7,"job_status":"KILLED"}]}"#, Some("7")),
        (r#"{"jobs":[{"job_id":7,"job_status":8}]}"#, Some("7")),
        // An invalid or duplicate id names no job, and neither does another field of a message.
        (r#"{"type":"job_status","job_id":[7],"message":{}}"#, None),
        (r#"{"type":"job_status","job_id":7,"job_id":8,"message":{}}"#, None),
        (r#"{"type":"job_status","id":7,"message":{}}"#, None),
        (r#"{"type":"tfa_response","envelope_id":"e","message":"1"}"#, None),
        ("5", None),
    ] {
        let id = id.map(JobId::from);
        assert_eq!(job(json), [id], "{json}");
    }
}
