//! From records to findings: the messages of each record are read, ordered, judged, and filtered by a baseline.

pub mod baseline;
mod batch;
pub mod entries;
pub mod history;
pub mod judge;
pub mod log;
pub mod merge;
pub mod narrow;
pub mod output;
mod pool;
mod scan;
mod selection;
pub mod shape;
mod time;
