//! One fault of each rule, seeded into a random lawful log of several jobs: it is found at its message, and nothing
//! else is found.

mod envelopes;
mod numbers;
mod steps;
mod words;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Limits, Status};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::entry::{Ask, Entry, Event, Log, Report};
use crate::lawful::{self, Choices, Plan, Style, Untimed};
use crate::lives::tape;
use crate::log::found;

#[test]
fn a_seeded_fault_is_found_at_its_message_and_nothing_else_is() {
    for &rule in Rule::ALL {
        let mut runner =
            TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
        let result = runner.run(&tape(), |tape| {
            let mut choices = Choices::new(tape);
            let (log, line) = Seed::plant(rule, &mut choices);
            let text = log.text();
            prop_assert_eq!(found(&text), [(line as u64 + 1, rule)], "{}", text);
            Ok(())
        });
        if let Err(error) = result {
            panic!("{rule}: {error}");
        }
    }
}

/// A log of which the first job gets a fault. It has a plain life: every entry has its time, every request its answer,
/// and there are no snapshots.
struct Seed<'c> {
    log: Log,
    choices: &'c mut Choices,
}

const TFA_CODE: [Status; 2] = [Status::PendingTfa, Status::TfaReceived];
const NEW_CREDENTIALS: [Status; 2] = [Status::PendingNewCreds, Status::NewCredsReceived];

impl<'c> Seed<'c> {
    /// A lawful log in which the first job takes a route, by limits of its own.
    fn new(route: &[Status], limits: Limits, choices: &'c mut Choices) -> Self {
        let style = Style { limits: Limits::default(), shows_requests: true, untimed: Untimed::None };
        let first = Plan { route: route.to_vec(), limits: Some(limits), is_plain: true };
        let others = 1 + choices.below(2);
        let plans: Vec<_> = std::iter::once(first).chain(vec![Plan::default(); others]).collect();
        Self { log: lawful::log(&style, &plans, choices), choices }
    }

    fn on(route: &[Status], choices: &'c mut Choices) -> Self {
        Self::new(route, Limits::default(), choices)
    }

    /// A lawful log in which the first job takes any route.
    fn any(choices: &'c mut Choices) -> Self {
        let route: &[Status] =
            choices.of(&[&[], &TFA_CODE, &NEW_CREDENTIALS, &[Status::PendingCreds], &[Status::Updating]]);
        Self::on(route, choices)
    }

    /// One that asks for one of the two.
    fn asking(choices: &'c mut Choices) -> (Self, [Status; 2]) {
        let asks = choices.of(&[TFA_CODE, NEW_CREDENTIALS]);
        (Self::on(&asks, choices), asks)
    }

    /// Plants a fault against the rule, and gives the index of the entry at which it is to be found.
    fn plant(rule: Rule, choices: &'c mut Choices) -> (Log, usize) {
        let (mut seed, index) = match rule {
            Rule::MalformedJson
            | Rule::RecordTooLarge
            | Rule::MalformedMessage
            | Rule::UnknownMessageType => Self::any(choices).foreign(rule),
            Rule::UnknownStatus
            | Rule::UnknownTerminationType
            | Rule::StatusSpelling
            | Rule::MissingTerminationType
            | Rule::WrongTerminationType
            | Rule::EarlyTerminationType => Self::words(rule, choices),
            Rule::IllegalTransition
            | Rule::SkippedStatus
            | Rule::TooManyFailedLogins
            | Rule::TooManyFailedTfaCodes
            | Rule::CredentialsAlreadyReceived
            | Rule::TooManyNetworkFailures
            | Rule::EarlyFailureLimit => Self::steps(rule, choices),
            Rule::MessageAfterTermination
            | Rule::RepeatedTermination
            | Rule::ConflictingTermination
            | Rule::UnterminatedJob => Self::any(choices).end_of(rule),
            Rule::ProgressOutOfRange
            | Rule::ProgressDecreased
            | Rule::IncompleteTermination
            | Rule::NegativeTimeout
            | Rule::TimeoutIncreased
            | Rule::MixedTimeoutUnits => Self::any(choices).numbers(rule),
            Rule::LateResponse | Rule::OverdueTimeout | Rule::TimeWentBackwards => Self::times(rule, choices),
            Rule::PendingWithoutRequest | Rule::RequestOutOfTurn | Rule::EnvelopeReused => {
                Self::requests(rule, choices)
            }
            Rule::UnmatchedResponse
            | Rule::RepeatedResponse
            | Rule::ResponseKindMismatch
            | Rule::CredentialsInMessage => Self::responses(rule, choices),
            other => panic!("no fault is known against {other}"),
        };
        // Whatever else there is of the job's ids, both forms are the same job.
        seed.log.entries.iter_mut().for_each(|entry| entry.id_is_text ^= entry.job == 1);
        (seed.log, index)
    }

    /// The indices of the first job's entries of which something is true.
    fn indices(&self, is_meant: impl Fn(&Event) -> bool) -> Vec<usize> {
        let entries = self.log.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| entry.job == 0 && is_meant(&entry.event))
            .map(|(index, _)| index)
            .collect()
    }

    /// Where the first job tells its status; failures to connect don't.
    fn told(&self) -> Vec<usize> {
        self.indices(|event| matches!(event, Event::Status(report) if !report.is_network_failure()))
    }

    /// Where it does so before its end.
    fn told_in_progress(&self) -> Vec<usize> {
        let mut told = self.told();
        told.retain(|&index| !self.status(index).is_terminal());
        told
    }

    fn any_in_progress(&mut self) -> usize {
        let told = self.told_in_progress();
        self.choices.of(&told)
    }

    fn end(&self) -> usize {
        *self.told().last().expect("a life has an end")
    }

    fn status(&self, index: usize) -> Status {
        let Event::Status(report) = &self.log.entries[index].event else { panic!("no status") };
        report.known().expect("a lawful life has no other")
    }

    /// Where the first job takes a status for the `nth` time, from 0 on.
    fn entered(&self, status: Status, nth: usize) -> usize {
        let told = self.told();
        let mut before = None;
        let entered = told.into_iter().filter(|&index| {
            let is_entered = self.status(index) == status && before != Some(status);
            before = Some(self.status(index));
            is_entered
        });
        entered.collect::<Vec<_>>()[nth]
    }

    fn report(&mut self, index: usize) -> &mut Report {
        let Event::Status(report) = &mut self.log.entries[index].event else { panic!("no status") };
        report
    }

    /// Inserts an entry of the first job, at the time of the one before it.
    fn insert(&mut self, index: usize, event: Event) -> usize {
        let (before, after) = self.log.entries.split_at(index);
        let mut near = before.iter().rev().chain(after).filter(|entry| entry.job == 0);
        let at = near.next().and_then(|entry| entry.at);
        self.log.entries.insert(index, Entry { job: 0, at, id_is_text: false, event });
        index
    }

    /// Inserts a heartbeat behind a status.
    fn heartbeat(&mut self, index: usize, change: impl FnOnce(&mut Report)) -> usize {
        let mut report = Report { termination_type: None, ..Report::new(self.status(index)) };
        change(&mut report);
        self.insert(index + 1, Event::Status(report))
    }

    /// Any place after an index.
    fn after(&mut self, index: usize) -> usize {
        index + 1 + self.choices.below(self.log.entries.len() - index)
    }

    fn ask(kind: RequestKind, envelope: &str) -> Event {
        Event::Request(Ask { kind, envelope: envelope.into() })
    }
}
