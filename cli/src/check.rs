//! `cardsavr check`: the inputs one after another, as one log.

use std::io;
use std::time::Duration;

use cardsavr_protocol::Limits;
use cardsavr_protocol::conformance::{Checker, ReportInput, Settings, Severities, Severity, Summary};

use same_file::Handle;

use crate::args;
use crate::inputs::{self, Input, InputError};
use crate::interrupt::{Inputs, Interrupted};
use crate::judge::Judge;
use crate::log::{self, Reading, Stopped};
use crate::output;
use crate::{Verdict, complain};

pub fn run(args: &args::Check, severities: &Severities) -> io::Result<Verdict> {
    let reading = args.reading.reading();
    let settings = Settings {
        limits: Limits { message_retention: Duration::from_secs(args.retention), ..Limits::default() },
        severities: severities.clone(),
        max_ended_jobs: args.max_ended_jobs,
        ..Settings::default()
    };
    let found = inputs::find(&args.logs);
    let is_input = |file: &Handle| found.iter().flatten().any(|input| input.is(file));
    let mut output = match output::open(args.targets(), is_input, args.max_findings) {
        Ok(output) => output,
        Err(error) => {
            complain(error);
            return Ok(Verdict::Failed);
        }
    };
    let inputs = Inputs::new();
    let mut checker = Checker::new(settings);
    let mut judge = Judge::new(&mut checker, &mut *output).only(&args.job);
    let mut read: Vec<ReportInput> = Vec::new();
    let mut has_failed = false;

    for input in found {
        let result = input.and_then(|input| check_input(&reading, &input, &inputs, read.len(), &mut judge));
        match result {
            Ok(Ok(input)) => read.push(input),
            Ok(Err(Stopped::Output(error))) => {
                return broken_off(error, verdict(judge.found(Severity::Error), has_failed));
            }
            Ok(Err(Stopped::Input(input, error))) => {
                has_failed = true;
                complain(format_args!("{}: {error}; what was read until then is in the report", input.file));
                read.push(input);
                if Interrupted::is(&error) {
                    break;
                }
            }
            Err(error) => {
                has_failed = true;
                complain(error);
            }
        }
    }

    let errors = judge.found(Severity::Error);
    if !inputs.is_interrupted() {
        for job in judge.missing_jobs() {
            has_failed = true;
            complain(format_args!("job {job} is in no input"));
        }
    }
    let totals = if inputs.is_interrupted() {
        Ok(checker.stop())
    } else {
        checker.finish_each(|finding| {
            let file = read.get(finding.position.input as usize).map_or("", |input| &input.file);
            output.finding(&finding, file, None)
        })
    };
    let totals = match totals {
        Ok(totals) => totals,
        Err(error) => return broken_off(error, verdict(errors, has_failed)),
    };
    let verdict = if inputs.is_interrupted() {
        Verdict::Interrupted
    } else {
        verdict(totals.of(Severity::Error), has_failed)
    };
    match output.finish(&Summary::new(read, totals)) {
        Ok(()) => Ok(verdict),
        Err(error) => broken_off(error, verdict),
    }
}

/// How a run ends that found so many errors.
fn verdict(errors: u64, has_failed: bool) -> Verdict {
    match errors {
        _ if has_failed => Verdict::Failed,
        0 => Verdict::Clean,
        _ => Verdict::Faulty,
    }
}

/// Whoever read the report may have read enough: `cardsavr check log | head`. What was found until then counts.
fn broken_off(error: io::Error, verdict: Verdict) -> io::Result<Verdict> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(verdict) } else { Err(error) }
}

fn check_input(
    reading: &Reading,
    input: &Input,
    inputs: &Inputs,
    index: usize,
    judge: &mut Judge<'_>,
) -> Result<Result<ReportInput, Stopped>, InputError> {
    let name = input.name();
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let chunks = match input {
        Input::Stdin => {
            crate::inputs::announce_stdin();
            inputs.stdin()
        }
        Input::File(path) => inputs.file(inputs::open(path)?),
    };
    Ok(log::check(reading, chunks, &name, index, judge))
}
