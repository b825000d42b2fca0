//! What the jobs of a log went through, from the messages that an output sees: figures of all jobs, and the whole lives of
//! some. Nothing is collected unless an output asks for it.

mod figures;
mod histogram;
mod life;
mod sample;

pub use self::figures::{Count, Figures, Outcome};
pub use self::histogram::{Histogram, Quantiles};
pub use self::life::{Event, Life, What, Word};
pub use self::sample::Sample;
