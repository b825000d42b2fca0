//! How a run ends.

use std::fmt::Display;
use std::io;

use crate::input::interrupt;
use crate::text::nearest;

/// The result of a run; the exit statuses are 0, 1, 2 and 130.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No finding of severity error.
    Clean,
    /// At least one finding of severity error.
    Faulty,
    /// A usage error, or an input that can't be read.
    Failed,
    /// The user interrupted the run.
    Interrupted,
}

impl Verdict {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Faulty => 1,
            Self::Failed => 2,
            Self::Interrupted => interrupt::STATUS,
        }
    }
}

/// Why a run ends without a verdict.
pub enum Failure {
    /// It can't start, for this reason.
    Refused(String),
    /// The output can't be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

pub fn refused(why: impl Display) -> Failure {
    Failure::Refused(why.to_string())
}

/// An unknown name, with the most similar known one as a suggestion.
pub fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let suggestion = nearest(name, known).map(|nearest| format!("\n  did you mean `{nearest}`?"));
    refused(format_args!("there is no {what} `{name}`{}", suggestion.unwrap_or_default()))
}
