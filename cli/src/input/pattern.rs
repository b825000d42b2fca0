//! Patterns of file names, for those that the shell has left as they are: quoted, of a shell without `**`, or of none.

use std::path::{Path, PathBuf};

use glob::MatchOptions;

use super::files::{Input, InputError, find_in_directory};

/// What patterns mean in a shell, too.
const AS_SHELLS_DO: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What makes a name a pattern.
const WILD: [char; 3] = ['*', '?', '['];

/// The pattern that a path is; none where something has this very name.
pub(super) fn of(path: &Path) -> Option<&str> {
    let pattern = path.to_str().filter(|name| name.contains(WILD))?;
    path.symlink_metadata().is_err().then_some(pattern)
}

/// The inputs whose names are like a pattern. Directories are searched, as if they were named.
pub(super) fn find(pattern: &str) -> Vec<Result<Input, InputError>> {
    let paths = match glob::glob_with(pattern, AS_SHELLS_DO) {
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
            let logs = find_in_directory(&path).into_iter();
            inputs.extend(logs.filter(|log| !matches!(log, Err(InputError::NoLogs(_)))));
        } else {
            inputs.push(Ok(Input::File(path)));
        }
    }
    if inputs.is_empty() {
        inputs.push(Err(InputError::NoMatch(pattern.to_owned())));
    }
    inputs
}

/// What may be wrong with a pattern that no file is like.
pub(super) fn hint(pattern: &str) -> String {
    let fixed = Path::new(pattern).components().take_while(|part| {
        let name = part.as_os_str().to_str();
        name.is_some_and(|name| !name.contains(WILD))
    });
    let mut fixed: PathBuf = fixed.collect();
    if fixed.as_os_str().is_empty() {
        fixed.push(".");
    }
    match fixed.ancestors().filter(|path| *path != Path::new("") && !path.exists()).last() {
        Some(missing) => format!(": there is no directory {}", missing.display()),
        None => format!("; the logs of a directory are read by its name, {}", fixed.display()),
    }
}
