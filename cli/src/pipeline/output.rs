//! Where messages and findings go.

use std::io;

use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::EventRef;

/// Where findings go as they are found, and the summary after them.
pub trait Output {
    /// Whether it wants to see the messages, too. It is asked once, before all.
    fn observes(&self) -> bool {
        false
    }

    /// Takes a linked event, before the findings on it. Only outputs that ask for events get them.
    fn observe(&mut self, _event: &EventRef<'_>) {}

    /// Prints a finding. `text` begins with the message that it is about, where that may be shown.
    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()>;

    /// Hears, before all, that there is a baseline.
    fn compares(&mut self) {}

    /// Sees a finding that the baseline has, in place of printing it: it is not counted either.
    fn known(&mut self, _finding: &Finding, _file: &str, _text: Option<&str>) -> io::Result<()> {
        Ok(())
    }

    /// Hears with which status the command will exit, before it prints what was counted.
    fn exits_with(&mut self, _status: u8) {}

    /// Prints what was counted.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
