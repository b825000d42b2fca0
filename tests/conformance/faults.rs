//! One fault of each rule, seeded into a random lawful log of several jobs: it is found at its message, and nothing
//! else is found.

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::message::RequestKind;
use cardsavr_protocol::{Job, Limits, Status, TerminationType};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use strum::VariantArray;

use crate::entry::{Answer, Ask, Entry, Event, Log, Report};
use crate::lawful::{self, Choices, Plan, Style, Untimed};
use crate::lives::tape;
use crate::log::found;

#[test]
fn a_seeded_fault_is_found_at_its_message_and_nothing_else_is() {
    for &rule in Rule::VARIANTS {
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

    /// What has nothing to do with any job's life.
    fn foreign(mut self, rule: Rule) -> (Self, usize) {
        let texts: &[&str] = match rule {
            Rule::MalformedJson => &["{\"type\":\"job_status\",\"job_id\":$JOB,\"mess", "{\"type\"}", "[1,]"],
            Rule::RecordTooLarge => &["[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"],
            Rule::MalformedMessage => &[
                r#"{"type":"job_status","job_id":$JOB,"message":{"percent_complete":3}}"#,
                r#"{"type":"tfa_request","job_id":$JOB,"envelope_id":5}"#,
                r#"{"type":"tfa_response","envelope_id":"0/0==","message":123456}"#,
                r#"{"id":$JOB,"status":null}"#,
                r#"{"type":"job_status","job_id":-1,"message":{"status":"UPDATING"}}"#,
            ],
            _ => &[
                r#"{"type":"security","job_id":$JOB,"envelope_id":"new"}"#,
                r#"{"type":"tfa_message","envelope_id":"new"}"#,
                r#"{"type":"JOB_STATUS","job_id":$JOB,"message":{"status":"AUTH"}}"#,
            ],
        };
        let text = self.choices.of(texts);
        let index = self.choices.below(self.log.entries.len() + 1);
        let entry = Entry { job: 0, at: None, id_is_text: false, event: Event::Raw(text.into()) };
        self.log.entries.insert(index, entry);
        (self, index)
    }

    fn words(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        let spelled = [Status::InProgress, Status::CredsReceived, Status::TfaReceived];
        let mut seed = match rule {
            Rule::StatusSpelling => match choices.below(spelled.len() + 1) {
                0 => Self::on(&[Status::CancelRequested, Status::Cancelled], choices),
                other => Self::on(&spelled[other - 1..other], choices),
            },
            // A failure to connect may lack it.
            Rule::MissingTerminationType => {
                let ends: Vec<_> = Status::Updating.successors().iter().filter(|s| s.is_terminal()).collect();
                let end = choices.of(&ends);
                let end = if end == Status::NetworkIssue { Status::Successful } else { end };
                Self::on(&[Status::Updating, end], choices)
            }
            _ => Self::any(choices),
        };
        let index = match rule {
            Rule::UnknownStatus => {
                // In a wait it would end the wait.
                let mut told = seed.told_in_progress();
                told.retain(|&index| !seed.status(index).is_waiting());
                let index = seed.choices.of(&told);
                seed.heartbeat(index, |report| report.status = "PENDING_SELFIE".into())
            }
            Rule::StatusSpelling => {
                let mut told = seed.told();
                told.retain(|&index| !seed.status(index).aliases().is_empty());
                let index = seed.choices.of(&told);
                seed.report(index).status = seed.status(index).aliases()[0].into();
                index
            }
            Rule::UnknownTerminationType => {
                let told = seed.told();
                let index = seed.choices.of(&told);
                seed.report(index).termination_type = Some("BILLED".into());
                index
            }
            Rule::EarlyTerminationType => {
                let index = seed.any_in_progress();
                let ends = seed.choices.of(TerminationType::VARIANTS);
                seed.report(index).termination_type = Some(ends.to_string());
                index
            }
            Rule::MissingTerminationType => {
                let end = seed.end();
                seed.report(end).termination_type = None;
                end
            }
            _ => {
                let end = seed.end();
                let own = seed.status(end).termination_type();
                let others: Vec<_> =
                    TerminationType::VARIANTS.iter().filter(|&&ends| Some(ends) != own).collect();
                let other = seed.choices.of(&others);
                seed.report(end).termination_type = Some(other.to_string());
                end
            }
        };
        (seed, index)
    }

    fn steps(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        use Status::{
            Auth, CancelRequested, CancelledQuickstart, CredsReceived, InProgress, LoginResubmitted,
            LoginSubmitted, PendingCreds, PendingNewCreds, PendingTfa, TfaSubmitted, TooManyLoginFailures,
        };
        let documented = Limits::default();
        match rule {
            Rule::IllegalTransition => {
                // From a start every end can be reached.
                let route: &[Status] =
                    choices.of(&[&TFA_CODE, &NEW_CREDENTIALS, &[InProgress, CancelRequested]]);
                let mut seed = Self::on(route, choices);
                let index = if seed.choices.once_in(2) { seed.jump_back() } else { None };
                let index = index.unwrap_or_else(|| seed.jump_to_an_end());
                (seed, index)
            }
            Rule::SkippedStatus => {
                let mut seed = Self::on(&[InProgress], choices);
                let index = seed.lose_a_status();
                (seed, index)
            }
            // Lives that are lawful by limits of their own, and not by those that are documented.
            Rule::TooManyFailedLogins => {
                let route =
                    [PendingNewCreds, LoginResubmitted, PendingNewCreds, LoginResubmitted, PendingNewCreds];
                let seed = Self::new(&route, Limits { failed_logins: 3, ..documented }, choices);
                let index = seed.entered(PendingNewCreds, 2);
                (seed, index)
            }
            Rule::TooManyFailedTfaCodes => {
                let route = [PendingTfa, TfaSubmitted, PendingTfa, TfaSubmitted, PendingTfa];
                let seed = Self::new(&route, Limits { failed_tfa_codes: 2, ..documented }, choices);
                let index = seed.entered(PendingTfa, 2);
                (seed, index)
            }
            Rule::EarlyFailureLimit => {
                let route = [LoginSubmitted, TooManyLoginFailures];
                let seed = Self::new(&route, Limits { failed_logins: 1, ..documented }, choices);
                let index = seed.end();
                (seed, index)
            }
            Rule::TooManyNetworkFailures => {
                let none = Limits { network_failures: 0, ..documented };
                let mut seed = Self::new(&[InProgress], none, choices);
                let index = seed.any_in_progress();
                let failure =
                    Event::Status(Report { termination_type: None, ..Report::new(Status::NetworkIssue) });
                for _ in 0..2 {
                    seed.heartbeat(index, |_| {});
                    seed.insert(index + 1, failure.clone());
                }
                let last = seed.insert(index + 5, failure);
                (seed, last)
            }
            _ if choices.once_in(2) => {
                let mut seed = Self::on(&[LoginSubmitted, CancelRequested, Status::Cancelled], choices);
                let end = seed.end();
                seed.report(end).status = CancelledQuickstart.to_string();
                (seed, end)
            }
            _ => {
                let mut seed = Self::on(&[CredsReceived], choices);
                let index = seed.entered(CredsReceived, 0);
                for (status, place) in [Auth, PendingCreds, CredsReceived].into_iter().zip(1..) {
                    seed.insert(index + place, Event::Status(Report::new(status)));
                }
                (seed, index + 2)
            }
        }
    }

    /// What is known of the first job after the entry at an index.
    fn job_at(&self, index: usize) -> Job {
        let told = self.told().into_iter().take_while(|&told| told <= index).map(|told| self.status(told));
        let mut told = told.collect::<Vec<_>>().into_iter();
        let first = Job::new(told.next().expect("a first status"));
        told.fold(first, Job::adopt)
    }

    /// Inserts a status that the job can't take any more and the way back, if there is one.
    fn jump_back(&mut self) -> Option<usize> {
        let index = self.any_in_progress();
        let (job, here) = (self.job_at(index), self.status(index));
        let is_back = |&to: &Status| {
            let shows_credentials = Job::new(to).memory().credentials_received();
            let refused = job.apply(to, &Limits::default()).err();
            refused.is_some_and(|refused| refused.guard.is_none())
                && !here.reaches(to)
                && to.can_become(here)
                && !to.is_waiting()
                && !here.is_waiting()
                && (!shows_credentials || job.memory().credentials_received())
        };
        let back: Vec<_> = Status::VARIANTS.iter().copied().filter(is_back).collect();
        if back.is_empty() {
            return None;
        }
        let to = self.choices.of(&back);
        self.heartbeat(index, |_| {});
        Some(self.insert(index + 1, Event::Status(Report::new(to))))
    }

    /// Gives the job an end that it can't come to.
    fn jump_to_an_end(&mut self) -> usize {
        let end = self.end();
        let before = *self.told_in_progress().last().expect("a life has a start");
        let (job, here) = (self.job_at(before), self.status(before));
        let is_out_of_reach = |&to: &Status| {
            let refused = job.apply(to, &Limits::default()).err();
            to.is_terminal() && !here.reaches(to) && refused.is_some_and(|refused| refused.guard.is_none())
        };
        let ends: Vec<_> = Status::VARIANTS.iter().copied().filter(is_out_of_reach).collect();
        *self.report(end) = Report::new(self.choices.of(&ends));
        end
    }

    /// Takes out all messages of a status without which the next one is no legal step.
    fn lose_a_status(&mut self) -> usize {
        let mut runs: Vec<usize> = Vec::new();
        for index in self.told() {
            if runs.last().is_none_or(|&last| self.status(last) != self.status(index)) {
                runs.push(index);
            }
        }
        let is_needed = |run: &&[usize]| {
            let (before, next) = (self.status(run[0]), self.status(run[2]));
            before != next && before.reaches(next) && !before.can_become(next)
        };
        let needed: Vec<_> = runs.windows(3).filter(is_needed).map(|run| (run[1], run[2])).collect();
        let (first, next) = self.choices.of(&needed);
        let lost: Vec<_> = self.indices(|event| matches!(event, Event::Status(_)));
        let lost: Vec<_> = lost.into_iter().filter(|&index| (first..next).contains(&index)).collect();
        for &index in lost.iter().rev() {
            self.log.entries.remove(index);
        }
        next - lost.len()
    }

    fn end_of(mut self, rule: Rule) -> (Self, usize) {
        let end = self.end();
        let last = self.status(end);
        let index = match rule {
            Rule::RepeatedTermination => {
                let again = self.log.entries[end].event.clone();
                let index = self.after(end);
                self.insert(index, again)
            }
            Rule::MessageAfterTermination => {
                let others: Vec<_> = Status::VARIANTS.iter().copied().filter(|&s| s != last).collect();
                let other = self.choices.of(&others);
                let index = self.after(end);
                self.insert(index, Event::Status(Report::new(other)))
            }
            Rule::ConflictingTermination => {
                let is_other = |status: &Status| status.is_terminal() && *status != last;
                let others: Vec<_> = Status::VARIANTS.iter().copied().filter(is_other).collect();
                let other = Report::new(self.choices.of(&others));
                let index = self.choices.below(self.log.entries.len() + 1);
                let notified = if self.choices.once_in(2) {
                    Event::Notified(other)
                } else {
                    Event::Snapshot(other, vec![])
                };
                self.insert(index, notified);
                // Before the end nobody knows of a contradiction.
                if index <= end { end + 1 } else { index }
            }
            _ => {
                let gone: Vec<_> = self.indices(|_| true).into_iter().filter(|&index| index >= end).collect();
                for &index in gone.iter().rev() {
                    self.log.entries.remove(index);
                }
                *self.indices(|_| true).last().expect("a life has a start")
            }
        };
        (self, index)
    }

    fn numbers(mut self, rule: Rule) -> (Self, usize) {
        let first = self.any_in_progress();
        for index in self.indices(|event| matches!(event, Event::Status(_))) {
            let report = self.report(index);
            (report.percent, report.timeout) = (None, None);
        }
        let last = self.choices.of(&[290_i64, 2, 800_000]);
        let index = match rule {
            Rule::ProgressOutOfRange => {
                let percent = self.choices.of(&[-0.5, 100.5, 1e9]);
                let told = self.told();
                let index = self.choices.of(&told);
                self.report(index).percent = Some(percent);
                index
            }
            Rule::IncompleteTermination => {
                let end = self.end();
                self.report(end).percent = Some(99.5);
                end
            }
            Rule::ProgressDecreased => {
                let less = self.choices.of(&[0.0, 49.5]);
                let first = self.heartbeat(first, |report| report.percent = Some(50.0));
                self.heartbeat(first, |report| report.percent = Some(less))
            }
            Rule::NegativeTimeout => self.heartbeat(first, |report| report.timeout = Some(-1)),
            Rule::TimeoutIncreased => {
                let first = self.heartbeat(first, |report| report.timeout = Some(last));
                self.heartbeat(first, |report| report.timeout = Some(last + 1))
            }
            _ => {
                let first = self.heartbeat(first, |report| report.timeout = Some(last));
                self.heartbeat(first, |report| report.timeout = Some(last / 200))
            }
        };
        (self, index)
    }

    fn times(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        let (mut seed, [waits, goes_on]) = Self::asking(choices);
        for index in seed.indices(|event| matches!(event, Event::Status(_))) {
            seed.report(index).timeout = None;
        }
        let since = seed.log.entries[seed.entered(waits, 0)].at.expect("each entry has its time");
        let more = seed.choices.of(&[1, 50_000]);
        match rule {
            Rule::LateResponse => {
                let index = seed.indices(|event| matches!(event, Event::Response(_)))[0];
                seed.delay(index, since + 240_000 + more);
                (seed, index)
            }
            Rule::OverdueTimeout => {
                let next = seed.entered(goes_on, 0);
                seed.delay(next, since + 300_000 + more);
                let told = Report { termination_type: None, ..Report::new(waits) };
                seed.insert(next, Event::Status(told));
                seed.log.entries[next].at = Some(since + 300_000 + more);
                (seed, next)
            }
            _ => {
                let index = seed.any_in_progress();
                let index = seed.heartbeat(index, |_| {});
                seed.log.entries[index].at = seed.log.entries[index].at.map(|at| at - more);
                (seed, index)
            }
        }
    }

    /// Moves what happens to the first job from an index on to a later time.
    fn delay(&mut self, index: usize, to: i64) {
        let by = to - self.log.entries[index].at.expect("each entry has its time");
        for entry in self.log.entries[index..].iter_mut().filter(|entry| entry.job == 0) {
            entry.at = entry.at.map(|at| at + by);
        }
    }

    fn requests(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        if rule == Rule::RequestOutOfTurn {
            let mut seed = Self::on(&[Status::Updating, Status::Successful], choices);
            let updating = seed.entered(Status::Updating, 0);
            let kind = seed.choices.of(&[RequestKind::Tfa, RequestKind::Credential]);
            let index = seed.after(updating);
            let index = seed.insert(index, Self::ask(kind, "new"));
            return (seed, index);
        }
        let (mut seed, [_, goes_on]) = Self::asking(choices);
        let first = seed.indices(|event| matches!(event, Event::Request(_)))[0];
        let Event::Request(ask) = seed.log.entries[first].event.clone() else { panic!("no request") };
        if rule == Rule::EnvelopeReused {
            let other = match ask.kind {
                RequestKind::Tfa => RequestKind::Credential,
                RequestKind::Credential => RequestKind::Tfa,
            };
            let index = seed.after(first);
            if seed.choices.once_in(2) {
                seed.insert(index, Self::ask(other, &ask.envelope));
            } else {
                let event = Self::ask(ask.kind, &ask.envelope);
                seed.log.entries.insert(index, Entry { job: 1, at: None, id_is_text: true, event });
            }
            return (seed, index);
        }
        seed.log.entries.retain(|entry| match &entry.event {
            Event::Request(other) => other.envelope != ask.envelope,
            Event::Response(answer) => answer.envelope != ask.envelope,
            _ => true,
        });
        // The log shows requests: one of another job.
        let event = Self::ask(RequestKind::Tfa, "other");
        seed.log.entries.insert(0, Entry { job: 1, at: None, id_is_text: false, event });
        let index = seed.entered(goes_on, 0);
        (seed, index)
    }

    fn responses(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        let mut seed = match rule {
            Rule::CredentialsInMessage => Self::on(&NEW_CREDENTIALS, choices),
            _ => Self::asking(choices).0,
        };
        let index = seed.indices(|event| matches!(event, Event::Response(_)))[0];
        let Event::Response(answer) = &mut seed.log.entries[index].event else { panic!("no response") };
        let other = Answer {
            names_job: seed.choices.once_in(2),
            envelope: if rule == Rule::UnmatchedResponse { "new".into() } else { answer.envelope.clone() },
            ..answer.clone()
        };
        match rule {
            Rule::CredentialsInMessage => {
                answer.message = Some(seed.choices.of(&["jane / secret", "Submitted", ""]).into());
                (seed, index)
            }
            Rule::ResponseKindMismatch => {
                answer.kind = match answer.kind {
                    RequestKind::Tfa => RequestKind::Credential,
                    RequestKind::Credential => RequestKind::Tfa,
                };
                (seed, index)
            }
            _ => {
                let place = seed.after(index);
                let index = seed.insert(place, Event::Response(other));
                (seed, index)
            }
        }
    }
}
