//! What is to be done once everything is taken in: with each request, with a wait that has begun, and in time.

use alloc::vec::Vec;

use super::KnownJob;
use crate::client::request::{ByKind, KnownRequest, RequestState, Requests};
use crate::client::{Effect, Withdrawal};
use crate::wire::RequestKind;
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
        let fetch = self.fetched.map(|at| at + limits.poll_interval_max);
        let fetch =
            fetch.filter(|&fetch| self.unseen_wait(fetch).is_some() || self.is_in_doubt(fetch, limits));
        self.asked().map(deadline).chain(fetch).min()
    }

    /// Brings the live request of a kind in line with where the job stands: a request that is shown stands, and one
    /// that has had its time, or isn't awaited any more, is over.
    fn review(&mut self, now: Timestamp, kind: RequestKind, limits: &Limits, effects: &mut Vec<Effect>) {
        let (begun, is_waiting) = (self.furthest.waits_for(kind), self.is_waiting_for(kind));
        self.bring_back(kind, effects);
        let requests = self.requests.of_mut(kind);
        let is_shown = core::mem::take(&mut requests.is_shown);
        let Some(mut live) = requests.live.take() else { return };
        let is_past = live.is_open() && live.wait <= begun && !self.is_for_present_wait(&live);
        if is_shown && live.is_open() {
            self.doubted = None;
        }
        if is_waiting && is_shown && live.state == RequestState::Closed {
            live.state = RequestState::New;
            live.wait = begun;
        } else if is_waiting && is_past {
            // Statuses say that another wait has begun, and these may be old news: the user goes on being asked until
            // another request shows.
            live.wait = begun;
            if !is_shown {
                self.doubt(now, self.furthest.status);
            }
        } else if is_shown && is_past {
            // What stands while the job doesn't wait for it is for the wait to come.
            live.wait = begun.saturating_add(1);
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

    /// Makes a request that isn't asked for, but shown again and again, one that is to be: the live one, or one that has
    /// given way to it while the job waits for one and the live one isn't the answered one of this wait.
    fn bring_back(&mut self, kind: RequestKind, effects: &mut Vec<Effect>) {
        let (begun, is_waiting) = (self.furthest.waits_for(kind), self.is_waiting_for(kind));
        let requests = self.requests.of_mut(kind);
        let Some(returning) = requests.take_returning() else { return };
        let wait = if is_waiting { begun } else { begun.saturating_add(1) };
        match &mut requests.live {
            Some(live) if live.envelope_id == returning => {
                live.state = RequestState::New;
                live.wait = wait;
            }
            Some(live) if !is_waiting || live.state == RequestState::Answered && live.wait >= begun => {}
            _ => {
                if let Some(request) = requests.take_given_way(&returning) {
                    self.make_live(KnownRequest { wait, state: RequestState::New, ..request }, effects);
                }
            }
        }
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
        if !self.is_in_doubt(now, limits) {
            self.doubted = None;
        }
        let is_due = self.fetched.is_none_or(|at| now.since(at) >= limits.poll_interval_max);
        let wait = self.furthest.present_wait();
        let is_new = wait != self.attended;
        let unseen = self.unseen_wait(now);
        if unseen.is_none() && self.doubted.is_none() && self.is_unseen() {
            // It is too late to answer. Should the server give more time, the job is fetched at once.
            self.fetched = None;
        }
        let job = self.id.clone();
        if unseen.is_some() && (is_new || is_due) || self.doubted.is_some() && is_due {
            self.fetched = Some(now);
            self.attended = unseen.or(self.attended);
            effects.push(Effect::FetchJob { job });
        } else if is_new && wait.is_some_and(|(input, _)| input == Input::Card) {
            self.attended = wait;
            effects.push(Effect::AddCard { job });
        }
    }

    /// The present wait, if its request wasn't seen and can be answered still.
    fn unseen_wait(&self, now: Timestamp) -> Option<(Input, u32)> {
        let is_too_late = self.timer.expires_at().is_some_and(|end| end <= now);
        self.furthest.present_wait().filter(|_| !is_too_late && self.is_unseen())
    }

    fn is_unseen(&self) -> bool {
        self.request_kind().is_some_and(|kind| !self.has_request(kind))
    }

    /// Whether something is in doubt still: a wait would be over when its answer window has passed.
    fn is_in_doubt(&self, now: Timestamp, limits: &Limits) -> bool {
        self.doubted.is_some_and(|(_, since)| now.since(since) < limits.answer_window)
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
