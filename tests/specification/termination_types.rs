//! "Termination types": how jobs end, and the text for a new status.

use cardsavr_protocol::client::{Effect, JobEnd, Outcome};
use cardsavr_protocol::wire::{Payload, Text};
use cardsavr_protocol::{Status, TerminationType};

use crate::App;

/// The end that the client reports for this status and type.
fn end_of(status: &str, termination_type: TerminationType) -> JobEnd {
    let effects = App::new().hears(
        0,
        &format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","termination_type":"{termination_type}"}}}}"#
        ),
    );
    let [Effect::TellEnd(end), ..] = &effects[..] else { panic!("{effects:?}") };
    end.clone()
}

/// The statuses that end a job with this type.
fn statuses(termination_type: TerminationType) -> usize {
    Status::ALL.iter().filter(|status| status.termination_type() == Some(termination_type)).count()
}

/// Every job ends with a termination type: each status has one or leads to a status that has one, and no transition leads
/// from a status with one.
#[test]
fn all_jobs_end_with_a_termination_type() {
    for status in Status::ALL {
        assert_eq!(status.termination_type().is_some(), status.successors().is_empty(), "{status}");
        assert!(
            Status::ALL.iter().any(|&to| to.termination_type().is_some() && status.reaches(to)),
            "{status}"
        );
    }
}

/// The types are broad: each has several statuses, except success. A new status has one of them, too.
#[test]
fn termination_types_are_broad() {
    for &termination_type in TerminationType::ALL {
        let is_success = termination_type == TerminationType::Billable;
        assert_eq!(statuses(termination_type) > 1, !is_success, "{termination_type}");
        let end = end_of("AN_END_TO_COME", termination_type);
        assert_eq!((end.status.known(), end.termination_type), (None, Some(termination_type)));
    }
}

/// `BILLABLE` is success, and nothing else is.
#[test]
fn billable_is_success() {
    for &termination_type in TerminationType::ALL {
        let end = end_of("AN_END_TO_COME", termination_type);
        assert_eq!(
            end.outcome() == Outcome::Success,
            termination_type.to_string() == "BILLABLE",
            "{termination_type}"
        );
    }
}

/// `USER_DATA_FAILURE` is a problem with credentials, the account or the card: 17 statuses have it.
#[test]
fn user_data_failure_is_about_credentials_and_card() {
    let of_type = |text: &str| {
        let status: Status = text.parse().unwrap();
        status.termination_type().unwrap().to_string()
    };
    for text in ["ACCOUNT_LOCKED", "TIMEOUT_CREDENTIALS", "TOO_MANY_TFA_FAILURES", "EXPIRED_CARD"] {
        assert_eq!(of_type(text), "USER_DATA_FAILURE");
    }
    assert_eq!(statuses(TerminationType::UserDataFailure), 17);
    assert_eq!(end_of("AN_END_TO_COME", TerminationType::UserDataFailure).outcome(), Outcome::Failure);
}

/// `SITE_INTERACTION_FAILURE` is a site that could not be navigated: only a job whose task has run can end with it.
#[test]
fn site_interaction_failure_is_about_the_site() {
    assert_eq!(statuses(TerminationType::SiteInteractionFailure), 3);
    for status in Status::ALL.iter().filter(|status| {
        status.termination_type().is_some_and(|ends| ends.to_string() == "SITE_INTERACTION_FAILURE")
    }) {
        assert!(
            status.predecessors().iter().all(|from| from.is_running() || from == Status::CancelRequested),
            "{status}"
        );
    }
}

/// `PROCESS_FAILURE` is a failure of the service, reported as unsuccessful.
#[test]
fn process_failure_is_reported_as_unsuccessful() {
    assert_eq!(statuses("PROCESS_FAILURE".parse().unwrap()), 3);
    let mut app = App::new();
    let effects = app.hears(
        0,
        r#"{"type":"job_status","job_id":7,"message":{"status":"AN_END_TO_COME","termination_type":"PROCESS_FAILURE"}}"#,
    );
    let [_, Effect::Report(end), _] = &effects[..] else { panic!("{effects:?}") };
    assert!(end.outcome() == Outcome::Failure && end.is_reported());
}

/// The list of statuses grows, and a client shows an unknown status by its message.
#[test]
fn an_unknown_status_is_shown_by_its_message() {
    let said = r#"{"type":"job_status","job_id":7,"message":{"status":"SIGNING_TERMS",
        "status_message":"In short.","job_status_message":"The terms are being signed."}}"#;
    let mut app = App::new();
    let effects = app.hears(0, said);
    let [Effect::ShowStatus { text, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(text.as_str(), "The terms are being signed.");
    // It is not an end.
    assert_eq!(app.client.in_progress().count(), 1);
}

/// Messages, the job itself and notifications have the message beside the status.
#[test]
fn the_status_message_comes_with_messages_jobs_and_notifications() {
    let text = "Something new has happened.";
    let message = format!(
        r#"{{"type":"job_status","job_id":7,"message":{{"status":"SOMETHING_NEW","job_status_message":"{text}"}}}}"#
    );
    let job = format!(r#"{{"id":7,"status":"SOMETHING_NEW","job_status_message":"{text}"}}"#);
    for json in [message, job] {
        let effects = App::new().hears(0, &json);
        let [Effect::ShowStatus { text: shown, .. }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(shown.as_str(), text);
    }
    let notification = format!(
        r#"{{"jobs":[{{"job_id":7,"termination_type":"PROCESS_FAILURE","job_status":"SOMETHING_NEW","job_status_message":"{text}"}}]}}"#
    );
    let carrier = Payload::from_json(&notification).unwrap();
    assert!(matches!(carrier, Payload::Notification(_)), "{carrier:?}");
    let effects = App::new().hears(0, &notification);
    let [Effect::TellEnd(end), ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(end.text.as_ref().map(Text::as_str), Some(text));
}

/// Some statuses have no termination type: a job enters them in progress, and leaves them.
#[test]
fn statuses_without_termination_type_are_in_progress() {
    let on_the_way = Status::ALL.iter().filter(|status| status.termination_type().is_none());
    assert_eq!(on_the_way.clone().count(), 17);
    for status in on_the_way {
        assert!(!status.successors().is_empty(), "{status}");
        let mut app = App::new();
        app.hears_status(0, *status);
        assert_eq!(app.client.in_progress().count(), 1, "{status}");
    }
}
