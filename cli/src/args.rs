//! The command line: what can be asked, and how.

use std::path::PathBuf;
use std::time::Duration;

use cardsavr_protocol::conformance::{Level, Rule, Selector, Settings, Severities};
use cardsavr_protocol::message::JobId;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Parser, Subcommand, ValueEnum};

use crate::baseline::{Baseline, BaselineError};
use crate::config::{Config, ConfigError, LimitValue};
use crate::log::Reading;
use crate::merge::Order;
use crate::output::{Shown, Target};
use crate::pointer::Pointer;
use crate::records::{MAX_BYTES, MAX_DEPTH};
use crate::simulate::{self, Start};

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
  cardsavr check poll.jsonl logs/             all logs as one
  tail -f poll.jsonl | cardsavr check         standard input
  cardsavr check --deny warnings --allow unknown-status logs/
  cardsavr check --output sarif:report.sarif poll.jsonl
  cardsavr check --message-pointer /payload --time-pointer /ts app.log

A log is any JSON values: messages, arrays of them, jobs, notifications, records \
{\"at\": <RFC 3339 or milliseconds>, \"message\": <any of these>}. Of several flags \
for a rule the last wins, but one that names it beats a group. Formats: human, \
json, jsonl (a finding a line), sarif, junit, github (annotations), markdown, html. \
Limits: failed-logins, failed-tfa-codes, network-failures, answer-window. \
Options may stand in cardsavr.toml, here or further up.

Exit status: 0 no error found, 1 some, 2 bad usage or input, 130 interrupted.")]
pub struct Check {
    /// Files, patterns, directories with .json, .jsonl, .ndjson and .log (also .gz,
    /// .zst); `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Only this job, and what names no job
    #[arg(long, value_name = "ID", value_parser = job_id())]
    pub job: Vec<JobId<'static>>,
    #[command(flatten)]
    pub order: OrderArgs,
    /// Print this form [default: human]
    #[arg(long, hide_possible_values = true)]
    pub format: Option<ReportFormat>,
    /// Write one to FILE, too; repeatable
    #[arg(long, value_name = "FORMAT[:FILE]")]
    pub output: Vec<Target>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Make it an error; also `warnings`, `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub deny: Vec<Selector>,
    /// Make it a warning; also `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub warn: Vec<Selector>,
    /// Don't report it; also `warnings`, `all`
    #[arg(long, value_name = "RULE", value_parser = rule_parser(), hide_possible_values = true)]
    pub allow: Vec<Selector>,
    /// Hide the findings that it has
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Have it know all that is found
    #[expect(clippy::option_option, reason = "the flag may be there with a file or without one")]
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "job")]
    pub write_baseline: Option<Option<PathBuf>>,
    /// Another limit, such as failed-logins=3
    #[arg(long, value_name = "NAME=VALUE")]
    pub limit: Vec<LimitValue>,
    /// Ended jobs remembered [default: 10000000]
    #[arg(long, value_name = "NUMBER")]
    pub max_ended_jobs: Option<usize>,
    /// For how long, at least [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub retention: Option<Duration>,
    /// For people, print so many [default: 1000]
    #[arg(long, value_name = "NUMBER")]
    pub max_findings: Option<u64>,
    /// For people, print all, also those alike
    #[arg(long, conflicts_with = "max_findings")]
    pub all: bool,
    /// No progress, no notes on standard error
    #[arg(long, short)]
    pub quiet: bool,
}

impl Check {
    /// Which findings people are shown.
    pub fn shown(&self, config: &Config) -> Shown {
        let max_findings = self.max_findings.or(config.max_findings).unwrap_or(1000);
        if self.all { Shown::All } else { Shown::Folded(max_findings) }
    }

    /// What the check goes by. `levels` are those of the flags.
    pub fn settings(&self, config: &Config, levels: Vec<(Level, Selector)>) -> Settings {
        let mut settings = config.settings();
        settings.limits.message_retention = self.retention.unwrap_or(settings.limits.message_retention);
        for limit in &self.limit {
            limit.apply(&mut settings.limits);
        }
        settings.severities = Severities::new(config.rules.iter().copied()).with(levels);
        settings.max_ended_jobs = self.max_ended_jobs.unwrap_or(settings.max_ended_jobs);
        settings
    }

    /// The findings that are known, where a baseline is named: here, or else in the configuration.
    pub fn baseline(&self, config: &Config) -> Result<Option<Baseline>, BaselineError> {
        let path = self.baseline.as_ref().or(config.baseline.as_ref());
        match (&self.write_baseline, path) {
            (Some(written), path) => match written.as_ref().or(path) {
                Some(path) => Baseline::to_write(path).map(Some),
                None => Err(BaselineError::Nameless),
            },
            (None, Some(path)) => Baseline::read(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The reports that are asked for.
    pub fn targets(&self) -> Vec<Target> {
        let to_stdout = self.format.map(|format| Target { format, file: None });
        to_stdout.into_iter().chain(self.output.iter().cloned()).collect()
    }
}

/// How the messages of the logs are put in order.
#[derive(clap::Args)]
pub struct OrderArgs {
    /// `time`, or `order` as given, the default
    #[arg(
        long,
        value_name = "HOW",
        hide_possible_values = true,
        hide_default_value = true,
        default_value = "order"
    )]
    pub merge: Merge,
    /// Put in order what is so late: 5s, 500ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub reorder: Option<Duration>,
    /// With --merge time: what two saw, once
    #[arg(long)]
    pub dedupe: bool,
}

impl OrderArgs {
    /// What they say; an error where they contradict each other.
    pub fn order(&self) -> Result<Order, &'static str> {
        let order = Order { by_time: self.merge == Merge::Time, reorder: self.reorder, dedupe: self.dedupe };
        if order.dedupe && !order.by_time {
            return Err("--dedupe goes with --merge time: by their times messages are known to be the same");
        }
        Ok(order)
    }
}

/// How the records of a log are read.
#[derive(clap::Args)]
pub struct ReadingArgs {
    /// The message of a record, such as /payload
    #[arg(long, value_name = "POINTER")]
    pub message_pointer: Option<Pointer>,
    /// Its time: RFC 3339, or ms since 1970
    #[arg(long, value_name = "POINTER")]
    pub time_pointer: Option<Pointer>,
    /// Skip larger records [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    pub max_record_bytes: Option<usize>,
    /// Skip deeper ones [default: 100]
    #[arg(long, value_name = "LEVELS")]
    pub max_depth: Option<usize>,
    /// Take these options, not cardsavr.toml's
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Take none but those given here
    #[arg(long)]
    pub no_config: bool,
}

impl ReadingArgs {
    /// The options of the project: those of the file that is named, or else of the nearest `cardsavr.toml`.
    pub fn config(&self) -> Result<Config, ConfigError> {
        match (&self.config, self.no_config) {
            (Some(file), _) => Config::read(file),
            (None, true) => Ok(Config::default()),
            // Without a working directory, there is none above it.
            (None, false) => std::env::current_dir()
                .map_or_else(|_| Ok(Config::default()), |directory| Config::find(&directory)),
        }
    }

    /// How records are read; flags beat the configuration.
    pub fn reading(&self, config: &Config) -> Reading {
        Reading {
            message: self.message_pointer.clone().or_else(|| config.message_pointer.clone()),
            time: self.time_pointer.clone().or_else(|| config.time_pointer.clone()),
            max_record_bytes: self.max_record_bytes.or(config.max_record_bytes).unwrap_or(MAX_BYTES),
            max_depth: self.max_depth.or(config.max_depth).unwrap_or(MAX_DEPTH),
        }
    }
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
    /// Write the faults to FILE
    #[arg(long, value_name = "FILE", requires = "faults")]
    pub truth: Option<PathBuf>,
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
  cardsavr schema                             what there is
  cardsavr schema job_status                  what this version writes
  cardsavr schema job_status --accepted       what it reads: other spellings, null for absent
  cardsavr schema messages --draft 7          for generators that read no newer draft
  cardsavr schema --out schemas/              everything as files: both contracts and drafts, the life cycle, OpenAPI

Exit status: 0, or 2 for bad usage or where a file can't be written.")]
pub struct Schema {
    /// The name of a schema; without one, and without --out, a list of them
    pub name: Option<String>,
    /// The draft of JSON Schema to write it in: 2020-12 unless it is said
    #[arg(long)]
    pub draft: Option<Draft>,
    /// Say what is accepted, instead of what is sent
    #[arg(long)]
    pub accepted: bool,
    /// Write NAME.schema.json into DIR, or without a NAME everything: all schemas, the life cycle, the endpoints
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
pub enum Draft {
    /// Draft 2020-12
    #[value(name = "2020-12")]
    V2020_12,
    /// Draft 7
    #[value(name = "7")]
    V7,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    // Help on each value would make a page of every command's help: it is in that of the argument.
    Human,
    Json,
    Jsonl,
    Sarif,
    Junit,
    Github,
    Markdown,
    Html,
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

/// How several logs become one.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Merge {
    Order,
    Time,
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

/// The names of rules and groups; clap suggests the nearest for a name that isn't one.
fn rule_parser() -> impl TypedValueParser<Value = Selector> {
    let rules = Rule::ALL.iter().map(|rule| rule.name());
    PossibleValuesParser::new(rules.chain(["warnings", "all"])).try_map(|name| name.parse::<Selector>())
}

/// The names of the rules that a log can break, and `all`.
fn fault_parser() -> impl TypedValueParser<Value = Selector> {
    let rules = simulate::seedable().map(Rule::name);
    PossibleValuesParser::new(rules.chain(["all"])).try_map(|name| name.parse::<Selector>())
}

/// Any text; digits are a number.
fn job_id() -> impl TypedValueParser<Value = JobId<'static>> {
    NonEmptyStringValueParser::new().map(JobId::from).map(|id| id.number().map_or(id, JobId::Number))
}

/// A length of time with its unit.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration: Option<jiff::SignedDuration> = text.parse().ok();
    duration
        .and_then(|duration| duration.try_into().ok())
        .ok_or("it is not a time such as 5s, 500ms, 2m or 1h 30m")
}

fn share(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or("it is not a number from 0 to 1")
}

/// What `--deny`, `--warn` and `--allow` say, in the order in which they were given.
pub fn levels(matches: &ArgMatches) -> Vec<(Level, Selector)> {
    let Some(check) = matches.subcommand_matches("check") else { return Vec::new() };
    let mut levels = Vec::new();
    for (id, level) in [("deny", Level::Deny), ("warn", Level::Warn), ("allow", Level::Allow)] {
        let selectors = check.get_many::<Selector>(id).into_iter().flatten();
        levels.extend(
            check.indices_of(id).into_iter().flatten().zip(selectors.map(|&selector| (level, selector))),
        );
    }
    levels.sort_by_key(|&(index, _)| index);
    levels.into_iter().map(|(_, level)| level).collect()
}
