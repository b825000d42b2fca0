//! One request of a job, and the window of its wait.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{CredentialPrompt, Effect, OtherPrompt, TfaPrompt, Withdrawal};
use crate::Timestamp;
use crate::wire::{EnvelopeId, JobId, RequestKind, Text};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// A kind that this version knows.
    Known(RequestKind),
    /// Another one, by its `type`.
    Other(String),
}

/// Which requests an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answers {
    /// Those of this kind.
    Known(RequestKind),
    /// Those of an unknown kind.
    Other,
    /// All.
    Any,
}

impl Answers {
    pub(super) fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::Known(answered) => *kind == Kind::Known(answered),
            Self::Other => matches!(kind, Kind::Other(_)),
            Self::Any => true,
        }
    }
}

/// A request that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownRequest {
    pub(super) kind: Kind,
    pub(super) envelope_id: EnvelopeId,
    pub(super) text: Option<Text>,
    /// Its place among the requests of its job, in the order in which they came.
    pub(super) order: u64,
    /// The wait that it belongs to, numbered among its kind: one that hasn't begun where the request is ahead of its
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
    pub(super) fn is(&self, kind: RequestKind) -> bool {
        self.kind == Kind::Known(kind)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.state == State::Asked
    }

    pub(super) fn is_answered(&self) -> bool {
        self.state == State::Answered
    }

    /// The effect that asks for it.
    pub(super) fn prompt(&self, job: &JobId) -> Effect {
        let (job, envelope_id, text) = (job.clone(), self.envelope_id.clone(), self.text.clone());
        match &self.kind {
            Kind::Known(RequestKind::TfaRequest) => {
                Effect::AskForTfaCode(TfaPrompt { job, envelope_id, text })
            }
            Kind::Known(RequestKind::CredentialRequest) => {
                Effect::AskForCredentials(CredentialPrompt { job, envelope_id, text })
            }
            Kind::Other(kind) => {
                Effect::AskForOther(OtherPrompt { job, kind: kind.clone(), envelope_id, text })
            }
        }
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
