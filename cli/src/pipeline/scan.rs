//! The stage `scan` for one piece of an input.

use std::convert::Infallible;
use std::sync::Arc;

use cardsavr_protocol::wire::scan::{Layouts, Pointers};

use super::batch::{Batch, Division};
use super::entries::{Entry, Reading};
use super::time::Clock;
use crate::input::pieces::Piece;
use crate::input::pointer::Pointer;
use crate::input::records::{Mark, Record, Records, State};

/// A piece to scan, as if it began in a given state.
#[derive(Debug)]
pub struct Unscanned {
    pub piece: Piece,
    pub from: State,
    /// The index of the input.
    pub input: u32,
    pub reading: Arc<Reading>,
    /// An empty batch.
    pub batch: Batch,
}

/// A piece that was scanned.
#[derive(Debug)]
pub struct Scanned {
    /// The events of the piece, and its content.
    pub batch: Batch,
    /// The length of the content in bytes.
    pub end: usize,
    /// Whether the input ends with the piece.
    pub is_last: bool,
    /// Whether it is known that a record begins the next piece.
    pub is_before_record: bool,
    /// Where scanning has ended.
    pub mark: Mark,
    /// Whether the next piece begins a line outside of any value, or there is none.
    pub is_whole: bool,
}

/// Scans pieces. It learns the layouts of lines, which has no effect on the results.
#[derive(Default)]
pub struct Scanner {
    layouts: Layouts,
    /// How lines are read, which the layouts depend on.
    reading: Option<Arc<Reading>>,
    clock: Clock,
    /// The number of lines scanned since a layout was learned last.
    hits: u64,
}

impl Scanner {
    pub fn scan(&mut self, unscanned: Unscanned, division: &Division) -> Scanned {
        let Unscanned { piece, from, input, reading, mut batch } = unscanned;
        if !self.reading.as_ref().is_some_and(|known| Arc::ptr_eq(known, &reading)) {
            *self = Self { reading: Some(Arc::clone(&reading)), ..Self::default() };
        }
        let (message, time) = (reading.message.as_ref(), reading.time.as_ref());
        let (message, time) = (message.map(Pointer::keys), time.map(Pointer::keys));
        let pointers = Pointers { message: message.as_deref(), time: time.as_deref() };
        let (end, is_last, is_before_record) = (piece.end, piece.is_last, piece.is_before_record);
        batch.first_line = from.line();
        let mut records =
            Records::of_piece(piece, reading.max_record_bytes, from).with_max_depth(reading.max_depth);
        let mark = loop {
            let time = |time: &[u8]| self.clock.read(time);
            self.hits += records.scan_lines(&self.layouts, &mut batch.block, input, time);
            let start = records.mark();
            if records.skip_blanks().is_err() {
                break records.mark();
            }
            let mark = records.mark();
            if mark.start != start.start && mark.state.is_at_line() {
                continue;
            }
            let length = match records.next_record() {
                Ok(Some(record)) => {
                    push_record(&mut batch, &reading, &record, input, record.start);
                    record.text.ok().map(str::len)
                }
                Ok(None) => break records.mark(),
                // It goes on after the piece.
                Err(_) => break mark,
            };
            let line = length.and_then(|length| Some((length, records.line_of_record(length)?)));
            if let Some((length, line)) = line {
                let hits = std::mem::take(&mut self.hits);
                self.layouts.learn(line, length, pointers, hits, |block, scanned| {
                    reading.reads_the_same(line, block, scanned).unwrap_or_default()
                });
            }
        };
        let is_whole = is_last || mark.start == end && mark.state.is_at_line();
        batch.bytes = records.into_buffer();
        batch.divide(division);
        Scanned { batch, end, is_last, is_before_record, mark, is_whole }
    }
}

/// Adds what is in a record whose text begins at `start` in the bytes of the batch, or will.
pub fn push_record(batch: &mut Batch, reading: &Reading, record: &Record<'_>, input: u32, start: usize) {
    let end = start + record.text.as_ref().map_or(0, |text| text.len());
    let push = |entry: Entry<'_>| {
        batch.push(&entry, input, start, end);
        Ok(())
    };
    reading.entries(record, push).unwrap_or_else(|never: Infallible| match never {});
}
