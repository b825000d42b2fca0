//! The forms in which a check is printed, and where each goes.

mod excerpt;
mod human;
mod json;
mod plain;
mod several;
mod target;

use std::io::{self, Write};

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Finding, Observation, Position, Summary};

pub use self::human::Human;
pub use self::json::{Json, JsonLines};
pub use self::plain::Plain;
pub use self::several::open;
pub use self::target::Target;
use crate::args::ReportFormat;

/// Where findings go as they are found, and the summary after them.
pub trait Output {
    /// Whether it wants to see the messages, too. It is asked once, before all.
    fn observes(&self) -> bool {
        false
    }

    /// Sees a message that is judged, before what is found in it. Who doesn't ask for messages is shown none.
    fn observe(&mut self, _message: &Observation<'_>, _position: Position, _at: Option<Timestamp>) {}

    /// Prints a finding. `text` begins with the message that it is about, where that may be shown.
    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()>;

    /// Prints what was counted.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// An output in a format. Only people are spared findings beyond a number.
fn new(format: ReportFormat, to: Box<dyn Write>, max_findings: u64) -> Box<dyn Output> {
    match format {
        ReportFormat::Human => Box::new(Human::new(to, max_findings)),
        ReportFormat::Json => Box::new(Json::new(to)),
        ReportFormat::Jsonl => Box::new(JsonLines::new(to)),
    }
}
