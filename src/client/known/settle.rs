//! What is to be done once everything is taken in: with each request, with a wait that has begun, and in time.

use alloc::vec::Vec;

use super::KnownJob;
use crate::client::request::{ByKind, KnownRequest, RequestState, Requests};
use crate::client::{Effect, Withdrawal};
use crate::message::RequestKind;
use crate::{Input, Limits, Phase, Timestamp};

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

    /// When there will be something to do without a message: where the user is being asked, or a request hasn't shown.
    pub(in crate::client) fn next_deadline(&self, limits: &Limits) -> Option<Timestamp> {
        let deadline = |request: &KnownRequest| {
            let end = self.end_of(request, limits);
            if request.is_warned { end } else { end - limits.warning }
        };
        let fetch = self.unseen_wait().and_then(|wait| self.attended_at(wait));
        let fetch = fetch.map(|at| at + limits.poll_interval_max);
        let fetch = fetch.filter(|&fetch| self.timer.expires_at().is_none_or(|end| fetch < end));
        self.asked().map(deadline).chain(fetch).min()
    }

    /// Brings the live request of a kind in line with where the job stands: a request that is shown stands, and one
    /// that has had its time, or isn't awaited any more, is over.
    fn review(&mut self, now: Timestamp, kind: RequestKind, limits: &Limits, effects: &mut Vec<Effect>) {
        let (begun, is_waiting) = (self.furthest.waits_for(kind), self.is_waiting_for(kind));
        let requests = self.requests.of_mut(kind);
        let is_answered = |live: &KnownRequest| live.state == RequestState::Answered && live.wait >= begun;
        let may_return = is_waiting && !requests.live.as_ref().is_some_and(is_answered);
        if let Some(returning) = requests.take_returning(may_return) {
            let state = RequestState::New;
            self.make_live(KnownRequest { wait: begun, state, ..returning }, effects);
        }
        let requests = self.requests.of_mut(kind);
        let is_shown = core::mem::take(&mut requests.is_shown);
        let Some(mut live) = requests.live.take() else { return };
        if is_waiting && is_shown && live.state == RequestState::Closed {
            live.state = RequestState::New;
            live.wait = begun;
        }
        if is_waiting && live.is_open() && live.wait < begun {
            // Statuses say that another wait has begun, and these may be old news: the user goes on being asked until
            // another request shows.
            live.wait = begun;
            if !is_shown {
                self.doubted = Some(self.furthest.status);
            }
        }
        if self.is_for_present_wait(&live) && live.window_end.is_none() {
            live.window_end = self.timer.window_ends_at();
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
        let window_end = request.window_end.filter(|_| self.is_for_present_wait(request));
        let window_end = window_end.unwrap_or(request.first_seen + limits.answer_window);
        self.timer.budget_ends_at().map_or(window_end, |budget| budget.min(window_end))
    }

    fn ask(&mut self, kind: RequestKind, effects: &mut Vec<Effect>) {
        let live = self.requests.of_mut(kind).live.as_mut();
        if let Some(live) = live.filter(|live| live.state == RequestState::New) {
            live.state = RequestState::Asked;
            effects.push(live.ask(&self.id));
        }
    }

    /// Sees to a wait that has begun, or may have: once; or for a request that still wasn't shown, when the next poll is
    /// due.
    fn attend(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        let doubted = self.doubted.take().and_then(|status| self.furthest.enter(status).present_wait());
        let is_too_late = self.timer.expires_at().is_some_and(|end| end <= now);
        let unseen = self.unseen_wait();
        if unseen.is_some() && is_too_late {
            // Should the server give more time, it is fetched at once.
            self.attended = None;
            return;
        }
        let card = self.furthest.present_wait().filter(|&(input, _)| input == Input::Card);
        let is_due = |at| now.since(at) >= limits.poll_interval_max;
        let job = self.id.clone();
        let (wait, effect) = match (unseen.or(doubted), card) {
            (Some(wait), _) if self.attended_at(wait).is_none_or(is_due) => (wait, Effect::FetchJob { job }),
            (None, Some(wait)) if self.attended_at(wait).is_none() => (wait, Effect::AddCard { job }),
            _ => return,
        };
        self.attended = Some((wait, now));
        effects.push(effect);
    }

    /// The present wait, if its request wasn't seen.
    fn unseen_wait(&self) -> Option<(Input, u32)> {
        let kind = self.request_kind()?;
        self.furthest.present_wait().filter(|_| !self.has_request(kind))
    }

    /// When the wait was seen to last, if it is the last that was.
    fn attended_at(&self, wait: (Input, u32)) -> Option<Timestamp> {
        self.attended.filter(|&(attended, _)| attended == wait).map(|(_, at)| at)
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
