//! From records to findings: the messages of each record are read, ordered, judged, and filtered by a baseline.

pub mod baseline;
pub mod entries;
pub mod history;
pub mod judge;
pub mod log;
pub mod merge;
pub mod output;
pub mod shape;
