//! Counts over all jobs: transitions, waits and ends, with their durations.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cardsavr_protocol::track::{Generations, Size, StepKind, Walk};
use cardsavr_protocol::wire::{EventKind, EventRef, JobId};
use cardsavr_protocol::{Edition, Phase, Status, TerminationType, Timestamp};

use super::histogram::Histogram;

/// The minimum number of ended jobs to remember. A message of an evicted job counts as one of a new job.
const MAX_ENDED: usize = 100_000;

/// The figures of a log. Only messages count as steps: between two snapshots a job may have taken further statuses. The
/// memory depends on the number of jobs in progress.
#[derive(Debug, Default)]
pub struct Figures {
    /// The edition that the log is judged by.
    pub edition: Edition,
    /// Whether any record had a time.
    pub has_times: bool,
    /// The first statuses of the jobs in the log.
    pub firsts: BTreeMap<Status, u64>,
    /// The steps between different statuses, with the durations of the first one.
    pub transitions: BTreeMap<(Status, Status), Count>,
    /// The last statuses of ended jobs.
    pub ends: BTreeMap<Status, u64>,
    /// The ended jobs by termination type, `None` for an unknown one, with the durations of jobs that begin in the log.
    pub jobs: BTreeMap<Option<TerminationType>, Count>,
    /// The waits by status and outcome, with their durations.
    pub waits: BTreeMap<(Status, Outcome), Count>,
    /// The numbers of other messages and of snapshots.
    pub requests: u64,
    pub responses: u64,
    pub snapshots: u64,
    live: HashMap<JobId, Track>,
    ended: Generations<Tracks>,
}

/// Jobs that have ended.
#[derive(Debug, Default)]
struct Tracks(HashMap<JobId, Track>);

impl Size for Tracks {
    fn size(&self) -> usize {
        self.0.len()
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The job continued.
    Answered,
    /// The job ended or was cancelled.
    Unanswered,
    /// The log ends before the wait.
    Open,
}

/// A count, with the durations of those that have times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub count: u64,
    pub durations: Histogram,
}

impl Count {
    fn add(&mut self, duration: Option<Duration>) {
        self.count += 1;
        if let Some(duration) = duration {
            self.durations.add(duration);
        }
    }
}

/// A job in progress.
#[derive(Clone, Copy, Debug, Default)]
struct Track {
    walk: Walk,
    /// The time of the first message with its status.
    since: Option<Timestamp>,
    /// The time of its start, if it is in the log.
    began: Option<Timestamp>,
    has_ended: bool,
}

impl Figures {
    pub fn observe(&mut self, event: &EventRef<'_>) {
        self.edition = event.edition();
        self.has_times |= event.at.is_some();
        match event.kind {
            EventKind::Status => self.status(event),
            EventKind::Snapshot => self.snapshots += 1,
            EventKind::Request(_) => self.requests += 1,
            EventKind::Response(_) => self.responses += 1,
            _ => {}
        }
    }

    fn status(&mut self, event: &EventRef<'_>) {
        let Some(id) = event.job().map(JobId::from) else { return };
        let (at, ended) = (event.at, &mut self.ended);
        let track = self.live.entry(id.clone()).or_insert_with_key(|id| {
            ended.find(|generation| generation.entries.0.remove(id)).unwrap_or_default()
        });
        let step = track.walk.take_in(event.edition(), event.status, event.termination_type.is_present());
        match (step.kind, step.from, step.to) {
            (StepKind::First, _, Some(first)) => {
                *self.firsts.entry(first).or_default() += 1;
                track.began = at.filter(|_| Status::STARTS.contains(&first));
                track.since = at;
            }
            (StepKind::Legal | StepKind::Skipped | StepKind::Illegal, Some(from), Some(to)) => {
                let took = between(track.since, at);
                self.transitions.entry((from, to)).or_default().add(took);
                if from.is_waiting() {
                    let is_answered = to.phase() < Phase::Cancellation;
                    let outcome = if is_answered { Outcome::Answered } else { Outcome::Unanswered };
                    self.waits.entry((from, outcome)).or_default().add(took);
                }
                track.since = at;
            }
            // The time at which the job left its status is unknown.
            (StepKind::Unclear, ..) => track.since = at.filter(|_| event.status.is_some()),
            _ => {}
        }
        if event.ends_job() && !track.has_ended {
            track.has_ended = true;
            if let Some(status) = event.status {
                *self.ends.entry(status).or_default() += 1;
            }
            let own = event.status.and_then(|status| event.edition().termination_type(status));
            let kind = event.termination_type.known().or(own);
            self.jobs.entry(kind).or_default().add(between(track.began, at));
        }
        if track.has_ended {
            if let Some(track) = self.live.remove(&id) {
                self.ended.young.entries.0.insert(id, track);
            }
            self.ended.age(None, Duration::MAX, MAX_ENDED);
        }
    }

    /// Counts the open waits, at the end of the log.
    pub fn finish(&mut self) {
        let waiting = self.live.values().filter_map(|track| track.walk.status());
        for status in waiting.filter(|status| status.is_waiting()) {
            self.waits.entry((status, Outcome::Open)).or_default().add(None);
        }
        (self.live, self.ended) = (HashMap::new(), Generations::default());
    }

    /// The durations of all jobs that begin and end in the log.
    pub fn took(&self) -> Histogram {
        let mut all = Histogram::default();
        self.jobs.values().for_each(|jobs| all.merge(&jobs.durations));
        all
    }
}

/// The time between two records; `None` if one has no time, or if it goes backwards.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Duration> {
    let (from, to) = from.zip(to)?;
    (from <= to).then(|| to.since(from))
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
