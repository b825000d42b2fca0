//! The payloads that the service's own documents and a recording have, from 2020 to 2026: each is read, goes out as it came,
//! and gives the prompts that it describes. `tests/data/2026/samples.jsonl` names the source of each;
//! `exchanges-4319.jsonl` is a job as HTTP exchanges, with both forms of an answer.

use cardsavr_protocol::client::{ActPrompt, Client, Effect, Outcome};
use cardsavr_protocol::wire::{AccountAnswer, LinkField, Message, Payload, Secret, Text};
use cardsavr_protocol::{Edition, Limits, Timestamp};
use serde_json::{Map, Value};

const SAMPLES: &str = include_str!("data/2026/samples.jsonl");
const EXCHANGES: &str = include_str!("data/2026/exchanges-4319.jsonl");

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn client() -> Client {
    Client::of(Edition::V2026, Limits::of(Edition::V2026))
}

/// The fields that are not kept, and the `type` of a job.
const NOT_KEPT: [&str; 10] = [
    "created_on",
    "last_updated_on",
    "card_id",
    "type",
    "merchant_site",
    "custom_data",
    "trace",
    "financial_institution_id",
    "username",
    "card_customer_key",
];

/// Checks that a value went out as it came in, without what isn't kept.
fn check_kept(came: &Value, went: &Value, at: &str) {
    match (came, went) {
        (Value::Object(came), Value::Object(went)) => {
            for (name, value) in came {
                let at = format!("{at}/{name}");
                match went.get(name) {
                    Some(went) => check_kept(value, went, &at),
                    None => assert!(value.is_null() || NOT_KEPT.contains(&&**name), "{at} is gone"),
                }
            }
            assert!(went.keys().all(|name| came.contains_key(name)), "{at} has more fields than before");
        }
        (Value::Array(came), Value::Array(went)) => {
            assert_eq!(came.len(), went.len(), "{at}");
            came.iter().zip(went).for_each(|(came, went)| check_kept(came, went, at));
        }
        // A status goes out in the table's spelling.
        _ if came == "TFA_CODE_RECEIVED" => assert_eq!(went, "TFA_RECEIVED", "{at}"),
        _ => assert_eq!(came, went, "{at}"),
    }
}

#[test]
fn each_sample_is_read_and_goes_out_as_it_came() {
    let samples = lines(SAMPLES);
    assert_eq!(samples.len(), 39);
    for sample in samples {
        let (kind, payload, source) = (&sample["kind"], &sample["payload"], &sample["source"]);
        let read =
            Payload::from_json(&payload.to_string()).unwrap_or_else(|error| panic!("{source}: {error}"));
        let is_right = match kind.as_str().unwrap() {
            "message" => matches!(read, Payload::Message(Message::JobStatus(_))),
            "request" => matches!(read, Payload::Message(Message::Request(_))),
            "response" => {
                matches!(read, Payload::Message(Message::TfaResponse(_) | Message::CredentialResponse(_)))
            }
            "poll" => matches!(read, Payload::Poll(_)),
            "webhook" => matches!(read, Payload::Notification(_)),
            "job" if payload.get("id").is_none() => matches!(read, Payload::Requests(_)),
            "job" => matches!(read, Payload::Job(_)),
            other => panic!("a new kind of sample: {other}"),
        };
        assert!(is_right, "{source}: {kind} is read as {read:?}");
        check_kept(payload, &serde_json::to_value(&read).unwrap(), &source.to_string());
    }
}

/// What a user sees of a request: its kind, and label and secrecy of each value.
fn described(request: &Map<String, Value>) -> Vec<String> {
    let envelope = request["envelope_id"].as_str().unwrap();
    let fields = request.get("account_link").and_then(Value::as_array).cloned().unwrap_or_default();
    let fields: Vec<String> = fields
        .iter()
        .map(|field| {
            format!(" {} ({})", field["label"].as_str().unwrap(), field["secret"].as_bool().unwrap())
        })
        .collect();
    let fields = fields.concat();
    match request["type"].as_str().unwrap() {
        "tfa_message" => vec![format!("acknowledge {envelope}"), format!("act {envelope}{fields}")],
        "tfa_request" if fields.is_empty() => vec![format!("code {envelope}")],
        "credential_request" if fields.is_empty() => vec![format!("credentials {envelope}")],
        _ => vec![format!("ask {envelope}{fields}")],
    }
}

/// What a user sees of an effect.
fn seen(effect: &Effect) -> Option<String> {
    let fields = |fields: &[LinkField]| -> String {
        let fields = fields.iter().map(|field| format!(" {} ({})", field.label(), field.is_secret()));
        fields.collect::<Vec<_>>().concat()
    };
    Some(match effect {
        Effect::Acknowledge(answer) => format!("acknowledge {}", answer.envelope_id().as_str()),
        Effect::AskToAct(prompt) => format!("act {}{}", prompt.envelope_id.as_str(), fields(&prompt.fields)),
        Effect::AskForTfaCode(prompt) => format!("code {}", prompt.envelope_id.as_str()),
        Effect::AskForCredentials(prompt) => format!("credentials {}", prompt.envelope_id.as_str()),
        Effect::Ask(prompt) => format!("ask {}{}", prompt.envelope_id.as_str(), fields(&prompt.fields)),
        _ => return None,
    })
}

#[test]
fn each_sample_gives_the_prompts_that_it_describes() {
    let mut prompts = 0;
    for sample in lines(SAMPLES) {
        let payload = &sample["payload"];
        let requests = match sample["kind"].as_str().unwrap() {
            "request" => vec![payload.clone()],
            "job" => payload["credential_requests"].as_array().cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        let expected: Vec<String> =
            requests.iter().flat_map(|request| described(request.as_object().unwrap())).collect();
        let read = Payload::from_json(&payload.to_string()).unwrap();
        let mut client = client();
        let effects = client.observe(Timestamp::from_millis(0), &read);
        let given: Vec<String> = effects.iter().filter_map(seen).collect();
        assert_eq!(given, expected, "{}", sample["source"]);
        // Polling shows a request again: nobody is asked twice.
        let again = client.observe(Timestamp::from_millis(3_000), &read);
        assert_eq!(again.iter().filter_map(seen).count(), 0, "{}", sample["source"]);
        // The text for the user is that of the request's own `message`.
        for (request, effect) in requests.iter().zip(effects.iter().rfind(|effect| seen(effect).is_some())) {
            let message = &request["message"];
            let text = message["status_message"].as_str().or(message.as_str());
            let shown = match effect {
                Effect::Ask(prompt) => &prompt.text,
                Effect::AskToAct(prompt) => &prompt.text,
                Effect::AskForCredentials(prompt) => &prompt.text,
                Effect::AskForTfaCode(prompt) => &prompt.text,
                other => panic!("not a prompt: {other:?}"),
            };
            assert_eq!(shown.as_ref().map(Text::as_str), text, "{}", sample["source"]);
        }
        prompts += expected.len();
    }
    assert_eq!(prompts, 18);
}

/// A job that waits and shows no request is fetched; one that has ended tells its outcome.
#[test]
fn each_status_of_a_sample_has_its_effect() {
    for sample in lines(SAMPLES) {
        let payload = &sample["payload"];
        let status = match sample["kind"].as_str().unwrap() {
            "message" => &payload["message"]["status"],
            "job" if payload.get("status").is_some() => &payload["status"],
            "webhook" => &payload["jobs"][0]["job_status"],
            _ => continue,
        };
        let effects =
            client().observe(Timestamp::from_millis(0), &Payload::from_json(&payload.to_string()).unwrap());
        let has = |is: fn(&Effect) -> bool| effects.iter().any(is);
        let waits = status.as_str().unwrap().starts_with("PENDING");
        assert_eq!(has(|effect| matches!(effect, Effect::FetchJob { .. })), waits, "{status}");
        let ended = effects.iter().find_map(|effect| match effect {
            Effect::TellEnd(end) => Some(end.outcome()),
            _ => None,
        });
        let outcome = match status.as_str().unwrap() {
            "SUCCESSFUL" => Some(Outcome::Success),
            "TIMEOUT_TFA" => Some(Outcome::Failure),
            _ => None,
        };
        assert_eq!(ended, outcome, "{status}");
    }
}

/// The recorded job: its request is asked once, its answer in both forms is read, and it ends well.
#[test]
fn the_recorded_exchanges_are_read_and_played() {
    let mut client = client();
    let (mut prompts, mut ends, mut now) = (Vec::new(), Vec::new(), 0);
    for exchange in lines(EXCHANGES) {
        now += 4_000;
        let at = Timestamp::from_millis(now);
        if let Some(reply) = exchange.get("reply") {
            let read = Payload::from_json(&reply.to_string()).unwrap();
            check_kept(reply, &serde_json::to_value(&read).unwrap(), "reply");
            for effect in client.observe(at, &read) {
                prompts.extend(seen(&effect));
                if let Effect::TellEnd(end) = effect {
                    ends.push((end.outcome(), end.text.map(|text| text.as_str().to_owned())));
                }
            }
            continue;
        }
        let body = &exchange["body"];
        if exchange["request"].as_str().unwrap().starts_with("PUT") {
            let answer: AccountAnswer = serde_json::from_value(body.clone()).unwrap();
            assert_eq!(answer.values.get("tfa").map(Secret::reveal), Some("1234"));
            assert!(!answer.is_linked && !format!("{answer:?}").contains("1234"));
            assert_eq!(serde_json::to_value(&answer).unwrap(), *body);
            assert_eq!(exchange["headers"]["x-cardsavr-envelope-id"], "bdNruAXhrc3jhLfmpD5naA==");
        } else {
            let message = Message::from_json(&body.to_string()).unwrap();
            assert!(matches!(&message, Message::LinkResponse(response) if response.message.is_some()));
            assert!(!format!("{message:?}").contains("1234"));
            assert_eq!(serde_json::to_value(&message).unwrap(), *body);
            assert_eq!(client.prompts().count(), 1);
            client.observe(at, &Payload::Message(message));
            assert_eq!(client.prompts().count(), 0);
        }
    }
    assert_eq!(prompts, ["code bdNruAXhrc3jhLfmpD5naA=="]);
    assert_eq!(ends, [(Outcome::Success, Some("Successful".to_owned()))]);
    assert_eq!(ActPrompt::ACKNOWLEDGED, "ack");
}
