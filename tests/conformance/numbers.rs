//! Percentages, timeouts and their units, and times.

use cardsavr_protocol::conformance::Rule;
use itertools::Itertools;

use crate::log::found;

/// A log of job 101, each line a status with further fields (as JSON).
fn log(lines: &[(&str, &str)]) -> String {
    let line = |(status, fields): &(&str, &str)| {
        format!(r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}",{fields}}}}}"#)
    };
    lines.iter().map(line).join("\n")
}

/// A log of job 101 in UPDATING with these values of a field, one per line, and then its end.
fn values(field: &str, values: &[&str]) -> String {
    let fields: Vec<_> = values.iter().map(|value| format!("\"{field}\":{value}")).collect();
    let lines = fields.iter().map(|field| ("UPDATING", &**field));
    log(&lines.chain([("SUCCESSFUL", r#""termination_type":"BILLABLE""#)]).collect::<Vec<_>>())
}

#[test]
fn percentages_run_from_0_to_100() {
    assert_eq!(found(&values("percent_complete", &["-0.0", "0", "1.5", "93.5", "100", "100.0"])), []);
    assert_eq!(
        found(&values("percent_complete", &["-0.1", "100.1", "1e300"])),
        [(1, Rule::ProgressOutOfRange), (2, Rule::ProgressOutOfRange), (3, Rule::ProgressOutOfRange)]
    );
}

#[test]
fn a_faulty_percentage_is_not_remembered() {
    assert_eq!(found(&values("percent_complete", &["50", "500", "60"])), [(2, Rule::ProgressOutOfRange)]);
    assert_eq!(
        found(&values("percent_complete", &["50", "40", "45", "50"])),
        [(2, Rule::ProgressDecreased), (3, Rule::ProgressDecreased)]
    );
}

#[test]
fn an_end_is_complete() {
    let end = |percent: &str| {
        found(&log(&[(
            "SUCCESSFUL",
            &format!(r#""termination_type":"BILLABLE","percent_complete":{percent}"#),
        )]))
    };
    assert_eq!(end("100"), []);
    assert_eq!(end("null"), []);
    assert_eq!(end("99.9"), [(1, Rule::IncompleteTermination)]);
    let unknown = log(&[("NEW", r#""termination_type":"BILLABLE","percent_complete":5"#)]);
    assert_eq!(found(&unknown), [(1, Rule::UnknownStatus), (1, Rule::IncompleteTermination)]);
    // A report of a failure to connect is no end.
    let report = log(&[
        ("NETWORK_ISSUE", r#""percent_complete":5"#),
        ("KILLED", r#""termination_type":"NEVER_STARTED""#),
    ]);
    assert_eq!(found(&report), []);
}

#[test]
fn an_increased_timeout_is_remembered() {
    assert_eq!(found(&values("job_timeout", &["200", "250", "240"])), [(2, Rule::TimeoutIncreased)]);
}

#[test]
fn a_faulty_timeout_is_not_remembered() {
    assert_eq!(found(&values("job_timeout", &["200", "-1", "200"])), [(2, Rule::NegativeTimeout)]);
    assert_eq!(found(&values("job_timeout", &["200000", "200", "190000"])), [(2, Rule::MixedTimeoutUnits)]);
}

#[test]
fn less_than_a_hundredth_is_another_unit() {
    assert_eq!(found(&values("job_timeout", &["800000", "8000"])), []);
    assert_eq!(found(&values("job_timeout", &["800000", "7999"])), [(2, Rule::MixedTimeoutUnits)]);
    // Once the job has ended, any time may be left.
    let ended = log(&[
        ("UPDATING", r#""job_timeout":800000"#),
        ("SUCCESSFUL", r#""job_timeout":0,"termination_type":"BILLABLE""#),
    ]);
    assert_eq!(found(&ended), []);
}

#[test]
fn the_largest_numbers_overflow_nothing() {
    let (least, most) = (i64::MIN.to_string(), i64::MAX.to_string());
    assert_eq!(
        found(&values("job_timeout", &[&most, &least, &most, "0"])),
        [(2, Rule::NegativeTimeout), (4, Rule::MixedTimeoutUnits)]
    );
}

#[test]
fn a_timeout_may_grow_when_a_wait_begins() {
    for waiting in ["PENDING_TFA", "PENDING_NEWCREDS", "PENDING_CARD"] {
        let log = log(&[
            ("LOGIN_SUBMITTED", r#""job_timeout":200"#),
            (waiting, r#""job_timeout":440"#),
            ("KILLED", r#""termination_type":"NEVER_STARTED""#),
        ]);
        assert_eq!(found(&log), [], "{waiting}");
    }
    // The time may have been added in a wait that the log lacks.
    let skipped = log(&[
        ("LOGIN_SUBMITTED", r#""job_timeout":200"#),
        ("TFA_RECEIVED", r#""job_timeout":400"#),
        ("TFA_RECEIVED", r#""job_timeout":401"#),
        ("KILLED", r#""termination_type":"NEVER_STARTED""#),
    ]);
    assert_eq!(found(&skipped), [(2, Rule::SkippedStatus), (3, Rule::TimeoutIncreased)]);
    // A wait that began without a timeout shows it in a later message.
    let untold = log(&[
        ("LOGIN_SUBMITTED", r#""job_timeout":200"#),
        ("PENDING_TFA", r#""percent_complete":31"#),
        ("PENDING_TFA", r#""job_timeout":430"#),
        ("TFA_RECEIVED", r#""job_timeout":431"#),
        ("KILLED", r#""termination_type":"NEVER_STARTED""#),
    ]);
    assert_eq!(found(&untold), [(4, Rule::TimeoutIncreased)]);
    let later = log(&[
        ("LOGIN_SUBMITTED", r#""job_timeout":200"#),
        ("PENDING_TFA", r#""job_timeout":440"#),
        ("PENDING_TFA", r#""job_timeout":441"#),
        ("KILLED", r#""termination_type":"NEVER_STARTED""#),
    ]);
    assert_eq!(found(&later), [(3, Rule::TimeoutIncreased)]);
}

#[test]
fn messages_and_snapshots_have_numbers_of_their_own() {
    let message = |percent: u8, timeout: u16| {
        format!(
            r#"{{"type":"job_status","job_id":101,"message":{{"status":"UPDATING","percent_complete":{percent},"job_timeout":{timeout}}}}}"#
        )
    };
    let snapshot = |percent: u8, timeout: u16| {
        format!(r#"{{"id":101,"status":"UPDATING","percent_complete":{percent},"job_timeout":{timeout}}}"#)
    };
    let end = r#"{"type":"job_status","job_id":101,"message":{"status":"KILLED","termination_type":"NEVER_STARTED"}}"#;
    let log = [message(20, 200), snapshot(50, 100), message(30, 150), snapshot(40, 90), end.into()];
    assert_eq!(found(&log.join("\n")), [(4, Rule::ProgressDecreased)]);
}

/// A wait may lie between two snapshots, unless no legal sequence from one to the other has a wait.
#[test]
fn a_timeout_may_grow_between_snapshots_that_a_wait_fits_in() {
    let snapshot = |status: &str, timeout: u16| {
        format!("{{\"id\":101,\"status\":\"{status}\",\"job_timeout\":{timeout}}}\n")
    };
    let log = [
        snapshot("LOGIN_SUBMITTED", 200),
        snapshot("UPDATING", 400),
        snapshot("UPDATING", 401),
        snapshot("CANCEL_REQUESTED", 300),
        snapshot("CANCEL_REQUESTED", 301),
    ];
    assert_eq!(found(&log.concat()), [(5, Rule::TimeoutIncreased), (5, Rule::UnterminatedJob)]);
    let log = [snapshot("PENDING_TFA", 200), snapshot("PENDING_TFA", 400)];
    assert_eq!(found(&log.concat()), [(2, Rule::UnterminatedJob)]);
}

/// An unknown status may be a wait.
#[test]
fn a_timeout_may_grow_with_an_unknown_status() {
    let message = |status: &str, timeout: u16| {
        format!(
            "{{\"type\":\"job_status\",\"job_id\":101,\"message\":{{\"status\":\"{status}\",\"job_timeout\":{timeout}}}}}\n"
        )
    };
    let log = [message("UPDATING", 200), message("NEWER", 400), message("UPDATING", 401)];
    let expected = [(2, Rule::UnknownStatus), (3, Rule::TimeoutIncreased), (3, Rule::UnterminatedJob)];
    assert_eq!(found(&log.concat()), expected);
}

#[test]
fn time_runs_forward_for_each_job() {
    let at = |time: i64, job: u32| {
        format!(
            r#"{{"at":{time},"message":{{"type":"job_status","job_id":{job},"message":{{"status":"AUTH"}}}}}}"#
        )
    };
    let untimed = r#"{"type":"job_status","job_id":1,"message":{"status":"AUTH"}}"#.to_owned();
    let request = r#"{"at":8,"message":{"type":"tfa_request","job_id":1,"envelope_id":"e"}}"#.to_owned();
    let response = r#"{"at":7,"message":{"type":"tfa_response","envelope_id":"e","message":"1"}}"#.to_owned();
    let log = [at(10, 1), at(5, 2), untimed, at(9, 1), request, response, at(7, 1), at(5, 2)];
    let backwards = Rule::TimeWentBackwards;
    let unterminated = Rule::UnterminatedJob;
    assert_eq!(
        found(&log.join("\n")),
        [(4, backwards), (5, backwards), (6, backwards), (7, unterminated), (8, unterminated)]
    );
    // The same for messages that are not checked further.
    let end = |time: i64, status: &str, ends: &str| {
        format!(
            r#"{{"at":{time},"message":{{"type":"job_status","job_id":1,"message":{{"status":"{status}","termination_type":"{ends}"}}}}}}"#
        )
    };
    let successful = |time| end(time, "SUCCESSFUL", "BILLABLE");
    let log = [successful(10), end(20, "KILLED", "NEVER_STARTED"), successful(15)];
    assert_eq!(
        found(&log.join("\n")),
        [(2, Rule::MessageAfterTermination), (3, Rule::RepeatedTermination), (3, backwards)]
    );
}
