//! A row for each job, for spreadsheets and data frames.

use std::collections::HashMap;

use cardsavr_protocol::conformance::{Finding, Severity};
use cardsavr_protocol::track::{StepKind, Walk};
use cardsavr_protocol::wire::{EventKind, EventRef, JobId};
use cardsavr_protocol::{Status, StatusSet, TerminationType, Timestamp};
use serde::Serialize;

/// The columns of the CSV format.
pub const HEADER: &str = "job,first_at,last_at,duration_ms,first_status,last_status,termination_type,outcome,messages,\
                          waits,waited_ms,retries,errors,warnings,notes";

/// A job of a log.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JobRow {
    pub job: String,
    /// The times of the first and of the last record, RFC 3339.
    pub first_at: Option<String>,
    pub last_at: Option<String>,
    pub duration_ms: Option<i64>,
    pub first_status: Option<&'static str>,
    pub last_status: Option<&'static str>,
    pub termination_type: Option<&'static str>,
    /// `success`, `failure`, `neither`, or `open` if the job has not ended.
    pub outcome: &'static str,
    /// Messages and snapshots.
    pub messages: u64,
    /// How often the job waited for its user.
    pub waits: u64,
    /// How long, as far as records have times.
    pub waited_ms: i64,
    /// How often it came back to a wait for the same.
    pub retries: u64,
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
}

/// The jobs of a log, in the order of their first records. The memory depends on their number.
#[derive(Default)]
pub struct JobRows {
    index: HashMap<JobId, usize>,
    jobs: Vec<Track>,
}

#[derive(Default)]
struct Track {
    row: JobRow,
    walk: Walk,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// When the present wait began.
    waits_since: Option<Timestamp>,
    /// The statuses in which it has waited.
    waited: StatusSet,
}

impl JobRows {
    fn track(&mut self, job: JobId) -> Option<&mut Track> {
        let next = self.jobs.len();
        let index = *self.index.entry(job).or_insert_with_key(|job| {
            let row = JobRow { job: job.to_string(), outcome: "open", ..JobRow::default() };
            self.jobs.push(Track { row, ..Track::default() });
            next
        });
        self.jobs.get_mut(index)
    }

    pub fn observe(&mut self, event: &EventRef<'_>) {
        let Some(job) = event.job().map(JobId::from) else { return };
        if let Some(track) = self.track(job) {
            track.observe(event);
        }
    }

    pub fn finding(&mut self, finding: &Finding) {
        let Some(track) = finding.job_id.clone().and_then(|job| self.track(job)) else { return };
        match finding.severity {
            Severity::Error => track.row.errors += 1,
            Severity::Warning => track.row.warnings += 1,
            Severity::Note => track.row.notes += 1,
        }
    }

    /// The rows, once all is observed.
    pub fn rows(&self) -> impl Iterator<Item = JobRow> {
        let text = |at: Option<Timestamp>| {
            let at = jiff::Timestamp::from_millisecond(at?.as_millis()).ok()?;
            Some(at.to_string())
        };
        let between = |(first, last): (Timestamp, Timestamp)| last.as_millis() - first.as_millis();
        self.jobs.iter().map(move |track| JobRow {
            first_at: text(track.first),
            last_at: text(track.last),
            duration_ms: track.first.zip(track.last).map(between),
            ..track.row.clone()
        })
    }
}

impl Track {
    fn observe(&mut self, event: &EventRef<'_>) {
        self.row.messages += 1;
        self.first = self.first.or(event.at);
        self.last = event.at.or(self.last);
        if event.kind != EventKind::Status {
            return;
        }
        let step = self.walk.take(event.status, event.termination_type.is_present());
        if let (StepKind::First | StepKind::Legal | StepKind::Skipped | StepKind::Illegal, Some(to)) =
            (step.kind, step.to)
        {
            if let Some((since, at)) = self.waits_since.take().zip(event.at) {
                self.row.waited_ms += at.as_millis().saturating_sub(since.as_millis()).max(0);
            }
            if to.is_waiting() {
                self.row.waits += 1;
                self.row.retries += u64::from(self.waited.contains(to));
                self.waited = self.waited.with(to);
                self.waits_since = event.at;
            }
        }
        if let Some(status) = event.status {
            self.row.first_status = self.row.first_status.or(Some(status.as_str()));
            self.row.last_status = Some(status.as_str());
        }
        if event.ends_job() {
            let own = event.status.and_then(Status::termination_type);
            let kind = event.termination_type.known().or(own);
            self.row.termination_type = kind.map(Into::into);
            self.row.outcome = match kind {
                Some(TerminationType::Billable) => "success",
                None | Some(TerminationType::NeverStarted) => "neither",
                Some(_) => "failure",
            };
        }
    }
}

impl JobRow {
    /// The row as CSV.
    pub fn csv(&self) -> String {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        [
            quoted(&self.job),
            self.first_at.clone().unwrap_or_default(),
            self.last_at.clone().unwrap_or_default(),
            number(self.duration_ms),
            self.first_status.unwrap_or_default().to_owned(),
            self.last_status.unwrap_or_default().to_owned(),
            self.termination_type.unwrap_or_default().to_owned(),
            self.outcome.to_owned(),
            self.messages.to_string(),
            self.waits.to_string(),
            self.waited_ms.to_string(),
            self.retries.to_string(),
            self.errors.to_string(),
            self.warnings.to_string(),
            self.notes.to_string(),
        ]
        .join(",")
    }
}

/// A text as CSV has it, by RFC 4180. A spreadsheet takes what begins with some characters for a formula.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
