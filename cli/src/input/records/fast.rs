//! The fast path for the most common records: a message as services print it, alone or in `{"at":…,"message":{…}}`.

use cardsavr_protocol::wire::{Block, COMPACT_DEPTH, read_compact};

/// A record read by the fast path.
#[derive(Debug, PartialEq)]
pub struct FastRecord<'b> {
    /// Its time, as JSON text.
    pub at: Option<&'b str>,
    /// The offset of the message in the record, in bytes.
    pub offset: usize,
    /// The length of the record in bytes.
    pub length: usize,
}

impl<'b> FastRecord<'b> {
    /// Reads the record that the bytes begin with, and pushes its event; `None` if it needs the general decoder.
    pub fn read(bytes: &'b [u8], block: &mut Block) -> Option<Self> {
        let Some(rest) = bytes.strip_prefix(b"{\"at\":") else {
            let length = read_compact(bytes, block)?;
            return Some(Self { at: None, offset: 0, length });
        };
        let rest = without_blanks(rest);
        let end = match rest.first()? {
            b'"' => 2 + rest.get(1..)?.iter().position(|byte| !is_plain(*byte))?,
            _ => rest.iter().position(|byte| !byte.is_ascii_digit())?,
        };
        let (at, rest) = rest.split_at_checked(end).filter(|(at, _)| !at.is_empty())?;
        let rest = without_blanks(rest.strip_prefix(b",")?).strip_prefix(b"\"message\":")?;
        let rest = without_blanks(rest);
        let length = read_compact(rest, block)?;
        let after = rest.get(length..)?.strip_prefix(b"}")?;
        Some(Self {
            at: Some(std::str::from_utf8(at).ok()?),
            offset: bytes.len() - rest.len(),
            length: bytes.len() - after.len(),
        })
    }
}

impl FastRecord<'_> {
    /// The nesting depth of its objects.
    pub fn depth(&self) -> usize {
        COMPACT_DEPTH + usize::from(self.at.is_some())
    }
}

/// Whether a byte of a time is unescaped.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-:.+".contains(&byte)
}

fn without_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_with_and_without_its_time() {
        let json = r#"{"type":"job_status","job_id":7,"message":{"status":"AUTH"}}"#;
        let mut block = Block::default();
        let length = read_compact(json.as_bytes(), &mut block).expect("it is canonical");
        for (before, at, after) in [
            ("", None, ""),
            ("{\"at\":1632787560264,\"message\":", Some("1632787560264"), "}"),
            (
                "{\"at\": \"2021-09-28T00:06:00.264Z\", \"message\": ",
                Some("\"2021-09-28T00:06:00.264Z\""),
                "}",
            ),
        ] {
            let record = format!("{before}{json}{after}");
            let expected =
                FastRecord { at, offset: before.len(), length: before.len() + length + after.len() };
            assert_eq!(expected.depth(), if at.is_some() { 3 } else { 2 });
            assert_eq!(
                FastRecord::read(format!("{record}\n{{").as_bytes(), &mut block),
                Some(expected),
                "{record}"
            );
        }
        for odd in [
            r#"{"at":,"message":MESSAGE}"#,
            r#"{"at":-1,"message":MESSAGE}"#,
            r#"{"at":1.5,"message":MESSAGE}"#,
            r#"{"at":"a\u0062","message":MESSAGE}"#,
            r#"{"at":"1,"message":MESSAGE}"#,
            r#"{"at":null,"message":MESSAGE}"#,
            r#"{"at":1,"message":MESSAGE,"more":1}"#,
            r#"{"at":1,"more":1,"message":MESSAGE}"#,
            r#"{"at":1,"message":[MESSAGE]}"#,
            r#"{"message":MESSAGE,"at":1}"#,
            r#"{"at":1,"message":MESSAGE"#,
        ] {
            assert_eq!(FastRecord::read(odd.replace("MESSAGE", json).as_bytes(), &mut block), None, "{odd}");
        }
    }
}
