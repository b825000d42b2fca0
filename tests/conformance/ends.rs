//! The end of a job: once, with the termination type of its status, and equal in messages and snapshots.

use cardsavr_protocol::conformance::Rule;

use crate::log::{check, found, snapshot, statuses};

#[test]
fn a_job_that_ended_stays_ended() {
    let end = "SUCCESSFUL BILLABLE";
    // Any later message is one fault, however many other rules it breaks.
    let late = r#"{"type":"job_status","job_id":101,"message":{"status":"NEW","termination_type":"NEWER","percent_complete":-3,"job_timeout":-1}}"#;
    assert_eq!(found(&(statuses(&[end]) + late)), [(2, Rule::MessageAfterTermination)]);
    // Each later message is one finding, and the first end stays the end.
    assert_eq!(
        found(&statuses(&["UPDATING", end, "UPDATING", "INVALID_CARD USER_DATA_FAILURE", end])),
        [
            (3, Rule::MessageAfterTermination),
            (4, Rule::MessageAfterTermination),
            (5, Rule::RepeatedTermination)
        ]
    );
    // The same status with another termination type is another end, and so is one without it.
    assert_eq!(
        found(&statuses(&[end, "SUCCESSFUL PROCESS_FAILURE", "SUCCESSFUL"])),
        [(2, Rule::MessageAfterTermination), (3, Rule::MessageAfterTermination)]
    );
    // A report of a failure to connect is also a message after the end.
    assert_eq!(
        found(&statuses(&["NETWORK_ISSUE SITE_INTERACTION_FAILURE", "NETWORK_ISSUE"])),
        [(2, Rule::MessageAfterTermination)]
    );
    // Another spelling is the same end.
    assert_eq!(
        found(&statuses(&["CANCELLED NEVER_STARTED", "CANCELED NEVER_STARTED"])),
        [(2, Rule::StatusSpelling), (2, Rule::RepeatedTermination)]
    );
    // Other faults of a repeated end are reported.
    let again = r#"{"at":500,"message":{"type":"job_status","job_id":101,"message":{"status":"SUCCESSFUL","termination_type":"BILLABLE","percent_complete":150,"job_timeout":-1}}}"#;
    let first = again.replace("500", "900").replace("150", "100").replace("-1", "0");
    assert_eq!(
        found(&format!("{first}\n{again}")),
        [
            (2, Rule::RepeatedTermination),
            (2, Rule::ProgressOutOfRange),
            (2, Rule::NegativeTimeout),
            (2, Rule::TimeWentBackwards)
        ]
    );
}

/// A termination text shows that a job is completed, whatever its status.
#[test]
fn a_snapshot_with_a_termination_message_is_completed() {
    let job = |status: &str, text: &str| {
        format!("{{\"id\":101,\"status\":\"{status}\",\"termination_message\":{text}}}\n")
    };
    for status in ["UPDATING", "NEWER", "NETWORK_ISSUE"] {
        assert!(
            !found(&job(status, "\"Done.\"")).iter().any(|(_, rule)| *rule == Rule::UnterminatedJob),
            "{status}"
        );
        for none in ["null", "\"\""] {
            assert!(
                found(&job(status, none)).iter().any(|(_, rule)| *rule == Rule::UnterminatedJob),
                "{status}"
            );
        }
    }
}

#[test]
fn snapshots_may_repeat_an_end_and_not_contradict_it() {
    let end = |status: &str, ends: &str| {
        format!(
            "{{\"jobs\":[{{\"job_id\":101,\"job_status\":\"{status}\",\"termination_type\":\"{ends}\"}}]}}\n"
        )
    };
    let successful = end("SUCCESSFUL", "BILLABLE");
    let log = [&*successful, &*successful, &*statuses(&["UPDATING", "SUCCESSFUL BILLABLE"]), &*successful];
    assert_eq!(found(&log.concat()), []);
    assert_eq!(found(&[&*successful, &*snapshot("UPDATING")].concat()), [(2, Rule::MessageAfterTermination)]);
    // A sequence of snapshots continues from its last status, also after the end by messages.
    let log =
        [&*snapshot("UPDATING"), &*statuses(&["SUCCESSFUL BILLABLE"]), &*snapshot("AUTH"), &*successful];
    assert_eq!(found(&log.concat()), [(3, Rule::IllegalTransition)]);
    // A contradiction is one fault, at whichever end came later.
    let log = [&*successful, &*statuses(&["INVALID_CARD USER_DATA_FAILURE"]), &*successful];
    let checked = check(&log.concat());
    assert_eq!(checked.places(), [(2, Rule::ConflictingTermination)]);
    assert_eq!(checked.findings[0].found().as_deref(), Some("INVALID_CARD"));
    assert_eq!(checked.findings[0].expected(), ["SUCCESSFUL"]);
    // Only the statuses are compared.
    let log = [&*end("SUCCESSFUL", "NEWER"), &*statuses(&["SUCCESSFUL BILLABLE"])];
    assert_eq!(found(&log.concat()), [(1, Rule::UnknownTerminationType)]);
}

#[test]
fn an_unknown_status_with_a_termination_type_is_an_end() {
    assert_eq!(
        found(&statuses(&["UPDATING", "NEW BILLABLE", "NEW BILLABLE", "UPDATING"])),
        [(2, Rule::UnknownStatus), (3, Rule::RepeatedTermination), (4, Rule::MessageAfterTermination)]
    );
    assert_eq!(
        found(&statuses(&["UPDATING", "NEW NEWER"])),
        [(2, Rule::UnknownStatus), (2, Rule::UnknownTerminationType)]
    );
}

#[test]
fn an_unknown_termination_type_is_neither_wrong_nor_early() {
    assert_eq!(
        found(&statuses(&["UPDATING NEWER", "SUCCESSFUL NEWER"])),
        [(1, Rule::UnknownTerminationType)]
    );
    assert_eq!(found(&statuses(&["SUCCESSFUL NEWER"])), [(1, Rule::UnknownTerminationType)]);
}

#[test]
fn an_early_termination_type_ends_nothing() {
    assert_eq!(
        found(&statuses(&["UPDATING BILLABLE", "UPDATING", "SUCCESSFUL BILLABLE"])),
        [(1, Rule::EarlyTerminationType)]
    );
}

#[test]
fn a_terminal_status_without_its_type_ends_the_job() {
    assert_eq!(
        found(&statuses(&["SUCCESSFUL", "SUCCESSFUL", "UPDATING"])),
        [
            (1, Rule::MissingTerminationType),
            (2, Rule::RepeatedTermination),
            (3, Rule::MessageAfterTermination)
        ]
    );
}
