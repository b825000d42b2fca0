//! The durations of jobs and waits, if the log has times.

use std::collections::BTreeMap;

use cardsavr_protocol::Status;
use cardsavr_protocol::wire::EventRef;

use crate::pipeline::history::{Figures, Histogram};
use crate::report::style::BOLD;
use crate::text::{HumanDuration, count};

/// Statistics of the records with a time.
#[derive(Default)]
pub struct Durations(Figures);

impl Durations {
    pub fn observe(&mut self, event: &EventRef<'_>) {
        if event.at.is_some() {
            self.0.observe(event);
        }
    }

    /// The lines of the summary.
    pub fn lines(&self) -> Vec<String> {
        let mut waits: BTreeMap<Status, Histogram> = BTreeMap::new();
        for ((status, _), waited) in &self.0.waits {
            waits.entry(*status).or_default().merge(&waited.durations);
        }
        let took = self.0.took();
        let jobs = format!("{} from start to end", count(took.count(), "job"));
        let took = line("took", "", &took, &jobs);
        let waited = waits.iter().map(|(status, waited)| {
            line("waited", &format!("{status}, "), waited, &count(waited.count(), "time"))
        });
        took.into_iter().chain(waited.flatten()).collect()
    }
}

fn line(what: &str, of: &str, durations: &Histogram, number: &str) -> Option<String> {
    let quantiles = durations.quantiles()?;
    let (median, p95) = (HumanDuration(quantiles.median), HumanDuration(quantiles.p95));
    Some(format!("{BOLD}{what}{BOLD:#}: {of}median {median}, 95th percentile {p95} ({number})"))
}
