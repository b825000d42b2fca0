//! The jobs of a log, by their ids.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::monitor::{Ended, Monitor};
use crate::message::{JobId, JobKey};

/// All jobs that were seen. Those whose id is a number are looked up by it, without the text of their id.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    numbered: HashMap<u64, Watched>,
    named: HashMap<String, Watched>,
}

/// A job, as long as anything can be said of it.
#[derive(Clone, Debug, Default)]
enum Watched {
    #[default]
    New,
    Live(Box<Monitor>),
    Ended(Ended),
}

impl Jobs {
    /// How many jobs were seen.
    pub(super) fn count(&self) -> u64 {
        (self.numbered.len() + self.named.len()) as u64
    }

    /// Hands the job's monitor to `judge`; a job that wasn't seen before gets one.
    pub(super) fn watch<R>(&mut self, id: &JobId<'_>, judge: impl FnOnce(&mut Monitor) -> R) -> R {
        let before = self.count();
        let watched = match id.key() {
            JobKey::Number(number) => self.numbered.entry(number).or_default(),
            JobKey::Text(text) => self.named.entry_ref(text).or_default(),
        };
        let mut monitor = match core::mem::take(watched) {
            Watched::New => Box::new(Monitor::new(before)),
            Watched::Live(monitor) => monitor,
            Watched::Ended(ended) => ended.revive(),
        };
        let judgement = judge(&mut monitor);
        *watched = monitor.retire().map_or_else(Watched::Live, Watched::Ended);
        judgement
    }

    /// The jobs that have not ended, in the order in which they were first seen.
    pub(super) fn in_progress(&self) -> Vec<(JobId<'_>, &Monitor)> {
        let numbered = self.numbered.iter().map(|(&number, watched)| (JobId::Number(number), watched));
        let named = self.named.iter().map(|(text, watched)| (JobId::Text(Cow::Borrowed(text)), watched));
        let live = numbered.chain(named).filter_map(|(id, watched)| Some((id, watched.in_progress()?)));
        let mut jobs: Vec<_> = live.collect();
        jobs.sort_unstable_by_key(|(_, monitor)| monitor.order());
        jobs
    }
}

impl Watched {
    fn in_progress(&self) -> Option<&Monitor> {
        match self {
            Self::Live(monitor) if !monitor.has_ended() => Some(monitor),
            _ => None,
        }
    }
}
