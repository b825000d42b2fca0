//! Follows the jobs of a cardholder over HTTP until they have ended, asking for TFA codes at the terminal:
//! `cargo run --example http -- http://127.0.0.1:8080 CARDHOLDER_ID`.

use std::collections::VecDeque;
use std::error::Error;
use std::io::stdin;
use std::thread::sleep;
use std::time::SystemTime;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::endpoint::{Endpoint, Method};
use cardsavr_protocol::wire::{Payload, Secret};
use cardsavr_protocol::{Limits, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(base), Some(cardholder)) = (arguments.next(), arguments.next()) else {
        return Err("expected the service's address and a cardholder's id".into());
    };
    let limits = Limits::default();
    let mut follower = Follower { base, client: Client::new(limits.clone()), ask };
    follower.follow(&Endpoint::messages(&cardholder)?, || sleep(limits.poll_interval_min))
}

/// An application: the service, what is known of the jobs, and the user.
pub struct Follower<A> {
    /// The address of the service.
    pub base: String,
    /// What is known.
    pub client: Client,
    /// Asks the user for a code; what it is for is told.
    pub ask: A,
}

impl<A: FnMut(&str) -> String> Follower<A> {
    /// Polls, and does what follows, until every job that was seen has ended.
    pub fn follow(&mut self, poll: &Endpoint, mut wait: impl FnMut()) -> Result<(), Box<dyn Error>> {
        let mut has_seen_jobs = false;
        loop {
            self.fetch(poll)?;
            has_seen_jobs |= self.client.in_progress().next().is_some();
            if has_seen_jobs && self.client.in_progress().next().is_none() {
                return Ok(());
            }
            wait();
            let effects = self.client.tick(now())?;
            self.carry_out(effects)?;
            // A prompt is open still if its answer couldn't be posted.
            let unanswered =
                self.client.prompts().filter(|prompt| matches!(prompt, Effect::AskForTfaCode(_)));
            self.carry_out(unanswered.collect())?;
        }
    }

    /// Fetches something, and does all that follows from it.
    fn fetch(&mut self, endpoint: &Endpoint) -> Result<(), Box<dyn Error>> {
        // A service that can't be reached now may be in a few seconds, when this is fetched again.
        let json = match carry(&self.base, endpoint, "") {
            Ok(json) => json,
            Err(error) => {
                complain(endpoint, &error);
                return Ok(());
            }
        };
        let carrier = match Payload::from_json(&json) {
            Ok(carrier) => carrier,
            Err(error) => {
                complain(endpoint, &error);
                return Ok(());
            }
        };
        let effects = self.client.observe(now(), &carrier)?;
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Box<dyn Error>> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::FetchJob { job } => self.fetch(&Endpoint::job(&job)?)?,
                Effect::AskForTfaCode(prompt) => {
                    let answer =
                        prompt.answer(Secret::new((self.ask)(&format!("the code for job {}", prompt.job))));
                    let endpoint = Endpoint::answer(&prompt.job)?;
                    match carry(&self.base, &endpoint, &serde_json::to_string(&answer)?) {
                        Err(error) => complain(&endpoint, &error),
                        Ok(_) => effects.extend(self.client.observe(now(), &Payload::Message(answer))?),
                    }
                }
                Effect::ShowStatus { job, text } => println!("job {job}: {}", text.as_str()),
                Effect::TellEnd(end) => {
                    let text = end.text.as_ref().map_or("", |text| text.as_str());
                    println!("job {} ended in {}. {text}", end.job, end.status);
                }
                other => println!("{other:?}"),
            }
        }
        Ok(())
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

fn ask(for_what: &str) -> String {
    println!("{for_what}:");
    let mut line = String::new();
    // What can't be read is no code, and the service says so.
    _ = stdin().read_line(&mut line);
    line.trim().to_owned()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(since.as_millis().try_into().unwrap_or(i64::MAX))
}
