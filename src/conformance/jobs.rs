//! The jobs of one shard.

use super::Settings;
use super::watch::{Ended, Watch, status_of};
use crate::track::{ByJob, Generation, Generations, Size, Step};
use crate::wire::{EventJob, EventRef, JobId, JobKey};
use crate::{Status, Timestamp};

/// How many shards the jobs of a log are divided into. The number is fixed, and what is evicted is decided in each shard by
/// itself: so a report doesn't depend on how many threads or machines share the shards.
pub const SHARDS: usize = 64;

/// The jobs of a shard, or one.
pub(super) trait Watched {
    /// Hands the job's watch to `judge`: a new one, if the job was not seen before the event with this ordinal.
    fn watch<R>(&mut self, job: JobKey<'_>, ordinal: u64, judge: impl FnOnce(&mut Watch) -> R) -> R;
}

impl Watched for Watch {
    fn watch<R>(&mut self, _: JobKey<'_>, _: u64, judge: impl FnOnce(&mut Watch) -> R) -> R {
        judge(self)
    }
}

/// All jobs of a shard that were seen and not evicted.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    live: ByJob<Watch>,
    ended: Generations<EndedJobs>,
    seen: u64,
    none_ages: NoneAges,
}

/// The events at which no job is evicted.
#[derive(Clone, Copy, Debug, Default)]
struct NoneAges {
    without_time: bool,
    before: Option<Timestamp>,
}

/// Jobs that ended one after another.
#[derive(Clone, Debug, Default)]
struct EndedJobs {
    usual: ByJob<Ended>,
    /// Those of which more must be remembered.
    others: ByJob<Watch>,
}

impl Size for EndedJobs {
    fn size(&self) -> usize {
        self.usual.len() + self.others.len()
    }
}

impl Generation<EndedJobs> {
    fn insert(&mut self, key: JobKey<'_>, watch: Watch) {
        match Ended::of(&watch, self.began) {
            Some(ended) => self.entries.usual.insert(key, ended),
            None => self.entries.others.insert(key, watch),
        }
    }

    fn has(&self, key: JobKey<'_>) -> bool {
        self.entries.usual.contains(key) || self.entries.others.contains(key)
    }

    fn remove(&mut self, key: JobKey<'_>) -> Option<Watch> {
        let ended = self.entries.usual.remove(key).map(|ended| ended.revive(self.began));
        ended.or_else(|| self.entries.others.remove(key))
    }
}

impl Jobs {
    /// How many jobs were seen; one that comes again after it was evicted counts again.
    pub(super) fn count(&self) -> u64 {
        self.seen
    }

    /// How many jobs that had ended were evicted.
    pub(super) fn evicted(&self) -> u64 {
        self.ended.evicted()
    }

    /// How many jobs have not ended. `evicted`: how many jobs of the log were evicted.
    pub(super) fn unterminated(&self, evicted: u64) -> usize {
        self.live.values().filter(|watch| is_unterminated(watch, evicted)).count()
    }

    /// The jobs that have not ended, in the order in which they were first seen.
    pub(super) fn into_unterminated(self, evicted: u64) -> impl Iterator<Item = (JobId, Watch)> {
        self.live.into_sorted(move |watch| is_unterminated(watch, evicted), Watch::order)
    }

    /// Evicts the jobs that ended long enough ago.
    pub(super) fn age(&mut self, at: Option<Timestamp>, settings: &Settings) {
        self.ended.age(at, settings.limits.message_retention, keep(settings));
    }

    /// Sees at which events no job is evicted, until the next one is judged on the general path.
    pub(super) fn settle(&mut self, settings: &Settings) {
        let young = &self.ended.young;
        let has_room = young.entries.size() < keep(settings);
        let before = young.began.map(|began| began + settings.limits.message_retention);
        self.none_ages = NoneAges { without_time: has_room, before: before.filter(|_| has_room) };
    }

    /// Judges the first event of a job on the fast path, if no rule finds anything in it.
    #[inline(never)]
    fn begin(
        &mut self,
        key: JobKey<'_>,
        event: &EventRef<'_>,
        to: Status,
        ordinal: u64,
        settings: &Settings,
    ) -> Option<Step> {
        if self.ended.each().any(|generation| generation.has(key)) {
            return None;
        }
        let (watch, step) = Watch::begin(ordinal, event, to, settings)?;
        self.seen += 1;
        self.live.insert(key, watch);
        Some(step)
    }

    /// Judges an event of a job on the fast path, if no rule finds anything in it; else nothing is changed.
    #[inline]
    pub(super) fn quick(&mut self, event: &EventRef<'_>, ordinal: u64, settings: &Settings) -> Option<Step> {
        let to = status_of(event)?;
        let none_ages = match event.at {
            None => self.none_ages.without_time,
            at => at < self.none_ages.before,
        };
        let Some(EventJob::Number(job)) = event.job.filter(|_| none_ages) else { return None };
        match self.live.get_mut(JobKey::Number(job)) {
            Some(watch) => watch.quick(event, to, settings),
            None => self.begin(JobKey::Number(job), event, to, ordinal, settings),
        }
    }
}

/// How many ended jobs a shard keeps.
fn keep(settings: &Settings) -> usize {
    settings.max_ended_jobs.div_ceil(SHARDS).min(ByJob::<Ended>::MOST)
}

/// Whether a job goes on, as far as the log shows: one of which there is an answer alone may have ended and been evicted.
fn is_unterminated(watch: &Watch, evicted: u64) -> bool {
    watch.is_in_progress() && (evicted == 0 || watch.was_seen())
}

impl Watched for Jobs {
    fn watch<R>(&mut self, key: JobKey<'_>, ordinal: u64, judge: impl FnOnce(&mut Watch) -> R) -> R {
        if let Some(watch) = self.live.get_mut(key) {
            let judgement = judge(watch);
            watch.settle();
            if watch.is_over() {
                if let Some(watch) = self.live.remove(key) {
                    self.ended.young.insert(key, watch);
                }
            }
            return judgement;
        }
        let ended = self.ended.find(|generation| generation.remove(key));
        let mut watch = ended.unwrap_or_else(|| {
            self.seen += 1;
            Watch::new(ordinal)
        });
        let judgement = judge(&mut watch);
        watch.settle();
        if watch.is_over() {
            self.ended.young.insert(key, watch);
        } else {
            self.live.insert(key, watch);
        }
        judgement
    }
}

#[cfg(test)]
mod tests {
    use core::mem::size_of;

    use alloc::vec::Vec;

    use super::{Ended, Jobs, Size, Watch};
    use crate::Status;
    use crate::conformance::Settings;
    use crate::conformance::judge::judge_event;
    use crate::wire::{Block, JobStatusMessage, Message, NotifiedJob, Position, StatusBody};

    /// With where it stands in the table: at most 12 bytes of it are in use where the table has just grown.
    #[test]
    fn a_job_takes_few_bytes() {
        assert_eq!(size_of::<(u64, Watch)>(), 112);
        assert_eq!(size_of::<(u64, Ended)>(), 16);
    }

    fn see(jobs: &mut Jobs, is_snapshot: bool, status: Status) {
        let mut block = Block::default();
        let termination_type = status.termination_type().map(Into::into);
        if is_snapshot {
            let job = NotifiedJob { termination_type, ..NotifiedJob::new(101, status) };
            block.push_notified(&job, Position::default(), None);
        } else {
            let message = StatusBody { termination_type, ..StatusBody::new(status) };
            let message = Message::JobStatus(JobStatusMessage::new(101, message));
            block.push_message(&message, Position::default(), None);
        }
        let settings = Settings::default();
        for event in block.iter() {
            judge_event(jobs, event, 0, &settings, &mut Vec::new());
        }
    }

    fn is_small(jobs: &Jobs) -> bool {
        jobs.live.len() == 0 && jobs.ended.young.entries.size() == 1
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
