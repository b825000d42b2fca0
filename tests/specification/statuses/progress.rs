//! The rows without a termination type.

use cardsavr_protocol::{Input, Status};

use super::{Phase, goes_on};

/// Each row with the status that follows by its description, and the input that it awaits.
const TABLE: &[(&str, Status, Option<Input>)] = &[
    ("REQUESTED", Status::Queued, None),
    ("QUEUED", Status::InProgress, None),
    ("IN_PROGRESS", Status::Auth, None),
    ("AUTH", Status::LoginSubmitted, None),
    ("PENDING_CREDS", Status::CredsReceived, Some(Input::InitialCredentials)),
    ("CREDS_RECEVIED", Status::LoginSubmitted, None),
    ("LOGIN_SUBMITTED", Status::PendingNewCreds, None),
    ("PENDING_NEWCREDS", Status::NewCredsReceived, Some(Input::NewCredentials)),
    ("NEWCREDS_RECEIVED", Status::LoginResubmitted, None),
    ("LOGIN_RESUBMITTED", Status::Updating, None),
    ("PENDING_TFA", Status::TfaReceived, Some(Input::TfaCode)),
    ("TFA_RECEIVED", Status::TfaSubmitted, None),
    ("TFA_SUBMITTED", Status::Updating, None),
    ("UPDATING", Status::Successful, None),
    ("PENDING_CARD", Status::Updating, Some(Input::Card)),
    ("CANCEL_REQUESTED", Status::Cancelled, None),
    ("INITIATED", Status::Requested, None),
];

/// The statuses of the rows.
pub(super) const ROWS: &[&str] = &{
    let mut rows = [""; TABLE.len()];
    let mut row = 0;
    while row < rows.len() {
        rows[row] = TABLE[row].0;
        row += 1;
    }
    rows
};

/// Each row has the next status and the awaited input of its description.
#[test]
fn each_row_has_its_successors() {
    for &(text, next, awaits) in TABLE {
        let status = goes_on(text);
        assert!(status.can_become(next), "{status} -> {next}");
        assert_eq!(status.awaits(), awaits, "{status}");
    }
}

/// A job begins as requested by default, and is queued directly after that.
#[test]
fn a_job_begins_as_requested_and_is_queued() {
    assert_eq!(Status::default(), Status::Requested);
    let next = Status::Requested.successors();
    let on: Vec<_> = next.iter().filter(|to| !to.is_terminal() && *to != Status::CancelRequested).collect();
    assert_eq!(on, [Status::Queued]);
}

/// An initiated job is not queued yet.
#[test]
fn an_initiated_job_is_not_queued() {
    assert!(!Status::Initiated.can_become(Status::Queued));
}

/// A cancel is only requested until the task acknowledges it: the job has not ended, and only terminal statuses follow.
#[test]
fn a_requested_cancel_is_not_an_end() {
    assert!(!Status::CancelRequested.is_terminal());
    assert!(Status::CancelRequested.successors().iter().all(Status::is_terminal));
}

/// The task starts before it authenticates, and authenticates before it places the card.
#[test]
fn the_task_starts_authenticates_and_places() {
    assert!(!Status::Queued.is_running() && Status::InProgress.is_running());
    assert_eq!(Status::Auth.phase(), Phase::Authentication);
    assert_eq!(Status::Updating.phase(), Phase::Placement);
    assert!(!Status::Updating.reaches(Status::Auth));
}

/// New credentials are awaited because the earlier ones were refused: only an attempt to log in leads there.
#[test]
fn new_credentials_are_awaited_after_a_refusal() {
    let from: Vec<_> = Status::PendingNewCreds.predecessors().iter().collect();
    assert_eq!(from, [Status::Auth, Status::LoginSubmitted, Status::LoginResubmitted]);
    let from: Vec<_> = Status::LoginResubmitted.predecessors().iter().collect();
    assert_eq!(from, [Status::NewCredsReceived]);
}

/// A code is received only after it was awaited, and submitted only after it was received.
#[test]
fn a_code_is_awaited_received_and_submitted() {
    let from = |status: Status| status.predecessors().iter().collect::<Vec<_>>();
    assert_eq!(from(Status::TfaReceived), [Status::PendingTfa]);
    assert_eq!(from(Status::TfaSubmitted), [Status::TfaReceived]);
}

/// A job that was started early runs while its initial credentials are awaited.
#[test]
fn an_early_start_runs_before_its_credentials() {
    assert!(Status::InProgress.can_become(Status::PendingCreds));
    assert!(Status::PendingCreds.is_running());
}
