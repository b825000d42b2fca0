//! The checker finds the seeded faults in simulated logs, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use cardsavr_cli::commands::simulate::{self, Seeded, Start};
use cardsavr_cli::pipeline::entries::Reading;
use cardsavr_cli::pipeline::judge::Judge;
use cardsavr_cli::pipeline::log;
use cardsavr_cli::pipeline::output::Output;
use cardsavr_protocol::conformance::{Checker, Finding, Rule, Settings, Summary};
use cardsavr_protocol::simulate::Simulation;
use cardsavr_protocol::wire::JobId;
use cardsavr_protocol::{Status, TerminationType, Transition};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sha2::{Digest, Sha256};

/// The log and its faults, in the order of their lines.
fn simulated(simulation: &Simulation, start: Option<Start>) -> (String, Vec<Seeded>) {
    let (mut log, mut truth) = (Vec::new(), Vec::new());
    let result = simulate::log(simulation, start, &mut log, |seeded| {
        truth.push(seeded);
        Ok(())
    });
    result.expect("there is room for it");
    truth.sort_by_key(|seeded| seeded.line);
    (String::from_utf8(log).expect("it is text"), truth)
}

struct Findings(Vec<Finding>);

impl Output for Findings {
    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        self.0.push(finding.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// The findings of a check, including notes, in the order of the lines.
fn found(log: &str) -> Vec<Finding> {
    let (mut checker, mut findings) = (Checker::new(Settings::default()), Findings(Vec::new()));
    let read = log::check(
        &Reading::default(),
        log.as_bytes(),
        "log",
        0,
        &mut Judge::new(&mut checker, &mut findings),
    );
    assert!(read.is_ok(), "it can be read");
    checker.finish(&mut findings.0);
    findings.0.sort_by_key(|finding| finding.position.line);
    findings.0
}

/// Whether a check finds the faults of a log at their lines and jobs, and nothing else.
fn assert_found(log: &str, truth: &[Seeded]) -> Result<(), TestCaseError> {
    let findings = found(log);
    let places: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.position.line)).collect();
    let expected: Vec<_> = truth.iter().map(|seeded| (seeded.rule, seeded.line)).collect();
    prop_assert_eq!(places, expected);
    for (finding, seeded) in findings.iter().zip(truth) {
        match &finding.job_id {
            Some(job) => prop_assert_eq!(job, &JobId::Number(seeded.job_id)),
            // Such a record has no known job.
            None => prop_assert!(matches!(seeded.rule, Rule::MalformedJson | Rule::RecordTooLarge)),
        }
    }
    Ok(())
}

/// Any simulated log, with or without times.
fn simulation() -> impl Strategy<Value = (Simulation, Option<Start>)> {
    let start = prop_oneof![Just("2026-03-02T09:00:00Z"), Just("-1"), Just("0")];
    (any::<u64>(), 1..40_u64, 1..30_usize, start).prop_map(|(seed, jobs, alive, start)| {
        (Simulation::new(seed).jobs(jobs).alive(alive), start.parse().ok())
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

#[test]
fn a_valid_log_has_no_findings() {
    let result = runner(64).run(&simulation(), |(simulation, start)| {
        let (log, truth) = simulated(&simulation, start);
        prop_assert_eq!(truth, []);
        assert_found(&log, &[])
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn each_rules_faults_are_found_and_nothing_else_is() {
    for &rule in Rule::ALL {
        let faulty = (simulation(), 0.01..=1.0);
        let result = runner(12).run(&faulty, |((lawful, start), rate)| {
            let (log, truth) = simulated(&lawful.faults([rule], rate), start);
            prop_assert!(!truth.is_empty());
            prop_assert!(truth.iter().all(|seeded| seeded.rule == rule));
            assert_found(&log, &truth)
        });
        result.unwrap_or_else(|error| panic!("{rule}: {error}"));
    }
}

#[test]
fn all_rules_faults_are_found_in_one_log() {
    for start in ["2026-03-02T09:00:00Z", "0"] {
        let start = Some(start.parse().expect("it is a time"));
        let simulation = Simulation::new(1).jobs(2_000).faults(Rule::ALL.iter().copied(), 0.5);
        let (log, truth) = simulated(&simulation, start);
        assert_eq!(truth.len(), 1_000);
        let rules: BTreeSet<_> = truth.iter().map(|seeded| seeded.rule).collect();
        assert!(rules.iter().eq(Rule::ALL), "each rule in turn");
        assert_found(&log, &truth).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The faults of some jobs don't change the messages of the others.
#[test]
fn a_job_depends_on_the_seed_and_its_number_alone() {
    let messages_of = |simulation: &Simulation, job: &str| {
        let (log, _) = simulated(simulation, None);
        let id = format!("\"job_id\":{job},");
        log.lines().filter(|line| line.contains(&id)).map(str::to_owned).collect::<Vec<_>>()
    };
    let lawful = Simulation::new(1).jobs(20).alive(20);
    let faulty = lawful.clone().faults([Rule::SkippedStatus], 0.1);
    for job in ["2", "3", "5"] {
        assert_eq!(messages_of(&lawful, job), messages_of(&faulty, job));
    }
    assert_ne!(messages_of(&lawful, "1"), messages_of(&faulty, "1"));
}

/// The log depends only on the seed and on the life cycle, not on the machine or the time.
#[test]
fn a_seed_always_makes_the_same_log() {
    let at = |start: &str| -> Option<Start> { start.parse().ok() };
    let small = Simulation::new(1).jobs(3);
    insta::assert_snapshot!("seed_1", simulated(&small, at("2026-03-02T09:00:00Z")).0);
    let lawful = Simulation::new(2).jobs(1_000);
    let hash = Sha256::digest(simulated(&lawful, at("0")).0);
    insta::assert_snapshot!("lawful_sha256", format!("{:02x?}", hash.as_slice()));
    let all = Simulation::new(1).jobs(1_000).faults(Rule::ALL.iter().copied(), 0.5);
    let hash = Sha256::digest(simulated(&all, at("0")).0);
    insta::assert_snapshot!("all_faults_sha256", format!("{:02x?}", hash.as_slice()));
}

/// Collects the statuses and transitions of a log while it is written.
#[derive(Default)]
struct Walked {
    /// The largest number of bytes in one read.
    most_at_once: usize,
    /// The last status of each job.
    statuses: HashMap<String, Status>,
    transitions: BTreeMap<(Status, Status), u64>,
    terminations: BTreeMap<TerminationType, u64>,
}

impl Walked {
    fn line(&mut self, line: &str) {
        let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest);
        let Some((id, _)) =
            after("{\"type\":\"job_status\",\"job_id\":").and_then(|rest| rest.split_once(','))
        else {
            return;
        };
        let status = after("\"status\":\"").and_then(|rest| rest.split_once('"')).expect("it has one").0;
        let status: Status = status.parse().expect("it is in the table");
        // A report of a failure to connect doesn't change the status of the job.
        if status.is_terminal() != line.contains("\"termination_type\"") {
            return;
        }
        if let Some(before) = self.statuses.insert(id.to_owned(), status) {
            if before != status {
                *self.transitions.entry((before, status)).or_default() += 1;
            }
        }
        if let Some(termination_type) = status.termination_type() {
            *self.terminations.entry(termination_type).or_default() += 1;
        }
    }
}

/// Each write consists of complete lines.
impl Write for Walked {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.most_at_once = self.most_at_once.max(text.len());
        std::str::from_utf8(text).expect("it is text").lines().for_each(|line| self.line(line));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_status_transition_and_kind_of_end_occurs() {
    let mut walked = Walked::default();
    for seed in 1..=2 {
        let simulation = Simulation::new(seed).jobs(30_000);
        simulate::log(&simulation, None, &mut walked, |_| Ok(())).expect("it is read");
        walked.statuses.clear();
    }
    let told: BTreeSet<_> = walked.transitions.keys().copied().collect();
    // By the documented limits, one failed login is too few for this end.
    let needs_other_limits = (Status::LoginSubmitted, Status::TooManyLoginFailures);
    let lawful = Transition::all().map(|transition| (transition.from, transition.to));
    let lawful: BTreeSet<_> = lawful.filter(|&transition| transition != needs_other_limits).collect();
    assert_eq!(told, lawful);
    assert_eq!(walked.terminations.len(), TerminationType::ALL.len());
    // As in a working service, most jobs succeed, and few never start.
    let count = |termination_type| walked.terminations[&termination_type];
    assert!(count(TerminationType::Billable) > 30_000, "{:?}", walked.terminations);
    assert!(count(TerminationType::NeverStarted) < 10_000, "{:?}", walked.terminations);
    // Only a bounded part of the log is buffered.
    assert!(walked.most_at_once < 300_000, "{}", walked.most_at_once);
}
