//! The client of the 2026 edition: requests that name what they ask for, and waits for any of them.

use cardsavr_protocol::client::{Answer, Client, Effect, Outcome, Prompt};
use cardsavr_protocol::endpoint::Method;
use cardsavr_protocol::wire::{AccountId, LinkField, Secret, Text};
use cardsavr_protocol::{Edition, Limits, Timestamp};

use super::{Told, names};

const LINK: &str = r#"{"type":"initial_account_link","job_id":"7","envelope_id":"e1","account_link":[
    {"key_name":"username","label":"User name","secret":false},
    {"key_name":"password","label":"Password","secret":true,"hint":["new"]}]}"#;

const MESSAGE: &str = r#"{"type":"tfa_message","job_id":7,"envelope_id":"e1","account_link":[
    {"key_name":"tfa_message","label":"Follow the link","secret":false}],
    "message":{"status":"PENDING_TFA_MESSAGE","status_message":"We sent a link."}}"#;

fn told() -> Told {
    Told { client: Client::of(Edition::V2026, Limits::of(Edition::V2026)), now: 0 }
}

fn status(status: &str) -> String {
    format!(r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}"}}}}"#)
}

fn prompt(effects: &[Effect]) -> &Prompt {
    match effects {
        [Effect::Ask(prompt), ..] => prompt,
        other => panic!("not a prompt: {other:?}"),
    }
}

fn credentials() -> [(&'static str, Secret); 2] {
    [("password", Secret::new("pa55")), ("username", Secret::new("jo"))]
}

#[test]
fn a_prompt_has_the_labels_and_what_to_hide() {
    let effects = told().json(LINK);
    let prompt = prompt(&effects);
    let fields: Vec<_> = prompt.fields.iter().map(|field| (field.label(), field.is_secret())).collect();
    assert_eq!(fields, [("User name", false), ("Password", true)]);
    assert_eq!(prompt.kind, "initial_account_link");
    let others: Vec<_> = prompt.fields[1].others.iter().map(|(name, value)| (name, value.as_str())).collect();
    assert_eq!(others, [("hint", r#"["new"]"#)]);
    // A field without a label shows its key, and is hidden unless it says otherwise.
    let field = LinkField::new("pin");
    assert_eq!((field.label(), field.is_secret()), ("pin", true));
}

#[test]
fn an_answer_is_put_with_the_keys_of_the_request() {
    let effects = told().json(LINK);
    let prompt = prompt(&effects);
    let sent = |answer: &Answer| {
        let endpoint = answer.endpoint().unwrap();
        let headers: Vec<_> =
            endpoint.headers().iter().map(|it| format!("{}: {}", it.name(), it.value())).collect();
        let body = serde_json::to_string(answer).unwrap();
        assert!(!format!("{answer:?}").contains("pa55"));
        (endpoint.method(), endpoint.path().to_owned(), headers, body)
    };
    let values = r#"{"account":{"account_link":{"username":"jo","password":"pa55"}}}"#;
    let envelope = vec!["x-cardsavr-envelope-id: e1".to_owned()];
    let answer = prompt.answer(credentials()).unwrap();
    let job = "/place_card_on_single_site_jobs/7".to_owned();
    assert_eq!(sent(&answer), (Method::Put, job, envelope.clone(), values.to_owned()));
    let account = answer.with_account(AccountId::from(1679));
    assert_eq!(sent(&account), (Method::Put, "/cardsavr_accounts/1679".into(), envelope, values.to_owned()));
    let response = prompt.response(credentials()).unwrap();
    let channel = "/messages/place_card_on_single_site_jobs/7/credential_responses".to_owned();
    let body = r#"{"job_id":"7","envelope_id":"e1","account_link":{"username":"jo","password":"pa55"}}"#;
    assert_eq!(sent(&response), (Method::Post, channel, vec![], body.to_owned()));
}

#[test]
fn a_wrong_key_is_an_error_with_the_keys() {
    let effects = told().json(LINK);
    let [password, username] = credentials();
    let pin = ("pin", Secret::new("s3cret"));
    let values = [password.clone(), password, pin];
    let error = prompt(&effects).answer(values.clone()).unwrap_err();
    assert_eq!(
        (&*error.missing, &*error.unknown, &*error.repeated),
        (&["username".to_owned()][..], &["pin".to_owned()][..], &["password".to_owned()][..],)
    );
    assert_eq!(
        error.to_string(),
        "the answer lacks `username`; the request doesn't name `pin`; the answer repeats `password`"
    );
    assert!(!format!("{error:?}").contains("s3cret"));
    assert_eq!(prompt(&effects).response(values).unwrap_err(), error);
    assert_eq!(prompt(&effects).answer([username]).unwrap_err().missing, ["password"]);
}

#[test]
fn a_request_is_asked_once_by_its_envelope() {
    let mut told = told();
    let effects = told.json(LINK);
    assert_eq!(names(&effects), ["ask for other"]);
    // The job has its id as a number and as a string.
    assert_eq!(told.json(&LINK.replace(r#""7""#, "7")), []);
    assert_eq!(told.client.in_progress().count(), 1);
    let answer = prompt(&effects).answer(credentials()).unwrap();
    assert_eq!(told.client.answered(Timestamp::from_millis(0), &answer), []);
    assert_eq!(told.json(LINK), []);
    assert_eq!(names(&told.json(&LINK.replace("e1", "e2"))), ["ask for other"]);
}

#[test]
fn a_tfa_message_is_acknowledged_at_once_and_stands_until_the_job_moves_on() {
    let mut told = told();
    let effects = told.json(&format!("[{MESSAGE},{}]", status("PENDING_TFA_MESSAGE")));
    let [Effect::Acknowledge(answer), Effect::AskToAct(prompt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(
        serde_json::to_string(answer).unwrap(),
        r#"{"account":{"account_link":{"tfa_message":"ack"}}}"#
    );
    assert_eq!(answer.endpoint().unwrap().method(), Method::Put);
    assert_eq!(prompt.text.as_ref().map(Text::as_str), Some("We sent a link."));
    // The acknowledgement is no answer of the user's.
    assert_eq!(told.client.answered(Timestamp::from_millis(0), answer), []);
    assert_eq!(told.client.prompts().collect::<Vec<_>>(), effects[1..]);
    assert_eq!(told.json(MESSAGE), []);
    let effects = told.later(10).json(&status("UPDATING"));
    assert_eq!(names(&effects), ["allow leaving", "withdraw"]);
    assert_eq!(told.client.prompts().count(), 0);
}

/// `PENDING` waits whatever its request asks for, also if this version doesn't know its kind.
#[test]
fn a_general_wait_is_for_any_request() {
    for kind in [
        "tfa_request",
        "credential_request",
        "initial_account_link",
        "tfa",
        "tfa_message",
        "security",
        "selfie",
    ] {
        for waiting in ["PENDING", "PENDING_SELFIE"] {
            let mut told = told();
            assert_eq!(names(&told.json(&status(waiting))), ["fetch"], "{waiting}");
            let request = format!(
                r#"{{"type":"{kind}","job_id":7,"envelope_id":"e1","account_link":[{{"key_name":"k"}}]}}"#
            );
            let job = format!(r#"{{"id":7,"status":"{waiting}","credential_requests":[{request}]}}"#);
            let asked = names(&told.json(&job));
            let expected: &[&str] =
                if kind == "tfa_message" { &["acknowledge", "ask to act"] } else { &["ask for other"] };
            assert_eq!(asked, expected, "{kind} in {waiting}");
            // Its request is known: it isn't fetched again, and is over when the job moves on.
            assert_eq!(told.later(30).json(&status(waiting)), [], "{kind} in {waiting}");
            assert_eq!(names(&told.later(5).json(&status("UPDATING"))), ["allow leaving", "withdraw"]);
        }
    }
}

/// An unknown status that begins with `PENDING` waits, and its text is shown; others don't wait.
#[test]
fn an_unknown_status_waits_by_its_name() {
    let unknown = |status: &str| {
        let json = format!(
            r#"{{"type":"job_status","job_id":7,"message":{{"status":"{status}","status_message":"Smile."}}}}"#
        );
        names(&told().json(&json))
    };
    assert_eq!(unknown("PENDING_SELFIE"), ["show", "fetch"]);
    assert_eq!(unknown("PENDING_CREDS"), ["show", "fetch"], "the edition lacks it");
    assert_eq!(unknown("SMILING"), ["show"]);
}

#[test]
fn an_outcome_has_four_values() {
    for (sent, outcome) in [
        (r#""status":"SUCCESSFUL","termination_type":"BILLABLE""#, Outcome::Success),
        (r#""status":"DUPLICATE_CARD","termination_type":"BILLABLE""#, Outcome::Success),
        (r#""status":"INVALID_CARD_DETAILS","termination_type":"""#, Outcome::Failure),
        (r#""status":"CANCELED","termination_type":"NEVER_STARTED""#, Outcome::Neither),
        (r#""status":"KILLED","termination_type":"PROCESS_FAILURE""#, Outcome::Failure),
        // Nobody has published its type.
        (r#""status":"ACCOUNT_NOT_FOUND","termination_type":null"#, Outcome::Unknown),
    ] {
        let effects = told().json(&format!(r#"{{"type":"job_status","job_id":7,"message":{{{sent}}}}}"#));
        let Effect::TellEnd(end) = &effects[0] else { panic!("{effects:?}") };
        assert_eq!(end.outcome(), outcome, "{sent}");
    }
}

#[test]
fn a_notification_may_be_delivered_twice() {
    let mut told = told();
    told.json(LINK);
    let json = r#"{"jobs":[{"job_id":"7","job_status":"SUCCESSFUL","termination_type":"BILLABLE"}]}"#;
    assert_eq!(names(&told.json(json)), ["withdraw", "tell end", "report", "stop"]);
    assert_eq!(told.later(60).json(json), []);
    assert_eq!(told.json(LINK), []);
}

/// The answer window is 300 s, or the job's own; and the job's time left is in milliseconds.
#[test]
fn a_window_is_that_of_the_edition_or_of_the_job() {
    for (timeout, window) in [("", 300), (r#""credential_timeout":120,"#, 120)] {
        let mut told = told();
        let job = format!(
            r#"{{"id":7,"status":"PENDING","job_timeout":700000,{timeout}"credential_requests":[{LINK}]}}"#
        );
        assert_eq!(names(&told.json(&job)), ["ask for other"]);
        assert_eq!(told.later(window - 61).tick(), []);
        assert_eq!(names(&told.later(1).tick()), ["warn"]);
        assert_eq!(names(&told.later(60).tick()), ["withdraw"]);
    }
    let mut told = told();
    let job = format!(r#"{{"id":7,"status":"PENDING","job_timeout":9500,"credential_requests":[{LINK}]}}"#);
    assert_eq!(names(&told.json(&job)), ["ask for other", "warn"], "9,500 ms are left");
}

#[test]
fn a_saved_client_goes_on_in_its_edition() {
    let mut told = told();
    told.json(LINK);
    told.client = serde_json::from_str(&serde_json::to_string(&told.client).unwrap()).unwrap();
    let Some(Effect::Ask(prompt)) = told.client.prompts().next() else { panic!("no prompt") };
    assert_eq!(prompt.fields.len(), 2);
    assert_eq!(names(&told.later(1).json(&status("PENDING"))), Vec::<&str>::new());
}
