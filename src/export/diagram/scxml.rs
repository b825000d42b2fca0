//! The machine as SCXML.

use alloc::string::String;
use core::fmt::{self, Write};

use super::{ABOUT, left_out};
use crate::spec::{Edition, Status, Transition};

/// The life cycle as a machine in W3C SCXML: a state a status, an event of the same name to take it, and a final
/// state for each terminal status.
///
/// SCXML has no place for data of a state that is not run. The columns of the tables are attributes in a namespace
/// of their own, `urn:cardsavr:lifecycle`, which an interpreter ignores. The states stand side by side and not
/// inside their phases, so that the active state is the status, and a terminal status is the end of the machine.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::scxml;
///
/// assert!(scxml(Edition::V2021).contains(r#"<transition event="TFA_RECEIVED" target="TFA_RECEIVED" job:basis="recorded"/>"#));
/// ```
pub fn scxml(edition: Edition) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    _ = write!(text, "<!-- {ABOUT}\n     {} -->\n", left_out(edition));
    text += "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:job=\"urn:cardsavr:lifecycle\" version=\"1.0\"\n";
    _ = writeln!(text, "       datamodel=\"null\" name=\"job\" initial=\"{}\">", Status::default());
    for status in edition.statuses().iter() {
        if status.is_terminal() {
            _ = writeln!(text, "  <final {}/>", Attributes(edition, status));
            continue;
        }
        _ = writeln!(text, "  <state {}>", Attributes(edition, status));
        for Transition { to, basis, .. } in edition.leaving(status) {
            _ = writeln!(text, "    <transition event=\"{to}\" target=\"{to}\" job:basis=\"{basis}\"/>");
        }
        text += "  </state>\n";
    }
    text += "</scxml>\n";
    text
}

/// The row of a status as attributes of its state; an empty column is left out.
struct Attributes(Edition, Status);

impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(edition, status) = *self;
        write!(f, "id=\"{status}\" job:phase=\"{}\"", status.phase())?;
        if let Some(termination_type) = edition.termination_type(status) {
            write!(f, " job:termination_type=\"{termination_type}\"")?;
        }
        let others = edition.row(status).map(|row| &row.other_termination_types[..]).unwrap_or_default();
        if let [first, more @ ..] = others {
            write!(f, " job:other_termination_types=\"{first}")?;
            more.iter().try_for_each(|other| write!(f, " {other}"))?;
            f.write_str("\"")?;
        }
        if let Some(input) = status.awaits() {
            write!(f, " job:awaits=\"{input}\"")?;
        }
        if !edition.former_spellings(status).is_empty() {
            write!(f, " job:aliases=\"{}\"", Escaped(&edition.former_spellings(status).join(" ")))?;
        }
        write!(f, " job:description=\"{}\"", Escaped(status.description()))
    }
}

/// A text as it stands between the quotes of an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            _ => f.write_char(character),
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::Escaped;

    #[test]
    fn what_means_something_to_xml_is_escaped() {
        assert_eq!(Escaped(r#"a<b> & "c's""#).to_string(), "a&lt;b&gt; &amp; &quot;c's&quot;");
    }
}
