//! The two tables as CSV.

use alloc::string::String;
use core::fmt::Write;

use crate::spec::{Status, Transition};

/// The status table as CSV: phase, termination type, what the status awaits, and other spellings seen on the wire,
/// with spaces between them. Lines end as RFC 4180 has them, and no field needs quotes.
///
/// ```
/// use cardsavr_protocol::export::diagram::statuses_csv;
///
/// let csv = statuses_csv();
/// assert!(csv.starts_with("status,phase,termination_type,awaits,wire_aliases\r\n"));
/// assert!(csv.contains("\r\nPENDING_TFA,authentication,,tfa code,\r\n"));
/// ```
pub fn statuses_csv() -> String {
    let mut text = String::from("status,phase,termination_type,awaits,wire_aliases\r\n");
    for &status in Status::ALL {
        let termination_type = status.termination_type().map_or("", Into::into);
        let awaits = status.awaits().map_or("", Into::into);
        let aliases = status.aliases().join(" ");
        // Writing to a string cannot fail.
        _ = write!(text, "{status},{},{termination_type},{awaits},{aliases}\r\n", status.phase());
    }
    text
}

/// The transition table as CSV, each transition with its basis. Lines end as RFC 4180 has them, and no field needs
/// quotes.
///
/// ```
/// use cardsavr_protocol::export::diagram::transitions_csv;
///
/// let csv = transitions_csv();
/// assert!(csv.starts_with("from,to,basis\r\nREQUESTED,QUEUED,stated\r\n"));
/// ```
pub fn transitions_csv() -> String {
    let mut text = String::from("from,to,basis\r\n");
    for Transition { from, to, basis } in Transition::all() {
        // Writing to a string cannot fail.
        _ = write!(text, "{from},{to},{basis}\r\n");
    }
    text
}
