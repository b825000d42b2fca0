//! The expected findings on the messages of two jobs.

use cardsavr_protocol::conformance::{Checker, Finding, Position, Rule, Settings};
use cardsavr_protocol::wire::{Block, JobStatusMessage, Message, StatusBody};
use cardsavr_protocol::{Limits, Status};

use crate::oracle::{Reported, TABLE};

pub(super) struct Log {
    limits: Limits,
    checker: Checker,
    line: u64,
    /// The model of each job, and the line of its last message.
    jobs: [(Reported, u64); 2],
}

impl Log {
    pub(super) fn new(limits: &Limits) -> Self {
        let settings = Settings { limits: limits.clone(), ..Settings::default() };
        Self { limits: limits.clone(), checker: Checker::new(settings), line: 0, jobs: Default::default() }
    }

    /// Fails unless the checker reports the rules of the model for a message.
    pub(super) fn assert_finds(&mut self, number: usize, said: &StatusBody) {
        self.line += 1;
        let position = Position { input: 0, line: self.line, column: 1 };
        let message = JobStatusMessage::new(number as u64, said.clone());
        let json = serde_json::to_string(&message).expect("a message can be printed");
        let message = Message::from_json(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        let (mut block, mut findings) = (Block::default(), Vec::new());
        block.push_message(&message, position, None);
        self.checker.check(&mut block, &mut findings);

        let (job, line) = &mut self.jobs[number];
        *line = self.line;
        let (from, legal) = (job.status, job.legal(&self.limits));
        let expected = job.take(said.status.text(), said.termination_type.is_some(), &self.limits);
        let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, Vec::from_iter(expected), "{json} after {from:?}");
        for finding in &findings {
            assert_eq!((finding.position, &finding.job_id), (position, &Some((number as u64).into())));
            assert_expects(finding, from, &legal);
        }
    }

    /// Fails unless the checker reports the jobs that have not ended.
    pub(super) fn assert_ends(self) {
        let mut findings = Vec::new();
        let totals = self.checker.finish(&mut findings);
        let mut lines: Vec<u64> = findings.iter().map(|finding| finding.position.line).collect();
        lines.sort_unstable();
        let begun = || self.jobs.iter().filter(|(job, _)| job.has_begun);
        let mut expected: Vec<u64> =
            begun().filter(|(job, _)| job.end.is_none()).map(|(_, line)| *line).collect();
        expected.sort_unstable();
        assert_eq!(lines, expected);
        assert!(findings.iter().all(|finding| finding.rule == Rule::UnterminatedJob));
        assert_eq!((totals.messages, totals.jobs), (self.line, begun().count() as u64));
    }
}

/// Fails unless the `expected` of a finding are the legal statuses, or the skipped ones.
fn assert_expects(finding: &Finding, from: Option<Status>, legal: &[Status]) {
    let expected: Vec<Status> = match finding.rule {
        Rule::RepeatedTermination
        | Rule::MessageAfterTermination
        | Rule::UnknownStatus
        | Rule::EarlyFailureLimit => {
            return assert!(finding.expected().is_empty(), "{finding:?}");
        }
        _ => finding.expected().iter().map(|status| status.parse().expect("it is a status")).collect(),
    };
    if finding.rule != Rule::SkippedStatus {
        return assert_eq!(expected, legal, "{finding:?}");
    }
    let from = from.expect("a status precedes the skipped ones");
    let to = *expected.last().expect("a sequence has an end");
    assert_eq!(finding.found().as_deref(), Some(to.as_str()));
    assert_eq!(TABLE.distance(from, to), Some(expected.len()), "{finding:?} is the shortest sequence");
    let before = [from].into_iter().chain(expected.iter().copied());
    for (one, next) in before.zip(&expected) {
        assert!(TABLE.next(one).contains(next), "{finding:?}");
    }
}
