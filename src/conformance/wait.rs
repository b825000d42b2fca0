//! A job's waits for its user: the requests that go with them, and the answers in time.

use core::time::Duration;

use strum::VariantArray;

use super::finding::Reporter;
use super::numbers::Numbers;
use super::{Rule, Settings, Violation};
use crate::wire::RequestKind;
use crate::{Edition, Input, Status, Timestamp};

/// How long after the answer window a job may still show that it waits.
const GRACE: Duration = Duration::from_secs(60);

/// What is known of a job's present or last wait for credentials or a TFA code, and of the requests for the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    /// The status of the wait that goes on, if one does.
    current: Option<Status>,
    /// Whether it was reported to go on for too long.
    is_reported: bool,
    /// The time in milliseconds that the server said was left when the wait began.
    time_left: u64,
    /// What the last wait was for, as long as it wasn't answered and where the log has times.
    last: Option<Asked>,
    /// When it began, in milliseconds.
    since: i64,
    /// The inputs that requests could be for which were seen and whose wait has not ended, one bit each.
    requested: u8,
}

/// What a wait is for; `None` for what its request names.
type Asked = Option<RequestKind>;

impl Waits {
    /// Whether nothing of them counts any more once the job's messages have ended.
    pub(super) fn are_answered(&self) -> bool {
        self.last.is_none()
    }

    /// Whether nothing was requested for a wait that has not begun, or has not ended.
    pub(super) fn is_nothing_requested(&self) -> bool {
        self.requested == 0
    }

    /// Whether the wait of a status goes on, if it is one.
    pub(super) fn are_calm(&self, status: Status) -> bool {
        match self.current {
            Some(current) => current == status,
            None => asked_in(status).is_none(),
        }
    }

    /// Whether a wait that goes on is not overdue at this time.
    pub(super) fn is_quiet(&self, at: Option<Timestamp>, settings: &Settings) -> bool {
        match at.filter(|_| self.last.is_some()) {
            Some(at) => at.since(Timestamp::from_millis(self.since)) <= settings.limits.answer_window,
            None => true,
        }
    }

    /// A request was seen; a request of an unknown kind may be for anything.
    pub(super) fn note_request(&mut self, kind: Option<RequestKind>) {
        self.requested |= kind.map_or(u8::MAX, inputs);
    }

    /// The job is in a status now (none if it isn't in the table): it waits, waits still, or waits no more.
    pub(super) fn observe(
        &mut self,
        status: Option<Status>,
        at: Option<Timestamp>,
        numbers: &Numbers,
        requests_shown: bool,
        to: &mut Reporter<'_>,
    ) {
        if let Some(left) = self.current {
            if status == self.current {
                return self.judge_overdue(left, at, to);
            }
            let was_requested = self.leave(status, to.settings.edition);
            // A job that was started early may get its first credentials without having asked for them.
            if !was_requested && requests_shown && left != Status::PendingCreds {
                to.report(Rule::PendingWithoutRequest, || Violation::PendingWithoutRequest {
                    status: left,
                    kind: asked_in(left).flatten(),
                });
            }
        }
        if let Some(status) = status {
            self.enter(status, at, numbers);
        }
    }

    /// Begins the wait of a status, if it is one.
    pub(super) fn enter(&mut self, status: Status, at: Option<Timestamp>, numbers: &Numbers) {
        let Some(kind) = asked_in(status) else { return };
        let time_left = numbers.time_left().unwrap_or_default().as_millis();
        *self = Self {
            current: Some(status),
            is_reported: false,
            // No two times are further from each other.
            time_left: u64::try_from(time_left).unwrap_or(u64::MAX),
            last: at.map(|_| kind),
            since: at.map_or(0, Timestamp::as_millis),
            requested: self.requested,
        };
    }

    /// Whether no rule finds anything if the wait ends, if one goes on.
    pub(super) fn may_leave(&self, requests_shown: bool) -> bool {
        let is_requested = |left| self.requested & asked_in(left).flatten().map_or(u8::MAX, inputs) != 0;
        !requests_shown || self.current.is_none_or(|left| left == Status::PendingCreds || is_requested(left))
    }

    /// Ends the wait that goes on, if one does; returns whether it was requested.
    pub(super) fn leave(&mut self, next: Option<Status>, edition: Edition) -> bool {
        let Some(left) = self.current.take() else { return true };
        if next.is_some_and(|next| edition.is_answer(next)) {
            self.last = None;
        }
        self.take_requests(asked_in(left).flatten())
    }

    /// Whether a request for a wait was seen: of this kind, or of any. It is not for another wait then.
    fn take_requests(&mut self, kind: Asked) -> bool {
        let taken = kind.map_or(u8::MAX, inputs);
        let was_requested = self.requested & taken != 0;
        self.requested &= !taken;
        was_requested
    }

    /// Judges the time of an answer to a request of this kind, or of any.
    pub(super) fn judge_answer(
        &self,
        kind: Option<RequestKind>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) {
        let is_for = |asked: Asked| asked.is_none() || kind.is_none() || asked == kind;
        let Some(at) = at.filter(|_| self.last.is_some_and(is_for)) else {
            return;
        };
        let window = to.settings.limits.answer_window;
        let taken = at.since(Timestamp::from_millis(self.since));
        if taken > window {
            to.report(Rule::LateResponse, || Violation::LateResponse { after: taken, window });
        }
    }

    /// Judges a wait that goes on.
    fn judge_overdue(&mut self, status: Status, at: Option<Timestamp>, to: &mut Reporter<'_>) {
        let Some(at) = at.filter(|_| self.last.is_some()) else { return };
        // The wait must end by the documented window or by the server's own word.
        let window = to.settings.limits.answer_window.max(Duration::from_millis(self.time_left));
        let waited = at.since(Timestamp::from_millis(self.since));
        if self.is_reported || waited <= window.saturating_add(GRACE) {
            return;
        }
        self.is_reported = true;
        to.report(Rule::OverdueTimeout, || Violation::OverdueTimeout { status, after: waited, window });
    }
}

/// What a waiting status asks of the user; `None` for the others.
fn asked_in(status: Status) -> Option<Asked> {
    status.awaits().filter(|input| input.is_from_user()).map(RequestKind::for_input)
}

const _: () = assert!(Input::VARIANTS.len() <= 8, "there is a bit for every input");

/// What a request of this kind asks for, one bit each.
fn inputs(kind: RequestKind) -> u8 {
    kind.row().asks_for.iter().fold(0, |inputs, &input| inputs | 1 << input as u8)
}
