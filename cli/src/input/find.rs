//! Finds the inputs that paths name: files, directories, and patterns that the shell did not expand.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::MatchOptions;
use walkdir::WalkDir;

use super::files::{Input, InputError};

/// Patterns match as in a shell.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The characters that make a name a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// The inputs that paths and patterns name, in the order given; those of a directory or pattern are sorted by path. An input
/// named several times, or by several links, is listed once, at its first place: no log is read twice.
pub fn find(paths: &[PathBuf]) -> Vec<Result<Input, InputError>> {
    if paths.is_empty() {
        return vec![Ok(Input::Stdin)];
    }
    let mut seen = HashSet::new();
    let inputs = paths.iter().flat_map(|path| in_path(path));
    inputs.filter(|input| input.as_ref().map_or(true, |input| seen.insert(canonical(input)))).collect()
}

fn canonical(input: &Input) -> Input {
    match input {
        Input::Stdin => Input::Stdin,
        Input::File(path) => Input::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
    }
}

fn in_path(path: &Path) -> Vec<Result<Input, InputError>> {
    if path == Path::new("-") {
        return vec![Ok(Input::Stdin)];
    }
    if path.is_dir() {
        return in_directory(path);
    }
    // A file may have a pattern as its name.
    match path.to_str().filter(|name| name.contains(WILDCARDS) && path.symlink_metadata().is_err()) {
        Some(pattern) => in_pattern(pattern),
        None => vec![Ok(Input::File(path.to_owned()))],
    }
}

fn in_directory(path: &Path) -> Vec<Result<Input, InputError>> {
    let entries = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    let logs: Vec<_> = entries
        .filter_map(|entry| match entry {
            Ok(entry) if entry.file_type().is_file() && is_log(entry.path()) => {
                Some(Ok(Input::File(entry.into_path())))
            }
            Ok(_) => None,
            // The target of a link to an ancestor is read in its own place.
            Err(error) if error.loop_ancestor().is_some() => None,
            // A dangling link whose name is no log's, such as the lock file of an editor.
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

/// The inputs that match a pattern. Matching directories are searched.
fn in_pattern(pattern: &str) -> Vec<Result<Input, InputError>> {
    let paths = match glob::glob_with(pattern, OPTIONS) {
        Ok(paths) => paths,
        Err(error) => return vec![Err(InputError::Pattern { pattern: pattern.to_owned(), error })],
    };
    let (mut found, mut inputs): (Vec<PathBuf>, Vec<_>) = (Vec::new(), Vec::new());
    for path in paths {
        match path {
            Ok(path) => found.push(path),
            Err(error) => inputs.push(Err(error.into())),
        }
    }
    found.sort();
    for path in found {
        if path.is_dir() {
            let logs = in_directory(&path).into_iter();
            inputs.extend(logs.filter(|log| !matches!(log, Err(InputError::NoLogs(_)))));
        } else {
            inputs.push(Ok(Input::File(path)));
        }
    }
    if inputs.is_empty() {
        inputs.push(Err(InputError::NoMatch { pattern: pattern.to_owned(), hint: hint(pattern) }));
    }
    inputs
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
