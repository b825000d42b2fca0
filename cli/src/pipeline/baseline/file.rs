//! The file of a baseline: JSON with a version, a line for each shape of findings, in order of rule and shape, so that
//! people can read what changes in it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardsavr_protocol::conformance::{KnownFinding, Rule};
use serde::Deserialize;

use crate::text::{nearest, write_json};

const VERSION: u32 = 1;

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
    #[error("{}: the baseline is not written: there are findings of more than {} shapes; mend or allow some rules", .0.display(), .1)]
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
    shape: String,
    count: u64,
}

pub(super) fn read(path: &Path) -> Result<Vec<KnownFinding>, BaselineError> {
    let bytes = fs::read(path).map_err(|error| BaselineError::Unreadable(path.to_owned(), error))?;
    let no_baseline = |error| BaselineError::NoBaseline(path.to_owned(), error);
    let File { version, findings } = serde_json::from_slice(&bytes).map_err(no_baseline)?;
    if version != VERSION {
        return Err(BaselineError::Version(path.to_owned(), version));
    }
    let known = findings.into_iter().map(|Entry { rule, shape, count }| {
        rule.parse().map(|rule| KnownFinding { rule, shape, count }).map_err(|_| {
            let nearest = nearest(&rule, Rule::ALL.iter().map(|rule| rule.name()));
            let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            BaselineError::Rule { path: path.to_owned(), rule, hint }
        })
    });
    known.collect()
}

pub(super) fn write(path: &Path, findings: &[KnownFinding]) -> Result<(), BaselineError> {
    let unwritable = |error| BaselineError::Unwritable(path.to_owned(), error);
    fs::write(path, text(findings).map_err(unwritable)?).map_err(unwritable)
}

fn text(findings: &[KnownFinding]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write!(text, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
    for (index, known) in findings.iter().enumerate() {
        text.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
        write_json(&mut text, known)?;
    }
    writeln!(text, "\n  ]\n}}")?;
    Ok(text)
}
