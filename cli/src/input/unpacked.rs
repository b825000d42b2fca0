//! Logs compressed by gzip or Zstandard, told by how they begin and not by their names, and unpacked as they are read: as
//! large as what they hold may be, it takes no more memory than the format's window.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder;

/// How much is unpacked at once: what is broken spoils no more than that of what comes before it.
const PIECE: usize = 16 << 10;

/// A form that a log can be stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
enum Format {
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

/// How files of each format begin. No JSON begins so.
const BEGINNINGS: [(&[u8], Format); 5] = [
    (&[0x1f, 0x8b], Format::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Format::Zstandard),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], Format::Xz),
    (b"BZh", Format::Bzip2),
    (b"PK\x03\x04", Format::Zip),
];

/// What follows the first byte, 0x50 to 0x5f, of a frame of Zstandard that is to be skipped.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The format of something that begins so.
fn format(beginning: &[u8]) -> Option<Format> {
    let is_skippable = matches!(beginning, [0x50..=0x5f, rest @ ..] if rest == SKIPPABLE);
    let known = BEGINNINGS.into_iter().find(|(bytes, _)| *bytes == beginning);
    known.map(|(_, format)| format).or(is_skippable.then_some(Format::Zstandard))
}

/// Whether more bytes may make it the beginning of a format.
fn may_become_one(beginning: &[u8]) -> bool {
    let may_be_skippable = match beginning {
        [0x50..=0x5f, rest @ ..] => SKIPPABLE.starts_with(rest),
        _ => false,
    };
    may_be_skippable || BEGINNINGS.iter().any(|(bytes, _)| bytes.starts_with(beginning))
}

/// Why a compressed log can't be read on.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the {format} data ends in the middle, after {at} bytes")]
    CutOff { format: Format, at: u64 },
    #[error("the {format} data is damaged near byte {at}: {error}")]
    Damaged { format: Format, at: u64, error: io::Error },
    #[error("this is {0} data: unpack it first, or store it as gzip or Zstandard, which are read")]
    Other(Format),
}

/// What an input holds, compressed or not.
pub enum Unpacked<R: Read> {
    /// Nothing was read yet.
    New(Option<R>),
    Plain(Chain<Cursor<Vec<u8>>, R>),
    Gzip(Box<MultiGzDecoder<Source<R>>>),
    Zstandard(Box<Decoder<'static, Source<R>>>),
}

impl<R: Read> Unpacked<R> {
    /// Nothing is read before the first byte is asked for.
    pub fn new(input: R) -> Self {
        Self::New(Some(input))
    }

    /// Reads as few bytes as tell the format: from a pipe, more may not come for long.
    fn recognize(mut input: R) -> io::Result<Self> {
        let mut beginning = Vec::new();
        let format = loop {
            let known = format(&beginning);
            if known.is_some() || !may_become_one(&beginning) {
                break known;
            }
            if input.by_ref().take(1).read_to_end(&mut beginning)? == 0 {
                break None;
            }
        };
        let input = Cursor::new(beginning).chain(input);
        let source = |input| Source { input: BufReader::new(input), passed: 0 };
        Ok(match format {
            None => Self::Plain(input),
            Some(Format::Gzip) => Self::Gzip(Box::new(MultiGzDecoder::new(source(input)))),
            Some(Format::Zstandard) => Self::Zstandard(Box::new(Decoder::with_buffer(source(input))?)),
            Some(other) => return Err(io::Error::other(Broken::Other(other))),
        })
    }
}

impl<R: Read> Read for Unpacked<R> {
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
            Self::Gzip(decoder) => (Format::Gzip, decoder.read(piece), decoder.get_ref().passed),
            Self::Zstandard(decoder) => (Format::Zstandard, decoder.read(piece), decoder.get_ref().passed),
        };
        result.map_err(|error| match error.kind() {
            // It is not the data that is broken.
            _ if error.raw_os_error().is_some() => error,
            io::ErrorKind::UnexpectedEof => io::Error::other(Broken::CutOff { format, at }),
            _ => io::Error::other(Broken::Damaged { format, at, error }),
        })
    }
}

/// Compressed bytes, counted as they are taken.
pub struct Source<R> {
    input: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    passed: u64,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.passed += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.passed += length as u64;
        self.input.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A pipe that gives a byte at a time, and panics where more is asked of it than it has.
    struct Waits<'b>(&'b [u8]);

    impl Read for Waits<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (first, rest) = self.0.split_first().expect("nothing more is asked for");
            self.0 = rest;
            *buffer.first_mut().expect("there is room") = *first;
            Ok(1)
        }
    }

    #[test]
    fn no_more_is_read_than_tells_the_format() {
        for log in ["{", "[1", "(x", "Pk", "BZ2", " ", "\u{1f}{"] {
            let mut unpacked = Unpacked::new(Waits(log.as_bytes()));
            let mut read = vec![0; log.len()];
            unpacked.read_exact(&mut read).expect("it is plain");
            assert_eq!(read, log.as_bytes());
            assert!(matches!(unpacked, Unpacked::Plain(_)), "{log}");
        }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("a vector takes anything");
        encoder.finish().expect("a vector takes anything")
    }

    /// What can be read of some bytes, and why no more.
    fn unpack(bytes: &[u8]) -> (Vec<u8>, io::Result<usize>) {
        let mut read = Vec::new();
        let result = Unpacked::new(bytes).read_to_end(&mut read);
        (read, result)
    }

    #[test]
    fn a_log_that_is_cut_off_or_damaged_gives_what_comes_before_that() {
        let log: Vec<String> = (0..300).map(|job| format!("{{\"job_id\":{}}}\n", job * job)).collect();
        let log = log.concat();
        let zstandard = |level| zstd::encode_all(log.as_bytes(), level).expect("it is text");
        for packed in [gzip(log.as_bytes()), zstandard(1), [zstandard(3), gzip(b"")].concat()] {
            for end in 6..packed.len() {
                let (read, result) = unpack(packed.get(..end).expect("it is a part"));
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
                // What is read ends, and no byte makes it panic.
                _ = unpack(&damaged);
            }
        }
    }

    #[test]
    fn what_is_large_only_unpacked_takes_no_memory() {
        let blanks = gzip(&vec![b' '; 4 << 20]);
        let bomb = blanks.repeat(8);
        assert!(bomb.len() < 1 << 20);
        let mut records = crate::input::records::Records::new(Unpacked::new(&*bomb), 1 << 20);
        assert!(records.next_record().expect("it is sound").is_none());
        assert_eq!(records.bytes(), 32 << 20);
        assert!(records.kept() <= 1 << 20, "{}", records.kept());
    }

    #[test]
    fn each_format_is_told_by_how_it_begins() {
        for (beginning, expected) in BEGINNINGS {
            assert_eq!(format(beginning), Some(expected));
            for length in 0..beginning.len() {
                let part = beginning.get(..length).expect("it is a part");
                assert!(format(part).is_none() && may_become_one(part), "{expected} {length}");
            }
        }
        for first in 0..=255 {
            let frame = [first, 0x2a, 0x4d, 0x18];
            let expected = (0x50..0x60).contains(&first).then_some(Format::Zstandard);
            assert_eq!(format(&frame), expected, "{first}");
        }
        // What is part of a beginning, and then ends, is no compressed log.
        let mut text = String::new();
        Unpacked::new(&b"[*"[..]).read_to_string(&mut text).expect("it is plain");
        assert_eq!(text, "[*");
    }
}
