//! Follows a cardholder's jobs over HTTP until they have ended, and asks for their input at the terminal:
//! `cargo run --example http -- http://127.0.0.1:8080 CARDHOLDER_ID`.
//!
//! A thread reads the terminal, so that polling goes on while the user types: warnings and withdrawals show at once.

use std::collections::VecDeque;
use std::error::Error;
use std::io::stdin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant, SystemTime};

use cardsavr_protocol::client::{Answer, Client, Effect, Outcome, Withdrawal};
use cardsavr_protocol::endpoint::{Endpoint, Method};
use cardsavr_protocol::wire::{JobId, Payload, Secret};
use cardsavr_protocol::{Limits, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(base), Some(cardholder)) = (arguments.next(), arguments.next()) else {
        return Err("expected the service's address and a cardholder's id".into());
    };
    let (sender, lines) = channel();
    spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let limits = Limits::default();
    let pause = limits.poll_interval_min;
    let mut follower = Follower::new(base, Client::new(limits), |text: &str| println!("{text}"));
    follower.follow(&Endpoint::messages(&cardholder.into())?, &lines, pause)
}

/// An application that connects a service, a client and a user.
pub struct Follower<S> {
    /// The address of the service.
    base: String,
    /// The state of the jobs.
    pub client: Client,
    /// The open prompts; the first one is on the screen.
    prompts: VecDeque<Effect>,
    /// Whether a job has ended.
    has_ended: bool,
    /// Shows a text to the user.
    say: S,
}

impl<S: FnMut(&str)> Follower<S> {
    /// Creates an application with a new or a restored client. Shows the client's first open prompt.
    pub fn new(base: String, client: Client, say: S) -> Self {
        let prompts = client.prompts().collect();
        let mut follower = Self { base, client, prompts, has_ended: false, say };
        follower.show_prompt();
        follower
    }

    /// Polls, handles the user's input and carries out the effects until all jobs have ended.
    pub fn follow(
        &mut self,
        poll: &Endpoint,
        lines: &Receiver<String>,
        pause: Duration,
    ) -> Result<(), Box<dyn Error>> {
        loop {
            self.fetch(poll)?;
            // A job may begin and end within one poll.
            if self.has_ended && self.client.in_progress().next().is_none() {
                return Ok(());
            }
            let until = Instant::now() + pause;
            loop {
                let left = until.saturating_duration_since(Instant::now());
                match lines.recv_timeout(left) {
                    Ok(line) => self.enter(&line)?,
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => {
                        sleep(left);
                        break;
                    }
                }
            }
            let effects = self.client.tick(now());
            self.carry_out(effects)?;
        }
    }

    /// Fetches from an endpoint and carries out the effects. A failure is reported only, since the next poll retries. An invalid
    /// message is reported and the others of the response are processed.
    fn fetch(&mut self, endpoint: &Endpoint) -> Result<(), Box<dyn Error>> {
        match carry(&self.base, endpoint, "") {
            Ok(json) => {
                let (payload, errors) = Payload::read(&json);
                for error in errors {
                    complain(endpoint, &error);
                }
                let effects = self.client.observe(now(), &payload);
                self.carry_out(effects)
            }
            Err(error) => {
                complain(endpoint, &error);
                Ok(())
            }
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Box<dyn Error>> {
        for effect in effects {
            match effect {
                Effect::FetchJob { job } => self.fetch_job(&job)?,
                Effect::AskForTfaCode(_)
                | Effect::AskForCredentials(_)
                | Effect::AskForInitialCredentials { .. }
                | Effect::Ask(_)
                | Effect::AddCard { .. } => {
                    self.prompts.push_back(effect);
                    if self.prompts.len() == 1 {
                        self.show_prompt();
                    }
                }
                Effect::Withdraw { job, reason: Withdrawal::TooLate, .. } => {
                    (self.say)(&format!("job {job}: too late."));
                }
                Effect::Withdraw { job, .. } => {
                    (self.say)(&format!("job {job}: that isn't needed any more."));
                }
                Effect::Warn { job, time_left } => {
                    (self.say)(&format!("job {job}: {} seconds left.", time_left.as_secs()));
                }
                Effect::AllowLeaving { job } => (self.say)(&format!("job {job}: you may leave.")),
                Effect::ShowStatus { job, text } => (self.say)(&format!("job {job}: {}", text.as_str())),
                Effect::TellEnd(end) => {
                    self.has_ended = true;
                    let outcome = match end.outcome() {
                        Outcome::Success => "the card was placed",
                        Outcome::Failure => "the card was not placed",
                        _ => "ended",
                    };
                    let text = end.text.as_ref().map_or("", |text| text.as_str());
                    (self.say)(&format!("job {}: {outcome} ({}). {text}", end.job, end.status));
                }
                // This application keeps no reports, and polls all jobs at once.
                _ => {}
            }
        }
        self.drop_prompts();
        Ok(())
    }

    /// Fetches a job with its requests. Forgets the job if the service no longer knows it.
    fn fetch_job(&mut self, job: &JobId) -> Result<(), Box<dyn Error>> {
        let endpoint = Endpoint::job(job)?;
        match carry(&self.base, &endpoint, "") {
            Err(ureq::Error::StatusCode(404)) => self.client.forget(job),
            Err(error) => complain(&endpoint, &error),
            Ok(json) => {
                let (payload, errors) = Payload::read(&json);
                for error in errors {
                    complain(&endpoint, &error);
                }
                let effects = self.client.observe(now(), &payload);
                self.carry_out(effects)?;
            }
        }
        Ok(())
    }

    /// Handles a line entered by the user as the answer to the prompt on the screen.
    fn enter(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        match self.prompts.front() {
            Some(Effect::AskForTfaCode(prompt)) => {
                let answer = prompt.answer(Secret::new(line.trim()));
                self.post(&answer)?;
            }
            // The credentials are stored by another service; this application only confirms that they are updated.
            Some(Effect::AskForCredentials(prompt)) => {
                let answer = prompt.submitted();
                self.post(&answer)?;
            }
            Some(Effect::AskForInitialCredentials { job } | Effect::AddCard { job }) => {
                let job = job.clone();
                self.client.supplied(&job);
            }
            Some(Effect::Ask(prompt)) => {
                let envelope_id = prompt.envelope_id.clone();
                self.client.answered_other(now(), &envelope_id);
            }
            _ => (self.say)("Nothing is asked for."),
        }
        self.drop_prompts();
        Ok(())
    }

    /// Posts an answer. The prompt stays open if this fails.
    fn post(&mut self, answer: &Answer) -> Result<(), Box<dyn Error>> {
        let endpoint = answer.endpoint()?;
        match carry(&self.base, &endpoint, &serde_json::to_string(answer)?) {
            Ok(_) => {
                let effects = self.client.answered(now(), answer);
                self.carry_out(effects)
            }
            Err(error) => {
                complain(&endpoint, &error);
                self.show_prompt();
                Ok(())
            }
        }
    }

    /// Removes the prompts that are no longer open: answered, withdrawn, or obsolete since the job moved on.
    fn drop_prompts(&mut self) {
        let open: Vec<Effect> = self.client.prompts().collect();
        let first = self.prompts.front().cloned();
        self.prompts.retain(|prompt| open.contains(prompt));
        if self.prompts.front() != first.as_ref() {
            self.show_prompt();
        }
    }

    fn show_prompt(&mut self) {
        let (job, what, text) = match self.prompts.front() {
            Some(Effect::AskForTfaCode(prompt)) => (&prompt.job, "enter the code", &prompt.text),
            Some(Effect::AskForCredentials(prompt)) => {
                (&prompt.job, "update the credentials of the account, then press Enter", &prompt.text)
            }
            Some(Effect::AskForInitialCredentials { job }) => {
                (job, "put the credentials into the account, then press Enter", &None)
            }
            Some(Effect::AddCard { job }) => (job, "add the card, then press Enter", &None),
            Some(Effect::Ask(prompt)) => (&prompt.job, "answer, then press Enter", &prompt.text),
            _ => return,
        };
        let text = text.as_ref().map_or(String::new(), |text| format!(" {}", text.as_str()));
        (self.say)(&format!("job {job}: {what}:{text}"));
    }
}

/// Calls an endpoint with an HTTP client and returns the body of the response.
pub fn carry(base: &str, endpoint: &Endpoint, body: &str) -> Result<String, ureq::Error> {
    let mut request = ureq::http::Request::builder()
        .method(endpoint.method().as_str())
        .uri(format!("{base}{}", endpoint.path()));
    for header in endpoint.headers() {
        request = request.header(header.name(), header.value());
    }
    match endpoint.method() {
        Method::Get => ureq::run(request.body(())?)?,
        Method::Post | Method::Put => {
            ureq::run(request.header("content-type", "application/json").body(body)?)?
        }
    }
    .body_mut()
    .read_to_string()
}

fn complain(endpoint: &Endpoint, error: &dyn Error) {
    eprintln!("{}: {error}", endpoint.path());
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis().try_into().unwrap_or(i64::MAX))
}
