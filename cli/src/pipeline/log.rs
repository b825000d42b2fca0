//! A log's records, judged: each record's messages are found, placed and handed to the checker.

use std::io::{self, Read};

use cardsavr_protocol::conformance::ReportInput;

use super::entries::{Entry, Reading, timestamp};
use super::judge::Judge;
use crate::input::records::{FastRecord, Location};

/// Judges all records of one input, as far as it can be read, and says what was read.
pub fn check(
    reading: &Reading,
    input: impl Read,
    file: &str,
    index: u32,
    judge: &mut Judge<'_>,
) -> Result<ReportInput, Stopped> {
    let mut records = reading.records(input);
    let mut log = Log { file, index, judge };
    let result = loop {
        let record = if reading.is_plain() { records.next_fast(log.judge.block()) } else { Ok(None) };
        match record {
            Ok(Some((place, record))) => {
                if let Some((offset, length)) = log.observe(place, &record) {
                    records.advance(length);
                    if log.judge.has_findings() {
                        log.print(records.consumed(length).get(offset..)).map_err(Stopped::Output)?;
                    }
                    continue;
                }
            }
            Ok(None) => {}
            Err(error) => break Err(error),
        }
        match records.next_record() {
            Ok(Some(record)) => {
                reading.entries(&record, |entry| log.judge(&entry)).map_err(Stopped::Output)?;
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let read = ReportInput { file: file.to_owned(), bytes: records.bytes(), records: records.count() };
    match result {
        Ok(()) => Ok(read),
        Err(error) => Err(Stopped::Input(read, error)),
    }
}

/// Why an input was not read to its end.
pub enum Stopped {
    /// It can't be read on; what was read until then.
    Input(ReportInput, io::Error),
    /// The findings can't be written.
    Output(io::Error),
}

struct Log<'l, 'j> {
    file: &'l str,
    index: u32,
    judge: &'l mut Judge<'j>,
}

impl Log<'_, '_> {
    /// Judges a record of the fast path, whose event is in the block, and gives the offset of its message and its length;
    /// `None` if its time is not one.
    fn observe(&mut self, place: Location, record: &FastRecord<'_>) -> Option<(usize, usize)> {
        let at = record.at.map(timestamp).transpose().ok()?.flatten();
        let column = place.column + record.offset as u64;
        let event = self.judge.block().last_mut()?;
        (event.at, event.position) = (at, Location { column, ..place }.position(self.index));
        self.judge.judge();
        Some((record.offset, record.length))
    }

    fn judge(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.judge.entry(entry, self.index);
        self.print(entry.text())
    }

    fn print(&mut self, excerpt: Option<&str>) -> io::Result<()> {
        self.judge.print(self.file, excerpt)
    }
}

#[cfg(test)]
mod tests;
