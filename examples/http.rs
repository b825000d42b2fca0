//! Follows the jobs of a cardholder over HTTP, asking for TFA codes at the terminal:
//! `cargo run --example http -- http://127.0.0.1:8080 CARDHOLDER_ID`.

use std::collections::VecDeque;
use std::error::Error;
use std::io::stdin;
use std::thread::sleep;
use std::time::SystemTime;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::endpoint::{Endpoint, Method};
use cardsavr_protocol::message::{Carrier, Secret};
use cardsavr_protocol::{Limits, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(base), Some(cardholder)) = (arguments.next(), arguments.next()) else {
        return Err("expected the service's address and a cardholder's id".into());
    };
    let limits = Limits::default();
    let mut client = Client::new(limits.clone());
    let poll = Endpoint::messages(&cardholder)?;
    loop {
        follow(&base, &mut client, &carry(&base, &poll, "")?, &mut ask)?;
        sleep(limits.poll_interval_min);
    }
}

/// Takes in what came back, and does all that follows from it.
pub fn follow(
    base: &str,
    client: &mut Client,
    json: &str,
    ask: &mut impl FnMut(&str) -> String,
) -> Result<(), Box<dyn Error>> {
    let mut effects = VecDeque::from(client.observe(now(), &Carrier::from_json(json)?)?);
    while let Some(effect) = effects.pop_front() {
        match effect {
            Effect::FetchJob { job } => {
                let json = carry(base, &Endpoint::job(&job)?, "")?;
                effects.extend(client.observe(now(), &Carrier::from_json(&json)?)?);
            }
            Effect::AskForTfaCode(prompt) => {
                let answer = prompt.answer(Secret::new(ask(&format!("the code for job {}", prompt.job))));
                carry(base, &Endpoint::answer(&prompt.job)?, &serde_json::to_string(&answer)?)?;
                effects.extend(client.observe(now(), &Carrier::Message(answer))?);
            }
            other => println!("{other:?}"),
        }
    }
    Ok(())
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
