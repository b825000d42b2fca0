//! Finds the inputs that paths name: files, directories, and patterns that the shell did not expand.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::MatchOptions;
use walkdir::{DirEntry, WalkDir};

use super::files::{Input, InputError};
use super::name::{FileKind, order};
use crate::text::count;

/// Patterns match as in a shell.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The characters that make a name a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// The inputs that paths and patterns name, in the order given; those of a directory or pattern are sorted by path, rotated
/// ones from the oldest to the newest. An input named several times, or by several links, is listed once, at its first place:
/// no log is read twice.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    if paths.is_empty() {
        found.inputs.push(Ok(Input::Stdin));
    }
    for path in paths {
        found.in_path(path);
    }
    let mut seen = HashSet::new();
    found.inputs.retain(|input| input.as_ref().map_or(true, |input| seen.insert(canonical(input))));
    found
}

fn canonical(input: &Input) -> Input {
    match input {
        Input::Stdin => Input::Stdin,
        Input::File(path) => Input::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
    }
}

/// What was found.
#[derive(Default)]
pub struct Found {
    pub inputs: Vec<Result<Input, InputError>>,
    /// The reports of earlier runs in the directories, which are not read.
    reports: Vec<PathBuf>,
    /// The other files in the directories that are not read.
    others: Vec<PathBuf>,
}

/// The number of names printed of ignored files.
const NAMED: usize = 3;

impl Found {
    /// What was ignored in directories, for people; `None` if nothing was.
    pub fn ignored(&self) -> Option<String> {
        let list = |files: &[PathBuf], what: &str, of: &str| {
            let names = files.iter().take(NAMED).map(|path| path.display().to_string());
            let mut names: Vec<String> = names.collect();
            names.extend((files.len() > NAMED).then(|| "…".to_owned()));
            let number = count(files.len() as u64, what);
            (!files.is_empty()).then(|| format!("{number}{of}: {}", names.join(", ")))
        };
        let reports = list(&self.reports, "report", " of an earlier run");
        let others = list(&self.others, "file", " with another extension or content");
        let parts: Vec<String> = reports.into_iter().chain(others).collect();
        (!parts.is_empty()).then(|| format!("ignored {}", parts.join("; ")))
    }

    fn in_path(&mut self, path: &Path) {
        if path == Path::new("-") {
            return self.inputs.push(Ok(Input::Stdin));
        }
        if path.is_dir() {
            if !self.in_directory(path) {
                self.inputs.push(Err(InputError::NoLogs(path.to_owned())));
            }
            return;
        }
        // A file may have a pattern as its name.
        match path.to_str().filter(|name| name.contains(WILDCARDS) && path.symlink_metadata().is_err()) {
            Some(pattern) => self.in_pattern(pattern),
            None => self.inputs.push(Ok(Input::File(path.to_owned()))),
        }
    }

    /// Searches a directory; whether there is a log, or an error in place of one.
    fn in_directory(&mut self, path: &Path) -> bool {
        let before = self.inputs.len();
        let by_name = |a: &DirEntry, b: &DirEntry| order(a.path()).cmp(&order(b.path()));
        for entry in WalkDir::new(path).follow_links(true).sort_by(by_name) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => match FileKind::of(entry.path()) {
                    FileKind::Log => self.inputs.push(Ok(Input::File(entry.into_path()))),
                    FileKind::OwnReport => self.reports.push(entry.into_path()),
                    FileKind::Other if is_hidden(entry.path()) => {}
                    FileKind::Other => self.others.push(entry.into_path()),
                },
                Ok(_) => {}
                // The target of a link to an ancestor is read in its own place.
                Err(error) if error.loop_ancestor().is_some() => {}
                // A dangling link whose name is no log's, such as the lock file of an editor.
                Err(error) if is_absent(&error) && !error.path().is_some_and(is_log) => {}
                Err(error) => self.inputs.push(Err(error.into())),
            }
        }
        self.inputs.len() > before
    }

    /// Finds the inputs that match a pattern. Matching directories are searched.
    fn in_pattern(&mut self, pattern: &str) {
        let paths = match glob::glob_with(pattern, OPTIONS) {
            Ok(paths) => paths,
            Err(error) => {
                let error = InputError::Pattern { pattern: pattern.to_owned(), error };
                return self.inputs.push(Err(error));
            }
        };
        let before = self.inputs.len();
        let mut found: Vec<PathBuf> = Vec::new();
        for path in paths {
            match path {
                Ok(path) => found.push(path),
                Err(error) => self.inputs.push(Err(error.into())),
            }
        }
        found.sort_by_cached_key(|path| order(path));
        for path in found {
            if path.is_dir() {
                self.in_directory(&path);
            } else {
                self.inputs.push(Ok(Input::File(path)));
            }
        }
        if self.inputs.len() == before {
            let error = InputError::NoMatch { pattern: pattern.to_owned(), hint: hint(pattern) };
            self.inputs.push(Err(error));
        }
    }
}

fn is_absent(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

fn is_log(path: &Path) -> bool {
    FileKind::of(path) == FileKind::Log
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with('.'))
}

/// A hint for a pattern without matches.
fn hint(pattern: &str) -> String {
    let fixed = Path::new(pattern).components().take_while(|part| {
        let name = part.as_os_str().to_str();
        name.is_some_and(|name| !name.contains(WILDCARDS))
    });
    let mut fixed: PathBuf = fixed.collect();
    if fixed.as_os_str().is_empty() {
        fixed.push(".");
    }
    match fixed.ancestors().filter(|path| *path != Path::new("") && !path.exists()).last() {
        Some(missing) => format!(": there is no directory {}", missing.display()),
        None => format!("; to read all logs in a directory, name it: {}", fixed.display()),
    }
}
