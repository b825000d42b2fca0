//! The subcommands: the arguments of each, and what it runs.

mod args;
mod check;
mod config;
mod drive;
mod duration;
mod explain;
mod lifecycle;
mod outcome;
pub mod redact;
mod schema;
mod shell;
pub mod simulate;
mod stats;
mod trace;

use std::io;
use std::process::ExitCode;

use clap::{ArgMatches, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use self::outcome::{Failure, Verdict};
use crate::text::complain;

#[derive(Parser)]
#[command(name = "cardsavr", version, about, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  cardsavr check poll.jsonl
  cardsavr redact poll.jsonl > shared.jsonl
  cardsavr explain PENDING_TFA
  cardsavr lifecycle --format mermaid

Exit status: 0 no finding of severity error, 1 at least one, 2 bad usage or an input that can't be read.")]
struct Args {
    #[command(subcommand)]
    command: Command,
    /// Colours: auto, always, never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 1000,
        hide_possible_values = true
    )]
    color: ColorChoice,
}

#[derive(Subcommand)]
enum Command {
    /// Check recorded messages against the life cycle, and explain each violation
    Check(Box<check::Args>),
    /// Count the transitions, waits and ends of the jobs in a log, and measure how long each took
    Stats(stats::Args),
    /// Show the history of one job as a timeline
    Trace(trace::Args),
    /// Copy a log without its secrets, for sharing; a check finds the same in the copy
    Redact(redact::Args),
    /// Generate a log of valid jobs, or of jobs with faults at known lines
    Simulate(simulate::Args),
    /// Print the life cycle as data or as a diagram
    Lifecycle(lifecycle::Args),
    /// Explain a status, a termination type, a rule, a kind of message or a field
    Explain(explain::Args),
    /// Print the JSON Schemas of the messages, the report and the life cycle, or write them to files
    Schema(schema::Args),
    /// Print a shell completion script
    Completions(shell::CompletionsArgs),
    /// Write man pages
    Man(shell::ManArgs),
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
        // The reader of the output has closed it: `cardsavr lifecycle | head`.
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
    match args.color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    match args.command {
        Command::Check(args) => check::run(&args, check::levels(matches)),
        Command::Redact(args) => redact::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Lifecycle(args) => lifecycle::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => shell::completions(&args, Args::command()),
        Command::Man(args) => shell::man(&args, Args::command()),
    }
}
