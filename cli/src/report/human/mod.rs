//! The report for people: findings in the style of a compiler, similar ones folded, then a summary.

mod durations;
mod fold;
mod recent;

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::Style;
use cardsavr_protocol::conformance::{Finding, ReportBaseline, Summary, Unknown};
use cardsavr_protocol::wire::EventRef;

use self::durations::Durations;
use self::fold::Folder;
use self::recent::RecentStatuses;
use super::excerpt::Excerpt;
use super::style::{BOLD, MARGIN, style};
use crate::pipeline::output::Output;
use crate::text::{Plain, count};

/// The number of shapes printed that are in the baseline and no longer found.
const GONE: usize = 20;

/// The number of unknown words printed of each kind.
const WORDS: usize = 5;

/// The findings that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The first few of each shape, and at most so many.
    Folded(u64),
    /// All.
    All,
}

pub struct Human<W> {
    to: W,
    shown: Shown,
    /// The number of findings printed.
    printed: u64,
    /// Whether the end of printing was announced.
    is_full_announced: bool,
    folder: Folder,
    recent: RecentStatuses,
    durations: Durations,
}

impl<W: Write> Human<W> {
    pub fn new(to: W, shown: Shown) -> Self {
        Self {
            to,
            shown,
            printed: 0,
            is_full_announced: false,
            folder: Folder::default(),
            recent: RecentStatuses::default(),
            durations: Durations::default(),
        }
    }

    /// Whether to print a finding. The first one beyond the maximum is announced.
    fn is_shown(&mut self, finding: &Finding) -> io::Result<bool> {
        let Shown::Folded(max_findings) = self.shown else { return Ok(true) };
        let mut is_full = false;
        let has_room = || {
            is_full = self.printed >= max_findings;
            !is_full
        };
        if self.folder.is_shown(finding, has_room) {
            self.printed += 1;
            return Ok(true);
        }
        if is_full && !self.is_full_announced {
            self.is_full_announced = true;
            writeln!(
                self.to,
                "{BOLD}{} printed{BOLD:#}: further findings are only counted; `--max-findings` prints more, `--all` all\n",
                count(max_findings, "finding")
            )?;
            self.to.flush()?;
        }
        Ok(false)
    }

    /// Prints the number of folded findings.
    fn print_folded(&mut self) -> io::Result<()> {
        let folded = std::mem::take(&mut self.folder).folded();
        for fold in &folded {
            let (severity, rule, style) = (fold.severity, fold.rule, style(fold.severity));
            let (summary, shape) = (fold.summary(), Plain(&fold.shape));
            writeln!(self.to, "… {summary}: {style}{severity}[{rule}]{style:#}: {shape}")?;
        }
        if !folded.is_empty() {
            writeln!(self.to, "{MARGIN}={MARGIN:#} {BOLD}more{BOLD:#}: `--all` prints all findings\n")?;
        }
        Ok(())
    }

    /// Prints the unknown words, the most frequent first.
    fn print_unknown(&mut self, unknown: &Unknown) -> io::Result<()> {
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
            let mut texts: Vec<_> =
                words.iter().map(|(number, word)| format!("{} ({number})", Plain(word))).collect();
            if others > 0 {
                texts.push(format!("others ({others})"));
            }
            if !texts.is_empty() {
                writeln!(self.to, "{BOLD}unknown {what}{BOLD:#}: {}", texts.join(", "))?;
            }
        }
        Ok(())
    }

    /// Prints a remark below a finding.
    fn remark(&mut self, indent: usize, what: &str, text: impl Display) -> io::Result<()> {
        writeln!(self.to, "{:indent$} {MARGIN}={MARGIN:#} {BOLD}{what}{BOLD:#}: {text}", "")
    }
}

impl<W: Write> Output for Human<W> {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.recent.observe(event);
        self.durations.observe(event);
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        if !self.is_shown(finding)? {
            return Ok(());
        }
        if text.is_none() {
            // The finding is not about the last message.
            self.recent.settle();
        }
        let Finding { rule, severity, position, .. } = finding;
        let (found, expected) = (finding.found(), finding.expected());
        let style = style(*severity);
        let line = position.line.to_string();
        let indent = line.len();
        writeln!(self.to, "{style}{severity}[{rule}]{style:#}{BOLD}: {}{BOLD:#}", Plain(&finding.message()))?;
        writeln!(self.to, "{:indent$}{MARGIN}-->{MARGIN:#} {}:{line}:{}", "", Plain(file), position.column)?;
        if let Some(excerpt) = text.and_then(|text| Excerpt::new(text, found.as_deref())) {
            // Without a value to mark, the start of the message is marked.
            let (before, length) = excerpt.mark.unwrap_or((0, 1));
            writeln!(self.to, "{:indent$} {MARGIN}|{MARGIN:#}", "")?;
            writeln!(self.to, "{MARGIN}{line} |{MARGIN:#} {}", excerpt.text)?;
            writeln!(
                self.to,
                "{:indent$} {MARGIN}|{MARGIN:#} {:before$}{style}{:^<length$}{style:#}",
                "", "", ""
            )?;
        }
        let before = finding.job_id.as_ref().map(|job| self.recent.before(job)).unwrap_or_default();
        if !before.is_empty() {
            self.remark(indent, "before", before.join(", "))?;
        }
        if let Some(found) = &found {
            self.remark(indent, "found", Plain(found))?;
        }
        if !expected.is_empty() {
            self.remark(indent, "expected", Plain(&expected.join(", ")))?;
        }
        self.remark(indent, "help", rule.help())?;
        self.remark(indent, "more", format_args!("cardsavr explain {rule}"))?;
        writeln!(self.to)?;
        self.to.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.print_folded()?;
        // Nothing was read, and the reason is on standard error.
        if summary.inputs.is_empty() {
            return self.to.flush();
        }
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
            writeln!(self.to, "  {duplicates:>8} messages of two inputs were counted once")?;
        }
        if totals.let_go > 0 {
            writeln!(
                self.to,
                "  {:>8} ended jobs were evicted: late messages of theirs are not judged",
                totals.let_go
            )?;
        }
        for line in self.durations.lines() {
            writeln!(self.to, "{line}")?;
        }
        self.print_unknown(&totals.unknown)?;
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
                writeln!(self.to, "no longer found; `--write-baseline` removes them:")?;
            }
            for known in gone.iter().take(GONE) {
                writeln!(self.to, "  {:>8} {}", known.count, Plain(&known.to_string()))?;
            }
            if gone.len() > GONE {
                writeln!(self.to, "  {:>8} others", gone.len() - GONE)?;
            }
        }
        self.to.flush()
    }
}
