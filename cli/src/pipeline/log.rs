//! A log's records, judged: each record's messages are found, placed and handed to the checker.

use std::io::{self, Read};

use cardsavr_protocol::conformance::ReportInput;
use cardsavr_protocol::wire::scan::{Layouts, Pointers};

use super::entries::{Entry, Reading, timestamp};
use super::judge::Judge;
use crate::input::pointer::Pointer;
use crate::input::records::{Records, ScannedLine};

/// Judges all records of one input, as far as it can be read, and says what was read.
pub fn check(
    reading: &Reading,
    input: impl Read,
    file: &str,
    index: u32,
    judge: &mut Judge<'_>,
) -> Result<ReportInput, Stopped> {
    let mut records = reading.records(input);
    let mut layouts = Layouts::default();
    let (message, time) = (reading.message.as_ref(), reading.time.as_ref());
    let (message, time) = (message.map(Pointer::keys), time.map(Pointer::keys));
    let pointers = Pointers { message: message.as_deref(), time: time.as_deref() };
    let mut hits = 0;
    let mut log = Log { file, index, judge };
    let result = loop {
        match records.scan_line(&layouts, log.judge.block(), |time| timestamp(time).ok()) {
            Ok(Some(line)) => {
                hits += 1;
                log.scanned(&records, &line).map_err(Stopped::Output)?;
                continue;
            }
            Ok(None) => {}
            Err(error) => break Err(error),
        }
        let length = match records.next_record() {
            Ok(Some(record)) => {
                reading.entries(&record, |entry| log.judge(&entry)).map_err(Stopped::Output)?;
                record.text.ok().map(str::len)
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        if let Some((length, line)) =
            length.and_then(|length| Some((length, records.line_of_record(length)?)))
        {
            layouts.learn(line, length, pointers, hits, |block, scanned| {
                reading.reads_the_same(line, block, scanned).unwrap_or_default()
            });
            hits = 0;
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
    /// Judges a line that was scanned, whose event is in the block.
    fn scanned<R: Read>(&mut self, records: &Records<R>, line: &ScannedLine) -> io::Result<()> {
        if let Some(event) = self.judge.block().last_mut() {
            (event.at, event.position) = (line.at, line.location.position(self.index));
        }
        self.judge.judge();
        if self.judge.has_findings() { self.print(records.scanned_text(line)) } else { Ok(()) }
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
