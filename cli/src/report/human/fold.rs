//! Folding: of the findings with one shape, the first few are printed and the others are counted.

use std::collections::{BTreeSet, HashMap};

use cardsavr_protocol::conformance::{Finding, Rule, Severity, Violation};

use crate::pipeline::shape::shape;
use crate::text::count;

/// The number of findings printed of each shape.
const SHOWN: u64 = 3;

/// The number of shapes that are folded; findings of further shapes are all printed.
const SHAPES: usize = 1000;

/// The number of jobs counted of each shape.
const JOBS: usize = 1000;

/// The findings so far, by what they have in common.
#[derive(Default)]
pub struct Folder {
    folds: HashMap<String, Fold>,
}

/// The findings of one shape.
pub struct Fold {
    /// Position in the order of the first findings.
    index: usize,
    pub rule: Rule,
    pub severity: Severity,
    /// The message of the first finding, without what is particular to its job and line.
    pub shape: String,
    shown: u64,
    left_out: u64,
    jobs: BTreeSet<String>,
}

impl Folder {
    /// Whether to print a finding: it is among the first of its shape, and there is room. Other findings are counted.
    pub fn is_shown(&mut self, finding: &Finding, has_room: impl FnOnce() -> bool) -> bool {
        let (index, severity) = (self.folds.len(), finding.severity);
        let key = match &finding.violation {
            // Its message has the reason, which its fingerprint lacks.
            Violation::Malformed(_) => shape(finding),
            violation => violation.fingerprint(),
        };
        if index >= SHAPES && !self.folds.contains_key(&key) {
            return has_room();
        }
        let new = || Fold {
            index,
            rule: finding.rule,
            severity,
            shape: text_of(finding),
            shown: 0,
            left_out: 0,
            jobs: BTreeSet::new(),
        };
        let fold = self.folds.entry(key).or_insert_with(new);
        if fold.shown < SHOWN && has_room() {
            fold.shown += 1;
            return true;
        }
        fold.left_out += 1;
        if let Some(job) = finding.job_id.as_ref().filter(|_| fold.jobs.len() < JOBS) {
            fold.jobs.insert(job.to_string());
        }
        false
    }

    /// The shapes with findings that were not printed, in the order of their first findings.
    pub fn folded(self) -> Vec<Fold> {
        let mut folds: Vec<_> = self.folds.into_values().filter(|fold| fold.left_out > 0).collect();
        folds.sort_by_key(|fold| fold.index);
        folds
    }
}

/// The text of findings of one shape. Of the numbers in the reason why a record is malformed only its position differs from
/// line to line: the others are names, such as RFC 3339.
fn text_of(finding: &Finding) -> String {
    if !matches!(finding.violation, Violation::Malformed(_)) {
        return shape(finding);
    }
    let mut text = String::new();
    for word in finding.message().split_inclusive(' ') {
        let is_position = text.ends_with("line ") || text.ends_with("column ");
        match word.trim_start_matches(|char: char| char.is_ascii_digit()) {
            rest if is_position && rest.len() < word.len() => text = text + "#" + rest,
            _ => text += word,
        }
    }
    text
}

impl Fold {
    /// The number of findings that were not printed, and of their jobs.
    pub fn summary(&self) -> String {
        let left_out = self.left_out;
        let findings =
            if self.shown > 0 { format!("and {left_out} similar") } else { count(left_out, "finding") };
        match self.jobs.len() {
            0 => findings,
            JOBS.. => format!("{findings} in {JOBS} jobs or more"),
            jobs => format!("{findings} in {}", count(jobs as u64, "job")),
        }
    }
}
