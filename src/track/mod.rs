//! What is remembered of a job, and how its next status follows the one before it.
//!
//! [`Walk`] classifies each step once: the checker, the command's statistics and its timelines use it.
//! [`Generations`] keeps what ended recently in bounded memory.

mod by_job;
mod generations;
mod table;
mod walk;

pub(crate) use by_job::ByJob;
pub use generations::{Generation, Generations, Size};
pub(crate) use table::Table;
pub use walk::{Step, StepKind, Walk};
