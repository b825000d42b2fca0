//! Sequences that clients often get wrong, with their expected effects. Times are in seconds.

use cardsavr_protocol::Status::*;
use cardsavr_protocol::client::{Client, Effect, Outcome};
use cardsavr_protocol::wire::{JobId, Payload, Secret, Text};
use cardsavr_protocol::{Limits, Status, Timestamp};

use crate::requests::short;
use crate::{Told, names};

const NOTHING: [&str; 0] = [];

impl Told {
    /// At this time.
    fn at(&mut self, seconds: i64) -> &mut Self {
        self.now = seconds * 1000;
        self
    }

    /// The effects at all deadlines until this time, each with its second.
    fn until(&mut self, seconds: i64) -> Vec<(i64, String)> {
        let mut done = Vec::new();
        while let Some(next) = self.client.next_deadline().filter(|next| next.as_millis() <= seconds * 1000) {
            self.now = next.as_millis();
            let effects = self.tick();
            assert!(!effects.is_empty(), "nothing to do at {next}");
            done.extend(short(&effects).into_iter().map(|effect| (next.as_millis() / 1000, effect)));
        }
        done
    }
}

fn timed(status: &str, timeout: i64) -> String {
    format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","job_timeout":{timeout}}}}}"#)
}

fn done(list: &[(i64, &str)]) -> Vec<(i64, String)> {
    list.iter().map(|&(at, effect)| (at, effect.to_owned())).collect()
}

/// A request shows that the wait has begun: one wait, one window, one warning, one extension.
#[test]
fn a_request_ahead_of_its_status_opens_the_wait() {
    let mut told = Told::new();
    told.status(InProgress);
    assert_eq!(told.at(280).tfa("e1"), ["ask e1"]);
    assert_eq!(short(&told.at(300).tick()), NOTHING);
    assert_eq!(told.at(303).poll(&[PendingTfa], &["e1"]), NOTHING);
    assert_eq!(told.until(530), done(&[(460, "warn"), (520, "too late e1")]));
    // The budget was extended once: 300 + 240.
    assert_eq!(told.until(540)[0], (540, "fetch".into()));
}

#[test]
fn a_request_after_the_budget_ended_is_asked_for() {
    let mut told = Told::new();
    told.status(InProgress);
    assert_eq!(told.at(301).tfa("e1"), ["ask e1"]);
    assert_eq!(told.until(541)[..2], done(&[(481, "warn"), (541, "too late e1")]));
}

#[test]
fn a_request_belongs_to_the_job_that_contains_it() {
    let job = r#"{"id":1586,"status":"PENDING_NEWCREDS","credential_requests":[
        {"type":"credential_request","job_id":1587,"envelope_id":"e1"}]}"#;
    let mut told = Told::new();
    told.json(r#"{"type":"job_status","job_id":"1586","message":{"status":"PENDING_NEWCREDS"}}"#);
    let effects = told.json(job);
    let [Effect::AskForCredentials(prompt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(prompt.job, JobId::from(1586));
    let endpoint = prompt.submitted().endpoint().unwrap();
    assert_eq!(endpoint.path(), "/messages/place_card_on_single_site_jobs/1586/credential_responses");
    assert_eq!(told.client.answered(Timestamp::from_millis(0), &prompt.submitted()), []);
    assert_eq!(told.client.in_progress().collect::<Vec<_>>(), [&JobId::from(1586)]);
    // When this job ends, none is left.
    told.json(r#"{"type":"job_status","job_id":1586,"message":{"status":"SUCCESSFUL"}}"#);
    assert_eq!(told.client.in_progress().count(), 0);

    // A poll shows the request with its own `job_id`, before or after the job does.
    let poll = r#"[{"type":"credential_request","job_id":1587,"envelope_id":"e1"}]"#;
    let mut told = Told::new();
    assert_eq!(short(&told.json(poll)), ["ask e1"]);
    assert_eq!(short(&told.json(job)), ["withdraw e1", "ask e1"]);
    assert_eq!(short(&told.json(poll)), NOTHING);
    assert_eq!(told.client.in_progress().collect::<Vec<_>>(), [&JobId::from(1586)]);
}

#[test]
fn initial_credentials_are_asked_for_without_a_request() {
    let mut told = Told::new();
    assert_eq!(told.status(PendingCreds)[0], Effect::AskForInitialCredentials { job: 7.into() });
    assert_eq!(
        told.client.prompts().collect::<Vec<_>>(),
        [Effect::AskForInitialCredentials { job: 7.into() }]
    );
    assert_eq!(short(&told.status(PendingCreds)), NOTHING, "once per wait");
    let fetches = [(5, "fetch"), (15, "fetch"), (35, "fetch"), (75, "fetch"), (155, "fetch")];
    let rest = [(180, "warn"), (240, "too late prompt")];
    assert_eq!(told.until(300), done(&[&fetches[..], &rest].concat()));

    // The application supplies them: there is no warning, and the job advances.
    let mut told = Told::new();
    told.status(PendingCreds);
    told.client.supplied(&7.into());
    assert_eq!(told.client.prompts().count(), 0);
    assert!(told.at(200).until(239).iter().all(|(_, effect)| effect == "fetch"));
    assert_eq!(short(&told.status(CredsReceived)), NOTHING);

    // Another application supplies them.
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingCreds)), ["ask for initial credentials", "fetch"]);
    assert_eq!(short(&told.status(CredsReceived)), ["withdraw prompt"]);

    // If there is a request, it replaces the prompt.
    let request = r#"{"type":"credential_request","job_id":7,"envelope_id":"e1"}"#;
    let mut told = Told::new();
    told.status(PendingCreds);
    assert_eq!(short(&told.json(request)), ["withdraw prompt", "ask e1"]);
    let mut told = Told::new();
    assert_eq!(short(&told.json(request)), ["ask e1"]);
    assert_eq!(short(&told.status(PendingCreds)), NOTHING);
}

#[test]
fn a_request_after_authentication_is_asked_if_the_job_itself_shows_it() {
    for past in [Updating, PendingCard, CancelRequested] {
        let mut told = Told::new();
        told.status(past);
        assert_eq!(told.later(1).tfa("e1"), ["fetch"], "{past}");
        assert_eq!(told.hydrated(past, &["e1"]), ["ask e1"], "{past}");
        // A heartbeat withdraws nothing.
        assert_eq!(short(&told.later(5).status(past)), NOTHING, "{past}");
        assert_eq!(told.hydrated(past, &["e1"]), NOTHING, "{past}");
        assert_eq!(told.hydrated(past, &[]), ["withdraw e1"], "{past}");
        // The same for a prompt that was open before.
        let mut told = Told::new();
        told.status(PendingTfa);
        told.tfa("e1");
        assert!(short(&told.status(past)).contains(&"withdraw e1".into()), "{past}");
        assert_eq!(told.hydrated(past, &["e1"]), ["ask e1"], "{past}");
        told.answer("e1");
        assert_eq!(told.hydrated(past, &["e1"]), NOTHING, "{past}");
    }
    // A waiting status after the last one that may ask.
    let mut told = Told::new();
    told.status(Updating);
    assert_eq!(short(&told.later(5).status(PendingTfa)), ["fetch"]);
}

#[test]
fn each_of_several_open_requests_is_asked_for() {
    let mut told = Told::new();
    assert_eq!(told.poll(&[PendingTfa], &["e1", "e2"]), ["ask e1", "ask e2"]);
    told.at(10).answer("e2");
    assert_eq!(told.client.prompts().count(), 1);
    assert_eq!(told.at(12).tfa("e1"), NOTHING);
    assert_eq!(told.at(15).hydrated(PendingTfa, &["e1"]), NOTHING);
    assert_eq!(told.until(240), done(&[(180, "warn"), (240, "too late e1")]));
    // Two that run out together have one warning.
    let mut told = Told::new();
    told.poll(&[PendingTfa], &["e2", "e1"]);
    assert_eq!(told.until(240), done(&[(180, "warn"), (240, "too late e2"), (240, "too late e1")]));
    // A request is over if the job itself shows another one without it.
    let mut told = Told::new();
    told.poll(&[PendingTfa], &["e1", "e2"]);
    assert_eq!(told.hydrated(PendingTfa, &["e2"]), ["withdraw e1"]);
}

#[test]
fn a_termination_message_without_a_type_ends_nothing() {
    let mut told = Told::new();
    let with_message =
        |rest: &str| format!(r#"{{"id":7,"status":"UPDATING","termination_message":"Done."{rest}}}"#);
    assert_eq!(short(&told.json(&with_message(""))), ["allow leaving", "fetch"]);
    assert_eq!(short(&told.at(5).json(&with_message(""))), ["fetch"]);
    assert_eq!(short(&told.at(10).json(&with_message(""))), NOTHING, "with increasing delay");
    let effects = told.at(11).json(&with_message(r#","termination_type":"BILLABLE""#));
    let [Effect::TellEnd(end), Effect::Report(_), Effect::StopPolling { .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((end.outcome(), end.text.as_ref().map(Text::as_str)), (Outcome::Success, Some("Done.")));
    // An empty text counts as absent.
    assert_eq!(short(&Told::new().json(r#"{"id":7,"status":"AUTH","termination_message":""}"#)), NOTHING);
}

#[test]
fn an_outcome_is_success_failure_neither_or_unknown() {
    for (status, termination_type, outcome) in [
        ("SUCCESSFUL", "BILLABLE", Outcome::Success),
        ("VBS_ERROR", "PROCESS_FAILURE", Outcome::Failure),
        ("KILLED", "NEVER_STARTED", Outcome::Neither),
        ("A_NEW_END", "A_NEW_TYPE", Outcome::Unknown),
        // The type of the status counts if the one that was sent is unknown.
        ("SUCCESSFUL", "A_NEW_TYPE", Outcome::Success),
        ("UNSUCCESSFUL", "BILLABLE", Outcome::Success),
    ] {
        let effects = Told::new().json(&format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","termination_type":"{termination_type}"}}}}"#
        ));
        let Effect::TellEnd(end) = &effects[0] else { panic!("{effects:?}") };
        assert_eq!(end.outcome(), outcome, "{status} {termination_type}");
    }
}

#[test]
fn a_termination_type_on_a_status_in_progress_ends_the_job() {
    for json in [
        r#"{"type":"job_status","job_id":7,"message":{"status":"AUTH","termination_type":"PROCESS_FAILURE"}}"#,
        r#"{"id":7,"status":"AUTH","termination_type":"PROCESS_FAILURE"}"#,
        r#"{"jobs":[{"job_id":7,"job_status":"AUTH","termination_type":"PROCESS_FAILURE"}]}"#,
    ] {
        let mut told = Told::new();
        told.tfa("e1");
        assert_eq!(short(&told.json(json)), ["withdraw e1", "tell end", "report", "stop"], "{json}");
        assert_eq!(told.client.in_progress().count(), 0);
    }
}

#[test]
fn a_clock_that_steps_back_changes_nothing() {
    let mut told = Told::new();
    told.at(100).status(PendingTfa);
    assert_eq!(told.at(50).tfa("e1"), ["ask e1"], "it is processed at 100");
    assert_eq!(short(&told.at(0).tick()), NOTHING);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(280_000)));

    // Saved by an application whose clock was ahead.
    let saved = serde_json::to_string(&told.client).unwrap();
    let mut client: Client = serde_json::from_str(&saved).unwrap();
    let end = Payload::from_json(r#"{"id":7,"status":"SUCCESSFUL"}"#).unwrap();
    assert_eq!(
        names(&client.observe(Timestamp::from_millis(-5), &end)),
        ["withdraw", "tell end", "report", "stop"]
    );
}

#[test]
fn a_request_that_is_shown_after_its_window_is_asked_for_again() {
    let mut told = Told::new();
    told.poll(&[PendingTfa], &["e1"]);
    assert_eq!(told.until(240), done(&[(180, "warn"), (240, "too late e1")]));
    assert_eq!(told.at(243).tfa("e1"), ["ask e1"]);
    assert_eq!(told.until(483), done(&[(423, "warn"), (483, "too late e1")]));
    // A request that recurs while its prompt is open gets another window, without an effect.
    let mut told = Told::new();
    told.poll(&[PendingTfa], &["e1"]);
    assert_eq!(short(&told.at(180).tick()), ["warn"]);
    assert_eq!(told.at(240).tfa("e1"), NOTHING);
    assert_eq!(told.until(480), done(&[(420, "warn"), (480, "too late e1")]));
    // A request that first appears after the window of its status.
    let mut told = Told::new();
    told.status(PendingTfa);
    assert_eq!(told.at(240).tfa("e1"), ["ask e1"]);
    assert_eq!(told.until(480), done(&[(420, "warn"), (480, "too late e1")]));
}

#[test]
fn silence_is_resolved_by_fetching_the_job() {
    let mut told = Told::new();
    told.status(Auth);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(300_000)));
    let fetches: Vec<i64> = told.until(24 * 3600).iter().map(|(at, _)| *at).collect();
    assert_eq!(fetches[..5], [300, 305, 315, 335, 375]);
    assert!(fetches.len() < 40, "{} fetches a day", fetches.len());
    assert!(fetches.windows(2).all(|pair| pair[1] - pair[0] <= 3600));
    // Input postpones the fetch.
    let mut told = Told::new();
    told.status(Auth);
    told.at(298).json(&timed("AUTH", 100));
    assert_eq!(told.until(400)[0].0, 398);
    // Before a job runs it has no budget, but is fetched as well.
    let mut told = Told::new();
    told.at(10).status(Queued);
    assert_eq!(told.until(310), done(&[(310, "fetch")]));
}

#[test]
fn an_ended_job_is_dropped_after_the_retention_of_messages() {
    let mut told = Told::new();
    told.status(Successful);
    assert_eq!(told.client.next_deadline(), None);
    assert_eq!(short(&told.at(3599).status(PendingTfa)), NOTHING, "it has ended");
    assert_eq!(short(&told.at(3599 + 3600).tick()), NOTHING);
    let mut nothing = Client::new(Limits::default());
    nothing.tick(Timestamp::from_millis(told.now));
    assert_eq!(told.client, nothing);
    // The same for an answer to a request that was never seen.
    told.answer("e1");
    assert_eq!(short(&told.later(3600).tick()), NOTHING);
    nothing.tick(Timestamp::from_millis(told.now));
    assert_eq!(told.client, nothing);
}

#[test]
fn a_wait_for_a_card_is_warned_of() {
    let mut told = Told::new();
    told.status(Updating);
    assert_eq!(short(&told.status(PendingCard)), ["add card"]);
    // The budget, and its extension.
    assert_eq!(told.until(540), done(&[(480, "warn"), (540, "too late prompt"), (540, "fetch")]));
    let mut told = Told::new();
    told.status(PendingCard);
    told.client.supplied(&7.into());
    assert_eq!(told.until(539), done(&[]));
}

#[test]
fn a_request_of_an_unknown_kind_is_asked_for() {
    let json = r#"{"type":"security","job_id":7,"envelope_id":"e1","message":"First pet?"}"#;
    let mut told = Told::new();
    let effects = told.json(json);
    let [Effect::Ask(prompt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(
        (&*prompt.kind, prompt.envelope_id.as_str(), &prompt.job),
        ("security", "e1", &JobId::from(7))
    );
    assert_eq!(prompt.text.as_ref().map(Text::as_str), Some("First pet?"));
    assert_eq!(short(&told.json(json)), NOTHING);
    assert_eq!(told.until(240), done(&[(180, "warn"), (240, "too late e1")]));
    assert_eq!(short(&told.json(json)), ["ask e1"]);
    told.json(r#"{"type":"security_response","envelope_id":"e1","message":"Rex"}"#);
    assert_eq!(told.client.prompts().count(), 0);
    assert_eq!(short(&told.json(json)), NOTHING);
    // The application reports the answer.
    let mut told = Told::new();
    told.json(json);
    told.client.answered_other(Timestamp::from_millis(0), &prompt.envelope_id);
    assert_eq!(short(&told.json(json)), NOTHING);
    // Without an envelope there is nothing to answer.
    assert_eq!(short(&Told::new().json(r#"{"type":"selfie","job_id":7}"#)), NOTHING);
}

/// A small number of milliseconds reads as seconds until the job's other values show the unit.
#[test]
fn a_late_joiner_learns_the_unit() {
    // By the rate at which the values decrease.
    let mut told = Told::new();
    told.tfa("e1");
    told.json(&timed("PENDING_TFA", 9_500));
    assert_eq!(short(&told.later(5).json(&timed("PENDING_TFA", 4_500))), ["warn"]);
    assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(9_500)));
    // Seconds decrease by one per second.
    let mut told = Told::new();
    told.tfa("e1");
    told.json(&timed("PENDING_TFA", 9_500));
    assert_eq!(short(&told.later(5).json(&timed("PENDING_TFA", 9_495))), NOTHING);
    // By a stale message or by a snapshot: the earlier value is reinterpreted.
    for shows in [timed("AUTH", 250_000), r#"{"id":7,"status":"AUTH","job_timeout":250000}"#.into()] {
        let mut told = Told::new();
        told.tfa("e1");
        told.json(&timed("PENDING_TFA", 9_500));
        assert_eq!(short(&told.later(1).json(&shows)), ["warn"], "{shows}");
        assert_eq!(told.client.next_deadline(), Some(Timestamp::from_millis(9_500)));
    }
}

/// Doubt ends when the answer window has passed, not later.
#[test]
fn doubt_lasts_as_long_as_an_answer_window() {
    let mut told = Told::new();
    told.poll(&[PendingTfa], &["e1"]);
    told.answer("e1");
    told.done(TfaReceived, 20.0);
    told.done(TfaSubmitted, 30.0);
    assert_eq!(told.at(10).done(PendingTfa, 10.0), ["fetch"]);
    let fetches = told.until(530);
    assert_eq!(fetches.last(), Some(&(245, "fetch".into())));
}

/// A job receives its initial credentials once: a message that awaits them again is stale, unless the job itself shows it.
#[test]
fn initial_credentials_are_not_asked_for_again() {
    let mut told = Told::new();
    assert_eq!(short(&told.status(PendingCreds)), ["ask for initial credentials", "fetch"]);
    assert_eq!(short(&told.status(CredsReceived)), ["withdraw prompt"]);
    assert_eq!(short(&told.status(Auth)), NOTHING);
    assert_eq!(short(&told.later(5).status(PendingCreds)), ["fetch"]);
    assert_eq!(short(&told.snapshot(Auth)), NOTHING);
    assert_eq!(short(&told.later(5).status(PendingCreds)), ["fetch"]);
    assert_eq!(short(&told.snapshot(PendingCreds)), ["ask for initial credentials"]);
}

#[test]
fn a_notified_job_in_progress_has_not_ended() {
    let mut told = Told::new();
    let effects = told.json(r#"{"jobs":[{"job_id":7,"job_status":"UPDATING"}]}"#);
    assert_eq!(short(&effects), ["allow leaving"]);
    assert_eq!(told.client.in_progress().count(), 1);
}

/// The percentage as well as the time left distinguish a stale report from another round.
#[test]
fn reports_with_the_same_time_left_differ_by_their_percentage() {
    let mut told = Told::new();
    let says = |status: Status, percent: u8| {
        format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","percent_complete":{percent},"job_timeout":200}}}}"#
        )
    };
    for (status, percent) in [(PendingTfa, 20), (TfaReceived, 22), (TfaSubmitted, 24)] {
        told.json(&says(status, percent));
    }
    told.later(5).json(&says(PendingTfa, 26));
    assert_eq!(told.tfa("e2"), ["ask e2"]);
    assert_eq!(short(&told.json(&says(TfaReceived, 22))), NOTHING, "stale");
    assert_eq!(short(&told.json(&says(TfaReceived, 28))), ["withdraw e2"]);
}

/// The last 256 reports are remembered, and no more.
#[test]
fn reports_are_remembered_as_documented() {
    for (others, is_remembered) in [(254, true), (256, false)] {
        let mut told = Told::new();
        told.json(&timed("PENDING_TFA", 5_000));
        told.tfa("e1");
        for left in 0..others {
            told.json(&timed("PENDING_TFA", 1_000 - left));
        }
        told.json(&timed("PENDING_TFA", 80));
        told.json(&timed("PENDING_TFA", 5_000));
        let next = told.client.next_deadline().map(Timestamp::as_millis);
        assert_eq!(next, Some(if is_remembered { 20_000 } else { 180_000 }), "{others}");
    }
}

/// An answer has the message and the endpoint of its request, and `Debug` hides the code.
#[test]
fn an_answer_has_its_endpoint_and_hides_its_code() {
    let mut told = Told::new();
    let effects = told.json(r#"{"type":"tfa_request","job_id":"7","envelope_id":"e1"}"#);
    let [Effect::AskForTfaCode(prompt)] = &effects[..] else { panic!("{effects:?}") };
    let answer = prompt.answer(Secret::new("123456"));
    assert!(!format!("{answer:?}").contains("123456"));
    let body = r#"{"type":"tfa_response","envelope_id":"e1","message":"123456"}"#;
    assert_eq!(serde_json::to_string(&answer).unwrap(), body);
    assert_eq!(serde_json::to_string(&answer).unwrap(), body);
    assert_eq!(
        answer.endpoint().unwrap().path(),
        "/messages/place_card_on_single_site_jobs/7/credential_responses"
    );
}
