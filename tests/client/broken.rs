//! The HTTP example against a service and a network that fail.
//!
//! The property is "no wrong prompt". [`Witness`] records what the server has sent and checks each text that the user
//! sees, independently of the client:
//!
//! 1. A prompt is for a request, or for a status, that was sent.
//! 2. No prompt is for a request that was answered.
//! 3. No prompt comes after the end was sent.
//! 4. No prompt is for a request that the fetched job no longer shows.
//! 5. Initial credentials are not asked for after a later status was sent.

use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cardsavr_protocol::client::Client;
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::endpoint::Endpoint;
use cardsavr_protocol::simulate::{Choose, Content, History, Random, Simulation};
use cardsavr_protocol::{Limits, Status};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::http::program::Follower;
use crate::http::{Reply, serve};
use crate::service::{Service, life};

/// What the server has sent of a job, and the wrong texts that the user saw.
#[derive(Default)]
struct Witness {
    /// The envelopes of the requests.
    requests: BTreeSet<String>,
    statuses: BTreeSet<String>,
    answered: BTreeSet<String>,
    /// The requests that the fetched job no longer showed.
    gone: BTreeSet<String>,
    has_ended: bool,
    /// Whether a status after the wait for initial credentials was sent.
    has_credentials: bool,
    wrong: Vec<String>,
    ends: Vec<String>,
}

impl Witness {
    /// Records a message that is sent; ignores other values.
    fn hand_out(&mut self, message: &Value) {
        if let (Some(envelope), true) = (message["envelope_id"].as_str(), message["job_id"].is_number()) {
            self.requests.insert(envelope.to_owned());
        }
        for report in [&message["message"], message] {
            if let Some(status) = report["status"].as_str() {
                self.show(status, report.get("termination_type").is_some());
            }
        }
        for request in message["credential_requests"].as_array().into_iter().flatten() {
            self.hand_out(request);
        }
        for job in message["jobs"].as_array().into_iter().flatten() {
            self.show(job["job_status"].as_str().unwrap_or_default(), true);
        }
    }

    fn show(&mut self, text: &str, is_typed: bool) {
        self.statuses.insert(text.to_owned());
        let status: Option<Status> = text.parse().ok();
        let is_end = |status: Status| status.is_terminal() && status != Status::NetworkIssue;
        self.has_ended |= is_typed || status.is_some_and(is_end);
        let waits = Status::PendingCreds;
        self.has_credentials |= status.is_some_and(|status| status != waits && waits.reaches(status));
    }

    /// Checks a text that the user sees. A prompt ends with the text of its request, which is its envelope in these tests.
    fn judge(&mut self, text: &str) {
        let (is_request, is_right) = match text.split_once(':') {
            Some((_, what)) if what.starts_with(" enter the code") || what.starts_with(" update") => {
                let envelope = text.rsplit(' ').next().unwrap_or_default();
                let is_open = !self.answered.contains(envelope) && !self.gone.contains(envelope);
                (true, self.requests.contains(envelope) && is_open)
            }
            Some((_, what)) if what.starts_with(" put the credentials") => {
                (true, self.statuses.contains("PENDING_CREDS") && !self.has_credentials)
            }
            Some((_, what)) if what.starts_with(" add the card") => {
                (true, self.statuses.contains("PENDING_CARD"))
            }
            _ => (false, true),
        };
        if !is_right || is_request && self.has_ended {
            self.wrong.push(text.to_owned());
        }
        if text.contains("the card was") || text.contains(": ended") {
            self.ends.push(text.to_owned());
        }
    }

    /// Records an answer and returns its envelope.
    fn answer(&mut self, path: &str, body: &str, job: u64) -> String {
        let answer: Value = serde_json::from_str(body).unwrap();
        let envelope = answer["envelope_id"].as_str().unwrap().to_owned();
        let expected = format!("/messages/place_card_on_single_site_jobs/{job}/credential_responses");
        if !self.requests.contains(&envelope) || !self.answered.insert(envelope.clone()) || path != expected {
            self.wrong.push(format!("{path}: {body}"));
        }
        envelope
    }
}

/// A generated job behind a network that loses, repeats, reorders and corrupts messages.
struct Site {
    service: Service,
    witness: Witness,
    random: Random,
    read: usize,
    polls: u32,
    /// Whether polls never show the end.
    loses_the_end: bool,
}

impl Site {
    fn reply(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let job = self.service.life.job;
        if self.random.once_in(6) {
            return Err(503);
        }
        match method {
            "POST" => {
                let envelope = self.witness.answer(path, body, job);
                self.service.answered.insert(envelope);
                Ok(String::new())
            }
            _ if path == format!("/place_card_on_single_site_jobs/{job}") => Ok(self.fetch().to_string()),
            _ if path == "/messages/cardholders/5" => Ok(self.poll()),
            _ => Err(404),
        }
    }

    /// The job itself, in its current state.
    fn fetch(&mut self) -> Value {
        let mut entity = serde_json::to_value(self.service.entity(true)).unwrap();
        let open = self.open();
        entity["credential_requests"] = open.clone().into();
        let shown: BTreeSet<&str> =
            open.iter().filter_map(|request| request["envelope_id"].as_str()).collect();
        let past = self.service.opened().into_iter().filter(|envelope| !shown.contains(envelope.as_str()));
        self.witness.gone.extend(past);
        self.witness.hand_out(&entity);
        entity
    }

    /// The open requests, each with its envelope as its text.
    fn open(&self) -> Vec<Value> {
        let with_text = |request: &_| {
            let mut request = serde_json::to_value(request).unwrap();
            request["message"] = request["envelope_id"].clone();
            request
        };
        self.service.open_requests().iter().map(with_text).collect()
    }

    fn poll(&mut self) -> String {
        self.polls += 1;
        if self.polls < 20_000 {
            self.service.advance();
        } else {
            self.witness.wrong.push("stuck".into());
            let killed = json!({"type": "job_status", "job_id": self.service.life.job, "message": {"status": "KILLED"}});
            return Value::from(vec![killed]).to_string();
        }
        let end = self.service.at + usize::from(!(self.loses_the_end && self.service.has_ended()));
        let mut poll: Vec<Value> = (self.read.min(end)..end).map(|at| self.status(at)).collect();
        self.read = end;
        poll.extend(self.open());
        // An earlier status, late.
        if self.random.once_in(4) && end > 0 {
            let at = self.random.index(end);
            poll.push(self.status(at));
        }
        poll.retain(|_| !self.random.once_in(5));
        if self.random.once_in(4) {
            poll = poll.into_iter().flat_map(|message| [message.clone(), message]).collect();
        }
        if self.random.once_in(3) && poll.len() > 1 {
            let at = self.random.index(poll.len() - 1);
            poll.swap(at, at + 1);
        }
        for message in &poll {
            self.witness.hand_out(message);
        }
        if self.random.once_in(4) {
            let malformed =
                [json!({"type": "tfa_request", "job_id": self.service.life.job}), json!(5), json!({})];
            let at = self.random.index(poll.len() + 1);
            poll.insert(at, malformed[self.random.index(3)].clone());
        }
        Value::from(poll).to_string()
    }

    fn status(&self, at: usize) -> Value {
        serde_json::to_value(self.service.life.message(at)).unwrap()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A user who answers each prompt immediately.
fn type_answer(text: &str, lines: &Sender<String>) {
    if text.contains("enter the code") {
        lines.send("123456".into()).unwrap();
    } else if text.contains("press Enter") {
        lines.send(String::new()).unwrap();
    }
}

/// Limits by which a silent job is fetched within milliseconds.
fn hasty() -> Limits {
    let mut limits = Limits::default();
    limits.poll_interval_max = Duration::from_millis(2);
    limits.budget = Duration::from_millis(40);
    limits.budget_extension = Duration::from_millis(40);
    limits.answer_window = Duration::from_millis(40);
    limits.warning = Duration::from_millis(10);
    limits
}

/// Each job ends, without a wrong prompt.
#[test]
fn a_broken_service_leads_to_no_wrong_prompt() {
    let site: Arc<Mutex<Option<Site>>> = Arc::default();
    let served = site.clone();
    let base = serve(move |method, path, body| lock(&served).as_mut().unwrap().reply(method, path, body));
    let mut runner = TestRunner::deterministic();
    for number in 1..=200 {
        let life = life(number).new_tree(&mut runner).unwrap().current();
        let mut random = Random::new(number, 1);
        let loses_the_end = random.once_in(8);
        let service = Service::new(life.clone());
        let witness = Witness::default();
        *lock(&site) = Some(Site { service, witness, random, read: 0, polls: 0, loses_the_end });
        let (sender, lines) = channel();
        let seen = site.clone();
        let say = move |text: &str| {
            lock(&seen).as_mut().unwrap().witness.judge(text);
            type_answer(text, &sender);
        };
        let mut follower = Follower::new(base.clone(), Client::new(hasty()), say);
        follower.follow(&Endpoint::messages(&5.into()).unwrap(), &lines, Duration::ZERO).unwrap();
        let Site { service, witness, .. } = lock(&site).take().unwrap();
        assert!(witness.wrong.is_empty(), "{number}: {life:?}: {:?}", witness.wrong);
        let status = life.statuses.last().unwrap().as_str();
        let [end] = &witness.ends[..] else { panic!("{number}: {life:?}: {:?}", witness.ends) };
        assert!(service.has_ended() && end.contains(status), "{number}: {life:?}: {end}");
    }
}

/// Recorded jobs that break each rule: none leads to a wrong prompt.
#[test]
fn a_job_that_breaks_a_rule_leads_to_no_wrong_prompt() {
    struct Recorded {
        records: std::vec::IntoIter<String>,
        job: u64,
        witness: Witness,
    }
    let site: Arc<Mutex<Option<Recorded>>> = Arc::default();
    let served = site.clone();
    let base = serve(move |method, path, body| {
        let mut site = lock(&served);
        let Recorded { records, job, witness } = site.as_mut().unwrap();
        match method {
            "POST" => {
                witness.answer(path, body, *job);
                Ok(String::new())
            }
            // The job can't be fetched.
            _ if path != "/messages/cardholders/5" => Err(503),
            _ => {
                // A log may lack the end.
                let end =
                    format!(r#"{{"type":"job_status","job_id":{job},"message":{{"status":"KILLED"}}}}"#);
                let record = records.next().unwrap_or(end);
                if let Ok(message) = serde_json::from_str(&record) {
                    witness.hand_out(&message);
                }
                Ok(record)
            }
        }
    });
    for (&rule, seed) in Rule::ALL.iter().flat_map(|rule| (0..3).map(move |seed| (rule, seed))) {
        let history: History = Simulation::new(seed).jobs(1).faults([rule], 1.0).log().collect();
        let polled =
            history.records.iter().filter(|record| !matches!(record.content, Content::Response { .. }));
        let records: Vec<String> = polled.map(|record| with_text(&record.to_string())).collect();
        let recorded = Recorded { records: records.into_iter(), job: 1, witness: Witness::default() };
        *lock(&site) = Some(recorded);
        let (sender, lines) = channel();
        let seen = site.clone();
        let say = move |text: &str| {
            lock(&seen).as_mut().unwrap().witness.judge(text);
            type_answer(text, &sender);
        };
        let mut limits = Limits::default();
        limits.poll_interval_max = Duration::from_millis(2);
        let mut follower = Follower::new(base.clone(), Client::new(limits), say);
        follower.follow(&Endpoint::messages(&5.into()).unwrap(), &lines, Duration::ZERO).unwrap();
        let witness = lock(&site).take().unwrap().witness;
        assert!(witness.wrong.is_empty(), "{rule} by {seed}: {:?}\n{history:?}", witness.wrong);
        assert_eq!(witness.ends.len(), 1, "{rule} by {seed}: {:?}", witness.ends);
    }
}

/// A record whose requests have their envelopes as their texts.
fn with_text(record: &str) -> String {
    fn mark(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let is_request =
                    fields.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("_request"));
                if let (Some(envelope), true) = (fields.get("envelope_id").cloned(), is_request) {
                    fields.insert("message".into(), envelope);
                }
                fields.values_mut().for_each(mark);
            }
            Value::Array(values) => values.iter_mut().for_each(mark),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_str(record) else { return record.to_owned() };
    mark(&mut value);
    value.to_string()
}
