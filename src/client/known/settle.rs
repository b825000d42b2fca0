//! What is to be done once everything is taken in: with each request, with a wait that has begun, and in time.

use alloc::vec::Vec;

use super::KnownJob;
use crate::client::request::{ByKind, KnownRequest, RequestState, Requests};
use crate::client::{Effect, Withdrawal};
use crate::message::RequestKind;
use crate::{Limits, Phase, Timestamp};

impl KnownJob {
    /// What is to be done, now that everything is taken in.
    pub(in crate::client) fn settle(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        for kind in ByKind::<Requests>::KINDS {
            self.review(now, kind, limits, effects);
        }
        for kind in ByKind::<Requests>::KINDS {
            self.ask(kind, effects);
        }
        self.attend(now, limits, effects);
        for kind in ByKind::<Requests>::KINDS {
            self.warn(now, kind, limits, effects);
        }
    }

    /// When there will be something to do without a message: only where the user is being asked.
    pub(in crate::client) fn next_deadline(&self, limits: &Limits) -> Option<Timestamp> {
        let deadline = |request: &KnownRequest| {
            let end = self.end_of(request, limits);
            if request.is_warned { end } else { end - limits.warning }
        };
        self.asked().map(deadline).min()
    }

    /// Brings the live request of a kind in line with where the job stands: a request that is shown stands, and one
    /// that has had its time, or isn't awaited any more, is over.
    fn review(&mut self, now: Timestamp, kind: RequestKind, limits: &Limits, effects: &mut Vec<Effect>) {
        let (begun, is_waiting) = (self.furthest.waits_for(kind), self.is_waiting_for(kind));
        let requests = self.requests.of_mut(kind);
        if let Some(returning) = requests.take_returning(is_waiting) {
            let state = RequestState::New;
            self.make_live(KnownRequest { wait: begun, state, ..returning }, effects);
        }
        let requests = self.requests.of_mut(kind);
        let is_shown = core::mem::take(&mut requests.is_shown);
        let Some(mut live) = requests.live.take() else { return };
        if is_shown && is_waiting {
            if live.state == RequestState::Closed {
                live.state = RequestState::New;
                live.wait = begun;
            } else if live.is_open() {
                live.wait = live.wait.max(begun);
            }
        }
        if let (true, Some(reason)) = (live.is_open(), self.is_over(now, &live, limits)) {
            effects.extend(live.withdraw(&self.id, reason));
            live.state = RequestState::Closed;
        }
        self.requests.of_mut(kind).live = Some(live);
    }

    /// Why a request can't be answered any more, if it can't.
    fn is_over(&self, now: Timestamp, request: &KnownRequest, limits: &Limits) -> Option<Withdrawal> {
        let has_begun = request.wait <= self.furthest.waits_for(request.kind);
        let is_past_asking = self.furthest.status.phase() > Phase::Authentication;
        if is_past_asking || has_begun && !self.is_for_present_wait(request) {
            Some(Withdrawal::NotNeeded)
        } else if self.end_of(request, limits) <= now {
            Some(Withdrawal::TooLate)
        } else {
            None
        }
    }

    /// When it is too late to answer a request. Before its status has come, only the request itself tells when the time
    /// to answer it began.
    fn end_of(&self, request: &KnownRequest, limits: &Limits) -> Timestamp {
        let window = request.first_seen + limits.answer_window;
        if self.is_for_present_wait(request) {
            self.timer.expires_at().unwrap_or(window)
        } else {
            self.timer.budget_ends_at().map_or(window, |budget| budget.min(window))
        }
    }

    fn ask(&mut self, kind: RequestKind, effects: &mut Vec<Effect>) {
        let live = self.requests.of_mut(kind).live.as_mut();
        if let Some(live) = live.filter(|live| live.state == RequestState::New) {
            live.state = RequestState::Asked;
            effects.push(live.ask(&self.id));
        }
    }

    /// Sees to a wait that has begun: once, or for a request that still wasn't shown, when the next poll is due.
    fn attend(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        let is_reported = core::mem::take(&mut self.is_reported);
        let Some(wait) = self.furthest.present_wait() else { return };
        let attended = self.attended.filter(|&(attended, _)| attended == wait);
        let job = self.id.clone();
        let effect = match self.request_kind() {
            None if attended.is_none() => Effect::AddCard { job },
            Some(kind) if !self.has_request(kind) && self.timer.expires_at().is_none_or(|end| now < end) => {
                let is_due = |(_, at)| is_reported && now.since(at) >= limits.poll_interval_max;
                if !attended.is_none_or(is_due) {
                    return;
                }
                Effect::FetchJob { job }
            }
            _ => return,
        };
        self.attended = Some((wait, now));
        effects.push(effect);
    }

    fn warn(&mut self, now: Timestamp, kind: RequestKind, limits: &Limits, effects: &mut Vec<Effect>) {
        let Some(request) = self.requests.of(kind).asked().filter(|asked| !asked.is_warned) else { return };
        let end = self.end_of(request, limits);
        if end - limits.warning <= now {
            effects.push(Effect::Warn { job: self.id.clone(), time_left: end.since(now) });
            if let Some(live) = &mut self.requests.of_mut(kind).live {
                live.is_warned = true;
            }
        }
    }

    /// Whether the present wait has a request that stands or was answered, or one ahead of its status follows it
    /// already.
    fn has_request(&self, kind: RequestKind) -> bool {
        let begun = self.furthest.waits_for(kind);
        let live = self.requests.of(kind).live.as_ref();
        live.is_some_and(|live| live.wait >= begun && live.state != RequestState::Closed)
    }
}
