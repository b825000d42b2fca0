//! Where the messages of all inputs are judged, and what is found is printed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Checker, Finding, Observation, Position, Rule, Severity};
use cardsavr_protocol::wire::JobId;

use crate::input::records::Location;
use crate::pipeline::entries::{Entry, What};
use crate::pipeline::output::{Observed, Output};

/// A checker, and an output for what it finds.
pub struct Judge<'j> {
    checker: &'j mut Checker,
    output: &'j mut dyn Output,
    /// Whether the output sees the messages, too.
    observes: bool,
    jobs: Jobs,
    /// Empty between messages.
    findings: Vec<Finding>,
}

impl<'j> Judge<'j> {
    /// Judges all jobs.
    pub fn new(checker: &'j mut Checker, output: &'j mut dyn Output) -> Self {
        let observes = output.observes();
        Self { checker, output, observes, jobs: Jobs::default(), findings: Vec::new() }
    }

    /// Judges some jobs only, if any are named, and what names none.
    #[must_use]
    pub fn only(self, jobs: &[JobId]) -> Self {
        Self { jobs: Jobs::new(jobs), ..self }
    }

    /// Judges what stands in an input.
    pub fn entry(&mut self, entry: &Entry<'_>, input: u32) {
        let Location { line, column } = entry.place;
        let position = Position { input, line, column };
        match &entry.what {
            What::Content(content, _) => self.observe(&content.into(), position, entry.at),
            What::Fault { rule, message, job } => self.fault(*rule, message, position, job.as_ref()),
        }
    }

    /// Judges a message or a snapshot.
    pub fn observe(&mut self, observation: &Observation<'_>, position: Position, at: Option<Timestamp>) {
        if self.judges(observation) {
            if self.observes {
                let job = self.checker.job_of(observation);
                self.output.observe(&Observed { message: observation, job: job.as_ref(), position, at });
            }
            self.checker.observe(observation, position, at, &mut self.findings);
        } else {
            self.checker.pass_over(observation);
        }
    }

    /// Whether a message or a snapshot is of a job that is judged.
    fn judges(&self, observation: &Observation<'_>) -> bool {
        self.jobs.are_all() || self.jobs.want(self.checker.job_of(observation).as_ref())
    }

    /// Whether an entry is of a job that is judged.
    pub fn judges_entry(&self, entry: &Entry<'_>) -> bool {
        match &entry.what {
            What::Content(content, _) => self.judges(&content.into()),
            What::Fault { job, .. } => self.jobs.want(job.as_ref()),
        }
    }

    /// Reports what is no message, of a job where one is known.
    fn fault(&mut self, rule: Rule, message: &str, position: Position, job: Option<&JobId>) {
        if self.jobs.want(job) {
            self.checker.fault(rule, message.to_owned(), position, job.cloned(), &mut self.findings);
        }
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
