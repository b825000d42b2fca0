//! The position of a job in its history, to distinguish stale reports from new ones.

use alloc::collections::VecDeque;
use core::cmp::Ordering;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::want;
use crate::wire::{JobTimeout, Percent, StatusBody};
use crate::{Edition, Input, Status, StatusSet};

/// The numbers of a report, which distinguish it from others with the same status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub(super) percent: Option<f64>,
    pub(super) timeout: Option<i64>,
}

impl Numbers {
    pub(super) fn of(report: &StatusBody) -> Self {
        Self {
            percent: report.percent_complete.as_ref().map(Percent::get),
            timeout: report.job_timeout.as_ref().map(JobTimeout::get),
        }
    }
}

/// The reports of one source seen lately, the newest last: one that is seen again, to the number, is stale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Recent(VecDeque<(Option<Status>, Numbers)>);

impl Recent {
    /// How many reports are remembered: those of a quarter of an hour at the polling interval.
    const REMEMBERED: usize = 256;

    /// Remembers a report; whether it was seen before and has numbers to tell that by. `None` is any status that is
    /// not in the table.
    pub(super) fn has(&mut self, status: Option<Status>, numbers: Numbers) -> bool {
        let report = (status, numbers);
        if self.0.contains(&report) {
            return numbers != Numbers::default();
        }
        if self.0.len() == Self::REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(report);
        false
    }
}

/// A place in a job's history: its status, and how often it has begun each kind of wait on the way there. The counts
/// resolve the ambiguity of the status alone: the table has cycles, each with one wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) status: Status,
    waits: [u32; Input::VARIANTS.len()],
}

impl Position {
    /// Where every job begins.
    pub(super) const START: Self = Self { status: Status::Initiated, waits: [0; Input::VARIANTS.len()] };

    /// The position of the next status: by the shortest legal sequence, where statuses were skipped. `None` if no legal
    /// sequence leads there.
    pub(super) fn follow(self, edition: Edition, status: Status) -> Option<Self> {
        Some(edition.path(self.status, status)?.fold(self, Self::enter))
    }

    /// The position of this status, as the next one.
    pub(super) fn enter(mut self, status: Status) -> Self {
        self.status = status;
        if let Some(input) = status.awaits() {
            let waits = &mut self.waits[input as usize];
            *waits = waits.saturating_add(1);
        }
        self
    }

    /// Whether a job comes here only after it was there.
    pub(super) fn is_beyond(self, edition: Edition, other: Self) -> bool {
        let (here, there) = (self.status, other.status);
        match self.rounds_beyond(edition, other) {
            Some(Ordering::Equal) => leads(edition, there, here) && !leads(edition, here, there),
            Some(rounds) => rounds == Ordering::Greater,
            None => here != there && edition.reaches(there, here),
        }
    }

    /// Whether the statuses alone don't show which of two positions of a cycle comes first.
    pub(super) fn is_tied(self, edition: Edition, other: Self) -> bool {
        self.status != other.status
            && self.rounds_beyond(edition, other) == Some(Ordering::Equal)
            && !self.is_beyond(edition, other)
            && !other.is_beyond(edition, self)
    }

    /// Compares how many waits of a cycle have begun, if both statuses are in one.
    fn rounds_beyond(self, edition: Edition, other: Self) -> Option<Ordering> {
        let is_in = |wait: Status, status| edition.reaches(status, wait) && edition.reaches(wait, status);
        let waits = edition.statuses().iter().filter(|&wait| {
            wait.is_waiting() && [self.status, other.status].iter().all(|&status| is_in(wait, status))
        });
        let mut inputs = waits.filter_map(Status::awaits).peekable();
        inputs.peek()?;
        let (ours, theirs) = inputs.fold((0_u32, 0_u32), |(ours, theirs), input| {
            let add = |sum: u32, position: Self| sum.saturating_add(position.waits[input as usize]);
            (add(ours, self), add(theirs, other))
        });
        Some(ours.cmp(&theirs))
    }

    /// This position, with the greater of both counts of each wait.
    pub(super) fn remembering(mut self, other: Self) -> Self {
        for (ours, theirs) in self.waits.iter_mut().zip(other.waits) {
            *ours = theirs.max(*ours);
        }
        self
    }

    /// How many waits have begun that want this.
    pub(super) fn waits_for(self, edition: Edition, wanted: Input) -> u32 {
        let inputs = Input::VARIANTS.iter().filter(|&&input| want::of_wait(edition, input) == Some(wanted));
        inputs.fold(0, |waits, &input| self.waits[input as usize].saturating_add(waits))
    }

    /// The present wait, if the job waits: what is awaited, and the number of the wait among its kind.
    pub(super) fn present_wait(self) -> Option<(Input, u32)> {
        self.status.awaits().map(|input| (input, self.waits[input as usize]))
    }
}

/// Whether a sequence of statuses leads from one to another without a wait on the way.
fn leads(edition: Edition, from: Status, to: Status) -> bool {
    let (mut reached, mut ring) = (StatusSet::default(), StatusSet::default().with(from));
    while !ring.is_empty() {
        let next =
            ring.iter().fold(StatusSet::default(), |next, status| next.union(edition.successors(status)));
        ring = next.iter().filter(|&status| !status.is_waiting() && !reached.contains(status)).collect();
        reached = reached.union(ring);
    }
    reached.contains(to)
}
