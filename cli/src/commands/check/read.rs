//! What was read of the inputs, and how: one after another, or in an order by time.

use std::io;

use cardsavr_protocol::conformance::ReportInput;

use crate::input::files::{self, Input, InputError};
use crate::input::interrupt::{Inputs, Interrupted};
use crate::input::progress::Progress;
use crate::pipeline::entries::Reading;
use crate::pipeline::judge::Judge;
use crate::pipeline::log::{self, Stopped};
use crate::pipeline::merge::{self, Merged, Order};
use crate::text::complain;

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) inputs: Vec<ReportInput>,
    /// Whether an input could not be read, or not to its end.
    pub(super) has_failed: bool,
    /// How many messages were passed over because another input had shown them, where that was looked for.
    pub(super) duplicates: Option<u64>,
    pub(super) progress: Progress,
}

impl Read {
    /// The name of an input.
    pub(super) fn file(&self, input: u32) -> &str {
        self.inputs.get(input as usize).map_or("", |input| &input.file)
    }

    /// Judges the inputs as they are, one after another.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(super) fn one_after_another(
        &mut self,
        found: Vec<Result<Input, InputError>>,
        reading: &Reading,
        inputs: &Inputs,
        judge: &mut Judge<'_>,
    ) -> io::Result<()> {
        for input in found {
            let opened = input.and_then(|input| Ok((input.name(), input.chunks(inputs)?)));
            let Some((name, chunks)) = self.opened(opened) else { continue };
            let index = u32::try_from(self.inputs.len()).unwrap_or(u32::MAX);
            match log::check(reading, chunks, &name, index, judge) {
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

    /// Judges the inputs in an order by time.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(super) fn in_order(
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
                    Input::Stdin => Box::new(input.chunks(inputs)?),
                    // A thread for each of a thousand would be too much.
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
            // It is said of all of them.
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

    fn stopped(&mut self, file: &str, error: &io::Error) {
        self.has_failed = true;
        let what = format!("{file}: {error}; what was read until then is in the report");
        self.progress.aside(|| complain(what));
    }
}
