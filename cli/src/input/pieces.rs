//! Cuts an input into pieces, each of whole records where its lines allow.

use std::io::{self, Read};

use cardsavr_protocol::wire::scan::SLACK;
use memchr::{memrchr, memrchr_iter};

/// The size of a piece in bytes: so small that a piece and its events stay in the cache of a core.
pub const SIZE: usize = 128 << 10;

/// A piece of an input.
#[derive(Debug)]
pub struct Piece {
    /// The content, followed by at least [`SLACK`] bytes of any value.
    pub buffer: Vec<u8>,
    /// The length of the content in bytes.
    pub end: usize,
    /// Whether the input ends with it.
    pub is_last: bool,
    /// Whether it is known that the first byte of a record follows it, at the start of a line.
    pub is_before_record: bool,
}

impl Piece {
    /// The piece with enough bytes after its content.
    #[must_use]
    pub fn padded(mut self) -> Self {
        self.buffer.resize(self.end + SLACK, 0);
        self
    }

    /// The content.
    pub fn content(&self) -> &[u8] {
        self.buffer.get(..self.end).unwrap_or_default()
    }
}

/// Where pieces come from.
pub trait Source {
    /// The next piece, in the given buffer, whose content is lost; not called again after the last one. `None` if there is
    /// no piece yet and `may_wait` is false.
    fn next(&mut self, buffer: Vec<u8>, may_wait: bool) -> io::Result<Option<Piece>>;

    /// The source in a form that any thread can read, which is used in place of this one; `None` if it has none.
    fn shared(&mut self) -> Option<SharedSource> {
        None
    }
}

/// A source that any thread can read, and whose pieces never have to be waited for.
pub type SharedSource = Box<dyn Source + Send>;

impl<S: Source + ?Sized> Source for Box<S> {
    fn next(&mut self, buffer: Vec<u8>, may_wait: bool) -> io::Result<Option<Piece>> {
        (**self).next(buffer, may_wait)
    }

    fn shared(&mut self) -> Option<SharedSource> {
        (**self).shared()
    }
}

/// The pieces of an input.
pub struct Pieces<R> {
    input: R,
    size: usize,
    /// What was read and is part of the next piece.
    rest: Vec<u8>,
    /// Whether a piece is filled even if it takes several reads: a file does not let a read wait.
    is_filled: bool,
    error: Option<io::Error>,
}

impl<R: Read> Pieces<R> {
    /// The pieces of an input whose reads may wait: each has what one read gives, if that has a whole line.
    pub fn new(input: R, size: usize) -> Self {
        Self { input, size: size.max(1), rest: Vec::new(), is_filled: false, error: None }
    }

    /// The pieces of an input whose reads never wait long.
    pub fn of_file(input: R, size: usize) -> Self {
        Self { is_filled: true, ..Self::new(input, size) }
    }
}

impl<R: Read> Source for Pieces<R> {
    fn next(&mut self, mut buffer: Vec<u8>, _: bool) -> io::Result<Option<Piece>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let size = self.size;
        if buffer.is_empty() {
            // Memory that the system has zeroed is not zeroed again.
            buffer = vec![0; size + SLACK];
        }
        buffer.resize(size + SLACK, 0);
        let mut end = self.rest.len();
        if let Some(start) = buffer.get_mut(..end) {
            start.copy_from_slice(&self.rest);
        }
        self.rest.clear();
        let mut is_last = false;
        let cut = loop {
            let read = match self.input.read(buffer.get_mut(end..size).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if end == 0 => return Err(error),
                Err(error) => {
                    self.error = Some(error);
                    break end;
                }
                Ok(read) => read,
            };
            end += read;
            is_last = read == 0;
            if is_last {
                break end;
            }
            if end < size && self.is_filled {
                continue;
            }
            if let Some(cut) = cut(buffer.get(..end).unwrap_or_default(), self.is_filled) {
                break cut;
            }
            if end == size {
                break end;
            }
        };
        self.rest.extend_from_slice(buffer.get(cut..end).unwrap_or_default());
        let is_before_record = matches!(self.rest.first(), Some(b'{' | b'[')) && cut > 0;
        Ok(Some(Piece { buffer, end: cut, is_last, is_before_record }))
    }
}

/// Where to cut: after the last line break that a record seems to follow, or else after the last one. `None` if more has to be
/// read first.
fn cut(bytes: &[u8], is_filled: bool) -> Option<usize> {
    let last = memrchr(b'\n', bytes).map(|at| at + 1);
    if !is_filled {
        // What may be whole must not wait for what comes next.
        return if matches!(bytes, [.., b'\n' | b'}' | b']']) { Some(bytes.len()) } else { last };
    }
    let begins_record = |&cut: &usize| matches!(bytes.get(cut), Some(b'{' | b'['));
    memrchr_iter(b'\n', bytes).map(|at| at + 1).find(begins_record).or(last)
}

/// The pieces of a file.
pub struct FilePieces<R>(Option<Pieces<R>>);

impl<R: Read> FilePieces<R> {
    /// The pieces of an input whose reads never wait long, on any thread.
    pub fn new(input: R, size: usize) -> Self {
        Self(Some(Pieces::of_file(input, size)))
    }
}

impl<R: Read + Send + 'static> Source for FilePieces<R> {
    fn next(&mut self, buffer: Vec<u8>, may_wait: bool) -> io::Result<Option<Piece>> {
        self.0.as_mut().map_or(Ok(None), |pieces| pieces.next(buffer, may_wait))
    }

    fn shared(&mut self) -> Option<SharedSource> {
        Some(Box::new(self.0.take()?))
    }
}

/// The bytes of all pieces.
pub struct Bytes<S> {
    source: S,
    piece: Option<Piece>,
    at: usize,
}

impl<S: Source> Bytes<S> {
    /// The bytes of a source.
    pub fn new(source: S) -> Self {
        Self { source, piece: None, at: 0 }
    }
}

impl<S: Source> Read for Bytes<S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(piece) = &self.piece {
                let read = piece.content().get(self.at..).unwrap_or_default().read(to)?;
                self.at += read;
                if read > 0 || piece.is_last || to.is_empty() {
                    return Ok(read);
                }
            }
            let buffer = self.piece.take().map(|piece| piece.buffer).unwrap_or_default();
            (self.piece, self.at) = (self.source.next(buffer, true)?, 0);
        }
    }
}
