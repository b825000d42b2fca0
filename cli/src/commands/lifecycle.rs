//! `cardsavr lifecycle`: the state machine as data, as a diagram, or for another tool.

use std::io::{self, Write};

use cardsavr_protocol::export::diagram::{self, Ends};
use cardsavr_protocol::{Edition, Lifecycle};
use clap::ValueEnum;

use super::args::edition_parser;
use super::outcome::{Failure, Verdict, refused};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr lifecycle --format json | jq '.statuses[].status'
  cardsavr lifecycle --format csv --table statuses > statuses.csv
  cardsavr lifecycle --format svg > lifecycle.svg
  cardsavr lifecycle --format dot --group-ends | dot -Tpng > lifecycle.png

Exit status: 0, or 2 for bad usage.")]
pub struct Args {
    /// Data, a picture (svg), a diagram for Mermaid or Graphviz, a state machine for XState 5 or in W3C SCXML, or a table
    #[arg(long, default_value = "json")]
    pub format: Format,
    /// The edition, 2021 or 2026
    #[arg(long, value_name = "YEAR", value_parser = edition_parser(), hide_possible_values = true, default_value = "2021")]
    pub edition: Edition,
    /// In a diagram (mermaid or dot), draw the ends of one termination type as one node
    #[arg(long)]
    pub group_ends: bool,
    /// The table to print as CSV [default: transitions]
    #[arg(long)]
    pub table: Option<Table>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    Mermaid,
    Dot,
    Svg,
    Xstate,
    Scxml,
    Csv,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    Statuses,
    Transitions,
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    if args.group_ends && !matches!(args.format, Format::Mermaid | Format::Dot) {
        return Err(refused("--group-ends is for the formats mermaid and dot"));
    }
    if args.table.is_some() && args.format != Format::Csv {
        return Err(refused("--table is for the format csv"));
    }
    let edition = args.edition;
    let ends = if args.group_ends { Ends::Grouped } else { Ends::Each };
    let text = match args.format {
        Format::Json => {
            serde_json::to_string_pretty(&Lifecycle::of(edition)).map_err(io::Error::from)? + "\n"
        }
        Format::Mermaid => diagram::mermaid(edition, ends),
        Format::Dot => diagram::dot(edition, ends),
        Format::Svg => diagram::svg(edition),
        Format::Xstate => diagram::xstate(edition),
        Format::Scxml => diagram::scxml(edition),
        Format::Csv => match args.table {
            Some(Table::Statuses) => diagram::statuses_csv(edition),
            Some(Table::Transitions) | None => diagram::transitions_csv(edition),
        },
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Verdict::Clean)
}
