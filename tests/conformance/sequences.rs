//! Special cases of the sequences of a job's statuses.

use cardsavr_protocol::Limits;
use cardsavr_protocol::conformance::{Rule, Settings};

use crate::log::{check, check_by, found, job_statuses, snapshot, statuses};

#[test]
fn a_log_may_start_in_the_middle_of_a_job() {
    assert_eq!(found(&statuses(&["TFA_SUBMITTED", "UPDATING", "SUCCESSFUL BILLABLE"])), []);
    assert_eq!(found(&statuses(&["SUCCESSFUL BILLABLE"])), []);
}

#[test]
fn the_same_status_again_is_a_heartbeat() {
    assert_eq!(
        found(&statuses(&[
            "PENDING_NEWCREDS",
            "PENDING_NEWCREDS",
            "PENDING_NEWCREDS",
            "KILLED NEVER_STARTED"
        ])),
        []
    );
}

#[test]
fn jobs_are_judged_independently_and_by_either_form_of_the_id() {
    let log = [
        job_statuses("1586", &["AUTH"]),
        job_statuses("\"1587\"", &["UPDATING"]),
        job_statuses("\"1586\"", &["LOGIN_SUBMITTED"]),
        job_statuses("1587", &["SUCCESSFUL BILLABLE"]),
        job_statuses("\"a-job\"", &["UPDATING"]),
        job_statuses("1586", &["UPDATING", "SUCCESSFUL BILLABLE"]),
        job_statuses("\"a-job\"", &["SUCCESSFUL BILLABLE"]),
    ];
    let checked = check(&log.concat());
    assert_eq!(checked.places(), []);
    assert_eq!(checked.totals.jobs, 3);
}

/// After a finding the status is set without checking, so that later messages don't repeat the fault.
#[test]
fn a_fault_is_reported_once_and_the_next_step_is_judged_from_there() {
    let log = statuses(&["UPDATING", "PENDING_TFA", "PENDING_TFA", "TFA_SUBMITTED", "SUCCESSFUL BILLABLE"]);
    assert_eq!(
        found(&log),
        [(2, Rule::IllegalTransition), (4, Rule::SkippedStatus), (5, Rule::SkippedStatus)]
    );
}

#[test]
fn a_guard_is_reported_before_the_table() {
    // No sequence leads from UPDATING to PENDING_CREDS, and the credentials were already received.
    assert_eq!(
        found(&statuses(&["UPDATING", "PENDING_CREDS", "KILLED NEVER_STARTED"])),
        [(2, Rule::CredentialsAlreadyReceived)]
    );
    // A third failed login that also has a missing status before it.
    let log = statuses(&[
        "PENDING_NEWCREDS",
        "NEWCREDS_RECEIVED",
        "LOGIN_RESUBMITTED",
        "PENDING_NEWCREDS",
        "NEWCREDS_RECEIVED",
        "PENDING_NEWCREDS",
        "KILLED NEVER_STARTED",
    ]);
    assert_eq!(found(&log), [(6, Rule::TooManyFailedLogins)]);
}

#[test]
fn a_code_failed_only_where_the_job_asks_again_directly() {
    // A report of a failure to connect between the two doesn't matter.
    let log = statuses(&[
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        "NETWORK_ISSUE",
        "PENDING_TFA",
        "KILLED NEVER_STARTED",
    ]);
    assert_eq!(found(&log), [(8, Rule::TooManyFailedTfaCodes)]);
}

#[test]
fn a_skip_names_the_shortest_sequence() {
    let checked = check(&statuses(&["REQUESTED", "LOGIN_SUBMITTED", "KILLED NEVER_STARTED"]));
    assert_eq!(checked.places(), [(2, Rule::SkippedStatus)]);
    assert_eq!(checked.findings[0].found().as_deref(), Some("LOGIN_SUBMITTED"));
    assert_eq!(checked.findings[0].expected(), ["QUEUED", "IN_PROGRESS", "AUTH", "LOGIN_SUBMITTED"]);
}

#[test]
fn a_skipped_status_changes_no_memory() {
    // A PENDING_NEWCREDS was skipped between the two: two failed logins may still follow.
    let log = statuses(&[
        "LOGIN_SUBMITTED",
        "NEWCREDS_RECEIVED",
        "LOGIN_RESUBMITTED",
        "PENDING_NEWCREDS",
        "NEWCREDS_RECEIVED",
        "LOGIN_RESUBMITTED",
        "PENDING_NEWCREDS",
        "TIMEOUT_CREDENTIALS USER_DATA_FAILURE",
    ]);
    assert_eq!(found(&log), [(2, Rule::SkippedStatus)]);
}

#[test]
fn an_unseen_cancel_is_not_assumed() {
    assert_eq!(found(&statuses(&["AUTH", "CANCELLED NEVER_STARTED"])), [(2, Rule::IllegalTransition)]);
    assert_eq!(found(&statuses(&["AUTH", "CANCEL_REQUESTED", "CANCELLED NEVER_STARTED"])), []);
    // The cancel itself may follow a gap.
    assert_eq!(found(&statuses(&["CANCEL_REQUESTED", "SUCCESSFUL BILLABLE"])), []);
}

#[test]
fn a_hole_is_judged_by_reachability_alone() {
    let end = "KILLED NEVER_STARTED";
    assert_eq!(found(&statuses(&["AUTH", "NEW", "TFA_SUBMITTED", end])), [(2, Rule::UnknownStatus)]);
    assert_eq!(
        found(&statuses(&["UPDATING", "NEW", "AUTH", end])),
        [(2, Rule::UnknownStatus), (3, Rule::IllegalTransition)]
    );
    // The hole ends with the next known status.
    assert_eq!(
        found(&statuses(&["AUTH", "NEW", "AUTH", "TFA_SUBMITTED", end])),
        [(2, Rule::UnknownStatus), (4, Rule::SkippedStatus)]
    );
    // Guards are not checked either: a code fails only directly, so not across an unknown status,
    let log = statuses(&[
        "TFA_SUBMITTED",
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        "NEW",
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        end,
    ]);
    assert_eq!(found(&log), [(5, Rule::UnknownStatus)]);
    // and the unknown status may have changed the credentials. Guards apply again after the next known status.
    let log = statuses(&["CREDS_RECEIVED", "NEW", "PENDING_CREDS", "AUTH", "PENDING_CREDS", end]);
    assert_eq!(
        found(&log),
        [(2, Rule::UnknownStatus), (4, Rule::SkippedStatus), (5, Rule::CredentialsAlreadyReceived)]
    );
}

#[test]
fn snapshots_sample_a_job_and_are_judged_by_themselves() {
    // Snapshots may be ahead of the messages, and statuses may be missing between them.
    let log = [
        statuses(&["AUTH"]),
        snapshot("PENDING_TFA"),
        statuses(&["LOGIN_SUBMITTED"]),
        snapshot("UPDATING"),
        statuses(&["PENDING_TFA", "TFA_RECEIVED", "TFA_SUBMITTED", "UPDATING", "SUCCESSFUL BILLABLE"]),
    ];
    assert_eq!(found(&log.concat()), []);
    // A status that no sequence leads to is also illegal between snapshots.
    let log = [snapshot("UPDATING"), snapshot("AUTH"), statuses(&["KILLED NEVER_STARTED"])];
    assert_eq!(found(&log.concat()), [(2, Rule::IllegalTransition)]);
    // Guards and numbers are checked, too.
    let log = [
        snapshot("LOGIN_SUBMITTED"),
        snapshot("PENDING_CREDS"),
        r#"{"id":101,"status":"KILLED","termination_type":"NEVER_STARTED","percent_complete":101}"#.into(),
    ];
    assert_eq!(found(&log.concat()), [(2, Rule::CredentialsAlreadyReceived), (3, Rule::ProgressOutOfRange)]);
}

#[test]
fn consecutive_failures_to_connect_count_once() {
    let end = "KILLED NEVER_STARTED";
    let log = ["AUTH", "NETWORK_ISSUE", "NETWORK_ISSUE", "NETWORK_ISSUE", "NETWORK_ISSUE", "AUTH", end];
    assert_eq!(found(&statuses(&log)), []);
    // They count twice if any other status, known or unknown, is between them.
    let log = ["NETWORK_ISSUE", "NEW", "NETWORK_ISSUE", "AUTH", "NETWORK_ISSUE", "NETWORK_ISSUE", end];
    assert_eq!(found(&statuses(&log)), [(2, Rule::UnknownStatus), (5, Rule::TooManyNetworkFailures)]);
    // The status of the job is unchanged, and the next step is judged from it.
    assert_eq!(
        found(&statuses(&["AUTH", "NETWORK_ISSUE", "TFA_SUBMITTED", end])),
        [(3, Rule::SkippedStatus)]
    );
    // An end in this status without its termination type is not an end.
    assert_eq!(found(&statuses(&["AUTH", "NETWORK_ISSUE"])), [(2, Rule::UnterminatedJob)]);
}

#[test]
fn too_few_failures_count_only_for_a_job_seen_from_its_start() {
    let rest =
        ["QUEUED", "IN_PROGRESS", "AUTH", "LOGIN_SUBMITTED", "TOO_MANY_LOGIN_FAILURES USER_DATA_FAILURE"];
    let from = |first: &[&'static str]| statuses(&[first, &rest].concat());
    let early = Rule::EarlyFailureLimit;
    assert_eq!(found(&from(&["REQUESTED"])), [(6, early)]);
    assert_eq!(found(&from(&["INITIATED", "REQUESTED"])), [(7, early)]);
    assert_eq!(found(&from(&[])), []);
    // A skipped or unknown status may have been the other failure.
    assert_eq!(found(&from(&["INITIATED"])), [(2, Rule::SkippedStatus)]);
    assert_eq!(found(&from(&["REQUESTED", "NEW"])), [(2, Rule::UnknownStatus)]);
    assert_eq!(found(&from(&["NEW", "REQUESTED"])), [(1, Rule::UnknownStatus)]);
    // A step that a guard was reported for can also be a gap: from CREDS_RECEIVED the way back leads through AUTH.
    let gap = ["REQUESTED", "QUEUED", "IN_PROGRESS", "CREDS_RECEIVED", "PENDING_CREDS", "CREDS_RECEIVED"];
    let log = statuses(&[&gap[..], &rest[3..]].concat());
    assert_eq!(found(&log), [(5, Rule::CredentialsAlreadyReceived)]);
    // The end comes before the cancel is acknowledged.
    let log =
        statuses(&["REQUESTED", "QUEUED", "CANCEL_REQUESTED", "TOO_MANY_LOGIN_FAILURES USER_DATA_FAILURE"]);
    assert_eq!(found(&log), [(4, early)]);
    // A failure may lie between two snapshots.
    let end = r#"{"id":101,"status":"TOO_MANY_LOGIN_FAILURES","termination_type":"USER_DATA_FAILURE"}"#;
    assert_eq!(found(&[&snapshot("INITIATED"), &snapshot("CANCEL_REQUESTED"), end].concat()), []);
    // Other limits allow other sequences.
    let limits = Limits::default().with_failed_logins(1);
    let settings = Settings { limits, ..Settings::default() };
    assert_eq!(check_by(settings, &from(&["REQUESTED"])).places(), []);
    let limits = Limits::default().with_failed_tfa_codes(2);
    let log = statuses(&[
        "REQUESTED",
        "QUEUED",
        "IN_PROGRESS",
        "AUTH",
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        "TOO_MANY_TFA_FAILURES USER_DATA_FAILURE",
    ]);
    assert_eq!(check_by(Settings { limits, ..Settings::default() }, &log).places(), [(8, early)]);
    assert_eq!(found(&log), []);
}

#[test]
fn a_word_is_reported_once_per_job() {
    let log = [
        statuses(&["NEW", "NEW", "NEWER", "IN-PROGRESS", "IN-PROGRESS NEW", "IN_PROGRESS NEW"]),
        job_statuses("102", &["NEW", "KILLED NEVER_STARTED"]),
        statuses(&["KILLED NEVER_STARTED"]),
    ];
    assert_eq!(
        found(&log.concat()),
        [
            (1, Rule::UnknownStatus),
            (3, Rule::UnknownStatus),
            (4, Rule::StatusSpelling),
            (5, Rule::UnknownTerminationType),
            (7, Rule::UnknownStatus),
        ]
    );
}

/// The reported words are remembered after the end.
#[test]
fn a_word_is_reported_once_per_ended_job() {
    let snapshot = |status: &str, ends: &str| {
        format!("{{\"id\":101,\"status\":\"{status}\",\"termination_type\":\"{ends}\"}}\n")
    };
    let log =
        [statuses(&["CANCEL_REQUESTED", "CANCELED NEVER_STARTED"]), snapshot("CANCELED", "NEVER_STARTED")];
    assert_eq!(found(&log.concat()), [(2, Rule::StatusSpelling)]);
    let log = [snapshot("NEW", "NEWER"), statuses(&["UPDATING", "NEW NEWER"])];
    assert_eq!(found(&log.concat()), [(1, Rule::UnknownStatus), (1, Rule::UnknownTerminationType)]);
}

#[test]
fn findings_on_one_message_come_in_the_order_of_the_catalogue() {
    let first = r#"{"at":5,"message":{"type":"job_status","job_id":101,"message":{"status":"UPDATING","percent_complete":50,"job_timeout":100}}}"#;
    let second = r#"{"at":4,"message":{"type":"job_status","job_id":101,"message":{"status":"IN-PROGRESS","termination_type":"BILLABLE","percent_complete":40,"job_timeout":-1}}}"#;
    assert_eq!(
        found(&[first, second].join("\n")),
        [
            (2, Rule::StatusSpelling),
            (2, Rule::IllegalTransition),
            (2, Rule::EarlyTerminationType),
            (2, Rule::ProgressDecreased),
            (2, Rule::NegativeTimeout),
            (2, Rule::TimeWentBackwards),
            (2, Rule::UnterminatedJob),
        ]
    );
}

#[test]
fn jobs_that_did_not_end_come_last_in_the_order_of_their_first_message() {
    let log = [
        job_statuses("9", &["AUTH"]),
        job_statuses("\"x\"", &["AUTH"]),
        job_statuses("3", &["UPDATING"]),
        job_statuses("9", &["UPDATING"]),
        job_statuses("3", &["AUTH"]),
        job_statuses("5", &["KILLED NEVER_STARTED"]),
    ];
    let checked = check(&log.concat());
    assert_eq!(
        checked.places(),
        [
            (5, Rule::IllegalTransition),
            (4, Rule::UnterminatedJob),
            (2, Rule::UnterminatedJob),
            (5, Rule::UnterminatedJob),
        ]
    );
    let jobs: Vec<_> = checked.findings[1..].iter().map(|f| f.job_id.clone().unwrap().to_string()).collect();
    assert_eq!(jobs, ["9", "x", "3"]);
}
