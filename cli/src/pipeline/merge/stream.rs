//! The entries of one input, those that come a little late put in order.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read};
use std::time::Duration;

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::ReportInput;

use crate::input::records::Records;
use crate::pipeline::entries::{Entry, Reading};

/// How many bytes of entries are kept at most to put them in order: were all of a log of one time, they all would be.
/// So many that the tests of this file reach, in them.
const MOST: usize = if cfg!(test) { 64 << 10 } else { 64 << 20 };

/// What an entry takes beside its text, roughly.
const EACH: usize = 512;

/// An entry with the time it is sorted by: its own, or that of the entry before it.
pub(super) struct Timed {
    pub(super) time: Option<Timestamp>,
    pub(super) entry: Entry<'static>,
}

/// An input as its entries, in order as far as it is put in order.
pub(super) struct Stream<'i> {
    reading: &'i Reading,
    records: Records<Box<dyn Read + 'i>>,
    /// Those of the record that was read last.
    read: VecDeque<Entry<'static>>,
    /// The time of the last entry that was read.
    time: Option<Timestamp>,
    /// The latest time that was read.
    latest: Option<Timestamp>,
    /// How late an entry may come.
    delay: Duration,
    /// Those that one which comes later may belong before: by time, then in the order of the input.
    waiting: BTreeMap<(Option<Timestamp>, u64), Entry<'static>>,
    /// How many have waited, and how many bytes of them do.
    count: u64,
    bytes: usize,
    is_at_end: bool,
    error: Option<io::Error>,
}

impl<'i> Stream<'i> {
    pub(super) fn new(reading: &'i Reading, input: Box<dyn Read + 'i>, delay: Duration) -> Self {
        Self {
            reading,
            records: reading.records(input),
            read: VecDeque::new(),
            time: None,
            latest: None,
            delay,
            waiting: BTreeMap::new(),
            count: 0,
            bytes: 0,
            is_at_end: false,
            error: None,
        }
    }

    /// The next entry; none at the end of the input, or once it can't be read on.
    pub(super) fn next(&mut self) -> Option<Timed> {
        while !self.has_next() && !self.is_at_end {
            match self.next_read() {
                Some(entry) => {
                    self.time = entry.at.or(self.time);
                    self.latest = self.latest.max(self.time);
                    self.bytes += size(&entry);
                    self.waiting.insert((self.time, self.count), entry);
                    self.count += 1;
                }
                None => self.is_at_end = true,
            }
        }
        let ((time, _), entry) = self.waiting.pop_first()?;
        self.bytes -= size(&entry);
        Some(Timed { time, entry })
    }

    /// Whether no entry that comes in time can belong before the first of those that wait.
    fn has_next(&self) -> bool {
        let Some((&(time, _), _)) = self.waiting.first_key_value() else { return false };
        let waited = time.zip(self.latest).is_none_or(|(time, latest)| latest.since(time) >= self.delay);
        waited || self.bytes > MOST
    }

    /// The next entry in the order of the input.
    fn next_read(&mut self) -> Option<Entry<'static>> {
        loop {
            if let Some(entry) = self.read.pop_front() {
                return Some(entry);
            }
            match self.records.next_record() {
                Ok(Some(record)) => {
                    let read = &mut self.read;
                    let keep = |entry: Entry<'_>| {
                        read.push_back(entry.into_owned());
                        Ok::<_, std::convert::Infallible>(())
                    };
                    let Ok(()) = self.reading.entries(&record, keep);
                }
                Ok(None) => return None,
                Err(error) => {
                    self.error = Some(error);
                    return None;
                }
            }
        }
    }

    /// What was read, and why no more.
    pub(super) fn end(self, file: String) -> (ReportInput, Option<io::Error>) {
        let read = ReportInput { file, bytes: self.records.bytes(), records: self.records.count() };
        (read, self.error)
    }
}

fn size(entry: &Entry<'_>) -> usize {
    EACH + entry.text().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log all of one time is put in order without being kept as a whole.
    #[test]
    fn no_more_waits_than_may() {
        let record = "{\"at\":1,\"message\":{\"type\":5}}\n";
        let count = MOST / EACH + 1000;
        let reading = Reading::default();
        let input = Box::new(io::Cursor::new(record.repeat(count)));
        let mut stream = Stream::new(&reading, input, Duration::from_secs(5));
        let mut lines = 0;
        while let Some(Timed { entry, .. }) = stream.next() {
            lines += 1;
            assert_eq!(entry.place.line, lines);
            assert!(stream.waiting.len() <= MOST / EACH, "{}", stream.waiting.len());
        }
        assert_eq!(lines, count as u64);
    }
}
