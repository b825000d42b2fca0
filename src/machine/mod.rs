//! The machine over the tables: at run time, in the types, and in time.

pub(crate) mod job;
pub(crate) mod standing;
mod timer;
pub mod typestate;

pub use job::{Guard, IllegalTransition, Job, Memory};
pub use timer::{TimeWentBack, Timer};
