//! Text for people: notes on standard error, escaped text, suggestions for misspelled names.

mod json;
mod plain;

use std::fmt::Display;
use std::io::Write;

pub use self::json::write_json;
pub use self::plain::{Plain, is_hidden};

/// Tells the user what went wrong, on standard error. Where that can't be written there is nobody left to tell: the
/// exit status has to do.
pub fn complain(what: impl Display) {
    let text = what.to_string();
    let lines: Vec<_> = text.lines().map(|line| Plain(line).to_string()).collect();
    _ = writeln!(anstream::stderr(), "cardsavr: {}", lines.join("\n"));
}

/// How alike two names are at least where the one may stand for the other: from 0, not at all, to 1.
const ALIKE: f64 = 0.75;

/// The name that is most like another one, which nothing has; none if none is much like it.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let likeness = |known: &str| {
        // Whether it is written with capitals, dashes or underscores doesn't make it less alike.
        let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
        strsim::jaro_winkler(&plain(name), &plain(known))
    };
    let with_likeness = known.into_iter().map(|known| (likeness(known), known));
    with_likeness
        .filter(|&(likeness, _)| likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
