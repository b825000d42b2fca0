//! The file of a baseline: JSON with a version, a line for each cause of findings, in order of rule and cause, so that people
//! can read what changes in it. Version 2 has fingerprints; version 1, which is only read, had the text of findings.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardsavr_protocol::conformance::{Finding, KnownFinding, Rule};
use serde::Deserialize;

use crate::pipeline::shape::shape;
use crate::text::{nearest, write_json};

const VERSION: u32 = 2;

/// What findings of one cause have in common: the rule, by its name, and the text of a form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) rule: Rule,
}

impl Cause {
    pub(super) fn new(rule: Rule, text: String) -> Self {
        Self { name: rule.name(), text, rule }
    }
}

/// What identifies findings of one cause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In version 1 of the file: the text of the finding, without what is particular to its job and line.
    Shape,
    /// In version 2: the fingerprint.
    Fingerprint,
}

impl Form {
    pub(super) fn cause(self, finding: &Finding) -> Cause {
        let text = match self {
            Self::Shape => shape(finding),
            Self::Fingerprint => finding.fingerprint(),
        };
        Cause::new(finding.rule, text)
    }

    pub(super) fn known(self, Cause { rule, text, .. }: Cause, count: u64) -> KnownFinding {
        match self {
            Self::Shape => KnownFinding { rule, fingerprint: None, shape: Some(text), count },
            Self::Fingerprint => KnownFinding { rule, fingerprint: Some(text), shape: None, count },
        }
    }
}

/// Why a baseline can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("--write-baseline has no file to write: name one, as in --write-baseline=known.json")]
    Nameless,
    #[error("{}: {}{}", .0.display(), .1, if .1.kind() == io::ErrorKind::NotFound { "; --write-baseline makes it" } else { "" })]
    Unreadable(PathBuf, io::Error),
    // Whatever else it is may hold secrets: nothing of it is told.
    #[error("{}: this is no baseline, as line {}, column {} shows", .0.display(), .1.line(), .1.column())]
    NoBaseline(PathBuf, serde_json::Error),
    #[error("{}: a baseline of version {}, and this command knows version {VERSION}", .0.display(), .1)]
    Version(PathBuf, u32),
    #[error("{}: there is no rule `{rule}`{hint}", .path.display())]
    Rule { path: PathBuf, rule: String, hint: String },
    #[error("{}: the baseline can't be written: {}", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
    #[error("{}: the baseline is not written: not all was read", .0.display())]
    NotWhole(PathBuf),
    #[error("{}: the baseline is not written: there are findings of more than {} causes; fix or allow some rules", .0.display(), .1)]
    TooMany(PathBuf, usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    fingerprint: Option<String>,
    shape: Option<String>,
    count: u64,
}

/// Reads a baseline: the form of its causes, and each with the number of its findings.
pub(super) fn read(path: &Path) -> Result<(Form, Vec<(Cause, u64)>), BaselineError> {
    let bytes = fs::read(path).map_err(|error| BaselineError::Unreadable(path.to_owned(), error))?;
    let no_baseline = |error| BaselineError::NoBaseline(path.to_owned(), error);
    let File { version, findings } = serde_json::from_slice(&bytes).map_err(no_baseline)?;
    let form = match version {
        1 => Form::Shape,
        VERSION => Form::Fingerprint,
        _ => return Err(BaselineError::Version(path.to_owned(), version)),
    };
    let known = findings.into_iter().map(|Entry { rule, fingerprint, shape, count }| {
        let Ok(rule) = rule.parse() else {
            let nearest = nearest(&rule, Rule::ALL.iter().map(|rule| rule.name()));
            let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            return Err(BaselineError::Rule { path: path.to_owned(), rule, hint });
        };
        let text = match form {
            Form::Shape => shape,
            Form::Fingerprint => fingerprint,
        };
        Ok((Cause::new(rule, text.unwrap_or_default()), count))
    });
    Ok((form, known.collect::<Result<_, _>>()?))
}

pub(super) fn write(path: &Path, findings: &BTreeMap<Cause, u64>) -> Result<(), BaselineError> {
    let unwritable = |error| BaselineError::Unwritable(path.to_owned(), error);
    fs::write(path, text(findings).map_err(unwritable)?).map_err(unwritable)
}

fn text(findings: &BTreeMap<Cause, u64>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write!(text, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
    for (index, (cause, count)) in findings.iter().enumerate() {
        text.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
        write_json(&mut text, &Form::Fingerprint.known(cause.clone(), *count))?;
    }
    writeln!(text, "\n  ]\n}}")?;
    Ok(text)
}
