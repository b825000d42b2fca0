//! Follows the jobs of a cardholder over HTTP until they have ended, and asks at the terminal for what they need:
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
    follower.follow(&Endpoint::messages(&cardholder)?, &lines, pause)
}

/// An application: the service, what is known of the jobs, and the user.
pub struct Follower<S> {
    /// The address of the service.
    base: String,
    /// What is known of the jobs.
    pub client: Client,
    /// What the user is asked for, the first of it on the screen.
    prompts: VecDeque<Effect>,
    /// Whether a job has ended.
    has_ended: bool,
    /// Shows a text to the user.
    say: S,
}

impl<S: FnMut(&str)> Follower<S> {
    /// An application that has a client, maybe one that was saved: its prompts are shown again.
    pub fn new(base: String, client: Client, say: S) -> Self {
        let prompts = client.prompts().collect();
        let mut follower = Self { base, client, prompts, has_ended: false, say };
        follower.show_prompt();
        follower
    }

    /// Polls, takes the user's lines, and does what follows, until every job that was seen has ended.
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

    /// Fetches something, and does what follows from it. A service that can't be reached now may be in a few seconds, when
    /// this is fetched again; a message that can't be read takes no other with it.
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
                | Effect::AskForOther(_)
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
                    (self.say)(&format!("job {job}: that isn't needed any more."))
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
                        Outcome::Neither => "ended",
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

    /// Fetches a job with its requests; forgets one that the service doesn't know any more.
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

    /// Takes a line that the user has entered for the prompt on the screen.
    fn enter(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        match self.prompts.front() {
            Some(Effect::AskForTfaCode(prompt)) => {
                let answer = prompt.answer(Secret::new(line.trim()));
                self.post(&answer)?;
            }
            // The account in the job safe is another service's; this application only asks whether it is up to date.
            Some(Effect::AskForCredentials(prompt)) => {
                let answer = prompt.submitted();
                self.post(&answer)?;
            }
            Some(Effect::AskForInitialCredentials { job } | Effect::AddCard { job }) => {
                let job = job.clone();
                self.client.supplied(&job);
            }
            Some(Effect::AskForOther(prompt)) => {
                let envelope_id = prompt.envelope_id.clone();
                self.client.answered_other(now(), &envelope_id);
            }
            _ => (self.say)("Nothing is asked for."),
        }
        self.drop_prompts();
        Ok(())
    }

    /// Posts an answer. A prompt whose answer couldn't be posted stays.
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

    /// Drops the prompts that aren't open any more: they were answered or withdrawn, or their job has moved on.
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
            Some(Effect::AskForOther(prompt)) => (&prompt.job, "answer, then press Enter", &prompt.text),
            _ => return,
        };
        let text = text.as_ref().map_or(String::new(), |text| format!(" {}", text.as_str()));
        (self.say)(&format!("job {job}: {what}:{text}"));
    }
}

/// All that it takes to carry an endpoint with an HTTP client.
pub fn carry(base: &str, endpoint: &Endpoint, body: &str) -> Result<String, ureq::Error> {
    let mut request = ureq::http::Request::builder()
        .method(endpoint.method().as_str())
        .uri(format!("{base}{}", endpoint.path()));
    for header in endpoint.headers() {
        request = request.header(header.name(), header.value());
    }
    match endpoint.method() {
        Method::Get => ureq::run(request.body(())?)?,
        Method::Post => ureq::run(request.header("content-type", "application/json").body(body)?)?,
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
