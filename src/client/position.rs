//! How far a job has come, so that old news can be told from new.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::message::RequestKind;
use crate::{Input, Status};

/// What one source tells of a job's life. Messages and snapshots each tell it in order, but one may be far ahead of the
/// other: each is followed as a sequence of its own, and only the furthest position of both counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sequence {
    position: Position,
    /// How much was done of the job when it was last told, in percent.
    done: f64,
    /// The status that was told last, where it was held back.
    held: Option<Status>,
}

impl Sequence {
    /// Nothing told yet.
    pub(super) const START: Self = Self { position: Position::START, done: 0.0, held: None };

    /// The position that the source tells next; none where it tells something once more that lies behind it.
    ///
    /// A status that the job can come from and go to may be either. A smaller percentage gives old news away, but it
    /// may also just be smaller: it holds a status back once, and what is told a second time is believed.
    pub(super) fn tell(&mut self, status: Status, percent: Option<f64>) -> Option<Position> {
        let is_less_done = percent.is_some_and(|percent| percent < self.done);
        let is_told_again = self.held.take() == Some(status);
        if is_less_done && status.reaches(self.position.status) && !is_told_again {
            self.held = Some(status);
            return None;
        }
        self.position = self.position.follow(status)?;
        self.done = percent.unwrap_or(self.done);
        Some(self.position)
    }

    /// The position of the wait that was held back, now that its request shows that it has begun.
    pub(super) fn tell_held(&mut self, kind: RequestKind) -> Option<Position> {
        let status =
            self.held.filter(|status| status.awaits().and_then(RequestKind::for_input) == Some(kind))?;
        self.held = None;
        self.position = self.position.follow(status)?;
        self.done = 0.0;
        Some(self.position)
    }

    /// The source tells what can't be old news.
    pub(super) fn resume(&mut self, position: Position, percent: Option<f64>) {
        *self = Self { position, done: percent.unwrap_or(self.done), held: None };
    }
}

/// A place in a job's life: its status, and how often it has begun each kind of wait on the way there. The counts tell
/// apart what the status alone can't: a job goes round in circles, and each circle has one wait in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) status: Status,
    waits: [u32; Input::VARIANTS.len()],
}

impl Position {
    /// Where every life begins.
    pub(super) const START: Self = Self { status: Status::Initiated, waits: [0; Input::VARIANTS.len()] };

    /// The position of the next status: by the shortest lawful way, where statuses were left out. None where no lawful
    /// way leads there.
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

    /// This position, with no wait forgotten that the other one knows of.
    pub(super) fn remembering(mut self, other: Self) -> Self {
        for (ours, theirs) in self.waits.iter_mut().zip(other.waits) {
            *ours = theirs.max(*ours);
        }
        self
    }

    /// How many waits have begun for what a request of this kind asks for.
    pub(super) fn waits_for(self, kind: RequestKind) -> u32 {
        let inputs = match kind {
            RequestKind::Tfa => &[Input::TfaCode][..],
            RequestKind::Credential => &[Input::InitialCredentials, Input::NewCredentials],
        };
        inputs.iter().fold(0, |waits, &input| self.waits[input as usize].saturating_add(waits))
    }

    /// The wait that goes on, if one does: what is awaited, and the number of the wait among its like.
    pub(super) fn present_wait(self) -> Option<(Input, u32)> {
        self.status.awaits().map(|input| (input, self.waits[input as usize]))
    }
}

/// A circle of statuses, by the wait in it: `PENDING_TFA`, `TFA_RECEIVED`, `TFA_SUBMITTED` and round again.
struct Circle {
    wait: Status,
    awaits: Input,
}

impl Circle {
    /// The circle that two statuses share: those that each lead to the other and to the same wait.
    fn of(one: Status, other: Status) -> Option<Self> {
        Status::ALL.iter().find_map(|&wait| {
            let is_shared = [one, other].iter().all(|&status| status.reaches(wait) && wait.reaches(status));
            wait.awaits().filter(|_| is_shared).map(|awaits| Self { wait, awaits })
        })
    }

    /// How far round a position is: in how many rounds, and then in how many steps from the wait.
    fn progress(&self, position: Position) -> (u32, usize) {
        let steps = self.wait.path_to(position.status).map_or(0, Iterator::count);
        (position.waits[self.awaits as usize], steps)
    }
}
