//! `cardsavr redact`: a log that may be shown, and that a check finds the same in.

mod copy;
mod pseudonym;
mod rewrite;
mod role;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use same_file::Handle;

use crate::commands::{Failure, Verdict, args, refused};
use crate::input::files::{self, Input, InputError};
use crate::input::unpacked::Unpacked;
use crate::text::complain;

pub use self::copy::{Redactor, Stopped};
pub use self::pseudonym::Pseudonyms;

pub(crate) fn run(args: &args::Redact) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let reading = args.reading.reading(&config);
    let mut random = [0; 32];
    if let (None, Err(error)) = (&args.key, getrandom::fill(&mut random)) {
        return Err(refused(format_args!("there is no random key to be had: {error}; give one with --key")));
    }
    let pseudonyms = Pseudonyms::new(args.key.as_ref().map_or(&random[..], |key| key.as_bytes()));
    let inputs = files::find(&args.logs);
    let place = args.output.as_deref();
    let is_log = |to: &Handle| inputs.iter().flatten().any(|input| input.is(to));
    if regular_file(place).as_ref().is_some_and(is_log) {
        let name = place.map_or("standard output".into(), |path| path.display().to_string());
        return Err(refused(format_args!("{name}: this is one of the logs")));
    }
    let mut output: Box<dyn Write> = match place {
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
                Err(Stopped::Output(error)) => return Err(error.into()),
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
            files::announce_stdin();
            Box::new(Unpacked::new(io::stdin().lock()))
        }
        Input::File(path) => Box::new(Unpacked::new(files::open(path)?)),
    })
}

/// The file that the copy goes to, by a path or else through standard output, if it is there already. Only a regular file
/// is one that a log can be lost in: a terminal may well be both.
fn regular_file(path: Option<&Path>) -> Option<Handle> {
    let to = path.map_or_else(Handle::stdout, Handle::from_path).ok()?;
    to.as_file().metadata().is_ok_and(|metadata| metadata.is_file()).then_some(to)
}

#[cfg(test)]
mod tests;
