//! The report as one page of HTML: with all that it shows and no address of anything else.

mod data;
mod life;

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, Summary};

use self::data::{Data, Findings};
use crate::pipeline::history::{Figures, Sample};
use crate::pipeline::output::{Observed, Output};

const PAGE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Where each status stands and how each transition is drawn: what `layout.py` made.
const LAYOUT: &str = include_str!("layout.json");

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

    fn observe(&mut self, seen: &Observed<'_>) {
        self.figures.observe(seen);
        self.sample.observe(seen);
    }

    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.sample.finding(finding);
        self.findings.add(finding, file);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.figures.finish();
        let lives = std::mem::take(&mut self.sample).into_lives();
        let data = Data::new(summary, &self.figures, &self.findings, &lives);
        // In a string of JSON, and nowhere else in it, there can be `<`; escaped, it ends no script.
        let data = serde_json::to_string(&data)?.replace('<', "\\u003c");
        let mut rest = PAGE;
        for (mark, text) in
            [("{style}", STYLE), ("{layout}", LAYOUT), ("{data}", data.as_str()), ("{script}", SCRIPT)]
        {
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
    use std::collections::BTreeMap;

    use cardsavr_protocol::{Status, Transition};
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Layout {
        width: f64,
        height: f64,
        nodes: BTreeMap<String, [f64; 4]>,
        edges: Vec<(Status, Status, String)>,
    }

    /// Where it does not, `cli/src/report/html/layout.py > cli/src/report/html/layout.json` makes it anew.
    #[test]
    fn the_layout_has_exactly_the_tables() {
        let layout: Layout = serde_json::from_str(LAYOUT).expect("it is a layout");
        let mut names: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        names.sort_unstable();
        assert_eq!(layout.nodes.keys().map(String::as_str).collect::<Vec<_>>(), names);
        let edges: Vec<_> = layout.edges.iter().map(|(from, to, _)| (*from, *to)).collect();
        let transitions: Vec<_> = Transition::all().map(|step| (step.from, step.to)).collect();
        assert_eq!(edges, transitions);
        for [x, y, width, height] in layout.nodes.values() {
            assert!(x - width / 2.0 >= 0.0 && x + width / 2.0 <= layout.width);
            assert!(y - height / 2.0 >= 0.0 && y + height / 2.0 <= layout.height);
        }
        assert!(layout.edges.iter().all(|(.., path)| path.starts_with('M')));
    }

    #[test]
    fn the_page_has_a_place_for_each_part_in_order() {
        let places =
            ["{style}", "{layout}", "{data}", "{script}"].map(|mark| PAGE.find(mark).expect("it is there"));
        assert!(places.is_sorted());
        // What a script says can't end it.
        assert!(!SCRIPT.contains("</") && !LAYOUT.contains('<'));
    }
}
