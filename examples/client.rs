//! Asks a cardholder for a TFA code, once with an answer and once without. Time is an argument, so the example doesn't wait.

use cardsavr_protocol::client::{Client, Effect, Withdrawal};
use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{
    Auth, InProgress, PendingTfa, Queued, Requested, Successful, TfaSubmitted, TimeoutTfa, Updating,
};
use cardsavr_protocol::wire::{JobStatusMessage, Message, Payload, Secret, StatusBody};
use cardsavr_protocol::{Limits, Status, Timestamp};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for effect in [play(Some("123456"))?, play(None)?].concat() {
        println!("{}", carry_out(&effect));
    }
    Ok(())
}

/// Sends the messages of a service to a client and returns the client's effects. An illegal transition doesn't compile.
pub fn play(code: Option<&str>) -> Result<Vec<Effect>, Box<dyn std::error::Error>> {
    let (mut client, mut now) = (Client::new(Limits::default()), Timestamp::from_millis(0));
    let job = Job::new(Requested).advance(Queued).advance(InProgress).advance(Auth).advance(PendingTfa);
    let request = r#"{"type":"tfa_request","job_id":101,"envelope_id":"e7"}"#;
    let mut effects = client.observe(now, &status(job.status()));
    effects.extend(client.observe(now, &Payload::from_json(request)?));

    if let (Some(code), [.., Effect::AskForTfaCode(prompt)]) = (code, &effects[..]) {
        client.answered(now, &prompt.answer(Secret::new(code)));
        let job = job.answered().advance(TfaSubmitted).advance(Updating);
        effects.extend(client.observe(now, &status(job.status())));
        effects.extend(client.observe(now, &status(job.end(Successful).status())));
    } else {
        // Two deadlines pass: the warning and the end of the answer window.
        for _ in 0..2 {
            now = client.next_deadline().ok_or("an open request has a deadline")?;
            effects.extend(client.tick(now));
        }
        effects.extend(client.observe(now, &status(job.end(TimeoutTfa).status())));
    }
    Ok(effects)
}

fn status(status: Status) -> Payload {
    Payload::Message(Message::JobStatus(JobStatusMessage::new(101, StatusBody::new(status))))
}

/// Carries out an effect. This example returns a text.
pub fn carry_out(effect: &Effect) -> String {
    match effect {
        Effect::FetchJob { job } => format!("(fetch job {job} with its requests)"),
        Effect::AskForTfaCode(_) => "Please enter the code that you were sent.".into(),
        Effect::Warn { time_left, .. } => format!("{} seconds are left to enter it.", time_left.as_secs()),
        Effect::Withdraw { reason: Withdrawal::TooLate, .. } => "The code can't be entered any more.".into(),
        Effect::Withdraw { .. } => "The code isn't needed any more.".into(),
        Effect::AllowLeaving { .. } => "You may leave: nothing more will be asked.".into(),
        Effect::TellEnd(end) => format!("Job {} ended in {}.", end.job, end.status),
        Effect::Report(end) => format!("(reported as a {:?})", end.outcome()),
        other => format!("({other:?})"),
    }
}
