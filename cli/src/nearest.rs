//! A name that isn't one is most often misspelled.

use crate::{Failure, refused};

/// Nothing has this name; it says which one is most like it.
pub fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let suggestion = nearest(name, known).map(|nearest| format!("\n  did you mean `{nearest}`?"));
    refused(format_args!("there is no {what} `{name}`{}", suggestion.unwrap_or_default()))
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
