//! `cardsavr simulate`: writes an invented log and the truth about its faults.

use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use cardsavr_protocol::Edition;
use cardsavr_protocol::conformance::{Rule, Selector};
use cardsavr_protocol::simulate::{Item, Record, Simulation, needs_time, write_poll};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::args::edition_parser;
use super::outcome::{Failure, Verdict, refused};

/// The number of bytes written at once.
const CHUNK: usize = 256 << 10;

const MINUTE: i64 = 60_000;

/// The time of the first record of a log. The other times are written in the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    milliseconds: i64,
    is_rfc3339: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("it is neither RFC 3339 nor whole milliseconds since 1970")]
pub struct NoTime;

impl FromStr for Start {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let milliseconds = text.parse();
        let is_rfc3339 = milliseconds.is_err();
        let time = milliseconds.map_or_else(|_| text.parse(), jiff::Timestamp::from_millisecond);
        let milliseconds = time.map_err(|_| NoTime)?.as_millisecond();
        Ok(Self { milliseconds, is_rfc3339 })
    }
}

/// A fault in a log: what a check must find, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seeded {
    pub rule: Rule,
    pub line: u64,
    pub job_id: u64,
}

/// Writes a log, with times if it has a start, and hands over each fault once its line is written.
pub fn log(
    simulation: &Simulation,
    start: Option<Start>,
    output: &mut impl Write,
    mut truth: impl FnMut(Seeded) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = String::new();
    let mut minute = Minute::default();
    for item in simulation.log() {
        match item {
            Item::Record(record) => {
                write(record, start, &mut minute, &mut buffer).map_err(|_| io::ErrorKind::OutOfMemory)?;
            }
            Item::Fault(fault) => {
                truth(Seeded { rule: fault.rule, line: fault.record as u64 + 1, job_id: fault.job })?;
            }
        }
        if buffer.len() >= CHUNK {
            output.write_all(buffer.as_bytes())?;
            buffer.clear();
        }
    }
    output.write_all(buffer.as_bytes())?;
    output.flush()
}

fn write(mut record: Record, start: Option<Start>, minute: &mut Minute, to: &mut String) -> fmt::Result {
    match (start, record.at) {
        (Some(Start { milliseconds, is_rfc3339: true }), Some(at)) => {
            to.push_str("{\"at\":\"");
            minute.write(milliseconds.saturating_add(at), to)?;
            writeln!(to, "\",\"message\":{record}}}")
        }
        (start, at) => {
            record.at = at.filter(|_| start.is_some());
            write_poll(&[record], start.map_or(0, |start| start.milliseconds), to)
        }
    }
}

/// The last minute of which a time was written, since most times share theirs with the one before.
#[derive(Default)]
struct Minute(Option<(i64, String)>);

impl Minute {
    /// Writes a time as RFC 3339. Beyond the year 9999 time stands still.
    fn write(&mut self, at: i64, to: &mut String) -> fmt::Result {
        let at = at.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond());
        let (minute, rest) = (at.div_euclid(MINUTE), at.rem_euclid(MINUTE));
        let last = self.0.take().filter(|(last, _)| *last == minute);
        let (_, text) = self.0.insert(last.unwrap_or_else(|| {
            let time = jiff::Timestamp::from_millisecond(minute * MINUTE).unwrap_or_default();
            (minute, time.strftime("%Y-%m-%dT%H:%M:").to_string())
        }));
        write!(to, "{text}{:02}.{:03}Z", rest / 1000, rest % 1000)
    }
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr simulate --jobs 100 > valid.jsonl
  cardsavr simulate --jobs 10000 --at 2026-03-02T09:00:00Z | cardsavr check
  cardsavr simulate --faults all --rate 0.1 --truth truth.jsonl > faulty.jsonl
  cardsavr simulate --faults skipped-status,late-response --at 0 > faulty.jsonl

Equal options generate equal logs, on every machine. A check of the log finds the faults in the truth file and nothing \
else. The truth file has a line for each fault: its rule, its line, and its job_id, which a check can't know if the \
record is malformed-json or record-too-large. A job has at most one fault; the rules take turns.

Every rule can be broken. late-response, overdue-timeout and time-went-backwards depend on times and need --at; without \
it, `all` leaves them out.

Exit status: 0, or 2 for bad usage or if the log can't be written.")]
pub struct Args {
    /// The number of jobs
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub jobs: u64,
    /// The edition of the life cycle, 2021 or 2026
    #[arg(long, value_name = "YEAR", value_parser = edition_parser(), hide_possible_values = true, default_value = "2021")]
    pub edition: Edition,
    /// The seed: another number generates other jobs
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// The number of concurrent jobs: when one ends, the next starts
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    pub alive: u64,
    /// The time of the first record, RFC 3339 or milliseconds since 1970; without it, records have no time
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub at: Option<Start>,
    /// The rules to break, separated by commas, or `all`
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = fault_parser(), hide_possible_values = true)]
    pub faults: Vec<Selector>,
    /// The fraction of jobs with a fault, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = share, requires = "faults")]
    pub rate: f64,
    /// Write the faults to FILE, which must not exist
    #[arg(long, value_name = "FILE", requires = "faults")]
    pub truth: Option<PathBuf>,
    /// Overwrite the file of --truth
    #[arg(long, requires = "truth")]
    pub force: bool,
}

/// The names of the rules that a log can break, and `all`.
fn fault_parser() -> impl TypedValueParser<Value = Selector> {
    let rules = Rule::ALL.iter().copied().map(Rule::name);
    PossibleValuesParser::new(rules.chain(["all"])).try_map(|name| name.parse::<Selector>())
}

fn share(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or("it is not a number from 0 to 1")
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let faults = rules(args).map_err(|rule| {
        refused(format_args!("a fault against {rule} is one of time: give the log times with --at"))
    })?;
    let simulation = Simulation::new(args.seed)
        .edition(args.edition)
        .jobs(args.jobs)
        .alive(usize::try_from(args.alive).unwrap_or(usize::MAX))
        .faults(faults, args.rate);
    let output = &mut io::stdout().lock();
    let Some(path) = &args.truth else {
        log(&simulation, args.at, output, |_| Ok(()))?;
        return Ok(Verdict::Clean);
    };
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let truth = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            refused(format_args!("{} exists; --force overwrites it", path.display()))
        }
        _ => refused(format_args!("{}: {error}", path.display())),
    })?;
    let mut truth = BufWriter::new(truth);
    let name = |error: io::Error| named(path, &error);
    let result = log(&simulation, args.at, output, |seeded| {
        let line = serde_json::to_string(&seeded)?;
        writeln!(truth, "{line}").map_err(name)
    });
    // If the log was read in part, the truth about that part is still true.
    let flushed = truth.flush().map_err(name);
    result.and(flushed)?;
    Ok(Verdict::Clean)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

/// The rules to break, in the order of the catalogue, or one that can't be broken because the log has no times.
fn rules(args: &Args) -> Result<Vec<Rule>, Rule> {
    let names = |rule: Rule| args.faults.contains(&Selector::Rule(rule));
    let is_possible = |rule: Rule| args.at.is_some() || !needs_time(rule);
    let all = || Rule::ALL.iter().copied();
    if let Some(rule) = all().find(|&rule| names(rule) && !is_possible(rule)) {
        return Err(rule);
    }
    let has_all = args.faults.contains(&Selector::All);
    Ok(all().filter(|&rule| names(rule) || has_all && is_possible(rule)).collect())
}
