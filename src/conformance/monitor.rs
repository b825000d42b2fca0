//! One job under watch.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::finding::Reporter;
use super::log::Log;
use super::watch::Watch;
use super::{Finding, Observation, Position, Settings};
use crate::wire::JobId;
use crate::{Status, TerminationType, Timestamp};

/// Watches one job, while it runs or in a log: judges its messages as one sequence, its snapshots as another, and its
/// requests and answers by the time and the status at which they come. For a log of many jobs there is the
/// [`Checker`](super::Checker).
///
/// ```
/// use cardsavr_protocol::Status;
/// use cardsavr_protocol::conformance::{Monitor, Position, Rule, Settings};
/// use cardsavr_protocol::wire::Message;
///
/// let mut monitor = Monitor::new(101.into(), Settings::default());
/// let mut findings = Vec::new();
/// for status in ["UPDATING", "PENDING_TFA"] {
///     let json = format!(r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}"}}}}"#);
///     let message = Message::from_json(&json)?;
///     assert!(monitor.observe(&(&message).into(), Position::default(), None, &mut findings));
/// }
/// assert_eq!(findings[0].rule, Rule::IllegalTransition);
/// assert_eq!(monitor.status(), Some(Status::PendingTfa));
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Monitor {
    settings: Settings,
    job: JobId,
    log: Log<Watch>,
}

impl Monitor {
    /// A monitor that has seen nothing of its job yet.
    pub fn new(job: JobId, settings: Settings) -> Self {
        Self { settings, job, log: Log::default() }
    }

    /// The job.
    pub fn job(&self) -> &JobId {
        &self.job
    }

    /// Judges a message or a snapshot of the job, and adds what it finds to `findings`, in the order of the catalogue.
    /// `position` is where it stands in the log, `at` its time, where it has one. Anything of another job is passed over;
    /// the result says whether this was of the monitor's. A response belongs to the job that it names, or else to that
    /// whose request had its envelope.
    pub fn observe(
        &mut self,
        observation: &Observation<'_>,
        position: Position,
        at: Option<Timestamp>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let named_by_envelope;
        let job = match *observation {
            Observation::Status(report) | Observation::Snapshot(report) => Some(report.job),
            Observation::Request { job, .. } => Some(job),
            Observation::Response { job: None, envelope, .. } => {
                named_by_envelope = self.log.envelopes.job(envelope);
                named_by_envelope.as_ref()
            }
            Observation::Response { job, .. } | Observation::Unknown { job, .. } => job,
        };
        if job != Some(&self.job) {
            return false;
        }
        let mut to = Reporter { settings: &self.settings, findings, position, job: None };
        self.log.observe(observation, at, &mut to);
        true
    }

    /// The last status that the job's messages gave, or its snapshots where there were no messages, of those in the
    /// table.
    pub fn status(&self) -> Option<Status> {
        self.log.jobs.status()
    }

    /// Whether the job has ended, by its messages or by its snapshots.
    pub fn has_ended(&self) -> bool {
        self.log.jobs.has_ended()
    }

    /// The termination type that the job ended with, where it has ended and one is known.
    pub fn termination_type(&self) -> Option<TerminationType> {
        self.log.jobs.termination_type()
    }

    /// Reports what shows only when nothing more comes: that the job has not ended, at the place where it was last seen.
    pub fn finish(&self, findings: &mut Vec<Finding>) {
        if self.log.jobs.is_in_progress() {
            let position = self.log.jobs.position();
            let mut to = Reporter {
                settings: &self.settings,
                findings,
                position,
                job: Some(Cow::Borrowed(&self.job)),
            };
            self.log.jobs.judge_unfinished(&self.job, &mut to);
        }
    }
}
