//! The report as Markdown, for the summary of a CI job or for an issue. The summary comes first, so the report is written at
//! the end; the number of findings kept until then is bounded.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};

use super::style::counts;
use crate::pipeline::output::Output;
use crate::text::Plain;

/// The number of findings shown; as many fit into an issue.
const SHOWN: usize = 200;

pub struct Markdown<W: Write> {
    to: BufWriter<W>,
    /// The rows of the first findings.
    rows: Vec<String>,
    findings: u64,
}

impl<W: Write> Markdown<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), rows: Vec::new(), findings: 0 }
    }
}

impl<W: Write> Output for Markdown<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.findings += 1;
        if self.rows.len() < SHOWN {
            let Finding { rule, severity, position, .. } = finding;
            let message = finding.message();
            let place = format!("{file}:{}:{}", position.line, position.column);
            self.rows.push(format!("| {severity} | {rule} | {} | {} |", code(&place), code(&message)));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let totals = &summary.totals;
        let mut text = format!("## cardsavr: {}\n\n| | |\n| --- | ---: |\n", counts(totals));
        let rows = [
            ("files", summary.inputs.len() as u64),
            ("records", summary.records),
            ("messages", totals.messages),
            ("jobs", totals.jobs),
        ];
        let ends = totals.terminations.iter().map(|(ends, jobs)| (<&str>::from(ends), *jobs));
        let ends = ends.chain([("not ended", totals.unterminated)]).filter(|(_, jobs)| *jobs > 0);
        let hidden = summary.baseline.iter().map(|baseline| ("hidden by the baseline", baseline.hidden));
        for (what, number) in rows.into_iter().chain(ends).chain(hidden) {
            _ = writeln!(text, "| {what} | {number} |");
        }
        if !totals.rules.is_empty() {
            text += "\n| rule | findings |\n| --- | ---: |\n";
            for (rule, findings) in &totals.rules {
                _ = writeln!(text, "| {rule} | {findings} |");
            }
            text += "\n| severity | rule | where | what |\n| --- | --- | --- | --- |\n";
            for row in &self.rows {
                _ = writeln!(text, "{row}");
            }
        }
        let left_out = self.findings - self.rows.len() as u64;
        if left_out > 0 {
            _ = writeln!(text, "\n… and {left_out} more");
        }
        self.to.write_all(text.as_bytes())?;
        self.to.flush()
    }
}

/// A text as code in a table cell, so that it is no markup, mention or link.
fn code(text: &str) -> String {
    let text = Plain(text).to_string();
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Markdown removes one space beside each fence.
    format!("{fence} {} {fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_cell() {
        assert_eq!(code("job 1 | <b>@you</b>"), "` job 1 \\| <b>@you</b> `");
        assert_eq!(code("a``b`c\n"), "``` a``b`c\\n ```");
    }
}
