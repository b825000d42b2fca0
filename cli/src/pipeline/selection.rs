//! The jobs that are judged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use cardsavr_protocol::wire::{EventRef, JobId};

/// The jobs that are judged: those that are named, or all if none is. What has no job is always judged.
#[derive(Debug, Default)]
pub struct Selection {
    /// The named jobs, each with whether an event of it was found.
    named: BTreeMap<JobId, AtomicBool>,
}

impl Selection {
    pub fn new(jobs: &[JobId]) -> Self {
        Self { named: jobs.iter().map(|job| (job.clone(), AtomicBool::default())).collect() }
    }

    /// Whether all jobs are judged.
    pub fn is_all(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether events of this job are judged; `None` is no known job.
    pub fn wants(&self, job: Option<&JobId>) -> bool {
        let Some(job) = job.filter(|_| !self.is_all()) else { return true };
        let found = self.named.get(job);
        if let Some(found) = found {
            found.store(true, Ordering::Relaxed);
        }
        found.is_some()
    }

    /// Whether an event is judged.
    pub fn wants_event(&self, event: &EventRef<'_>) -> bool {
        self.is_all() || self.wants(event.job_id().as_ref())
    }

    /// The named jobs of which no event was found.
    pub fn missing(&self) -> impl Iterator<Item = &JobId> {
        self.named.iter().filter(|(_, found)| !found.load(Ordering::Relaxed)).map(|(job, _)| job)
    }
}
