//! `cardsavr schema`: the JSON Schemas, printed or as files.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardsavr_protocol::export::schema::{self, Contract, Document, Draft};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::outcome::{Failure, Verdict, refused, unknown};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr schema                             list the schemas
  cardsavr schema job_status                  what this version writes
  cardsavr schema job_status --accepted       what it reads: other spellings, null for absent
  cardsavr schema messages --draft 7          for generators that read no newer draft
  cardsavr schema --out schemas/              all schemas, the life cycle and OpenAPI, as files
  cardsavr schema --draft 7 --out draft-07/   all schemas in Draft 7, as files

Exit status: 0, or 2 for bad usage or if a file can't be written.")]
pub struct Args {
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

fn draft_parser() -> impl TypedValueParser<Value = Draft> {
    PossibleValuesParser::new(["2020-12", "7"])
        .map(|name| if name == "7" { Draft::V7 } else { Draft::V2020_12 })
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    match (&args.name, &args.out) {
        (Some(name), _) => one(name, args)?,
        (None, _) if args.accepted => return Err(refused("--accepted needs the name of a schema")),
        (None, Some(directory)) => all(directory, args.draft)?,
        (None, None) if args.draft.is_some() => {
            return Err(refused("--draft needs the name of a schema, or --out DIR for all of them"));
        }
        (None, None) => list()?,
    }
    Ok(Verdict::Clean)
}

fn one(name: &str, args: &Args) -> Result<(), Failure> {
    let Some(document) = Document::named(name) else {
        return Err(unknown("schema", name, Document::all().iter().map(|document| document.name)));
    };
    if args.accepted && !document.is_read {
        return Err(refused(format_args!("--accepted is for what is read, and {name} is only written")));
    }
    let contract = if args.accepted { Contract::Accepted } else { Contract::Emitted };
    let text = schema::text(&document.schema(contract, args.draft.unwrap_or(Draft::V2020_12)));
    match &args.out {
        Some(directory) => write(directory, &format!("{name}.schema.json"), &text)?,
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(())
}

/// Writes all schemas in one draft. The life cycle and `OpenAPI` documents come with draft 2020-12, the one they use.
fn all(directory: &Path, draft: Option<Draft>) -> io::Result<()> {
    match draft {
        Some(Draft::V7) => schema::files(Draft::V7)
            .try_for_each(|(path, schema)| write(directory, &path, &schema::text(&schema))),
        _ => schema::layout().try_for_each(|(path, text)| write(directory, &path, &text)),
    }
}

fn list() -> io::Result<()> {
    let mut output = io::stdout().lock();
    Document::all().iter().try_for_each(|document| writeln!(output, "{:24}{}", document.name, document.about))
}

fn write(directory: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap_or(directory))
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
