//! The guard table: one row a guard. A guard counts certain entries into statuses, and forbids others once the count has
//! come to its limit, although the transition table has them.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr, VariantArray};

use super::{Limit, LimitValue, Limits, Status, StatusSet};

macro_rules! define_guards {
    ($($(#[doc = $doc:literal])+ $guard:ident { $($column:ident: $value:expr,)+ })+) => {
        /// What a job's memory can forbid although the table has the transition.
        ///
        /// Its text says why it forbids:
        ///
        /// ```
        /// use cardsavr_protocol::{Guard, Status};
        ///
        /// let row = Guard::FailedLogins.row();
        /// assert_eq!(row.instead, Some(Status::TooManyLoginFailures));
        /// assert_eq!(Guard::FailedLogins.to_string(), row.description);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(EnumCount, IntoStaticStr, VariantArray, thiserror::Error, Serialize, Deserialize)]
        #[strum(serialize_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        #[error("{}", self.row().description)]
        #[non_exhaustive]
        pub enum Guard {
            $($(#[doc = $doc])+ $guard,)+
        }

        static ROWS: [GuardRow; Guard::COUNT] = [$(GuardRow { guard: Guard::$guard, $($column: $value,)+ }),+];
    };
}

define_guards! {
    /// `PENDING_NEWCREDS` after as many failed logins as are allowed.
    FailedLogins {
        description: Cow::Borrowed(
            "no further failed login is allowed, the job must end in TOO_MANY_LOGIN_FAILURES instead"
        ),
        counts: StatusSet::of(&[Status::PendingNewCreds]),
        forbids: StatusSet::of(&[Status::PendingNewCreds]),
        from: None,
        is_untyped: false,
        limit: Some(Limit::FailedLogins),
        instead: Some(Status::TooManyLoginFailures),
        counted: Cow::Borrowed("failed login"),
        rule: Cow::Borrowed("too-many-failed-logins"),
    }
    /// `PENDING_TFA` from `TFA_SUBMITTED` after as many failed TFA codes as are allowed.
    FailedTfaCodes {
        description: Cow::Borrowed(
            "no further failed TFA code is allowed, the job must end in TOO_MANY_TFA_FAILURES instead"
        ),
        counts: StatusSet::of(&[Status::PendingTfa]),
        forbids: StatusSet::of(&[Status::PendingTfa]),
        from: Some(Status::TfaSubmitted),
        is_untyped: false,
        limit: Some(Limit::FailedTfaCodes),
        instead: Some(Status::TooManyTfaFailures),
        counted: Cow::Borrowed("failed TFA code"),
        rule: Cow::Borrowed("too-many-failed-tfa-codes"),
    }
    /// A status of a job without initial credentials, after these have come.
    CredentialsReceived {
        description: Cow::Borrowed("the job's initial credentials have come already"),
        counts: Status::SHOWING_CREDENTIALS,
        forbids: StatusSet::of(&[
            Status::PendingCreds, Status::CancelledQuickstart, Status::AbandonedQuickstart,
        ]),
        from: None,
        is_untyped: false,
        limit: None,
        instead: None,
        counted: Cow::Borrowed("status that shows credentials"),
        rule: Cow::Borrowed("credentials-already-received"),
    }
    /// Another failure to connect, which should have been the end.
    NetworkFailures {
        description: Cow::Borrowed(
            "no further failure to connect is allowed, the job must end in NETWORK_ISSUE with its termination type"
        ),
        counts: StatusSet::of(&[Status::NetworkIssue]),
        forbids: StatusSet::of(&[Status::NetworkIssue]),
        from: None,
        is_untyped: true,
        limit: Some(Limit::NetworkFailures),
        instead: Some(Status::NetworkIssue),
        counted: Cow::Borrowed("failure to connect"),
        rule: Cow::Borrowed("too-many-network-failures"),
    }
}

impl Guard {
    /// All guards.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The row of the guard.
    pub const fn row(self) -> &'static GuardRow {
        &ROWS[self as usize]
    }

    /// The guard that a job ends in this status instead of breaking.
    pub(crate) fn of_end(end: Status) -> Option<Self> {
        let ends = |guard: &Self| !guard.row().is_untyped && guard.row().instead == Some(end);
        Self::ALL.iter().copied().find(ends)
    }

    /// The guard that can forbid a transition, if one can.
    pub(crate) const fn of_transition(from: Status, to: Status) -> Option<Self> {
        let mut i = 0;
        while i < Self::COUNT {
            if ROWS[i].forbids(Some(from), to) {
                return Some(Self::ALL[i]);
            }
            i += 1;
        }
        None
    }
}

/// The statuses that report a failure if they have no termination type: asked of every message.
const REPORTED: StatusSet = {
    let (mut reported, mut row) = (StatusSet::EMPTY, 0);
    while row < Guard::COUNT * Status::COUNT {
        let (guard, status) = (&ROWS[row / Status::COUNT], Status::ALL[row % Status::COUNT]);
        if guard.is_untyped && guard.counts.contains(status) {
            reported = reported.with(status);
        }
        row += 1;
    }
    reported
};

impl Status {
    /// The guard that counts messages with this status and no termination type: they report a failure that is not the
    /// job's end.
    pub(crate) const fn reported_to(self) -> Option<Guard> {
        if !REPORTED.contains(self) {
            return None;
        }
        let mut i = 0;
        while i < Guard::COUNT {
            if ROWS[i].is_untyped && ROWS[i].counts.contains(self) {
                return Some(Guard::ALL[i]);
            }
            i += 1;
        }
        None
    }
}

/// A guard: it counts how often a job entered certain statuses, and forbids to enter others once that has come to its
/// limit. A status that is sent again is not entered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GuardRow {
    /// Its name.
    #[cfg_attr(feature = "schemars", schemars(with = "alloc::string::String"))]
    pub guard: Guard,
    /// Why it forbids, in words.
    pub description: Cow<'static, str>,
    /// The statuses that are counted when they are entered.
    #[cfg_attr(feature = "schemars", schemars(with = "alloc::vec::Vec<Status>"))]
    pub counts: StatusSet,
    /// The statuses that can't be entered once the count has come to the limit.
    #[cfg_attr(feature = "schemars", schemars(with = "alloc::vec::Vec<Status>"))]
    pub forbids: StatusSet,
    /// The only status from which, directly, an entry is counted or forbidden; null for any.
    pub from: Option<Status>,
    /// Whether it is about messages without a termination type alone. These leave the job in the status that it had, and
    /// with no other status between them they count as one.
    pub is_untyped: bool,
    /// The name of its limit among the limits; null where one is enough.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<alloc::string::String>"))]
    pub limit: Option<Limit>,
    /// The status that the job must end in instead; null for whatever else is legal.
    pub instead: Option<Status>,
    /// What it counts, in words, in the singular.
    pub counted: Cow<'static, str>,
    /// The name of the rule that a log breaks in which the guard is not kept.
    pub rule: Cow<'static, str>,
}

impl GuardRow {
    /// Whether entering `to` directly from `from` is counted. `from` is `None` where it is unknown.
    pub(crate) const fn counts(&self, from: Option<Status>, to: Status) -> bool {
        !self.is_untyped && self.counts.contains(to) && self.is_entry(from, to)
    }

    /// Whether entering `to` directly from `from` can be forbidden. `from` is `None` where it is unknown.
    pub(crate) const fn forbids(&self, from: Option<Status>, to: Status) -> bool {
        !self.is_untyped && self.forbids.contains(to) && self.is_entry(from, to)
    }

    /// The count from which on the guard forbids.
    pub(crate) const fn allowed(&self, limits: &Limits) -> u8 {
        match self.limit {
            None => 1,
            Some(limit) => match limits.get(limit) {
                LimitValue::Count(count) => count,
                // No row has such a limit: see below.
                LimitValue::Time(_) => u8::MAX,
            },
        }
    }

    /// Whether this is an entry at all, and not a heartbeat, and from where the guard looks at.
    const fn is_entry(&self, from: Option<Status>, to: Status) -> bool {
        match (self.from, from) {
            (_, Some(from)) if from as u8 == to as u8 => false,
            (None, _) => true,
            (Some(only), Some(from)) => only as u8 == from as u8,
            (Some(_), None) => false,
        }
    }
}

const _: () = {
    let mut i = 0;
    while i < Guard::COUNT {
        assert!(ROWS[i].guard as usize == i, "the rows are in the order of the enum");
        if let Some(limit) = ROWS[i].limit {
            assert!(
                matches!(Limits::DOCUMENTED.get(limit), LimitValue::Count(_)),
                "a guard's limit is a count"
            );
        }
        i += 1;
    }
};
