//! The jobs of a log, by their ids.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::watch::{Ended, Watch};
use crate::message::{JobId, JobKey};

/// All jobs that were seen. Those whose id is a number are looked up by it, without the text of their id.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    numbered: HashMap<u64, Watched>,
    named: HashMap<String, Watched>,
}

/// A job, as long as anything can be said of it.
#[derive(Clone, Debug)]
enum Watched {
    Live(Box<Watch>),
    Ended(Ended),
}

impl Jobs {
    /// How many jobs were seen.
    pub(super) fn count(&self) -> u64 {
        (self.numbered.len() + self.named.len()) as u64
    }

    /// Hands the job's watch to `judge`; a job that wasn't seen before gets one.
    pub(super) fn watch<R>(&mut self, id: &JobId<'_>, judge: impl FnOnce(&mut Watch) -> R) -> R {
        let before = self.count();
        let new = || Watched::Live(Box::new(Watch::new(before)));
        let watched = match id.key() {
            JobKey::Number(number) => self.numbered.entry(number).or_insert_with(new),
            JobKey::Text(text) => self.named.entry_ref(text).or_insert_with(new),
        };
        match watched {
            Watched::Live(watch) => {
                let judgement = judge(watch);
                if watch.is_over() {
                    *watched = Watched::Ended(watch.retire());
                }
                judgement
            }
            Watched::Ended(ended) => {
                let mut watch = ended.revive();
                let judgement = judge(&mut watch);
                *watched = if watch.is_over() {
                    Watched::Ended(watch.retire())
                } else {
                    Watched::Live(Box::new(watch))
                };
                judgement
            }
        }
    }

    /// The jobs that have not ended, in the order in which they were first seen.
    pub(super) fn in_progress(&self) -> Vec<(JobId<'_>, &Watch)> {
        let numbered = self.numbered.iter().map(|(&number, watched)| (JobId::Number(number), watched));
        let named = self.named.iter().map(|(text, watched)| (JobId::Text(Cow::Borrowed(text)), watched));
        let live = numbered.chain(named).filter_map(|(id, watched)| Some((id, watched.in_progress()?)));
        let mut jobs: Vec<_> = live.collect();
        jobs.sort_unstable_by_key(|(_, watch)| watch.order());
        jobs
    }
}

impl Watched {
    fn in_progress(&self) -> Option<&Watch> {
        match self {
            Self::Live(watch) if watch.is_in_progress() => Some(watch),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use core::mem::size_of;

    use super::{Jobs, Watch, Watched};
    use crate::Status;
    use crate::conformance::finding::Reporter;
    use crate::conformance::{Position, Settings, StatusReport};
    use crate::message::{JobId, Open};

    /// A million jobs that ended are 48 MB; a watch each would be several times that.
    #[test]
    fn a_job_that_ended_takes_few_bytes() {
        assert!(size_of::<Watched>() <= 48, "{}", size_of::<Watched>());
        assert!(size_of::<Watched>() * 3 <= size_of::<Watch>(), "{}", size_of::<Watch>());
    }

    fn see(jobs: &mut Jobs, is_snapshot: bool, status: Status) {
        let job = JobId::Number(101);
        let status: Open<'_, Status> = status.into();
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
        matches!(jobs.numbered.values().next(), Some(Watched::Ended(_)))
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
