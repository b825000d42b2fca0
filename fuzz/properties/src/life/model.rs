//! The life cycle once more, from the specification's tables as they stand in files, and with counters of its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use cardsavr_protocol::wire::StatusBody;
use cardsavr_protocol::{Guard, Limits, Status, TerminationType};

/// The statuses that show that a job's initial credentials have come: the first two, and those that only follow them.
const WITH_CREDENTIALS: [Status; 10] = [
    Status::CredsReceived,
    Status::LoginSubmitted,
    Status::PendingNewCreds,
    Status::NewCredsReceived,
    Status::LoginResubmitted,
    Status::PendingTfa,
    Status::TfaReceived,
    Status::TfaSubmitted,
    Status::Updating,
    Status::PendingCard,
];

/// The tables.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

pub(super) struct Table {
    /// The statuses that may follow each, in table order.
    next: BTreeMap<Status, Vec<Status>>,
    ends: BTreeMap<Status, TerminationType>,
}

/// The rows of a table without its head.
fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().skip(1).map(|row| row.split(',').collect())
}

impl Table {
    fn read() -> Self {
        let statuses = include_str!("../../../../tests/data/statuses.csv");
        let transitions = include_str!("../../../../tests/data/transitions.csv");
        let status = |text: &str| text.parse::<Status>().unwrap_or_else(|_| panic!("{text} is a status"));
        let mut table = Self { next: BTreeMap::new(), ends: BTreeMap::new() };
        for row in rows(statuses) {
            table.next.insert(status(row[0]), Vec::new());
            if let Ok(termination_type) = row[2].parse() {
                table.ends.insert(status(row[0]), termination_type);
            }
        }
        for row in rows(transitions) {
            table.next.entry(status(row[0])).or_default().push(status(row[1]));
        }
        table.next.values_mut().for_each(|next| next.sort());
        table
    }

    pub(super) fn next(&self, from: Status) -> &[Status] {
        &self.next[&from]
    }

    pub(super) fn is_end(&self, status: Status) -> bool {
        self.ends.contains_key(&status)
    }

    /// How many steps lead from a status to another, if any do; a cancel is not presumed between them.
    pub(super) fn distance(&self, from: Status, to: Status) -> Option<usize> {
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

    /// What a message says of a status; a terminal one comes with its termination type.
    pub(super) fn said(&self, status: Status) -> StatusBody<'static> {
        let termination_type = self.ends.get(&status).map(|&ends| ends.into());
        StatusBody { termination_type, ..StatusBody::new(status) }
    }
}

/// What was seen of a job beside its status.
#[derive(Clone, Default)]
pub(super) struct Past {
    logins: u32,
    codes: u32,
    connections: u32,
    /// Whether the last thing seen was a failure to connect.
    is_disconnected: bool,
    pub(super) has_credentials: bool,
}

impl Past {
    /// The counts, as far as a small number holds them.
    pub(super) fn failures(&self) -> [u8; 3] {
        [self.logins, self.codes, self.connections].map(|count| u8::try_from(count).unwrap_or(u8::MAX))
    }

    pub(super) fn failed_logins(&self) -> u32 {
        self.logins
    }

    pub(super) fn failed_codes(&self) -> u32 {
        self.codes
    }

    /// The guard that stands between two statuses.
    pub(super) fn guard(&self, from: Option<Status>, to: Status, limits: &Limits) -> Option<Guard> {
        if from == Some(to) {
            return None;
        }
        match to {
            Status::PendingNewCreds => {
                (self.logins >= limits.failed_logins.into()).then_some(Guard::FailedLogins)
            }
            Status::PendingTfa if from == Some(Status::TfaSubmitted) => {
                (self.codes >= limits.failed_tfa_codes.into()).then_some(Guard::FailedTfaCodes)
            }
            Status::PendingCreds | Status::CancelledQuickstart | Status::AbandonedQuickstart => {
                self.has_credentials.then_some(Guard::CredentialsReceived)
            }
            _ => None,
        }
    }

    pub(super) fn see(&mut self, from: Option<Status>, to: Status) {
        self.is_disconnected = false;
        self.has_credentials |= WITH_CREDENTIALS.contains(&to);
        self.logins += u32::from(to == Status::PendingNewCreds && from != Some(to));
        self.codes += u32::from(to == Status::PendingTfa && from == Some(Status::TfaSubmitted));
    }

    pub(super) fn see_unknown(&mut self) {
        self.is_disconnected = false;
    }

    /// A failure to connect: whether it is one too many.
    pub(super) fn disconnect(&mut self, limits: &Limits) -> bool {
        if self.is_disconnected {
            return false;
        }
        self.is_disconnected = true;
        self.connections += 1;
        self.connections > limits.network_failures.into()
    }

    /// The statuses that may follow, in table order.
    pub(super) fn legal(&self, from: Status, limits: &Limits) -> Vec<Status> {
        let is_open = |to: &Status| self.guard(Some(from), *to, limits).is_none();
        TABLE.next(from).iter().copied().filter(is_open).collect()
    }
}

/// A job of the model.
pub(super) struct Model {
    pub(super) status: Status,
    pub(super) past: Past,
}

impl Model {
    pub(super) fn new(status: Status) -> Self {
        let mut past = Past::default();
        past.see(None, status);
        Self { status, past }
    }

    pub(super) fn legal(&self, limits: &Limits) -> Vec<Status> {
        self.past.legal(self.status, limits)
    }

    pub(super) fn adopt(&mut self, to: Status) {
        self.past.see(Some(self.status), to);
        self.status = to;
    }

    /// Takes a move, or says by which guard it is refused; by none, where the table lacks it.
    pub(super) fn apply(&mut self, to: Status, limits: &Limits) -> Result<(), Option<Guard>> {
        let is_heartbeat = to == self.status;
        if !is_heartbeat && TABLE.is_end(self.status) {
            return Err(None);
        }
        if let Some(guard) = self.past.guard(Some(self.status), to, limits) {
            return Err(Some(guard));
        }
        if !is_heartbeat && !TABLE.next(self.status).contains(&to) {
            return Err(None);
        }
        self.adopt(to);
        Ok(())
    }

    pub(super) fn report_network_failure(&mut self, limits: &Limits) -> Result<(), Option<Guard>> {
        if TABLE.is_end(self.status) {
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
