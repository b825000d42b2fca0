//! The terminal styles, and the phrases that several formats share.

use anstyle::{AnsiColor, Style};
use cardsavr_protocol::conformance::{Severity, Totals};

use crate::text::count;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const MARGIN: Style = AnsiColor::BrightBlue.on_default().bold();
pub const END: Style = AnsiColor::Green.on_default().bold();
pub const SKIPPED: Style = AnsiColor::Yellow.on_default().bold();
pub const ILLEGAL: Style = AnsiColor::BrightRed.on_default().bold();
pub const REQUEST: Style = AnsiColor::Cyan.on_default();

/// The style of a severity.
pub fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::BrightCyan,
    }
    .on_default()
    .bold()
}

/// The number of findings of each severity, as in `1 error, 2 warnings, 0 notes`.
pub fn counts(totals: &Totals) -> String {
    let of = |(severity, findings): (&Severity, &u64)| count(*findings, severity.into());
    totals.severities.iter().map(of).collect::<Vec<_>>().join(", ")
}
