//! Skips what is between records, and values that are too large or broken.

use std::io::{self, Read};

use memchr::memchr;

use super::{Location, Nesting, Records};

impl<R: Read> Records<R> {
    /// Skips whitespace between records; returns whether anything follows.
    pub fn skip_blanks(&mut self) -> io::Result<bool> {
        if self.state.is_at_start {
            self.skip_byte_order_mark()?;
            self.state.is_at_start = false;
        }
        // The most common cases: the record begins this line or the next one.
        if self.state.location.column == 1 && self.rest().first() == Some(&b'{') {
            return Ok(true);
        }
        if let [b'\n', b'{', ..] = self.rest() {
            self.start += 1;
            self.state.location = Location { line: self.state.location.line + 1, column: 1 };
            return Ok(true);
        }
        let mut has_end = false;
        loop {
            let bytes = self.rest();
            let is_blank = |byte: &u8| match byte {
                b' ' | b'\t' | b'\r' | b'\n' => true,
                // Of an array that is read by elements, it ends that one.
                b',' | b']' => self.state.is_in_broken_array && self.state.long_array.is_none(),
                _ => false,
            };
            let length = bytes.iter().position(|byte| !is_blank(byte));
            let blanks = bytes.get(..length.unwrap_or(bytes.len())).unwrap_or_default();
            has_end |= blanks.contains(&b']');
            self.consume(blanks.len());
            if length.is_some() {
                // The end of the broken array.
                self.state.is_in_broken_array &= !has_end;
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Skips a byte-order mark, unless nothing follows it.
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        while self.is_drained() && self.fill()? {}
        while self.rest().len() <= MARK.len() && MARK.starts_with(self.rest()) && self.fill()? {}
        if self.rest().len() > MARK.len() && self.rest().starts_with(MARK) {
            self.consume(MARK.len());
        }
        Ok(())
    }

    /// Skips a value that is too large to be kept; returns whether its end was found.
    pub(super) fn skip_large(&mut self) -> io::Result<bool> {
        let mut nesting = Nesting::default();
        let mut is_at_line_start = false;
        loop {
            let bytes = self.rest();
            for (offset, &byte) in bytes.iter().enumerate() {
                if is_at_line_start && matches!(byte, b'{' | b'[') {
                    self.consume(offset);
                    self.leave_array();
                    return Ok(false);
                }
                // A string can't continue on the next line: the value is truncated.
                if nesting.is_in_string && byte == b'\n' {
                    self.consume(offset);
                    self.skip_broken()?;
                    return Ok(false);
                }
                nesting.step(byte);
                is_at_line_start = byte == b'\n';
                if nesting.is_closed() {
                    self.consume(offset + 1);
                    return Ok(true);
                }
            }
            self.consume(bytes.len());
            if !self.fill()? {
                self.leave_array();
                return Ok(false);
            }
        }
    }

    /// Ends the reading of an array by elements.
    fn leave_array(&mut self) {
        self.state.is_in_broken_array |= self.state.long_array.take().is_some();
    }

    /// Skips a broken value, up to the next line whose first byte is `{` or `[`.
    pub(super) fn skip_broken(&mut self) -> io::Result<()> {
        self.leave_array();
        self.state.is_in_broken_array |= self.rest().first() == Some(&b'[');
        loop {
            let bytes = self.rest();
            let Some(length) = memchr(b'\n', bytes) else {
                self.consume(bytes.len());
                if self.fill()? {
                    continue;
                }
                return Ok(());
            };
            self.consume(length + 1);
            if self.is_drained() && (self.is_before_record || !self.fill()?) {
                return Ok(());
            }
            if matches!(self.rest().first(), Some(b'{' | b'[')) {
                return Ok(());
            }
        }
    }
}
