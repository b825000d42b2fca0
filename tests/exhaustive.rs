//! Proofs by walking the whole state space of the runtime machine: status × memory.

use std::collections::{HashMap, HashSet};

use cardsavr_protocol::{Guard, Job, Limits, Memory, Status, StatusSet};

#[path = "oracle/mod.rs"]
#[expect(dead_code, reason = "the fuzz target `life` uses more of it")]
mod oracle;

use oracle::{Past, TABLE};

/// Every job that lawful moves lead to from a start, with the jobs that one more lawful move leads to.
fn state_space(limits: &Limits) -> HashMap<Job, Vec<Job>> {
    let mut space = HashMap::new();
    let mut open = vec![Job::new(Status::Initiated), Job::new(Status::Requested)];
    while let Some(job) = open.pop() {
        if space.contains_key(&job) {
            continue;
        }
        let moves = Status::ALL.iter().map(|&to| job.apply(to, limits));
        let next: Vec<Job> = moves.chain([job.report_network_failure(limits)]).flatten().collect();
        open.extend(&next);
        space.insert(job, next);
    }
    space
}

#[test]
fn every_status_is_reached() {
    let reached: StatusSet = state_space(&Limits::default()).keys().map(Job::status).collect();
    assert_eq!(reached.len(), Status::ALL.len());
}

#[test]
fn every_job_in_progress_can_end() {
    let space = state_space(&Limits::default());
    let mut can_end: HashSet<Job> = space.keys().copied().filter(|job| job.status().is_terminal()).collect();
    loop {
        let before = can_end.len();
        can_end.extend(
            space
                .iter()
                .filter(|(_, next)| next.iter().any(|job| can_end.contains(job)))
                .map(|(j, _)| *j)
                .collect::<Vec<_>>(),
        );
        if can_end.len() == before {
            break;
        }
    }
    assert_eq!(can_end.len(), space.len());
}

#[test]
fn no_phase_goes_back_and_nothing_leaves_an_end() {
    for (job, next) in state_space(&Limits::default()) {
        for after in next {
            assert!(job.status().phase() <= after.status().phase());
            assert!(!job.status().is_terminal() || after.status() == job.status());
        }
    }
}

#[test]
fn guards_hold_under_any_limits() {
    for (failed_logins, failed_tfa_codes, network_failures) in itertools::iproduct!(0..=3u8, 0..=2u8, 0..=3u8)
    {
        let limits = limits(failed_logins, failed_tfa_codes, network_failures);
        for job in state_space(&limits).into_keys() {
            let memory = job.memory();
            assert!(memory.count(Guard::FailedLogins) <= failed_logins);
            assert!(memory.count(Guard::FailedTfaCodes) <= failed_tfa_codes);
            assert!(memory.count(Guard::NetworkFailures) <= network_failures);
            let has_credentials = memory.count(Guard::CredentialsReceived) > 0;
            assert!(!has_credentials || !is_without_credentials(job.status()));
        }
    }
}

fn limits(failed_logins: u8, failed_tfa_codes: u8, network_failures: u8) -> Limits {
    Limits::default()
        .with_failed_logins(failed_logins)
        .with_failed_tfa_codes(failed_tfa_codes)
        .with_network_failures(network_failures)
}

fn is_without_credentials(status: Status) -> bool {
    matches!(status, Status::PendingCreds | Status::CancelledQuickstart | Status::AbandonedQuickstart)
}

/// For every state and every status: `apply` refuses exactly what the table lacks or a guard forbids, and what it
/// says about a refusal is true.
#[test]
fn apply_is_the_table_less_the_guards() {
    let limits = Limits::default();
    for job in state_space(&limits).into_keys() {
        let past = Past::from_counts(|guard| job.memory().count(guard));
        for &to in Status::ALL {
            let forbidden =
                past.guard(Some(job.status()), to, &limits).filter(|_| !job.status().is_terminal());
            match job.apply(to, &limits) {
                Ok(after) => {
                    assert_eq!(after.status(), to);
                    assert!(job.status() == to || job.status().can_become(to) && forbidden.is_none());
                }
                Err(error) => {
                    assert!(forbidden.is_some() || !job.status().can_become(to));
                    assert_eq!((error.job, error.to, error.guard), (job, to, forbidden));
                    assert_eq!(error.legal, job.legal(&limits));
                    assert!(error.legal.iter().all(|next| job.apply(next, &limits).is_ok()));
                    assert!(!error.legal.contains(to));
                }
            }
        }
    }
}

#[test]
fn a_job_serializes_and_resumes() {
    for job in state_space(&Limits::default()).into_keys() {
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }
    let job = Job::new(Status::PendingTfa).report_network_failure(&Limits::default()).unwrap();
    assert_eq!(
        serde_json::to_string(&job).unwrap(),
        r#"{"status":"PENDING_TFA","memory":{"counts":{"credentials_received":1,"network_failures":1},"is_repeat":true}}"#
    );
}

/// A checker has one for each job.
#[test]
fn a_memory_is_small() {
    assert!(size_of::<Memory>() <= 4);
}

/// Counts are kept up to the largest limit, and no further.
#[test]
fn counts_saturate() {
    let mut job = Job::new(Status::LoginSubmitted);
    for _ in 0..300 {
        job = job.adopt(Status::PendingNewCreds).adopt(Status::LoginResubmitted);
    }
    assert_eq!(job.memory().count(Guard::FailedLogins), 255);
    assert_eq!(job.memory().count(Guard::FailedTfaCodes), 0);
    assert_eq!(job.memory().count(Guard::CredentialsReceived), 1);
    assert_eq!(job.memory().count(Guard::NetworkFailures), 0);
}

/// The statuses that show that the initial credentials have come.
#[test]
fn credentials_show_in_the_statuses_that_only_follow_them() {
    for &status in Status::ALL {
        assert_eq!(status.shows_credentials(), TABLE.shows_credentials(status), "{status}");
    }
}

#[test]
fn network_failures_in_a_row_are_one() {
    let limits = Limits::default();
    let failed = Job::new(Status::Auth).report_network_failure(&limits).unwrap();
    let again = failed.report_network_failure(&limits).unwrap();
    assert_eq!(
        (again, again.memory().count(Guard::NetworkFailures), again.status()),
        (failed, 1, Status::Auth)
    );

    let second = again.apply(Status::Auth, &limits).unwrap().report_network_failure(&limits).unwrap();
    assert_eq!(second.memory().count(Guard::NetworkFailures), 2);
    let back = second.apply(Status::Auth, &limits).unwrap();
    let third = back.report_network_failure(&limits).unwrap_err();
    assert_eq!(third.guard, Some(Guard::NetworkFailures));
    assert_eq!(back.apply(Status::NetworkIssue, &limits).unwrap().status(), Status::NetworkIssue);
}
