//! The report for other tools: one JSON document, or JSON Lines. Both are written as findings come, so that a report of
//! any length needs no memory. Characters that don't show are escaped, so that a terminal may have either.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::Output;
use super::plain::is_hidden;

/// One document. The findings come before what is counted of them.
pub struct Json<W: Write> {
    to: BufWriter<W>,
    has_findings: bool,
}

impl<W: Write> Json<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), has_findings: false }
    }
}

impl<W: Write> Output for Json<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.to.write_all(if self.has_findings { b",\n" } else { b"{\"findings\":[\n" })?;
        self.has_findings = true;
        write(&mut self.to, &finding.in_file(file))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.to.write_all(if self.has_findings { b"\n],\n" } else { b"{\"findings\":[],\n" })?;
        let mut fields = Vec::new();
        write(&mut fields, summary)?;
        // The summary's fields go on where the findings end.
        self.to.write_all(fields.trim_ascii_start().strip_prefix(b"{").unwrap_or(&fields))?;
        writeln!(self.to)?;
        self.to.flush()
    }
}

/// A finding a line, each written out at once, then the summary.
pub struct JsonLines<W> {
    to: W,
}

impl<W: Write> JsonLines<W> {
    pub fn new(to: W) -> Self {
        Self { to }
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = Vec::new();
        write(&mut line, value)?;
        line.push(b'\n');
        self.to.write_all(&line)?;
        self.to.flush()
    }
}

impl<W: Write> Output for JsonLines<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.line(&finding.in_file(file))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line(summary)
    }
}

/// Writes a value as compact JSON.
/// Writes a value as compact JSON in which all characters show.
pub fn write(to: impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(to, Shown))?)
}

/// Compact JSON in which all characters show.
struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all of a report is plain, and that is seen faster where all bytes are looked at together.
        let is_plain = fragment.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'));
        if is_plain {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|&(_, char)| is_hidden(char)) {
            let (shown, from_char) = rest.split_at(at);
            writer.write_all(shown.as_bytes())?;
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
            write(&mut json, &text).expect("a vector takes anything");
            let json = String::from_utf8(json).expect("it is text");
            assert_eq!(json, expected);
            assert_eq!(serde_json::from_str::<String>(&json).expect("it is JSON"), text);
        }
    }
}
