//! A job's waits for its user: the requests that go with them, and the answers in time.

use core::time::Duration;

use super::finding::Reporter;
use super::numbers::Numbers;
use super::{Rule, Violation};
use crate::wire::RequestKind;
use crate::{Status, Timestamp};

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
    last: Option<RequestKind>,
    /// When it began, in milliseconds.
    since: i64,
    requested: Requested,
}

/// Whether a request that could be for the next wait of its kind was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Requested {
    tfa_code: bool,
    credentials: bool,
}

impl Waits {
    /// Whether nothing of them counts any more once the job's messages have ended.
    pub(super) fn are_answered(&self) -> bool {
        self.last.is_none()
    }

    /// Whether nothing was requested for a wait that has not begun, or has not ended.
    pub(super) fn is_nothing_requested(&self) -> bool {
        !self.requested.tfa_code && !self.requested.credentials
    }

    /// A request was seen; a request of an unknown kind may be for anything.
    pub(super) fn note_request(&mut self, kind: Option<RequestKind>) {
        self.requested.tfa_code |= kind != Some(RequestKind::CredentialRequest);
        self.requested.credentials |= kind != Some(RequestKind::TfaRequest);
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
            self.leave(left, status, requests_shown, to);
            self.current = None;
        }
        let Some(status) = status else { return };
        let Some(kind) = status.awaits().and_then(RequestKind::for_input) else { return };
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

    fn leave(&mut self, left: Status, next: Option<Status>, requests_shown: bool, to: &mut Reporter<'_>) {
        if next.is_some_and(Status::is_answer) {
            self.last = None;
        }
        let (kind, was_requested) = match left.awaits().and_then(RequestKind::for_input) {
            Some(RequestKind::TfaRequest) => {
                (RequestKind::TfaRequest, core::mem::take(&mut self.requested.tfa_code))
            }
            _ => (RequestKind::CredentialRequest, core::mem::take(&mut self.requested.credentials)),
        };
        // A job that was started early may get its first credentials without having asked for them.
        if !was_requested && requests_shown && left != Status::PendingCreds {
            to.report(Rule::PendingWithoutRequest, || Violation::PendingWithoutRequest {
                status: left,
                kind,
            });
        }
    }

    /// Judges the time of an answer to a request of this kind, or of any.
    pub(super) fn judge_answer(
        &self,
        kind: Option<RequestKind>,
        at: Option<Timestamp>,
        to: &mut Reporter<'_>,
    ) {
        let Some(at) = at.filter(|_| self.last.is_some() && (kind.is_none() || self.last == kind)) else {
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
