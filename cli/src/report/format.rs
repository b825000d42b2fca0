//! The formats of a report.

use std::io::Write;

use clap::ValueEnum;

use super::github::GitHub;
use super::html::Html;
use super::human::{Human, Shown};
use super::json::{Json, JsonLines};
use super::junit::JUnit;
use super::markdown::Markdown;
use super::sarif::Sarif;
use crate::pipeline::output::Output;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    // Doc comments here would add a page to the help of each command; the help of the argument describes the values.
    Human,
    Json,
    Jsonl,
    Sarif,
    Junit,
    Github,
    Markdown,
    Html,
}

impl Format {
    /// An output in this format. `shown` applies to [`Format::Human`] only.
    pub fn output(self, to: Box<dyn Write>, shown: Shown) -> Box<dyn Output> {
        match self {
            Self::Human => Box::new(Human::new(to, shown)),
            Self::Json => Box::new(Json::new(to)),
            Self::Jsonl => Box::new(JsonLines::new(to)),
            Self::Sarif => Box::new(Sarif::new(to)),
            Self::Junit => Box::new(JUnit::new(to)),
            Self::Github => Box::new(GitHub::new(to)),
            Self::Markdown => Box::new(Markdown::new(to)),
            Self::Html => Box::new(Html::new(to)),
        }
    }
}
