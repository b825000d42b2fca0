//! How long the user can answer, and which input changes that.

use cardsavr_protocol::client::{Effect, Withdrawal};
use cardsavr_protocol::wire::RequestKind;
use cardsavr_protocol::{Status, Timestamp};

use crate::{Told, names};

impl Told {
    /// A message of job 7 with these fields, as JSON.
    fn says(&mut self, said: &str) -> Vec<Effect> {
        self.json(&format!(r#"{{"type":"job_status","job_id":7,"message":{{{said}}}}}"#))
    }

    /// The next deadline, in seconds.
    fn due(&self) -> Option<i64> {
        self.client.next_deadline().map(|at| at.as_millis() / 1000)
    }
}

/// A client with an open prompt for a code from now on.
fn asking() -> Told {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.status(Status::PendingTfa);
    assert_eq!(told.due(), Some(180));
    told
}

#[test]
fn a_request_ahead_of_its_status_has_the_answer_window_from_when_it_was_seen() {
    let mut told = Told::new();
    told.later(10).request(RequestKind::TfaRequest, "e1");
    told.later(5).request(RequestKind::TfaRequest, "e1");
    assert_eq!(told.due(), Some(190));
    told.later(175);
    assert_eq!(names(&told.tick()), ["warn"]);
    assert_eq!(told.due(), Some(250));
    assert_eq!(told.later(59).tick(), []);
    let effects = told.later(1).tick();
    assert!(matches!(effects[..], [Effect::Withdraw { reason: Withdrawal::TooLate, .. }]), "{effects:?}");
    // The request recurs: the service still waits.
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["ask for code"]);
    assert_eq!(names(&told.status(Status::PendingTfa)), [""; 0]);
    assert_eq!(told.due(), Some(250 + 180));
}

#[test]
fn a_request_ahead_of_its_status_extends_the_budget() {
    let mut told = Told::new();
    told.says(r#""status":"AUTH","job_timeout":90"#);
    told.request(RequestKind::TfaRequest, "e1");
    assert_eq!(told.due(), Some(180), "the window, not the budget as it was");
    // A new `job_timeout` counts.
    told.says(r#""status":"AUTH","job_timeout":90"#);
    assert_eq!(told.due(), Some(180), "the same value as before is stale");
    told.says(r#""status":"AUTH","job_timeout":89"#);
    assert_eq!(told.due(), Some(29));
    // A long budget doesn't extend the window, and the window of another wait doesn't apply to this request.
    let mut told = Told::new();
    told.says(r#""status":"AUTH","job_timeout":900"#);
    told.later(100).status(Status::PendingNewCreds);
    told.request(RequestKind::CredentialRequest, "e0");
    told.json(r#"{"type":"credential_response","envelope_id":"e0","message":"submitted"}"#);
    told.later(10).request(RequestKind::TfaRequest, "e1");
    assert_eq!(told.due(), Some(110 + 180));
}

#[test]
fn the_status_of_a_request_belongs_to_the_wait_that_it_has_begun() {
    let mut told = Told::new();
    told.request(RequestKind::TfaRequest, "e1");
    told.later(100).status(Status::PendingTfa);
    assert_eq!(told.due(), Some(180));
}

#[test]
fn more_time_reopens_a_prompt_that_was_too_late() {
    let mut told = asking();
    told.says(r#""status":"PENDING_TFA","job_timeout":70"#);
    assert_eq!(names(&told.later(10).tick()), ["warn"]);
    assert_eq!(names(&told.later(60).tick()), ["withdraw", "fetch"]);
    assert_eq!(told.says(r#""status":"PENDING_TFA","job_timeout":100"#), [], "it was fetched just now");
    assert_eq!(names(&told.request(RequestKind::TfaRequest, "e1")), ["ask for code"]);
    assert_eq!(told.due(), Some(170), "one warning per wait");
}

#[test]
fn stale_reports_move_no_deadline() {
    let mut told = asking();
    told.says(r#""status":"AUTH","job_timeout":70"#);
    told.says(r#""status":"LOGIN_SUBMITTED","job_timeout":70"#);
    assert_eq!(told.due(), Some(180));
}

#[test]
fn stale_reports_show_the_unit_too() {
    let mut told = asking();
    told.says(r#""status":"AUTH","job_timeout":250000"#);
    assert_eq!(told.due(), Some(180));
    told.says(r#""status":"PENDING_TFA","job_timeout":9500"#);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(9_500)));
}

#[test]
fn the_time_left_counts_from_every_source() {
    for said in [
        r#"{"type":"job_status","job_id":7,"message":{"status":"PENDING_TFA","job_timeout":90}}"#,
        r#"{"type":"job_status","job_id":7,"message":{"status":"NETWORK_ISSUE","job_timeout":90}}"#,
        r#"{"type":"job_status","job_id":7,"message":{"status":"PENDING_SELFIE","job_timeout":90}}"#,
        r#"{"id":7,"status":"PENDING_TFA","job_timeout":90}"#,
    ] {
        let mut told = asking();
        told.json(said);
        assert_eq!(told.due(), Some(30), "{said}");
    }
}

#[test]
fn the_end_gives_the_reason_of_the_withdrawal() {
    for (waiting, ended, expected) in [
        (Status::PendingCreds, Status::AbandonedQuickstart, Withdrawal::TooLate),
        (Status::PendingCreds, Status::CancelledQuickstart, Withdrawal::NotNeeded),
        (Status::PendingNewCreds, Status::TimeoutCredentials, Withdrawal::TooLate),
    ] {
        let mut told = Told::new();
        told.request(RequestKind::CredentialRequest, "e1");
        told.status(waiting);
        let effects = told.status(ended);
        assert!(
            matches!(effects[0], Effect::Withdraw { reason, .. } if reason == expected),
            "{ended}: {effects:?}"
        );
    }
}
