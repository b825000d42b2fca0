//! The totals of a report.

use cardsavr_protocol::TerminationType;
use cardsavr_protocol::conformance::{Rule, Severity};

use crate::log::{check, job_statuses, statuses};

#[test]
fn messages_are_counted_one_by_one() {
    let log = concat!(
        r#"[{"type":"job_status","job_id":1,"message":{"status":"AUTH"}},{"type":"tfa_request","job_id":1,"envelope_id":"e"}]"#,
        "\n",
        r#"{"id":1,"status":"AUTH","credential_requests":[{"type":"tfa_request","job_id":1,"envelope_id":"e"}]}"#,
        "\n",
        r#"{"jobs":[{"job_id":2,"job_status":"KILLED","termination_type":"NEVER_STARTED"},{"job_id":3,"job_status":"KILLED","termination_type":"NEVER_STARTED"}]}"#,
        "\n",
        r#"{"type":"future"}"#,
        "\n",
        r#"{"type":"tfa_request"}"#,
    );
    let totals = check(log).totals;
    // The last message is malformed.
    assert_eq!(totals.messages, 7);
    assert_eq!((totals.jobs, totals.unterminated), (3, 1));
}

#[test]
fn a_job_counts_once_a_status_a_request_or_a_response_that_names_it_was_read() {
    let jobs = |log: &str| check(log).totals.jobs;
    assert_eq!(jobs(&statuses(&["AUTH", "UPDATING"])), 1);
    assert_eq!(jobs(r#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#), 1);
    assert_eq!(jobs(r#"{"type":"tfa_message","job_id":1,"envelope_id":"e"}"#), 1);
    assert_eq!(jobs(r#"{"type":"tfa_response","job_id":1,"envelope_id":"e","message":"1"}"#), 1);
    assert_eq!(jobs(r#"{"type":"tfa_response","envelope_id":"e","message":"1"}"#), 0);
    // A skipped message doesn't count the job that it names.
    assert_eq!(jobs(r#"{"type":"future","job_id":1}"#), 0);
    // A number and a string of its digits are the same id.
    assert_eq!(jobs(&[job_statuses("7", &["AUTH"]), job_statuses("\"7\"", &["UPDATING"])].concat()), 1);
}

#[test]
fn ends_count_by_the_sent_termination_type_if_it_is_known() {
    let cases = [
        ("SUCCESSFUL BILLABLE", Some(TerminationType::Billable)),
        ("SUCCESSFUL", Some(TerminationType::Billable)),
        ("SUCCESSFUL PROCESS_FAILURE", Some(TerminationType::ProcessFailure)),
        ("SUCCESSFUL NEWER", Some(TerminationType::Billable)),
        ("NEW USER_DATA_FAILURE", Some(TerminationType::UserDataFailure)),
        ("NEW NEWER", None),
    ];
    for (end, expected) in cases {
        let totals = check(&statuses(&["UPDATING", end, end])).totals;
        let counted: Vec<_> = totals.terminations.iter().filter(|(_, count)| **count > 0).collect();
        assert_eq!(counted, expected.iter().map(|ends| (ends, &1)).collect::<Vec<_>>(), "{end}");
        assert_eq!(totals.unterminated, 0);
        assert_eq!(totals.terminations.len(), 5, "all five types are listed, also with a count of 0");
    }
}

#[test]
fn a_job_ends_once_by_messages_or_by_snapshots() {
    let notified =
        "{\"jobs\":[{\"job_id\":101,\"job_status\":\"SUCCESSFUL\",\"termination_type\":\"BILLABLE\"}]}\n";
    let end = statuses(&["SUCCESSFUL BILLABLE"]);
    for log in [notified.into(), [notified, &end].concat(), [&end, notified].concat()] {
        let totals = check(&log).totals;
        assert_eq!((totals.terminations[&TerminationType::Billable], totals.unterminated), (1, 0));
    }
    // The messages lag behind, but the job has ended.
    let totals = check(&[statuses(&["AUTH"]), notified.into(), statuses(&["UPDATING"])].concat()).totals;
    assert_eq!((totals.terminations[&TerminationType::Billable], totals.unterminated), (1, 0));
}

#[test]
fn every_occurrence_of_an_unknown_word_counts() {
    let log = [
        statuses(&["NEW", "NEW", "UPDATING NEWER", "SUCCESSFUL BILLABLE", "NEW NEWER"]),
        "{\"id\":101,\"status\":\"NEWEST\"}\n".repeat(2),
        "{\"type\":\"future\"}\n".repeat(3),
    ];
    let totals = check(&log.concat()).totals;
    let unknown = serde_json::to_string(&totals.unknown).unwrap();
    assert_eq!(
        unknown,
        r#"{"statuses":{"NEW":3,"NEWEST":2},"termination_types":{"NEWER":2},"message_types":{"future":3}}"#
    );
}

#[test]
fn findings_are_counted_as_they_are_reported() {
    let checked = check(&[statuses(&["UPDATING", "AUTH", "PENDING_TFA"]), "{\"type\":7}\n".into()].concat());
    let totals = &checked.totals;
    assert_eq!(totals.severities.values().sum::<u64>(), checked.findings.len() as u64);
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let reported = checked.findings.iter().filter(|finding| finding.severity == severity).count();
        assert_eq!(totals.of(severity), reported as u64);
    }
    assert_eq!(
        totals.rules.clone().into_iter().collect::<Vec<_>>(),
        [(Rule::MalformedMessage, 1), (Rule::IllegalTransition, 1), (Rule::UnterminatedJob, 1)]
    );
}
