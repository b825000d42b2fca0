//! The command `cardsavr`: checks recorded messages against the life cycle, prints the life cycle and
//! the schemas, and explains both.
//! All reading and printing of the product is here; what is right is decided in `cardsavr-protocol`.

mod args;
mod check;
mod explain;
mod inputs;
mod lifecycle;
mod log;
mod nearest;
mod output;
mod pointer;
mod records;
mod schema;

use std::io;
use std::process::ExitCode;

use anstream::eprintln;
use clap::{CommandFactory, FromArgMatches};

use crate::args::{Args, Command};

/// How a run ended; the exit statuses are 0, 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing of severity error was found.
    Clean,
    /// Something was.
    Faulty,
    /// A usage error, or an input that can't be read.
    Failed,
}

fn main() -> ExitCode {
    let matches = Args::command().get_matches();
    let result = Args::from_arg_matches(&matches).map_err(io::Error::other).and_then(|args| {
        args.color.write_global();
        match args.command {
            Command::Check(check) => check::run(&check, &args::severities(&matches)),
            Command::Lifecycle(args) => lifecycle::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Schema(args) => schema::run(&args),
        }
    });
    match result {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Faulty) => ExitCode::from(1),
        Ok(Verdict::Failed) => ExitCode::from(2),
        // Whoever read the output has read enough: `cardsavr check log | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cardsavr: the output can't be written: {error}");
            ExitCode::from(2)
        }
    }
}
