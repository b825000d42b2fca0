//! Every transition of the table occurs in a valid job history.

use std::collections::{HashMap, VecDeque};

use cardsavr_protocol::conformance::Settings;
use cardsavr_protocol::simulate::lawful_next;
use cardsavr_protocol::{Job, Limits, Status, Transition};
use itertools::Itertools;

use crate::log::{check_by, statuses};

/// A shortest valid history from one of the jobs to one that satisfies `is_goal`: the jobs of each step, with both ends.
fn search(from: &[Job], limits: &Limits, is_goal: impl Fn(Job) -> bool) -> Option<Vec<Job>> {
    let mut came_from: HashMap<Job, Option<Job>> = from.iter().map(|&job| (job, None)).collect();
    let mut queue = VecDeque::from(from.to_vec());
    while let Some(job) = queue.pop_front() {
        if is_goal(job) {
            let mut life: Vec<_> = std::iter::successors(Some(job), |job| came_from[job]).collect();
            life.reverse();
            return Some(life);
        }
        for next in lawful_next(job, limits).iter() {
            let next = job.apply(next, limits).expect("what is lawful is legal");
            came_from.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some(job)
            });
        }
    }
    None
}

/// A valid history that takes a transition; `None` if these limits allow none.
fn life_with(taken: Transition, limits: &Limits) -> Option<Vec<Status>> {
    let starts = [Status::Initiated, Status::Requested].map(Job::new);
    let can_take = |job: Job| job.status() == taken.from && lawful_next(job, limits).contains(taken.to);
    let before = search(&starts, limits, can_take)?;
    let after = before.last()?.apply(taken.to, limits).ok()?;
    let rest = search(&[after], limits, |job| job.status().is_terminal())?;
    Some(before.into_iter().chain(rest).map(|job| job.status()).collect())
}

/// Asserts that a history breaks no rule by its limits and takes the transition.
fn assert_valid(taken: Transition, life: &[Status], limits: &Limits) {
    assert!(life.iter().tuple_windows().any(|(&from, &to)| (from, to) == (taken.from, taken.to)));
    let report = |status: &Status| match status.termination_type() {
        Some(termination_type) => format!("{status} {termination_type}"),
        None => status.to_string(),
    };
    let lines: Vec<String> = life.iter().map(report).collect();
    let log = statuses(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let checked = check_by(Settings { limits: limits.clone(), ..Settings::default() }, &log);
    assert_eq!(checked.findings, [], "{} to {}: {life:?}", taken.from, taken.to);
}

#[test]
fn every_transition_occurs_in_a_valid_history() {
    let documented = Limits::default();
    let fewer_logins = Limits::default().with_failed_logins(1);
    let mut other = Vec::new();
    for taken in Transition::all() {
        if let Some(life) = life_with(taken, &documented) {
            assert_valid(taken, &life, &documented);
        } else {
            let life = life_with(taken, &fewer_logins)
                .unwrap_or_else(|| panic!("no valid history takes {} to {}", taken.from, taken.to));
            assert_valid(taken, &life, &fewer_logins);
            other.push((taken.from, taken.to));
        }
    }
    // By the documented limits, one failed login is too few for this end.
    assert_eq!(other, [(Status::LoginSubmitted, Status::TooManyLoginFailures)]);
}
