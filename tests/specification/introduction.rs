//! "Strivve Messaging Usage and Endpoints": the purpose of messages.

use cardsavr_protocol::Edition;
use cardsavr_protocol::client::{Effect, Outcome};
use cardsavr_protocol::wire::MessageKind;
use cardsavr_protocol::{Job, Limits, Status};

use crate::App;

/// A job can succeed without input from its user.
#[test]
fn a_job_can_succeed_without_its_user() {
    let mut app = App::new();
    let (mut job, limits) = (Job::new(Status::Requested), Limits::default());
    let mut effects = app.hears_status(0, job.status());
    for status in Status::Requested.path_to(Status::Successful).expect("a job can succeed") {
        assert!(!status.is_waiting(), "{status}");
        job = job.apply(status, &limits).unwrap();
        effects.extend(app.hears_status(0, status));
    }
    assert_eq!(job.status(), Status::Successful);
    let names: Vec<_> = effects
        .iter()
        .filter(|effect| {
            !matches!(
                effect,
                Effect::AllowLeaving { .. }
                    | Effect::TellEnd(_)
                    | Effect::Report(_)
                    | Effect::StopPolling { .. }
            )
        })
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

/// A client may have to ask its user for a security code.
#[test]
fn a_client_may_have_to_ask_for_a_code() {
    let effects = App::new().hears(0, r#"{"type":"tfa_request","job_id":7,"envelope_id":"e1"}"#);
    assert!(matches!(effects[..], [Effect::AskForTfaCode(_)]), "{effects:?}");
}

/// A client may have to correct credentials that were wrong.
#[test]
fn a_client_may_have_to_ask_for_credentials() {
    let effects = App::new().hears(0, r#"{"type":"credential_request","job_id":7,"envelope_id":"e1"}"#);
    assert!(matches!(effects[..], [Effect::AskForCredentials(_)]), "{effects:?}");
}

/// A client may need to know that a job is past authentication, is complete, or has failed.
#[test]
fn a_client_reports_authentication_completion_and_failure() {
    let mut app = App::new();
    let effects = app.hears_status(0, Status::Updating);
    assert!(matches!(effects[..], [Effect::AllowLeaving { .. }]), "{effects:?}");
    for (ended, is_successful) in [(Status::Successful, true), (Status::Unsuccessful, false)] {
        let effects = App { client: app.client.clone() }.hears_status(1, ended);
        let [Effect::TellEnd(end), ..] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(end.outcome() == Outcome::Success, is_successful);
    }
}

/// There are two kinds of messages: those with a job's status, and requests with their responses.
#[test]
fn there_are_two_kinds_of_messages() {
    let kinds = MessageKind::ALL.iter().copied().filter(|kind| kind.since() == Edition::V2021);
    let (tell, ask_or_answer): (Vec<MessageKind>, Vec<MessageKind>) =
        kinds.partition(|kind| *kind == MessageKind::JobStatus);
    assert_eq!(tell.len(), 1);
    for kind in &ask_or_answer {
        let name = kind.to_string();
        assert!(name.ends_with("_request") || name.ends_with("_response"), "{name}");
    }
    assert_eq!(ask_or_answer.len(), 4);
}
