//! Random lawful lives, told in every lawful way, break no rule at all.

use std::collections::HashSet;

use cardsavr_protocol::conformance::Settings;
use cardsavr_protocol::{Limits, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::entry::{Event, Log};
use crate::lawful::{self, Choices, Plan, Style, Untimed};
use crate::log::check_by;

/// Numbers to take choices from.
pub(crate) fn tape() -> impl Strategy<Value = Vec<u32>> {
    vec(any::<u32>(), 0..2000)
}

fn style() -> impl Strategy<Value = Style> {
    let untimed = prop_oneof![Just(Untimed::None), Just(Untimed::Some), Just(Untimed::All)];
    let limits = prop_oneof![Just((2, 1, 2)), (0..=3u8, 0..=2u8, 0..=3u8)];
    (limits, any::<bool>(), untimed).prop_map(|(limits, shows_requests, untimed)| {
        let (failed_logins, failed_tfa_codes, network_failures) = limits;
        let limits = Limits { failed_logins, failed_tfa_codes, network_failures, ..Limits::default() };
        Style { limits, shows_requests, untimed }
    })
}

proptest! {
    #[test]
    fn a_lawful_log_breaks_no_rule(
        style in style(),
        jobs in 1..=4_usize,
        tape in tape(),
        joins in vec(any::<bool>(), 0..100),
    ) {
        let log = lawful::log(&style, &vec![Plan::default(); jobs], &mut Choices::new(tape));
        let mut joins = joins.into_iter();
        let text = log.text_of_polls(|| joins.next().unwrap_or_default());
        let settings = Settings { limits: style.limits, ..Settings::default() };
        let checked = check_by(settings, &text);
        prop_assert_eq!(&checked.findings, &[], "{}", text);
        prop_assert_eq!((checked.totals.jobs, checked.totals.unterminated), (jobs as u64, 0));
        prop_assert_eq!(checked.totals.terminations.values().sum::<u64>(), jobs as u64);
    }
}

/// The lives are worth the name: between them they show every status and everything that a log can show.
#[test]
fn the_lives_show_everything() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 400, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let seen = std::cell::RefCell::new(HashSet::new());
    runner
        .run(&(style(), tape()), |(style, tape)| {
            let log = lawful::log(&style, &vec![Plan::default(); 2], &mut Choices::new(tape));
            seen.borrow_mut().extend(shown(&log));
            Ok(())
        })
        .expect("nothing fails here");
    let seen = seen.into_inner();
    for expected in Status::ALL.iter().map(|status| status.as_str()).chain([
        "a failure to connect",
        "a request in a job",
        "a request ahead of its status",
        "a request again",
        "a request after the end",
        "a response that names its job",
        "a response that doesn't",
        "a snapshot ahead of the messages",
        "a snapshot after the end",
        "a notification",
        "milliseconds",
        "seconds",
    ]) {
        assert!(seen.contains(expected), "{expected}");
    }
}

/// What is to be seen in the log's first job.
fn shown(log: &Log) -> HashSet<String> {
    let mut all = HashSet::new();
    let mut last = None;
    let mut asked = HashSet::new();
    for entry in log.entries.iter().filter(|entry| entry.job == 0) {
        let has_ended = last.is_some_and(Status::is_terminal);
        match &entry.event {
            Event::Status(report) if report.is_network_failure() => {
                all.insert("a failure to connect".to_owned());
            }
            Event::Status(report) => {
                last = report.known();
                all.insert(report.status.clone());
                if let Some(timeout) = report.timeout {
                    all.insert(if timeout < 10_000 { "seconds" } else { "milliseconds" }.to_owned());
                }
            }
            Event::Snapshot(report, asks) => {
                if last.is_some_and(|last| last.phase() < report.known().unwrap().phase()) {
                    all.insert("a snapshot ahead of the messages".to_owned());
                }
                if has_ended {
                    all.insert("a snapshot after the end".to_owned());
                }
                if asks.iter().any(|ask| asked.insert(ask.envelope.clone())) {
                    all.insert("a request in a job".to_owned());
                }
            }
            Event::Notified(_) => {
                all.insert("a notification".to_owned());
            }
            Event::Request(ask) => {
                let is_new = asked.insert(ask.envelope.clone());
                let is_ahead = is_new && last.is_some_and(|last| !last.is_waiting());
                let requests = [
                    (!is_new, "a request again"),
                    (is_ahead, "a request ahead of its status"),
                    (has_ended, "a request after the end"),
                ];
                all.extend(requests.iter().filter(|(is, _)| *is).map(|(_, what)| (*what).to_owned()));
            }
            Event::Response(answer) => {
                let what = if answer.names_job { "that names its job" } else { "that doesn't" };
                all.insert(format!("a response {what}"));
            }
            Event::Raw(_) => {}
        }
    }
    all
}
