//! The findings that are known: those of a baseline are hidden, however their jobs and lines are numbered.

mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cardsavr_protocol::conformance::{
    Finding, KnownFinding, ReportBaseline, Rule, Severity, Summary, Totals,
};

pub use self::file::BaselineError;
use crate::pipeline::output::{Observed, Output};
use crate::pipeline::shape::shape;

/// How many shapes of findings a baseline can have: one of more would help nobody.
const MOST: usize = 100_000;

/// The findings that are known, by their rule and their shape.
pub struct Baseline {
    findings: BTreeMap<(&'static str, String), Shape>,
    path: PathBuf,
    /// Whether all that is found is to be known from now on.
    is_written: bool,
    has_too_many: bool,
}

struct Shape {
    rule: Rule,
    /// How many the baseline has, and how many were found now.
    known: u64,
    found: u64,
}

impl Baseline {
    /// The baseline of a file.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let known = file::read(path)?.into_iter();
        let findings = known.map(|KnownFinding { rule, shape, count }| {
            ((rule.name(), shape), Shape { rule, known: count, found: 0 })
        });
        Ok(Self {
            findings: findings.collect(),
            path: path.to_owned(),
            is_written: false,
            has_too_many: false,
        })
    }

    /// A baseline that takes up all that is found, to be written to a file. That may be there, if it is a baseline.
    pub fn to_write(path: &Path) -> Result<Self, BaselineError> {
        let baseline = match Self::read(path) {
            Err(BaselineError::Unreadable(path, error)) if error.kind() == io::ErrorKind::NotFound => {
                Self { findings: BTreeMap::new(), path, is_written: true, has_too_many: false }
            }
            baseline => baseline?,
        };
        Ok(Self { is_written: true, ..baseline })
    }

    /// The path of its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a finding is known. Of one shape, as many are as the baseline has.
    fn has(&mut self, finding: &Finding) -> bool {
        let key = (finding.rule.name(), shape(finding));
        if self.is_written && self.findings.len() >= MOST && !self.findings.contains_key(&key) {
            self.has_too_many = true;
            return false;
        }
        if self.is_written {
            let new = Shape { rule: finding.rule, known: 0, found: 0 };
            self.findings.entry(key).or_insert(new).found += 1;
            return true;
        }
        self.findings.get_mut(&key).is_some_and(|known| {
            known.found += 1;
            known.found <= known.known
        })
    }

    /// Of each shape as many as `count` says, if any.
    fn each(&self, count: impl Fn(&Shape) -> u64) -> Vec<KnownFinding> {
        let all = self.findings.iter().map(|((_, shape), known)| KnownFinding {
            rule: known.rule,
            shape: shape.clone(),
            count: count(known),
        });
        all.filter(|known| known.count > 0).collect()
    }
}

/// An output under a baseline, if there is one.
pub struct Filter {
    output: Box<dyn Output>,
    baseline: Option<Baseline>,
    hidden: BTreeMap<(Severity, Rule), u64>,
}

impl Filter {
    pub fn new(mut output: Box<dyn Output>, baseline: Option<Baseline>) -> Self {
        if baseline.is_some() {
            output.compares();
        }
        Self { output, baseline, hidden: BTreeMap::new() }
    }

    /// How many findings of a severity are hidden.
    pub fn hidden(&self, severity: Severity) -> u64 {
        self.hidden.iter().filter(|((of, _), _)| *of == severity).map(|(_, hidden)| hidden).sum()
    }

    /// Takes what is hidden out of what was counted.
    pub fn uncount(&self, totals: &mut Totals) {
        for ((severity, rule), hidden) in &self.hidden {
            if let Some(count) = totals.severities.get_mut(severity) {
                *count -= hidden;
            }
            if let Some(count) = totals.rules.get_mut(rule) {
                *count -= hidden;
            }
        }
        totals.rules.retain(|_, count| *count > 0);
    }

    /// What the report says of the baseline. `is_whole`: whether all was read.
    pub fn report(&self, is_whole: bool) -> Option<ReportBaseline> {
        let baseline = self.baseline.as_ref()?;
        let gone = baseline.each(|known| known.known.saturating_sub(known.found));
        Some(ReportBaseline {
            hidden: self.hidden.values().sum(),
            gone: if is_whole { gone } else { Vec::new() },
        })
    }

    /// Writes the baseline, if it is to be; gives its path and how many findings it has then.
    pub fn write(&self, is_whole: bool) -> Result<Option<(&Path, u64)>, BaselineError> {
        let Some(baseline) = self.baseline.as_ref().filter(|baseline| baseline.is_written) else {
            return Ok(None);
        };
        let path = &baseline.path;
        if !is_whole {
            return Err(BaselineError::NotWhole(path.clone()));
        }
        if baseline.has_too_many {
            return Err(BaselineError::TooMany(path.clone(), MOST));
        }
        let found = baseline.each(|known| known.found);
        file::write(path, &found)?;
        Ok(Some((path, found.iter().map(|known| known.count).sum())))
    }
}

impl Output for Filter {
    fn observes(&self) -> bool {
        self.output.observes()
    }

    fn observe(&mut self, seen: &Observed<'_>) {
        self.output.observe(seen);
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        if self.baseline.as_mut().is_some_and(|baseline| baseline.has(finding)) {
            *self.hidden.entry((finding.severity, finding.rule)).or_default() += 1;
            return self.output.known(finding, file, text);
        }
        self.output.finding(finding, file, text)
    }

    fn exits_with(&mut self, status: u8) {
        self.output.exits_with(status);
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.output.finish(summary)
    }
}
