//! What a checker must find in the messages of two jobs.

use cardsavr_protocol::conformance::{Checker, Finding, Observation, Position, Rule, Settings};
use cardsavr_protocol::wire::{JobStatusMessage, Message, StatusBody};
use cardsavr_protocol::{Guard, Limits, Status};

use super::UNKNOWN;
use super::model::{Past, TABLE};

pub(super) struct Log {
    limits: Limits,
    checker: Checker,
    line: u64,
    jobs: [Told; 2],
}

/// What the messages have told of a job.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, told by the rules' own words")]
struct Told {
    has_begun: bool,
    /// The last known status.
    status: Option<Status>,
    past: Past,
    /// Whether it was seen from its start, without a gap since.
    is_whole: bool,
    /// Whether something unknown came after the last known status, or ever.
    is_unclear: bool,
    was_unknown: bool,
    end: Option<Status>,
    /// Where its last message stands.
    line: u64,
}

impl Log {
    pub(super) fn new(limits: &Limits) -> Self {
        let settings = Settings { limits: limits.clone(), ..Settings::default() };
        Self { limits: limits.clone(), checker: Checker::new(settings), line: 0, jobs: Default::default() }
    }

    /// Fails unless the checker finds in a message of a job what the model finds.
    pub(super) fn assert_finds(&mut self, number: usize, said: &StatusBody<'static>) {
        self.line += 1;
        let position = Position { input: 0, line: self.line, column: 1 };
        let message = JobStatusMessage { job_id: (number as u64).into(), message: said.clone() };
        let json = serde_json::to_string(&message).expect("a message can be printed");
        let message = Message::from_json(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        let mut findings = Vec::new();
        self.checker.observe(&Observation::from(&message), position, None, &mut findings);

        let job = &mut self.jobs[number];
        job.line = self.line;
        let from = job.status;
        let legal = from.map(|from| job.past.legal(from, &self.limits)).unwrap_or_default();
        let expected = job.hear(said, &self.limits);
        let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, Vec::from_iter(expected), "{json} after {from:?}");
        for finding in &findings {
            assert_eq!((finding.position, &finding.job_id), (position, &Some((number as u64).into())));
            assert_expects(finding, from, &legal);
        }
    }

    /// Fails unless the jobs that have not ended are found at the end of the log.
    pub(super) fn assert_ends(self) {
        let mut findings = Vec::new();
        let totals = self.checker.finish(&mut findings);
        let mut lines: Vec<u64> = findings.iter().map(|finding| finding.position.line).collect();
        lines.sort_unstable();
        let told = || self.jobs.iter().filter(|job| job.has_begun);
        let mut expected: Vec<u64> = told().filter(|job| job.end.is_none()).map(|job| job.line).collect();
        expected.sort_unstable();
        assert_eq!(lines, expected);
        assert!(findings.iter().all(|finding| finding.rule == Rule::UnterminatedJob));
        assert_eq!((totals.messages, totals.jobs), (self.line, told().count() as u64));
    }
}

/// What a finding says was expected: what was legal, or the way that was skipped.
fn assert_expects(finding: &Finding, from: Option<Status>, legal: &[Status]) {
    let expected: Vec<Status> = match finding.rule {
        Rule::RepeatedTermination
        | Rule::MessageAfterTermination
        | Rule::UnknownStatus
        | Rule::EarlyFailureLimit => {
            return assert!(finding.expected.is_empty(), "{finding:?}");
        }
        _ => finding.expected.iter().map(|status| status.parse().expect("it is a status")).collect(),
    };
    if finding.rule != Rule::SkippedStatus {
        return assert_eq!(expected, legal, "{finding:?}");
    }
    let from = from.expect("something comes before what is skipped");
    let to = *expected.last().expect("a way has an end");
    assert_eq!(finding.found.as_deref(), Some(to.as_str()));
    assert_eq!(TABLE.distance(from, to), Some(expected.len()), "{finding:?} is the shortest way");
    let before = [from].into_iter().chain(expected.iter().copied());
    for (one, next) in before.zip(&expected) {
        assert!(TABLE.next(one).contains(next), "{finding:?}");
    }
}

impl Told {
    /// Takes in a message, and gives the rule that it breaks.
    fn hear(&mut self, said: &StatusBody<'_>, limits: &Limits) -> Option<Rule> {
        let is_first = !self.has_begun;
        self.has_begun = true;
        let ends = said.termination_type.is_some();
        let status = said.status.known();
        if let Some(end) = self.end {
            let is_same = ends && status == Some(end);
            return Some(if is_same { Rule::RepeatedTermination } else { Rule::MessageAfterTermination });
        }
        let Some(status) = status else { return self.hear_unknown(said.status.text()) };
        if status == Status::NetworkIssue && !ends {
            return self.past.disconnect(limits).then_some(Rule::TooManyNetworkFailures);
        }
        self.is_whole |= is_first && [Status::Initiated, Status::Requested].contains(&status);
        let rule =
            self.status.filter(|from| *from != status).and_then(|from| self.judge(from, status, limits));
        // Nothing follows directly what something unknown came after; but the same again is a heartbeat.
        let before = self.status.filter(|from| !self.is_unclear || *from == status);
        self.past.see(before, status);
        self.status = Some(status);
        self.is_unclear = false;
        self.end = ends.then_some(status);
        rule
    }

    fn hear_unknown(&mut self, text: &str) -> Option<Rule> {
        assert_eq!(text, UNKNOWN);
        self.past.see_unknown();
        self.is_unclear = true;
        self.is_whole = false;
        let is_new = !self.was_unknown;
        self.was_unknown = true;
        is_new.then_some(Rule::UnknownStatus)
    }

    /// The rule that a step to another status breaks.
    fn judge(&mut self, from: Status, to: Status, limits: &Limits) -> Option<Rule> {
        let distance = TABLE.distance(from, to);
        self.is_whole &= distance.is_none_or(|distance| distance == 1);
        // After something unknown only the way counts.
        match self.past.guard(Some(from), to, limits).filter(|_| !self.is_unclear) {
            Some(Guard::FailedLogins) => return Some(Rule::TooManyFailedLogins),
            Some(Guard::FailedTfaCodes) => return Some(Rule::TooManyFailedTfaCodes),
            Some(Guard::CredentialsReceived) => return Some(Rule::CredentialsAlreadyReceived),
            Some(other) => unreachable!("no status is entered by {other:?}"),
            None => {}
        }
        let Some(distance) = distance else { return Some(Rule::IllegalTransition) };
        if distance > 1 {
            return (!self.is_unclear).then_some(Rule::SkippedStatus);
        }
        let (failures, limit) = match to {
            Status::TooManyLoginFailures => (self.past.failed_logins(), limits.failed_logins),
            Status::TooManyTfaFailures => (self.past.failed_codes(), limits.failed_tfa_codes),
            _ => return None,
        };
        // The end reports the last of the failures itself.
        (self.is_whole && failures + 1 < limit.into()).then_some(Rule::EarlyFailureLimit)
    }
}
