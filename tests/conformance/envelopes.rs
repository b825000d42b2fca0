//! Requests, responses and the envelopes that match them.

use cardsavr_protocol::conformance::Rule;

use crate::log::{check, found, job_statuses};

fn request(kind: &str, job: u32, envelope: &str) -> String {
    format!("{{\"type\":\"{kind}_request\",\"job_id\":{job},\"envelope_id\":\"{envelope}\"}}\n")
}

fn response(kind: &str, envelope: &str) -> String {
    format!("{{\"type\":\"{kind}_response\",\"envelope_id\":\"{envelope}\",\"message\":\"submitted\"}}\n")
}

fn response_of(job: u32, envelope: &str) -> String {
    format!(
        "{{\"type\":\"tfa_response\",\"job_id\":{job},\"envelope_id\":\"{envelope}\",\"message\":\"1\"}}\n"
    )
}

/// The findings in a log of the jobs 101 and 102, to which an end without a finding is added for each.
fn found_in(lines: &[String]) -> Vec<(u64, Rule)> {
    let ends = ["101", "102"].map(|job| job_statuses(job, &["KILLED NEVER_STARTED"]));
    found(&[lines.concat(), ends.concat()].concat())
}

#[test]
fn a_request_is_open_until_answered_and_may_repeat_afterwards() {
    let ask = request("tfa", 101, "e");
    let log = [ask.clone(), ask.clone(), response("tfa", "e"), ask];
    assert_eq!(found_in(&log), []);
}

#[test]
fn an_envelope_belongs_to_one_job_and_one_kind() {
    let reused = Rule::EnvelopeReused;
    assert_eq!(found_in(&[request("tfa", 101, "e"), request("tfa", 102, "e")]), [(2, reused)]);
    assert_eq!(found_in(&[request("tfa", 101, "e"), request("credential", 101, "e")]), [(2, reused)]);
    assert_eq!(found_in(&[request("tfa", 101, "e"), response_of(102, "e")]), [(2, reused)]);
    // If both kinds were requested, a response of either kind is an answer.
    let both = [request("tfa", 101, "e"), request("credential", 101, "e")];
    assert_eq!(found_in(&[both.concat(), response("credential", "e")]), [(2, reused)]);
    // Polling repeats both, which is one finding; a third job is another one.
    let (ours, theirs) = (request("tfa", 101, "e"), request("tfa", 102, "e"));
    let third = [request("tfa", 103, "e"), job_statuses("103", &["KILLED NEVER_STARTED"])].concat();
    let log = [ours.clone(), theirs.clone(), ours.clone(), theirs, ours, response_of(102, "e"), third];
    assert_eq!(found_in(&log), [(2, reused), (7, reused)]);
    // A request of an unknown kind can't be told to be of another kind.
    let unknown = "{\"type\":\"tfa_message\",\"job_id\":101,\"envelope_id\":\"e\"}\n".to_owned();
    assert_eq!(
        found_in(&[unknown, request("tfa", 101, "e"), response("tfa", "e")]),
        [(1, Rule::UnknownMessageType)]
    );
    // A number and a string of its digits are the same job.
    let text = "{\"type\":\"tfa_request\",\"job_id\":\"101\",\"envelope_id\":\"e\"}\n".to_owned();
    assert_eq!(found_in(&[request("tfa", 101, "e"), text]), []);
}

#[test]
fn an_envelope_is_answered_once_and_by_its_own_kind() {
    let ask = request("tfa", 101, "e");
    let log = [ask.clone(), response("tfa", "e"), response("tfa", "e"), response("credential", "e")];
    assert_eq!(found_in(&log), [(3, Rule::RepeatedResponse), (4, Rule::RepeatedResponse)]);
    let checked = check(&[ask, response("credential", "e")].concat());
    assert_eq!(checked.findings[0].rule, Rule::ResponseKindMismatch);
    assert_eq!(checked.findings[0].found().as_deref(), Some("credential_response"));
    assert_eq!(checked.findings[0].expected(), ["tfa_response"]);
}

#[test]
fn a_response_needs_a_request_in_a_log_that_shows_them() {
    let unmatched = Rule::UnmatchedResponse;
    let shows = request("tfa", 102, "other");
    let seen = job_statuses("101", &["AUTH"]);
    assert_eq!(found_in(&[response("tfa", "e"), shows.clone()]), []);
    assert_eq!(found_in(&[shows.clone(), response("tfa", "e")]), [(2, unmatched)]);
    assert_eq!(found_in(&[shows.clone(), seen, response_of(101, "e")]), [(3, unmatched)]);
    // Not if it names a job that was first seen waiting, or that was not seen at all.
    for waiting in ["PENDING_CREDS", "PENDING_NEWCREDS", "PENDING_TFA"] {
        let seen = job_statuses("101", &[waiting]);
        let snapshot = format!("{{\"id\":101,\"status\":\"{waiting}\"}}\n");
        // The wait without a request is a separate finding, except for initial credentials.
        let without = |line| {
            if waiting == "PENDING_CREDS" { vec![] } else { vec![(line, Rule::PendingWithoutRequest)] }
        };
        assert_eq!(found_in(&[shows.clone(), seen, response_of(101, "e")]), without(4), "{waiting}");
        let ended = "{\"id\":101,\"status\":\"KILLED\",\"termination_type\":\"NEVER_STARTED\"}\n".to_owned();
        assert_eq!(found_in(&[shows.clone(), snapshot, response_of(101, "e"), ended]), [], "{waiting}");
    }
    assert_eq!(found_in(&[shows.clone(), response_of(101, "e"), response_of(101, "f")]), []);
    // A job that began to wait later, and one that was waiting and has ended since.
    let seen = job_statuses("101", &["LOGIN_SUBMITTED", "PENDING_TFA"]);
    let log = [shows.clone(), seen, request("tfa", 101, "mine"), response_of(101, "e")];
    assert_eq!(found_in(&log), [(5, unmatched)]);
    let ended = job_statuses("101", &["PENDING_CREDS", "ABANDONED_QUICKSTART NEVER_STARTED"]);
    let log = [shows, ended, response_of(101, "e"), job_statuses("102", &["KILLED NEVER_STARTED"])];
    assert_eq!(found(&log.concat()), []);
}

#[test]
fn a_later_request_matches_its_response() {
    let log = [response("tfa", "e"), request("tfa", 101, "e"), response("tfa", "e")];
    assert_eq!(found_in(&log), [(3, Rule::RepeatedResponse)]);
    let log = [response("tfa", "e"), request("credential", 101, "e")];
    assert_eq!(found_in(&log), [(2, Rule::EnvelopeReused)]);
    let log = [request("tfa", 101, "other"), response("tfa", "e"), response("credential", "e")];
    assert_eq!(found_in(&log), [(2, Rule::UnmatchedResponse), (3, Rule::RepeatedResponse)]);
}

/// No output has a value that may be credentials.
#[test]
fn credentials_in_a_message_are_not_shown() {
    let secrets =
        [r#""jane / hunter2""#, r#"{"password":"hunter2"}"#, r#"["hunter2"]"#, r#""Submitted""#, "42"];
    for secret in secrets {
        let answer =
            format!("{{\"type\":\"credential_response\",\"envelope_id\":\"e\",\"message\":{secret}}}\n");
        let log = [request("credential", 101, "e"), answer, job_statuses("101", &["KILLED NEVER_STARTED"])];
        let checked = check(&log.concat());
        assert_eq!(checked.places(), [(2, Rule::CredentialsInMessage)], "{secret}");
        assert_eq!(checked.findings[0].expected(), ["submitted"]);
        assert!(!format!("{:?}", checked.findings).contains("hunter2"));
    }
}

#[test]
fn a_request_that_was_first_seen_in_a_job_is_the_same_request() {
    let entity = "{\"id\":101,\"status\":\"PENDING_TFA\",\"credential_requests\":[{\"type\":\"tfa_request\",\"job_id\":101,\"envelope_id\":\"e\"}]}\n";
    let updating = job_statuses("101", &["UPDATING"]);
    let end = "{\"id\":101,\"status\":\"KILLED\",\"termination_type\":\"NEVER_STARTED\"}\n".to_owned();
    assert_eq!(found_in(&[entity.into(), updating, request("tfa", 101, "e"), end]), []);
}
