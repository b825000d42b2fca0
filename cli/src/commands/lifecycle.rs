//! `cardsavr lifecycle`: the machine as data, as a picture, or as a machine for another tool.

use std::io::{self, Write};

use cardsavr_protocol::Lifecycle;
use cardsavr_protocol::export::diagram::{self, Ends};

use crate::commands::args::{self, LifecycleFormat, Table};
use crate::commands::{Failure, Verdict, refused};

pub fn run(args: &args::Lifecycle) -> Result<Verdict, Failure> {
    // What would change nothing was meant for another format.
    if args.group_ends && !matches!(args.format, LifecycleFormat::Mermaid | LifecycleFormat::Dot) {
        return Err(refused("--group-ends is for the formats mermaid and dot"));
    }
    if args.table.is_some() && args.format != LifecycleFormat::Csv {
        return Err(refused("--table is for the format csv"));
    }
    let ends = if args.group_ends { Ends::Grouped } else { Ends::Each };
    let text = match args.format {
        LifecycleFormat::Json => {
            serde_json::to_string_pretty(&Lifecycle::new()).map_err(io::Error::from)? + "\n"
        }
        LifecycleFormat::Mermaid => diagram::mermaid(ends),
        LifecycleFormat::Dot => diagram::dot(ends),
        LifecycleFormat::Xstate => diagram::xstate(),
        LifecycleFormat::Scxml => diagram::scxml(),
        LifecycleFormat::Csv => match args.table.unwrap_or_default() {
            Table::Statuses => diagram::statuses_csv(),
            Table::Transitions => diagram::transitions_csv(),
        },
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Verdict::Clean)
}
