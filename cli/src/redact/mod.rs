//! `cardsavr redact`: a log that may be shown, and that a check finds the same in.

mod copy;
mod pseudonym;
mod rewrite;
mod role;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use crate::inputs::{self, Input, InputError};
use crate::{Verdict, args, complain};

pub use self::copy::{Redactor, Stopped};
pub use self::pseudonym::Pseudonyms;

pub(crate) fn run(args: &args::Redact) -> io::Result<Verdict> {
    let mut random = [0; 32];
    if let (None, Err(error)) = (&args.key, getrandom::fill(&mut random)) {
        complain(format_args!("there is no random key to be had: {error}; give one with --key"));
        return Ok(Verdict::Failed);
    }
    let pseudonyms = Pseudonyms::new(args.key.as_ref().map_or(&random[..], |key| key.as_bytes()));
    let inputs = inputs::find(&args.logs);
    let mut output: Box<dyn Write> = match &args.output {
        None => Box::new(BufWriter::new(io::stdout().lock())),
        Some(path) if inputs.iter().flatten().any(|input| is_same_file(input, path)) => {
            complain(format_args!("{}: this is one of the logs", path.display()));
            return Ok(Verdict::Failed);
        }
        Some(path) => match File::create(path) {
            Ok(file) => Box::new(BufWriter::new(file)),
            Err(error) => {
                complain(format_args!("{}: {error}", path.display()));
                return Ok(Verdict::Failed);
            }
        },
    };

    let reading = args.reading.reading();
    let mut redactor = Redactor::new(&reading, &pseudonyms);
    let mut verdict = Verdict::Clean;
    for input in inputs {
        match input.and_then(|input| open(&input).map(|opened| (input, opened))) {
            Ok((input, opened)) => match redactor.copy(opened, &mut output) {
                Ok(()) => {}
                Err(Stopped::Output(error)) => return Err(error),
                Err(Stopped::Input(error)) => {
                    verdict = Verdict::Failed;
                    complain(format_args!("{}: {error}; what was read until then is copied", input.name()));
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
            inputs::announce_stdin();
            Box::new(io::stdin().lock())
        }
        Input::File(path) => Box::new(inputs::open(path)?),
    })
}

fn is_same_file(input: &Input, path: &Path) -> bool {
    let Input::File(input) = input else { return false };
    matches!((fs::canonicalize(input), fs::canonicalize(path)), (Ok(input), Ok(output)) if input == output)
}

#[cfg(test)]
mod tests;
