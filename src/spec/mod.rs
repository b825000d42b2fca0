//! The tables: statuses, transitions, termination types and limits, and what is computed from them at compile time.

pub(crate) mod limits;
pub(crate) mod open;
pub(crate) mod status;
pub(crate) mod termination;
pub(crate) mod time;
pub(crate) mod transition;
pub(crate) mod unknown;

pub use limits::Limits;
pub use open::Open;
pub use status::{Input, Phase, Status, StatusSet};
pub use termination::TerminationType;
pub use time::Timestamp;
pub use transition::{Basis, Path, Transition};
pub use unknown::UnknownName;
