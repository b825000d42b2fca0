//! What to read: files, directories, patterns, standard input.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use same_file::Handle;
use walkdir::WalkDir;

use super::interrupt::{Chunks, Inputs};
use super::pattern;
use crate::text::complain;

/// An input of a check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// The name that findings have for it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// What comes of it, read ahead.
    pub fn chunks<'i>(&self, inputs: &'i Inputs) -> Result<Chunks<'i>, InputError> {
        Ok(match self {
            Self::Stdin => {
                if !inputs.is_quiet() {
                    announce_stdin();
                }
                inputs.stdin()
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

    /// Whether it is this file, by whatever name or through standard input.
    pub fn is(&self, file: &Handle) -> bool {
        let input = match self {
            Self::Stdin => Handle::stdin(),
            Self::File(path) => Handle::from_path(path),
        };
        input.is_ok_and(|input| input == *file)
    }
}

/// Tells a user at a terminal that standard input is what is read: nothing would show that something is waited for.
pub fn announce_stdin() {
    if io::stdin().is_terminal() {
        complain("reading standard input, up to Ctrl-D; `cardsavr --help` tells of files");
    }
}

/// Opens a file that is an input.
pub fn open(path: &Path) -> Result<File, InputError> {
    File::open(path).map_err(|error| InputError::File(path.to_owned(), error))
}

/// Why an input can't be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{}: there is no log in this directory: expected files named .json, .jsonl, .ndjson or .log, also with .gz or .zst after that", .0.display())]
    NoLogs(PathBuf),
    #[error("a directory can't be searched: {0}")]
    Directory(#[from] walkdir::Error),
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("{0}: no file has a name like this{hint}", hint = pattern::hint(.0))]
    NoMatch(String),
    #[error("{pattern}: this is neither a file nor a pattern of names: {}, at its character {}", .error.msg, .error.pos + 1)]
    Pattern { pattern: String, error: glob::PatternError },
    #[error("{}: {}", .0.path().display(), .0.error())]
    Unsearchable(#[from] glob::GlobError),
}

/// The inputs that paths and patterns name, in the order given; those of a directory or a pattern in order of path. Each
/// is there once, where it is named first, however many times it is named and by whatever links: nothing of a log happened
/// twice.
pub fn find(paths: &[PathBuf]) -> Vec<Result<Input, InputError>> {
    if paths.is_empty() {
        return vec![Ok(Input::Stdin)];
    }
    let mut seen = HashSet::new();
    let inputs = paths.iter().flat_map(|path| find_in(path));
    inputs.filter(|input| input.as_ref().map_or(true, |input| seen.insert(identity(input)))).collect()
}

/// What two names of an input have in common.
fn identity(input: &Input) -> Input {
    match input {
        Input::Stdin => Input::Stdin,
        Input::File(path) => Input::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
    }
}

fn find_in(path: &Path) -> Vec<Result<Input, InputError>> {
    if path == Path::new("-") {
        return vec![Ok(Input::Stdin)];
    }
    if path.is_dir() {
        return find_in_directory(path);
    }
    match pattern::of(path) {
        Some(pattern) => pattern::find(pattern),
        None => vec![Ok(Input::File(path.to_owned()))],
    }
}

pub(super) fn find_in_directory(path: &Path) -> Vec<Result<Input, InputError>> {
    let entries = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    let logs: Vec<_> = entries
        .filter_map(|entry| match entry {
            Ok(entry) if entry.file_type().is_file() && is_log(entry.path()) => {
                Some(Ok(Input::File(entry.into_path())))
            }
            Ok(_) => None,
            // All that a link back to a directory around it leads to is read where it stands.
            Err(error) if error.loop_ancestor().is_some() => None,
            // So is nothing lost with a link to nowhere that would be no log: editors leave such as marks.
            Err(error) if is_absent(&error) && !error.path().is_some_and(is_log) => None,
            Err(error) => Some(Err(error.into())),
        })
        .collect();
    if logs.is_empty() { vec![Err(InputError::NoLogs(path.to_owned()))] } else { logs }
}

fn is_absent(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

fn is_log(path: &Path) -> bool {
    match path.extension().and_then(OsStr::to_str) {
        Some("json" | "jsonl" | "ndjson" | "log") => true,
        Some("gz" | "zst") => path.file_stem().is_some_and(|name| is_log(Path::new(name))),
        _ => false,
    }
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
