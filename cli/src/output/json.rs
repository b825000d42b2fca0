//! The report for other tools: one JSON document, or JSON Lines. Both are written as findings come, so that a report of
//! any length needs no memory.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};

use super::Output;

/// One document. The findings come before what is counted of them.
pub struct Json<W: Write> {
    to: BufWriter<W>,
    has_findings: bool,
}

impl<W: Write> Json<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), has_findings: false }
    }
}

impl<W: Write> Output for Json<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.to.write_all(if self.has_findings { b",\n" } else { b"{\"findings\":[\n" })?;
        self.has_findings = true;
        serde_json::to_writer(&mut self.to, &finding.in_file(file))?;
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.to.write_all(if self.has_findings { b"\n],\n" } else { b"{\"findings\":[],\n" })?;
        let summary = serde_json::to_string(summary)?;
        // The summary's fields go on where the findings end.
        writeln!(self.to, "{}", summary.trim_start_matches('{'))?;
        self.to.flush()
    }
}

/// A finding a line, each written out at once, then the summary.
pub struct JsonLines<W> {
    to: W,
}

impl<W: Write> JsonLines<W> {
    pub fn new(to: W) -> Self {
        Self { to }
    }

    fn line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        writeln!(self.to, "{}", serde_json::to_string(value)?)?;
        self.to.flush()
    }
}

impl<W: Write> Output for JsonLines<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.line(&finding.in_file(file))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(summary)
    }
}
