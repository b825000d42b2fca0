//! Runs the pipeline: reads the inputs, judges their messages, and prints the report.

use std::io;

use cardsavr_protocol::conformance::{Checker, ReportInput, Settings, Severity, Summary, Totals};
use cardsavr_protocol::wire::JobId;

use super::outcome::Verdict;
use crate::input::files::{self, Input, InputError};
use crate::input::interrupt::{Inputs, Interrupted};
use crate::input::pieces::Bytes;
use crate::input::progress::Progress;
use crate::pipeline::baseline::Filter;
use crate::pipeline::entries::Reading;
use crate::pipeline::judge::Judge;
use crate::pipeline::log::{self, Stopped};
use crate::pipeline::merge::{self, Merged, Order};
use crate::pipeline::output::Output;
use crate::text::{complain, count};

/// What is judged, and how.
pub struct Check<'c> {
    pub reading: &'c Reading,
    pub order: &'c Order,
    pub settings: Settings,
    /// The jobs to judge; all if there are none.
    pub jobs: &'c [JobId],
    /// Whether a log without any message is no failure.
    pub allow_empty: bool,
    /// What is beyond a threshold, by what was counted.
    pub breaches: &'c dyn Fn(&Totals) -> Vec<String>,
    pub threads: usize,
}

/// Judges the inputs as one log and prints the report. A log without any message is a failure, unless that is allowed.
///
/// # Errors
///
/// Those of the output. A closed reader is none: `cardsavr check log | head`.
pub fn judge(
    found: Vec<Result<Input, InputError>>,
    check: Check<'_>,
    mut output: Filter,
    progress: &Progress,
) -> io::Result<Verdict> {
    let Check { reading, order, settings, jobs, allow_empty, breaches, threads } = check;
    let inputs = Inputs::new(progress.clone());
    let mut checker = Checker::new(settings);
    // Threads judge the entries of a merge many at a time, which a log that is still written must not wait for.
    let may_wait = !order.is_as_given() && found.iter().flatten().any(|input| input.size().is_none());
    let threads = if may_wait { 1 } else { threads };
    let mut judge = Judge::new(&mut checker, &mut output).only(jobs).on_threads(threads);
    let mut read = ReadInputs { progress: progress.clone(), ..ReadInputs::default() };
    let result = if order.is_as_given() {
        read.one_after_another(found, reading, &inputs, &mut judge)
    } else {
        read.in_order(found, reading, order, &inputs, &mut judge)
    };
    let result = result.and_then(|()| judge.drain());
    progress.end();
    let errors = judge.errors();
    let missing: Vec<_> = judge.missing_jobs().cloned().collect();
    drop(judge);
    let errors = errors - output.hidden(Severity::Error);
    if let Err(error) = result {
        return broken_off(error, verdict(errors, read.has_failed));
    }

    if !inputs.is_interrupted() {
        for job in missing {
            read.has_failed = true;
            complain(format_args!("no input has job {job}"));
        }
    }
    // Of what is missing, no job is known to have no end.
    let totals = if inputs.is_interrupted() || read.is_cut {
        Ok(checker.stop())
    } else {
        checker.finish_each(|finding| output.finding(&finding, read.file(finding.position.input), None))
    };
    let mut totals = match totals {
        Ok(totals) => totals,
        Err(error) => return broken_off(error, verdict(errors, read.has_failed)),
    };
    if let Some(edition) = totals.unknown.edition().filter(|_| !progress.is_quiet()) {
        complain(format_args!(
            "statuses that the edition {} lacks are of the edition {edition}: check with --edition {edition}",
            totals.edition
        ));
    }
    output.uncount(&mut totals);
    if output.lacks_times() && totals.messages > 0 {
        read.has_failed = true;
        complain(
            "no record has a time for --since and --until: add an `at`, or name the time by --time-pointer",
        );
    }
    if totals.messages == 0 && totals.rules.is_empty() && !allow_empty && !inputs.is_interrupted() {
        read.is_empty();
    }
    let is_whole = !read.has_failed && !inputs.is_interrupted();
    match output.write(is_whole) {
        Ok(Some((path, known))) if !progress.is_quiet() => {
            complain(format_args!("{}: {known} findings written to the baseline", path.display()));
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
        let breaches = breaches(&totals);
        breaches.iter().for_each(complain);
        verdict(totals.of(Severity::Error) + breaches.len() as u64, read.has_failed)
    };
    let mut summary = Summary::new(read.inputs, totals);
    summary.duplicates = read.duplicates;
    // With selected jobs, the findings of other jobs are unknown.
    summary.baseline = output.report(is_whole && jobs.is_empty());
    output.exits_with(verdict.status());
    match output.finish(&summary) {
        Ok(()) => Ok(verdict),
        Err(error) => broken_off(error, verdict),
    }
}

/// The verdict for a number of errors.
fn verdict(errors: u64, has_failed: bool) -> Verdict {
    match errors {
        _ if has_failed => Verdict::Failed,
        0 => Verdict::Clean,
        _ => Verdict::Faulty,
    }
}

/// The verdict if the reader of the report has closed it; other errors are returned.
fn broken_off(error: io::Error, verdict: Verdict) -> io::Result<Verdict> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(verdict) } else { Err(error) }
}

/// The inputs read so far.
#[derive(Default)]
struct ReadInputs {
    inputs: Vec<ReportInput>,
    /// Whether an input could not be read, or not to its end.
    has_failed: bool,
    /// Whether one broke off.
    is_cut: bool,
    /// The number of messages skipped as duplicates; `None` unless duplicates are removed.
    duplicates: Option<u64>,
    progress: Progress,
}

impl ReadInputs {
    /// The name of an input.
    fn file(&self, input: u32) -> &str {
        self.inputs.get(input as usize).map_or("", |input| &input.file)
    }

    /// Judges the inputs in the given order.
    fn one_after_another(
        &mut self,
        found: Vec<Result<Input, InputError>>,
        reading: &Reading,
        inputs: &Inputs,
        judge: &mut Judge<'_>,
    ) -> io::Result<()> {
        for input in found {
            let opened = input.and_then(|input| Ok((input.name(), input.pieces(inputs)?)));
            let Some((name, pieces)) = self.opened(opened) else { continue };
            let index = u32::try_from(self.inputs.len()).unwrap_or(u32::MAX);
            match log::check_pieces(reading, pieces, &name, index, judge) {
                Ok(input) => self.inputs.push(input),
                Err(Stopped::Output(error)) => return Err(error),
                Err(Stopped::Input(input, error)) => {
                    self.stopped(&input.file, &error);
                    self.inputs.push(input);
                    if Interrupted::is(&error) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Judges the inputs in order of time.
    fn in_order(
        &mut self,
        found: Vec<Result<Input, InputError>>,
        reading: &Reading,
        order: &Order,
        inputs: &Inputs,
        judge: &mut Judge<'_>,
    ) -> io::Result<()> {
        let mut all: Vec<(String, Box<dyn io::Read + '_>)> = Vec::new();
        for input in found {
            let opened = input.and_then(|input| {
                let reader: Box<dyn io::Read + '_> = match &input {
                    Input::Stdin => Box::new(Bytes::new(input.pieces(inputs)?)),
                    // All inputs are open at once: a thread for each could be thousands.
                    Input::File(path) => Box::new(inputs.direct(files::open(path)?)),
                };
                Ok((input.name(), reader))
            });
            all.extend(self.opened(opened));
        }
        let Merged { inputs: read, errors, duplicates } = merge::check(reading, all, order, judge)?;
        self.inputs = read;
        self.duplicates = order.dedupe.then_some(duplicates);
        for (index, error) in errors {
            let file = self.inputs.get(index).map(|input| input.file.clone()).unwrap_or_default();
            self.stopped(&file, &error);
            // An interrupt stops all inputs; one message is enough.
            if Interrupted::is(&error) {
                break;
            }
        }
        Ok(())
    }

    fn opened<T>(&mut self, input: Result<T, InputError>) -> Option<T> {
        input
            .map_err(|error| {
                self.has_failed = true;
                self.progress.aside(|| complain(error));
            })
            .ok()
    }

    /// No input has a message: the recorder may have failed.
    fn is_empty(&mut self) {
        if !self.has_failed {
            let records: u64 = self.inputs.iter().map(|input| input.records).sum();
            let what = match (self.inputs.as_slice(), records) {
                ([], _) => return,
                ([input], 0) if input.file == "-" => "standard input is empty".to_owned(),
                ([input], 0) => format!("{}: it is empty", input.file),
                (_, 0) => "all inputs are empty".to_owned(),
                (_, records) => format!("there is no message in {}", count(records, "record")),
            };
            complain(format_args!("{what}; --allow-empty permits that"));
        }
        self.has_failed = true;
    }

    fn stopped(&mut self, file: &str, error: &io::Error) {
        self.has_failed = true;
        self.is_cut = true;
        let what = format!("{file}: {error}; the report has what was read before");
        self.progress.aside(|| complain(what));
    }
}
