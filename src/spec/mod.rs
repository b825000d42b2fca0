//! The tables (statuses, transitions, guards, limits) and what is computed from them at compile time.
//!
//! The enums are the vocabulary; the rows are the life cycle that the specification of 2021 documents. Another edition is
//! another set of rows over the same enums.

mod guard;
mod limit;
pub(crate) mod open;
mod path;
mod phase;
#[cfg(feature = "schemars")]
pub(crate) mod schema;
mod set;
pub(crate) mod status;
mod termination;
mod time;
pub(crate) mod transition;
mod unknown;

pub use guard::{Guard, GuardRow};
pub use limit::{Limit, LimitRow, LimitUnit, LimitValue, Limits, UnitMismatch};
pub use open::Open;
pub use path::Path;
pub use phase::{Input, Phase};
pub use set::StatusSet;
pub use status::{Status, StatusRow};
pub use termination::TerminationType;
pub use time::{TimeoutUnit, Timestamp};
pub use transition::{Basis, Transition};
pub use unknown::UnknownName;
