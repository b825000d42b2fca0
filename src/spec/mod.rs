//! The tables (statuses, transitions, guards, limits) and what is computed from them at compile time.
//!
//! The enums are the vocabulary of all editions. A row is of each [`Edition`] unless marked, and a column has one value in all
//! editions unless `since` gives it another one.

mod edition;
mod guard;
mod limit;
pub(crate) mod open;
mod path;
mod phase;
mod row;
#[cfg(feature = "schemars")]
pub(crate) mod schema;
mod set;
pub(crate) mod status;
mod termination;
mod time;
pub(crate) mod transition;
mod unknown;

pub use edition::Edition;
pub(crate) use edition::in_edition;
use edition::{each_edition, optional};
pub use guard::{Guard, GuardRow};
pub use limit::{Limit, LimitRow, LimitUnit, LimitValue, Limits, UnitMismatch};
pub use open::Open;
pub use path::Path;
pub use phase::{Input, Phase};
pub(crate) use row::Elsewhere;
pub use row::StatusRow;
pub use set::StatusSet;
pub use status::Status;
pub use termination::TerminationType;
pub use time::{TimeoutUnit, Timestamp};
pub use transition::{Basis, Transition};
pub use unknown::UnknownName;
