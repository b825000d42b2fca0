//! What a report of a status says of the job's life, all its fields taken together.

use crate::wire::Open;
use crate::{Status, TerminationType};

/// Where a job stands, as one report says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In progress, in this status. A termination type beside it doesn't end the job.
    InProgress(Status),
    /// Where it stood: it failed to connect, and tries again. That is what `NETWORK_ISSUE` without a termination type
    /// means.
    NetworkFailure,
    /// Somewhere that this version doesn't know.
    Unknown,
    /// At its end: in a terminal status, with or without a termination type, or in an unknown one with a type.
    Ended,
}

impl Standing {
    pub(crate) fn of(status: &Open<Status>, termination_type: Option<&Open<TerminationType>>) -> Self {
        let is_typed = termination_type.is_some();
        match status.known() {
            Some(Status::NetworkIssue) if !is_typed => Self::NetworkFailure,
            Some(status) if status.is_terminal() => Self::Ended,
            Some(status) => Self::InProgress(status),
            None if is_typed => Self::Ended,
            None => Self::Unknown,
        }
    }
}
