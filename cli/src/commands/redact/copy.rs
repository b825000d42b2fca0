//! Copying logs, record for record and line for line.

use std::io::{self, Read, Write};

use super::pseudonym::Pseudonyms;
use super::rewrite::Rewriter;
use crate::input::records::{FIRST_LOOK, FURTHER, Record, Unreadable};
use crate::pipeline::entries::Reading;

/// What stands for a record that is not JSON. A check reads on after it where it reads on after any.
const NO_JSON: &str = "? not JSON";

/// An array without anything in it, which a check reads on at and finds nothing in.
const NOTHING: &str = "[] ";

/// What a record that is too large begins with.
const OPEN: &str = "{\"\":";

/// Why a log was not copied to its end.
#[derive(Debug)]
pub enum Stopped {
    /// It can't be read on.
    Input(io::Error),
    /// The copy can't be written.
    Output(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Copies logs, one after another.
pub struct Redactor<'r> {
    reading: &'r Reading,
    rewriter: Rewriter<'r>,
    /// Whether the last record was not JSON: a check reads on at the next line that begins with a bracket.
    is_after_broken: bool,
}

impl<'r> Redactor<'r> {
    pub fn new(reading: &'r Reading, pseudonyms: &'r Pseudonyms) -> Self {
        let rewriter = Rewriter::new(pseudonyms, reading.message.as_ref(), reading.time.as_ref());
        Self { reading, rewriter, is_after_broken: false }
    }

    /// Copies a log, each record to the line that it begins in. An array that is larger than a record may be is taken
    /// apart, as a check does it: its elements are records by themselves.
    ///
    /// # Errors
    ///
    /// What can't be read, or written; what was read until then is copied.
    pub fn copy(&mut self, input: impl Read, to: &mut impl Write) -> Result<(), Stopped> {
        let mut records = self.reading.records(input);
        let mut lines = Lines { to, line: 1, is_empty: true };
        let mut run = None;
        let result = loop {
            let record = match records.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break Ok(()),
                Err(error) => break Err(Stopped::Input(error)),
            };
            let breaks = record.place.line.saturating_sub(lines.line);
            let is_too_large = matches!(record.text, Err(Unreadable::TooDeep(_) | Unreadable::TooLarge(_)));
            run = match run.take() {
                Some(run) if is_too_large && breaks > 0 => {
                    lines.write(OPEN)?;
                    Some(Run::longer(run, breaks))
                }
                Some(run) => {
                    self.end(&run, &mut lines)?;
                    None
                }
                None => None,
            };
            lines.go_to(record.place.line)?;
            if is_too_large {
                run.get_or_insert_default();
                self.is_after_broken = false;
            } else {
                self.write(&record, &mut lines)?;
            }
        };
        if let Some(run) = run {
            self.end(&run, &mut lines)?;
        }
        if !lines.is_empty {
            writeln!(lines.to)?;
        }
        result
    }

    /// Writes what stands for a record that is not too large.
    fn write<W: Write>(&mut self, record: &Record<'_>, lines: &mut Lines<'_, W>) -> io::Result<()> {
        let text = record.text.as_ref().map(|text| self.rewriter.rewrite(text));
        let is_broken = text.is_err();
        let text = text.as_deref().unwrap_or(NO_JSON);
        if self.is_after_broken && !text.starts_with(['{', '[']) {
            lines.write(NOTHING)?;
        }
        self.is_after_broken = is_broken;
        lines.write(text)
    }

    /// Writes the last record of a run of those that are too large: nearly the smallest one that is.
    fn end<W: Write>(&self, run: &Run, lines: &mut Lines<'_, W>) -> io::Result<()> {
        let Reading { max_record_bytes, max_depth, .. } = *self.reading;
        lines.write(OPEN)?;
        let depth = max_depth.max(1);
        if depth >= max_record_bytes / 2 {
            lines.repeat(b'"', 1)?;
            lines.repeat(b'x', max_record_bytes)?;
            return lines.write("\"}");
        }
        lines.repeat(b'[', depth)?;
        lines.repeat(b' ', run.filler(depth))?;
        lines.repeat(b']', depth)?;
        lines.write("}")
    }
}

/// Records that are too large, each in a line after the one before. All but the last are an opening bracket each and go on
/// in the next, so that lines of a bracket each don't become lines of hundreds of them; a check begins anew in each line.
/// None of them ends before a check has seen that it is too large: what it has looked at by then is no more than
/// [`FURTHER`] times what it had to, or [`FIRST_LOOK`], and all of it is in the run.
#[derive(Default)]
struct Run {
    /// How many bytes there are in all, and in the longest of them, the last one left out.
    bytes: usize,
    longest: usize,
}

impl Run {
    fn longer(self, breaks: u64) -> Self {
        let bytes = OPEN.len().saturating_add(usize::try_from(breaks).unwrap_or(usize::MAX));
        Self { bytes: self.bytes.saturating_add(bytes), longest: self.longest.max(bytes) }
    }

    /// How much must follow the brackets of the last one, which stand so deep.
    fn filler(&self, depth: usize) -> usize {
        if self.bytes == 0 {
            return 0;
        }
        let before = self.bytes.min(self.longest.saturating_mul(depth + 1));
        let look = before.saturating_add(OPEN.len() + depth);
        look.saturating_mul(FURTHER - 1).saturating_add(FIRST_LOOK)
    }
}

/// The lines of a copy.
struct Lines<'w, W> {
    to: &'w mut W,
    line: u64,
    /// Whether nothing stands in this line yet.
    is_empty: bool,
}

impl<W: Write> Lines<'_, W> {
    /// Begins a record of a line.
    fn go_to(&mut self, line: u64) -> io::Result<()> {
        if line > self.line {
            (self.line..line).try_for_each(|_| self.to.write_all(b"\n"))?;
            self.line = line;
        } else if !self.is_empty {
            self.to.write_all(b" ")?;
        }
        self.is_empty = true;
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.line += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        self.is_empty = false;
        self.to.write_all(text.as_bytes())
    }

    /// Writes a byte, no line break, so many times.
    fn repeat(&mut self, byte: u8, times: usize) -> io::Result<()> {
        io::copy(&mut io::repeat(byte).take(times as u64), self.to).map(drop)
    }
}
