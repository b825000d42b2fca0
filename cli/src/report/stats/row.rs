//! The rows of the statistics, the same in every format.

use std::time::Duration;

use cardsavr_protocol::{Edition, Status};
use serde::Serialize;

use crate::pipeline::history::{Count, Figures, Histogram, Quantiles};

/// The columns of the CSV format.
pub const HEADER: &str = "table,name,to,kind,count,timed,min_ms,median_ms,p95_ms,max_ms";

/// What a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RowKind {
    /// Jobs that ended with a termination type, `other` for none, or `all`; with their durations.
    Job,
    /// Jobs that ended in a status.
    End,
    /// Waits in a status, with their durations.
    Wait,
    /// Transitions between two statuses, with the durations of the first.
    Transition,
}

/// A row. The durations are computed from records with a time.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub table: RowKind,
    /// The termination type, or the status.
    pub name: &'static str,
    /// The status after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'static str>,
    /// The termination type of an end, how a wait ended, or whether the life cycle has a transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    pub count: u64,
    /// The number of them with a duration.
    pub timed: u64,
    #[serde(flatten)]
    pub durations: Option<Milliseconds>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Milliseconds {
    min_ms: u128,
    median_ms: u128,
    p95_ms: u128,
    max_ms: u128,
    #[serde(skip)]
    pub quantiles: Quantiles,
}

impl From<Quantiles> for Milliseconds {
    fn from(quantiles: Quantiles) -> Self {
        let Quantiles { min, median, p95, max } = quantiles;
        let [min_ms, median_ms, p95_ms, max_ms] =
            [min, median, p95, max].map(|one: Duration| one.as_millis());
        Self { min_ms, median_ms, p95_ms, max_ms, quantiles }
    }
}

/// All rows: jobs, ends, waits, transitions; each in the order of the protocol tables.
pub fn all(figures: &Figures) -> Vec<Row> {
    let mut rows = Vec::new();
    let jobs = figures.jobs.values().map(|jobs| jobs.count).sum();
    rows.push(Row::new(RowKind::Job, "all", jobs, &figures.took()));
    for (termination_type, jobs) in &figures.jobs {
        let name = termination_type.map_or("other", Into::into);
        rows.push(Row::counted(RowKind::Job, name, jobs));
    }
    for (status, jobs) in &figures.ends {
        let kind = figures.edition.termination_type(*status).map(Into::into);
        rows.push(Row { kind, ..Row::new(RowKind::End, status.as_str(), *jobs, &Histogram::default()) });
    }
    for ((status, outcome), waits) in &figures.waits {
        let kind = Some(outcome.into());
        rows.push(Row { kind, ..Row::counted(RowKind::Wait, status.as_str(), waits) });
    }
    for ((from, to), steps) in &figures.transitions {
        let (kind, to_status) = (Some(kind(figures.edition, *from, *to)), Some(to.as_str()));
        rows.push(Row { kind, to: to_status, ..Row::counted(RowKind::Transition, from.as_str(), steps) });
    }
    rows
}

/// Whether a transition is legal in an edition, skips statuses, or is illegal.
pub fn kind(edition: Edition, from: Status, to: Status) -> &'static str {
    match (edition.can_become(from, to), edition.reaches(from, to)) {
        (true, _) => "legal",
        (false, true) => "skipped",
        (false, false) => "illegal",
    }
}

impl Row {
    fn new(table: RowKind, name: &'static str, count: u64, durations: &Histogram) -> Self {
        let timed = durations.count();
        let durations = durations.quantiles().map(Milliseconds::from);
        Self { table, name, to: None, kind: None, count, timed, durations }
    }

    fn counted(table: RowKind, name: &'static str, count: &Count) -> Self {
        Self::new(table, name, count.count, &count.durations)
    }

    /// The row as CSV; no field needs quotes.
    pub fn csv(&self) -> String {
        let durations = self.durations.map(|of| [of.min_ms, of.median_ms, of.p95_ms, of.max_ms]);
        let durations = durations.map_or([const { String::new() }; 4], |of| of.map(|ms| ms.to_string()));
        let (table, to, kind): (&str, _, _) =
            (self.table.into(), self.to.unwrap_or_default(), self.kind.unwrap_or_default());
        format!("{table},{},{to},{kind},{},{},{}", self.name, self.count, self.timed, durations.join(","))
    }
}
