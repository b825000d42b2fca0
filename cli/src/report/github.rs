//! The report as workflow commands, which GitHub shows as annotations of a pull request.

use std::fmt::{self, Display, Formatter, Write as _};
use std::io::{self, Write};

use cardsavr_protocol::conformance::{Finding, Severity, Summary};

use super::style::counts;
use crate::pipeline::output::Output;
use crate::text::Plain;

/// The number of annotations of each severity that GitHub shows for a step.
const SHOWN: u64 = 10;

pub struct GitHub<W> {
    to: W,
    /// The number of findings of each severity.
    errors: u64,
    warnings: u64,
    notes: u64,
}

impl<W: Write> GitHub<W> {
    pub fn new(to: W) -> Self {
        Self { to, errors: 0, warnings: 0, notes: 0 }
    }
}

impl<W: Write> Output for GitHub<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        let Finding { rule, severity, position, .. } = finding;
        let message = finding.message();
        let (command, number) = match severity {
            Severity::Error => ("error", &mut self.errors),
            Severity::Warning => ("warning", &mut self.warnings),
            Severity::Note => ("notice", &mut self.notes),
        };
        *number += 1;
        if *number > SHOWN {
            return Ok(());
        }
        write!(self.to, "::{command} ")?;
        // Standard input is not a file of the repository.
        if file != "-" {
            let file = Plain(file).to_string();
            write!(
                self.to,
                "file={},line={},col={},",
                EscapedProperty(&file),
                position.line,
                position.column
            )?;
        }
        let message = Plain(&message).to_string();
        writeln!(self.to, "title={rule}::{}%0A{}", EscapedMessage(&message), EscapedMessage(rule.help()))?;
        self.to.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let left_out: u64 =
            [self.errors, self.warnings, self.notes].map(|n| n.saturating_sub(SHOWN)).iter().sum();
        write!(self.to, "cardsavr: {}", counts(&summary.totals))?;
        if let Some(baseline) = &summary.baseline {
            write!(self.to, "; {} hidden by the baseline", baseline.hidden)?;
        }
        if left_out > 0 {
            write!(self.to, "; {left_out} without an annotation: GitHub shows {SHOWN} of each severity")?;
        }
        writeln!(self.to)?;
        self.to.flush()
    }
}

/// The message of a workflow command.
struct EscapedMessage<'t>(&'t str);

/// The value of a property of a workflow command.
struct EscapedProperty<'t>(&'t str);

impl Display for EscapedMessage<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escape(self.0, "%\r\n", f)
    }
}

impl Display for EscapedProperty<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escape(self.0, "%\r\n:,", f)
    }
}

fn escape(text: &str, special: &str, f: &mut Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|char| {
        if special.contains(char) { write!(f, "%{:02X}", u32::from(char)) } else { f.write_char(char) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_is_made_of_is_escaped() {
        assert_eq!(EscapedMessage("100%: a,b\r\n::error::").to_string(), "100%25: a,b%0D%0A::error::");
        assert_eq!(EscapedProperty("C:\\a,b%\n").to_string(), "C%3A\\a%2Cb%25%0A");
    }
}
