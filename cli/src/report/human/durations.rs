//! How long jobs took and where they waited, where the log has times.

use std::collections::BTreeMap;

use cardsavr_protocol::Status;

use super::BOLD;
use crate::pipeline::history::{Figures, Histogram, Span};
use crate::pipeline::output::Observed;
use crate::report::count;

/// Counts what records with a time tell; a log without any costs nothing.
#[derive(Default)]
pub struct Durations(Figures);

impl Durations {
    pub fn observe(&mut self, seen: &Observed<'_>) {
        if seen.at.is_some() {
            self.0.observe(seen);
        }
    }

    /// The lines of the summary.
    pub fn told(&self) -> Vec<String> {
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
    let (median, p95) = (Span(quantiles.median), Span(quantiles.p95));
    Some(format!("{BOLD}{what}{BOLD:#}: {of}median {median}, 95th percentile {p95} ({number})"))
}
