//! What a job waits for without a request.

use serde::{Deserialize, Serialize};

use super::request::State;
use super::{Effect, Withdrawal};
use crate::Input;
use crate::wire::JobId;

/// What the job waits for by its status alone, without a request: its initial credentials or its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Supply {
    pub(super) input: Input,
    pub(super) wait: u32,
    pub(super) state: State,
    pub(super) is_warned: bool,
}

impl Supply {
    /// The effect that asks for it, while it is asked for.
    pub(super) fn prompt(self, job: &JobId) -> Option<Effect> {
        let job = job.clone();
        let effect = match self.input {
            Input::Card => Effect::AddCard { job },
            Input::InitialCredentials => Effect::AskForInitialCredentials { job },
            // These come with requests.
            Input::NewCredentials | Input::TfaCode | Input::Named | Input::ActOutside => return None,
        };
        self.is_asked().then_some(effect)
    }

    /// Withdraws the prompt if it is open.
    pub(super) fn withdraw(&mut self, job: &JobId, reason: Withdrawal) -> Option<Effect> {
        let is_asked = core::mem::replace(&mut self.state, State::Withdrawn(reason)) == State::Asked;
        let job = job.clone();
        is_asked.then_some(Effect::Withdraw { job, envelope_id: None, reason })
    }

    pub(super) fn supplied(&mut self) {
        self.state = State::Answered;
    }

    pub(super) fn is_asked(self) -> bool {
        self.state == State::Asked
    }
}
