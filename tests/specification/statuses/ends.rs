//! The rows with a termination type.

use core::time::Duration;

use cardsavr_protocol::TerminationType::{
    self, Billable, NeverStarted, ProcessFailure, SiteInteractionFailure, UserDataFailure,
};
use cardsavr_protocol::{Guard, Job, Limits, Phase, Status, Timer};

use super::{ends, expires, is_about_the_account, is_about_the_card, live};
use crate::at;

/// A row: the status, its termination type, and the test of its description.
type Row = (&'static str, TerminationType, fn(Status));

const TABLE: &[Row] = &[
    ("PREPAID_ACCOUNT", UserDataFailure, is_about_the_account),
    ("INACTIVE_ACCOUNT", UserDataFailure, is_about_the_account),
    ("PASSWORD_RESET_REQUIRED", UserDataFailure, is_about_the_account),
    ("BUNDLED_SUBSCRIPTION", UserDataFailure, is_about_the_account),
    ("FREE_ACCOUNT", UserDataFailure, is_about_the_account),
    ("ACCOUNT_LOCKED", UserDataFailure, is_about_the_account),
    ("INVALID_CARD", UserDataFailure, is_about_the_card),
    ("INVALID_ADDRESS", UserDataFailure, is_about_the_card),
    ("DUPLICATE_CARD", UserDataFailure, is_about_the_card),
    ("EXPIRED_CARD", UserDataFailure, is_about_the_card),
    ("INVALID_CVV", UserDataFailure, is_about_the_card),
    ("INVALID_NETWORK", UserDataFailure, is_about_the_card),
    ("MAX_LIMIT_OF_STORED_CARDS", UserDataFailure, is_about_the_card),
    ("SUCCESSFUL", Billable, is_about_the_card),
    ("UNSUCCESSFUL", SiteInteractionFailure, can_happen_to_what_runs),
    ("PROXY_PROBE_FAILED", ProcessFailure, can_happen_to_what_runs),
    ("VBS_TIMEOUT", ProcessFailure, the_task_took_too_long),
    ("VBS_ERROR", ProcessFailure, can_happen_to_what_runs),
    ("KILLED", NeverStarted, can_happen_to_what_runs),
    ("TIMEOUT_CAPTCHA", SiteInteractionFailure, is_no_wait_for_the_user),
    ("NETWORK_ISSUE", SiteInteractionFailure, is_the_third_failure),
    ("TIMEOUT_CREDENTIALS", UserDataFailure, new_credentials_took_four_minutes),
    ("TIMEOUT_TFA", UserDataFailure, the_code_took_four_minutes),
    ("TOO_MANY_LOGIN_FAILURES", UserDataFailure, two_logins_may_fail),
    ("TOO_MANY_TFA_FAILURES", UserDataFailure, one_code_may_fail),
    ("CANCELLED_QUICKSTART", NeverStarted, is_before_initial_credentials),
    ("ABANDONED_QUICKSTART", NeverStarted, is_before_initial_credentials),
    ("CANCELLED", NeverStarted, ends_an_initiated_job),
    ("ABANDONED", NeverStarted, ends_an_initiated_job),
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

/// Each row has its termination type and satisfies its description.
#[test]
fn each_row_ends_with_its_termination_type() {
    for (text, termination_type, demand) in TABLE {
        demand(ends(text, *termination_type));
    }
}

/// Any running job can end with this status.
fn can_happen_to_what_runs(status: Status) {
    assert!(Status::ALL.iter().filter(|from| from.is_running()).all(|from| from.can_become(status)));
}

/// A running job that doesn't wait for the user ends with this status when its time has passed.
fn the_task_took_too_long(status: Status) {
    can_happen_to_what_runs(status);
    for &running in Status::ALL.iter().filter(|status| status.is_running() && !status.is_waiting()) {
        let mut timer = Timer::new(Limits::default());
        timer.enter(at(0), running);
        assert_eq!(timer.expire(at(300) - Duration::from_millis(1)), None, "{running}");
        assert_eq!(timer.expire(at(300)), Some(status), "{running}");
    }
}

/// The task solves the captcha: the end doesn't follow a wait for the user.
fn is_no_wait_for_the_user(status: Status) {
    assert!(!status.predecessors().is_empty());
    assert!(status.predecessors().iter().all(|from| !from.is_waiting()));
}

/// The job continues after two failures to connect, and ends at the third.
fn is_the_third_failure(status: Status) {
    let limits = Limits::default();
    let mut job = Job::new(Status::InProgress);
    for next in [Status::Auth, Status::LoginSubmitted] {
        job = job.report_network_failure(&limits).unwrap().apply(next, &limits).unwrap();
    }
    let refused = job.report_network_failure(&limits).unwrap_err();
    assert_eq!(refused.guard, Some(Guard::NetworkFailures));
    assert_eq!(job.apply(status, &limits).map(|job| job.status()), Ok(status));
}

/// The user had about four minutes to enter new credentials.
fn new_credentials_took_four_minutes(status: Status) {
    assert_eq!(expires(Status::PendingNewCreds), (status, 240));
}

/// The user had about four minutes to enter the code.
fn the_code_took_four_minutes(status: Status) {
    assert_eq!(expires(Status::PendingTfa), (status, 240));
}

/// Two logins may fail; the third failure is the end.
fn two_logins_may_fail(status: Status) {
    use Status::{LoginResubmitted, LoginSubmitted, NewCredsReceived, PendingNewCreds};
    let round = [PendingNewCreds, NewCredsReceived, LoginResubmitted];
    let job = live(&[&[LoginSubmitted][..], &round, &round].concat()).unwrap();
    let refused = job.apply(PendingNewCreds, &Limits::default()).unwrap_err();
    assert_eq!(refused.guard, Some(Guard::FailedLogins));
    assert!(job.legal(&Limits::default()).contains(status));
}

/// One code may fail; the second failure is the end.
fn one_code_may_fail(status: Status) {
    use Status::{PendingTfa, TfaReceived, TfaSubmitted};
    let round = [PendingTfa, TfaReceived, TfaSubmitted];
    let job = live(&[round, round].concat()).unwrap();
    let refused = job.apply(PendingTfa, &Limits::default()).unwrap_err();
    assert_eq!(refused.guard, Some(Guard::FailedTfaCodes));
    assert!(job.legal(&Limits::default()).contains(status));
}

/// The job was requested, and its initial credentials were not received: afterwards it can't end with this status.
fn is_before_initial_credentials(status: Status) {
    assert!(Status::Requested.can_become(status) && Status::PendingCreds.can_become(status));
    let job = live(&[Status::PendingCreds, Status::CredsReceived, Status::Auth]).unwrap();
    let refused = job.apply(status, &Limits::default()).unwrap_err();
    assert_eq!(refused.guard, Some(Guard::CredentialsReceived));
}

/// The job was only initiated; a requested job ends with this status only after a requested cancel.
fn ends_an_initiated_job(status: Status) {
    assert!(Status::Initiated.can_become(status));
    assert_eq!(Status::Initiated.phase(), Phase::Creation);
    assert!(!Status::Requested.can_become(status) && !Status::Queued.can_become(status));
}
