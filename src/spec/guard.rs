//! The guard table: one row a guard, of which `since` changes columns from an edition on. A guard counts certain entries into statuses, and forbids others once the count has
//! come to its limit, although the transition table has them.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr, VariantArray};

use super::{Edition, Limit, LimitValue, Limits, Status, StatusSet, each_edition, optional};

macro_rules! define_guards {
    (in $edition:ident: $(
        $(#[doc = $doc:literal])+
        $guard:ident $(since $since:ident)? $(before $before:ident)? {
            $($column:ident: $value:expr,)+
        } $(since $from:ident { $($own:ident: $own_value:expr,)+ })*
    )+) => {
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

        const fn rows($edition: Edition) -> [GuardRow; Guard::COUNT] {
            [$({
                #[allow(unused_mut, reason = "few guards differ in other editions")]
                let mut row = GuardRow { guard: Guard::$guard, $($column: $value,)+ };
                $(if $edition.is_since(Edition::$from) {
                    $(row.$own = $own_value;)+
                })*
                row
            }),+]
        }

        const fn has(edition: Edition) -> [bool; Guard::COUNT] {
            [$(edition.is_marked(optional!($(Edition::$since)?), optional!($(Edition::$before)?))),+]
        }
    };
}

/// The rows of each edition.
static ROWS: [[GuardRow; Guard::COUNT]; Edition::COUNT] = each_edition!(rows);

/// Which guards each edition has.
const HAS: [[bool; Guard::COUNT]; Edition::COUNT] = each_edition!(has);

define_guards! { in edition:
    /// `PENDING_NEWCREDS` after as many failed logins as are allowed.
    FailedLogins {
        description: Cow::Borrowed(
            "no further failed login is allowed, the job must end in TOO_MANY_LOGIN_FAILURES instead"
        ),
        counts: StatusSet::of(&[Status::PendingNewCreds]),
        forbids: StatusSet::of(&[Status::PendingNewCreds]),
        from: StatusSet::EMPTY,
        is_untyped: false,
        limit: Some(Limit::FailedLogins),
        instead: Some(Status::TooManyLoginFailures),
        counted: Cow::Borrowed("failed login"),
        rule: Cow::Borrowed("too-many-failed-logins"),
    } since V2026 {
        from: StatusSet::of(&[Status::LoginSubmitted, Status::CredsSubmitted, Status::Submitted]),
    }
    /// `PENDING_TFA` from `TFA_SUBMITTED` after as many failed TFA codes as are allowed.
    FailedTfaCodes {
        description: Cow::Borrowed(
            "no further failed TFA code is allowed, the job must end in TOO_MANY_TFA_FAILURES instead"
        ),
        counts: StatusSet::of(&[Status::PendingTfa]),
        forbids: StatusSet::of(&[Status::PendingTfa]),
        from: StatusSet::of(&[Status::TfaSubmitted]),
        is_untyped: false,
        limit: Some(Limit::FailedTfaCodes),
        instead: Some(Status::TooManyTfaFailures),
        counted: Cow::Borrowed("failed TFA code"),
        rule: Cow::Borrowed("too-many-failed-tfa-codes"),
    }
    /// A status of a job without initial credentials, after these have come.
    CredentialsReceived {
        description: Cow::Borrowed("the job's initial credentials have come already"),
        counts: edition.showing_credentials(),
        forbids: StatusSet::of(&[
            Status::PendingCreds, Status::CancelledQuickstart, Status::AbandonedQuickstart,
        ]),
        from: StatusSet::EMPTY,
        is_untyped: false,
        limit: None,
        instead: None,
        counted: Cow::Borrowed("status that shows credentials"),
        rule: Cow::Borrowed("credentials-already-received"),
    } since V2026 {
        forbids: StatusSet::of(&[Status::AbandonedQuickstart]),
    }
    /// Another failure to connect, which should have been the end.
    NetworkFailures before V2026 {
        description: Cow::Borrowed(
            "no further failure to connect is allowed, the job must end in NETWORK_ISSUE with its termination type"
        ),
        counts: StatusSet::of(&[Status::NetworkIssue]),
        forbids: StatusSet::of(&[Status::NetworkIssue]),
        from: StatusSet::EMPTY,
        is_untyped: true,
        limit: Some(Limit::NetworkFailures),
        instead: Some(Status::NetworkIssue),
        counted: Cow::Borrowed("failure to connect"),
        rule: Cow::Borrowed("too-many-network-failures"),
    }
}

impl Guard {
    /// All guards, of all editions.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The row of the guard in the first edition.
    pub const fn row(self) -> &'static GuardRow {
        &ROWS[0][self as usize]
    }
}

/// The statuses of each edition that report a failure if they have no termination type: asked of every message.
const REPORTED: [StatusSet; Edition::COUNT] = each_edition!(reported);

const fn reported(edition: Edition) -> StatusSet {
    let (mut reported, mut i) = (StatusSet::EMPTY, 0);
    while i < Guard::COUNT {
        if let Some(row) = edition.guard(Guard::ALL[i]) {
            if row.is_untyped {
                reported = reported.union(row.counts);
            }
        }
        i += 1;
    }
    reported
}

impl Edition {
    /// The row of a guard; `None` if the edition lacks it.
    pub const fn guard(self, guard: Guard) -> Option<&'static GuardRow> {
        if HAS[self.index()][guard as usize] { Some(&ROWS[self.index()][guard as usize]) } else { None }
    }

    /// The rows of the guard table.
    pub fn guards(self) -> impl Iterator<Item = &'static GuardRow> {
        Guard::ALL.iter().filter_map(move |&guard| self.guard(guard))
    }

    /// The guard that a job ends in this status instead of breaking.
    pub(crate) fn guard_of_end(self, end: Status) -> Option<&'static GuardRow> {
        self.guards().find(|row| !row.is_untyped && row.instead == Some(end))
    }

    /// Whether a guard can forbid a transition.
    pub(crate) const fn is_guarded(self, from: Status, to: Status) -> bool {
        let mut i = 0;
        while i < Guard::COUNT {
            if matches!(self.guard(Guard::ALL[i]), Some(row) if row.forbids(Some(from), to)) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// The guard that counts messages with this status and no termination type: they report a failure that is not the job's
    /// end.
    pub(crate) const fn reported_to(self, status: Status) -> Option<Guard> {
        if !REPORTED[self.index()].contains(status) {
            return None;
        }
        let mut i = 0;
        while i < Guard::COUNT {
            if matches!(self.guard(Guard::ALL[i]), Some(row) if row.is_untyped && row.counts.contains(status))
            {
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
    /// The only statuses from which, directly, an entry is counted or forbidden: null for any, a status, or a list.
    #[serde(with = "any_one_or_more")]
    #[cfg_attr(feature = "schemars", schemars(schema_with = "any_one_or_more::schema"))]
    pub from: StatusSet,
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

    /// Whether this is an entry, not a heartbeat, from a status that the guard looks at.
    const fn is_entry(&self, from: Option<Status>, to: Status) -> bool {
        match from {
            Some(from) if from as u8 == to as u8 => false,
            _ if self.from.is_empty() => true,
            Some(from) => self.from.contains(from),
            None => false,
        }
    }
}

/// A set as null if it has no member, as a status if it has one, else as a list.
mod any_one_or_more {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::spec::{Status, StatusSet};

    pub(super) fn serialize<S: Serializer>(set: &StatusSet, serializer: S) -> Result<S::Ok, S::Error> {
        if set.len() > 1 { set.serialize(serializer) } else { set.first().serialize(serializer) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusSet, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a status, a list of statuses, or null")]
        enum Form {
            AnyOrOne(Option<Status>),
            More(StatusSet),
        }

        Ok(match Form::deserialize(deserializer)? {
            Form::AnyOrOne(status) => status.into_iter().collect(),
            Form::More(set) => set,
        })
    }

    #[cfg(feature = "schemars")]
    pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let [one, more] =
            [generator.subschema_for::<Status>(), generator.subschema_for::<alloc::vec::Vec<Status>>()];
        schemars::json_schema!({ "anyOf": [one, more, { "type": "null" }] })
    }
}

const _: () = {
    let mut i = 0;
    while i < Guard::COUNT {
        let row = Guard::ALL[i].row();
        assert!(row.guard as usize == i, "the rows are in the order of the enum");
        if let Some(limit) = row.limit {
            assert!(
                matches!(Limits::DOCUMENTED.get(limit), LimitValue::Count(_)),
                "a guard's limit is a count"
            );
        }
        i += 1;
    }
};
