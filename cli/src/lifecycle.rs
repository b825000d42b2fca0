//! `cardsavr lifecycle`: the machine as data or as a picture.

use std::io::{self, Write};

use cardsavr_protocol::Lifecycle;
use cardsavr_protocol::diagram::{self, Ends};

use crate::Verdict;
use crate::args::{self, LifecycleFormat};

pub fn run(args: &args::Lifecycle) -> io::Result<Verdict> {
    let ends = if args.group_ends { Ends::Grouped } else { Ends::Each };
    let text = match args.format {
        LifecycleFormat::Json => serde_json::to_string_pretty(&Lifecycle::new())? + "\n",
        LifecycleFormat::Mermaid => diagram::mermaid(ends),
        LifecycleFormat::Dot => diagram::dot(ends),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Verdict::Clean)
}
