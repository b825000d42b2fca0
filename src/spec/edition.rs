//! The editions of the life cycle.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::TimeoutUnit;

/// An edition of the life cycle. The service has renamed, merged and added statuses over the years; each edition is what it
/// documented at one time.
///
/// [`Status`](crate::Status) has the statuses of all editions. What depends on the edition is a method of this type; a
/// method of another type without an edition, such as [`Status::successors`](crate::Status::successors), is that of the
/// first edition. A status that an edition lacks is an unknown status there.
///
/// ```
/// use cardsavr_protocol::{Edition, Status};
///
/// let edition: Edition = "2026".parse()?;
/// assert!(edition.can_become(Status::Auth, Status::Pending));
/// assert!(!Edition::V2021.has(Status::Pending));
/// assert_eq!(Edition::knowing(Status::Pending).next(), Some(edition));
/// # Ok::<(), cardsavr_protocol::UnknownName>(())
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumCount,
    EnumMessage,
    EnumString,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = super::schema::closed))]
#[strum(parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::edition)]
#[repr(u8)]
#[non_exhaustive]
pub enum Edition {
    /// The specification of September 2021: the default.
    #[default]
    #[strum(to_string = "2021")]
    #[serde(rename = "2021")]
    V2021,
    /// What the service publishes in 2026.
    #[strum(to_string = "2026")]
    #[serde(rename = "2026")]
    V2026,
}

/// An array with what a function makes of each edition.
macro_rules! each_edition {
    ($make:expr) => {
        [$make(Edition::V2021), $make(Edition::V2026)]
    };
}
pub(crate) use each_edition;

/// A mark that may be missing.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}
pub(crate) use optional;

/// Expands to the braces' content if an edition has what has these marks, or else to the content of the braces after `else`.
/// `since` marks the first edition that has it, and `before` the first one that lacks it. Each edition adds two rules: it is
/// itself, and otherwise the question is about the edition before it.
macro_rules! in_edition {
    ($edition:ident $marks:tt $yes:tt) => { in_edition! { $edition $marks $yes else {} } };
    ($edition:ident [] { $($yes:tt)* } else $no:tt) => { $($yes)* };
    ($edition:ident [since $first:ident] $yes:tt else $no:tt) => { in_edition! { @ $edition $first $yes $no } };
    ($edition:ident [before $first:ident] $yes:tt else $no:tt) => { in_edition! { @ $edition $first $no $yes } };

    (@ V2021 V2021 { $($yes:tt)* } $no:tt) => { $($yes)* };
    (@ V2021 $first:ident $yes:tt { $($no:tt)* }) => { $($no)* };
    (@ V2026 V2026 { $($yes:tt)* } $no:tt) => { $($yes)* };
    (@ V2026 $first:ident $yes:tt $no:tt) => { in_edition! { @ V2021 $first $yes $no } };
}
pub(crate) use in_edition;

impl Edition {
    /// All editions, the first one first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The beginning of the names of waiting statuses. A status that the edition lacks and that begins so waits too; `None`
    /// if names show nothing.
    pub const fn waiting_prefix(self) -> Option<&'static str> {
        if self.is_since(Self::V2026) { Some("PENDING") } else { None }
    }

    /// The unit of a job's `job_timeout` values before any was seen.
    pub const fn timeout_unit(self) -> TimeoutUnit {
        if self.is_since(Self::V2026) { TimeoutUnit::Milliseconds } else { TimeoutUnit::Seconds }
    }

    /// Whether this edition is another one or later.
    pub(crate) const fn is_since(self, first: Self) -> bool {
        self as u8 >= first as u8
    }

    /// Whether a row with these marks is of this edition.
    pub(crate) const fn is_marked(self, since: Option<Self>, before: Option<Self>) -> bool {
        let is_begun = match since {
            Some(first) => self.is_since(first),
            None => true,
        };
        let is_over = match before {
            Some(end) => self.is_since(end),
            None => false,
        };
        is_begun && !is_over
    }

    /// Where the edition stands in an array of all.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
    pub(crate) fn is_first(&self) -> bool {
        *self == Self::default()
    }
}
