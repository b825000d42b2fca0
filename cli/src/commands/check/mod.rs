//! `cardsavr check`: all inputs as one log.

mod read;

use std::io;
use std::path::PathBuf;

use cardsavr_protocol::conformance::{Checker, Level, Selector, Settings, Severity, Summary};
use cardsavr_protocol::wire::JobId;
use same_file::Handle;

use self::read::Read;
use crate::commands::args;
use crate::commands::{Failure, Verdict, refused};
use crate::input::files::{self, Input, InputError};
use crate::input::interrupt::Inputs;
use crate::input::progress::Progress;
use crate::pipeline::baseline::Filter;
use crate::pipeline::entries::Reading;
use crate::pipeline::judge::Judge;
use crate::pipeline::merge::Order;
use crate::pipeline::output::Output;
use crate::report;
use crate::text::complain;

pub fn run(args: &args::Check, levels: Vec<(Level, Selector)>) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let reading = args.reading.reading(&config);
    let order = args.order.order().map_err(refused)?;
    let baseline = args.baseline(&config).map_err(refused)?;
    let mut found = files::find(&args.logs);
    // In a directory of logs, it is none of them.
    if let Some(file) = baseline.as_ref().and_then(|baseline| Handle::from_path(baseline.path()).ok()) {
        found.retain(|input| !input.as_ref().is_ok_and(|input| input.is(&file)));
    }
    let others: Vec<PathBuf> =
        baseline.iter().map(|baseline| baseline.path().to_owned()).chain(config.file.clone()).collect();
    let is_taken = |file: &Handle| {
        let is_other = |path: &PathBuf| Handle::from_path(path).is_ok_and(|other| other == *file);
        found.iter().flatten().any(|input| input.is(file)) || others.iter().any(is_other)
    };
    let progress = if args.quiet {
        Progress::quiet()
    } else {
        Progress::through(found.iter().flatten().map(Input::size))
    };
    let output = report::open(args.targets(), is_taken, args.shown(&config), &progress).map_err(refused)?;
    let output = Filter::new(output, baseline);
    Ok(judge(found, &reading, &order, args.settings(&config, levels), &args.job, output, &progress)?)
}

/// Judges the inputs as one log, and has an output see and say what it asks for.
pub fn judge(
    found: Vec<Result<Input, InputError>>,
    reading: &Reading,
    order: &Order,
    settings: Settings,
    jobs: &[JobId<'static>],
    mut output: Filter,
    progress: &Progress,
) -> io::Result<Verdict> {
    let inputs = Inputs::new(progress.clone());
    let mut checker = Checker::new(settings);
    let mut judge = Judge::new(&mut checker, &mut output).only(jobs);
    let mut read = Read { progress: progress.clone(), ..Read::default() };
    let result = if order.is_as_given() {
        read.one_after_another(found, reading, &inputs, &mut judge)
    } else {
        read.in_order(found, reading, order, &inputs, &mut judge)
    };
    progress.end();
    let errors = judge.found(Severity::Error);
    let missing: Vec<_> = judge.missing_jobs().cloned().collect();
    let errors = errors - output.hidden(Severity::Error);
    if let Err(error) = result {
        return broken_off(error, verdict(errors, read.has_failed));
    }

    if !inputs.is_interrupted() {
        for job in missing {
            read.has_failed = true;
            complain(format_args!("job {job} is in no input"));
        }
    }
    let totals = if inputs.is_interrupted() {
        Ok(checker.stop())
    } else {
        checker.finish_each(|finding| output.finding(&finding, read.file(finding.position.input), None))
    };
    let mut totals = match totals {
        Ok(totals) => totals,
        Err(error) => return broken_off(error, verdict(errors, read.has_failed)),
    };
    output.uncount(&mut totals);
    let is_whole = !read.has_failed && !inputs.is_interrupted();
    match output.write(is_whole) {
        Ok(Some((path, known))) if !progress.is_quiet() => {
            complain(format_args!("{}: {known} findings are known from now on", path.display()));
        }
        Ok(_) => {}
        Err(error) => {
            read.has_failed = true;
            complain(error);
        }
    }
    let verdict = if inputs.is_interrupted() {
        Verdict::Interrupted
    } else {
        verdict(totals.of(Severity::Error), read.has_failed)
    };
    let mut summary = Summary::new(read.inputs, totals);
    summary.duplicates = read.duplicates;
    // Of other jobs than those that were asked for, nobody knows.
    summary.baseline = output.report(is_whole && jobs.is_empty());
    output.exits_with(verdict.status());
    match output.finish(&summary) {
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
