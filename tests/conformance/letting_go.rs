//! Jobs that ended long ago are evicted, and later messages for them cause no false findings.

use core::time::Duration;

use cardsavr_protocol::Limits;
use cardsavr_protocol::conformance::{Rule, SHARDS, Settings, shard_of};
use cardsavr_protocol::wire::{Block, Position, log_items};

use crate::log::{check_by, job_statuses};

fn ended(job: u32) -> String {
    job_statuses(&job.to_string(), &["SUCCESSFUL BILLABLE"])
}

fn late(job: u32) -> String {
    job_statuses(&job.to_string(), &["KILLED NEVER_STARTED"])
}

fn at(time: u64, log: &str) -> String {
    let records = log.lines().map(|line| format!("{{\"at\":{time},\"message\":{line}}}\n"));
    records.collect()
}

/// Jobs of one shard: each shard evicts independently.
fn jobs() -> [u32; 7] {
    let shard = |job: &u32| {
        let mut block = Block::default();
        log_items(&ended(*job), |item| item.push(&mut block, Position::default(), None));
        block.get(0).map(|event| shard_of(&event))
    };
    let mut of_one = (1..).filter(|job| shard(job) == shard(&1));
    core::array::from_fn(|_| of_one.next().expect("there is always another one"))
}

#[test]
fn the_most_recent_ended_jobs_are_remembered() {
    let jobs = jobs();
    let log: String = jobs[..6].iter().map(|job| ended(*job)).collect();
    for (settings, late_of, expected, let_go) in [
        // At least two of the six jobs of a shard are kept: a new generation begins with the first message after every second
        // end.
        (2 * SHARDS, 6, vec![(7, Rule::MessageAfterTermination)], 4),
        (2 * SHARDS, 5, vec![(7, Rule::MessageAfterTermination)], 4),
        (2 * SHARDS, 1, vec![], 4),
        (6 * SHARDS, 1, vec![(7, Rule::MessageAfterTermination)], 0),
        (Settings::MAX_ENDED_JOBS, 1, vec![(7, Rule::MessageAfterTermination)], 0),
    ] {
        let settings = Settings { max_ended_jobs: settings, ..Settings::default() };
        let checked = check_by(settings, &format!("{log}{}", late(jobs[late_of - 1])));
        assert_eq!(checked.places(), expected, "{late_of}");
        assert_eq!(checked.totals.let_go, let_go, "{late_of}");
        assert_eq!(checked.totals.jobs, if expected.is_empty() { 7 } else { 6 });
    }
}

#[test]
fn with_times_ended_jobs_are_remembered_for_the_message_retention() {
    let settings = || Settings {
        limits: Limits::default().with_message_retention(Duration::from_secs(60)),
        ..Settings::default()
    };
    let after = |times: &[u64]| {
        let jobs = jobs();
        let others = times.iter().zip(&jobs[1..]).map(|(&time, job)| at(time, &ended(*job)));
        let last = *times.last().expect("there is one");
        let log =
            format!("{}{}{}", at(0, &ended(jobs[0])), others.collect::<String>(), at(last, &late(jobs[0])));
        let checked = check_by(settings(), &log);
        (checked.findings.len(), checked.totals.let_go)
    };
    assert_eq!(after(&[59_999]), (1, 0));
    assert_eq!(after(&[60_000]), (1, 0), "kept for at least the retention");
    assert_eq!(after(&[60_000, 120_000]), (0, 1), "evicted after two generations");
    assert_eq!(after(&[60_000, 119_999]), (1, 0));
    // A job in progress is never evicted.
    let [live, first, second, ..] = jobs();
    let log = [
        at(0, &job_statuses(&live.to_string(), &["UPDATING"])),
        at(60_000, &ended(first)),
        at(600_000, &ended(second)),
        at(900_000, &job_statuses(&live.to_string(), &["PENDING_TFA"])),
    ];
    assert_eq!(check_by(settings(), &log.concat()).places()[0], (4, Rule::IllegalTransition));
}

#[test]
fn an_answer_to_an_evicted_request_is_not_unmatched() {
    let jobs = jobs();
    let request =
        |job: u32| format!("{{\"type\":\"tfa_request\",\"job_id\":{job},\"envelope_id\":\"e{job}\"}}\n");
    let response = |job: &str| {
        let envelope = jobs[0];
        format!("{{\"type\":\"tfa_response\",{job}\"envelope_id\":\"e{envelope}\",\"message\":\"1\"}}\n")
    };
    let lives: String = jobs[..5].iter().map(|&job| request(job) + &ended(job)).collect();
    let settings = || Settings { max_ended_jobs: 1, ..Settings::default() };
    for job in [String::new(), format!("\"job_id\":{},", jobs[0])] {
        let checked = check_by(settings(), &format!("{lives}{}", response(&job)));
        assert_eq!(checked.places(), [], "{job}");
        assert!(checked.totals.let_go > 0);
    }
    // A response with an envelope that never occurred is still unmatched if its job is known.
    let stray =
        response(&format!("\"job_id\":{},", jobs[5])).replace(&format!("\"e{}\"", jobs[0]), "\"never\"");
    let log = format!("{lives}{}{stray}", job_statuses(&jobs[5].to_string(), &["UPDATING"]));
    assert_eq!(check_by(settings(), &log).places()[0], (12, Rule::UnmatchedResponse));
}
