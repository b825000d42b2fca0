//! The requests of one job for one thing: the newest is live, and those before it have given way to it.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CredentialPrompt, Effect, TfaPrompt, Withdrawal};
use crate::Timestamp;
use crate::wire::{EnvelopeId, JobId, RequestKind, Text};

/// Something for each kind of request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ByKind<T> {
    tfa: T,
    credential: T,
}

impl<T> ByKind<T> {
    pub(super) const KINDS: [RequestKind; 2] = [RequestKind::Tfa, RequestKind::Credential];

    pub(super) const fn new(tfa: T, credential: T) -> Self {
        Self { tfa, credential }
    }

    pub(super) fn of(&self, kind: RequestKind) -> &T {
        match kind {
            RequestKind::Tfa => &self.tfa,
            RequestKind::Credential => &self.credential,
        }
    }

    pub(super) fn of_mut(&mut self, kind: RequestKind) -> &mut T {
        match kind {
            RequestKind::Tfa => &mut self.tfa,
            RequestKind::Credential => &mut self.credential,
        }
    }
}

/// The requests of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Requests {
    /// The only one that can be asked for: a job asks for one thing at a time.
    pub(super) live: Option<KnownRequest>,
    /// Those that gave way to a newer one.
    given_way: BTreeMap<EnvelopeId, KnownRequest>,
    /// One that is not asked for, if the last carrier that showed any request showed it all the same.
    returning: Option<EnvelopeId>,
    /// Whether the carrier that is being taken in shows the live one.
    #[serde(skip)]
    pub(super) is_shown: bool,
    /// One that is not asked for, if that carrier shows it.
    #[serde(skip)]
    pub(super) shown_again: Option<EnvelopeId>,
}

/// A request that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KnownRequest {
    pub(super) kind: RequestKind,
    pub(super) envelope_id: EnvelopeId,
    pub(super) text: Option<Text>,
    pub(super) first_seen: Timestamp,
    /// The wait that it goes with: the number of the wait among those for its kind. A request may come before its wait.
    pub(super) wait: u32,
    /// When the answer window closes that was open when its wait was first known to go on; none before.
    pub(super) window_end: Option<Timestamp>,
    pub(super) state: RequestState,
    /// Whether the cardholder was warned of the wait's end.
    pub(super) is_warned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RequestState {
    /// Nobody was asked yet, or is to be asked anew.
    New,
    /// The user is being asked.
    Asked,
    /// Withdrawn, or never asked, because it was taken to be over. That is an inference: a request that is shown again
    /// was not over.
    Closed,
    /// Answered, once and for all.
    Answered,
}

impl Requests {
    /// Whether a request was never seen before.
    pub(super) fn is_new(&self, envelope_id: &EnvelopeId) -> bool {
        !self.is_live(envelope_id) && !self.given_way.contains_key(envelope_id)
    }

    pub(super) fn is_live(&self, envelope_id: &EnvelopeId) -> bool {
        self.live.as_ref().is_some_and(|live| live.envelope_id == *envelope_id)
    }

    /// The request that the user is being asked for.
    pub(super) fn asked(&self) -> Option<&KnownRequest> {
        self.live.as_ref().filter(|live| live.state == RequestState::Asked)
    }

    /// The request that two carriers in a row show though it is not asked for: it proves to stand. One carrier may be old
    /// news.
    pub(super) fn take_returning(&mut self) -> Option<EnvelopeId> {
        let shown = self.shown_again.take();
        let is_asked_for = self.is_shown && self.live.as_ref().is_some_and(KnownRequest::is_open);
        if is_asked_for || shown.is_some() && self.returning == shown {
            let returning = self.returning.take();
            return returning.filter(|_| !is_asked_for);
        }
        if shown.is_some() {
            self.returning = shown;
        }
        None
    }

    /// Takes out one that gave way.
    pub(super) fn take_given_way(&mut self, envelope_id: &EnvelopeId) -> Option<KnownRequest> {
        self.given_way.remove(envelope_id)
    }

    /// Makes a request that is shown the live one. The one before it gives way.
    pub(super) fn replace(&mut self, request: KnownRequest) {
        self.is_shown = true;
        if let Some(before) = self.live.replace(request) {
            self.pass_over(before);
        }
    }

    /// Keeps in mind a request that isn't live.
    pub(super) fn pass_over(&mut self, request: KnownRequest) {
        self.given_way.insert(request.envelope_id.clone(), request);
    }

    /// The envelopes of all requests.
    pub(super) fn envelopes(self) -> impl Iterator<Item = EnvelopeId> {
        self.given_way.into_keys().chain(self.live.map(|live| live.envelope_id))
    }
}

impl KnownRequest {
    /// Whether the user is being asked, or is to be.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, RequestState::New | RequestState::Asked)
    }

    pub(super) fn ask(&self, job: &JobId) -> Effect {
        let (job, envelope_id, text) = (job.clone(), self.envelope_id.clone(), self.text.clone());
        match self.kind {
            RequestKind::Tfa => Effect::AskForTfaCode(TfaPrompt { job, envelope_id, text }),
            RequestKind::Credential => Effect::AskForCredentials(CredentialPrompt { job, envelope_id, text }),
        }
    }

    pub(super) fn withdraw(&self, job: &JobId, reason: Withdrawal) -> Option<Effect> {
        let is_asked = self.state == RequestState::Asked;
        let (job, envelope_id) = (job.clone(), self.envelope_id.clone());
        is_asked.then_some(Effect::Withdraw { job, envelope_id, reason })
    }
}
