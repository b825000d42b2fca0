//! Simulated logs: the checker reports nothing in valid ones, the seeded fault in faulty ones, and in altered ones the
//! faults that the independent model of `tests/oracle` reports.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use cardsavr_protocol::conformance::{Rule, Settings};
use cardsavr_protocol::simulate::{
    Bytes, Choose, Content, History, Record, Report, Simulation, Times, Variety, write_poll,
};
use cardsavr_protocol::{Limits, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::log::{check_by, found};
use crate::oracle::{Reported, TABLE};

/// Bytes to generate logs from.
fn tape() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..4000)
}

fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![Just((2, 1, 2)), (0..=3u8, 0..=2u8, 0..=3u8)].prop_map(|(logins, codes, network)| {
        Limits::default()
            .with_failed_logins(logins)
            .with_failed_tfa_codes(codes)
            .with_network_failures(network)
    })
}

fn variety() -> impl Strategy<Value = Variety> {
    let times = prop_oneof![Just(Times::All), Just(Times::Some), Just(Times::None)];
    (any::<bool>(), times).prop_map(|(shows_requests, times)| Variety { shows_requests, times })
}

/// A valid log.
fn lawful(jobs: u64, limits: &Limits, variety: Variety, tape: &[u8]) -> History {
    Simulation::new(0).jobs(jobs).limits(limits.clone()).variety(variety).log_from(tape).collect()
}

/// The text of a log with polls: `joins` decides whether records of the same time, or without one, are one poll.
fn text(records: &[Record], mut joins: impl FnMut() -> bool) -> String {
    let mut text = String::new();
    for poll in records.chunk_by(|one, next| one.at == next.at && joins()) {
        write_poll(poll, 1_632_787_200_000, &mut text).expect("there is room for it");
    }
    text
}

/// The statuses that the messages of each job report.
fn reports(records: &[Record]) -> impl Iterator<Item = (u64, Report)> {
    records.iter().filter_map(|record| match record.content {
        Content::Status(report) => Some((record.job.number, report)),
        _ => None,
    })
}

proptest! {
    #[test]
    fn a_valid_log_violates_no_rule(
        limits in limits(),
        variety in variety(),
        jobs in 1..=4_u64,
        tape in tape(),
        joins in vec(any::<bool>(), 0..100),
    ) {
        let log = lawful(jobs, &limits, variety, &tape);
        prop_assert_eq!(&log.faults, &[]);
        let mut model = BTreeMap::<u64, Reported>::new();
        for (job, report) in reports(&log.records) {
            let rule =
                model.entry(job).or_default().take(report.status, report.termination_type.is_some(), &limits);
            prop_assert_eq!(rule, None, "{}", report.status);
        }
        prop_assert!(model.values().all(|job| job.end.is_some()));

        let mut joins = joins.into_iter();
        let text = text(&log.records, || joins.next().unwrap_or_default());
        let checked = check_by(Settings { limits, ..Settings::default() }, &text);
        prop_assert_eq!(&checked.findings, &[], "{}", text);
        prop_assert_eq!((checked.totals.jobs, checked.totals.unterminated), (jobs, 0));
        prop_assert_eq!(checked.totals.terminations.values().sum::<u64>(), jobs);
    }

    /// Statuses are lost, repeated or replaced: the checker reports at each message what the model reports.
    #[test]
    fn an_altered_log_violates_the_rules_of_the_model(
        limits in limits(),
        jobs in 1..=3_u64,
        tape in tape(),
        alterations in vec(any::<u8>(), 0..200),
    ) {
        let log = lawful(jobs, &limits, Variety::default(), &tape);
        let mut choices = Bytes::new(&alterations);
        let (mut text, mut expected, mut model) = (String::new(), Vec::new(), BTreeMap::new());
        let mut line = 0;
        for (job, report) in reports(&log.records) {
            let (times, status) = match choices.below(16) {
                1 => (0, report.status),
                2 => (2, report.status),
                3 => (1, choices.pick(Status::ALL).expect("there are statuses").as_str()),
                4 => (1, "PENDING_SELFIE"),
                _ => (1, report.status),
            };
            let goes_on = report.is_network_failure() && status == report.status;
            let known = status.parse().ok().filter(|_| !goes_on);
            let ends = known.and_then(|status| TABLE.termination_type(status));
            for _ in 0..times {
                line += 1;
                let ends = ends.map(|ends| format!(r#","termination_type":"{ends}""#)).unwrap_or_default();
                let body = format!(r#"{{"status":"{status}"{ends}}}"#);
                writeln!(text, r#"{{"type":"job_status","job_id":{job},"message":{body}}}"#).expect("it fits");
                let job: &mut (Reported, u64) = model.entry(job).or_default();
                expected.extend(job.0.take(status, !ends.is_empty(), &limits).map(|rule| (line, rule)));
                job.1 = line;
            }
        }
        let open = model.values().filter(|(job, _)| job.end.is_none()).map(|(_, line)| *line);
        let mut open: Vec<_> = open.map(|line| (line, Rule::UnterminatedJob)).collect();
        let mut places = check_by(Settings { limits, ..Settings::default() }, &text).places();
        let mut ends = places.split_off(expected.len().min(places.len()));
        open.sort_unstable_by_key(|(line, _)| *line);
        ends.sort_unstable_by_key(|(line, _)| *line);
        prop_assert_eq!((places, ends), (expected, open), "{}", text);
    }
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The fault of each rule in the first of three jobs, generated from any bytes.
#[test]
fn a_seeded_fault_is_found_at_its_record_and_nothing_else_is() {
    let variety = Variety { shows_requests: true, times: Times::All };
    for &rule in Rule::ALL {
        let result = runner(64).run(&tape(), |tape| {
            let simulation = Simulation::new(0).jobs(3).variety(variety).faults([rule], 0.1);
            let log: History = simulation.log_from(&tape).collect();
            let text = text(&log.records, || false);
            prop_assert_eq!(log.faults.len(), 1, "{}", text);
            let line = log.faults[0].record as u64 + 1;
            prop_assert_eq!(found(&text), [(line, rule)], "{}", text);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{rule}: {error}"));
    }
}

/// A malformed record without a job is reported at any position, and nothing else is.
#[test]
fn a_foreign_record_is_found_anywhere() {
    let foreign = [
        (Rule::MalformedJson, "[1,]"),
        (Rule::MalformedMessage, r#"{"type":"tfa_response","envelope_id":"0/0==","message":123456}"#),
        (Rule::MalformedMessage, r#"{"type":"job_status","job_id":-1,"message":{"status":"UPDATING"}}"#),
        (Rule::UnknownMessageType, r#"{"type":"selfie","envelope_id":"new"}"#),
        (Rule::UnknownMessageType, r#"{"type":"wallet_link","envelope_id":"new"}"#),
    ];
    let strategy = (0..foreign.len(), any::<prop::sample::Index>(), tape());
    let result = runner(128).run(&strategy, |(which, at, tape)| {
        let log = lawful(2, &Limits::default(), Variety { shows_requests: true, times: Times::All }, &tape);
        let (rule, record) = foreign[which];
        let text = text(&log.records, || false);
        let mut lines: Vec<&str> = text.lines().collect();
        let at = at.index(lines.len() + 1);
        lines.insert(at, record);
        prop_assert_eq!(found(&lines.join("\n")), [(at as u64 + 1, rule)]);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Together the histories have every status and every other element of a log.
#[test]
fn the_histories_have_every_element_of_a_log() {
    let seen = std::cell::RefCell::new(HashSet::new());
    runner(400)
        .run(&(limits(), variety(), tape()), |(limits, variety, tape)| {
            seen.borrow_mut().extend(shown(&lawful(2, &limits, variety, &tape)));
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

/// The elements of the first job of a log.
fn shown(log: &History) -> HashSet<&'static str> {
    let (mut all, mut last, mut asked) = (HashSet::new(), None, HashSet::new());
    for record in log.records.iter().filter(|record| record.job.number == 1) {
        let has_ended = last.is_some_and(Status::is_terminal);
        let mut shows = |what, is_shown| {
            if is_shown {
                all.insert(what);
            }
        };
        match &record.content {
            Content::Status(report) if report.is_network_failure() => shows("a failure to connect", true),
            Content::Status(report) => {
                last = report.known();
                shows(report.status, true);
                shows("seconds", report.timeout.is_some_and(|timeout| timeout < 10_000));
                shows("milliseconds", report.timeout.is_some_and(|timeout| timeout >= 10_000));
            }
            Content::Snapshot(report, request) => {
                let phase = report.known().expect("a lawful status").phase();
                shows("a snapshot ahead of the messages", last.is_some_and(|last| last.phase() < phase));
                shows("a snapshot after the end", has_ended);
                shows("a request in a job", request.is_some_and(|request| asked.insert(request.nth)));
            }
            Content::Notification(_) => shows("a notification", true),
            Content::Request(request) => {
                let is_new = asked.insert(request.nth);
                shows("a request again", !is_new);
                shows("a request ahead of its status", is_new && last.is_some_and(|last| !last.is_waiting()));
                shows("a request after the end", has_ended);
            }
            Content::Response { names_job: true, .. } => shows("a response that names its job", true),
            Content::Response { .. } => shows("a response that doesn't", true),
            _ => {}
        }
    }
    all
}
