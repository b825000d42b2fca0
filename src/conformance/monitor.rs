//! One job, checked while it runs or in a log.

use alloc::vec::Vec;

use super::judge::judge_event;
use super::watch::Watch;
use super::{Finding, Linker, Rule, Settings};
use crate::wire::{Block, JobId};
use crate::{Status, TerminationType};

/// Checks one job: its messages as one sequence, its snapshots as another, and its requests and responses by the time and
/// the status at which they come. For a log of many jobs there is the [`Checker`](super::Checker).
///
/// ```
/// use cardsavr_protocol::Status;
/// use cardsavr_protocol::conformance::{Monitor, Rule, Settings};
/// use cardsavr_protocol::wire::{Block, Message, Position};
///
/// let mut block = Block::default();
/// for status in ["UPDATING", "PENDING_TFA"] {
///     let json = format!(r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}"}}}}"#);
///     block.push_message(&Message::from_json(&json)?, Position::default(), None);
/// }
/// let mut monitor = Monitor::new(101.into(), Settings::default());
/// let mut findings = Vec::new();
/// assert_eq!(monitor.check(&mut block, &mut findings), 2);
/// assert_eq!(findings[0].rule, Rule::IllegalTransition);
/// assert_eq!(monitor.status(), Some(Status::PendingTfa));
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Monitor {
    settings: Settings,
    job: JobId,
    linker: Linker,
    watch: Watch,
}

impl Monitor {
    /// A monitor that has seen nothing of its job yet.
    pub fn new(job: JobId, settings: Settings) -> Self {
        Self { settings, job, linker: Linker::default(), watch: Watch::default() }
    }

    /// The job.
    pub fn job(&self) -> &JobId {
        &self.job
    }

    /// Checks those of the next events that are of the job, and adds what it finds to `findings`, in the order of the events
    /// and then of the catalogue. Returns how many there were; a response belongs to the job that it names, or else to that
    /// whose request had its envelope.
    pub fn check(&mut self, block: &mut Block, findings: &mut Vec<Finding>) -> usize {
        self.linker.link(block, &self.settings);
        let of_job = block.iter().filter(|event| event.job() == Some(self.job.key()));
        let judge = |event| _ = judge_event(&mut self.watch, event, 0, &self.settings, findings);
        of_job.map(judge).count()
    }

    /// The last known status of the job's messages, or of its snapshots if there were no messages.
    pub fn status(&self) -> Option<Status> {
        self.watch.status()
    }

    /// Whether the job has ended, by its messages or by its snapshots.
    pub fn has_ended(&self) -> bool {
        self.watch.has_ended()
    }

    /// The termination type that the job ended with, if it has ended and its type is known.
    pub fn termination_type(&self) -> Option<TerminationType> {
        self.watch.termination_type(self.settings.edition)
    }

    /// Reports what shows only when nothing more comes: that the job has not ended, at the position of its last event.
    pub fn finish(&self, findings: &mut Vec<Finding>) {
        if let Some(severity) = self.settings.severities.of(Rule::UnterminatedJob) {
            if self.watch.is_in_progress() {
                findings.push(Finding::unterminated(
                    self.watch.position(),
                    self.job.clone(),
                    self.watch.unterminated(),
                    severity,
                ));
            }
        }
    }
}
