//! A life as lines of a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use cardsavr_protocol::conformance::{Finding, Position, Severity};
use cardsavr_protocol::{Status, Timestamp};

use super::style;
use crate::pipeline::history::{Event, Life, Span, Step, What, Word};
use crate::text::Plain;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const END: Style = AnsiColor::Green.on_default().bold();
const SKIPPED: Style = AnsiColor::Yellow.on_default().bold();
const ILLEGAL: Style = AnsiColor::BrightRed.on_default().bold();
const ASKED: Style = AnsiColor::Cyan.on_default();

pub fn print(life: &Life, files: &[String], to: &mut impl Write) -> io::Result<()> {
    let first = life.events.iter().find_map(|event| event.at);
    let mut places = Places { files, is_one: files.len() == 1, has_times: first.is_some(), width: 0 };
    places.width = life.events.iter().map(|event| places.of(event).chars().count()).max().unwrap_or_default();
    write!(to, "{BOLD}job {}{BOLD:#}", Plain(&life.job.to_string()))?;
    if let ([file], true) = (files, places.is_one) {
        write!(to, " in {file}")?;
    }
    if let Some(day) = first.and_then(day) {
        write!(to, ", times of {day} on (UTC)")?;
    }
    writeln!(to)?;
    let mut last: Option<Timestamp> = None;
    let mut today = first.and_then(day);
    for (event, findings) in life.told() {
        if let Some(event) = event {
            if let Some(day) = event.at.and_then(day).filter(|day| today.as_ref() != Some(day)) {
                writeln!(to, "{DIM}{day}{DIM:#}")?;
                today = Some(day);
            }
            places.print(event, last, to)?;
            last = event.until.or(event.at).or(last);
        }
        for finding in findings {
            print_finding(finding, &places, to)?;
        }
    }
    if life.left_out > 0 {
        writeln!(to, "  … and {} more", life.left_out)?;
    }
    to.flush()
}

/// Where things stand: the time or, without one, the line.
struct Places<'p> {
    files: &'p [String],
    is_one: bool,
    has_times: bool,
    width: usize,
}

impl Places<'_> {
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
            // What is folded may have gone on when this began.
            let gap = event
                .at
                .zip(last)
                .filter(|(at, last)| at >= last)
                .map(|(at, last)| format!("+{}", Span(at.since(last))));
            write!(to, "{DIM}{:>13}{DIM:#} ", gap.unwrap_or_default())?;
        }
        let (style, mark, text) = said(&event.what, event.count);
        write!(to, " {style}{mark} {}{style:#}", Plain(&text))?;
        if let What::Status { percent: Some(percent), .. } = &event.what {
            write!(to, " {DIM}{percent} %{DIM:#}")?;
        }
        if let Some(until) = event.until.filter(|_| event.count > 1).and_then(time) {
            write!(to, " {DIM}until {until}{DIM:#}")?;
        }
        writeln!(to)
    }
}

/// What happened, with a mark before it and how it is to look.
fn said(what: &What, count: u64) -> (Style, char, String) {
    let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
    match what {
        What::Status { status, from, step, .. } => {
            let is_end = matches!(status, Word::Status(status) if status.is_terminal());
            let (style, mark, remark) = match step {
                Step::First => (BOLD, '●', ""),
                Step::Heartbeat | Step::Legal if is_end => (END, '■', ""),
                Step::Heartbeat | Step::Legal => (BOLD, '→', ""),
                Step::Skipped => (SKIPPED, '⇢', "statuses before it are missing"),
                Step::Illegal => (ILLEGAL, '✗', "no way leads here from "),
                Step::Unclear => (BOLD, '?', "a status before it, or this, is not in the table"),
                Step::NetworkFailure => (SKIPPED, '!', "a failure to connect; the job goes on"),
            };
            let from = from.filter(|_| *step == Step::Illegal).map(Status::as_str).unwrap_or_default();
            let remark = if remark.is_empty() { String::new() } else { format!(" ({remark}{from})") };
            (style, mark, format!("{}{remark}", status.as_str()))
        }
        What::Heartbeat if count == 1 => (DIM, '·', "(1 heartbeat)".into()),
        What::Heartbeat => (DIM, '·', format!("({count} heartbeats)")),
        What::Request(kind) => (
            ASKED,
            '?',
            kind.map_or("a request of an unknown kind".into(), |kind| kind.request().to_string()),
        ),
        What::RequestAgain if count == 1 => (DIM, '?', "(the same request)".into()),
        What::RequestAgain => (DIM, '?', format!("(the same request, {count} times)")),
        What::Response(kind) => (ASKED, '!', kind.response().to_string()),
        What::Snapshot(status) => (DIM, '○', format!("a snapshot: {}{times}", status.as_str())),
        What::Unknown(kind) => {
            (SKIPPED, '?', format!("a message of the unknown kind {}{times}", kind.as_str()))
        }
    }
}

fn print_finding(finding: &Finding, places: &Places<'_>, to: &mut impl Write) -> io::Result<()> {
    let Finding { rule, severity, message, position, .. } = finding;
    let style = style(*severity);
    let indent = places.width + if places.has_times { 14 } else { 0 };
    writeln!(to, "  {:indent$}  {style}╰ {severity}[{rule}]{style:#}: {}", "", Plain(message))?;
    if *severity != Severity::Note {
        writeln!(to, "  {:indent$}    {DIM}{}:{}{DIM:#}", "", places.line(*position), position.column)?;
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
