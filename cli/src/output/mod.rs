//! The forms in which a check is printed.

mod excerpt;
mod human;
mod json;
mod plain;

use std::io;

use cardsavr_protocol::conformance::{Finding, Summary};

pub use self::human::Human;
pub use self::json::{Json, JsonLines};
pub use self::plain::Plain;
use crate::args::ReportFormat;

/// Where findings go as they are found, and the summary after them.
pub trait Output {
    /// Prints a finding. `text` begins with the message that it is about, where that may be shown.
    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()>;

    /// Prints what was counted.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// An output on the terminal or wherever standard output goes. Only people are spared findings beyond a number.
pub fn new(format: ReportFormat, max_findings: u64) -> Box<dyn Output> {
    match format {
        ReportFormat::Human => Box::new(Human::new(anstream::stdout().lock(), max_findings)),
        ReportFormat::Json => Box::new(Json::new(io::stdout().lock())),
        ReportFormat::Jsonl => Box::new(JsonLines::new(io::stdout().lock())),
    }
}
