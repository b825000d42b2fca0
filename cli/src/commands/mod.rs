//! The subcommands: their arguments, the configuration, and what each runs.

mod args;
mod check;
mod config;
mod explain;
mod lifecycle;
pub mod redact;
mod schema;
mod shell;
pub mod simulate;
mod stats;
mod trace;

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use self::args::{Args, Command};
use crate::input::interrupt;
use crate::text::{complain, nearest};

/// How a run ended; the exit statuses are 0, 1, 2 and 130.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing of severity error was found.
    Clean,
    /// Something was.
    Faulty,
    /// A usage error, or an input that can't be read.
    Failed,
    /// The user interrupted it.
    Interrupted,
}

impl Verdict {
    /// The exit status that tells it.
    fn status(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Faulty => 1,
            Self::Failed => 2,
            Self::Interrupted => interrupt::STATUS,
        }
    }
}

/// Why a run ends without a verdict.
pub(crate) enum Failure {
    /// It can't even begin: what the user is told.
    Refused(String),
    /// What it prints can't be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn refused(why: impl Display) -> Failure {
    Failure::Refused(why.to_string())
}

/// Nothing has this name; it says which one is most like it.
fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let suggestion = nearest(name, known).map(|nearest| format!("\n  did you mean `{nearest}`?"));
    refused(format_args!("there is no {what} `{name}`{}", suggestion.unwrap_or_default()))
}

/// Runs the command with the arguments of the process.
pub fn main() -> ExitCode {
    let matches = Args::command().get_matches();
    let status = match run(&matches) {
        Ok(verdict) => verdict.status(),
        Err(Failure::Refused(why)) => {
            complain(why);
            Verdict::Failed.status()
        }
        // Whoever read the output has read enough: `cardsavr lifecycle | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Verdict::Clean.status(),
        Err(Failure::Output(error)) => {
            complain(format_args!("the output can't be written: {error}"));
            Verdict::Failed.status()
        }
    };
    ExitCode::from(status)
}

fn run(matches: &ArgMatches) -> Result<Verdict, Failure> {
    let args = Args::from_arg_matches(matches).map_err(io::Error::other)?;
    args.color.write_global();
    match args.command {
        Command::Check(check) => check::run(&check, args::levels(matches)),
        Command::Redact(args) => redact::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Lifecycle(args) => lifecycle::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => Ok(shell::completions(&args)?),
        Command::Man(args) => shell::man(&args),
    }
}
