//! All stages of a check on one thread.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::jobs::SHARDS;
use super::judge::shard_of;
use super::{Finding, Judged, Linker, Rule, Settings, Severity, Shard, Totals, merge};
use crate::wire::{Block, EventRef, JobId};

/// Checks a log: the record of one recorder, in the order in which it saw things, of any number of jobs.
///
/// See the [module](crate::conformance) for an example.
#[derive(Clone, Debug)]
pub struct Checker {
    settings: Settings,
    linker: Linker,
    shards: Box<[Shard]>,
    totals: Totals,
    /// How many events were before the block that was linked last, and how many are there with it.
    before: u64,
    events: u64,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl Checker {
    /// A checker that has seen nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            linker: Linker::default(),
            shards: vec![Shard::default(); SHARDS].into_boxed_slice(),
            totals: Totals::default(),
            before: 0,
            events: 0,
        }
    }

    /// Checks the next events of the log, and adds what it finds to `findings`, in the order of the events and then of the
    /// catalogue.
    pub fn check(&mut self, block: &mut Block, findings: &mut Vec<Finding>) {
        self.link(block);
        for index in 0..block.len() {
            self.judge(block, index, findings);
        }
    }

    /// The stage `link` for the next events of the log. Then the [job](crate::wire::EventRef::job) of each is known, and
    /// [`judge`](Self::judge) takes those that are to be judged, in order.
    ///
    /// ```
    /// use cardsavr_protocol::conformance::{Checker, Rule, Settings};
    /// use cardsavr_protocol::wire::{Block, Message, Position};
    ///
    /// let mut block = Block::default();
    /// for job in [101, 102] {
    ///     let json = format!(r#"{{"type":"tfa_request","job_id":{job},"envelope_id":"e7"}}"#);
    ///     block.push_message(&Message::from_json(&json)?, Position::default(), None);
    /// }
    /// let mut checker = Checker::new(Settings::default());
    /// let mut findings = Vec::new();
    /// checker.link(&mut block);
    /// // Of the requests of all jobs, those of one are judged.
    /// checker.judge(&block, 1, &mut findings);
    /// assert_eq!(findings[0].rule, Rule::EnvelopeReused);
    /// assert_eq!(checker.finish(&mut findings).jobs, 1);
    /// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
    /// ```
    pub fn link(&mut self, block: &mut Block) {
        self.linker.link(block, &self.settings);
        self.before = self.events;
        self.events += block.len() as u64;
    }

    /// The stage `judge` for one event of the block that was linked last; `None` if there is no such event.
    pub fn judge<'b>(
        &mut self,
        block: &'b Block,
        index: usize,
        findings: &mut Vec<Finding>,
    ) -> Option<Judged<'b>> {
        let event = block.get(index)?;
        let shard = self.shards.get_mut(shard_of(&event))?;
        let first = findings.len();
        let judged = shard.judge(event, self.before + index as u64, &self.settings, findings);
        self.totals.count(&judged, self.settings.max_unknown_words);
        if let Some(found) = findings.get(first..).filter(|found| !found.is_empty()) {
            self.totals.count_findings(found);
        }
        Some(judged)
    }

    /// The job of an event that is not linked: see [`Linker::job_of`].
    pub fn job_of(&self, event: &EventRef<'_>) -> Option<JobId> {
        self.linker.job_of(event)
    }

    /// How many findings of this severity there were until now.
    pub fn found(&self, severity: Severity) -> u64 {
        self.totals.of(severity)
    }

    /// Reports what shows only at the end of the log, and gives what was counted.
    pub fn finish(self, findings: &mut Vec<Finding>) -> Totals {
        let keep = |finding| {
            findings.push(finding);
            Ok(())
        };
        self.finish_each(keep).unwrap_or_else(|never: Infallible| match never {})
    }

    /// As [`finish`](Self::finish), but hands over one finding after another: a log may have millions of jobs that don't
    /// end.
    ///
    /// # Errors
    ///
    /// The first error of `visit`, which is not called again then.
    pub fn finish_each<E>(self, mut visit: impl FnMut(Finding) -> Result<(), E>) -> Result<Totals, E> {
        let Self { settings, shards, mut totals, .. } = self;
        totals.count_jobs(&shards);
        let Some(severity) = settings.severities.of(Rule::UnterminatedJob) else { return Ok(totals) };
        let evicted = totals.let_go;
        let shards = shards.into_vec().into_iter().map(|shard| shard.finish(evicted, severity));
        for (_, finding) in merge(shards) {
            totals.count_findings(core::slice::from_ref(&finding));
            visit(finding)?;
        }
        Ok(totals)
    }

    /// Gives what was counted until now, if the log was not read to its end: what shows only there is not reported.
    pub fn stop(self) -> Totals {
        let mut totals = self.totals;
        totals.count_jobs(&self.shards);
        totals
    }
}
