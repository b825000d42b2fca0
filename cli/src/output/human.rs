//! The report for people: each finding as compilers print theirs, then a summary.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use cardsavr_protocol::conformance::{Finding, KnownFinding, ReportBaseline, Severity, Summary};

use super::excerpt::excerpt;
use super::{Output, Plain, count};

const BOLD: Style = Style::new().bold();
const MARGIN: Style = AnsiColor::BrightBlue.on_default().bold();

/// How many shapes of findings that are gone are told.
const GONE: usize = 20;

pub struct Human<W> {
    to: W,
    /// How many findings may be printed still; none once it was said that no more are.
    left: Option<u64>,
    max_findings: u64,
}

impl<W: Write> Human<W> {
    pub fn new(to: W, max_findings: u64) -> Self {
        Self { to, left: Some(max_findings), max_findings }
    }

    /// Says, once, that what follows is only counted.
    fn stop(&mut self) -> io::Result<()> {
        writeln!(
            self.to,
            "{BOLD}{} printed{BOLD:#}: what follows is only counted; `--max-findings` prints more, `--format jsonl` all\n",
            count(self.max_findings, "finding")
        )?;
        self.to.flush()
    }

    /// A line in the margin below a finding.
    fn remark(&mut self, indent: usize, what: &str, text: impl Display) -> io::Result<()> {
        writeln!(self.to, "{:indent$} {MARGIN}={MARGIN:#} {BOLD}{what}{BOLD:#}: {text}", "")
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::BrightCyan,
    }
    .on_default()
    .bold()
}

impl<W: Write> Output for Human<W> {
    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        match self.left {
            None => return Ok(()),
            Some(0) => {
                self.left = None;
                return self.stop();
            }
            Some(left) => self.left = Some(left - 1),
        }
        let Finding { rule, severity, position, message, .. } = finding;
        let style = style(*severity);
        let line = position.line.to_string();
        let indent = line.len();
        writeln!(self.to, "{style}{severity}[{rule}]{style:#}{BOLD}: {}{BOLD:#}", Plain(message))?;
        writeln!(self.to, "{:indent$}{MARGIN}-->{MARGIN:#} {}:{line}:{}", "", Plain(file), position.column)?;
        if let Some(excerpt) = text.and_then(excerpt) {
            writeln!(self.to, "{:indent$} {MARGIN}|{MARGIN:#}", "")?;
            writeln!(self.to, "{MARGIN}{line} |{MARGIN:#} {}", Plain(&excerpt))?;
            writeln!(self.to, "{:indent$} {MARGIN}|{MARGIN:#}", "")?;
        }
        if let Some(found) = &finding.found {
            self.remark(indent, "found", Plain(found))?;
        }
        if !finding.expected.is_empty() {
            self.remark(indent, "expected", Plain(&finding.expected.join(", ")))?;
        }
        self.remark(indent, "help", rule.mend())?;
        self.remark(indent, "more", format_args!("cardsavr explain {rule}"))?;
        writeln!(self.to)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let totals = &summary.totals;
        let inputs = match summary.inputs.as_slice() {
            [input] if input.file == "-" => "standard input".to_owned(),
            [input] => Plain(&input.file).to_string(),
            inputs => format!("{} files", inputs.len()),
        };
        writeln!(
            self.to,
            "{BOLD}{inputs}{BOLD:#}: {}, {}, {}",
            count(summary.records, "record"),
            count(totals.messages, "message"),
            count(totals.jobs, "job"),
        )?;
        for (termination_type, jobs) in totals.terminations.iter().filter(|(_, jobs)| **jobs > 0) {
            writeln!(self.to, "  {jobs:>8} {termination_type}")?;
        }
        if totals.unterminated > 0 {
            writeln!(self.to, "  {:>8} not ended", totals.unterminated)?;
        }
        if let Some(duplicates) = summary.duplicates {
            writeln!(self.to, "  {duplicates:>8} messages that two inputs show were taken once")?;
        }
        if totals.let_go > 0 {
            writeln!(
                self.to,
                "  {:>8} of those that ended were let go: what came late of them is not judged",
                totals.let_go
            )?;
        }
        let severities: Vec<String> = totals
            .severities
            .iter()
            .map(|(severity, findings)| {
                let style = if *findings > 0 { style(*severity) } else { Style::new() };
                format!("{style}{}{style:#}", count(*findings, severity.into()))
            })
            .collect();
        writeln!(self.to, "{BOLD}findings{BOLD:#}: {}", severities.join(", "))?;
        for (rule, findings) in &totals.rules {
            writeln!(self.to, "  {findings:>8} {rule}")?;
        }
        if let Some(ReportBaseline { hidden, gone }) = &summary.baseline {
            writeln!(self.to, "{BOLD}baseline{BOLD:#}: {} hidden", count(*hidden, "finding"))?;
            if !gone.is_empty() {
                writeln!(self.to, "no longer found, which `--write-baseline` drops:")?;
            }
            for KnownFinding { rule, shape, count: gone } in gone.iter().take(GONE) {
                writeln!(self.to, "  {gone:>8} {rule}: {}", Plain(shape))?;
            }
            if gone.len() > GONE {
                writeln!(self.to, "  {:>8} others", gone.len() - GONE)?;
            }
        }
        self.to.flush()
    }
}
