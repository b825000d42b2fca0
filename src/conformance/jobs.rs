//! The jobs of a log.

use super::Settings;
use super::by_job::ByJob;
use super::log::Watched;
use super::watch::{Ended, Watch};
use crate::Timestamp;
use crate::wire::{JobId, JobKey};

/// All jobs that were seen and not let go.
///
/// Jobs that ended are kept in two generations, so that those of long ago can be let go without a list of when each of
/// them ended: when the younger generation is as old or as large as one that must be kept, it becomes the older one, and
/// what was the older one until then goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    live: ByJob<Watch>,
    ended: Generation,
    ended_before: Generation,
    seen: u64,
    let_go: u64,
}

/// Jobs that ended one after another.
#[derive(Clone, Debug, Default)]
struct Generation {
    /// When the first of them was seen to end or later, where the log has times.
    began: Option<Timestamp>,
    usual: ByJob<Ended>,
    /// Those of which more must be remembered.
    others: ByJob<Watch>,
}

impl Generation {
    fn len(&self) -> usize {
        self.usual.len() + self.others.len()
    }

    fn insert(&mut self, key: JobKey<'_>, watch: Watch) {
        match Ended::of(&watch, self.began) {
            Some(ended) => self.usual.insert(key, ended),
            None => self.others.insert(key, watch),
        }
    }

    fn remove(&mut self, key: JobKey<'_>) -> Option<Watch> {
        let ended = self.usual.remove(key).map(|ended| ended.revive(self.began));
        ended.or_else(|| self.others.remove(key))
    }
}

impl Jobs {
    /// How many jobs were seen; one that comes again after it was let go counts again.
    pub(super) fn count(&self) -> u64 {
        self.seen
    }

    /// How many jobs that had ended were let go.
    pub(super) fn let_go(&self) -> u64 {
        self.let_go
    }

    fn begin(&mut self) -> Watch {
        let watch = Watch::new(self.seen);
        self.seen += 1;
        watch
    }

    /// How many jobs have not ended.
    pub(super) fn unterminated(&self) -> usize {
        self.live.values().filter(|watch| is_told(watch, self.let_go)).count()
    }

    /// The jobs that have not ended, in the order in which they were first seen.
    pub(super) fn into_in_progress(self) -> impl Iterator<Item = (JobId, Watch)> {
        let Self { live, let_go, .. } = self;
        live.into_sorted(move |watch| is_told(watch, let_go), Watch::order)
    }
}

/// Whether a job goes on, as far as was told: one of which there is an answer alone may have ended, and been let go.
fn is_told(watch: &Watch, let_go: u64) -> bool {
    watch.is_in_progress() && (let_go == 0 || watch.was_seen())
}

impl Watched for Jobs {
    /// A job that wasn't seen before gets a watch.
    fn watch<R>(&mut self, id: &JobId, judge: impl FnOnce(&mut Watch) -> R) -> R {
        let key = id.key();
        if let Some(watch) = self.live.get_mut(key) {
            let judgement = judge(watch);
            if watch.is_over() {
                if let Some(watch) = self.live.remove(key) {
                    self.ended.insert(key, watch);
                }
            }
            return judgement;
        }
        let ended = self.ended.remove(key).or_else(|| self.ended_before.remove(key));
        let mut watch = ended.unwrap_or_else(|| self.begin());
        let judgement = judge(&mut watch);
        if watch.is_over() {
            self.ended.insert(key, watch);
        } else {
            self.live.insert(key, watch);
        }
        judgement
    }

    /// Lets the jobs go that ended long enough ago, now that something was seen; says whether a generation has passed.
    fn age(&mut self, at: Option<Timestamp>, settings: &Settings) -> bool {
        let began = self.ended.began.or(at);
        self.ended.began = began;
        let is_old =
            at.zip(began).is_some_and(|(at, began)| at.since(began) >= settings.limits.message_retention);
        if !is_old && self.ended.len() < settings.max_ended_jobs.min(ByJob::<Ended>::MOST) {
            return false;
        }
        self.let_go += self.ended_before.len() as u64;
        let next = Generation { began: at, ..Generation::default() };
        self.ended_before = core::mem::replace(&mut self.ended, next);
        true
    }
}

#[cfg(test)]
mod tests {
    use core::mem::size_of;

    use super::{Ended, Jobs, Watch, Watched};
    use crate::Status;
    use crate::conformance::finding::Reporter;
    use crate::conformance::{Position, Settings, StatusReport};
    use crate::wire::{JobId, Open};

    /// With where it stands in the table: at most 12 bytes of it are in use where the table has just grown.
    #[test]
    fn a_job_takes_few_bytes() {
        assert_eq!(size_of::<(u64, Watch)>(), 112);
        assert_eq!(size_of::<(u64, Ended)>(), 16);
    }

    fn see(jobs: &mut Jobs, is_snapshot: bool, status: Status) {
        let job = JobId::Number(101);
        let status: Open<Status> = status.into();
        let termination_type = status.known().and_then(Status::termination_type).map(Open::from);
        let report = StatusReport {
            job: &job,
            status: &status,
            termination_type: termination_type.as_ref(),
            percent_complete: None,
            job_timeout: None,
            is_completed: false,
        };
        let (settings, mut findings) = (Settings::default(), alloc::vec::Vec::new());
        let mut to = Reporter {
            settings: &settings,
            findings: &mut findings,
            position: Position::default(),
            job: None,
        };
        jobs.watch(&job, |watch| {
            if is_snapshot {
                watch.snapshot(&report, None, &mut to);
            } else {
                watch.status_message(&report, None, false, &mut to);
            }
        });
    }

    fn is_small(jobs: &Jobs) -> bool {
        jobs.live.len() == 0 && jobs.ended.len() == 1
    }

    /// Nor does the watch stay for a job that was fetched while it ran, as a client does that reads the requests.
    #[test]
    fn a_watch_goes_with_the_last_message() {
        for is_fetched in [false, true] {
            let mut jobs = Jobs::default();
            see(&mut jobs, false, Status::PendingTfa);
            if is_fetched {
                see(&mut jobs, true, Status::PendingTfa);
            }
            assert!(!is_small(&jobs));
            see(&mut jobs, false, Status::TimeoutTfa);
            assert!(is_small(&jobs));
            see(&mut jobs, false, Status::TimeoutTfa);
            see(&mut jobs, true, Status::TimeoutTfa);
            assert!(is_small(&jobs));
        }
    }

    #[test]
    fn a_watch_stays_while_messages_lag_behind() {
        let mut jobs = Jobs::default();
        see(&mut jobs, true, Status::Successful);
        assert!(is_small(&jobs));
        see(&mut jobs, false, Status::Updating);
        assert!(!is_small(&jobs));
        see(&mut jobs, false, Status::Successful);
        assert!(is_small(&jobs));
    }
}
