//! The statistics of a log, as rows and as a table.

pub mod job_row;
pub mod row;
pub mod table;
