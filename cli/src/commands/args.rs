//! The arguments shared by the commands that read logs.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use cardsavr_protocol::Edition;
use cardsavr_protocol::conformance::Totals;
use cardsavr_protocol::wire::JobId;
use clap::ValueEnum;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use same_file::Handle;

use super::config::{Config, ConfigError};
use super::drive::{self, Check};
use super::duration::duration;
use super::outcome::{Failure, Verdict, refused};
use crate::input::files::Input;
use crate::input::find::find;
use crate::input::pointer::Pointer;
use crate::input::progress::Progress;
use crate::input::records::{MAX_BYTES, MAX_DEPTH};
use crate::pipeline::baseline::Filter;
use crate::pipeline::entries::Reading;
use crate::pipeline::merge::Order;
use crate::pipeline::output::Output;
use crate::text::complain;

/// The logs that a statistic or a timeline is made of.
#[derive(Clone, clap::Args)]
pub struct LogArgs {
    /// Files, patterns or directories, read as one log; `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub edition: EditionArgs,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub threads: ThreadArgs,
}

impl LogArgs {
    /// Refuses to write to one of the logs.
    pub fn refuse_input(&self, path: &Path) -> Result<(), Failure> {
        let Ok(file) = Handle::from_path(path) else { return Ok(()) };
        if find(&self.logs).inputs.iter().flatten().any(|input| input.is(&file)) {
            let path = path.display();
            return Err(refused(format_args!("{path}: this is one of the logs; write to another file")));
        }
        Ok(())
    }

    /// Judges the selected jobs, or all if none is, for an output that prints something else than the findings. Errors among
    /// these are no failure: only `cardsavr check` exits with 1.
    pub fn observe(&self, jobs: &[JobId], output: impl Output + 'static) -> Result<Verdict, Failure> {
        let config = self.reading.config().map_err(refused)?;
        let reading = self.reading.reading(&config);
        let order = self.order.order().map_err(refused)?;
        let found = find(&self.logs);
        found.ignored().into_iter().for_each(complain);
        let inputs = found.inputs;
        let progress = Progress::through(inputs.iter().flatten().map(Input::size));
        let output = Filter::new(Box::new(output), None);
        let settings = config.settings(self.edition.edition(&config)).map_err(refused)?;
        let threads = self.threads.number(&config);
        let breaches = &|_: &Totals| Vec::new();
        let check =
            Check { reading: &reading, order: &order, settings, jobs, allow_empty: true, breaches, threads };
        let verdict = drive::judge(inputs, check, output, &progress)?;
        Ok(if verdict == Verdict::Faulty { Verdict::Clean } else { verdict })
    }
}

/// The order of the messages.
#[derive(Clone, clap::Args)]
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
    /// Sort records up to this late: 5s, 500ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub reorder: Option<Duration>,
    /// With --merge time: drop duplicates
    #[arg(long)]
    pub dedupe: bool,
}

impl OrderArgs {
    /// The order; an error if the arguments contradict each other.
    pub fn order(&self) -> Result<Order, &'static str> {
        let order = Order { by_time: self.merge == Merge::Time, reorder: self.reorder, dedupe: self.dedupe };
        if order.dedupe && !order.by_time {
            return Err("--dedupe needs --merge time: duplicates are recognized by their times");
        }
        Ok(order)
    }
}

/// How many threads are used.
#[derive(Clone, clap::Args)]
pub struct ThreadArgs {
    /// Use so many threads [default: all cores]
    #[arg(long, value_name = "NUMBER")]
    pub threads: Option<NonZeroUsize>,
}

impl ThreadArgs {
    /// The number of threads; the argument overrides the configuration.
    pub fn number(&self, config: &Config) -> usize {
        let number = self.threads.or(config.threads).or_else(|| thread::available_parallelism().ok());
        number.map_or(1, NonZeroUsize::get)
    }
}

/// By which edition of the life cycle jobs are judged.
#[derive(Clone, clap::Args)]
pub struct EditionArgs {
    /// The life cycle of 2021, the default, or 2026
    #[arg(long, value_name = "YEAR", value_parser = edition_parser(), hide_possible_values = true)]
    pub edition: Option<Edition>,
}

impl EditionArgs {
    /// The edition; the argument overrides the configuration.
    pub fn edition(&self, config: &Config) -> Edition {
        self.edition.or(config.edition).unwrap_or_default()
    }
}

/// The names of the editions.
pub fn edition_parser() -> impl TypedValueParser<Value = Edition> {
    let names = Edition::ALL.iter().map(<&str>::from);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Edition>())
}

/// How records are read.
#[derive(Clone, clap::Args)]
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
    /// Use this file, not cardsavr.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Ignore cardsavr.toml
    #[arg(long)]
    pub no_config: bool,
}

impl ReadingArgs {
    /// The configuration: the named file, or the nearest `cardsavr.toml`.
    pub fn config(&self) -> Result<Config, ConfigError> {
        match (&self.config, self.no_config) {
            (Some(file), _) => Config::read(file),
            (None, true) => Ok(Config::default()),
            // Without a working directory there is no file to find.
            (None, false) => std::env::current_dir()
                .map_or_else(|_| Ok(Config::default()), |directory| Config::find(&directory)),
        }
    }

    /// How records are read; arguments override the configuration.
    pub fn reading(&self, config: &Config) -> Reading {
        Reading {
            message: self.message_pointer.clone().or_else(|| config.message_pointer.clone()),
            time: self.time_pointer.clone().or_else(|| config.time_pointer.clone()),
            max_record_bytes: self.max_record_bytes.or(config.max_record_bytes).unwrap_or(MAX_BYTES),
            max_depth: self.max_depth.or(config.max_depth).unwrap_or(MAX_DEPTH),
        }
    }
}

/// How several logs are merged into one.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Merge {
    Order,
    Time,
}

/// Parses a job id: digits as a number, any other text as itself.
pub fn job_id() -> impl TypedValueParser<Value = JobId> {
    NonEmptyStringValueParser::new().map(JobId::from).map(|id| id.number().map_or(id, JobId::Number))
}
