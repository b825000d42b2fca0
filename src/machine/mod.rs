//! The machine over the tables: at run time, in the types, and in time.

pub(crate) mod budget;
mod job;
mod standing;
mod timer;
pub mod typestate;

pub use job::{IllegalTransition, Job, Memory};
pub use standing::Standing;
pub use timer::Timer;
