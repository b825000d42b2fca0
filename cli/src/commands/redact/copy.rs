//! Copies logs record by record, keeping their lines.

use std::io::{self, Read, Write};

use super::pseudonym::Pseudonyms;
use super::rewrite::Rewriter;
use crate::input::records::{FIRST_LOOK, FURTHER, Record, Unreadable};
use crate::pipeline::entries::Reading;

/// Replaces a record that is not JSON. A check resumes after both at the same line.
const NOT_JSON: &str = "? not JSON";

/// An empty array, at which a check resumes without a finding.
const EMPTY: &str = "[] ";

/// The start of a record that is too large.
const OPEN: &str = "{\"\":";

/// Why a log is not copied to its end.
#[derive(Debug)]
pub enum CopyError {
    /// The log can't be read.
    Input(io::Error),
    /// The copy can't be written.
    Output(io::Error),
}

impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Copies logs, one after another.
pub struct Redactor<'r> {
    reading: &'r Reading,
    rewriter: Rewriter<'r>,
    /// Whether the last record was not JSON, so that a check resumes at the next line that starts with a bracket.
    is_after_broken: bool,
}

impl<'r> Redactor<'r> {
    pub fn new(reading: &'r Reading, pseudonyms: &'r Pseudonyms) -> Self {
        let rewriter = Rewriter::new(pseudonyms, reading.message.as_ref(), reading.time.as_ref());
        Self { reading, rewriter, is_after_broken: false }
    }

    /// Copies a log, each record to the line that it starts on. An array that is larger than a record may be is split into its
    /// elements, as in a check.
    ///
    /// # Errors
    ///
    /// An error of the input or output. What was read before is copied.
    pub fn copy(&mut self, input: impl Read, to: &mut impl Write) -> Result<(), CopyError> {
        let mut records = self.reading.records(input);
        let mut lines = LineWriter { to, line: 1, is_empty: true };
        let mut run = None;
        let result = loop {
            let record = match records.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break Ok(()),
                Err(error) => break Err(CopyError::Input(error)),
            };
            let breaks = record.location.line.saturating_sub(lines.line);
            let is_too_large = matches!(record.text, Err(Unreadable::TooDeep(_) | Unreadable::TooLarge(_)));
            run = match run.take() {
                Some(run) if is_too_large && breaks > 0 => {
                    lines.write(OPEN)?;
                    Some(OversizedRun::longer(run, breaks))
                }
                Some(run) => {
                    self.end(&run, &mut lines)?;
                    None
                }
                None => None,
            };
            lines.go_to(record.location.line)?;
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

    /// Writes the replacement of a record that is not too large.
    fn write<W: Write>(&mut self, record: &Record<'_>, lines: &mut LineWriter<'_, W>) -> io::Result<()> {
        let text = record.text.as_ref().map(|text| self.rewriter.rewrite(text));
        let is_broken = text.is_err();
        let text = text.as_deref().unwrap_or(NOT_JSON);
        if self.is_after_broken && !text.starts_with(['{', '[']) {
            lines.write(EMPTY)?;
        }
        self.is_after_broken = is_broken;
        lines.write(text)
    }

    /// Writes the last record of a run of oversized ones: nearly the smallest record that is too large.
    fn end<W: Write>(&self, run: &OversizedRun, lines: &mut LineWriter<'_, W>) -> io::Result<()> {
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

/// A run of oversized records, each on a line of its own. All but the last are one opening bracket and continue in the next
/// record, so that the copy of a line is short; a check starts anew on each line. None of them ends before a check has seen
/// that it is too large: by then it has searched at most [`FURTHER`] times the necessary bytes, or [`FIRST_LOOK`], all of
/// which are in the run.
#[derive(Default)]
struct OversizedRun {
    /// The bytes of all records and of the longest, without the last one.
    bytes: usize,
    longest: usize,
}

impl OversizedRun {
    fn longer(self, breaks: u64) -> Self {
        let bytes = OPEN.len().saturating_add(usize::try_from(breaks).unwrap_or(usize::MAX));
        Self { bytes: self.bytes.saturating_add(bytes), longest: self.longest.max(bytes) }
    }

    /// The number of bytes that must follow the `depth` brackets of the last record.
    fn filler(&self, depth: usize) -> usize {
        if self.bytes == 0 {
            return 0;
        }
        let before = self.bytes.min(self.longest.saturating_mul(depth + 1));
        let look = before.saturating_add(OPEN.len() + depth);
        look.saturating_mul(FURTHER - 1).saturating_add(FIRST_LOOK)
    }
}

/// Writes a copy by lines.
struct LineWriter<'w, W> {
    to: &'w mut W,
    line: u64,
    /// Whether the current line is empty.
    is_empty: bool,
}

impl<W: Write> LineWriter<'_, W> {
    /// Starts a record on a line.
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

    /// Writes a byte, other than a line break, several times.
    fn repeat(&mut self, byte: u8, times: usize) -> io::Result<()> {
        io::copy(&mut io::repeat(byte).take(times as u64), self.to).map(drop)
    }
}
