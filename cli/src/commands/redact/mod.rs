//! `cardsavr redact`: copies a log without its secrets, so that a check finds the same in the copy.

mod copy;
mod pseudonym;
mod rewrite;
mod role;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use same_file::Handle;

use super::args::ReadingArgs;
use super::outcome::{Failure, Verdict, refused};
use crate::input::decompress::Decompressed;
use crate::input::files::{self, Input, InputError};
use crate::input::find::find;
use crate::text::complain;

pub use self::copy::{CopyError, Redactor};
pub use self::pseudonym::Pseudonyms;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr redact poll.jsonl > shared.jsonl       random pseudonyms
  cardsavr redact --key Zo4quei1 --output shared.jsonl monday.jsonl
  cardsavr redact --message-pointer /payload --time-pointer /ts app.log

The copy keeps the type, status and termination type of a message, its numbers defined by the protocol, numeric job \
ids, the times of records, and line numbers. Any other value, and any field name not defined by the protocol, becomes a \
pseudonym: equal values have equal pseudonyms, which are never longer than the value; the content of such a field is \
dropped. All texts of up to ten bytes have the same pseudonym, except ids, whose pseudonyms all differ. A record that is \
not JSON or too large is replaced by another such record. So a check with the same options has the same findings.

Anybody with the key can test guesses of the original values.

Exit status: 0, or 2 for bad usage or input, 130 interrupted.")]
pub struct Args {
    /// Files, patterns or directories, copied one after another; `-` or none for standard input
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Write the copy to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A text that determines the pseudonyms; without it, they differ from run to run
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub key: Option<String>,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let reading = args.reading.reading(&config);
    let mut random = [0; 32];
    if let (None, Err(error)) = (&args.key, getrandom::fill(&mut random)) {
        return Err(refused(format_args!("no random key is available: {error}; give a key with --key")));
    }
    let pseudonyms = Pseudonyms::new(args.key.as_ref().map_or(&random[..], |key| key.as_bytes()));
    let found = find(&args.logs);
    found.ignored().into_iter().for_each(complain);
    let inputs = found.inputs;
    let path = args.output.as_deref();
    let is_log = |to: &Handle| inputs.iter().flatten().any(|input| input.is(to));
    if regular_file(path).as_ref().is_some_and(is_log) {
        let name = path.map_or("standard output".into(), |path| path.display().to_string());
        return Err(refused(format_args!("{name}: this is one of the logs; write the copy to another file")));
    }
    let mut output: Box<dyn Write> = match path {
        None => Box::new(BufWriter::new(io::stdout().lock())),
        Some(path) => {
            let file = File::create(path);
            let file = file.map_err(|error| refused(format_args!("{}: {error}", path.display())))?;
            Box::new(BufWriter::new(file))
        }
    };

    let mut redactor = Redactor::new(&reading, &pseudonyms);
    let mut verdict = Verdict::Clean;
    for input in inputs {
        match input.and_then(|input| open(&input).map(|opened| (input, opened))) {
            Ok((input, opened)) => match redactor.copy(opened, &mut output) {
                Ok(()) => {}
                Err(CopyError::Output(error)) => return Err(error.into()),
                Err(CopyError::Input(error)) => {
                    verdict = Verdict::Failed;
                    complain(format_args!("{}: {error}; the copy has what was read before", input.name()));
                }
            },
            Err(error) => {
                verdict = Verdict::Failed;
                complain(error);
            }
        }
    }
    output.flush()?;
    Ok(verdict)
}

fn open(input: &Input) -> Result<Box<dyn Read>, InputError> {
    Ok(match input {
        Input::Stdin => {
            files::announce_stdin();
            Box::new(Decompressed::new(io::stdin().lock()))
        }
        Input::File(path) => Box::new(Decompressed::new(files::open(path)?)),
    })
}

/// The regular file that the copy would overwrite, named by a path or connected to standard output. Only a regular file can
/// be overwritten: a terminal may be input and output.
fn regular_file(path: Option<&Path>) -> Option<Handle> {
    let to = path.map_or_else(Handle::stdout, Handle::from_path).ok()?;
    to.as_file().metadata().is_ok_and(|metadata| metadata.is_file()).then_some(to)
}

#[cfg(test)]
mod tests;
