//! An independent model of the life cycle: it reads the tables of the specification from CSV files and has counters of its
//! own. It shares no code with the crate, only the names of statuses, limits and rules.
//!
//! The tests of the checker and the fuzz target `life` compare the crate with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Edition, Guard, Limits, Status, TerminationType};

/// The tables of the first edition.
pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::read(
        include_str!("../data/statuses.csv"),
        include_str!("../data/transitions.csv"),
        &[Status::CredsReceived, Status::LoginSubmitted],
    )
});

/// The tables of the edition 2026.
static TABLE_2026: LazyLock<Table> = LazyLock::new(|| {
    Table::read(
        include_str!("../data/2026/statuses.csv"),
        include_str!("../data/2026/transitions.csv"),
        &[Status::CredsReceived, Status::LoginSubmitted, Status::CredsSubmitted, Status::Submitted],
    )
});

/// The tables of an edition.
pub(crate) fn table(edition: Edition) -> &'static Table {
    match edition {
        Edition::V2021 => &TABLE,
        Edition::V2026 => &TABLE_2026,
        other => panic!("the edition {other} has no tables"),
    }
}

pub(crate) struct Table {
    /// The statuses that may follow each, in table order.
    next: BTreeMap<Status, Vec<Status>>,
    /// The termination types of each terminal status, the usual one first; none of them if it may have any.
    ends: BTreeMap<Status, Vec<TerminationType>>,
    /// The statuses that show that the initial credentials have come: those that bring them and the running ones that only
    /// follow these.
    with_credentials: BTreeSet<Status>,
}

/// The rows of a table, without its header.
fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().skip(1).map(|row| row.split(',').collect())
}

impl Table {
    fn read(statuses: &str, transitions: &str, first: &[Status]) -> Self {
        let status = |text: &str| text.parse::<Status>().unwrap_or_else(|_| panic!("{text} is a status"));
        let mut table =
            Self { next: BTreeMap::new(), ends: BTreeMap::new(), with_credentials: BTreeSet::new() };
        for row in rows(statuses) {
            table.next.insert(status(row[0]), Vec::new());
            if row[1] == "terminated" {
                let types = row[2].split_whitespace().map(|text| text.parse().expect("a termination type"));
                table.ends.insert(status(row[0]), types.collect());
            }
        }
        for row in rows(transitions) {
            table.next.entry(status(row[0])).or_default().push(status(row[1]));
        }
        table.next.values_mut().for_each(|next| next.sort());
        let running = rows(statuses).filter(|row| ["authentication", "placement"].contains(&row[1]));
        table.with_credentials = running
            .map(|row| status(row[0]))
            .filter(|&status| {
                let follows = first.iter().all(|&first| table.distance(first, status).is_some());
                let leads = first.iter().any(|&first| table.distance(status, first).is_some());
                first.contains(&status) || follows && !leads
            })
            .collect();
        table
    }

    pub(crate) fn has(&self, status: Status) -> bool {
        self.next.contains_key(&status)
    }

    pub(crate) fn next(&self, from: Status) -> &[Status] {
        &self.next[&from]
    }

    pub(crate) fn is_end(&self, status: Status) -> bool {
        self.ends.contains_key(&status)
    }

    /// The least number of steps from a status to another, without a cancel between them.
    pub(crate) fn distance(&self, from: Status, to: Status) -> Option<usize> {
        let mut distances = BTreeMap::from([(from, 0)]);
        let mut left = VecDeque::from([from]);
        while let Some(at) = left.pop_front() {
            let distance = distances[&at];
            if at == to {
                return Some(distance);
            }
            if at == Status::CancelRequested && at != from {
                continue;
            }
            for &next in self.next(at) {
                distances.entry(next).or_insert_with(|| {
                    left.push_back(next);
                    distance + 1
                });
            }
        }
        None
    }

    /// Whether the status shows that the initial credentials have come.
    pub(crate) fn shows_credentials(&self, status: Status) -> bool {
        self.with_credentials.contains(&status)
    }

    /// The usual termination type of a terminal status.
    pub(crate) fn termination_type(&self, status: Status) -> Option<TerminationType> {
        self.ends.get(&status)?.first().copied()
    }
}

/// The memory of a job besides its status.
#[derive(Clone, Default)]
pub(crate) struct Past {
    edition: Edition,
    logins: u32,
    codes: u32,
    connections: u32,
    /// Whether the last message reported a failure to connect.
    is_disconnected: bool,
    credentials: u32,
}

impl Past {
    /// The memory by the counts that a job reports.
    pub(crate) fn from_counts(edition: Edition, count: impl Fn(Guard) -> u8) -> Self {
        let mut past = Self { edition, ..Self::default() };
        for &guard in Guard::ALL {
            *past.counter(guard) = count(guard).into();
        }
        past
    }

    /// The number of entries that a guard counts, saturated at 255, or at 1 if the guard has no limit.
    pub(crate) fn count(&self, guard: Guard) -> u8 {
        let most = if guard == Guard::CredentialsReceived { 1 } else { 255 };
        u8::try_from(*self.clone().counter(guard)).unwrap_or(u8::MAX).min(most)
    }

    fn counter(&mut self, guard: Guard) -> &mut u32 {
        match guard {
            Guard::FailedLogins => &mut self.logins,
            Guard::FailedTfaCodes => &mut self.codes,
            Guard::CredentialsReceived => &mut self.credentials,
            Guard::NetworkFailures => &mut self.connections,
            other => panic!("the guard {other:?} is not counted"),
        }
    }

    /// The guard that forbids a step.
    pub(crate) fn guard(&self, from: Option<Status>, to: Status, limits: &Limits) -> Option<Guard> {
        if from == Some(to) {
            return None;
        }
        let is_first = self.edition == Edition::V2021;
        match to {
            Status::PendingNewCreds if self.is_failed_login(from) => {
                (self.logins >= limits.failed_logins.into()).then_some(Guard::FailedLogins)
            }
            Status::PendingTfa if from == Some(Status::TfaSubmitted) => {
                (self.codes >= limits.failed_tfa_codes.into()).then_some(Guard::FailedTfaCodes)
            }
            Status::PendingCreds | Status::CancelledQuickstart if is_first => {
                (self.credentials > 0).then_some(Guard::CredentialsReceived)
            }
            Status::AbandonedQuickstart => (self.credentials > 0).then_some(Guard::CredentialsReceived),
            _ => None,
        }
    }

    /// Whether the merchant has refused credentials if new ones are asked for after a status.
    fn is_failed_login(&self, from: Option<Status>) -> bool {
        self.edition == Edition::V2021
            || matches!(from, Some(Status::LoginSubmitted | Status::CredsSubmitted | Status::Submitted))
    }

    pub(crate) fn see(&mut self, from: Option<Status>, to: Status) {
        self.is_disconnected = false;
        if from == Some(to) {
            return;
        }
        self.credentials += u32::from(table(self.edition).shows_credentials(to));
        self.logins += u32::from(to == Status::PendingNewCreds && self.is_failed_login(from));
        self.codes += u32::from(to == Status::PendingTfa && from == Some(Status::TfaSubmitted));
    }

    pub(crate) fn see_unknown(&mut self) {
        self.is_disconnected = false;
    }

    /// Counts a failure to connect. Returns whether it is one too many.
    pub(crate) fn disconnect(&mut self, limits: &Limits) -> bool {
        if self.is_disconnected {
            return false;
        }
        self.is_disconnected = true;
        self.connections += 1;
        self.connections > limits.network_failures.into()
    }

    /// The statuses that may follow, in table order.
    pub(crate) fn legal(&self, from: Status, limits: &Limits) -> Vec<Status> {
        let is_open = |to: &Status| self.guard(Some(from), *to, limits).is_none();
        table(self.edition).next(from).iter().copied().filter(is_open).collect()
    }
}

/// The expected state of the runtime machine.
pub(crate) struct Model {
    pub(crate) status: Status,
    pub(crate) past: Past,
}

impl Model {
    pub(crate) fn new(status: Status) -> Self {
        Self::of(Edition::V2021, status)
    }

    pub(crate) fn of(edition: Edition, status: Status) -> Self {
        let mut past = Past { edition, ..Past::default() };
        past.see(None, status);
        Self { status, past }
    }

    pub(crate) fn legal(&self, limits: &Limits) -> Vec<Status> {
        self.past.legal(self.status, limits)
    }

    pub(crate) fn adopt(&mut self, to: Status) {
        self.past.see(Some(self.status), to);
        self.status = to;
    }

    /// Takes a step, or returns the guard that forbids it; `None` if the table lacks the step.
    pub(crate) fn apply(&mut self, to: Status, limits: &Limits) -> Result<(), Option<Guard>> {
        let is_heartbeat = to == self.status;
        if !is_heartbeat && table(self.past.edition).is_end(self.status) {
            return Err(None);
        }
        if let Some(guard) = self.past.guard(Some(self.status), to, limits) {
            return Err(Some(guard));
        }
        if !is_heartbeat && !table(self.past.edition).next(self.status).contains(&to) {
            return Err(None);
        }
        self.adopt(to);
        Ok(())
    }

    pub(crate) fn report_network_failure(&mut self, limits: &Limits) -> Result<(), Option<Guard>> {
        if table(self.past.edition).is_end(self.status) || self.past.edition != Edition::V2021 {
            return Err(None);
        }
        let mut past = self.past.clone();
        if past.disconnect(limits) {
            return Err(Some(Guard::NetworkFailures));
        }
        self.past = past;
        Ok(())
    }
}

/// The state of a job by its messages.
#[derive(Default)]
pub(crate) struct Reported {
    pub(crate) has_begun: bool,
    /// The last known status.
    pub(crate) status: Option<Status>,
    past: Past,
    /// Whether the job was seen from its start, without a gap since.
    is_whole: bool,
    /// Whether something unknown came after the last known status.
    is_unclear: bool,
    unknown: BTreeSet<String>,
    pub(crate) end: Option<Status>,
}

impl Reported {
    /// Of a job of an edition.
    pub(crate) fn of(edition: Edition) -> Self {
        Self { past: Past { edition, ..Past::default() }, ..Self::default() }
    }

    /// Processes a `job_status` with this status, with or without a termination type. Returns the rule that its step breaks.
    pub(crate) fn take(&mut self, text: &str, ends: bool, limits: &Limits) -> Option<Rule> {
        let is_first = !self.has_begun;
        self.has_begun = true;
        let status = text.parse().ok().filter(|&status| table(self.past.edition).has(status));
        if let Some(end) = self.end {
            let is_same = ends && status == Some(end);
            return Some(if is_same { Rule::RepeatedTermination } else { Rule::MessageAfterTermination });
        }
        let Some(status) = status else {
            self.past.see_unknown();
            self.is_unclear = true;
            self.is_whole = false;
            return self.unknown.insert(text.to_owned()).then_some(Rule::UnknownStatus);
        };
        if status == Status::NetworkIssue && !ends {
            return self.past.disconnect(limits).then_some(Rule::TooManyNetworkFailures);
        }
        self.is_whole |= is_first && [Status::Initiated, Status::Requested].contains(&status);
        let rule =
            self.status.filter(|from| *from != status).and_then(|from| self.judge(from, status, limits));
        // Nothing follows directly after an unknown status; the same status again is a heartbeat.
        let before = self.status.filter(|from| !self.is_unclear || *from == status);
        self.past.see(before, status);
        self.status = Some(status);
        self.is_unclear = false;
        self.end = ends.then_some(status);
        rule
    }

    /// The statuses that may follow the last known one.
    pub(crate) fn legal(&self, limits: &Limits) -> Vec<Status> {
        self.status.map(|from| self.past.legal(from, limits)).unwrap_or_default()
    }

    /// The rule that a step to another status breaks.
    fn judge(&mut self, from: Status, to: Status, limits: &Limits) -> Option<Rule> {
        let distance = table(self.past.edition).distance(from, to);
        self.is_whole &= distance.is_none_or(|distance| distance == 1);
        // After an unknown status only reachability counts.
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
            Status::TooManyLoginFailures => (self.past.logins, limits.failed_logins),
            Status::TooManyTfaFailures => (self.past.codes, limits.failed_tfa_codes),
            _ => return None,
        };
        // The end itself reports the last of the failures.
        (self.is_whole && failures + 1 < limit.into()).then_some(Rule::EarlyFailureLimit)
    }
}
