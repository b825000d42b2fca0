//! The two tables as CSV.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::spec::{Edition, StatusRow, TerminationType, Transition};

/// The status table as CSV: phase, termination type, what the status awaits, and other spellings seen on the wire,
/// with spaces between them. A later edition has more columns: all termination types, the spellings that are current and
/// those that are former, and the edition that introduced the status. Lines end as RFC 4180 has them, and no field needs quotes.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::statuses_csv;
///
/// let csv = statuses_csv(Edition::V2021);
/// assert!(csv.starts_with("status,phase,termination_type,awaits,wire_aliases\r\n"));
/// assert!(csv.contains("\r\nPENDING_TFA,authentication,,tfa code,\r\n"));
/// ```
pub fn statuses_csv(edition: Edition) -> String {
    let is_first = edition == Edition::default();
    let header = if is_first {
        "status,phase,termination_type,awaits,wire_aliases"
    } else {
        "status,phase,termination_types,awaits,current_spellings,former_spellings,since"
    };
    let mut text = format!("{header}\r\n");
    for row in edition.statuses().iter().filter_map(|status| edition.row(status)) {
        let StatusRow { status, phase, aliases, current_spellings, since, .. } = row;
        let types: Vec<&str> = match row.termination_type {
            // Nobody published one.
            None => Vec::new(),
            Some(_) => row.termination_types().map(TerminationType::into).collect(),
        };
        let (types, awaits) = (types.join(" "), row.awaits.map_or("", Into::into));
        let former = aliases.join(" ");
        // Writing to a string cannot fail.
        _ = if is_first {
            write!(text, "{status},{phase},{types},{awaits},{former}\r\n")
        } else {
            write!(
                text,
                "{status},{phase},{types},{awaits},{},{former},{since}\r\n",
                current_spellings.join(" ")
            )
        };
    }
    text
}

/// The transition table as CSV, each transition with its basis. Lines end as RFC 4180 has them, and no field needs
/// quotes.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::transitions_csv;
///
/// let csv = transitions_csv(Edition::V2021);
/// assert!(csv.starts_with("from,to,basis\r\nREQUESTED,QUEUED,stated\r\n"));
/// ```
pub fn transitions_csv(edition: Edition) -> String {
    let mut text = String::from("from,to,basis\r\n");
    for Transition { from, to, basis } in edition.transitions() {
        // Writing to a string cannot fail.
        _ = write!(text, "{from},{to},{basis}\r\n");
    }
    text
}
