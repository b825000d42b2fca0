//! The HTTP example against a local server that plays generated jobs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cardsavr_protocol::Limits;
use cardsavr_protocol::client::Client;
use cardsavr_protocol::endpoint::Endpoint;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::service::{Service, kind, life};

#[expect(dead_code, reason = "the example's own entry")]
#[path = "../../examples/http.rs"]
pub(crate) mod program;

use program::Follower;

/// The reply of a server: a body, or an HTTP status.
pub(crate) type Reply = Result<String, u16>;

/// Serves one request after another; `answer` gets the method, the path and the body.
pub(crate) fn serve(mut answer: impl FnMut(&str, &str, &str) -> Reply + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let (method, path, body) = read(&stream);
            let (status, body) = match answer(&method, &path, &body) {
                Ok(body) => (200, body),
                Err(status) => (status, String::new()),
            };
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            (&stream).write_all((head + &body).as_bytes()).unwrap();
        }
    });
    base
}

fn read(stream: &TcpStream) -> (String, String, String) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line: &String| !line.is_empty()) {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        lines.push(line.trim_end().to_owned());
    }
    let length =
        lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let mut words = lines[0].split(' ').map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap(), String::from_utf8(body).unwrap())
}

/// A user who answers each prompt immediately and records all texts.
fn user(lines: Sender<String>, said: Arc<Mutex<Vec<String>>>) -> impl FnMut(&str) {
    move |text| {
        said.lock().unwrap().push(text.to_owned());
        if text.contains("enter the code") {
            lines.send("123456".into()).unwrap();
        } else if text.contains("press Enter") {
            lines.send(String::new()).unwrap();
        }
    }
}

/// Runs the example until all jobs have ended, and returns what the user saw.
fn follow(base: String) -> Vec<String> {
    let (sender, lines) = channel();
    let said = Arc::new(Mutex::new(Vec::new()));
    // A repeated fetch is due within milliseconds.
    let mut limits = Limits::default();
    limits.poll_interval_max = Duration::from_millis(5);
    let mut follower = Follower::new(base, Client::new(limits), user(sender, said.clone()));
    follower.follow(&Endpoint::messages(&5.into()).unwrap(), &lines, Duration::ZERO).unwrap();
    drop(follower);
    let said = said.lock().unwrap();
    said.clone()
}

/// A job that advances by one status per poll, and its requests.
struct Site {
    service: Service,
    read: usize,
    polls: u32,
    wrong: Vec<String>,
}

impl Site {
    fn answer(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let job = self.service.life.job;
        match method {
            "POST" => {
                let answer: Value = serde_json::from_str(body).unwrap();
                let envelope = answer["envelope_id"].as_str().unwrap().to_owned();
                let expected = format!("/messages/place_card_on_single_site_jobs/{job}/credential_responses");
                if self.service.open_envelope() != Some(envelope.clone()) || path != expected {
                    self.wrong.push(format!("{path}: {body}"));
                }
                self.service.answered.insert(envelope);
                Ok(String::new())
            }
            _ if path == format!("/place_card_on_single_site_jobs/{job}") => {
                Ok(serde_json::to_string(&self.service.entity(true)).unwrap())
            }
            _ if path == "/messages/cardholders/5" => {
                self.polls += 1;
                if self.polls > 2_000 {
                    // The job waits for an answer that doesn't arrive: end it, so that the test fails instead of hanging.
                    let killed =
                        json!({"type": "job_status", "job_id": job, "message": {"status": "KILLED"}});
                    return Ok(Value::from(vec![killed]).to_string());
                }
                self.service.advance();
                let mut poll: Vec<Value> = (self.read..=self.service.at)
                    .map(|at| serde_json::to_value(self.service.life.message(at)).unwrap())
                    .collect();
                self.read = self.service.at + 1;
                let requests = self.service.open_requests();
                poll.extend(requests.iter().map(|request| serde_json::to_value(request).unwrap()));
                // A malformed message, and a service that is briefly unavailable.
                if self.polls % 3 == 0 {
                    poll.insert(0, json!({"type": "tfa_request", "job_id": job}));
                }
                Ok(serde_json::to_string(&poll).unwrap())
            }
            _ => Err(404),
        }
    }
}

/// A thousand jobs, each to its end: the user is asked for everything that the job waits for, and for nothing else.
#[test]
fn the_example_shows_no_wrong_prompt() {
    let site: Arc<Mutex<Option<Site>>> = Arc::default();
    let served = site.clone();
    let base = serve(move |method, path, body| {
        let mut site = served.lock().unwrap_or_else(PoisonError::into_inner);
        site.as_mut().unwrap().answer(method, path, body)
    });
    let mut runner = TestRunner::deterministic();
    for number in 1..=1000 {
        let life = life(number).new_tree(&mut runner).unwrap().current();
        let waits = life.count(|status| kind(status).is_some());
        let site_of = Site { service: Service::new(life.clone()), read: 0, polls: 0, wrong: Vec::new() };
        *site.lock().unwrap() = Some(site_of);
        let said = follow(base.clone());
        let site = site.lock().unwrap().take().unwrap();
        assert!(site.service.has_ended(), "stuck at {}: {life:?}: {said:#?}", site.service.at);
        assert!(site.wrong.is_empty(), "{life:?}: {:?}", site.wrong);
        assert!(site.service.answered.len() <= waits, "{life:?}");
        let last = said.last().unwrap();
        assert!(last.contains("placed") || last.contains("ended"), "{said:?}");
        assert_eq!(
            said.iter().filter(|text| text.contains("the card was") || text.contains(": ended")).count(),
            1
        );
    }
}

/// The texts for each kind of prompt, for an answer that is posted at the second attempt, and for a job that the service
/// no longer knows.
#[test]
fn the_example_asks_for_everything() {
    let mut posts = 0;
    let mut polls = 0;
    let status = |status: &str| json!({"type": "job_status", "job_id": 7, "message": {"status": status}});
    let request = |kind: &str, envelope: &str| json!({"type": kind, "job_id": 7, "envelope_id": envelope, "message": "Look."});
    let base = serve(move |method, path, body| {
        let poll = |messages: Vec<Value>| Ok(Value::from(messages).to_string());
        match (method, path) {
            ("POST", _) => {
                posts += 1;
                assert!(body.starts_with(r#"{"type":"#), "{body}");
                if posts == 1 { Err(503) } else { Ok(String::new()) }
            }
            ("GET", "/messages/cardholders/5") => {
                polls += 1;
                match polls {
                    1 => Err(503),
                    2 => poll(vec![]),
                    3 => poll(vec![status("PENDING_CREDS")]),
                    4 => poll(vec![
                        status("CREDS_RECEIVED"),
                        status("PENDING_TFA"),
                        request("tfa_request", "e1"),
                    ]),
                    5 => poll(vec![request("credential_request", "e2")]),
                    6 => poll(vec![request("security", "e3")]),
                    7 => poll(vec![status("UPDATING")]),
                    8 => poll(vec![status("PENDING_CARD")]),
                    9 => poll(vec![
                        json!({"type": "job_status", "job_id": 8, "message": {"status": "PENDING_TFA"}}),
                    ]),
                    _ => poll(vec![status("SUCCESSFUL")]),
                }
            }
            ("GET", path) if path.ends_with("/7") => Ok(r#"{"id":7,"status":"QUEUED"}"#.into()),
            _ => Err(404),
        }
    });
    insta::assert_snapshot!(follow(base).join("\n"));
}

/// Polling continues while the user doesn't type: the user sees the warning, the withdrawal and the end.
#[test]
fn the_example_warns_a_user_who_does_not_type() {
    let mut limits = Limits::default();
    limits.answer_window = Duration::from_millis(600);
    limits.warning = Duration::from_millis(400);
    let mut is_shown = true;
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = said.clone();
    let base = serve(move |_, path, _| {
        is_shown &=
            !seen.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|text| text.contains("too late"));
        let request = json!({"type": "tfa_request", "job_id": 7, "envelope_id": "e1"});
        Ok(match (path, is_shown) {
            ("/messages/cardholders/5", true)
                if seen.lock().unwrap_or_else(PoisonError::into_inner).is_empty() =>
            {
                json!([{"type": "job_status", "job_id": 7, "message": {"status": "PENDING_TFA"}}, request])
            }
            ("/messages/cardholders/5", true) => json!([]),
            _ => json!([{"type": "job_status", "job_id": 7, "message": {"status": "TIMEOUT_TFA"}}]),
        }
        .to_string())
    });
    let (_sender, lines) = channel();
    let say = said.clone();
    let mut follower =
        Follower::new(base, Client::new(limits), move |text: &str| say.lock().unwrap().push(text.into()));
    follower.follow(&Endpoint::messages(&5.into()).unwrap(), &lines, Duration::from_millis(20)).unwrap();
    let said = said.lock().unwrap();
    let expected = [
        "job 7: enter the code:",
        "job 7: 0 seconds left.",
        "job 7: too late.",
        "job 7: the card was not placed (TIMEOUT_TFA).",
    ];
    assert_eq!(said.iter().map(|text| text.trim()).collect::<Vec<_>>(), expected);
}
