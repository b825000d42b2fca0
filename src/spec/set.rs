//! Sets of statuses.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::EnumCount;

use super::Status;

/// A set of statuses, one bit each. It serializes as a list of statuses.
///
/// ```
/// use cardsavr_protocol::Status;
///
/// let next = Status::Initiated.successors();
/// assert!(next.contains(Status::Requested));
/// assert_eq!(next.to_string(), "REQUESTED, CANCEL_REQUESTED, KILLED, CANCELLED or ABANDONED");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StatusSet(u128);

const _: () = assert!(Status::COUNT <= u128::BITS as usize, "a StatusSet has a bit for every status");

impl StatusSet {
    /// The set without a member.
    pub const EMPTY: Self = Self(0);

    /// The set of these statuses.
    pub const fn of(statuses: &[Status]) -> Self {
        let (mut set, mut i) = (Self::EMPTY, 0);
        while i < statuses.len() {
            set = set.with(statuses[i]);
            i += 1;
        }
        set
    }

    /// Whether the status is in the set.
    pub const fn contains(self, status: Status) -> bool {
        self.0 & (1 << status.index()) != 0
    }

    /// The set and one status more.
    #[must_use]
    pub const fn with(self, status: Status) -> Self {
        Self(self.0 | 1 << status.index())
    }

    /// The set without a status.
    #[must_use]
    pub const fn without(self, status: Status) -> Self {
        Self(self.0 & !(1 << status.index()))
    }

    /// The statuses that either set has.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The statuses that both sets have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set has no member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many members the set has.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The first member in table order.
    pub const fn first(self) -> Option<Status> {
        if self.is_empty() { None } else { Some(Status::VOCABULARY[self.0.trailing_zeros() as usize]) }
    }

    /// The members in table order.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        let mut left = self;
        core::iter::from_fn(move || {
            let first = left.first()?;
            left = left.without(first);
            Some(first)
        })
    }
}

impl FromIterator<Status> for StatusSet {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        statuses.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl core::fmt::Debug for StatusSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The members as a person lists them: `A, B or C`; `nothing` for the empty set.
impl core::fmt::Display for StatusSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (i, status) in self.iter().enumerate() {
            let separator = match i {
                0 => "",
                _ if i + 1 == self.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{status}")?;
        }
        Ok(())
    }
}

impl Serialize for StatusSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for StatusSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from_iter)
    }
}
