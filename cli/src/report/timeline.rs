//! The history of a job as a timeline for a terminal.

use std::io::{self, Write};

use anstyle::Style;
use cardsavr_protocol::conformance::{Finding, Position, Severity};
use cardsavr_protocol::track::StepKind;
use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Status, Timestamp};

use super::style::{BOLD, DIM, END, ILLEGAL, REQUEST, SKIPPED, style};
use crate::pipeline::history::{Detail, Event, JobHistory, Word};
use crate::text::{HumanDuration, Plain};

pub fn print(history: &JobHistory, files: &[String], to: &mut impl Write) -> io::Result<()> {
    let first = history.events.iter().find_map(|event| event.at);
    let mut column = Column { files, is_one: files.len() == 1, has_times: first.is_some(), width: 0 };
    column.width =
        history.events.iter().map(|event| column.of(event).chars().count()).max().unwrap_or_default();
    write!(to, "{BOLD}job {}{BOLD:#}", Plain(&history.job.to_string()))?;
    if let ([file], true) = (files, column.is_one) {
        write!(to, " in {file}")?;
    }
    if let Some(day) = first.and_then(day) {
        write!(to, ", times of {day} on (UTC)")?;
    }
    writeln!(to)?;
    let mut last: Option<Timestamp> = None;
    let mut today = first.and_then(day);
    for (event, findings) in history.entries() {
        if let Some(event) = event {
            if let Some(day) = event.at.and_then(day).filter(|day| today.as_ref() != Some(day)) {
                writeln!(to, "{DIM}{day}{DIM:#}")?;
                today = Some(day);
            }
            column.print(event, last, to)?;
            last = event.until.or(event.at).or(last);
        }
        for finding in findings {
            print_finding(finding, &column, to)?;
        }
    }
    if history.left_out > 0 {
        writeln!(to, "  … and {} more", history.left_out)?;
    }
    to.flush()
}

/// The first column: the time of an event, or its line if the log has no times.
struct Column<'p> {
    files: &'p [String],
    is_one: bool,
    has_times: bool,
    width: usize,
}

impl Column<'_> {
    fn of(&self, event: &Event) -> String {
        event.at.and_then(time).unwrap_or_else(|| self.line(event.position))
    }

    fn line(&self, position: Position) -> String {
        let file = self.files.get(position.input as usize).filter(|_| !self.is_one);
        file.map_or_else(|| format!("line {}", position.line), |file| format!("{file}:{}", position.line))
    }

    fn print(&self, event: &Event, last: Option<Timestamp>, to: &mut impl Write) -> io::Result<()> {
        let width = self.width;
        write!(to, "  {DIM}{:width$}{DIM:#} ", self.of(event))?;
        if self.has_times {
            // A folded event may end after this one begins.
            let gap = event
                .at
                .zip(last)
                .filter(|(at, last)| at >= last)
                .map(|(at, last)| format!("+{}", HumanDuration(at.since(last))));
            write!(to, "{DIM}{:>13}{DIM:#} ", gap.unwrap_or_default())?;
        }
        let (style, mark, text) = describe(&event.detail, event.count);
        write!(to, " {style}{mark} {}{style:#}", Plain(&text))?;
        if let Detail::Status { percent: Some(percent), .. } = &event.detail {
            write!(to, " {DIM}{percent} %{DIM:#}")?;
        }
        if let Some(until) = event.until.filter(|_| event.count > 1).and_then(time) {
            write!(to, " {DIM}until {until}{DIM:#}")?;
        }
        writeln!(to)
    }
}

/// The style, mark and text of an event.
fn describe(detail: &Detail, count: u64) -> (Style, char, String) {
    let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
    match detail {
        Detail::Status { status, from, step, .. } => {
            let is_end = matches!(status, Word::Status(status) if status.is_terminal());
            let (style, mark, remark) = match step {
                StepKind::First => (BOLD, '●', ""),
                StepKind::Heartbeat | StepKind::Legal if is_end => (END, '■', ""),
                StepKind::Heartbeat | StepKind::Legal => (BOLD, '→', ""),
                StepKind::Skipped => (SKIPPED, '⇢', "statuses before it are missing"),
                StepKind::Illegal => (ILLEGAL, '✗', "unreachable from "),
                StepKind::Unclear => (BOLD, '?', "this or the previous status is unknown"),
                StepKind::NetworkFailure => (SKIPPED, '!', "connection failure; the job continues"),
            };
            let from = from.filter(|_| *step == StepKind::Illegal).map(Status::as_str).unwrap_or_default();
            let remark = if remark.is_empty() { String::new() } else { format!(" ({remark}{from})") };
            (style, mark, format!("{}{remark}", status.as_str()))
        }
        Detail::Heartbeat if count == 1 => (DIM, '·', "(1 heartbeat)".into()),
        Detail::Heartbeat => (DIM, '·', format!("({count} heartbeats)")),
        Detail::Request(kind) => {
            (REQUEST, '?', kind.map_or("a request of unknown kind".into(), |kind| kind.to_string()))
        }
        Detail::RequestAgain if count == 1 => (DIM, '?', "(the same request)".into()),
        Detail::RequestAgain => (DIM, '?', format!("(the same request, {count} times)")),
        Detail::Response(kind) => {
            let kind = kind.and_then(RequestKind::response);
            (REQUEST, '!', kind.map_or("a response".into(), |kind| kind.to_string()))
        }
        Detail::Snapshot(status) => (DIM, '○', format!("a snapshot: {}{times}", status.as_str())),
        Detail::Unknown(kind) => {
            (SKIPPED, '?', format!("a message of unknown kind {}{times}", kind.as_str()))
        }
    }
}

fn print_finding(finding: &Finding, column: &Column<'_>, to: &mut impl Write) -> io::Result<()> {
    let Finding { rule, severity, position, .. } = finding;
    let style = style(*severity);
    let indent = column.width + if column.has_times { 14 } else { 0 };
    writeln!(to, "  {:indent$}  {style}╰ {severity}[{rule}]{style:#}: {}", "", Plain(&finding.message()))?;
    if *severity != Severity::Note {
        writeln!(to, "  {:indent$}    {DIM}{}:{}{DIM:#}", "", column.line(*position), position.column)?;
    }
    Ok(())
}

/// The day of a time.
fn day(at: Timestamp) -> Option<String> {
    Some(rfc3339(at)?.split('T').next()?.to_owned())
}

/// The time of day.
fn time(at: Timestamp) -> Option<String> {
    Some(rfc3339(at)?.split('T').nth(1)?.trim_end_matches('Z').to_owned())
}

fn rfc3339(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.as_millis()).ok().map(|time| format!("{time:.3}"))
}
