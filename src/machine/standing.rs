//! The progress of a job by the fields of a message or a snapshot.

use crate::spec::{Edition, Status};

/// The progress of a job by a message or a snapshot.
///
/// ```
/// use cardsavr_protocol::{Standing, Status};
///
/// assert_eq!(Standing::of(Some(Status::Auth), false), Standing::InProgress(Status::Auth));
/// assert_eq!(Standing::of(Some(Status::NetworkIssue), false), Standing::NetworkFailure);
/// assert_eq!(Standing::of(Some(Status::NetworkIssue), true), Standing::Ended);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The job is in progress, in this status. A termination type with it does not end the job.
    InProgress(Status),
    /// The job failed to connect and tries again, in the status that it had: `NETWORK_ISSUE` without a termination type.
    NetworkFailure,
    /// The job is in a status that this version does not know.
    Unknown,
    /// The job has ended: in a terminal status, with or without a termination type, or in an unknown one with a type.
    Ended,
}

impl Standing {
    /// The standing of a job, from its status (`None` if this version does not know it) and from whether it is sent with
    /// a termination type; in the first edition.
    pub const fn of(status: Option<Status>, is_typed: bool) -> Self {
        Self::in_edition(Edition::V2021, status, is_typed)
    }

    /// The standing of a job in an edition. A status that the edition lacks is unknown.
    pub const fn in_edition(edition: Edition, status: Option<Status>, is_typed: bool) -> Self {
        match status {
            Some(status) if edition.has(status) => match edition.reported_to(status) {
                Some(_) if !is_typed => Self::NetworkFailure,
                _ if status.is_terminal() => Self::Ended,
                _ => Self::InProgress(status),
            },
            _ if is_typed => Self::Ended,
            _ => Self::Unknown,
        }
    }
}
