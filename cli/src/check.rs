//! `cardsavr check`: the inputs one after another, as one log.

use std::fs::File;
use std::io;

use cardsavr_protocol::Limits;
use cardsavr_protocol::conformance::{self, Checker, Settings, Severities, Severity, Summary};

use crate::args;
use crate::inputs::{self, Input, InputError};
use crate::log::{self, Interrupted, Reading};
use crate::output::{self, Output};
use crate::{Verdict, complain};

pub fn run(args: &args::Check, severities: &Severities) -> io::Result<Verdict> {
    let reading = Reading {
        message: args.message_pointer.clone(),
        time: args.time_pointer.clone(),
        max_record_bytes: args.max_record_bytes,
    };
    let settings = Settings { limits: Limits::default(), severities: severities.clone() };
    let mut checker = Checker::new(settings);
    let mut output = output::new(args.format);
    let mut read: Vec<conformance::Input> = Vec::new();
    let mut has_failed = false;

    for input in inputs::find(&args.logs) {
        let result =
            input.and_then(|input| check_input(&reading, &input, read.len(), &mut checker, &mut *output));
        match result {
            Ok(Ok(input)) => read.push(input),
            Ok(Err(Interrupted::Output(error))) => return Err(error),
            Ok(Err(Interrupted::Input(input, error))) => {
                has_failed = true;
                complain(format_args!("{}: {error}; what was read until then is in the report", input.file));
                read.push(input);
            }
            Err(error) => {
                has_failed = true;
                complain(error);
            }
        }
    }

    let mut findings = Vec::new();
    let totals = checker.finish(&mut findings);
    for finding in findings {
        let file = read.get(finding.position.input as usize).map_or("", |input| &input.file);
        output.finding(&finding, file, None)?;
    }
    let verdict = match totals.of(Severity::Error) {
        _ if has_failed => Verdict::Failed,
        0 => Verdict::Clean,
        _ => Verdict::Faulty,
    };
    let records = read.iter().map(|input| input.records).sum();
    output.finish(&Summary { version: 1, inputs: read, records, totals })?;
    Ok(verdict)
}

fn check_input(
    reading: &Reading,
    input: &Input,
    index: usize,
    checker: &mut Checker,
    output: &mut dyn Output,
) -> Result<Result<conformance::Input, Interrupted>, InputError> {
    let name = input.name();
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    Ok(match input {
        Input::Stdin => log::check(reading, io::stdin().lock(), &name, index, checker, output),
        Input::File(path) => {
            let file = File::open(path).map_err(|error| InputError::File(path.clone(), error))?;
            log::check(reading, file, &name, index, checker, output)
        }
    })
}
