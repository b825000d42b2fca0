//! The last few statuses of each job, for people who want to see how it came to a fault.

use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::Status;
use cardsavr_protocol::conformance::Observation;
use cardsavr_protocol::wire::{JobId, Open};

/// How many statuses of a job are remembered.
const LENGTH: usize = 4;

/// How many jobs have a place: a power of two. The table fits the caches of a processor, since each message looks into it.
const PLACES: usize = 1 << 15;

/// The statuses of jobs by their messages, each as it changed. Jobs that fall on the same place take it from each other:
/// of a job that lost its place the statuses since then are told, so that memory and time are the same for any log.
pub struct History {
    places: Vec<Place>,
    /// What came last stands aside: what is found in it is told with what was before.
    last: Option<(u64, u8)>,
}

/// A job's statuses, the oldest first; nothing where there was none yet.
#[derive(Clone, Copy, Default)]
struct Place {
    job: u64,
    statuses: [u8; LENGTH],
}

/// Stands for a status that this version doesn't know.
const UNKNOWN: u8 = u8::MAX;

impl Default for History {
    fn default() -> Self {
        Self { places: vec![Place::default(); PLACES], last: None }
    }
}

impl History {
    pub fn observe(&mut self, message: &Observation<'_>) {
        if let Observation::Status(report) = message {
            self.settle();
            self.last = Some((key(report.job), code(report.status)));
        }
    }

    /// Counts what came last among what was before.
    pub fn settle(&mut self) {
        let Some((job, status)) = self.last.take() else { return };
        let Some(place) = self.places.get_mut(place(job)) else { return };
        if place.job != job {
            *place = Place { job, statuses: [0; LENGTH] };
        }
        if place.statuses.last() != Some(&status) {
            place.statuses.rotate_left(1);
            place.statuses[LENGTH - 1] = status;
        }
    }

    /// The statuses of a job before the message that came last, the oldest first; of several others in a row, one.
    pub fn before(&self, job: &JobId) -> Vec<&'static str> {
        let job = key(job);
        let of_job = self.places.get(place(job)).filter(|place| place.job == job);
        let statuses = of_job.map(|place| place.statuses).unwrap_or_default();
        statuses.into_iter().filter_map(name).collect()
    }
}

/// What tells jobs apart; texts that are told apart by 64 bits.
fn key(job: &JobId) -> u64 {
    job.number().unwrap_or_else(|| {
        let mut hasher = DefaultHasher::new();
        job.hash(&mut hasher);
        hasher.finish()
    })
}

/// Ids of jobs follow each other: multiplied by this, they are spread over the places.
fn place(job: u64) -> usize {
    let spread = job.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.trailing_zeros());
    usize::try_from(spread).unwrap_or_default()
}

fn code(status: &Open<Status>) -> u8 {
    status.known().map_or(UNKNOWN, |known| known as u8 + 1)
}

fn name(code: u8) -> Option<&'static str> {
    match code {
        0 => None,
        UNKNOWN => Some("(unknown)"),
        code => Status::ALL.iter().find(|status| **status as u8 + 1 == code).map(|status| status.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use cardsavr_protocol::conformance::StatusReport;

    use super::*;

    fn observe(history: &mut History, job: &JobId, status: &str) {
        history.observe(&Observation::Status(StatusReport {
            job,
            status: &Open::new(status),
            termination_type: None,
            percent_complete: None,
            job_timeout: None,
            is_completed: false,
        }));
    }

    #[test]
    fn the_last_changes_of_each_job_are_told() {
        let mut history = History::default();
        let (first, second, third) = (JobId::Number(7), JobId::from("a-1"), JobId::from("b"));
        for status in ["REQUESTED", "QUEUED", "QUEUED", "ODD", "AUTH"] {
            observe(&mut history, &first, status);
            observe(&mut history, &second, status);
        }
        observe(&mut history, &first, "UPDATING");
        assert_eq!(history.before(&first), ["REQUESTED", "QUEUED", "(unknown)", "AUTH"]);
        assert_eq!(history.before(&JobId::from("7")), history.before(&first));
        history.settle();
        assert_eq!(history.before(&first), ["QUEUED", "(unknown)", "AUTH", "UPDATING"]);
        assert_eq!(history.before(&second), ["REQUESTED", "QUEUED", "(unknown)", "AUTH"]);
        assert_eq!(history.before(&third), [""; 0]);
    }

    #[test]
    fn a_job_without_a_place_is_told_from_its_next_status_on() {
        let mut history = History::default();
        let other =
            (1..u64::MAX).find(|other| place(*other) == place(0)).expect("there are more jobs than places");
        let (job, other) = (JobId::Number(0), JobId::Number(other));
        for (job, status) in [(&job, "AUTH"), (&other, "QUEUED"), (&job, "UPDATING")] {
            observe(&mut history, job, status);
        }
        history.settle();
        assert_eq!((history.before(&job), history.before(&other)), (vec!["UPDATING"], vec![]));
    }
}
