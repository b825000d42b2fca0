//! What is counted of the lives of all jobs: transitions, waits, ends, and how long each took.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cardsavr_protocol::track::{Generations, Size, StepKind, Walk};
use cardsavr_protocol::wire::{EventKind, EventRef, JobId};
use cardsavr_protocol::{Phase, Status, TerminationType, Timestamp};

use super::histogram::Histogram;

/// How many jobs that have ended are remembered at least: what comes of one after it was evicted counts as another job's.
const MAX_ENDED: usize = 100_000;

/// What is counted of a log. The statuses are those of messages: snapshots are samples, between which more may lie. Its
/// memory follows the number of jobs that have not ended.
#[derive(Debug, Default)]
pub struct Figures {
    /// Whether any record had a time.
    pub has_times: bool,
    /// The statuses in which jobs were first seen.
    pub firsts: BTreeMap<Status, u64>,
    /// The steps from a status to the next one, heartbeats left out, and how long the first of the two lasted.
    pub transitions: BTreeMap<(Status, Status), Count>,
    /// The statuses in which jobs ended.
    pub ends: BTreeMap<Status, u64>,
    /// How many jobs ended, and how long those took that were seen from their start, by termination type; none for an end
    /// that is not in the table.
    pub jobs: BTreeMap<Option<TerminationType>, Count>,
    /// How long jobs waited in a status, and what for: by whether what they waited for came.
    pub waits: BTreeMap<(Status, Outcome), Count>,
    /// How many messages and snapshots there are of each kind but statuses.
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
    /// The job went on.
    Answered,
    /// It ended, or was to be cancelled.
    Unanswered,
    /// It has not: the log ends.
    Open,
}

/// How often something happened, and how long it took where the log has times.
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

/// One job on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Track {
    walk: Walk,
    /// When its status was first seen.
    since: Option<Timestamp>,
    /// When it began, where it was seen from its start.
    began: Option<Timestamp>,
    has_ended: bool,
}

impl Figures {
    pub fn observe(&mut self, event: &EventRef<'_>) {
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
        let step = track.walk.take(event.status, event.termination_type.is_present());
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
            // Since when the job is elsewhere is not known.
            (StepKind::Unclear, ..) => track.since = at.filter(|_| event.status.is_some()),
            _ => {}
        }
        if event.ends_job() && !track.has_ended {
            track.has_ended = true;
            if let Some(status) = event.status {
                *self.ends.entry(status).or_default() += 1;
            }
            let own = event.status.and_then(Status::termination_type);
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

    /// Counts the waits that have not ended. Nothing is observed after that.
    pub fn finish(&mut self) {
        let waiting = self.live.values().filter_map(|track| track.walk.status());
        for status in waiting.filter(|status| status.is_waiting()) {
            self.waits.entry((status, Outcome::Open)).or_default().add(None);
        }
        (self.live, self.ended) = (HashMap::new(), Generations::default());
    }

    /// How long all jobs took that were seen from start to end.
    pub fn took(&self) -> Histogram {
        let mut all = Histogram::default();
        self.jobs.values().for_each(|jobs| all.merge(&jobs.durations));
        all
    }
}

/// The time between two records that have one, where it doesn't run backwards.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Duration> {
    let (from, to) = from.zip(to)?;
    (from <= to).then(|| to.since(from))
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
