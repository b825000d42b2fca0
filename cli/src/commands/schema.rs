//! `cardsavr schema`: the JSON Schemas, printed or as files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use cardsavr_protocol::export::schema::{self, Contract, Document, Draft};

use super::{Failure, Verdict, args, refused, unknown};

pub fn run(args: &args::Schema) -> Result<Verdict, Failure> {
    let Some(name) = &args.name else {
        if args.draft.is_some() || args.accepted {
            return Err(refused("--draft and --accepted are for one schema: give its name"));
        }
        match &args.out {
            Some(directory) => schema::layout().try_for_each(|(path, text)| write(directory, &path, &text)),
            None => list(),
        }?;
        return Ok(Verdict::Clean);
    };
    let Some(document) = Document::named(name) else {
        let known = Document::all().iter().map(|document| document.name);
        return Err(unknown("schema", name, known));
    };
    if args.accepted && !document.is_read {
        return Err(refused(format_args!("--accepted is for what is read, and {name} is only written")));
    }
    let text = text(document, args)?;
    match &args.out {
        Some(directory) => write(directory, &format!("{name}.schema.json"), &text)?,
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(Verdict::Clean)
}

fn list() -> io::Result<()> {
    let mut output = io::stdout().lock();
    Document::all().iter().try_for_each(|document| writeln!(output, "{:24}{}", document.name, document.about))
}

fn text(document: &Document, args: &args::Schema) -> io::Result<String> {
    let contract = if args.accepted { Contract::Accepted } else { Contract::Emitted };
    let draft = match args.draft {
        None | Some(args::Draft::V2020_12) => Draft::V2020_12,
        Some(args::Draft::V7) => Draft::V7,
    };
    Ok(serde_json::to_string_pretty(&document.schema(contract, draft))? + "\n")
}

fn write(directory: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap_or(directory))
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
