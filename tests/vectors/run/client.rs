//! The client: effects.

use cardsavr_protocol::client::{
    Client, CredentialPrompt, Effect, JobEnd, Outcome, Prompt, TfaPrompt, Withdrawal,
};
use cardsavr_protocol::wire::{EnvelopeId, JobId, Payload, Text};
use cardsavr_protocol::{Limits, Timestamp};

use crate::form::{Done, Expect, Step};

pub(super) fn run(steps: &[Step], limits: Limits) -> Vec<Expect> {
    let mut client = Client::new(limits);
    let mut take = |step: &Step| {
        let now = Timestamp::from_millis(step.at.expect("the step has a time"));
        let effects = match &step.input {
            None => client.tick(now),
            Some(json) => {
                let carrier =
                    Payload::from_json(json.get()).unwrap_or_else(|error| panic!("{json}: {error}"));
                client.observe(now, &carrier)
            }
        };
        Expect {
            effects: Some(effects.iter().map(done).collect()),
            next_deadline: Some(client.next_deadline().map(Timestamp::as_millis)),
            ..Expect::default()
        }
    };
    steps.iter().map(&mut take).collect()
}

fn done(effect: &Effect) -> Done {
    match effect {
        Effect::AskForTfaCode(TfaPrompt { job, envelope_id, text, .. }) => {
            asks("ask_for_tfa_code", job, envelope_id, text.as_ref())
        }
        Effect::AskForCredentials(CredentialPrompt { job, envelope_id, text, .. }) => {
            asks("ask_for_credentials", job, envelope_id, text.as_ref())
        }
        Effect::AskForInitialCredentials { job } => does("ask_for_initial_credentials", job),
        Effect::Ask(Prompt { job, envelope_id, text, .. }) => {
            asks("ask_for_other", job, envelope_id, text.as_ref())
        }
        Effect::Warn { job, time_left } => {
            let time_left = i64::try_from(time_left.as_millis()).expect("it is little");
            Done { time_left: Some(time_left), ..does("warn", job) }
        }
        Effect::Withdraw { job, envelope_id, reason } => {
            let reason = match reason {
                Withdrawal::TooLate => "too_late",
                Withdrawal::NotNeeded => "not_needed",
                other => panic!("a new reason: {other:?}"),
            };
            Done {
                reason: Some(reason.into()),
                envelope_id: envelope_id.as_ref().map(|id| id.as_str().to_owned()),
                ..does("withdraw", job)
            }
        }
        Effect::FetchJob { job } => does("fetch_job", job),
        Effect::AddCard { job } => does("add_card", job),
        Effect::AllowLeaving { job } => does("allow_leaving", job),
        Effect::ShowStatus { job, text } => {
            Done { text: Some(text.as_str().to_owned()), ..does("show_status", job) }
        }
        Effect::TellEnd(end) => ends("tell_end", end),
        Effect::Report(end) => ends("report", end),
        Effect::StopPolling { job } => does("stop_polling", job),
        other => panic!("an effect without a name in the vectors: {other:?}"),
    }
}

fn does(what: &str, job: &JobId) -> Done {
    Done {
        what: what.into(),
        job_id: job.number().expect("the vectors' jobs have numbers"),
        ..Done::default()
    }
}

fn asks(what: &str, job: &JobId, envelope_id: &EnvelopeId, text: Option<&Text>) -> Done {
    Done {
        envelope_id: Some(envelope_id.as_str().to_owned()),
        text: text.map(|text| text.as_str().to_owned()),
        ..does(what, job)
    }
}

fn ends(what: &str, end: &JobEnd) -> Done {
    let outcome = match end.outcome() {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Neither => "neither",
        Outcome::Unknown => "unknown",
        other => panic!("a new outcome: {other:?}"),
    };
    Done {
        outcome: Some(outcome.into()),
        status: Some(end.status.text().to_owned()),
        termination_type: Some(end.termination_type.map(|own| own.to_string())),
        text: end.text.as_ref().map(|text| text.as_str().to_owned()),
        ..does(what, &end.job)
    }
}
