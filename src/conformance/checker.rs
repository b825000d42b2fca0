//! All stages of a check on one thread.

use alloc::vec::Vec;
use core::convert::Infallible;
use core::slice;

use super::{Finding, Group, Judged, Linker, Rule, Settings, Severity, Totals, Unknown, merge};
use crate::wire::{Block, EventRef, JobId};

/// Checks a log: the record of one recorder, in the order in which it saw things, of any number of jobs.
///
/// See the [module](crate::conformance) for an example.
#[derive(Clone, Debug)]
pub struct Checker {
    settings: Settings,
    linker: Linker,
    group: Group,
    unknown: Unknown,
    /// How many events were before the block that was linked last, and how many are there with it.
    before: u64,
    events: u64,
}

/// The stages of a check with what each remembers, for drivers that run them on several threads: [`Checker::into_stages`].
///
/// The driver links each block in the order of the log. The groups judge their events of a linked block in any order among
/// each other, each in the order of the log. The results don't depend on how many groups there are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stages {
    /// The settings of the check.
    pub settings: Settings,
    /// The stage `link`.
    pub linker: Linker,
    /// The stage `judge`, divided: [`Group::of`] gives the group of an event.
    pub groups: Vec<Group>,
    /// The unknown words, which the driver counts in the order of the log.
    pub unknown: Unknown,
    /// The number of events so far: the ordinal of the next one.
    pub events: u64,
}

impl From<Stages> for Checker {
    /// The check that goes on where the stages are.
    fn from(stages: Stages) -> Self {
        let Stages { settings, linker, groups, unknown, events } = stages;
        Self { settings, linker, group: Group::join(groups), unknown, before: events, events }
    }
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
            group: Group::all(),
            unknown: Unknown::default(),
            before: 0,
            events: 0,
        }
    }

    /// Divides the check into its stages, with `groups` groups of shards: at least one, and at most as many as there are
    /// shards.
    pub fn into_stages(self, groups: usize) -> Stages {
        let Self { settings, linker, group, unknown, events, .. } = self;
        Stages { settings, linker, groups: group.divide(groups), unknown, events }
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
        if !event.is_plain() {
            self.unknown.count(&event, self.settings.max_unknown_words);
        }
        self.group.judge(event, self.before + index as u64, &self.settings, findings)
    }

    /// The job of an event that is not linked: see [`Linker::job_of`].
    pub fn job_of(&self, event: &EventRef<'_>) -> Option<JobId> {
        self.linker.job_of(event)
    }

    /// How many findings of this severity there were until now.
    pub fn found(&self, severity: Severity) -> u64 {
        self.group.found(severity)
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
        let Self { settings, group, unknown, .. } = self;
        let (shards, mut totals) = group.into_parts();
        (totals.edition, totals.unknown) = (settings.edition, unknown);
        totals.count_jobs(&shards);
        let Some(severity) = settings.severities.of(Rule::UnterminatedJob) else { return Ok(totals) };
        let evicted = totals.let_go;
        let shards = shards.into_iter().map(|shard| shard.finish(evicted, severity));
        for (_, finding) in merge(shards) {
            totals.count_findings(slice::from_ref(&finding));
            visit(finding)?;
        }
        Ok(totals)
    }

    /// Gives what was counted until now, if the log was not read to its end: what shows only there is not reported.
    pub fn stop(self) -> Totals {
        let (shards, mut totals) = self.group.into_parts();
        (totals.edition, totals.unknown) = (self.settings.edition, self.unknown);
        totals.count_jobs(&shards);
        totals
    }
}
