//! JSON in which invisible characters are escaped, so that it can be printed on a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::is_hidden;

/// Writes a value as compact JSON in which every character is visible.
pub fn write_json(to: impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(to, Visible))?)
}

/// Compact JSON in which every character is visible.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all text is printable ASCII; testing all bytes without a branch is faster.
        let is_plain = fragment.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'));
        if is_plain {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|&(_, char)| is_hidden(char)) {
            let (before, from_char) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from_char.get(char.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_escaped_and_means_the_same() {
        for (text, expected) in [
            ("Zür\u{1b}[31m\n\u{9b}\u{202e}\u{e0041}„x“", r#""Zür\u001b[31m\n\u009b\u202e\udb40\udc41„x“""#),
            ("a\u{7f}b\"\u{1}", r#""a\u007fb\"\u0001""#),
            (" ~", r#"" ~""#),
        ] {
            let mut json = Vec::new();
            write_json(&mut json, &text).expect("a vector takes anything");
            let json = String::from_utf8(json).expect("it is text");
            assert_eq!(json, expected);
            assert_eq!(serde_json::from_str::<String>(&json).expect("it is JSON"), text);
        }
    }
}
