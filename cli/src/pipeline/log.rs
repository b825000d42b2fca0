//! One input, read and judged: pieces are scanned by the pool, and the stages after it see them in order.
//!
//! A piece is scanned as if it began a line outside of any value. Whether it does is known once the piece before it was
//! scanned: if a value goes on into the next piece, that value is read across the border, and the rest of the next piece is
//! scanned again.

use std::cell::RefCell;
use std::io::{self, Read};
use std::mem;
use std::sync::Arc;

use cardsavr_protocol::conformance::ReportInput;
use memchr::memchr_iter;

use super::entries::Reading;
use super::judge::Judge;
use super::pool;
use super::scan::{Scanned, Unscanned, push_record};
use crate::input::pieces::{Piece, Pieces, SIZE, Source};
use crate::input::records::{Records, State};

/// Judges all records of one input, as far as it can be read, and says what was read.
pub fn check(
    reading: &Reading,
    input: impl Read,
    file: &str,
    index: u32,
    judge: &mut Judge<'_>,
) -> Result<ReportInput, Stopped> {
    check_pieces(reading, Pieces::of_file(input, SIZE), file, index, judge)
}

/// Judges all records of an input that comes in pieces.
pub fn check_pieces(
    reading: &Reading,
    source: impl Source,
    file: &str,
    index: u32,
    judge: &mut Judge<'_>,
) -> Result<ReportInput, Stopped> {
    judge.name(index, file);
    let mut log = Log {
        judge,
        source,
        reading: Arc::new(reading.clone()),
        index,
        next: State::START,
        is_shared: false,
        queued: 0,
        is_at_end: false,
        error: None,
        bytes: 0,
        records: 0,
    };
    let result = log.check();
    let read = ReportInput { file: file.to_owned(), bytes: log.bytes, records: log.records };
    match result {
        Ok(()) => Ok(read),
        Err(Failure::Input(error)) => Err(Stopped::Input(read, error)),
        Err(Failure::Output(error)) => Err(Stopped::Output(error)),
    }
}

/// Why an input was not read to its end.
pub enum Stopped {
    /// It can't be read on; what was read until then.
    Input(ReportInput, io::Error),
    /// The findings can't be written.
    Output(io::Error),
}

enum Failure {
    Input(io::Error),
    Output(io::Error),
}

struct Log<'l, 'j, S> {
    judge: &'l mut Judge<'j>,
    source: S,
    reading: Arc<Reading>,
    index: u32,
    /// The state in which the next piece of the source begins, if nothing goes on into it.
    next: State,
    /// Whether the threads of the pool read the source.
    is_shared: bool,
    /// The number of pieces that were put into the pool, and not taken out.
    queued: usize,
    /// Whether the source has no more pieces, and why it failed if it did.
    is_at_end: bool,
    error: Option<io::Error>,
    bytes: u64,
    records: u64,
}

impl<S: Source> Log<'_, '_, S> {
    fn check(&mut self) -> Result<(), Failure> {
        self.judge.pool().set_raw(false);
        if !self.judge.pool().is_single() {
            if let Some(source) = self.source.shared() {
                let (index, reading) = (self.index, Arc::clone(&self.reading));
                self.judge.pool().feed(source, index, &reading);
                self.is_shared = true;
            }
        }
        while let Some(piece) = self.next_piece()? {
            let mut scanned = match piece {
                pool::Piece::Scanned(scanned) => scanned,
                pool::Piece::Raw(unscanned) => self.judge.pool().scan_now(unscanned),
            };
            while let Some(rest) = self.judge(scanned)? {
                scanned = self.judge.pool().scan_now(rest);
            }
        }
        Ok(())
    }

    /// Judges a piece. If its last value goes on after it, judges that value as well, and gives the rest of the piece in
    /// which it ends.
    fn judge(&mut self, scanned: Scanned) -> Result<Option<Unscanned>, Failure> {
        let Scanned { batch, end, is_last, mark, is_whole, .. } = scanned;
        self.records += mark.count;
        if self.judge.pool().is_single() {
            self.next = mark.state;
        }
        if is_whole {
            self.judge.batch(batch);
            return Ok(None);
        }
        let rest = batch.bytes.get(mark.start..end).unwrap_or_default().to_vec();
        self.judge.batch(batch);
        let piece = Piece { end: rest.len(), buffer: rest, is_last, is_before_record: false };
        self.cross(mark.state, piece)
    }

    /// Judges the records that begin in the rest of a piece, until a line begins outside of any value; gives what is left
    /// of the last piece then.
    fn cross(&mut self, state: State, piece: Piece) -> Result<Option<Unscanned>, Failure> {
        let Reading { max_record_bytes, max_depth, .. } = *self.reading;
        let reading = Arc::clone(&self.reading);
        let log = RefCell::new(self);
        let rest = Rest { log: &log, piece, at: 0, failure: None };
        let mut records = Records::new(rest, max_record_bytes).with_max_depth(max_depth).from(state);
        let mut is_at_line = false;
        while !is_at_line {
            match records.next_record() {
                Ok(Some(record)) => {
                    let mut log = log.borrow_mut();
                    let index = log.index;
                    let pending = log.judge.pending();
                    let start = pending.bytes.len();
                    pending.bytes.extend_from_slice(record.text.as_ref().map_or(&[], |text| text.as_bytes()));
                    push_record(pending, &reading, &record, index, start);
                }
                Ok(None) => break,
                Err(error) => {
                    log.borrow_mut().judge.flush();
                    return Err(records.into_input().failure.unwrap_or(Failure::Input(error)));
                }
            }
            records.skip_read_blanks();
            is_at_line = records.state().is_at_line();
        }
        let (count, state) = (records.count(), records.state());
        let mut left = records.rest().to_vec();
        let Rest { piece, at, .. } = records.into_input();
        let log = log.into_inner();
        log.judge.flush();
        log.judge.pool().set_raw(false);
        log.records += count;
        if log.judge.pool().is_single() {
            log.next = state;
        }
        left.extend_from_slice(piece.content().get(at..).unwrap_or_default());
        if !is_at_line || left.is_empty() {
            return Ok(None);
        }
        let piece = Piece { end: left.len(), buffer: left, ..piece };
        Ok(Some(log.unscanned(piece.padded(), state)))
    }

    fn unscanned(&mut self, piece: Piece, from: State) -> Unscanned {
        let (input, reading, batch) = (self.index, Arc::clone(&self.reading), self.judge.spare());
        Unscanned { piece, from, input, reading, batch }
    }

    /// The next piece of the source, scanned unless that is of no use. Meanwhile, what was found is given to the output.
    fn next_piece(&mut self) -> Result<Option<pool::Piece>, Failure> {
        loop {
            self.judge.print().map_err(Failure::Output)?;
            if let Some(piece) = self.judge.pool().scanned() {
                self.bytes += piece.len() as u64;
                self.queued -= usize::from(!self.is_shared);
                return Ok(Some(piece));
            }
            if self.is_shared && !self.is_at_end {
                if let Some(result) = self.judge.pool().end_feed() {
                    (self.is_at_end, self.error) = (true, result.err());
                }
            } else if !self.is_at_end && !self.judge.pool().is_full() && self.read() {
                continue;
            }
            if self.queued == 0 && self.is_at_end {
                return self.error.take().map_or(Ok(None), |error| Err(Failure::Input(error)));
            }
            self.judge.pool().work_or_wait();
        }
    }

    /// Reads a piece, and gives it to the pool; returns whether there was one.
    fn read(&mut self) -> bool {
        let may_wait = self.judge.pool().is_empty();
        let buffer = self.judge.spare_buffer();
        match self.source.next(buffer, may_wait) {
            Ok(Some(piece)) => {
                self.is_at_end = piece.is_last;
                self.queued += 1;
                let from = self.next;
                if !self.judge.pool().is_single() {
                    let lines = memchr_iter(b'\n', piece.content()).count();
                    self.next = State::at_line(from.line() + lines as u64);
                }
                let unscanned = self.unscanned(piece, from);
                self.judge.pool().scan(unscanned);
                true
            }
            Ok(None) => false,
            Err(error) => {
                (self.is_at_end, self.error) = (true, Some(error));
                true
            }
        }
    }
}

/// The rest of a piece, and the pieces after it.
struct Rest<'r, 'm, 'l, 'j, S> {
    log: &'r RefCell<&'m mut Log<'l, 'j, S>>,
    piece: Piece,
    at: usize,
    failure: Option<Failure>,
}

impl<S: Source> Read for Rest<'_, '_, '_, '_, S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.content().get(self.at..).unwrap_or_default().read(to)?;
            self.at += read;
            if read > 0 || self.piece.is_last {
                return Ok(read);
            }
            let log = &mut **self.log.borrow_mut();
            // What is found must not wait for more to read.
            log.judge.flush();
            // From now on, it is not known where a value begins.
            log.judge.pool().set_raw(true);
            let buffer = mem::take(&mut self.piece.buffer);
            log.judge.keep_buffer(buffer);
            match log.next_piece() {
                Ok(Some(pool::Piece::Raw(Unscanned { piece, batch, .. }))) => {
                    log.judge.recycle(batch);
                    self.piece = piece;
                }
                Ok(Some(pool::Piece::Scanned(scanned))) => {
                    let Scanned { mut batch, end, is_last, is_before_record, .. } = scanned;
                    let buffer = mem::take(&mut batch.bytes);
                    log.judge.recycle(batch);
                    self.piece = Piece { buffer, end, is_last, is_before_record };
                }
                Ok(None) => return Ok(0),
                Err(failure) => {
                    self.failure = Some(failure);
                    return Err(io::ErrorKind::Other.into());
                }
            }
            self.at = 0;
        }
    }
}

#[cfg(test)]
mod tests;
