//! Proofs by walking the whole state space of the runtime machine in each edition: status × memory.

use std::collections::{HashMap, HashSet};

use cardsavr_protocol::{Edition, Guard, Job, Limits, Memory, Status, StatusSet};

#[path = "oracle/mod.rs"]
#[expect(dead_code, reason = "the fuzz target `life` uses the rest")]
mod oracle;

use oracle::{Past, table};

/// Every job that legal moves reach from a start, with the jobs that one more legal move reaches.
fn state_space(edition: Edition, limits: &Limits) -> HashMap<Job, Vec<Job>> {
    let mut space = HashMap::new();
    let mut open = vec![Job::of(edition, Status::Initiated), Job::of(edition, Status::Requested)];
    while let Some(job) = open.pop() {
        if space.contains_key(&job) {
            continue;
        }
        let moves = Status::VOCABULARY.iter().map(|&to| job.apply(to, limits));
        let next: Vec<Job> = moves.chain([job.report_network_failure(limits)]).flatten().collect();
        open.extend(&next);
        space.insert(job, next);
    }
    space
}

/// The state space of each edition under its own limits.
fn state_spaces() -> impl Iterator<Item = (Edition, Limits, HashMap<Job, Vec<Job>>)> {
    Edition::ALL.iter().map(|&edition| {
        let limits = Limits::of(edition);
        let space = state_space(edition, &limits);
        (edition, limits, space)
    })
}

#[test]
fn every_status_is_reached() {
    for (edition, _, space) in state_spaces() {
        let reached: StatusSet = space.keys().map(Job::status).collect();
        assert_eq!(reached, edition.statuses());
        assert!(space.keys().all(|job| job.edition() == edition));
    }
}

#[test]
fn every_job_in_progress_can_end() {
    for (.., space) in state_spaces() {
        let mut can_end: HashSet<Job> =
            space.keys().copied().filter(|job| job.status().is_terminal()).collect();
        loop {
            let before = can_end.len();
            let more = space.iter().filter(|(_, next)| next.iter().any(|job| can_end.contains(job)));
            can_end.extend(more.map(|(job, _)| *job).collect::<Vec<_>>());
            if can_end.len() == before {
                break;
            }
        }
        assert_eq!(can_end.len(), space.len());
    }
}

#[test]
fn no_phase_goes_back_and_nothing_leaves_an_end() {
    for (job, next) in state_spaces().flat_map(|(.., space)| space) {
        for after in next {
            assert!(job.status().phase() <= after.status().phase());
            assert!(!job.status().is_terminal() || after.status() == job.status());
        }
    }
}

#[test]
fn guards_hold_under_any_limits() {
    let limits = itertools::iproduct!(Edition::ALL, 0..=3u8, 0..=2u8, 0..=3u8);
    for (&edition, failed_logins, failed_tfa_codes, network_failures) in limits {
        let limits = Limits::of(edition)
            .with_failed_logins(failed_logins)
            .with_failed_tfa_codes(failed_tfa_codes)
            .with_network_failures(network_failures);
        for job in state_space(edition, &limits).into_keys() {
            let memory = job.memory();
            assert!(memory.count(Guard::FailedLogins) <= failed_logins);
            assert!(memory.count(Guard::FailedTfaCodes) <= failed_tfa_codes);
            let reports = if edition == Edition::V2021 { network_failures } else { 0 };
            assert!(memory.count(Guard::NetworkFailures) <= reports);
            let has_credentials = memory.count(Guard::CredentialsReceived) > 0;
            assert!(!has_credentials || !is_without_credentials(job.status()));
        }
    }
}

fn is_without_credentials(status: Status) -> bool {
    matches!(status, Status::PendingCreds | Status::CancelledQuickstart | Status::AbandonedQuickstart)
}

/// For every state and every status: `apply` refuses exactly what the table lacks or a guard forbids, and its error
/// describes the refusal correctly.
#[test]
fn apply_is_the_table_less_the_guards() {
    for (edition, limits, space) in state_spaces() {
        for (job, &to) in space.keys().flat_map(|job| Status::VOCABULARY.iter().map(move |to| (job, to))) {
            let past = Past::from_counts(edition, |guard| job.memory().count(guard));
            let from = job.status();
            let forbidden = past.guard(Some(from), to, &limits).filter(|_| !from.is_terminal());
            let is_in_table = table(edition).next(from).contains(&to);
            assert_eq!(job.legal(&limits).contains(to), is_in_table && forbidden.is_none());
            match job.apply(to, &limits) {
                Ok(after) => {
                    assert_eq!((after.status(), after.edition()), (to, edition));
                    assert!(from == to || is_in_table && forbidden.is_none());
                }
                Err(error) => {
                    assert!(forbidden.is_some() || !is_in_table);
                    assert_eq!((error.job, error.to, error.guard), (*job, to, forbidden));
                    assert_eq!(error.legal, job.legal(&limits));
                    assert!(error.legal.iter().all(|next| job.apply(next, &limits).is_ok()));
                    assert!(!error.legal.contains(to));
                    let names_the_edition =
                        error.to_string().contains(&format!("the edition {edition} has no"));
                    assert_eq!(names_the_edition, !table(edition).has(to) && forbidden.is_none());
                }
            }
        }
    }
}

#[test]
fn a_job_serializes_and_resumes() {
    for job in state_spaces().flat_map(|(.., space)| space.into_keys()) {
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }
    let job = Job::new(Status::PendingTfa).report_network_failure(&Limits::default()).unwrap();
    assert_eq!(
        serde_json::to_string(&job).unwrap(),
        r#"{"status":"PENDING_TFA","memory":{"counts":{"credentials_received":1,"network_failures":1},"is_repeat":true}}"#
    );
}

/// A checker keeps one for each job.
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
    for (&edition, &status) in itertools::iproduct!(Edition::ALL, Status::VOCABULARY) {
        assert_eq!(edition.shows_credentials(status), table(edition).shows_credentials(status), "{status}");
    }
}

#[test]
fn consecutive_network_failures_count_once() {
    let limits = Limits::default();
    let failed = Job::new(Status::Auth).report_network_failure(&limits).unwrap();
    let again = failed.report_network_failure(&limits).unwrap();
    assert_eq!(
        (again, again.memory().count(Guard::NetworkFailures), again.status()),
        (failed, 1, Status::Auth)
    );

    assert!(format!("{:?}", failed.memory()).contains("NetworkFailures: 1"));
    let second = again.apply(Status::Auth, &limits).unwrap().report_network_failure(&limits).unwrap();
    assert_eq!(second.memory().count(Guard::NetworkFailures), 2);
    let back = second.apply(Status::Auth, &limits).unwrap();
    let third = back.report_network_failure(&limits).unwrap_err();
    assert_eq!(third.guard, Some(Guard::NetworkFailures));
    assert_eq!(back.apply(Status::NetworkIssue, &limits).unwrap().status(), Status::NetworkIssue);
}

/// What the error says of each kind of refusal.
#[test]
fn a_refusal_has_its_reason() {
    let limits = Limits::default();
    let reason = |from, to| Job::new(from).apply(to, &limits).unwrap_err().to_string();
    for (from, to, expected) in [
        (Status::Successful, Status::Auth, "a job that ended stays ended"),
        (Status::Killed, Status::Successful, "a job that ended stays ended"),
        (Status::Updating, Status::Auth, "no job goes back to an earlier phase"),
        (Status::LoginSubmitted, Status::Queued, "no job goes back to an earlier phase"),
        (Status::Requested, Status::Successful, "no such end follows that status"),
        (Status::TfaSubmitted, Status::Auth, "the table has no such transition"),
        (Status::Requested, Status::Updating, "the table has no such transition"),
    ] {
        let text = reason(from, to);
        assert!(text.contains(&format!("{from} may not become {to}: {expected}")), "{text}");
    }
}
