//! The shards of a check, divided among threads.

use alloc::vec::Vec;

use super::jobs::SHARDS;
use super::judge::shard_of;
use super::{Finding, Judged, Settings, Severity, Shard, Totals};
use crate::wire::EventRef;

/// Some of the shards of a check, which one thread judges, and what they counted.
///
/// ```
/// use cardsavr_protocol::conformance::{Checker, Group, Settings};
///
/// let mut stages = Checker::new(Settings::default()).into_stages(3);
/// assert_eq!(stages.groups.len(), 3);
/// // Each group judges its events of a linked block, on its own thread.
/// let totals = Checker::from(stages).stop();
/// assert_eq!(totals.messages, 0);
/// ```
#[derive(Clone, Debug)]
pub struct Group {
    shards: Vec<Shard>,
    /// The number of groups: shard `s` is in group `s % groups`, at `s / groups`.
    groups: usize,
    counts: Totals,
}

impl Group {
    /// All shards in one group.
    pub(super) fn all() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), groups: 1, counts: Totals::default() }
    }

    /// The index of the group that judges a linked event, of so many groups.
    #[must_use]
    pub fn of(event: &EventRef<'_>, groups: usize) -> usize {
        shard_of(event) % groups.max(1)
    }

    /// The stage `judge` for a linked event of this group: see [`Shard::judge`]. Words that are unknown are not counted here,
    /// but in the order of the log, by [`Unknown::count`](super::Unknown::count).
    pub fn judge<'b>(
        &mut self,
        event: EventRef<'b>,
        ordinal: u64,
        settings: &Settings,
        findings: &mut Vec<Finding>,
    ) -> Option<Judged<'b>> {
        let shard = self.shards.get_mut(shard_of(&event) / self.groups)?;
        let first = findings.len();
        let judged = shard.judge(event, ordinal, settings, findings);
        self.counts.count(&judged);
        if let Some(found) = findings.get(first..).filter(|found| !found.is_empty()) {
            self.counts.count_findings(found);
        }
        Some(judged)
    }

    /// How many findings of this severity there were until now.
    pub fn found(&self, severity: Severity) -> u64 {
        self.counts.of(severity)
    }

    /// Divides a group of all shards into so many groups. What was counted stays with the first.
    pub(super) fn divide(self, groups: usize) -> Vec<Self> {
        let groups = groups.clamp(1, SHARDS);
        let mut counts = Some(self.counts);
        let mut divided: Vec<_> = (0..groups)
            .map(|_| Self { shards: Vec::new(), groups, counts: counts.take().unwrap_or_default() })
            .collect();
        for (index, shard) in self.shards.into_iter().enumerate() {
            if let Some(group) = divided.get_mut(index % groups) {
                group.shards.push(shard);
            }
        }
        divided
    }

    /// Joins all groups of a check.
    pub(super) fn join(groups: Vec<Self>) -> Self {
        let mut counts = Totals::default();
        let mut parts = Vec::new();
        for group in groups {
            counts.add(&group.counts);
            parts.push(group.shards.into_iter());
        }
        let mut shards = Vec::with_capacity(SHARDS);
        // Shard after shard, one of each group in turn.
        while let Some(shard) = parts.iter_mut().find_map(Iterator::next) {
            shards.push(shard);
            parts.rotate_left(1);
        }
        Self { shards, groups: 1, counts }
    }

    pub(super) fn into_parts(self) -> (Vec<Shard>, Totals) {
        (self.shards, self.counts)
    }
}
