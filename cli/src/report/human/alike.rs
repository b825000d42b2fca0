//! Findings of one cause: the first few are printed as they come, of the others is said how many there are.

use std::collections::{BTreeSet, HashMap};

use cardsavr_protocol::conformance::{Finding, Rule, Severity};

use crate::pipeline::shape::shape;
use crate::report::count;

/// How many findings of one cause are printed.
const SHOWN: u64 = 3;

/// How many causes are told apart; findings of further ones are all printed.
const CAUSES: usize = 1000;

/// How many jobs of one cause are counted.
const JOBS: usize = 1000;

/// The causes of what was found.
#[derive(Default)]
pub struct Alike {
    causes: HashMap<(Rule, String), Cause>,
}

/// What was found of one cause beyond what is printed.
pub struct Cause {
    /// In which order causes came.
    index: usize,
    pub severity: Severity,
    shown: u64,
    left_out: u64,
    jobs: BTreeSet<String>,
}

impl Alike {
    /// Whether a finding is among the first of its cause, and so to be printed. Else it is counted; so it is where there
    /// is no room for one more.
    pub fn is_shown(&mut self, finding: &Finding, has_room: impl FnOnce() -> bool) -> bool {
        let (index, severity) = (self.causes.len(), finding.severity);
        let key = (finding.rule, shape(finding));
        if index >= CAUSES && !self.causes.contains_key(&key) {
            return has_room();
        }
        let new = || Cause { index, severity, shown: 0, left_out: 0, jobs: BTreeSet::new() };
        let cause = self.causes.entry(key).or_insert_with(new);
        if cause.shown < SHOWN && has_room() {
            cause.shown += 1;
            return true;
        }
        cause.left_out += 1;
        if let Some(job) = finding.job_id.as_ref().filter(|_| cause.jobs.len() < JOBS) {
            cause.jobs.insert(job.to_string());
        }
        false
    }

    /// The causes of which not all was printed, in the order in which they came, with the rule and the shape.
    pub fn folded(self) -> Vec<(Rule, String, Cause)> {
        let causes = self.causes.into_iter().filter(|(_, cause)| cause.left_out > 0);
        let mut causes: Vec<_> = causes.map(|((rule, shape), cause)| (rule, shape, cause)).collect();
        causes.sort_by_key(|(.., cause)| cause.index);
        causes
    }
}

impl Cause {
    /// How many findings were not printed, and in how many jobs, where these are known.
    pub fn told(&self) -> String {
        let left_out = self.left_out;
        let findings =
            if self.shown > 0 { format!("and {left_out} more like it") } else { count(left_out, "finding") };
        match self.jobs.len() {
            0 => findings,
            JOBS.. => format!("{findings} in {JOBS} jobs or more"),
            jobs => format!("{findings} in {}", count(jobs as u64, "job")),
        }
    }
}
