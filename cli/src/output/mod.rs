//! The forms in which a check is printed, and where each goes.

mod excerpt;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod plain;
mod sarif;
mod several;
mod shape;
mod target;

use std::io::{self, Write};

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Finding, Observation, Position, Severity, Summary, Totals};
use cardsavr_protocol::wire::JobId;

pub use self::github::GitHub;
pub use self::human::{Human, Shown, style};
pub use self::json::{Json, JsonLines, write as write_json};
pub use self::junit::JUnit;
pub use self::markdown::Markdown;
pub use self::plain::Plain;
pub use self::sarif::Sarif;
pub use self::several::open;
pub use self::shape::shape;
pub use self::target::Target;
use crate::args::ReportFormat;
use crate::html::Html;

/// A message or a snapshot that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    pub message: &'s Observation<'s>,
    /// The job that it is of, where one is known: a response need not name its own.
    pub job: Option<&'s JobId<'s>>,
    pub position: Position,
    pub at: Option<Timestamp>,
}

/// Where findings go as they are found, and the summary after them.
pub trait Output {
    /// Whether it wants to see the messages, too. It is asked once, before all.
    fn observes(&self) -> bool {
        false
    }

    /// Sees a message that is judged, before what is found in it. Who doesn't ask for messages is shown none.
    fn observe(&mut self, _seen: &Seen<'_>) {}

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

/// An output in a format. Only people are spared findings.
fn new(format: ReportFormat, to: Box<dyn Write>, shown: Shown) -> Box<dyn Output> {
    match format {
        ReportFormat::Human => Box::new(Human::new(to, shown)),
        ReportFormat::Json => Box::new(Json::new(to)),
        ReportFormat::Jsonl => Box::new(JsonLines::new(to)),
        ReportFormat::Sarif => Box::new(Sarif::new(to)),
        ReportFormat::Junit => Box::new(JUnit::new(to)),
        ReportFormat::Github => Box::new(GitHub::new(to)),
        ReportFormat::Markdown => Box::new(Markdown::new(to)),
        ReportFormat::Html => Box::new(Html::new(to)),
    }
}

/// A number of things, in words.
fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// How many findings of each severity there are, in words.
fn counts(totals: &Totals) -> String {
    let of = |(severity, findings): (&Severity, &u64)| count(*findings, severity.into());
    totals.severities.iter().map(of).collect::<Vec<_>>().join(", ")
}
