//! One request of a job, and the window of its wait.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{ActPrompt, Answer, CredentialPrompt, Effect, Prompt, TfaPrompt, Withdrawal, want};
use crate::wire::{
    EnvelopeId, JobId, LinkField, MessageKind, Request, RequestBody, RequestKind, Text, UnknownMessage,
};
use crate::{Edition, Input, Timestamp};

/// The kind of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// A kind that the edition has.
    Known(RequestKind),
    /// Another one, by its `type`.
    Other(String),
}

impl Kind {
    pub(super) fn of(edition: Edition, kind: RequestKind) -> Self {
        if kind.is_in(edition) { Self::Known(kind) } else { Self::Other(kind.to_string()) }
    }

    /// The `type` of the request.
    fn text(&self) -> &str {
        match self {
            Self::Known(kind) => kind.into(),
            Self::Other(text) => text,
        }
    }

    const fn known(&self) -> Option<RequestKind> {
        match self {
            Self::Known(kind) => Some(*kind),
            Self::Other(_) => None,
        }
    }

    /// Whether such a request is acknowledged at once, and stands until the job moves on: the user acts elsewhere.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.known().is_some_and(|kind| kind.row().asks_for.first() == Some(&Input::ActOutside))
    }

    /// What a request of this kind wants.
    pub(super) fn wanted(&self, edition: Edition) -> Option<Input> {
        want::of_request(edition, self.known())
    }

    /// Whether a request of this kind may be for what a job awaits.
    pub(super) fn may_ask_for(&self, input: Option<Input>) -> bool {
        input.is_some_and(|input| self.known().is_none_or(|kind| kind.may_ask_for(input)))
    }
}

/// Which requests an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answers {
    /// Those of this kind.
    Known(RequestKind),
    /// Those of an unknown kind.
    Other,
    /// All but those that are acknowledged, which no answer closes.
    Any,
}

impl Answers {
    /// The requests that a response to this kind of request, or to an unknown kind, is for. Where requests name what they ask
    /// for, the envelope alone counts.
    pub(super) fn to(edition: Edition, kind: Option<RequestKind>) -> Self {
        match kind {
            _ if want::is_named(edition) => Self::Any,
            Some(kind) => Self::Known(kind),
            None => Self::Other,
        }
    }

    /// The requests that an answer is for.
    pub(super) fn of(edition: Edition, answer: &Answer) -> Self {
        let kind = answer.message().and_then(|message| RequestKind::answered_by(message.kind().known()?));
        kind.map_or(Self::Any, |kind| Self::to(edition, Some(kind)))
    }

    pub(super) fn fits(self, kind: &Kind) -> bool {
        match self {
            _ if kind.is_acknowledged() => false,
            Self::Known(answered) => *kind == Kind::Known(answered),
            Self::Other => matches!(kind, Kind::Other(_)),
            Self::Any => true,
        }
    }
}

/// A request in an input.
pub(super) struct Seen {
    pub(super) kind: Kind,
    pub(super) envelope_id: EnvelopeId,
    pub(super) text: Option<Text>,
    pub(super) fields: Vec<LinkField>,
    pub(super) shown: Shown,
}

impl Seen {
    pub(super) fn of(edition: Edition, request: &Request, shown: Shown) -> Self {
        Self {
            kind: Kind::of(edition, request.kind),
            envelope_id: request.envelope_id.clone(),
            text: request.message.as_ref().and_then(RequestBody::text),
            fields: request.account_link.clone(),
            shown,
        }
    }

    /// A request of a kind that this version doesn't know; `None` without an envelope, since it can't be answered then.
    pub(super) fn unknown(message: &UnknownMessage, shown: Shown) -> Option<Self> {
        Some(Self {
            kind: Kind::Other(message.kind.text().into()),
            envelope_id: message.envelope_id.clone()?,
            text: message.text(),
            fields: message.account_link.clone(),
            shown,
        })
    }
}

/// A request that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownRequest {
    pub(super) kind: Kind,
    /// What it wants; `None` if it belongs to no wait.
    pub(super) wanted: Option<Input>,
    pub(super) envelope_id: EnvelopeId,
    pub(super) text: Option<Text>,
    /// The values that it asks for.
    pub(super) fields: Vec<LinkField>,
    /// Its place among the requests of its job, in the order in which they came.
    pub(super) order: u64,
    /// The wait that it belongs to, numbered among those of its want: one that hasn't begun where the request is ahead of its
    /// status.
    pub(super) wait: u32,
    /// When the answer window closes.
    pub(super) window_end: Timestamp,
    pub(super) state: State,
    /// Whether the warning of the wait was given.
    pub(super) is_warned: bool,
    /// Whether it is asked for though the job is past asking: then only the job itself shows that it is over.
    pub(super) is_beyond: bool,
    pub(super) last_shown: Timestamp,
    /// Whether the input being processed shows it.
    #[serde(skip)]
    pub(super) shown: Shown,
}

/// What was done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// The cardholder was not asked yet.
    Unasked,
    /// The cardholder is being asked.
    Asked,
    /// The prompt was withdrawn. That is an inference: a request that is shown again was not over.
    Withdrawn(Withdrawal),
    /// Answered, and never asked for again.
    Answered,
}

/// Whether an input shows a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    #[default]
    No,
    /// A message does: it may be stale.
    ByMessage,
    /// The job itself does.
    ByJob,
}

/// The answer window of a wait, which a request or the status opens, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    /// The wait, numbered among its kind.
    pub(super) wait: u32,
    pub(super) end: Timestamp,
    /// Whether the warning of the wait was given.
    pub(super) is_warned: bool,
}

impl KnownRequest {
    pub(super) fn is_asked(&self) -> bool {
        self.state == State::Asked
    }

    pub(super) fn is_answered(&self) -> bool {
        self.state == State::Answered
    }

    /// The effects that ask for it.
    pub(super) fn ask(&self, job: &JobId) -> impl Iterator<Item = Effect> {
        let prompt = self.prompt(job);
        let acknowledgement = match &prompt {
            Effect::AskToAct(prompt) => prompt.acknowledgement().map(Effect::Acknowledge),
            _ => None,
        };
        acknowledgement.into_iter().chain([prompt])
    }

    /// The effect that shows it.
    pub(super) fn prompt(&self, job: &JobId) -> Effect {
        let (job, envelope_id, text) = (job.clone(), self.envelope_id.clone(), self.text.clone());
        let fields = self.fields.clone();
        if self.kind.is_acknowledged() {
            return Effect::AskToAct(ActPrompt { job, envelope_id, text, fields });
        }
        match self.kind.known().filter(|_| self.is_classic()).and_then(RequestKind::response) {
            Some(MessageKind::TfaResponse) => Effect::AskForTfaCode(TfaPrompt { job, envelope_id, text }),
            Some(_) => Effect::AskForCredentials(CredentialPrompt { job, envelope_id, text }),
            None => Effect::Ask(Prompt { job, kind: self.kind.text().into(), envelope_id, text, fields }),
        }
    }

    /// Whether it is asked for and answered as the first edition documents: in that edition, or if it names nothing.
    fn is_classic(&self) -> bool {
        self.wanted != Some(Input::Named) || self.fields.is_empty()
    }

    /// Takes the prompt back, if there is one.
    pub(super) fn withdraw(&mut self, job: &JobId, reason: Withdrawal) -> Option<Effect> {
        let is_asked = self.is_asked();
        if !self.is_answered() {
            self.state = State::Withdrawn(reason);
            self.is_beyond = false;
        }
        let envelope_id = Some(self.envelope_id.clone());
        is_asked.then(|| Effect::Withdraw { job: job.clone(), envelope_id, reason })
    }
}
