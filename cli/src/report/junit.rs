//! The report as JUnit XML, which CI systems show as tests: a suite for each input, a case for each rule. An error fails
//! the case; warnings and notes are its output, since they don't fail the run either.
//!
//! A suite begins with the number of failed cases, so the report is written at the end. What is kept until then is bounded
//! for each input: the number of findings of each rule, and the text of the first few.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};
use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Rule, Severity, Summary};

use crate::pipeline::output::Output;
use crate::text::{count, is_hidden};

/// The number of findings in the text of a case.
const SHOWN: u64 = 10;

pub struct JUnit<W: Write> {
    to: BufWriter<W>,
    /// By the number of the input, and the rule.
    cases: BTreeMap<(u32, Rule), Case>,
}

/// The findings of a rule in an input.
#[derive(Default)]
struct Case {
    findings: u64,
    errors: u64,
    /// The first of them, one a line.
    text: String,
}

impl<W: Write> JUnit<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), cases: BTreeMap::new() }
    }

    fn case(&mut self, file: &str, rule: Rule, case: &Case) -> io::Result<()> {
        write!(self.to, "    <testcase classname=\"{}\" name=\"{rule}\"", Xml(file))?;
        if case.findings == 0 {
            return self.to.write_all(b"/>\n");
        }
        let more = case.findings.saturating_sub(SHOWN);
        let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
        let text = format!("{}{more}{}\ncardsavr explain {rule}\n", case.text, rule.help());
        let text = Xml(&text);
        self.to.write_all(b">\n")?;
        if case.errors > 0 {
            let message = format!("{}: {}", count(case.findings, "finding"), rule.description());
            let message = Xml(&message);
            writeln!(self.to, "      <failure message=\"{message}\" type=\"{rule}\">{text}</failure>")?;
        } else {
            writeln!(self.to, "      <system-out>{text}</system-out>")?;
        }
        self.to.write_all(b"    </testcase>\n")
    }
}

impl<W: Write> Output for JUnit<W> {
    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        let Finding { rule, severity, position, .. } = finding;
        let message = finding.message();
        let case = self.cases.entry((position.input, *rule)).or_default();
        case.findings += 1;
        case.errors += u64::from(*severity == Severity::Error);
        if case.findings <= SHOWN {
            _ = writeln!(case.text, "{file}:{}:{}: {severity}: {message}", position.line, position.column);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let found = std::mem::take(&mut self.cases);
        let failed = |input: u32| {
            let of_input = found.range((input, Rule::ALL[0])..).take_while(move |((of, _), _)| *of == input);
            of_input.filter(|(_, case)| case.errors > 0).count()
        };
        let failures = found.values().filter(|case| case.errors > 0).count();
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
                self.case(&input.file, rule, found.get(&(index, rule)).unwrap_or(&Case::default()))?;
            }
            writeln!(self.to, "  </testsuite>")?;
        }
        writeln!(self.to, "</testsuites>")?;
        self.to.flush()
    }
}

/// Displays a text as XML 1.0 character data, with markup, invisible characters and those that XML excludes escaped.
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
    fn text_is_escaped() {
        let text = "]]><b a=\"x\">&amp;\0\u{1b}\r\u{85}\u{fffe}\u{ffff}ä\u{1f600}";
        let xml = format!("<a b=\"{0}\">{0}</a>", Xml(text));
        let expected = "]]><b a=\"x\">&amp;\\u{0}\\u{1b}\\r\\u{85}\\u{fffe}\\u{ffff}ä\u{1f600}";
        let document = roxmltree::Document::parse(&xml).expect("it is XML");
        assert_eq!(document.root_element().text(), Some(expected));
        assert_eq!(document.root_element().attribute("b"), Some(expected));
    }
}
