//! The report for people: each finding as compilers print theirs, those of one cause folded, then a summary.

mod alike;
mod durations;
mod history;

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use cardsavr_protocol::conformance::{Finding, KnownFinding, ReportBaseline, Severity, Summary, Unknown};

use self::alike::Alike;
use self::durations::Durations;
use self::history::History;
use super::count;
use super::excerpt::Excerpt;
use crate::pipeline::output::{Observed, Output};
use crate::text::Plain;

const BOLD: Style = Style::new().bold();
const MARGIN: Style = AnsiColor::BrightBlue.on_default().bold();

/// How many shapes of findings that are gone are told.
const GONE: usize = 20;

/// How many unknown words of a kind are told.
const WORDS: usize = 5;

/// Which findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The first few of each cause, and so many at most.
    Folded(u64),
    /// All.
    All,
}

pub struct Human<W> {
    to: W,
    shown: Shown,
    /// How many were printed.
    printed: u64,
    /// Whether it was said that no more are.
    is_told: bool,
    alike: Alike,
    history: History,
    durations: Durations,
}

impl<W: Write> Human<W> {
    pub fn new(to: W, shown: Shown) -> Self {
        Self {
            to,
            shown,
            printed: 0,
            is_told: false,
            alike: Alike::default(),
            history: History::default(),
            durations: Durations::default(),
        }
    }

    /// Whether a finding is to be printed. Once, it is said that what follows is only counted.
    fn is_shown(&mut self, finding: &Finding) -> io::Result<bool> {
        let Shown::Folded(max_findings) = self.shown else { return Ok(true) };
        let mut is_full = false;
        let has_room = || {
            is_full = self.printed >= max_findings;
            !is_full
        };
        if self.alike.is_shown(finding, has_room) {
            self.printed += 1;
            return Ok(true);
        }
        if is_full && !self.is_told {
            self.is_told = true;
            writeln!(
                self.to,
                "{BOLD}{} printed{BOLD:#}: what follows is only counted; `--max-findings` prints more, `--all` all\n",
                count(max_findings, "finding")
            )?;
            self.to.flush()?;
        }
        Ok(false)
    }

    /// Says how many findings are like those that were printed.
    fn unfold(&mut self) -> io::Result<()> {
        let folded = std::mem::take(&mut self.alike).folded();
        for (rule, shape, cause) in &folded {
            let (severity, style) = (cause.severity, style(cause.severity));
            writeln!(self.to, "… {}: {style}{severity}[{rule}]{style:#}: {}", cause.told(), Plain(shape))?;
        }
        if !folded.is_empty() {
            writeln!(self.to, "{MARGIN}={MARGIN:#} {BOLD}more{BOLD:#}: `--all` prints all of them\n")?;
        }
        Ok(())
    }

    /// Says what was not known, the most frequent words first.
    fn tell_unknown(&mut self, unknown: &Unknown) -> io::Result<()> {
        let left_out = &unknown.left_out;
        for (what, words, left_out) in [
            ("statuses", &unknown.statuses, left_out.statuses),
            ("termination types", &unknown.termination_types, left_out.termination_types),
            ("message types", &unknown.message_types, left_out.message_types),
        ] {
            let mut words: Vec<_> = words.iter().map(|(word, number)| (*number, word)).collect();
            words.sort_by_key(|&(number, _)| std::cmp::Reverse(number));
            let others = words.iter().skip(WORDS).map(|(number, _)| number).sum::<u64>() + left_out;
            words.truncate(WORDS);
            let mut told: Vec<_> =
                words.iter().map(|(number, word)| format!("{} ({number})", Plain(word))).collect();
            if others > 0 {
                told.push(format!("others ({others})"));
            }
            if !told.is_empty() {
                writeln!(self.to, "{BOLD}unknown {what}{BOLD:#}: {}", told.join(", "))?;
            }
        }
        Ok(())
    }

    /// A line in the margin below a finding.
    fn remark(&mut self, indent: usize, what: &str, text: impl Display) -> io::Result<()> {
        writeln!(self.to, "{:indent$} {MARGIN}={MARGIN:#} {BOLD}{what}{BOLD:#}: {text}", "")
    }
}

/// How a severity looks.
pub fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::BrightCyan,
    }
    .on_default()
    .bold()
}

impl<W: Write> Output for Human<W> {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, seen: &Observed<'_>) {
        self.history.observe(seen.message);
        self.durations.observe(seen);
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        if !self.is_shown(finding)? {
            return Ok(());
        }
        if text.is_none() {
            // It is not about the message that came last.
            self.history.settle();
        }
        let Finding { rule, severity, position, message, .. } = finding;
        let style = style(*severity);
        let line = position.line.to_string();
        let indent = line.len();
        writeln!(self.to, "{style}{severity}[{rule}]{style:#}{BOLD}: {}{BOLD:#}", Plain(message))?;
        writeln!(self.to, "{:indent$}{MARGIN}-->{MARGIN:#} {}:{line}:{}", "", Plain(file), position.column)?;
        if let Some(excerpt) = text.and_then(|text| Excerpt::new(text, finding.found.as_deref())) {
            // Where no value of it is the fault, the message itself is.
            let (before, length) = excerpt.mark.unwrap_or((0, 1));
            writeln!(self.to, "{:indent$} {MARGIN}|{MARGIN:#}", "")?;
            writeln!(self.to, "{MARGIN}{line} |{MARGIN:#} {}", excerpt.text)?;
            writeln!(
                self.to,
                "{:indent$} {MARGIN}|{MARGIN:#} {:before$}{style}{:^<length$}{style:#}",
                "", "", ""
            )?;
        }
        let before = finding.job_id.as_ref().map(|job| self.history.before(job)).unwrap_or_default();
        if !before.is_empty() {
            self.remark(indent, "before", before.join(", "))?;
        }
        if let Some(found) = &finding.found {
            self.remark(indent, "found", Plain(found))?;
        }
        if !finding.expected.is_empty() {
            self.remark(indent, "expected", Plain(&finding.expected.join(", ")))?;
        }
        self.remark(indent, "help", rule.mend())?;
        self.remark(indent, "more", format_args!("cardsavr explain {rule}"))?;
        writeln!(self.to)?;
        self.to.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.unfold()?;
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
        for line in self.durations.told() {
            writeln!(self.to, "{line}")?;
        }
        self.tell_unknown(&totals.unknown)?;
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
