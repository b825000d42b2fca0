//! Faults in requests and responses.

use cardsavr_protocol::Status;
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::RequestKind;

use super::{NEW_CREDENTIALS, Seed};
use crate::entry::{Answer, Entry, Event};
use crate::lawful::Choices;

impl<'c> Seed<'c> {
    pub(super) fn requests(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        if rule == Rule::RequestOutOfTurn {
            let mut seed = Self::on(&[Status::Updating, Status::Successful], choices);
            let updating = seed.entered(Status::Updating, 0);
            let kind = seed.choices.of(&[RequestKind::Tfa, RequestKind::Credential]);
            let index = seed.after(updating);
            let index = seed.insert(index, Self::ask(kind, "new"));
            return (seed, index);
        }
        let (mut seed, [_, goes_on]) = Self::asking(choices);
        let first = seed.indices(|event| matches!(event, Event::Request(_)))[0];
        let Event::Request(ask) = seed.log.entries[first].event.clone() else { panic!("no request") };
        if rule == Rule::EnvelopeReused {
            let other = match ask.kind {
                RequestKind::Tfa => RequestKind::Credential,
                RequestKind::Credential => RequestKind::Tfa,
            };
            let index = seed.after(first);
            if seed.choices.once_in(2) {
                seed.insert(index, Self::ask(other, &ask.envelope));
            } else {
                let event = Self::ask(ask.kind, &ask.envelope);
                seed.log.entries.insert(index, Entry { job: 1, at: None, id_is_text: true, event });
            }
            return (seed, index);
        }
        seed.log.entries.retain(|entry| match &entry.event {
            Event::Request(other) => other.envelope != ask.envelope,
            Event::Response(answer) => answer.envelope != ask.envelope,
            _ => true,
        });
        // The log shows requests: one of another job.
        let event = Self::ask(RequestKind::Tfa, "other");
        seed.log.entries.insert(0, Entry { job: 1, at: None, id_is_text: false, event });
        let index = seed.entered(goes_on, 0);
        (seed, index)
    }

    pub(super) fn responses(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        let mut seed = match rule {
            Rule::CredentialsInMessage => Self::on(&NEW_CREDENTIALS, choices),
            _ => Self::asking(choices).0,
        };
        let index = seed.indices(|event| matches!(event, Event::Response(_)))[0];
        let Event::Response(answer) = &mut seed.log.entries[index].event else { panic!("no response") };
        let other = Answer {
            names_job: seed.choices.once_in(2),
            envelope: if rule == Rule::UnmatchedResponse { "new".into() } else { answer.envelope.clone() },
            ..answer.clone()
        };
        match rule {
            Rule::CredentialsInMessage => {
                answer.message = Some(seed.choices.of(&["jane / secret", "Submitted", ""]).into());
                (seed, index)
            }
            Rule::ResponseKindMismatch => {
                answer.kind = match answer.kind {
                    RequestKind::Tfa => RequestKind::Credential,
                    RequestKind::Credential => RequestKind::Tfa,
                };
                (seed, index)
            }
            _ => {
                let place = seed.after(index);
                let index = seed.insert(place, Event::Response(other));
                (seed, index)
            }
        }
    }
}
