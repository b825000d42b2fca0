//! Memory follows the number of jobs, not the length of the log: a heartbeat allocates nothing.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use cardsavr_protocol::conformance::{Checker, Position, Settings};
use cardsavr_protocol::wire::{Block, Message};
use cardsavr_protocol::{Job, Limits, Status, Timestamp};

fn message(job: &str, rest: &str) -> String {
    format!(r#"{{"type":"job_status","job_id":{job},"message":{{{rest}}}}}"#)
}

/// The allocations of a checker for these messages, after it has checked the first one.
fn observing(first: &str, messages: &[String]) -> AllocationInfo {
    let mut checker = Checker::new(Settings::default());
    let mut findings = Vec::new();
    let messages: Vec<_> = messages.iter().map(|text| Message::from_json(text).expect("a message")).collect();
    let first = Message::from_json(first).expect("a message");
    let start = 1_632_787_200_000_i64;
    let mut block = Block::default();
    let mut observe = |message: &Message, seconds: i64| {
        block.clear();
        block.push_message(message, Position::default(), Some(Timestamp::from_millis(start + seconds)));
        checker.check(&mut block, &mut findings);
    };
    observe(&first, 0);
    let info = measure(|| messages.iter().zip(1..).for_each(|(message, seconds)| observe(message, seconds)));
    assert_eq!(findings, [], "the messages break no rule");
    info
}

/// Checks the measurement: messages of new jobs do allocate.
#[test]
fn new_jobs_allocate() {
    let auth = |job: u32| message(&job.to_string(), r#""status":"AUTH""#);
    assert!(observing(&auth(1), &(2..100).map(auth).collect::<Vec<_>>()).count_total > 0);
}

#[test]
fn a_heartbeat_allocates_nothing() {
    for job in ["101", "\"101\"", "\"a-job\""] {
        for status in ["UPDATING", "PENDING_TFA", "QUEUED"] {
            let heartbeat = |timeout: i32| {
                let text = format!(
                    r#""status":"{status}","percent_complete":31.5,"job_timeout":{timeout},"status_message":"hm""#
                );
                message(job, &text)
            };
            let heartbeats: Vec<_> = (700_000..701_000).rev().map(heartbeat).collect();
            let info = observing(&heartbeat(701_000), &heartbeats);
            assert_eq!(info.count_total, 0, "{job} in {status}");
        }
    }
}

/// Neither a step from one status to the next nor a report of a failure to connect allocates.
#[test]
fn a_step_allocates_nothing() {
    let status = |status: &str| message("101", &format!(r#""status":"{status}""#));
    let steps = [
        "AUTH",
        "LOGIN_SUBMITTED",
        "NETWORK_ISSUE",
        "PENDING_TFA",
        "TFA_RECEIVED",
        "TFA_SUBMITTED",
        "UPDATING",
    ];
    let info = observing(&status("IN_PROGRESS"), &steps.map(status));
    assert_eq!(info.count_total, 0);
}

#[test]
fn applying_a_status_allocates_nothing() {
    let limits = Limits::default();
    let info = measure(|| {
        let job = Job::new(Status::Requested);
        for status in [Status::Requested, Status::Queued, Status::Updating, Status::InProgress, Status::Auth]
        {
            _ = black_box(job.apply(status, &limits));
            _ = black_box(job.report_network_failure(&limits));
        }
    });
    assert_eq!(info.count_total, 0);
}
