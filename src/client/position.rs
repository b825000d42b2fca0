//! The position of a job in its history, to distinguish stale reports from new ones.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::wire::{JobTimeout, Percent, RequestKind, StatusBody};
use crate::{Input, Status};

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
    pub(super) fn follow(self, status: Status) -> Option<Self> {
        Some(self.status.path_to(status)?.fold(self, Self::enter))
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
    pub(super) fn is_beyond(self, other: Self) -> bool {
        match Circle::of(self.status, other.status) {
            Some(circle) => circle.progress(self) > circle.progress(other),
            None => self.status != other.status && other.status.reaches(self.status),
        }
    }

    /// This position, with the greater of both counts of each wait.
    pub(super) fn remembering(mut self, other: Self) -> Self {
        for (ours, theirs) in self.waits.iter_mut().zip(other.waits) {
            *ours = theirs.max(*ours);
        }
        self
    }

    /// How many waits have begun for what a request of this kind asks for.
    pub(super) fn waits_for(self, kind: RequestKind) -> u32 {
        let inputs = Input::VARIANTS.iter().filter(|&&input| RequestKind::for_input(input) == Some(kind));
        inputs.fold(0, |waits, &input| self.waits[input as usize].saturating_add(waits))
    }

    /// The present wait, if the job waits: what is awaited, and the number of the wait among its kind.
    pub(super) fn present_wait(self) -> Option<(Input, u32)> {
        self.status.awaits().map(|input| (input, self.waits[input as usize]))
    }
}

/// A cycle of statuses, by its wait: `PENDING_TFA`, `TFA_RECEIVED`, `TFA_SUBMITTED`, `PENDING_TFA` and so on.
struct Circle {
    wait: Status,
    awaits: Input,
}

impl Circle {
    /// The cycle of two statuses, if each leads to the other and to the same wait.
    fn of(one: Status, other: Status) -> Option<Self> {
        Status::ALL.iter().find_map(|&wait| {
            let is_shared = [one, other].iter().all(|&status| status.reaches(wait) && wait.reaches(status));
            wait.awaits().filter(|_| is_shared).map(|awaits| Self { wait, awaits })
        })
    }

    /// The progress of a position in its cycle: the number of rounds, then the number of steps from the wait.
    fn progress(&self, position: Position) -> (u32, usize) {
        let steps = self.wait.path_to(position.status).map_or(0, Iterator::count);
        (position.waits[self.awaits as usize], steps)
    }
}
