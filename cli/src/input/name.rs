//! What the name and the first bytes of a file in a directory tell: whether it is a log, and its place among rotated ones.

use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file in a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Log,
    /// A report, baseline or truth file of an earlier run.
    OwnReport,
    Other,
}

/// How the files that this command writes begin, without white space.
const OWN_REPORTS: [&str; 11] = [
    r#"{"findings":["#,
    r#"{"version":1,"inputs":"#,
    r#"{"version":1,"has_times":"#,
    r#"{"version":1,"findings":["#,
    r#"{"version":2,"findings":["#,
    r#"{"rule":""#,
    r#"{"$schema":"https://docs.oasis-open.org/sarif/"#,
    "::error",
    "::warning",
    "::notice",
    "cardsavr:",
];

impl FileKind {
    /// The kind of a file, by its name and how it begins. A file that can't be read is what its name says: reading it
    /// reports the error.
    pub fn of(path: &Path) -> Self {
        let name = Name::of(path);
        let Some(extension) = name.extension() else { return Self::Other };
        let Some(start) = start(path) else { return Self::Log };
        if OWN_REPORTS.iter().any(|report| start.starts_with(report)) {
            return Self::OwnReport;
        }
        // Text may be anything.
        let is_json = start.is_empty() || start.starts_with(['{', '[']);
        if extension == "txt" && !is_json { Self::Other } else { Self::Log }
    }
}

/// The first characters of a file, without white space; `None` if it is compressed or can't be read.
fn start(path: &Path) -> Option<String> {
    if matches!(path.extension().and_then(OsStr::to_str), Some("gz" | "zst")) {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(256).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).chars().filter(|char| !char.is_whitespace()).collect())
}

/// The name of a file without the suffix of its rotation, and that suffix: `app.log` and `1` of `app.log.1.gz`.
struct Name {
    base: String,
    rotation: Option<String>,
}

impl Name {
    fn of(path: &Path) -> Self {
        let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let is_rotation = |suffix: &str| {
            suffix.starts_with(|first: char| first.is_ascii_digit())
                && suffix.chars().all(|char| char.is_ascii_digit() || "-_T".contains(char))
        };
        match plain.rsplit_once('.') {
            Some((base, suffix)) if is_rotation(suffix) => {
                Self { base: base.to_owned(), rotation: Some(suffix.to_owned()) }
            }
            _ => Self { base: plain.to_owned(), rotation: None },
        }
    }

    /// The extension, if it is that of a log.
    fn extension(&self) -> Option<&str> {
        let (_, extension) = self.base.rsplit_once('.')?;
        ["json", "jsonl", "ndjson", "log", "txt"].contains(&extension).then_some(extension)
    }
}

/// The order of paths: by name, and rotated files oldest first. `app.log.2` is older than `app.log.1`, `app.log.2026-03-01`
/// older than `app.log.2026-03-02`, and each older than `app.log`.
pub fn order(path: &Path) -> Vec<Rank> {
    path.components().map(|component| Rank::of(component.as_os_str())).collect()
}

/// The place of a name among others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    base: String,
    is_current: bool,
    date: Option<String>,
    number: Reverse<Option<u32>>,
    name: OsString,
}

impl Rank {
    fn of(name: &OsStr) -> Self {
        let Name { base, rotation } = Name::of(Path::new(name));
        let is_current = rotation.is_none();
        let digits: Option<String> =
            rotation.map(|suffix| suffix.chars().filter(char::is_ascii_digit).collect());
        // Eight digits are a date.
        let (date, number) = match digits {
            Some(digits) if digits.len() < 8 => (None, digits.parse::<u32>().ok()),
            date => (date, None),
        };
        Self { base, is_current, date, number: Reverse(number), name: name.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_are_read_oldest_first() {
        let expected = [
            "a",
            "app.log.20260301",
            "app.log.2026-03-02.gz",
            "app.log.2026-03-03",
            "b.jsonl.10",
            "b.jsonl.2.gz",
            "b.jsonl.1",
            "b.jsonl",
            "c.txt",
        ];
        let mut names = expected;
        names.sort_unstable();
        names.sort_by_key(|name| order(Path::new(name)));
        assert_eq!(names, expected);
        for (name, extension) in [
            ("app.log.1", Some("log")),
            ("app.log.2.gz", Some("log")),
            ("app.json.2026-03-01T10.zst", Some("json")),
            ("app.txt", Some("txt")),
            ("app.1", None),
            ("log", None),
            ("app.log.bak", None),
        ] {
            assert_eq!(Name::of(Path::new(name)).extension(), extension, "{name}");
        }
    }
}
