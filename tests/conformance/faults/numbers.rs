//! Faults in ends, numbers and times.

use cardsavr_protocol::Status;
use cardsavr_protocol::conformance::Rule;

use super::Seed;
use crate::entry::{Event, Report};
use crate::lawful::Choices;

impl<'c> Seed<'c> {
    pub(super) fn end_of(mut self, rule: Rule) -> (Self, usize) {
        let end = self.end();
        let last = self.status(end);
        let index = match rule {
            Rule::RepeatedTermination => {
                let again = self.log.entries[end].event.clone();
                let index = self.after(end);
                self.insert(index, again)
            }
            Rule::MessageAfterTermination => {
                let others: Vec<_> = Status::ALL.iter().copied().filter(|&s| s != last).collect();
                let other = self.choices.of(&others);
                let index = self.after(end);
                self.insert(index, Event::Status(Report::new(other)))
            }
            Rule::ConflictingTermination => {
                let is_other = |status: &Status| status.is_terminal() && *status != last;
                let others: Vec<_> = Status::ALL.iter().copied().filter(is_other).collect();
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

    pub(super) fn numbers(mut self, rule: Rule) -> (Self, usize) {
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

    pub(super) fn times(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
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
}
