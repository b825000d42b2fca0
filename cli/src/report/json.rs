//! The report as one JSON document, or as JSON Lines. Both are streamed, so that memory does not grow with the report.
//! Invisible characters are escaped, so that either can be printed on a terminal.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};
use serde::Serialize;

use crate::pipeline::output::Output;
use crate::text::write_json;

/// One document: the findings, then the summary.
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
        write_json(&mut self.to, &finding.in_file(file))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.to.write_all(if self.has_findings { b"\n],\n" } else { b"{\"findings\":[],\n" })?;
        let mut fields = Vec::new();
        write_json(&mut fields, summary)?;
        // The fields of the summary continue the object.
        self.to.write_all(fields.trim_ascii_start().strip_prefix(b"{").unwrap_or(&fields))?;
        writeln!(self.to)?;
        self.to.flush()
    }
}

/// One finding a line, each flushed, then the summary.
pub struct JsonLines<W> {
    to: W,
}

impl<W: Write> JsonLines<W> {
    pub fn new(to: W) -> Self {
        Self { to }
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = Vec::new();
        write_json(&mut line, value)?;
        line.push(b'\n');
        self.to.write_all(&line)?;
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
