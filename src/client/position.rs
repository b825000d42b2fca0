//! How far a job has come, so that old news can be told from new.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::wire::{JobTimeout, Percent, RequestKind, StatusBody};
use crate::{Input, Status};

/// What one source tells of a job's life. Messages and snapshots each tell it in order, but one may be far ahead of the
/// other: each is followed as a sequence of its own, and only the furthest position of both counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sequence {
    position: Position,
    /// What was told last, of that which was believed.
    last: Numbers,
    /// What was told lately, the newest last: what is told once more, to the number, is old news. Statuses that are not
    /// in the table are none here.
    recent: VecDeque<(Option<Status>, Numbers)>,
    /// What was told last, where it was held back.
    held: Option<(Status, Numbers)>,
}

/// The numbers of a report, which tell one of its kind from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub(super) percent: Option<f64>,
    pub(super) timeout: Option<i64>,
}

/// What a report is to the source that it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Told {
    /// Where the job stands, be it news or a heartbeat.
    Present(Position),
    /// Either old news or another round of the same: only the job itself can tell.
    InDoubt {
        /// Whether it was told before, to the number.
        is_repeat: bool,
    },
    /// Old news.
    Passed,
}

impl Sequence {
    /// How many reports are remembered: those of a quarter of an hour, at the pace of polling.
    const REMEMBERED: usize = 256;

    /// Nothing told yet.
    pub(super) const START: Self = Self {
        position: Position::START,
        last: Numbers { percent: None, timeout: None },
        recent: VecDeque::new(),
        held: None,
    };

    /// Takes in what the source tells next; `is_late` where something else shows that it may be old news.
    ///
    /// A job that goes round in a circle comes to the same status again, and so does a message that is delivered once
    /// more. Numbers that have changed since and are the same again give the message away. Where it is but a percentage
    /// it may be one that each status has: then it is held back, and believed when it is told a second time.
    pub(super) fn tell(&mut self, status: Status, numbers: Numbers, is_late: bool) -> Told {
        let was_told = self.was_told(Some(status), numbers);
        let is_repeat = was_told && numbers != self.last;
        let Some(next) = self.position.follow(status) else { return Told::Passed };
        let held = self.held.take();
        if status == self.position.status {
            if held.is_some() && (is_late || !numbers.is_after(self.last)) {
                return Told::InDoubt { is_repeat };
            }
            // The last message once more says nothing of the time that is left now.
            if is_late || was_told && (is_repeat || numbers.timeout.is_some()) {
                return Told::Passed;
            }
        } else {
            let is_told_again = held.is_some_and(|(held, _)| held == status) && numbers.timeout.is_none();
            if is_late || is_repeat && !is_told_again {
                self.held = Some((status, numbers));
                return Told::InDoubt { is_repeat };
            }
        }
        self.resume(next, numbers);
        Told::Present(next)
    }

    /// Whether a report was told before and has numbers to tell that by. It is remembered.
    pub(super) fn was_told(&mut self, status: Option<Status>, numbers: Numbers) -> bool {
        let report = (status, numbers);
        if self.recent.contains(&report) {
            return numbers != Numbers::default();
        }
        if self.recent.len() == Self::REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(report);
        false
    }

    /// Whether this is what the source has told.
    pub(super) fn is_at(&self, position: Position) -> bool {
        self.position == position
    }

    /// The position of the wait that was held back, and its numbers, now that its request shows that it has begun.
    pub(super) fn tell_held(&mut self, kind: RequestKind) -> Option<(Position, Numbers)> {
        let (status, numbers) =
            self.held.filter(|&(status, _)| RequestKind::awaited_in(status) == Some(kind))?;
        let next = self.position.follow(status)?;
        self.resume(next, numbers);
        Some((next, numbers))
    }

    /// The source tells what can't be old news.
    pub(super) fn resume(&mut self, position: Position, numbers: Numbers) {
        self.position = position;
        self.last = numbers;
        self.held = None;
    }
}

impl Numbers {
    pub(super) fn of(report: &StatusBody) -> Self {
        Self {
            percent: report.percent_complete.as_ref().map(Percent::get),
            timeout: report.job_timeout.as_ref().map(JobTimeout::get),
        }
    }

    /// Whether more was done when this was told, or as much with less time left; not where only one tells how much.
    fn is_after(self, other: Self) -> bool {
        let has_less_time = self.timeout.is_some() && self.timeout < other.timeout;
        self.percent.is_some() == other.percent.is_some()
            && (self.percent > other.percent || self.percent == other.percent && has_less_time)
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
