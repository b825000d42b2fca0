//! `cardsavr schema`: the JSON Schemas, printed or as files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use cardsavr_protocol::schema::{Contract, Document, Draft};

use crate::{Verdict, args, nearest};

pub fn run(args: &args::Schema) -> io::Result<Verdict> {
    let wanted = match args.name.as_deref() {
        None => Document::all(),
        Some(name) => {
            let Some(document) = Document::named(name) else {
                let known = Document::all().iter().map(|document| document.name);
                return Ok(nearest::unknown("schema", name, known));
            };
            std::slice::from_ref(document)
        }
    };
    let mut output = io::stdout().lock();
    match (&args.out, &args.name) {
        (Some(directory), _) => wanted.iter().try_for_each(|document| write(directory, document, args))?,
        (None, Some(_)) => {
            wanted.iter().try_for_each(|document| output.write_all(text(document, args)?.as_bytes()))?;
        }
        (None, None) => {
            wanted
                .iter()
                .try_for_each(|document| writeln!(output, "{:24}{}", document.name, document.about))?;
        }
    }
    Ok(Verdict::Clean)
}

fn text(document: &Document, args: &args::Schema) -> io::Result<String> {
    let contract = if args.accepted { Contract::Accepted } else { Contract::Emitted };
    let draft = match args.draft {
        args::Draft::V2020_12 => Draft::V2020_12,
        args::Draft::V7 => Draft::V7,
    };
    Ok(serde_json::to_string_pretty(&document.schema(contract, draft))? + "\n")
}

fn write(directory: &Path, document: &Document, args: &args::Schema) -> io::Result<()> {
    let path = directory.join(format!("{}.schema.json", document.name));
    let text = text(document, args)?;
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
