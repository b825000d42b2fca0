//! The findings of a period or of some statuses. All messages are judged: a job has the history that it has.

use cardsavr_protocol::conformance::{Finding, Rule, Violation};
use cardsavr_protocol::wire::EventRef;
use cardsavr_protocol::{Status, Timestamp};

/// Which findings are reported: those on messages from `since` on and before `until`, and with one of the statuses.
#[derive(Debug, Default)]
pub struct Narrow {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Any status if there is none.
    pub statuses: Vec<Status>,
    /// Whether the last message is selected.
    is_selected: bool,
    has_times: bool,
}

impl Narrow {
    /// `None` if all findings are reported.
    pub fn new(since: Option<Timestamp>, until: Option<Timestamp>, statuses: Vec<Status>) -> Option<Self> {
        let is_all = since.is_none() && until.is_none() && statuses.is_empty();
        (!is_all).then(|| Self { since, until, statuses, ..Self::default() })
    }

    pub fn observe(&mut self, event: &EventRef<'_>) {
        self.has_times |= event.at.is_some();
        let is_in_time = match event.at {
            Some(at) => {
                self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
            }
            None => !self.has_period(),
        };
        let has_status = event.status.is_some_and(|status| self.statuses.contains(&status));
        self.is_selected = is_in_time && (self.statuses.is_empty() || has_status);
    }

    /// Whether a finding on the last message, or at the end of the log, is reported.
    pub fn has(&self, finding: &Finding) -> bool {
        match (finding.rule, &finding.violation) {
            (Rule::UnterminatedJob, _) => self.until.is_none() && self.statuses.is_empty(),
            // A record that can't be read is at the time of the message before it.
            (_, Violation::Malformed(_)) => self.is_selected && self.statuses.is_empty(),
            _ => self.is_selected,
        }
    }

    /// Whether a period is selected in a log without times.
    pub fn lacks_times(&self) -> bool {
        self.has_period() && !self.has_times
    }

    fn has_period(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }
}
