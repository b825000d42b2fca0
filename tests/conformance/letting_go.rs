//! Jobs that ended long ago are let go, and nothing false is said of them afterwards.

use core::time::Duration;

use cardsavr_protocol::Limits;
use cardsavr_protocol::conformance::{Rule, Settings};

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

#[test]
fn the_most_recent_ended_jobs_are_remembered() {
    let log: String = (1..=6).map(ended).collect();
    for (settings, late_of, expected, let_go) in [
        // Of the jobs 1 to 6, two at least are kept; a generation passes with the first message after every second end.
        (2, 6, vec![(7, Rule::MessageAfterTermination)], 4),
        (2, 5, vec![(7, Rule::MessageAfterTermination)], 4),
        (2, 1, vec![], 4),
        (6, 1, vec![(7, Rule::MessageAfterTermination)], 0),
        (Settings::MAX_ENDED_JOBS, 1, vec![(7, Rule::MessageAfterTermination)], 0),
    ] {
        let settings = Settings { max_ended_jobs: settings, ..Settings::default() };
        let checked = check_by(settings, &format!("{log}{}", late(late_of)));
        assert_eq!(checked.places(), expected, "{late_of}");
        assert_eq!(checked.totals.let_go, let_go, "{late_of}");
        assert_eq!(checked.totals.jobs, if expected.is_empty() { 7 } else { 6 });
    }
}

#[test]
fn by_time_ended_jobs_are_remembered_for_as_long_as_messages_wait() {
    let settings = || Settings {
        limits: Limits::default().with_message_retention(Duration::from_secs(60)),
        ..Settings::default()
    };
    let after = |times: &[u64]| {
        let others = times.iter().zip(2..).map(|(&time, job)| at(time, &ended(job)));
        let last = *times.last().expect("there is one");
        let log = format!("{}{}{}", at(0, &ended(1)), others.collect::<String>(), at(last, &late(1)));
        let checked = check_by(settings(), &log);
        (checked.findings.len(), checked.totals.let_go)
    };
    assert_eq!(after(&[59_999]), (1, 0));
    assert_eq!(after(&[60_000]), (1, 0), "at least so long");
    assert_eq!(after(&[60_000, 120_000]), (0, 1), "and then no longer");
    assert_eq!(after(&[60_000, 119_999]), (1, 0));
    // A job that goes on is never let go.
    let log = [
        at(0, &job_statuses("1", &["UPDATING"])),
        at(60_000, &ended(2)),
        at(600_000, &ended(3)),
        at(900_000, &job_statuses("1", &["PENDING_TFA"])),
    ];
    assert_eq!(check_by(settings(), &log.concat()).places()[0], (4, Rule::IllegalTransition));
}

#[test]
fn an_answer_to_what_was_let_go_is_not_called_unmatched() {
    let request =
        |job: u32| format!("{{\"type\":\"tfa_request\",\"job_id\":{job},\"envelope_id\":\"e{job}\"}}\n");
    let response =
        |job: &str| format!("{{\"type\":\"tfa_response\",{job}\"envelope_id\":\"e1\",\"message\":\"1\"}}\n");
    let lives: String = (1..=5).map(|job| request(job) + &ended(job)).collect();
    let settings = || Settings { max_ended_jobs: 1, ..Settings::default() };
    for job in ["", "\"job_id\":1,"] {
        let checked = check_by(settings(), &format!("{lives}{}", response(job)));
        assert_eq!(checked.places(), [], "{job}");
        assert!(checked.totals.let_go > 0);
    }
    // An envelope that nobody ever had is still unmatched where the job is known.
    let stray = response("\"job_id\":6,").replace("\"e1\"", "\"never\"");
    let log = format!("{lives}{}{stray}", job_statuses("6", &["UPDATING"]));
    assert_eq!(check_by(settings(), &log).places()[0], (12, Rule::UnmatchedResponse));
}
