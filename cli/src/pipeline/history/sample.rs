//! The complete histories of a sample of the jobs.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::conformance::Finding;
use cardsavr_protocol::wire::{EventRef, JobId, JobKey};

use super::job::JobHistory;

/// The maximum number of histories while a log is read.
const MAX_JOBS: usize = 30_000;

/// The maximum number of events, and of findings, in a history.
const MAX_EVENTS: usize = 300;

/// The histories of all jobs, up to a maximum number. When it is reached, half of them are evicted. Jobs with findings stay
/// first, then jobs in progress, then those with the smallest hash of the id: memory is bounded, and the sample is the same in
/// each run. An evicted job that continues starts a new history.
#[derive(Debug)]
pub struct Sample {
    histories: HashMap<JobId, JobHistory>,
    max_jobs: usize,
    is_partial: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self::new(MAX_JOBS)
    }
}

impl Sample {
    fn new(max_jobs: usize) -> Self {
        Self { histories: HashMap::new(), max_jobs, is_partial: false }
    }

    pub fn observe(&mut self, event: &EventRef<'_>) {
        if let Some(job) = event.job() {
            self.job(job).observe(event, MAX_EVENTS);
        }
    }

    pub fn finding(&mut self, finding: &Finding) {
        if let Some(job) = &finding.job_id {
            self.job(job.key()).finding(finding, MAX_EVENTS);
        }
    }

    fn job(&mut self, job: JobKey<'_>) -> &mut JobHistory {
        let id = JobId::from(job);
        if self.histories.len() >= self.max_jobs && !self.histories.contains_key(&id) {
            self.evict_half();
        }
        self.histories.entry(id).or_insert_with_key(|id| JobHistory::new(id.clone()))
    }

    fn evict_half(&mut self) {
        let mut histories: Vec<_> = self.histories.drain().collect();
        histories
            .sort_by_cached_key(|(id, history)| (history.findings.is_empty(), history.has_ended, hash(id)));
        histories.truncate(self.max_jobs / 2);
        self.histories.extend(histories);
        self.is_partial = true;
    }

    /// Whether any history was evicted.
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// The histories: those with findings first, then by the hash of the id.
    pub fn into_histories(self) -> Vec<JobHistory> {
        let mut histories: Vec<_> = self.histories.into_values().collect();
        histories.sort_by_cached_key(|history| (history.findings.is_empty(), hash(&history.job)));
        histories
    }
}

/// A number that depends only on the id, and is the same in each run.
fn hash(id: &JobId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use cardsavr_protocol::Status;
    use cardsavr_protocol::conformance::{Checker, Position, Settings};
    use cardsavr_protocol::wire::{Block, JobStatusMessage, Message, Open, StatusBody};

    use super::*;

    /// The sample of a log with one message for each job. A job whose status is not in the table has a finding.
    fn sample(jobs: impl Iterator<Item = (u64, &'static str)>, max_jobs: usize) -> Sample {
        let mut sample = Sample::new(max_jobs);
        let mut checker = Checker::new(Settings::default());
        for (job, status) in jobs {
            let status = Open::<Status>::new(status);
            let termination_type = status.known().and_then(Status::termination_type).map(Into::into);
            let mut message = StatusBody::new(status);
            message.termination_type = termination_type;
            let message = Message::JobStatus(JobStatusMessage::new(job, message));
            let (mut block, mut findings) = (Block::default(), Vec::new());
            block.push_message(&message, Position { input: 0, line: job, column: 1 }, None);
            checker.check(&mut block, &mut findings);
            block.iter().for_each(|event| sample.observe(&event));
            for finding in &findings {
                sample.finding(finding);
            }
        }
        sample
    }

    fn ids(sample: Sample) -> Vec<u64> {
        let mut ids: Vec<_> =
            sample.into_histories().iter().filter_map(|history| history.job.number()).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn all_histories_are_kept_below_the_maximum() {
        let all = sample((0..10).map(|job| (job, "AUTH")), 10);
        assert!(!all.is_partial());
        assert_eq!(ids(all), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn those_with_findings_stay_first_and_then_those_that_have_not_ended() {
        let status = |job| match job {
            3 | 17 => "ODD",
            5 | 40 => Status::Auth.as_str(),
            _ => Status::Successful.as_str(),
        };
        let some = sample((0..100).map(|job| (job, status(job))), 10);
        assert!(some.is_partial());
        let some = ids(some);
        assert!(some.len() <= 10);
        assert!([3, 5, 17, 40].iter().all(|job| some.contains(job)), "{some:?}");
    }
}
