//! The histories of jobs, from the events that an output observes: figures of all jobs, and the complete histories of a
//! sample. Nothing is collected unless an output asks for it.

mod figures;
mod histogram;
mod job;
mod sample;

pub use self::figures::{Count, Figures, Outcome};
pub use self::histogram::{Histogram, Quantiles};
pub use self::job::{Detail, Event, JobHistory, Word};
pub use self::sample::Sample;
