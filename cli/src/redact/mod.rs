//! `cardsavr redact`: a log that may be shown, and that a check finds the same in.

mod pseudonym;
mod rewrite;
mod role;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use crate::inputs::{self, Input, InputError};
use crate::log::Reading;
use crate::records::{Record, Unreadable};
use crate::{Verdict, args, complain};

use self::pseudonym::Pseudonyms;
use self::rewrite::Rewriter;

/// What stands for a record that is not JSON: it is none either, and begins where reading goes on after another one.
const NO_JSON: &str = "{redacted: this was not JSON";

pub fn run(args: &args::Redact) -> io::Result<Verdict> {
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
    let redactor = Redactor::new(&reading, &pseudonyms);
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

/// Why a log was not copied to its end.
pub enum Stopped {
    /// It can't be read on.
    Input(io::Error),
    /// The copy can't be written.
    Output(io::Error),
}

/// Copies logs.
pub struct Redactor<'r> {
    reading: &'r Reading,
    rewriter: Rewriter<'r>,
}

impl<'r> Redactor<'r> {
    pub fn new(reading: &'r Reading, pseudonyms: &'r Pseudonyms) -> Self {
        let rewriter = Rewriter::new(pseudonyms, reading.message.as_ref(), reading.time.as_ref());
        Self { reading, rewriter }
    }

    /// Copies a log, each record to the line that it begins in. An array that is larger than a record may be is taken
    /// apart, as a check does it: its elements are records by themselves.
    pub fn copy(&self, input: impl Read, to: &mut impl Write) -> Result<(), Stopped> {
        let mut records = self.reading.records(input);
        let mut line = 1;
        let mut is_line_empty = true;
        let result = loop {
            let record = match records.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break Ok(()),
                Err(error) => break Err(Stopped::Input(error)),
            };
            let breaks = record.place.line.saturating_sub(line);
            let text = self.stand_in(&record);
            let before = if breaks == 0 && !is_line_empty { " " } else { "" };
            write_breaks(to, breaks).and_then(|()| write!(to, "{before}{text}")).map_err(Stopped::Output)?;
            line += breaks + memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
            is_line_empty = false;
        };
        if !is_line_empty {
            writeln!(to).map_err(Stopped::Output)?;
        }
        result
    }

    /// What stands for a record: for one that a check finds a fault in, something with the same fault.
    fn stand_in(&self, record: &Record<'_>) -> String {
        match record.text {
            Ok(text) => self.rewriter.rewrite(text),
            Err(Unreadable::NotJson { .. } | Unreadable::NotUtf8(_) | Unreadable::Utf16) => NO_JSON.into(),
            Err(Unreadable::TooDeep(_) | Unreadable::TooLarge(_)) => self.too_large(),
        }
    }

    /// The smallest record that is too large: one that is nested too deeply, or a long text.
    fn too_large(&self) -> String {
        let Reading { max_record_bytes, max_depth, .. } = *self.reading;
        // An array would be read element by element.
        let (open, inmost, close) = ("{\"\":", "{}", "}");
        if max_depth < max_record_bytes / (open.len() + close.len()) {
            return open.repeat(max_depth) + inmost + &close.repeat(max_depth);
        }
        format!("\"{}\"", "x".repeat(max_record_bytes))
    }
}

fn write_breaks(to: &mut impl Write, breaks: u64) -> io::Result<()> {
    (0..breaks).try_for_each(|_| to.write_all(b"\n"))
}

#[cfg(test)]
mod tests;
