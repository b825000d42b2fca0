//! The transition table: who follows whom directly.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, IntoStaticStr, VariantArray};

use super::{Status, StatusSet};

/// How well a transition is founded.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = super::schema::closed))]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The specification says it.
    Stated,
    /// It stands in a published recording of the real service.
    Recorded,
    /// It follows from the descriptions of the statuses.
    Implied,
}

/// Passes the transition table to the macro `$define`: one line a group, in which every status on the left may
/// become every status on the right.
macro_rules! transition_table {
    ($define:ident) => {
        $define! {
            // Creation: nothing runs yet.
            Implied [Initiated] => [Requested];
            Stated [Initiated] => [Cancelled, Abandoned];
            Stated [Requested] => [Queued];
            Stated [Queued] => [InProgress];

            // A quick start: the job runs before its initial credentials have come.
            Stated [InProgress] => [PendingCreds];
            Implied [Auth] => [PendingCreds];
            Stated [PendingCreds] => [CredsReceived];
            Implied [InProgress, Auth] => [CredsReceived];
            Implied [CredsReceived] => [Auth];
            Stated [Requested, Queued, PendingCreds] => [CancelledQuickstart, AbandonedQuickstart];
            Implied [InProgress, Auth] => [CancelledQuickstart, AbandonedQuickstart];
            Implied [PendingCreds] => [TimeoutCredentials];

            // The login, and the second try with new credentials.
            Stated [InProgress] => [Auth];
            Recorded [Auth] => [LoginSubmitted];
            Implied [CredsReceived] => [LoginSubmitted];
            Recorded [LoginSubmitted] => [PendingNewCreds];
            Implied [Auth, LoginResubmitted] => [PendingNewCreds];
            Stated [PendingNewCreds] => [NewCredsReceived, TimeoutCredentials];
            Stated [NewCredsReceived] => [LoginResubmitted];
            Stated [LoginSubmitted, LoginResubmitted] => [TooManyLoginFailures];

            // The TFA code, and the second try with another one.
            Recorded [LoginSubmitted, LoginResubmitted] => [PendingTfa];
            Implied [Auth, TfaSubmitted] => [PendingTfa];
            Recorded [PendingTfa] => [TfaReceived];
            Stated [PendingTfa] => [TimeoutTfa];
            Recorded [TfaReceived] => [TfaSubmitted];
            Stated [TfaSubmitted] => [TooManyTfaFailures];

            // Placing the card.
            Recorded [Auth, TfaSubmitted] => [Updating];
            Implied [LoginSubmitted, LoginResubmitted, PendingCard] => [Updating];
            Implied [Auth, LoginSubmitted, LoginResubmitted, TfaSubmitted, Updating] => [PendingCard];
            Recorded [Updating] => [Successful];
            Stated [Updating] => [
                InvalidCard, InvalidAddress, DuplicateCard, ExpiredCard, InvalidCvv, InvalidNetwork,
                MaxLimitOfStoredCards
            ];

            // What the site says of the account, once the task has got as far as the site.
            Implied [Auth, LoginSubmitted, LoginResubmitted, TfaSubmitted, Updating] => [
                PrepaidAccount, InactiveAccount, PasswordResetRequired, BundledSubscription, FreeAccount,
                AccountLocked
            ];

            // A captcha can come up whenever the task works on the site instead of waiting.
            Implied [
                InProgress, Auth, CredsReceived, LoginSubmitted, NewCredsReceived, LoginResubmitted, TfaReceived,
                TfaSubmitted, Updating
            ] => [TimeoutCaptcha];

            // Whatever runs can fail, or be cancelled or stopped; what doesn't run yet can be cancelled or stopped.
            Implied [
                InProgress, Auth, PendingCreds, CredsReceived, LoginSubmitted, PendingNewCreds, NewCredsReceived,
                LoginResubmitted, PendingTfa, TfaReceived, TfaSubmitted, Updating, PendingCard
            ] => [
                Unsuccessful, NetworkIssue, CancelRequested, Killed, ProxyProbeFailed, VbsTimeout, VbsError
            ];
            Implied [Initiated, Requested, Queued] => [CancelRequested, Killed];

            // A cancel: acknowledged, or overtaken by any other end but that of a job never begun.
            Stated [CancelRequested] => [Cancelled, CancelledQuickstart];
            Implied [CancelRequested] => [
                Successful, Unsuccessful, TimeoutCaptcha, NetworkIssue, PrepaidAccount, InactiveAccount,
                InvalidCard, InvalidAddress, PasswordResetRequired, BundledSubscription, FreeAccount,
                AccountLocked, DuplicateCard, ExpiredCard, InvalidCvv, InvalidNetwork, MaxLimitOfStoredCards,
                TimeoutCredentials, TimeoutTfa, TooManyLoginFailures, TooManyTfaFailures, AbandonedQuickstart,
                Killed, ProxyProbeFailed, VbsTimeout, VbsError
            ];
        }
    };
}
pub(crate) use transition_table;

/// A line of the table.
struct Group {
    basis: Basis,
    from: &'static [Status],
    to: &'static [Status],
}

macro_rules! define_groups {
    ($($basis:ident [$($from:ident),+] => [$($to:ident),+];)+) => {
        const GROUPS: &[Group] = &[$(Group {
            basis: Basis::$basis,
            from: &[$(Status::$from),+],
            to: &[$(Status::$to),+],
        }),+];
    };
}

transition_table!(define_groups);

/// The basis of each transition, by the rows of its two statuses.
type Matrix = [[Option<Basis>; Status::COUNT]; Status::COUNT];

const MATRIX: Matrix = {
    let mut matrix: Matrix = [[None; Status::COUNT]; Status::COUNT];
    let (mut g, mut f, mut t) = (0, 0, 0);
    while g < GROUPS.len() {
        let (from, to) = (GROUPS[g].from[f], GROUPS[g].to[t]);
        assert!(matrix[from.index()][to.index()].is_none(), "a transition is in the table twice");
        matrix[from.index()][to.index()] = Some(GROUPS[g].basis);
        t += 1;
        if t == GROUPS[g].to.len() {
            (f, t) = (f + 1, 0);
        }
        if f == GROUPS[g].from.len() {
            (g, f) = (g + 1, 0);
        }
    }
    matrix
};

/// One set a status, by its row.
type Sets = [StatusSet; Status::COUNT];

/// The sets of successors, and those of predecessors.
const NEIGHBOURS: (Sets, Sets) = {
    let (mut successors, mut predecessors) =
        ([StatusSet::EMPTY; Status::COUNT], [StatusSet::EMPTY; Status::COUNT]);
    let (mut from, mut to) = (0, 0);
    while from < Status::COUNT {
        if MATRIX[from][to].is_some() {
            successors[from] = successors[from].with(Status::ALL[to]);
            predecessors[to] = predecessors[to].with(Status::ALL[from]);
        }
        to += 1;
        if to == Status::COUNT {
            (from, to) = (from + 1, 0);
        }
    }
    (successors, predecessors)
};
pub(super) static SUCCESSORS: Sets = NEIGHBOURS.0;
static PREDECESSORS: Sets = NEIGHBOURS.1;

impl Status {
    /// The statuses that a job may take next.
    pub const fn successors(self) -> StatusSet {
        SUCCESSORS[self.index()]
    }

    /// The statuses that a job may have come from.
    pub const fn predecessors(self) -> StatusSet {
        PREDECESSORS[self.index()]
    }

    /// Whether the table has the transition from this status to another. The same status sent again is a
    /// heartbeat, not a transition: it isn't in the table. What a job remembers can forbid more, see
    /// [`Job::apply`](crate::Job::apply).
    pub const fn can_become(self, to: Self) -> bool {
        self.successors().contains(to)
    }
}

/// A row of the transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Transition {
    /// The status that is left.
    pub from: Status,
    /// The status that is taken.
    pub to: Status,
    /// How well the transition is founded.
    pub basis: Basis,
}

impl Transition {
    /// The transition between two statuses, if the table has it.
    pub const fn between(from: Status, to: Status) -> Option<Self> {
        match MATRIX[from.index()][to.index()] {
            Some(basis) => Some(Self { from, to, basis }),
            None => None,
        }
    }

    /// All transitions in table order: by the row of `from`, then by that of `to`.
    pub fn all() -> impl Iterator<Item = Self> {
        Status::ALL.iter().flat_map(|&from| Self::leaving(from))
    }

    /// The transitions from a status, in table order.
    pub(crate) fn leaving(from: Status) -> impl Iterator<Item = Self> {
        Status::ALL.iter().filter_map(move |&to| Self::between(from, to))
    }
}
