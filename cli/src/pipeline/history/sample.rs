//! The whole lives of some jobs.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::conformance::Finding;
use cardsavr_protocol::wire::{EventRef, JobId, JobKey};

use super::life::Life;

/// How many lives are kept at the most while a log is read.
const MAX_LIVES: usize = 30_000;

/// How many events and findings are kept of each.
const MAX_EVENTS: usize = 300;

/// The lives of all jobs, as long as they are no more than there is room for. Then half of them goes: those with findings
/// stay first, then those that have not ended, then those whose ids have the least hash. So the memory is bounded, and
/// which jobs are left is up to no one, and the same in every run. A job that goes on after it went begins anew.
#[derive(Debug)]
pub struct Sample {
    lives: HashMap<JobId, Life>,
    max_lives: usize,
    has_let_go: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self::new(MAX_LIVES)
    }
}

impl Sample {
    fn new(max_lives: usize) -> Self {
        Self { lives: HashMap::new(), max_lives, has_let_go: false }
    }

    pub fn observe(&mut self, event: &EventRef<'_>) {
        if let Some(job) = event.job() {
            self.life(job).observe(event, MAX_EVENTS);
        }
    }

    pub fn finding(&mut self, finding: &Finding) {
        if let Some(job) = &finding.job_id {
            self.life(job.key()).finding(finding, MAX_EVENTS);
        }
    }

    fn life(&mut self, job: JobKey<'_>) -> &mut Life {
        let id = JobId::from(job);
        if self.lives.len() >= self.max_lives && !self.lives.contains_key(&id) {
            self.let_half_go();
        }
        self.lives.entry(id).or_insert_with_key(|id| Life::new(id.clone()))
    }

    fn let_half_go(&mut self) {
        let mut lives: Vec<_> = self.lives.drain().collect();
        lives.sort_by_cached_key(|(id, life)| (life.findings.is_empty(), life.has_ended, hash(id)));
        lives.truncate(self.max_lives / 2);
        self.lives.extend(lives);
        self.has_let_go = true;
    }

    /// Whether there were more jobs than there was room for.
    pub fn has_let_go(&self) -> bool {
        self.has_let_go
    }

    /// The lives that are kept: those with findings first, then by the hash of the id.
    pub fn into_lives(self) -> Vec<Life> {
        let mut lives: Vec<_> = self.lives.into_values().collect();
        lives.sort_by_cached_key(|life| (life.findings.is_empty(), hash(&life.job)));
        lives
    }
}

/// A number that has nothing to do with when a job was or what it did, the same in every run.
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

    /// The sample of jobs with a status each; those whose status is none of the table have a finding.
    fn sample(jobs: impl Iterator<Item = (u64, &'static str)>, max_lives: usize) -> Sample {
        let mut sample = Sample::new(max_lives);
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
        let mut ids: Vec<_> = sample.into_lives().iter().filter_map(|life| life.job.number()).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn all_lives_are_kept_where_there_is_room() {
        let all = sample((0..10).map(|job| (job, "AUTH")), 10);
        assert!(!all.has_let_go());
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
        assert!(some.has_let_go());
        let some = ids(some);
        assert!(some.len() <= 10);
        assert!([3, 5, 17, 40].iter().all(|job| some.contains(job)), "{some:?}");
    }
}
