//! How a job's statuses follow each other.

use cardsavr_protocol::Status;
use cardsavr_protocol::conformance::StatusReport;
use serde::Serialize;

/// How a status follows the one before it. What a job remembers can forbid more than the table, and that is told by the
/// findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is the first that is seen of the job.
    First,
    /// It is the same as before.
    Heartbeat,
    /// The table has it.
    Legal,
    /// The table leads there by way of others, which were not told.
    Skipped,
    /// No lawful way leads there.
    Illegal,
    /// It, or the one before it, is not in the table: nobody knows.
    Unclear,
    /// It reports a failure to connect, and the job stays where it was.
    NetworkFailure,
}

/// The way of a job from status to status, as its messages tell it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    status: Option<Status>,
    /// Whether a status came since that is not in the table.
    has_hole: bool,
    has_begun: bool,
}

impl Walk {
    /// The last status that is in the table.
    pub fn status(self) -> Option<Status> {
        self.status
    }

    /// Takes the next step.
    pub fn take(&mut self, report: &StatusReport<'_>) -> Step {
        if report.is_network_failure() {
            return Step::NetworkFailure;
        }
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let before = self.status;
        let Some(to) = report.status.known() else {
            self.has_hole = true;
            return if is_first { Step::First } else { Step::Unclear };
        };
        let is_after_hole = std::mem::replace(&mut self.has_hole, false);
        self.status = Some(to);
        match before {
            _ if is_first => Step::First,
            None => Step::Unclear,
            Some(from) if from == to => Step::Heartbeat,
            Some(from) if !from.reaches(to) => Step::Illegal,
            Some(_) if is_after_hole => Step::Unclear,
            Some(from) if from.can_become(to) => Step::Legal,
            Some(_) => Step::Skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use cardsavr_protocol::wire::{JobId, Open};

    use super::*;

    fn steps(statuses: &[&str]) -> Vec<Step> {
        let mut walk = Walk::default();
        let step = |status: &&str| {
            let (job, status) = (JobId::Number(1), Open::new(*status));
            walk.take(&StatusReport {
                job: &job,
                status: &status,
                termination_type: None,
                percent_complete: None,
                job_timeout: None,
                is_completed: false,
            })
        };
        statuses.iter().map(step).collect()
    }

    #[test]
    fn each_step_has_its_kind() {
        use Step::{First, Heartbeat, Illegal, Legal, NetworkFailure, Skipped, Unclear};
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
