//! The findings that are known: those of a baseline are hidden, however their jobs and lines are numbered.

mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cardsavr_protocol::conformance::{
    Finding, KnownFinding, ReportBaseline, Rule, Severity, Summary, Totals,
};
use cardsavr_protocol::wire::EventRef;

pub use self::file::BaselineError;
use self::file::{Cause, Form};
use crate::pipeline::narrow::Narrow;
use crate::pipeline::output::Output;

/// How many causes of findings a baseline can have: one of more would help nobody.
const MOST: usize = 100_000;

/// The findings that are known, by their causes.
pub struct Baseline {
    path: PathBuf,
    form: Form,
    known: BTreeMap<Cause, Known>,
    /// What is found, if all of it is to be known from now on.
    written: Option<BTreeMap<Cause, u64>>,
    has_too_many: bool,
}

/// How many findings of a cause the baseline has, and how many were found now.
struct Known {
    known: u64,
    found: u64,
}

impl Baseline {
    /// The baseline of a file.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let (form, known) = file::read(path)?;
        let known = known.into_iter().map(|(cause, known)| (cause, Known { known, found: 0 }));
        Ok(Self { path: path.to_owned(), form, known: known.collect(), written: None, has_too_many: false })
    }

    /// A baseline that takes up all that is found, to be written to a file. The file may exist, if it is a baseline.
    pub fn to_write(path: &Path) -> Result<Self, BaselineError> {
        let (path, form, known) = match Self::read(path) {
            Err(BaselineError::Unreadable(path, error)) if error.kind() == io::ErrorKind::NotFound => {
                (path, Form::Fingerprint, BTreeMap::new())
            }
            baseline => {
                let Self { path, form, known, .. } = baseline?;
                (path, form, known)
            }
        };
        Ok(Self { path, form, known, written: Some(BTreeMap::new()), has_too_many: false })
    }

    /// The path of its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a finding is known. Of one cause, as many are as the baseline has.
    fn has(&mut self, finding: &Finding) -> bool {
        let is_known = self.known.get_mut(&self.form.cause(finding)).is_some_and(|known| {
            known.found += 1;
            known.found <= known.known
        });
        let Some(written) = &mut self.written else { return is_known };
        let cause = Form::Fingerprint.cause(finding);
        if written.len() >= MOST && !written.contains_key(&cause) {
            self.has_too_many = true;
            return false;
        }
        *written.entry(cause).or_default() += 1;
        true
    }

    /// What the baseline has and was not found.
    fn gone(&self) -> Vec<KnownFinding> {
        let gone = self.known.iter().map(|(cause, Known { known, found })| {
            self.form.known(cause.clone(), known.saturating_sub(*found))
        });
        gone.filter(|gone| gone.count > 0).collect()
    }
}

/// An output under a baseline, if there is one.
pub struct Filter {
    output: Box<dyn Output>,
    baseline: Option<Baseline>,
    narrow: Option<Narrow>,
    hidden: BTreeMap<(Severity, Rule), u64>,
    /// Those outside the period.
    outside: BTreeMap<(Severity, Rule), u64>,
}

impl Filter {
    pub fn new(mut output: Box<dyn Output>, baseline: Option<Baseline>) -> Self {
        if baseline.is_some() {
            output.compares();
        }
        Self { output, baseline, narrow: None, hidden: BTreeMap::new(), outside: BTreeMap::new() }
    }

    /// Reports the findings of a period or of some statuses only.
    #[must_use]
    pub fn narrowed(self, narrow: Option<Narrow>) -> Self {
        Self { narrow, ..self }
    }

    /// Whether a period is selected in a log without times.
    pub fn lacks_times(&self) -> bool {
        self.narrow.as_ref().is_some_and(Narrow::lacks_times)
    }

    /// How many findings of a severity are hidden.
    pub fn hidden(&self, severity: Severity) -> u64 {
        self.all_hidden().filter(|((of, _), _)| *of == severity).map(|(_, hidden)| hidden).sum()
    }

    fn all_hidden(&self) -> impl Iterator<Item = (&(Severity, Rule), &u64)> {
        self.hidden.iter().chain(&self.outside)
    }

    /// Takes what is hidden out of what was counted.
    pub fn uncount(&self, totals: &mut Totals) {
        for ((severity, rule), hidden) in self.all_hidden() {
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
        let gone = baseline.gone();
        Some(ReportBaseline {
            hidden: self.hidden.values().sum(),
            gone: if is_whole && self.narrow.is_none() { gone } else { Vec::new() },
        })
    }

    /// Writes the baseline, if it is to be; gives its path and how many findings it has then.
    pub fn write(&self, is_whole: bool) -> Result<Option<(&Path, u64)>, BaselineError> {
        let Some(baseline) = &self.baseline else { return Ok(None) };
        let Some(written) = &baseline.written else { return Ok(None) };
        let path = &baseline.path;
        if !is_whole {
            return Err(BaselineError::NotWhole(path.clone()));
        }
        if baseline.has_too_many {
            return Err(BaselineError::TooMany(path.clone(), MOST));
        }
        file::write(path, written)?;
        Ok(Some((path, written.values().sum())))
    }
}

impl Output for Filter {
    fn observes(&self) -> bool {
        self.narrow.is_some() || self.output.observes()
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        if let Some(narrow) = &mut self.narrow {
            narrow.observe(event);
        }
        if self.output.observes() {
            self.output.observe(event);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        if self.narrow.as_ref().is_some_and(|narrow| !narrow.has(finding)) {
            *self.outside.entry((finding.severity, finding.rule)).or_default() += 1;
            return Ok(());
        }
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
