//! Waits for the user: their requests and their time limits.

use cardsavr_protocol::conformance::Rule;

use crate::log::found;

fn at(seconds: i64, message: &str) -> String {
    format!("{{\"at\":{},\"message\":{message}}}\n", seconds * 1000)
}

fn status(status: &str) -> String {
    format!(r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}"}}}}"#)
}

fn status_with_timeout(status: &str, timeout: i64) -> String {
    format!(
        r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}","job_timeout":{timeout}}}}}"#
    )
}

fn killed() -> String {
    r#"{"type":"job_status","job_id":101,"message":{"status":"KILLED","termination_type":"NEVER_STARTED"}}"#
        .to_owned()
}

fn request(envelope: &str) -> String {
    format!(r#"{{"type":"tfa_request","job_id":101,"envelope_id":"{envelope}"}}"#)
}

fn response(envelope: &str) -> String {
    format!(r#"{{"type":"tfa_response","envelope_id":"{envelope}","message":"1"}}"#)
}

fn lines(lines: &[String]) -> String {
    lines.join("\n")
}

#[test]
fn an_overdue_wait_is_reported_once() {
    let log = [
        at(0, &status("PENDING_TFA")),
        at(300, &status("PENDING_TFA")),
        at(301, &status("PENDING_TFA")),
        at(400, &status("PENDING_TFA")),
        at(500, &killed()),
    ];
    assert_eq!(found(&log.concat()), [(3, Rule::OverdueTimeout)]);
}

#[test]
fn a_wait_that_ended_is_not_overdue() {
    for next in ["TFA_RECEIVED", "CANCEL_REQUESTED"] {
        let log = [at(0, &status("PENDING_TFA")), at(900, &status(next)), at(900, &killed())];
        assert_eq!(found(&log.concat()), [], "{next}");
    }
}

#[test]
fn a_wait_for_a_card_has_no_window() {
    let log = [at(0, &status("PENDING_CARD")), at(900, &status("PENDING_CARD")), at(900, &killed())];
    assert_eq!(found(&log.concat()), []);
}

#[test]
fn a_job_timeout_can_extend_a_wait_but_not_shorten_it() {
    let wait = |before: i64, start: Option<i64>, until: i64| {
        let start =
            start.map_or(status("PENDING_TFA"), |timeout| status_with_timeout("PENDING_TFA", timeout));
        let log = [
            at(0, &status_with_timeout("LOGIN_SUBMITTED", before)),
            at(1, &start),
            at(1 + until, &status("PENDING_TFA")),
            at(1 + until, &killed()),
        ];
        found(&log.concat())
    };
    let overdue = [(3, Rule::OverdueTimeout)];
    // In seconds: first sent before the wait, then at its start, which overrides the earlier value.
    assert_eq!(wait(400, None, 460), []);
    assert_eq!(wait(400, None, 461), overdue);
    assert_eq!(wait(400, Some(500), 560), []);
    assert_eq!(wait(400, Some(390), 451), overdue);
    assert_eq!(wait(100, None, 300), []);
    assert_eq!(wait(100, None, 301), overdue);
    // In milliseconds: the job has one unit.
    assert_eq!(wait(400_000, None, 460), []);
    assert_eq!(wait(400_000, None, 461), overdue);
    assert_eq!(wait(400_000, Some(9_000), 301), overdue);
}

#[test]
fn a_wait_without_a_time_is_not_measured() {
    let log = [
        status("PENDING_TFA") + "\n",
        at(0, &status("PENDING_TFA")),
        at(900, &status("PENDING_TFA")),
        request("e") + "\n",
        at(900, &response("e")),
        at(900, &killed()),
    ];
    assert_eq!(found(&log.concat()), []);
}

#[test]
fn an_answer_is_late_after_the_window() {
    let answered = |seconds: i64, next: &str| {
        let log = [
            at(0, &status("PENDING_TFA")),
            at(0, &request("e")),
            at(240, &status(next)),
            at(seconds, &response("e")),
            at(seconds, &killed()),
        ];
        found(&log.concat())
    };
    assert_eq!(answered(240, "PENDING_TFA"), []);
    assert_eq!(answered(241, "PENDING_TFA"), [(4, Rule::LateResponse)]);
    // The job has received the answer: the response was only recorded later.
    assert_eq!(answered(241, "TFA_RECEIVED"), []);
}

/// The job now waits for a code: an answer with credentials doesn't belong to that wait.
#[test]
fn an_answer_of_the_other_kind_is_not_late() {
    let ask = r#"{"type":"credential_request","job_id":101,"envelope_id":"e"}"#;
    let answer = r#"{"type":"credential_response","envelope_id":"e","message":"submitted"}"#;
    let log = [
        at(0, ask),
        at(0, &status("PENDING_TFA")),
        at(0, &request("f")),
        at(250, answer),
        at(250, &killed()),
    ];
    assert_eq!(found(&log.concat()), []);
}

#[test]
fn an_answer_is_late_after_the_end_too() {
    let ended = r#"{"type":"job_status","job_id":101,"message":{"status":"TIMEOUT_TFA","termination_type":"USER_DATA_FAILURE"}}"#;
    let log = [at(0, &status("PENDING_TFA")), at(0, &request("e")), at(240, ended), at(250, &response("e"))];
    assert_eq!(found(&log.concat()), [(4, Rule::LateResponse)]);
}

#[test]
fn a_request_may_come_ahead_of_its_wait() {
    let ahead =
        [request("e"), status("LOGIN_SUBMITTED"), status("PENDING_TFA"), status("TFA_RECEIVED"), killed()];
    assert_eq!(found(&lines(&ahead)), []);
}

#[test]
fn every_wait_has_a_request_of_its_own() {
    let log = [
        status("PENDING_TFA"),
        request("e"),
        status("TFA_RECEIVED"),
        status("TFA_SUBMITTED"),
        status("PENDING_TFA"),
        status("TFA_RECEIVED"),
        killed(),
    ];
    assert_eq!(found(&lines(&log)), [(6, Rule::PendingWithoutRequest)]);
    // An open request belongs to this wait, one that was answered before does not.
    let again = |answer: &[String]| {
        let head = [status("PENDING_TFA"), request("e"), status("TFA_RECEIVED")];
        let tail =
            [status("TFA_SUBMITTED"), request("e"), status("PENDING_TFA"), status("TFA_RECEIVED"), killed()];
        found(&lines(&[&head, answer, &tail].concat()))
    };
    assert_eq!(again(&[]), []);
    assert_eq!(again(&[response("e")]), [(8, Rule::PendingWithoutRequest)]);
    // A request for another input doesn't belong to this wait; one of an unknown kind may.
    let other = |kind: &str| {
        let other = format!(r#"{{"type":"{kind}","job_id":101,"envelope_id":"e"}}"#);
        found(&lines(&[status("PENDING_TFA"), other, status("TFA_RECEIVED"), killed()]))
    };
    assert_eq!(other("credential_request"), [(3, Rule::PendingWithoutRequest)]);
    assert_eq!(other("tfa_message"), [(2, Rule::UnknownMessageType)]);
}

#[test]
fn requests_are_missed_only_in_a_log_that_showed_one() {
    let log = [status("PENDING_TFA"), status("TFA_RECEIVED"), request("e"), killed()];
    assert_eq!(found(&lines(&log)), []);
    // Initial credentials need no request.
    let log = [request("e"), status("PENDING_CREDS"), status("CREDS_RECEIVED"), killed()];
    assert_eq!(found(&lines(&log)), []);
}

#[test]
fn a_request_in_the_job_itself_is_a_request() {
    let entity = r#"{"id":101,"status":"PENDING_TFA","credential_requests":[{"type":"tfa_request","job_id":101,"envelope_id":"e"}]}"#;
    let other = r#"{"type":"tfa_request","job_id":102,"envelope_id":"f"}"#;
    let ended = r#"{"jobs":[{"job_id":102,"job_status":"KILLED","termination_type":"NEVER_STARTED"}]}"#;
    let log = |entity: &str| {
        let lines = [
            status("PENDING_TFA"),
            other.into(),
            entity.into(),
            status("TFA_RECEIVED"),
            killed(),
            ended.into(),
        ];
        found(&lines.join("\n"))
    };
    assert_eq!(log(entity), []);
    assert_eq!(log(r#"{"id":101,"status":"PENDING_TFA"}"#), [(4, Rule::PendingWithoutRequest)]);
}

/// A snapshot shows the end before all messages.
#[test]
fn a_request_before_the_end_of_a_snapshot_counts() {
    let ended = r#"{"id":101,"status":"KILLED","termination_type":"NEVER_STARTED"}"#;
    let log = [request("e"), ended.into(), status("PENDING_TFA"), status("TFA_RECEIVED"), killed()];
    assert_eq!(found(&lines(&log)), []);
}

#[test]
fn nothing_new_is_asked_for_in_placement_or_after_the_end() {
    let log = [
        status("AUTH"),
        request("a"),
        status("UPDATING"),
        request("a"),
        request("b"),
        request("b"),
        killed(),
        request("c"),
    ];
    assert_eq!(found(&lines(&log)), [(5, Rule::RequestOutOfTurn), (8, Rule::RequestOutOfTurn)]);
    // A request of an unknown kind may be for something else.
    let unknown = r#"{"type":"security","job_id":101,"envelope_id":"u"}"#;
    assert_eq!(
        found(&lines(&[status("UPDATING"), unknown.into(), killed()])),
        [(2, Rule::UnknownMessageType)]
    );
}
