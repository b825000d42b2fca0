//! Where the messages of all inputs are judged, and what is found is printed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;

use cardsavr_protocol::conformance::{Checker, Finding, Severity};
use cardsavr_protocol::wire::{Block, EventKind, JobId};

use crate::pipeline::entries::Entry;
use crate::pipeline::output::Output;

/// A checker, and an output for what it finds.
pub struct Judge<'j> {
    checker: &'j mut Checker,
    output: &'j mut dyn Output,
    /// Whether the output sees the messages, too.
    observes: bool,
    jobs: Jobs,
    /// The events of the record that is judged.
    block: Block,
    /// Empty between records.
    findings: Vec<Finding>,
}

impl<'j> Judge<'j> {
    /// Judges all jobs.
    pub fn new(checker: &'j mut Checker, output: &'j mut dyn Output) -> Self {
        let observes = output.observes();
        Self {
            checker,
            output,
            observes,
            jobs: Jobs::default(),
            block: Block::default(),
            findings: Vec::new(),
        }
    }

    /// Judges some jobs only, if any are named, and what names none.
    #[must_use]
    pub fn only(self, jobs: &[JobId]) -> Self {
        Self { jobs: Jobs::new(jobs), ..self }
    }

    /// The events to judge next, empty.
    pub fn block(&mut self) -> &mut Block {
        &mut self.block
    }

    /// Judges an entry of an input.
    pub fn entry(&mut self, entry: &Entry<'_>, input: u32) {
        self.block.clear();
        entry.push(&mut self.block, input);
        self.judge();
    }

    /// Judges the events of the block that are of jobs to be judged, or of none, and clears it.
    pub fn judge(&mut self) {
        self.checker.link(&mut self.block);
        for index in 0..self.block.len() {
            if !self.jobs.are_all() {
                let job = self.block.get(index).and_then(|event| event.job_id());
                if !self.jobs.want(job.as_ref()) {
                    continue;
                }
            }
            let judged = self.checker.judge(&self.block, index, &mut self.findings);
            if let Some(judged) =
                judged.filter(|judged| self.observes && judged.event.kind != EventKind::Malformed)
            {
                self.output.observe(&judged);
            }
        }
        self.block.clear();
    }

    /// Whether an entry is of a job that is judged.
    pub fn judges_entry(&mut self, entry: &Entry<'_>) -> bool {
        self.block.clear();
        entry.push(&mut self.block, 0);
        let job = self.block.get(0).and_then(|event| self.checker.job_of(&event));
        self.block.clear();
        self.jobs.want(job.as_ref())
    }

    /// Whether anything was found that is not printed yet.
    pub fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// Prints what was found in an input since this was called last.
    pub fn print(&mut self, file: &str, excerpt: Option<&str>) -> io::Result<()> {
        self.findings.drain(..).try_for_each(|finding| self.output.finding(&finding, file, excerpt))
    }

    /// How many findings of this severity there were until now.
    pub fn found(&self, severity: Severity) -> u64 {
        self.checker.found(severity)
    }

    /// The jobs that were named to be judged and of which there was nothing.
    pub fn missing_jobs(&self) -> impl Iterator<Item = &JobId> {
        self.jobs.missing()
    }
}

/// The jobs that are judged.
#[derive(Default)]
struct Jobs {
    /// Whether anything of each was there; all jobs are judged where there are none.
    named: BTreeMap<JobId, Cell<bool>>,
}

impl Jobs {
    fn new(jobs: &[JobId]) -> Self {
        Self { named: jobs.iter().map(|job| (job.clone(), Cell::default())).collect() }
    }

    fn are_all(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether what is of this job, or of no job that is known, is judged.
    fn want(&self, job: Option<&JobId>) -> bool {
        let Some(job) = job.filter(|_| !self.named.is_empty()) else { return true };
        let is_there = self.named.get(job);
        if let Some(is_there) = is_there {
            is_there.set(true);
        }
        is_there.is_some()
    }

    fn missing(&self) -> impl Iterator<Item = &JobId> {
        self.named.iter().filter(|(_, is_there)| !is_there.get()).map(|(job, _)| job)
    }
}
