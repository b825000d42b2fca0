//! A job's waits for its user: the requests that go with them, and the answers in time.

use alloc::format;
use core::time::Duration;

use super::Rule;
use super::finding::{Detail, Reporter};
use super::numbers::Numbers;
use crate::message::{JobId, RequestKind};
use crate::{Status, Timestamp};

/// How long after the answer window a job may still show that it waits.
const GRACE: Duration = Duration::from_secs(60);

/// What is known of a job's present or last wait for credentials or a TFA code, and of the requests for the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    current: Option<Wait>,
    /// The last wait, as long as it wasn't answered.
    last: Option<Since>,
    requested: Requested,
}

/// Whether a request that could be for the next wait of its kind was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Requested {
    tfa_code: bool,
    credentials: bool,
}

/// A wait that goes on.
#[derive(Clone, Copy, Debug)]
struct Wait {
    status: Status,
    since: Option<Timestamp>,
    /// The time in which it must end, by the documented window or by the server's own word.
    window: Duration,
    is_reported: bool,
}

/// When a wait for an answer began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since {
    kind: RequestKind,
    since: Timestamp,
}

impl Waits {
    /// The waits of a job that ended, by what still counts of them.
    pub(super) fn after(last: Option<Since>, requested: Requested) -> Self {
        Self { last, requested, ..Self::default() }
    }

    /// The last wait, unless it was answered.
    pub(super) fn last(&self) -> Option<Since> {
        self.last
    }

    /// What was requested for waits that have not begun, or have not ended.
    pub(super) fn requested(&self) -> Requested {
        self.requested
    }

    /// A request was seen; a request of an unknown kind may be for anything.
    pub(super) fn note_request(&mut self, kind: Option<RequestKind>) {
        self.requested.tfa_code |= kind != Some(RequestKind::Credential);
        self.requested.credentials |= kind != Some(RequestKind::Tfa);
    }

    /// The job is in a status now (none if it isn't in the table): it waits, waits still, or waits no more.
    pub(super) fn observe(
        &mut self,
        status: Option<Status>,
        at: Option<Timestamp>,
        numbers: &Numbers,
        requests_shown: bool,
        job: &JobId<'_>,
        to: &mut Reporter<'_>,
    ) {
        match &mut self.current {
            Some(wait) if status == Some(wait.status) => return wait.judge_overdue(at, job, to),
            Some(wait) => {
                let left = wait.status;
                self.leave(left, status, requests_shown, job, to);
            }
            None => {}
        }
        self.current = None;
        let Some(status) = status else { return };
        let Some(kind) = status.awaits().and_then(RequestKind::for_input) else { return };
        self.last = at.map(|since| Since { kind, since });
        self.current = Some(Wait {
            status,
            since: at,
            window: to.settings.limits.answer_window.max(numbers.time_left().unwrap_or_default()),
            is_reported: false,
        });
    }

    fn leave(
        &mut self,
        left: Status,
        next: Option<Status>,
        requests_shown: bool,
        job: &JobId<'_>,
        to: &mut Reporter<'_>,
    ) {
        if matches!(next, Some(Status::CredsReceived | Status::NewCredsReceived | Status::TfaReceived)) {
            self.last = None;
        }
        let (kind, was_requested) = match left.awaits().and_then(RequestKind::for_input) {
            Some(RequestKind::Tfa) => (RequestKind::Tfa, core::mem::take(&mut self.requested.tfa_code)),
            _ => (RequestKind::Credential, core::mem::take(&mut self.requested.credentials)),
        };
        // A job that was started early may get its first credentials without having asked for them.
        if !was_requested && requests_shown && left != Status::PendingCreds {
            to.report(Rule::PendingWithoutRequest, || {
                Detail::new(format!("job {job} left {left} and no {} for it was seen", kind.request()))
            });
        }
    }

    /// Judges the time of an answer.
    pub(super) fn judge_answer(
        &self,
        kind: RequestKind,
        at: Option<Timestamp>,
        job: &JobId<'_>,
        to: &mut Reporter<'_>,
    ) {
        let (Some(wait), Some(at)) = (self.last.filter(|wait| wait.kind == kind), at) else { return };
        let window = to.settings.limits.answer_window;
        let taken = at.since(wait.since);
        if taken > window {
            to.report(Rule::LateResponse, || {
                Detail::new(format!(
                    "job {job} was answered {taken:?} after it began to wait: the answer window is {window:?}"
                ))
            });
        }
    }
}

impl Wait {
    /// Judges a wait that goes on.
    fn judge_overdue(&mut self, at: Option<Timestamp>, job: &JobId<'_>, to: &mut Reporter<'_>) {
        let (Some(since), Some(at)) = (self.since, at) else { return };
        let waited = at.since(since);
        if self.is_reported || waited <= self.window.saturating_add(GRACE) {
            return;
        }
        self.is_reported = true;
        let Self { status, window, .. } = *self;
        to.report(Rule::OverdueTimeout, || {
            Detail::new(format!(
                "job {job} still waits in {status} after {waited:?}: the wait should have ended after {window:?}"
            ))
            .found(&status)
        });
    }
}
