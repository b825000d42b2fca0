//! The forms in which a check is printed, and where each goes.

mod excerpt;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
mod several;
pub mod stats;
mod target;
pub mod timeline;

use std::io::Write;

use cardsavr_protocol::conformance::{Severity, Totals};
use clap::ValueEnum;

pub use self::github::GitHub;
use self::html::Html;
pub use self::human::{Human, Shown, style};
pub use self::json::{Json, JsonLines};
pub use self::junit::JUnit;
pub use self::markdown::Markdown;
pub use self::sarif::Sarif;
pub use self::several::open;
pub use self::target::Target;
use crate::pipeline::output::Output;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    // The values have no help of their own, which would add a page to the help of each command: the argument describes them.
    Human,
    Json,
    Jsonl,
    Sarif,
    Junit,
    Github,
    Markdown,
    Html,
}

/// An output in a format. Only people are spared findings.
fn new(format: Format, to: Box<dyn Write>, shown: Shown) -> Box<dyn Output> {
    match format {
        Format::Human => Box::new(Human::new(to, shown)),
        Format::Json => Box::new(Json::new(to)),
        Format::Jsonl => Box::new(JsonLines::new(to)),
        Format::Sarif => Box::new(Sarif::new(to)),
        Format::Junit => Box::new(JUnit::new(to)),
        Format::Github => Box::new(GitHub::new(to)),
        Format::Markdown => Box::new(Markdown::new(to)),
        Format::Html => Box::new(Html::new(to)),
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
