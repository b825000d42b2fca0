//! The machine as SCXML.

use alloc::string::String;
use core::fmt::{self, Write};

use super::{ABOUT, LEFT_OUT};
use crate::spec::{Edition, Status, Transition};

/// The life cycle as a machine in W3C SCXML: a state a status, an event of the same name to take it, and a final
/// state for each terminal status.
///
/// SCXML has no place for data of a state that is not run. The columns of the tables are attributes in a namespace
/// of their own, `urn:cardsavr:lifecycle`, which an interpreter ignores. The states stand side by side and not
/// inside their phases, so that the active state is the status, and a terminal status is the end of the machine.
///
/// ```
/// use cardsavr_protocol::export::diagram::scxml;
///
/// assert!(scxml().contains(r#"<transition event="TFA_RECEIVED" target="TFA_RECEIVED" job:basis="recorded"/>"#));
/// ```
pub fn scxml() -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    _ = write!(text, "<!-- {ABOUT}\n     {LEFT_OUT} -->\n");
    text += "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:job=\"urn:cardsavr:lifecycle\" version=\"1.0\"\n";
    _ = writeln!(text, "       datamodel=\"null\" name=\"job\" initial=\"{}\">", Status::default());
    for &status in Status::ALL {
        if status.is_terminal() {
            _ = writeln!(text, "  <final {}/>", Attributes(status));
            continue;
        }
        _ = writeln!(text, "  <state {}>", Attributes(status));
        for Transition { to, basis, .. } in Edition::V2021.leaving(status) {
            _ = writeln!(text, "    <transition event=\"{to}\" target=\"{to}\" job:basis=\"{basis}\"/>");
        }
        text += "  </state>\n";
    }
    text += "</scxml>\n";
    text
}

/// The row of a status as attributes of its state; an empty column is left out.
struct Attributes(Status);

impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(status) = self;
        write!(f, "id=\"{status}\" job:phase=\"{}\"", status.phase())?;
        if let Some(termination_type) = status.termination_type() {
            write!(f, " job:termination_type=\"{termination_type}\"")?;
        }
        if let Some(input) = status.awaits() {
            write!(f, " job:awaits=\"{input}\"")?;
        }
        if !status.aliases().is_empty() {
            write!(f, " job:aliases=\"{}\"", Escaped(&status.aliases().join(" ")))?;
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
