//! The command line: what can be asked, and how.

mod check;
mod log;

use std::path::PathBuf;

use cardsavr_protocol::conformance::{Rule, Selector};
use cardsavr_protocol::export::schema::Draft;
use cardsavr_protocol::wire::JobId;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

pub use self::check::{Check, levels};
use self::log::job_id;
pub use self::log::{OrderArgs, ReadingArgs, duration};
use crate::commands::simulate::Start;

#[derive(Parser)]
#[command(name = "cardsavr", version, about, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  cardsavr check poll.jsonl
  cardsavr redact poll.jsonl > shared.jsonl
  cardsavr explain PENDING_TFA
  cardsavr lifecycle --format mermaid

Exit status: 0 nothing of severity error was found, 1 something was, 2 a usage error or an input that can't be read.")]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Colours: auto, always, never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 1000,
        hide_possible_values = true
    )]
    pub color: Color,
}

#[derive(Subcommand)]
pub enum Command {
    /// Check recorded messages: did the jobs keep to the life cycle, where not, and why
    Check(Box<Check>),
    /// Count what the jobs of a log went through: transitions, waits and ends, and how long each took
    Stats(Stats),
    /// Show the life of one job as a timeline
    Trace(Trace),
    /// Copy a log so that it can be shared: without its secrets, and with the same findings
    Redact(Redact),
    /// Make a log of invented jobs, lawful or with faults at known lines
    Simulate(Simulate),
    /// Print the life cycle as data or as a picture
    Lifecycle(Lifecycle),
    /// Explain a status, a termination type or a rule
    Explain(Explain),
    /// Print the JSON Schemas of the messages, the report and the life cycle, or write them to files
    Schema(Schema),
    /// Print the completions of a shell
    Completions(Completions),
    /// Write man pages
    Man(Man),
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr stats poll.jsonl
  cardsavr stats --format csv logs/ > stats.csv
  cardsavr stats --message-pointer /payload --time-pointer /ts app.log

Durations are those between records with times; without times there are counts alone. A median and what 95 percent \
don't exceed are off by at most 1/128 of themselves. Statuses are those of messages, heartbeats and snapshots left out; \
a job's duration is that of one that was seen from its start to its end.

Exit status: 0, or 2 for bad usage or input, 130 interrupted.")]
pub struct Stats {
    /// Files, patterns or directories, all as one log; `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Count only this job; repeatable
    #[arg(long, value_name = "ID", value_parser = job_id())]
    pub job: Vec<JobId<'static>>,
    /// How to print it: human, csv, json
    #[arg(long, default_value = "human", hide_possible_values = true)]
    pub format: StatsFormat,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatsFormat {
    Human,
    Csv,
    Json,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr trace 1586 polls.json
  cardsavr trace 1586 logs/
  tail -n 100000 app.log | cardsavr trace --message-pointer /payload 1586

A line for each thing that happened: its time or else its line, the time since the one before, and what was found.
  ● first seen in   → went to   ■ ended in   ⇢ skipped statuses   ✗ illegal
  ? was asked, or nobody knows   ! answered   · heartbeats   ○ a snapshot

Exit status: 0 the job is there, 2 it is not or bad usage or input, 130 interrupted.")]
pub struct Trace {
    /// The id of the job
    #[arg(value_name = "JOB", value_parser = job_id())]
    pub job: JobId<'static>,
    /// Files, patterns or directories, all as one log; `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr redact poll.jsonl > shared.jsonl       pseudonyms of this run only
  cardsavr redact --key Zo4quei1 --output shared.jsonl monday.jsonl
  cardsavr redact --message-pointer /payload --time-pointer /ts app.log

Kept are the type, status and termination type of a message, its numbers of the protocol, the ids of jobs that are \
numbers, the times of records, and the lines. All else, also the name of a field that is not the protocol's, becomes a \
pseudonym, the same for the same value and never longer than it; what lies deeper in such a field is left out. Texts of \
up to ten bytes all become the same, but for ids: each becomes another one. A record that is not JSON, or too large, \
becomes another one of its kind. So a check finds the same in the copy, by the same options.

Who knows the key can try values that they guess.

Exit status: 0, or 2 for bad usage or input, 130 interrupted.")]
pub struct Redact {
    /// Files, patterns or directories, copied one after another; `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Where to write the copy, if not to standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Make the same pseudonyms in each run with KEY, any text; without it no two runs make the same
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub key: Option<String>,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr simulate --jobs 100 > lawful.jsonl
  cardsavr simulate --jobs 10000 --at 2026-03-02T09:00:00Z | cardsavr check
  cardsavr simulate --faults all --rate 0.1 --truth truth.jsonl > faulty.jsonl
  cardsavr simulate --faults skipped-status,late-response --at 0 > faulty.jsonl

The same options make the same log, on every machine. A check of it finds the faults of the truth file and nothing \
else. That has a line for each: its rule, its line, and its job_id, which the check can't tell where a record is \
malformed-json or record-too-large. A job has one fault at most; the rules take turns.

Every rule can be broken; late-response, overdue-timeout and time-went-backwards look at times, so only with --at: \
without it, `all` leaves them out.

Exit status: 0, or 2 for bad usage or where the log can't be written.")]
pub struct Simulate {
    /// How many jobs there are
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub jobs: u64,
    /// Another number makes other jobs
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many jobs are alive at a time: when one ends, the next begins
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    pub alive: u64,
    /// The time of the first record, RFC 3339 or milliseconds since 1970; without it, records have none
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub at: Option<Start>,
    /// Break RULE, or several with commas between them, or `all`
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = fault_parser(), hide_possible_values = true)]
    pub faults: Vec<Selector>,
    /// The share of jobs that have a fault, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = share, requires = "faults")]
    pub rate: f64,
    /// Write the faults to FILE, which must not exist
    #[arg(long, value_name = "FILE", requires = "faults")]
    pub truth: Option<PathBuf>,
    /// Overwrite the file of --truth
    #[arg(long, requires = "truth")]
    pub force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr lifecycle --format json | jq '.statuses[].status'
  cardsavr lifecycle --format csv --table statuses > statuses.csv
  cardsavr lifecycle --format dot --group-ends | dot -Tsvg > lifecycle.svg

Exit status: 0, or 2 for bad usage.")]
pub struct Lifecycle {
    /// The form to print it in: data, a picture as Mermaid or Graphviz draws it, a machine for XState 5 or in W3C SCXML, or a table
    #[arg(long, default_value = "json")]
    pub format: LifecycleFormat,
    /// In a picture (mermaid or dot), draw the ends of one termination type as one
    #[arg(long)]
    pub group_ends: bool,
    /// Which of the two tables to print as CSV: transitions, unless it is given
    #[arg(long)]
    pub table: Option<Table>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr explain PENDING_TFA
  cardsavr explain USER_DATA_FAILURE
  cardsavr explain illegal-transition

Exit status: 0, or 2 for a name that is none.")]
pub struct Explain {
    /// The name of a status, a termination type or a rule
    pub name: String,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr schema                             list the schemas
  cardsavr schema job_status                  what this version writes
  cardsavr schema job_status --accepted       what it reads: other spellings, null for absent
  cardsavr schema messages --draft 7          for generators that read no newer draft
  cardsavr schema --out schemas/              all schemas, the life cycle and OpenAPI, as files
  cardsavr schema --draft 7 --out draft-07/   all schemas in Draft 7, as files

Exit status: 0, or 2 for bad usage or where a file can't be written.")]
pub struct Schema {
    /// The name of a schema; without a name and --out, the schemas are listed
    pub name: Option<String>,
    /// The draft of JSON Schema [default: 2020-12]
    #[arg(long, value_parser = draft_parser())]
    pub draft: Option<Draft>,
    /// Describe what is accepted instead of what is sent
    #[arg(long)]
    pub accepted: bool,
    /// Write NAME.schema.json to DIR; without NAME, all schemas, the life cycle and the endpoints
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr completions bash >> ~/.bash_completion
  cardsavr completions zsh > ~/.zfunc/_cardsavr
  cardsavr completions fish > ~/.config/fish/completions/cardsavr.fish

Exit status: 0, or 2 for bad usage.")]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr man --out ~/.local/share/man/man1

Exit status: 0, or 2 for bad usage or where a file can't be written.")]
pub struct Man {
    /// Write a page for each command into DIR
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LifecycleFormat {
    Json,
    Mermaid,
    Dot,
    Xstate,
    Scxml,
    Csv,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Table {
    Statuses,
    #[default]
    Transitions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it the choice of everything that is printed.
    pub fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

fn draft_parser() -> impl TypedValueParser<Value = Draft> {
    PossibleValuesParser::new(["2020-12", "7"])
        .map(|name| if name == "7" { Draft::V7 } else { Draft::V2020_12 })
}

/// The names of the rules that a log can break, and `all`.
fn fault_parser() -> impl TypedValueParser<Value = Selector> {
    let rules = Rule::ALL.iter().copied().map(Rule::name);
    PossibleValuesParser::new(rules.chain(["all"])).try_map(|name| name.parse::<Selector>())
}

fn share(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or("it is not a number from 0 to 1")
}
