//! "Broadcast Messages": how to fetch them, and their fields.

use core::time::Duration;

use cardsavr_protocol::client::Effect;
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::endpoint::{AccessKey, Endpoint, Registration, Returns};
use cardsavr_protocol::wire::{JobId, JobTimeout, Message, MessageKind, Secret, StatusBody};
use cardsavr_protocol::{Job, Limits, Standing, Status, TerminationType, Timer};

use crate::{App, at, judge, lines, round_trip, status_json};

/// The body of a `job_status` in JSON.
fn body(json: &str) -> StatusBody {
    match Message::from_json(json).unwrap() {
        Message::JobStatus(status) => status.message,
        other => panic!("not a job_status: {other:?}"),
    }
}

/// Each job has an endpoint for its broadcasts.
#[test]
fn the_endpoint_of_the_broadcasts() {
    let endpoint = Endpoint::broadcasts(&AccessKey::new(101.into(), Secret::new("k"))).unwrap();
    assert_eq!(lines(&endpoint)[0], "GET /messages/place_card_on_single_site_jobs/101/broadcasts");
    assert_eq!(endpoint.returns(), Returns::Messages);
}

/// A client must first register for a channel of its own.
#[test]
fn the_endpoint_of_the_registration() {
    let endpoint = Endpoint::register(&101.into()).unwrap();
    assert_eq!(
        lines(&endpoint),
        ["GET /messages/place_card_on_single_site_jobs/101/broadcasts/registrations"]
    );
}

/// The registration returns an access key, which is required.
#[test]
fn a_registration_returns_an_access_key() {
    let registration = Registration::from_json(r#"{"access_key":"s3same"}"#).unwrap();
    assert_eq!(registration.access_key.reveal(), "s3same");
    assert!(Registration::from_json("{}").is_err());
}

/// Each query of the status has the key in a header.
#[test]
fn the_access_key_is_sent_in_its_header() {
    let endpoint = Endpoint::broadcasts(&AccessKey::new(101.into(), Secret::new("s3same"))).unwrap();
    assert_eq!(lines(&endpoint)[1..], ["cardsavr-messaging-access-key: s3same"]);
}

/// A broadcast may be a heartbeat, which only shows that the job still runs: no finding and no change.
#[test]
fn a_broadcast_may_be_a_heartbeat() {
    let auth = status_json(Status::Auth);
    assert_eq!(judge(&[(0, &auth), (5, &auth), (10, &auth)]), []);
    let mut app = App::new();
    assert_eq!(app.hears(0, &auth).len() + app.hears(5, &auth).len(), 0);
    assert_eq!(app.client.in_progress().collect::<Vec<_>>(), [&JobId::from(7)]);
    let job = Job::new(Status::PendingNewCreds);
    assert_eq!(job.apply(Status::PendingNewCreds, &Limits::default()), Ok(job));
}

/// A broadcast may report a change of status.
#[test]
fn a_broadcast_may_report_a_change() {
    assert_eq!(judge(&[Status::Auth, Status::LoginSubmitted].map(|status| (0, status_json(status)))), []);
    let mut app = App::new();
    app.hears_status(0, Status::Auth);
    assert_eq!(app.hears_status(0, Status::Updating), [Effect::AllowLeaving { job: 7.into() }]);
}

/// The message of a job's completion includes the termination type, which shows how the job ended.
#[test]
fn the_completion_includes_the_termination_type() {
    let json =
        r#"{"type":"job_status","job_id":7,"message":{"status":"SUCCESSFUL","termination_type":"BILLABLE"}}"#;
    let sent = body(json).termination_type.and_then(|sent| sent.known());
    assert_eq!(sent, Some(TerminationType::Billable));
    assert_eq!(judge(&[(0, json)]), []);
    assert_eq!(judge(&[(0, status_json(Status::Successful))]), [Rule::MissingTerminationType]);
}

/// The job's timeout shows when the job is about to end, most often while it waits for its user.
#[test]
fn the_timeout_shows_when_the_job_is_about_to_end() {
    let mut app = App::new();
    app.hears(0, r#"{"type":"credential_request","job_id":7,"envelope_id":"e1"}"#);
    app.hears(
        0,
        r#"{"type":"job_status","job_id":7,"message":{"status":"PENDING_NEWCREDS","job_timeout":90}}"#,
    );
    assert_eq!(app.client.next_deadline(), Some(at(30)));
    app.waits(30);
    assert_eq!(app.client.next_deadline(), Some(at(90)));
}

/// `type` is always `job_status`.
#[test]
fn field_type() {
    let message = round_trip(r#"{"type":"job_status","job_id":7,"message":{"status":"AUTH"}}"#);
    assert_eq!(message.kind().known(), Some(MessageKind::JobStatus));
    assert_eq!(MessageKind::JobStatus.to_string(), "job_status");
}

/// `job_id` is the job of the channel, and is required.
#[test]
fn field_job_id() {
    assert_eq!(Message::from_json(&status_json(Status::Auth)).unwrap().job_id(), Some(&7.into()));
    let error = Message::from_json(r#"{"type":"job_status","message":{"status":"AUTH"}}"#).unwrap_err();
    assert_eq!(error.pointer, "/job_id");
}

/// `job_timeout` is the time left before the job times out, in seconds.
#[test]
fn field_job_timeout() {
    let json = r#"{"type":"job_status","job_id":7,"message":{"status":"UPDATING","job_timeout":210}}"#;
    let said = body(json);
    assert_eq!(said.job_timeout.as_ref().map(JobTimeout::duration), Some(Duration::from_secs(210)));
    let mut timer = Timer::new(Limits::default());
    let timeout = said.job_timeout.as_ref().map(JobTimeout::get);
    timer.observe(at(50), Standing::InProgress(Status::Updating), timeout);
    assert_eq!(timer.expires_at(), Some(at(260)));
}

/// The cardholder is alerted a minute before the session expires.
#[test]
fn the_cardholder_is_alerted_a_minute_before() {
    let mut timer = Timer::new(Limits::default());
    timer.enter(at(0), Status::PendingTfa);
    let (warning, end) = (timer.warns_at().unwrap(), timer.expires_at().unwrap());
    assert_eq!(end.since(warning), Duration::from_secs(60));
    assert_eq!(timer.warn(at(179)), None);
    assert_eq!(timer.warn(at(180)), Some(Duration::from_secs(60)));
    assert_eq!(timer.warn(at(181)), None);
}

/// A job initially has five minutes.
#[test]
fn a_job_initially_has_five_minutes() {
    let mut timer = Timer::new(Limits::default());
    timer.enter(at(0), Status::InProgress);
    assert_eq!(timer.expires_at(), Some(at(5 * 60)));
}

/// Time is added when the job needs input from the user.
#[test]
fn time_is_added_when_the_user_is_needed() {
    for (waiting, answered) in [
        (Status::PendingCreds, Status::CredsReceived),
        (Status::PendingNewCreds, Status::NewCredsReceived),
        (Status::PendingTfa, Status::TfaReceived),
    ] {
        let mut timer = Timer::new(Limits::default());
        timer.enter(at(0), Status::InProgress);
        let without = timer.expires_at();
        timer.enter(at(100), waiting);
        timer.enter(at(200), answered);
        assert!(timer.expires_at() > without, "{waiting}");
    }
}

/// The user is alerted that the time runs out if a prompt for credentials or a code is open, and not otherwise.
#[test]
fn the_user_is_alerted_while_a_prompt_is_open() {
    for (kind, waiting) in
        [("tfa_request", Status::PendingTfa), ("credential_request", Status::PendingNewCreds)]
    {
        let mut app = App::new();
        app.hears(0, &format!(r#"{{"type":"{kind}","job_id":7,"envelope_id":"e1"}}"#));
        app.hears_status(0, waiting);
        let alert = Effect::Warn { job: 7.into(), time_left: Duration::from_secs(60) };
        assert_eq!(app.waits(180), [alert]);
    }
    let mut app = App::new();
    app.hears_status(0, Status::Updating);
    assert_eq!(app.waits(299), []);
}

/// `percent_complete` is the approximate progress, in percent.
#[test]
fn field_percent_complete() {
    let json = |percent: &str| {
        format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"UPDATING","percent_complete":{percent}}}}}"#
        )
    };
    for (percent, expected) in [("0", 0.0), ("37.5", 37.5), ("100", 100.0)] {
        let json = json(percent);
        let read = body(&json).percent_complete.expect("it was sent").get();
        assert!((read - expected).abs() < f64::EPSILON, "{percent}");
        assert_eq!(judge(&[(0, json)]), []);
    }
    for percent in ["-1", "100.5"] {
        assert_eq!(judge(&[(0, json(percent))]), [Rule::ProgressOutOfRange]);
    }
}

/// `status` is the job's status, and is required. The section names three examples, one of them terminal.
#[test]
fn field_status() {
    for (text, status) in
        [("AUTH", Status::Auth), ("UPDATING", Status::Updating), ("DUPLICATE_CARD", Status::DuplicateCard)]
    {
        let json = format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{text}"}}}}"#);
        round_trip(&json);
        assert_eq!(body(&json).status.known(), Some(status));
    }
    let error = Message::from_json(r#"{"type":"job_status","job_id":7,"message":{}}"#).unwrap_err();
    assert_eq!(error.pointer, "/message/status");
}

/// Only the final message has a `termination_type`. The section names four.
#[test]
fn field_termination_type() {
    let named = [
        ("BILLABLE", Status::Successful),
        ("USER_DATA_FAILURE", Status::DuplicateCard),
        ("SITE_INTERACTION_FAILURE", Status::Unsuccessful),
        ("PROCESS_FAILURE", Status::VbsError),
    ];
    for (text, status) in named {
        let json = |status: Status| {
            format!(
                r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","termination_type":"{text}"}}}}"#
            )
        };
        let ended = json(status);
        round_trip(&ended);
        assert_eq!(judge(&[(0, &ended)]), []);
        assert_eq!(judge(&[(0, json(Status::Updating))]), [Rule::EarlyTerminationType]);
        assert_eq!(judge(&[(0, ended), (1, status_json(Status::Updating))]), [Rule::MessageAfterTermination]);
    }
}

/// The application notifies its user once when it receives one of these.
#[test]
fn the_user_is_notified_of_the_termination() {
    for (status, termination_type) in [
        (Status::Successful, TerminationType::Billable),
        (Status::InvalidCard, TerminationType::UserDataFailure),
        (Status::NetworkIssue, TerminationType::SiteInteractionFailure),
        (Status::ProxyProbeFailed, TerminationType::ProcessFailure),
    ] {
        let json = format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","termination_type":"{termination_type}"}}}}"#
        );
        let mut app = App::new();
        let effects = app.hears(0, &json);
        let [Effect::TellEnd(end), ..] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(end.termination_type, Some(termination_type));
        assert_eq!(app.hears(1, &json), []);
    }
}

/// The example of a message of a job in progress.
#[test]
fn example_of_a_status() {
    let json = r#"{
        "type": "job_status",
        "job_id": 204,
        "message": {"status": "LOGIN_SUBMITTED", "percent_complete": 35, "job_timeout": 260}
    }"#;
    assert_eq!(round_trip(json).job_id(), Some(&204.into()));
    let said = body(json);
    assert_eq!((said.status.known(), said.termination_type), (Some(Status::LoginSubmitted), None));
    assert_eq!(judge(&[(0, json)]), []);
}

/// The example of a final message: 100 percent complete although the job failed, with its termination type.
#[test]
fn example_of_an_end() {
    let json = r#"{
        "type": "job_status",
        "job_id": 204,
        "message": {
            "status": "TIMEOUT_CREDENTIALS",
            "percent_complete": 100,
            "job_timeout": 45,
            "termination_type": "USER_DATA_FAILURE"
        }
    }"#;
    round_trip(json);
    let said = body(json);
    assert_eq!(said.status.known(), Some(Status::TimeoutCredentials));
    assert_eq!(said.termination_type, Some(TerminationType::UserDataFailure.into()));
    assert_eq!(judge(&[(0, json)]), []);
}
