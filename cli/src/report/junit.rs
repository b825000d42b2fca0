//! The report as JUnit XML, which nearly every CI system shows as tests: a suite an input, a case a rule. What is an error
//! fails the case; warnings and notes are its output, since the exit status does not fail for them either.
//!
//! A suite says at its beginning how many of its cases failed, and so it is written at the end. What is kept until then
//! is bounded for each input: the number of a rule's findings, and the words of the first few.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};
use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Rule, Severity, Summary};

use super::count;
use crate::pipeline::output::Output;
use crate::text::is_hidden;

/// How many findings a case tells of.
const SHOWN: u64 = 10;

pub struct JUnit<W: Write> {
    to: BufWriter<W>,
    /// By the input's number and the rule.
    found: BTreeMap<(u32, Rule), Found>,
}

/// What was found against a rule in an input.
#[derive(Default)]
struct Found {
    findings: u64,
    errors: u64,
    /// The first of them, a line each.
    told: String,
}

impl<W: Write> JUnit<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), found: BTreeMap::new() }
    }

    fn case(&mut self, file: &str, rule: Rule, found: &Found) -> io::Result<()> {
        write!(self.to, "    <testcase classname=\"{}\" name=\"{rule}\"", Xml(file))?;
        if found.findings == 0 {
            return self.to.write_all(b"/>\n");
        }
        let more = found.findings.saturating_sub(SHOWN);
        let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
        let told = format!("{}{more}{}\ncardsavr explain {rule}\n", found.told, rule.mend());
        let told = Xml(&told);
        self.to.write_all(b">\n")?;
        if found.errors > 0 {
            let message = format!("{}: {}", count(found.findings, "finding"), rule.description());
            let message = Xml(&message);
            writeln!(self.to, "      <failure message=\"{message}\" type=\"{rule}\">{told}</failure>")?;
        } else {
            writeln!(self.to, "      <system-out>{told}</system-out>")?;
        }
        self.to.write_all(b"    </testcase>\n")
    }
}

impl<W: Write> Output for JUnit<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        let Finding { rule, severity, position, message, .. } = finding;
        let found = self.found.entry((position.input, *rule)).or_default();
        found.findings += 1;
        found.errors += u64::from(*severity == Severity::Error);
        if found.findings <= SHOWN {
            // Writing to a string cannot fail.
            _ = writeln!(found.told, "{file}:{}:{}: {severity}: {message}", position.line, position.column);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let found = std::mem::take(&mut self.found);
        let failed = |input: u32| {
            let of_input = found.range((input, Rule::ALL[0])..).take_while(move |((of, _), _)| *of == input);
            of_input.filter(|(_, found)| found.errors > 0).count()
        };
        let failures = found.values().filter(|found| found.errors > 0).count();
        let cases = Rule::ALL.len();
        let all = cases * summary.inputs.len();
        writeln!(self.to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            self.to,
            "<testsuites name=\"cardsavr\" tests=\"{all}\" failures=\"{failures}\" errors=\"0\">"
        )?;
        for (input, index) in summary.inputs.iter().zip(0..) {
            let (file, failures) = (Xml(&input.file), failed(index));
            writeln!(
                self.to,
                "  <testsuite name=\"{file}\" tests=\"{cases}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
            )?;
            if let Some(baseline) = &summary.baseline {
                let hidden = baseline.hidden;
                writeln!(
                    self.to,
                    "    <properties><property name=\"hidden-by-the-baseline\" value=\"{hidden}\"/></properties>"
                )?;
            }
            for &rule in Rule::ALL {
                self.case(&input.file, rule, found.get(&(index, rule)).unwrap_or(&Found::default()))?;
            }
            writeln!(self.to, "  </testsuite>")?;
        }
        writeln!(self.to, "</testsuites>")?;
        self.to.flush()
    }
}

/// A text as XML 1.0 may have it: neither markup, nor a character that doesn't show, nor one that XML can't hold.
struct Xml<'t>(&'t str);

impl Display for Xml<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            '"' => f.write_str("&quot;"),
            '\n' => f.write_char(char),
            '\u{fffe}' | '\u{ffff}' => write!(f, "{}", char.escape_unicode()),
            _ if is_hidden(char) => write!(f, "{}", char.escape_default()),
            _ => f.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_markup_and_holds_what_xml_can() {
        let text = "]]><b a=\"x\">&amp;\0\u{1b}\r\u{85}\u{fffe}\u{ffff}ä\u{1f600}";
        let xml = format!("<a b=\"{0}\">{0}</a>", Xml(text));
        let expected = "]]><b a=\"x\">&amp;\\u{0}\\u{1b}\\r\\u{85}\\u{fffe}\\u{ffff}ä\u{1f600}";
        let document = roxmltree::Document::parse(&xml).expect("it is XML");
        assert_eq!(document.root_element().text(), Some(expected));
        assert_eq!(document.root_element().attribute("b"), Some(expected));
    }
}
