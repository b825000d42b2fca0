//! "Querying Messages by Cardholder": all jobs of a cardholder by one endpoint, and the job with its requests.

use core::time::Duration;

use cardsavr_protocol::Status;
use cardsavr_protocol::client::{Effect, Outcome};
use cardsavr_protocol::endpoint::{Endpoint, Returns};
use cardsavr_protocol::wire::{JobId, Message, Payload, Text, TimeoutUnit};
use serde_json::Value;

use crate::{App, lines, round_trip};

const STATUS: &str = r#"{
    "job_id": "1612",
    "type": "job_status",
    "message": {"status": "PENDING_NEWCREDS", "job_timeout": 540210, "percent_complete": 27}
}"#;

/// The request has another `job_id` than its job, as in the specification's example.
const JOB: &str = r#"{
    "id": 1612,
    "status": "PENDING_NEWCREDS",
    "created_on": "2021-10-04T08:15:00.120Z",
    "last_updated_on": "2021-10-04T08:16:31.477Z",
    "credential_requests": [
        {
            "job_id": 1613,
            "type": "credential_request",
            "message": "The password was not accepted; give another one.",
            "envelope_id": "q83vEjRWeJCrze8SNFZ4kA=="
        }
    ]
}"#;

/// One endpoint has the messages of several jobs of a cardholder.
#[test]
fn one_poll_serves_several_jobs() {
    let endpoint = Endpoint::messages(&55.into()).unwrap();
    assert_eq!(endpoint.returns(), Returns::Messages);
    let poll = r#"[{"type":"tfa_request","job_id":1,"envelope_id":"e1"},
        {"type":"job_status","job_id":2,"message":{"status":"UPDATING"}},
        {"type":"credential_request","job_id":3,"envelope_id":"e3"}]"#;
    let mut jobs: Vec<_> = App::new().hears(0, poll).iter().map(|effect| effect.job().clone()).collect();
    jobs.sort();
    assert_eq!(jobs, [1, 2, 3].map(JobId::from));
}

/// The endpoint is that of the cardholder.
#[test]
fn the_endpoint_of_a_cardholder() {
    assert_eq!(lines(&Endpoint::messages(&55.into()).unwrap())[0], "GET /messages/cardholders/55");
}

/// No access key is needed there, unlike at the job's endpoint.
#[test]
fn no_access_key_is_sent() {
    assert_eq!(Endpoint::messages(&55.into()).unwrap().headers(), []);
}

/// The example of a status from this endpoint: its job is a string of digits, the same job as the number; its time left is
/// in milliseconds.
#[test]
fn example_of_a_status() {
    let Message::JobStatus(status) = round_trip(STATUS) else { panic!("not a job_status") };
    assert_eq!(status.job_id, JobId::from(1612));
    assert_eq!(status.message.status.known(), Some(Status::PendingNewCreds));
    let timeout = status.message.job_timeout.unwrap();
    assert_eq!(
        (timeout.unit(), timeout.duration()),
        (TimeoutUnit::Milliseconds, Duration::from_millis(540_210))
    );
}

/// A status that waits for credentials or a code makes the client fetch that job.
#[test]
fn a_waiting_status_leads_to_the_job() {
    assert_eq!(App::new().hears(0, STATUS), [Effect::FetchJob { job: 1612.into() }]);
    assert_eq!(App::new().hears_status(0, Status::PendingTfa), [Effect::FetchJob { job: 7.into() }]);
    assert_eq!(App::new().hears_status(0, Status::LoginSubmitted), []);
}

/// The endpoint is that of the job itself.
#[test]
fn the_endpoint_of_a_job() {
    let endpoint = Endpoint::job(&1612.into()).unwrap();
    assert_eq!(lines(&endpoint)[0], "GET /place_card_on_single_site_jobs/1612");
    assert_eq!(endpoint.returns(), Returns::Job);
}

/// A header asks for the requests to be put into the job: a JSON list of one name.
#[test]
fn a_header_asks_for_the_requests() {
    let endpoint = Endpoint::job(&1612.into()).unwrap();
    let [header] = endpoint.headers() else { panic!("{endpoint:?}") };
    assert_eq!(header.name(), "x-cardsavr-hydration");
    assert_eq!(serde_json::from_str::<Vec<String>>(header.value()).unwrap(), ["credential_requests"]);
}

/// The example of a job with its requests: they are decoded and serialize unchanged.
#[test]
fn example_of_a_job() {
    let carrier = Payload::from_json(JOB).unwrap();
    let Payload::Job(job) = &carrier else { panic!("not a job: {carrier:?}") };
    assert_eq!(job.id, JobId::from(1612));
    let ([sent], came) = (&job.credential_requests[..], serde_json::from_str::<Value>(JOB).unwrap()) else {
        panic!("{job:?}")
    };
    assert_eq!(serde_json::to_value(sent).unwrap(), came["credential_requests"][0]);
    let sent = serde_json::to_string(&carrier).unwrap();
    assert_eq!(Payload::from_json(&sent).unwrap(), carrier);
}

/// A request in a job is answered as any other, by its envelope; on the channel of the job that contains it, whatever its
/// `job_id`.
#[test]
fn its_requests_are_answered_in_the_same_way() {
    let mut app = App::new();
    app.hears(0, STATUS);
    let effects = app.hears(1, JOB);
    let [Effect::AskForCredentials(prompt)] = &effects[..] else { panic!("{effects:?}") };
    let channel = Endpoint::answer(&1612.into()).unwrap();
    assert_eq!(prompt.submitted().endpoint().unwrap(), channel);
    assert_eq!(app.client.in_progress().collect::<Vec<_>>(), [&JobId::from(1612)]);
    let answer = serde_json::to_value(prompt.submitted()).unwrap();
    let expected: Value = serde_json::from_str(
        r#"{"type":"credential_response","envelope_id":"q83vEjRWeJCrze8SNFZ4kA==","message":"submitted"}"#,
    )
    .unwrap();
    assert_eq!(answer, expected);
    // The same request from its own endpoint is not another request.
    let polled = r#"{"type":"credential_request","job_id":1612,"envelope_id":"q83vEjRWeJCrze8SNFZ4kA=="}"#;
    assert_eq!(app.hears(2, polled), []);
}

/// A termination message in a fetched job shows that the job is completed. Its status or its termination type shows how
/// it ended; without either, the job is fetched again.
#[test]
fn a_termination_message_completes_the_job() {
    let mut app = App::new();
    app.hears_status(0, Status::Updating);
    assert_eq!(app.hears(1, r#"{"id":7,"status":"UPDATING"}"#), []);
    let with_message = |rest: &str| {
        format!(r#"{{"id":7,"status":"UPDATING","termination_message":"The card is in place."{rest}}}"#)
    };
    assert_eq!(app.hears(2, &with_message("")), [Effect::FetchJob { job: 7.into() }]);
    let effects = app.hears(3, &with_message(r#","termination_type":"BILLABLE""#));
    let [Effect::TellEnd(end), .., Effect::StopPolling { .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(end.text.as_ref().map(Text::as_str), Some("The card is in place."));
    assert_eq!(end.outcome(), Outcome::Success);
    assert_eq!(app.client.in_progress().count(), 0);
    assert_eq!(app.hears_status(4, Status::Updating), []);
}
