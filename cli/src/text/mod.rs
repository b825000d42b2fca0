//! Text for people: messages on standard error, escaped text, counts, durations, suggestions.

mod duration;
mod json;
mod plain;

use std::fmt::Display;
use std::io::Write;

pub use self::duration::HumanDuration;
pub use self::json::write_json;
pub use self::plain::{Plain, is_hidden};

/// Prints a message to standard error. An error of that is ignored: the exit status still reports the failure.
pub fn complain(what: impl Display) {
    let text = what.to_string();
    let lines: Vec<_> = text.lines().map(|line| Plain(line).to_string()).collect();
    _ = writeln!(anstream::stderr(), "cardsavr: {}", lines.join("\n"));
}

/// A number of things, such as `1 job` or `2 jobs`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// The least similarity, from 0 to 1, of a name that is suggested.
const SIMILAR: f64 = 0.75;

/// The known name most similar to an unknown one; `None` if none is similar enough.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let similarity = |known: &str| {
        // Case, dashes and underscores don't count.
        let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
        strsim::jaro_winkler(&plain(name), &plain(known))
    };
    let rated = known.into_iter().map(|known| (similarity(known), known));
    rated
        .filter(|&(similarity, _)| similarity >= SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
