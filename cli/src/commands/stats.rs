//! `cardsavr stats`: the counts and durations of the jobs in a log.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::{EventRef, JobId};
use clap::ValueEnum;
use serde::Serialize;

use super::args::{LogArgs, job_id};
use super::outcome::{Failure, Verdict, refused};
use crate::pipeline::history::Figures;
use crate::pipeline::output::Output;
use crate::report::stats::job_row::{self, JobRows};
use crate::report::stats::row::{self, Row};
use crate::report::stats::table;
use crate::text::write_json;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr stats poll.jsonl
  cardsavr stats --output stats.csv logs/
  cardsavr stats --jobs --output jobs.csv logs/      a row a job
  cardsavr stats --message-pointer /payload --time-pointer /ts app.log

Durations need times in the records. Medians and 95th percentiles are accurate to 1/128. Statuses are counted from \
messages, without heartbeats and snapshots; the duration of a job needs both its start and its end.

Exit status: 0, or 2 for bad usage or input, 130 interrupted.")]
pub struct Args {
    /// Count only this job; repeatable
    #[arg(long, value_name = "ID", value_parser = job_id())]
    pub job: Vec<JobId>,
    /// The format: human, csv, json, jsonl [default: by the file, or human]
    #[arg(long, hide_possible_values = true)]
    pub format: Option<Format>,
    /// Write to FILE, whose extension tells the format
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A row for each job: times, end, waits, retries, findings; csv or jsonl
    #[arg(long)]
    pub jobs: bool,
    #[command(flatten)]
    pub logs: LogArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Csv,
    Json,
    Jsonl,
}

impl Format {
    /// The format of a file, by its extension.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "txt" => Some(Self::Human),
            _ => None,
        }
    }
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    let by_file = args.output.as_deref().and_then(Format::of);
    let format = args.format.or(by_file).unwrap_or(if args.jobs { Format::Csv } else { Format::Human });
    match (args.jobs, format) {
        (true, Format::Human | Format::Json) => {
            return Err(refused("--jobs has the formats csv and jsonl"));
        }
        (false, Format::Jsonl) => {
            return Err(refused("jsonl is a format of --jobs; expected human, csv or json"));
        }
        _ => {}
    }
    let to: Box<dyn Write> = match (&args.output, format) {
        (Some(path), _) => {
            args.logs.refuse_input(path)?;
            let file = File::create(path);
            let file = file.map_err(|error| refused(format_args!("{}: {error}", path.display())))?;
            let file: Box<dyn Write> = Box::new(file);
            Box::new(anstream::StripStream::new(file))
        }
        (None, Format::Human) => Box::new(anstream::stdout().lock()),
        (None, _) => Box::new(io::stdout().lock()),
    };
    let to = BufWriter::new(to);
    if args.jobs {
        let output = JobsOutput { is_csv: format == Format::Csv, jobs: JobRows::default(), to };
        return args.logs.observe(&args.job, output);
    }
    args.logs.observe(&args.job, StatsOutput { format, figures: Figures::default(), to })
}

/// A row for each job.
struct JobsOutput {
    is_csv: bool,
    jobs: JobRows,
    to: BufWriter<Box<dyn Write>>,
}

impl Output for JobsOutput {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.jobs.observe(event);
    }

    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        self.jobs.finding(finding);
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        if self.is_csv {
            writeln!(self.to, "{}", job_row::HEADER)?;
        }
        for row in self.jobs.rows() {
            if self.is_csv {
                writeln!(self.to, "{}", row.csv())?;
            } else {
                write_json(&mut self.to, &row)?;
                writeln!(self.to)?;
            }
        }
        self.to.flush()
    }
}

struct StatsOutput {
    format: Format,
    figures: Figures,
    to: BufWriter<Box<dyn Write>>,
}

/// The statistics as a JSON document.
#[derive(Serialize)]
struct StatsDocument<'d> {
    version: u32,
    has_times: bool,
    jobs: u64,
    unterminated: u64,
    messages: u64,
    rows: &'d [Row],
}

impl Output for StatsOutput {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.figures.observe(event);
    }

    fn finding(&mut self, _: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.figures.finish();
        let rows = row::all(&self.figures);
        let totals = &summary.totals;
        match self.format {
            Format::Human => table::print(&rows, self.figures.has_times, totals, &mut self.to)?,
            Format::Csv => {
                writeln!(self.to, "{}", row::HEADER)?;
                rows.iter().try_for_each(|row| writeln!(self.to, "{}", row.csv()))?;
            }
            Format::Json | Format::Jsonl => {
                let document = StatsDocument {
                    version: 1,
                    has_times: self.figures.has_times,
                    jobs: totals.jobs,
                    unterminated: totals.unterminated,
                    messages: totals.messages,
                    rows: &rows,
                };
                serde_json::to_writer(&mut self.to, &document)?;
                writeln!(self.to)?;
            }
        }
        self.to.flush()
    }
}
