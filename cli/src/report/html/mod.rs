//! The report as one self-contained HTML page.

mod data;
mod job;

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::EventRef;

use self::data::{Findings, PageData};
use crate::pipeline::history::{Figures, Sample};
use crate::pipeline::output::Output;

const PAGE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = concat!(include_str!("base.js"), include_str!("diagram.js"), include_str!("report.js"));

pub struct Html<W: Write> {
    to: BufWriter<W>,
    figures: Figures,
    sample: Sample,
    findings: Findings,
}

impl<W: Write> Html<W> {
    pub fn new(to: W) -> Self {
        Self {
            to: BufWriter::new(to),
            figures: Figures::default(),
            sample: Sample::default(),
            findings: Findings::default(),
        }
    }
}

impl<W: Write> Output for Html<W> {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.figures.observe(event);
        self.sample.observe(event);
    }

    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.sample.finding(finding);
        self.findings.add(finding, file);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.figures.finish();
        let jobs = std::mem::take(&mut self.sample).into_histories();
        let data = PageData::new(summary, &self.figures, &self.findings, &jobs);
        // JSON has `<` only in strings; escaped, it can't end the script.
        let data = serde_json::to_string(&data)?.replace('<', "\\u003c");
        let mut rest = PAGE;
        for (mark, text) in [("{style}", STYLE), ("{data}", data.as_str()), ("{script}", SCRIPT)] {
            let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
            self.to.write_all(before.as_bytes())?;
            self.to.write_all(text.as_bytes())?;
            rest = after;
        }
        self.to.write_all(rest.as_bytes())?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_mark_for_each_part_in_order() {
        let marks = ["{style}", "{data}", "{script}"].map(|mark| PAGE.find(mark).expect("it is there"));
        assert!(marks.is_sorted());
        // The content of a script can't end it.
        assert!(!SCRIPT.contains("</"));
    }
}
