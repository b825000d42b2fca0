//! `cardsavr stats`: how often, how long, and how it ended.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};
use serde::Serialize;

use crate::commands::args::{self, StatsFormat};
use crate::commands::{Failure, Verdict, check, refused};
use crate::input::files::{self, Input};
use crate::input::progress::Progress;
use crate::pipeline::baseline::Filter;
use crate::pipeline::history::Figures;
use crate::pipeline::output::{Observed, Output};
use crate::report::stats::row::{self, Row};
use crate::report::stats::table;

pub fn run(args: &args::Stats) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let to: Box<dyn Write> = match args.format {
        StatsFormat::Human => Box::new(anstream::stdout().lock()),
        StatsFormat::Csv | StatsFormat::Json => Box::new(io::stdout().lock()),
    };
    let output = Stats { format: args.format, figures: Figures::default(), to: BufWriter::new(to) };
    let inputs = files::find(&args.logs);
    let reading = args.reading.reading(&config);
    let output = Filter::new(Box::new(output), None);
    let order = args.order.order().map_err(refused)?;
    let progress = Progress::through(inputs.iter().flatten().map(Input::size));
    let verdict = check::judge(inputs, &reading, &order, config.settings(), &args.job, output, &progress)?;
    // Whether the log conforms is for `check` to say.
    Ok(if verdict == Verdict::Faulty { Verdict::Clean } else { verdict })
}

struct Stats {
    format: StatsFormat,
    figures: Figures,
    to: BufWriter<Box<dyn Write>>,
}

/// All that is counted, as JSON.
#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    has_times: bool,
    jobs: u64,
    unterminated: u64,
    messages: u64,
    rows: &'d [Row],
}

impl Output for Stats {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, seen: &Observed<'_>) {
        self.figures.observe(seen);
    }

    fn finding(&mut self, _: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.figures.finish();
        let rows = row::all(&self.figures);
        let totals = &summary.totals;
        match self.format {
            StatsFormat::Human => table::print(&rows, self.figures.has_times, totals, &mut self.to)?,
            StatsFormat::Csv => {
                writeln!(self.to, "{}", row::HEADER)?;
                rows.iter().try_for_each(|row| writeln!(self.to, "{}", row.csv()))?;
            }
            StatsFormat::Json => {
                let document = Document {
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
