//! How a job's statuses follow each other.

use serde::Serialize;

use crate::machine::Standing;
use crate::{Edition, Status};

/// How a status follows the one before it, by the table alone: what a job remembers can forbid more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The first status seen of the job.
    First,
    /// The same status again.
    Heartbeat,
    /// A legal transition.
    Legal,
    /// Reachable, but statuses in between are missing.
    Skipped,
    /// Not reachable.
    Illegal,
    /// This status, or the one before it, is not in the table.
    Unclear,
    /// A `NETWORK_ISSUE` without a termination type: a failure to connect, after which the job stays where it was.
    NetworkFailure,
}

/// A step of a job from one status to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The last known status before it.
    pub from: Option<Status>,
    /// The last known status after it.
    pub to: Option<Status>,
    /// How the two follow each other.
    pub kind: StepKind,
    /// Whether an unknown status came since `from`: reachability alone counts then.
    pub is_after_hole: bool,
}

/// A job's way from status to status, as one sequence of messages or snapshots shows it.
///
/// ```
/// use cardsavr_protocol::Status;
/// use cardsavr_protocol::track::{StepKind, Walk};
///
/// let mut walk = Walk::default();
/// assert_eq!(walk.take(Some(Status::PendingTfa), false).kind, StepKind::First);
/// assert_eq!(walk.take(Some(Status::PendingTfa), false).kind, StepKind::Heartbeat);
/// assert_eq!(walk.take(Some(Status::Updating), false).kind, StepKind::Skipped);
/// assert_eq!(walk.take(Some(Status::Auth), false).kind, StepKind::Illegal);
/// assert_eq!(walk.take(None, false).kind, StepKind::Unclear);
/// assert_eq!(walk.status(), Some(Status::Auth));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    status: Option<Status>,
    seen: Seen,
}

/// What was seen of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    /// No status, but failures to connect.
    Failures,
    /// Statuses from the start of the job on, none of which was skipped or unknown.
    FromStart,
    /// Statuses.
    Partly,
    /// Statuses, and an unknown one after the last known one.
    Hole,
}

impl Walk {
    /// The last known status.
    pub const fn status(self) -> Option<Status> {
        self.status
    }

    /// Whether a status was seen, known or not, or a failure to connect.
    pub fn has_begun(self) -> bool {
        self.seen != Seen::Nothing
    }

    /// Whether the job was seen from its start, and no status was skipped or unknown since.
    pub fn is_from_start(self) -> bool {
        self.seen == Seen::FromStart
    }

    /// Whether it has a status, and none that is unknown came after it.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self.seen, Seen::FromStart | Seen::Partly)
    }

    /// Takes the step to a status that legally follows the one before it, in a [whole](Self::is_whole) walk.
    #[inline]
    pub(crate) const fn step(&mut self, to: Status) {
        self.status = Some(to);
    }

    /// A walk of which only that it has begun is remembered.
    pub(crate) const fn forgotten() -> Self {
        Self { status: None, seen: Seen::Partly }
    }

    /// Takes the step to a status of the first edition, `None` if it is unknown, whether it is legal or not. `has_type`:
    /// whether a termination type comes with it.
    pub fn take(&mut self, status: Option<Status>, has_type: bool) -> Step {
        self.take_in(Edition::V2021, status, has_type)
    }

    /// Takes the step to a status of an edition; one that the edition lacks is unknown.
    pub fn take_in(&mut self, edition: Edition, status: Option<Status>, has_type: bool) -> Step {
        let status = status.filter(|&status| edition.has(status));
        let (from, seen) = (self.status, self.seen);
        let is_after_hole = seen == Seen::Hole;
        let kind = match (from, status) {
            _ if Standing::in_edition(edition, status, has_type) == Standing::NetworkFailure => {
                if seen == Seen::Nothing {
                    self.seen = Seen::Failures;
                }
                return Step { from, to: from, kind: StepKind::NetworkFailure, is_after_hole };
            }
            _ if matches!(seen, Seen::Nothing | Seen::Failures) => StepKind::First,
            (None, _) | (_, None) => StepKind::Unclear,
            (Some(from), Some(to)) if from == to => StepKind::Heartbeat,
            (Some(from), Some(to)) if !is_after_hole && edition.can_become(from, to) => StepKind::Legal,
            (Some(from), Some(to)) if !edition.reaches(from, to) => StepKind::Illegal,
            _ if is_after_hole => StepKind::Unclear,
            _ => StepKind::Skipped,
        };
        self.status = status.or(from);
        self.seen = match (kind, status) {
            (_, None) => Seen::Hole,
            (StepKind::First, Some(first)) if seen == Seen::Nothing && Status::STARTS.contains(&first) => {
                Seen::FromStart
            }
            (StepKind::Heartbeat | StepKind::Legal | StepKind::Illegal, _) if seen == Seen::FromStart => seen,
            _ => Seen::Partly,
        };
        Step { from, to: self.status, kind, is_after_hole }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::StepKind::{First, Heartbeat, Illegal, Legal, NetworkFailure, Skipped, Unclear};
    use super::*;

    fn steps(statuses: &[&str]) -> Vec<StepKind> {
        let mut walk = Walk::default();
        let step = |status: &&str| walk.take(status.parse().ok(), false).kind;
        statuses.iter().map(step).collect()
    }

    #[test]
    fn each_step_has_its_kind() {
        for (statuses, expected) in [
            (&["REQUESTED", "QUEUED", "QUEUED"][..], &[First, Legal, Heartbeat][..]),
            (&["PENDING_TFA", "UPDATING", "AUTH"], &[First, Skipped, Illegal]),
            (&["AUTH", "NETWORK_ISSUE", "UPDATING"], &[First, NetworkFailure, Legal]),
            (&["AUTH", "LATER", "UPDATING", "PENDING_CARD"], &[First, Unclear, Unclear, Legal]),
            (&["AUTH", "LATER", "AUTH"], &[First, Unclear, Heartbeat]),
            (&["UPDATING", "LATER", "AUTH"], &[First, Unclear, Illegal]),
            (&["LATER", "AUTH"], &[First, Unclear]),
            (&["SUCCESSFUL", "SUCCESSFUL", "UPDATING"], &[First, Heartbeat, Illegal]),
        ] {
            assert_eq!(steps(statuses), expected, "{statuses:?}");
        }
    }
}
