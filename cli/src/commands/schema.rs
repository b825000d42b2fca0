//! `cardsavr schema`: the JSON Schemas, printed or as files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use cardsavr_protocol::export::schema::{self, Contract, Document, Draft};

use super::{Failure, Verdict, args, refused, unknown};

pub fn run(args: &args::Schema) -> Result<Verdict, Failure> {
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

fn one(name: &str, args: &args::Schema) -> Result<(), Failure> {
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
