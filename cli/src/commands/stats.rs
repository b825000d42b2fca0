//! `cardsavr stats`: the counts and durations of the jobs in a log.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::{EventRef, JobId};
use clap::ValueEnum;
use serde::Serialize;

use super::args::{LogArgs, job_id};
use super::outcome::{Failure, Verdict};
use crate::pipeline::history::Figures;
use crate::pipeline::output::Output;
use crate::report::stats::row::{self, Row};
use crate::report::stats::table;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr stats poll.jsonl
  cardsavr stats --format csv logs/ > stats.csv
  cardsavr stats --message-pointer /payload --time-pointer /ts app.log

Durations are computed from the times of the records; without times, only counts are printed. Medians and 95th \
percentiles are accurate to 1/128. Statuses are counted from messages, without heartbeats and snapshots; the duration of \
a job is measured if the log has both its start and its end.

Exit status: 0, or 2 for bad usage or input, 130 interrupted.")]
pub struct Args {
    /// Count only this job; repeatable
    #[arg(long, value_name = "ID", value_parser = job_id())]
    pub job: Vec<JobId>,
    /// The output format: human, csv, json
    #[arg(long, default_value = "human", hide_possible_values = true)]
    pub format: Format,
    #[command(flatten)]
    pub logs: LogArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Csv,
    Json,
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    let to: Box<dyn Write> = match args.format {
        Format::Human => Box::new(anstream::stdout().lock()),
        Format::Csv | Format::Json => Box::new(io::stdout().lock()),
    };
    let output = StatsOutput { format: args.format, figures: Figures::default(), to: BufWriter::new(to) };
    args.logs.observe(&args.job, output)
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
            Format::Json => {
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
