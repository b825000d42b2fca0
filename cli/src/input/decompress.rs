//! Decompresses gzip and Zstandard as a stream. The format is recognized by its first bytes, not by the name. Memory is bounded
//! by the window of the format, whatever the size of the content.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read, Seek};

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder;

/// The number of bytes decompressed at once; damaged data loses at most as many bytes before the damage.
const PIECE: usize = 16 << 10;

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
enum Compression {
    #[strum(to_string = "gzip")]
    Gzip,
    #[strum(to_string = "Zstandard")]
    Zstandard,
    #[strum(to_string = "xz")]
    Xz,
    #[strum(to_string = "bzip2")]
    Bzip2,
    #[strum(to_string = "zip")]
    Zip,
}

/// The first bytes of each format. No JSON text starts with them.
const MAGIC: [(&[u8], Compression); 5] = [
    (&[0x1f, 0x8b], Compression::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Compression::Zstandard),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], Compression::Xz),
    (b"BZh", Compression::Bzip2),
    (b"PK\x03\x04", Compression::Zip),
];

/// What follows the first byte, 0x50 to 0x5f, of a skippable Zstandard frame.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The format that starts with exactly these bytes.
fn format(beginning: &[u8]) -> Option<Compression> {
    let is_skippable = matches!(beginning, [0x50..=0x5f, rest @ ..] if rest == SKIPPABLE);
    let known = MAGIC.into_iter().find(|(bytes, _)| *bytes == beginning);
    known.map(|(_, format)| format).or(is_skippable.then_some(Compression::Zstandard))
}

/// Whether these bytes are a proper prefix of a format's first bytes.
fn is_prefix(beginning: &[u8]) -> bool {
    let may_be_skippable = match beginning {
        [0x50..=0x5f, rest @ ..] => SKIPPABLE.starts_with(rest),
        _ => false,
    };
    may_be_skippable || MAGIC.iter().any(|(bytes, _)| bytes.starts_with(beginning))
}

/// Whether a file seems to be compressed. It is read from its start afterwards.
pub fn is_compressed(file: &mut File) -> bool {
    let mut beginning = [0; 4];
    let length = file.read(&mut beginning).unwrap_or_default();
    let beginning = beginning.get(..length).unwrap_or_default();
    let is_rewound = file.rewind().is_ok();
    // A start that a format has in common with text is read by the thread that decompresses.
    !is_rewound
        || (1..=length).any(|end| beginning.get(..end).is_some_and(|start| format(start).is_some()))
        || is_prefix(beginning)
}

/// Why compressed data can't be read further.
#[derive(Debug, thiserror::Error)]
enum DecompressError {
    #[error("the {format} data ends in the middle, after {at} bytes")]
    CutOff { format: Compression, at: u64 },
    #[error("the {format} data is damaged near byte {at}: {error}")]
    Damaged { format: Compression, at: u64, error: io::Error },
    #[error("{0} data is not supported: decompress it first, or use gzip or Zstandard")]
    Other(Compression),
}

/// The content of an input, decompressed if it is compressed.
pub enum Decompressed<R: Read> {
    /// Nothing is read yet.
    New(Option<R>),
    Plain(Chain<Cursor<Vec<u8>>, R>),
    Gzip(Box<MultiGzDecoder<CountedReader<R>>>),
    Zstandard(Box<Decoder<'static, CountedReader<R>>>),
}

impl<R: Read> Decompressed<R> {
    /// Wraps an input. Nothing is read yet.
    pub fn new(input: R) -> Self {
        Self::New(Some(input))
    }

    /// Reads no more bytes than needed to recognize the format, since reading from a pipe may block.
    fn recognize(mut input: R) -> io::Result<Self> {
        let mut beginning = Vec::new();
        let format = loop {
            let known = format(&beginning);
            if known.is_some() || !is_prefix(&beginning) {
                break known;
            }
            if input.by_ref().take(1).read_to_end(&mut beginning)? == 0 {
                break None;
            }
        };
        let input = Cursor::new(beginning).chain(input);
        let source = |input| CountedReader { input: BufReader::new(input), consumed: 0 };
        Ok(match format {
            None => Self::Plain(input),
            Some(Compression::Gzip) => Self::Gzip(Box::new(MultiGzDecoder::new(source(input)))),
            Some(Compression::Zstandard) => Self::Zstandard(Box::new(Decoder::with_buffer(source(input))?)),
            Some(other) => return Err(io::Error::other(DecompressError::Other(other))),
        })
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = buffer.len().min(PIECE);
        let piece = buffer.get_mut(..piece).unwrap_or_default();
        let (format, result, at) = match self {
            Self::New(input) => {
                if let Some(input) = input.take() {
                    *self = Self::recognize(input)?;
                    return self.read(buffer);
                }
                return Ok(0);
            }
            Self::Plain(input) => return input.read(buffer),
            Self::Gzip(decoder) => (Compression::Gzip, decoder.read(piece), decoder.get_ref().consumed),
            Self::Zstandard(decoder) => {
                (Compression::Zstandard, decoder.read(piece), decoder.get_ref().consumed)
            }
        };
        result.map_err(|error| match error.kind() {
            // An error of the system, not of the data.
            _ if error.raw_os_error().is_some() => error,
            io::ErrorKind::UnexpectedEof => io::Error::other(DecompressError::CutOff { format, at }),
            _ => io::Error::other(DecompressError::Damaged { format, at, error }),
        })
    }
}

/// Compressed bytes, counted as they are consumed.
pub struct CountedReader<R> {
    input: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    consumed: u64,
}

impl<R: Read> Read for CountedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.consumed += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for CountedReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.consumed += length as u64;
        self.input.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A pipe that gives one byte at a time, and panics at its end.
    struct Pipe<'b>(&'b [u8]);

    impl Read for Pipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (first, rest) = self.0.split_first().expect("nothing more is asked for");
            self.0 = rest;
            *buffer.first_mut().expect("there is room") = *first;
            Ok(1)
        }
    }

    #[test]
    fn no_more_is_read_than_the_format_needs() {
        for log in ["{", "[1", "(x", "Pk", "BZ2", " ", "\u{1f}{"] {
            let mut input = Decompressed::new(Pipe(log.as_bytes()));
            let mut read = vec![0; log.len()];
            input.read_exact(&mut read).expect("it is plain");
            assert_eq!(read, log.as_bytes());
            assert!(matches!(input, Decompressed::Plain(_)), "{log}");
        }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("a vector takes anything");
        encoder.finish().expect("a vector takes anything")
    }

    /// The readable content, and the error that ends it.
    fn decompress(bytes: &[u8]) -> (Vec<u8>, io::Result<usize>) {
        let mut read = Vec::new();
        let result = Decompressed::new(bytes).read_to_end(&mut read);
        (read, result)
    }

    #[test]
    fn truncated_or_damaged_data_gives_what_precedes_the_damage() {
        let log: Vec<String> = (0..300).map(|job| format!("{{\"job_id\":{}}}\n", job * job)).collect();
        let log = log.concat();
        let zstandard = |level| zstd::encode_all(log.as_bytes(), level).expect("it is text");
        for packed in [gzip(log.as_bytes()), zstandard(1), [zstandard(3), gzip(b"")].concat()] {
            for end in 6..packed.len() {
                let (read, result) = decompress(packed.get(..end).expect("it is a part"));
                assert!(log.as_bytes().starts_with(&read), "{end}");
                if let Err(error) = result {
                    let text = error.to_string();
                    assert!(
                        text.contains(&format!("{end} bytes")) || text.contains("damaged near byte"),
                        "{text}"
                    );
                } else {
                    assert_eq!(read.len(), log.len(), "{end}");
                }
            }
            for at in 0..packed.len() {
                let mut damaged = packed.clone();
                damaged[at] ^= 0x10;
                // Reading ends without a panic.
                _ = decompress(&damaged);
            }
        }
    }

    #[test]
    fn a_decompression_bomb_takes_no_memory() {
        let blanks = gzip(&vec![b' '; 4 << 20]);
        let bomb = blanks.repeat(8);
        assert!(bomb.len() < 1 << 20);
        let mut records = crate::input::records::Records::new(Decompressed::new(&*bomb), 1 << 20);
        assert!(records.next_record().expect("it is sound").is_none());
        assert_eq!(records.bytes(), 32 << 20);
        assert!(records.kept() <= 1 << 20, "{}", records.kept());
    }

    #[test]
    fn formats_are_recognized_by_their_first_bytes() {
        for (beginning, expected) in MAGIC {
            assert_eq!(format(beginning), Some(expected));
            for length in 0..beginning.len() {
                let part = beginning.get(..length).expect("it is a part");
                assert!(format(part).is_none() && is_prefix(part), "{expected} {length}");
            }
        }
        for first in 0..=255 {
            let frame = [first, 0x2a, 0x4d, 0x18];
            let expected = (0x50..0x60).contains(&first).then_some(Compression::Zstandard);
            assert_eq!(format(&frame), expected, "{first}");
        }
        // An input that ends within such a prefix is not compressed.
        let mut text = String::new();
        Decompressed::new(&b"[*"[..]).read_to_string(&mut text).expect("it is plain");
        assert_eq!(text, "[*");
    }
}
