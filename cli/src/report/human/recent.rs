//! The last few statuses of each job, printed with its findings.

use std::hash::{DefaultHasher, Hash, Hasher};

use cardsavr_protocol::Status;
use cardsavr_protocol::wire::{EventKind, EventRef, JobId, JobKey};

/// The number of statuses remembered of a job.
const LENGTH: usize = 4;

/// The number of slots, a power of two. The table fits into processor caches, since each message looks into it.
const SLOTS: usize = 1 << 15;

/// The status changes of jobs, in a table of fixed size. A job whose slot another job takes loses its older statuses, so that
/// memory and time don't depend on the log.
pub struct RecentStatuses {
    slots: Vec<Slot>,
    /// The job and status of the last message. Its findings are printed with the statuses before it.
    last: Option<(u64, u8)>,
}

/// The statuses of a job, oldest first; 0 if there is none.
#[derive(Clone, Copy, Default)]
struct Slot {
    job: u64,
    statuses: [u8; LENGTH],
}

/// The code of an unknown status.
const UNKNOWN: u8 = u8::MAX;

impl Default for RecentStatuses {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); SLOTS], last: None }
    }
}

impl RecentStatuses {
    pub fn observe(&mut self, event: &EventRef<'_>) {
        if let (EventKind::Status, Some(job)) = (event.kind, event.job()) {
            self.settle();
            self.last = Some((key(job), code(event.status)));
        }
    }

    /// Adds the last message to its job's statuses.
    pub fn settle(&mut self) {
        let Some((job, status)) = self.last.take() else { return };
        let Some(slot) = self.slots.get_mut(slot(job)) else { return };
        if slot.job != job {
            *slot = Slot { job, statuses: [0; LENGTH] };
        }
        if slot.statuses.last() != Some(&status) {
            slot.statuses.rotate_left(1);
            slot.statuses[LENGTH - 1] = status;
        }
    }

    /// The statuses of a job before the last message, oldest first. Unknown statuses in a row are listed as one.
    pub fn before(&self, job: &JobId) -> Vec<&'static str> {
        let job = key(job.key());
        let of_job = self.slots.get(slot(job)).filter(|slot| slot.job == job);
        let statuses = of_job.map(|slot| slot.statuses).unwrap_or_default();
        statuses.into_iter().filter_map(name).collect()
    }
}

/// The number of a job, or a 64-bit hash of its text.
fn key(job: JobKey<'_>) -> u64 {
    match job {
        JobKey::Number(number) => number,
        JobKey::Text(text) => {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        }
    }
}

/// The slot of a job. Ids are often consecutive; the multiplication spreads them over the table.
fn slot(job: u64) -> usize {
    let spread = job.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOTS.trailing_zeros());
    usize::try_from(spread).unwrap_or_default()
}

fn code(status: Option<Status>) -> u8 {
    status.map_or(UNKNOWN, |known| known as u8 + 1)
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
    use cardsavr_protocol::wire::{Block, JobStatusMessage, Message, Open, Position, StatusBody};

    use super::*;

    fn observe(history: &mut RecentStatuses, job: &JobId, status: &str) {
        let mut block = Block::default();
        let message =
            Message::JobStatus(JobStatusMessage::new(job.clone(), StatusBody::new(Open::new(status))));
        block.push_message(&message, Position::default(), None);
        block.iter().for_each(|event| history.observe(&event));
    }

    #[test]
    fn the_last_changes_of_each_job_are_kept() {
        let mut history = RecentStatuses::default();
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
    fn a_job_whose_slot_was_taken_begins_anew() {
        let mut history = RecentStatuses::default();
        let other =
            (1..u64::MAX).find(|other| slot(*other) == slot(0)).expect("there are more jobs than slots");
        let (job, other) = (JobId::Number(0), JobId::Number(other));
        for (job, status) in [(&job, "AUTH"), (&other, "QUEUED"), (&job, "UPDATING")] {
            observe(&mut history, job, status);
        }
        history.settle();
        assert_eq!((history.before(&job), history.before(&other)), (vec!["UPDATING"], vec![]));
    }
}
