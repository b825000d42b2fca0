//! The transition table: who follows whom directly.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, IntoStaticStr, VariantArray};

use super::{Edition, Status, StatusSet, each_edition, optional};

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

/// Passes the transition table to the macro `$define`: one line a group, in which every status on the left may become every
/// status on the right, in each edition that has both. `since` and `before` mark a group of some editions only.
macro_rules! transition_table {
    ($define:ident $($argument:tt)*) => {
        $define! {
            $($argument)*
            // Creation: nothing runs yet.
            Implied [Initiated] => [Requested];
            Stated [Initiated] => [Abandoned];
            Stated [Requested] => [Queued];
            Stated [Queued] => [InProgress];

            // A quick start: the job runs before its initial credentials have come.
            Stated [InProgress] => [PendingCreds];
            Implied [Auth] => [PendingCreds];
            Stated [PendingCreds, Pending] => [CredsReceived];
            Implied [InProgress, Auth] => [CredsReceived];
            Implied [CredsReceived] => [Auth];
            Stated before V2026 [Requested, Queued, PendingCreds] => [CancelledQuickstart, AbandonedQuickstart];
            Implied since V2026 [Requested, Queued, PendingNewCreds, Pending] => [AbandonedQuickstart];
            Implied [InProgress, Auth] => [CancelledQuickstart, AbandonedQuickstart];
            Implied [PendingCreds, Pending] => [TimeoutCredentials];

            // The general wait.
            Implied [
                Requested, Queued, InProgress, Auth, LoginSubmitted, Submitted, CredsSubmitted, PendingTfaMessage,
                TfaSubmitted
            ] => [Pending];
            Implied [Pending] => [Auth, TfaReceived, TimeoutTfa, Updating];

            // The login, and the second try with new credentials.
            Stated [InProgress] => [Auth];
            Recorded [Auth] => [LoginSubmitted];
            Implied [CredsReceived] => [LoginSubmitted];
            Implied [
                Auth, CredsReceived, PendingNewCreds, PendingTfa, PendingTfaMessage, Pending, TfaReceived
            ] => [Submitted];
            Stated [CredsReceived] => [CredsSubmitted];
            Implied [Auth, PendingNewCreds, Pending] => [CredsSubmitted];
            Recorded [LoginSubmitted] => [PendingNewCreds];
            Implied [Auth, LoginResubmitted, Submitted, CredsSubmitted, Pending] => [PendingNewCreds];
            Implied since V2026 [Requested, Queued, InProgress, TfaSubmitted] => [PendingNewCreds];
            Stated [PendingNewCreds] => [NewCredsReceived, TimeoutCredentials];
            Stated since V2026 [PendingNewCreds] => [CredsReceived];
            Implied since V2026 [PendingNewCreds] => [LoginSubmitted];
            Stated [NewCredsReceived] => [LoginResubmitted];
            Stated [LoginSubmitted, LoginResubmitted] => [TooManyLoginFailures];
            Implied [Submitted, CredsSubmitted] => [TooManyLoginFailures];
            Implied [InProgress, Auth, CredsReceived] => [MissingCredentials];

            // The TFA code, and the second try with another one.
            Recorded [LoginSubmitted, LoginResubmitted] => [PendingTfa];
            Implied [Auth, TfaSubmitted, Submitted, CredsSubmitted, PendingTfaMessage, Pending] => [PendingTfa];
            Recorded [PendingTfa] => [TfaReceived];
            Implied since V2026 [PendingTfa] => [TfaSubmitted];
            Stated [PendingTfa] => [TimeoutTfa];
            Recorded [TfaReceived] => [TfaSubmitted];
            Stated [TfaSubmitted] => [TooManyTfaFailures];
            Implied [Submitted] => [TooManyTfaFailures];
            Implied [TfaSubmitted, Submitted] => [TooManyOtpFailures];
            Implied [TfaSubmitted, Submitted, CredsSubmitted] => [InvalidSecurityAnswers];

            // TFA outside: a push notification or a link.
            Implied [Auth, LoginSubmitted, Submitted, CredsSubmitted, Pending, TfaSubmitted] => [PendingTfaMessage];
            Implied [PendingTfaMessage] => [Auth, TfaReceived, TimeoutTfa, Updating];

            // Placing the card.
            Recorded [Auth, TfaSubmitted] => [Updating];
            Implied [LoginSubmitted, LoginResubmitted, PendingCard, Submitted, CredsSubmitted] => [Updating];
            Implied [Auth, LoginSubmitted, LoginResubmitted, TfaSubmitted, Updating] => [PendingCard];
            Recorded [Updating] => [Successful];
            Stated before V2026 [Updating] => [
                InvalidCard, InvalidAddress, DuplicateCard, ExpiredCard, InvalidCvv, InvalidNetwork,
                MaxLimitOfStoredCards
            ];
            Implied since V2026 [Updating] => [
                InvalidCard, InvalidAddress, DuplicateCard, ExpiredCard, InvalidCvv, InvalidNetwork,
                MaxLimitOfStoredCards, MissingCardData, CardFormFailed, InvalidCardDetails, InvalidCardType,
                MultiAccountCardNotAllowed, InvalidExpirationDate, PaymentProcessorDown, TestCompleteSuccess
            ];

            // What the site says of the account, once the task has got as far as the site.
            Implied [
                Auth, LoginSubmitted, LoginResubmitted, Submitted, CredsSubmitted, TfaSubmitted, Updating
            ] => [
                PrepaidAccount, InactiveAccount, PasswordResetRequired, BundledSubscription, FreeAccount,
                AccountLocked, AccountSetupIncomplete, AccountNotSupported
            ];
            Implied [Auth, LoginSubmitted, Submitted, CredsSubmitted, TfaSubmitted] => [
                TfaNotSupported, InvalidCredentialRequestType
            ];

            // What the service lacks for the site or the job.
            Implied [Requested, Queued, InProgress, Auth] => [
                UnknownInterfaceType, UnimplementedJobType, UnknownJobType, AccountNotFound,
                MerchantSecurityNotImplemented, MerchantProcessorNotImplemented, WalletProcessorNotImplemented
            ];

            // A captcha can come up whenever the task works on the site instead of waiting.
            Implied [
                InProgress, Auth, CredsReceived, LoginSubmitted, NewCredsReceived, LoginResubmitted, Submitted,
                CredsSubmitted, TfaReceived, TfaSubmitted, Updating
            ] => [TimeoutCaptcha, UnsupportedCaptcha];

            // Whatever runs can fail, or be cancelled or stopped; what doesn't run yet can be cancelled or stopped.
            Implied [
                InProgress, Auth, PendingCreds, CredsReceived, LoginSubmitted, PendingNewCreds, NewCredsReceived,
                LoginResubmitted, Submitted, CredsSubmitted, Pending, PendingTfa, PendingTfaMessage, TfaReceived,
                TfaSubmitted, Updating, PendingCard
            ] => [
                Unsuccessful, NetworkIssue, SiteBlocked, UnexpectedError, InternalError, CancelRequested, Killed,
                JobRecordDeleted, ProxyProbeFailed, VbsTimeout, VbsError
            ];
            Implied [Initiated, Requested, Queued] => [CancelRequested, Killed, JobRecordDeleted];
            Stated before V2026 [Initiated] => [Cancelled];
            Implied since V2026 [
                Initiated, Requested, Queued, InProgress, Auth, CredsReceived, LoginSubmitted, PendingNewCreds,
                Submitted, CredsSubmitted, Pending, PendingTfa, PendingTfaMessage, TfaReceived, TfaSubmitted, Updating
            ] => [Cancelled];

            // A cancel: acknowledged, or overtaken by any other end but that of a job never begun.
            Stated [CancelRequested] => [Cancelled, CancelledQuickstart];
            Implied [CancelRequested] => [
                Successful, Unsuccessful, TimeoutCaptcha, NetworkIssue, PrepaidAccount, InactiveAccount,
                InvalidCard, InvalidAddress, PasswordResetRequired, BundledSubscription, FreeAccount,
                AccountLocked, DuplicateCard, ExpiredCard, InvalidCvv, InvalidNetwork, MaxLimitOfStoredCards,
                TimeoutCredentials, TimeoutTfa, TooManyLoginFailures, TooManyTfaFailures, AbandonedQuickstart,
                Killed, ProxyProbeFailed, VbsTimeout, VbsError, SiteBlocked, JobRecordDeleted,
                AccountSetupIncomplete, AccountNotSupported, TfaNotSupported, MissingCardData, CardFormFailed,
                UnexpectedError, InvalidCardDetails, InvalidCardType, MultiAccountCardNotAllowed,
                InvalidExpirationDate, PaymentProcessorDown, TestCompleteSuccess, UnsupportedCaptcha,
                MissingCredentials, TooManyOtpFailures, InvalidSecurityAnswers, InvalidCredentialRequestType,
                UnknownInterfaceType, UnimplementedJobType, UnknownJobType, InternalError, AccountNotFound,
                MerchantSecurityNotImplemented, MerchantProcessorNotImplemented, WalletProcessorNotImplemented
            ];
        }
    };
}
pub(crate) use transition_table;

/// A line of the table.
struct Group {
    basis: Basis,
    since: Option<Edition>,
    before: Option<Edition>,
    from: &'static [Status],
    to: &'static [Status],
}

macro_rules! define_groups {
    ($(
        $basis:ident $(since $since:ident)? $(before $before:ident)? [$($from:ident),+] => [$($to:ident),+];
    )+) => {
        const GROUPS: &[Group] = &[$(Group {
            basis: Basis::$basis,
            since: optional!($(Edition::$since)?),
            before: optional!($(Edition::$before)?),
            from: &[$(Status::$from),+],
            to: &[$(Status::$to),+],
        }),+];
    };
}

transition_table!(define_groups);

/// The basis of each transition, by the rows of its two statuses.
type Matrix = [[Option<Basis>; Status::COUNT]; Status::COUNT];

const MATRICES: [Matrix; Edition::COUNT] = each_edition!(matrix);

const fn matrix(edition: Edition) -> Matrix {
    let mut matrix: Matrix = [[None; Status::COUNT]; Status::COUNT];
    let (mut g, mut f, mut t) = (0, 0, 0);
    while g < GROUPS.len() {
        let group = &GROUPS[g];
        let (from, to) = (group.from[f], group.to[t]);
        if edition.is_marked(group.since, group.before) && edition.has(from) && edition.has(to) {
            assert!(matrix[from.index()][to.index()].is_none(), "a transition is in the table twice");
            matrix[from.index()][to.index()] = Some(group.basis);
        }
        t += 1;
        if t == group.to.len() {
            (f, t) = (f + 1, 0);
        }
        if f == group.from.len() {
            (g, f) = (g + 1, 0);
        }
    }
    matrix
}

/// One set a status, by its row.
type Sets = [StatusSet; Status::COUNT];

/// The sets of successors in an edition, and those of predecessors.
const fn neighbours(edition: Edition) -> (Sets, Sets) {
    let (mut successors, mut predecessors) =
        ([StatusSet::EMPTY; Status::COUNT], [StatusSet::EMPTY; Status::COUNT]);
    let (mut from, mut to) = (0, 0);
    while from < Status::COUNT {
        if MATRICES[edition.index()][from][to].is_some() {
            successors[from] = successors[from].with(Status::VOCABULARY[to]);
            predecessors[to] = predecessors[to].with(Status::VOCABULARY[from]);
        }
        to += 1;
        if to == Status::COUNT {
            (from, to) = (from + 1, 0);
        }
    }
    (successors, predecessors)
}

const fn successors(edition: Edition) -> Sets {
    neighbours(edition).0
}

const fn predecessors(edition: Edition) -> Sets {
    neighbours(edition).1
}

pub(super) static SUCCESSORS: [Sets; Edition::COUNT] = each_edition!(successors);
static PREDECESSORS: [Sets; Edition::COUNT] = each_edition!(predecessors);

impl Edition {
    /// The statuses that a job may take after another one.
    pub const fn successors(self, status: Status) -> StatusSet {
        SUCCESSORS[self.index()][status.index()]
    }

    /// The statuses that a job may have come from.
    pub const fn predecessors(self, status: Status) -> StatusSet {
        PREDECESSORS[self.index()][status.index()]
    }

    /// Whether the table has the transition. The same status sent again is a heartbeat, not a transition: it isn't in the
    /// table. What a job remembers can forbid more, see [`Job::apply`](crate::Job::apply).
    pub const fn can_become(self, from: Status, to: Status) -> bool {
        self.successors(from).contains(to)
    }

    /// The transition between two statuses, if the table has it.
    pub const fn transition(self, from: Status, to: Status) -> Option<Transition> {
        match MATRICES[self.index()][from.index()][to.index()] {
            Some(basis) => Some(Transition { from, to, basis }),
            None => None,
        }
    }

    /// All transitions in table order: by the row of `from`, then by that of `to`.
    pub fn transitions(self) -> impl Iterator<Item = Transition> {
        self.statuses().iter().flat_map(move |from| self.leaving(from))
    }

    /// The transitions from a status, in table order.
    pub(crate) fn leaving(self, from: Status) -> impl Iterator<Item = Transition> {
        self.successors(from).iter().filter_map(move |to| self.transition(from, to))
    }
}

impl Status {
    /// The statuses that a job may take next.
    pub const fn successors(self) -> StatusSet {
        Edition::V2021.successors(self)
    }

    /// The statuses that a job may have come from.
    pub const fn predecessors(self) -> StatusSet {
        Edition::V2021.predecessors(self)
    }

    /// Whether the table has the transition from this status to another. The same status sent again is a
    /// heartbeat, not a transition: it isn't in the table. What a job remembers can forbid more, see
    /// [`Job::apply`](crate::Job::apply).
    pub const fn can_become(self, to: Self) -> bool {
        Edition::V2021.can_become(self, to)
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
    /// The transition between two statuses, if the table of the first edition has it.
    pub const fn between(from: Status, to: Status) -> Option<Self> {
        Edition::V2021.transition(from, to)
    }

    /// All transitions of the first edition in table order: by the row of `from`, then by that of `to`.
    pub fn all() -> impl Iterator<Item = Self> {
        Edition::V2021.transitions()
    }
}
