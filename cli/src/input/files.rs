//! An input: a file or standard input.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::interrupt::Inputs;
use super::pieces::Source;
use crate::text::complain;

/// An input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// The name in reports.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Its content in pieces.
    pub fn pieces<'i>(&self, inputs: &'i Inputs) -> Result<Box<dyn Source + 'i>, InputError> {
        Ok(match self {
            Self::Stdin => {
                if !inputs.is_quiet() {
                    announce_stdin();
                }
                Box::new(inputs.stdin())
            }
            Self::File(path) => inputs.file(open(path)?),
        })
    }

    /// The stored size in bytes; `None` if the input is not a regular file.
    pub fn size(&self) -> Option<u64> {
        let Self::File(path) = self else { return None };
        let metadata = fs::metadata(path).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Whether the input is this file, under any name or as standard input.
    pub fn is(&self, file: &Handle) -> bool {
        let input = match self {
            Self::Stdin => Handle::stdin(),
            Self::File(path) => Handle::from_path(path),
        };
        input.is_ok_and(|input| input == *file)
    }
}

/// Tells the user that standard input is read, if it is a terminal.
pub fn announce_stdin() {
    if io::stdin().is_terminal() {
        complain("reading standard input, up to Ctrl-D; see `cardsavr --help` for reading files");
    }
}

/// Opens a file.
pub fn open(path: &Path) -> Result<File, InputError> {
    File::open(path).map_err(|error| InputError::File(path.to_owned(), error))
}

/// Why an input can't be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{}: the directory has no logs: expected names that end in .json, .jsonl, .ndjson, .log or .txt, optionally followed by the suffix of a rotation such as .1, and by .gz or .zst", .0.display())]
    NoLogs(PathBuf),
    #[error("a directory can't be read: {0}")]
    Directory(#[from] walkdir::Error),
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("no file matches the pattern {pattern}{hint}")]
    NoMatch { pattern: String, hint: String },
    #[error("{pattern} is neither a file nor a pattern: {}, at character {}", .error.msg, .error.pos + 1)]
    Pattern { pattern: String, error: glob::PatternError },
    #[error("{}: {}", .0.path().display(), .0.error())]
    Unsearchable(#[from] glob::GlobError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_known_of_files() {
        let file = tempfile::NamedTempFile::new().expect("there is room");
        fs::write(file.path(), "12345").expect("there is room");
        let file = Input::File(file.path().to_owned());
        let sum = |inputs: &[Input]| inputs.iter().map(Input::size).sum::<Option<u64>>();
        assert_eq!(sum(&[file.clone(), file.clone()]), Some(10));
        assert_eq!(sum(&[file, Input::Stdin]), None);
        assert_eq!(sum(&[Input::File(PathBuf::from("/none"))]), None);
    }
}
