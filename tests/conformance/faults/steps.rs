//! Faults in how statuses follow each other.

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Job, Limits, Status};

use super::{NEW_CREDENTIALS, Seed, TFA_CODE};
use crate::entry::{Event, Report};
use crate::lawful::Choices;

impl<'c> Seed<'c> {
    pub(super) fn steps(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
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
        let back: Vec<_> = Status::ALL.iter().copied().filter(is_back).collect();
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
        let ends: Vec<_> = Status::ALL.iter().copied().filter(is_out_of_reach).collect();
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
}
