//! A monitor has the findings of a checker in a log of its job alone.

use cardsavr_protocol::conformance::{Finding, Monitor, Position, Rule, Settings};
use cardsavr_protocol::wire::{Block, JobId, log_items};
use cardsavr_protocol::{Status, TerminationType, Timestamp};

use crate::log::{check, job_statuses, snapshot, statuses};

/// The findings of a monitor of job 101 in a log with one record per line, and the monitor.
fn monitor(log: &str) -> (Monitor, Vec<Finding>) {
    let mut monitor = Monitor::new(JobId::from(101), Settings::default());
    let mut findings = Vec::new();
    for (record, line) in log.lines().zip(1..) {
        log_items(record, |part| {
            let position = Position { input: 0, line, column: part.offset as u64 + 1 };
            let at = part.at.and_then(|at| at.parse().ok()).map(Timestamp::from_millis);
            if part.content.is_ok() {
                let mut block = Block::default();
                part.push(&mut block, position, at);
                monitor.check(&mut block, &mut findings);
            }
        });
    }
    monitor.finish(&mut findings);
    (monitor, findings)
}

#[test]
fn a_monitor_finds_what_a_checker_finds() {
    let mut found = 0;
    for rule in Rule::ALL {
        for log in [rule.example(), rule.near_miss()].map(str::to_owned) {
            // Only the reader of logs parses times as text.
            let log = log.lines().filter(|line| !line.contains("\"at\":\"")).collect::<Vec<_>>().join("\n");
            let checked = check(&log);
            // A malformed record is not observed.
            let of_job = |finding: &&Finding| {
                finding.job_id == Some(JobId::from(101)) && finding.rule != Rule::MalformedMessage
            };
            let expected: Vec<_> = checked.findings.iter().filter(of_job).cloned().collect();
            if checked.totals.jobs == 1 {
                assert_eq!(monitor(&log).1, expected, "{rule}: {log}");
                found += expected.len();
            }
        }
    }
    assert!(found > 20, "the examples are of job 101: {found}");
}

#[test]
fn what_is_of_another_job_is_passed_over() {
    let own = statuses(&["UPDATING", "SUCCESSFUL BILLABLE"]);
    let other = job_statuses("102", &["UPDATING", "PENDING_TFA"]);
    let nobodys = r#"{"type":"tfa_response","envelope_id":"e","message":"1"}"#;
    let (monitor, findings) = monitor(&format!("{other}{nobodys}\n{own}{nobodys}\n{other}"));
    assert_eq!(findings, []);
    assert_eq!(monitor.status(), Some(Status::Successful));
    assert_eq!(monitor.termination_type(), Some(TerminationType::Billable));
    assert!(monitor.has_ended());
}

#[test]
fn an_unfinished_job_is_reported_at_the_end() {
    let (monitor, findings) = monitor(&snapshot("AUTH"));
    assert_eq!(monitor.status(), Some(Status::Auth));
    assert!(!monitor.has_ended());
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].rule, findings[0].position.line), (Rule::UnterminatedJob, 1));
    assert_eq!(findings[0].message(), "the log ends and job 101 has not: its last status is AUTH");
}
