//! The effects of an input: compares the requests to ask with the open prompts.

use alloc::vec::Vec;

use super::fetches::pace;
use super::job::KnownJob;
use super::request::{KnownRequest, Shown, State};
use super::supply::Supply;
use super::{Effect, Withdrawal, want};
use crate::wire::EnvelopeId;
use crate::{Input, Limits, Phase, Timestamp};

impl KnownJob {
    /// The effects after an input is processed.
    pub(super) fn settle(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        self.requests.retain(|_, request| {
            request.is_asked() || now.since(request.last_shown) < limits.message_retention
        });
        self.reopen(now, limits);
        self.withdraw(now, effects);
        let asked = effects.len();
        self.ask(now, limits, effects);
        self.supply(now, asked, effects);
        self.fetch(now, limits, effects);
        self.warn(now, limits, effects);
        self.requests.values_mut().for_each(|request| request.shown = Shown::No);
        self.is_sampled = false;
    }

    /// The time of the next effect without further input.
    pub(super) fn next_deadline(&self, now: Timestamp, limits: &Limits) -> Timestamp {
        let due = |end: Timestamp, is_warned: bool| if is_warned { end } else { end - limits.warning };
        let asked = self.requests.values().filter(|request| request.is_asked());
        let asked = asked.map(|request| due(self.end_of_request(request), request.is_warned));
        let supply = self.supply.filter(|supply| supply.is_asked()).zip(self.wait_end());
        let supply = supply.map(|(supply, end)| due(end, supply.is_warned));
        asked.chain(supply).fold(self.next_fetch(now, limits), Timestamp::min)
    }

    /// A request that occurs after its time has passed can still be answered: it gets another window.
    fn reopen(&mut self, now: Timestamp, limits: &Limits) {
        let is_over = |job: &Self, request: &KnownRequest| {
            request.is_asked() && request.shown != Shown::No && job.end_of_request(request) <= now
        };
        let over: Vec<EnvelopeId> = self
            .requests
            .values()
            .filter(|request| is_over(self, request))
            .map(|request| request.envelope_id.clone())
            .collect();
        for envelope_id in over {
            self.give_time(now, &envelope_id, limits);
        }
    }

    /// Gives a request the window of its wait or, if that has passed, another one.
    fn give_time(&mut self, now: Timestamp, envelope_id: &EnvelopeId, limits: &Limits) {
        let Some(request) = self.requests.get(envelope_id) else { return };
        let (mut end, mut is_warned) = (now + self.answer_window(limits), false);
        if let Some(wanted) = request.wanted {
            let wait = request.wait;
            end = self.open_window(now, wanted, wait, limits);
            if self.end_of(end) <= now {
                end = self.reopen_window(now, wanted, wait, limits);
            }
            is_warned = self.windows.get(&wanted).is_some_and(|window| window.is_warned);
        }
        if let Some(request) = self.requests.get_mut(envelope_id) {
            (request.window_end, request.is_warned) = (end, is_warned);
        }
    }

    fn end_of_request(&self, request: &KnownRequest) -> Timestamp {
        match request.wanted {
            Some(_) => self.end_of(request.window_end),
            None => request.window_end,
        }
    }

    fn is_past_asking(&self) -> bool {
        self.furthest.status.phase() > Phase::Authentication
    }

    /// Withdraws the prompts that are over. If only messages or statuses contradict the request, it stays open, and the
    /// job itself decides.
    fn withdraw(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let (furthest, awaited, is_past) = (self.furthest, self.awaited(), self.is_past_asking());
        let edition = self.edition;
        let budget = self.budget.end;
        let is_sampled = self.is_sampled;
        let shows_requests =
            is_sampled && self.requests.values().any(|request| request.shown == Shown::ByJob);
        let (mut stands, mut is_doubtful, mut is_unconfirmed) = (false, false, false);
        let mut withdrawn = Vec::new();
        for request in self.requests.values_mut().filter(|request| request.is_asked()) {
            let mut reason = None;
            if let Some(wanted) = request.wanted {
                let (begun, is_waiting) = (furthest.waits_for(edition, wanted), awaited == Some(wanted));
                let is_shown = request.shown != Shown::No;
                stands |= is_shown;
                if is_sampled && request.shown != Shown::ByJob && (shows_requests || request.is_beyond) {
                    reason = Some(Withdrawal::NotNeeded);
                } else if request.is_beyond {
                    // Only the job itself withdraws it.
                } else if is_past {
                    match request.shown {
                        Shown::No => reason = Some(Withdrawal::NotNeeded),
                        shown => {
                            request.is_beyond = true;
                            is_unconfirmed |= shown == Shown::ByMessage;
                        }
                    }
                } else if is_waiting && request.wait < begun {
                    // Statuses have come round to another wait, and they may be stale.
                    request.wait = begun;
                    is_doubtful |= !is_shown;
                } else if !is_waiting && request.wait <= begun {
                    if is_shown {
                        // It stands, and so it is for the wait to come.
                        request.wait = begun.saturating_add(1);
                    } else {
                        reason = Some(Withdrawal::NotNeeded);
                    }
                }
            }
            let end = match (request.wanted, budget) {
                (Some(_), Some(budget)) => budget.min(request.window_end),
                _ => request.window_end,
            };
            if let Some(reason) = reason.or((end <= now).then_some(Withdrawal::TooLate)) {
                withdrawn.extend(request.withdraw(&self.id, reason).map(|effect| (request.order, effect)));
            }
        }
        withdrawn.sort_by_key(|&(order, _)| order);
        effects.extend(withdrawn.into_iter().map(|(_, effect)| effect));
        self.is_unconfirmed |= is_unconfirmed;
        if stands {
            self.doubt = None;
        }
        if is_doubtful {
            self.doubt(now, furthest.status, self.last);
        }
    }

    /// Asks the unanswered requests.
    fn ask(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        let is_past = self.is_past_asking();
        let mut shown: Vec<(u64, EnvelopeId)> = Vec::new();
        for request in self.requests.values() {
            if request.shown == Shown::No || request.is_asked() || request.is_answered() {
                continue;
            }
            let is_due = request.shown == Shown::ByJob
                || match request.wanted {
                    Some(_) if is_past => false,
                    Some(wanted) => {
                        let is_ahead = request.wait > self.furthest.waits_for(self.edition, wanted);
                        let is_awaited = self.awaited() == Some(wanted)
                            && request.kind.may_ask_for(self.furthest.status.awaits());
                        match request.state {
                            State::Withdrawn(Withdrawal::TooLate) => is_ahead || is_awaited,
                            State::Withdrawn(_) => is_awaited,
                            _ => true,
                        }
                    }
                    None => true,
                };
            if is_due {
                shown.push((request.order, request.envelope_id.clone()));
            } else {
                self.is_unconfirmed = true;
            }
        }
        shown.sort_unstable();
        for (_, envelope_id) in shown {
            let Some(wanted) = self.requests.get(&envelope_id).map(|request| request.wanted) else {
                continue;
            };
            let next = match wanted {
                Some(wanted) if self.awaited() == Some(wanted) => {
                    self.furthest.waits_for(self.edition, wanted)
                }
                wanted => self.next_wait(wanted),
            };
            if let Some(request) = self.requests.get_mut(&envelope_id) {
                request.state = State::Asked;
                request.wait = request.wait.max(next);
                request.is_beyond = is_past && wanted.is_some();
            }
            self.give_time(now, &envelope_id, limits);
            effects.extend(
                self.requests.get(&envelope_id).into_iter().flat_map(|request| request.ask(&self.id)),
            );
        }
    }

    /// Asks for what the job waits for without a request.
    fn supply(&mut self, now: Timestamp, withdrawn: usize, effects: &mut Vec<Effect>) {
        let is_late = self.wait_end().is_some_and(|end| end <= now);
        let wait = self.furthest.present_wait().filter(|&(input, _)| {
            want::of_wait(self.edition, input).is_none() || input == Input::InitialCredentials
        });
        // The request for the initial credentials replaces their prompt.
        let is_requested = self.furthest.status.awaits() == Some(Input::InitialCredentials)
            && self.awaited().is_some_and(|wanted| self.has_request(wanted));
        if let Some(supply) = &mut self.supply {
            let is_over = wait != Some((supply.input, supply.wait));
            let reason = if is_over || is_requested {
                Some(Withdrawal::NotNeeded)
            } else {
                is_late.then_some(Withdrawal::TooLate)
            };
            if let (Some(reason), true) = (reason, supply.is_asked()) {
                // A withdrawal comes before what is asked.
                if let Some(effect) = supply.withdraw(&self.id, reason) {
                    effects.insert(withdrawn, effect);
                }
            }
            if is_over {
                self.supply = None;
            }
        }
        let Some((input, wait)) = wait else { return };
        let is_new = match &self.supply {
            None => true,
            Some(supply) => supply.state == State::Withdrawn(Withdrawal::TooLate),
        };
        if is_new && !is_requested && !is_late {
            let is_warned = self.supply.is_some_and(|supply| supply.is_warned);
            let supply = Supply { input, wait, state: State::Asked, is_warned };
            effects.extend(supply.prompt(&self.id));
            self.supply = Some(supply);
        }
    }

    fn fetch(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        if self.doubt.is_some_and(|doubt| now.since(doubt.since) >= self.answer_window(limits)) {
            self.doubt = None;
        }
        if self.next_fetch(now, limits) > now {
            return;
        }
        let is_steady = self.next_steady_fetch(now, limits).is_some_and(|at| at <= now);
        self.fetches.count(now, is_steady);
        effects.push(Effect::FetchJob { job: self.id.clone() });
    }

    /// When the job is fetched next if nothing comes in.
    fn next_fetch(&self, now: Timestamp, limits: &Limits) -> Timestamp {
        let steady = self.next_steady_fetch(now, limits);
        let end = self.wait_end();
        let slow = self.fetches.next_slow(now, limits);
        let waits = self.awaits_initial_credentials() && end.is_none_or(|end| slow.max(now) < end);
        let is_open = self.is_unconfirmed || self.may_have_ended || waits;
        // Nothing was heard until the end of the budget or, before the job runs, for as long.
        let silent = self.budget.end.unwrap_or(self.last_heard + limits.budget);
        let silent = silent.max(self.last_heard + pace(limits));
        let silent = if self.fetches.is_empty() { silent } else { silent.max(slow) };
        steady.into_iter().chain(is_open.then_some(slow)).fold(silent, Timestamp::min)
    }

    /// When the job is fetched next at the polling interval: its request is missing, or a status is in doubt.
    fn next_steady_fetch(&self, now: Timestamp, limits: &Limits) -> Option<Timestamp> {
        let next = self.fetches.next(now, limits);
        let is_unseen = self.awaited().is_some_and(|wanted| !self.has_request(wanted))
            && !self.awaits_initial_credentials()
            && self.wait_end().is_none_or(|end| next.max(now) < end);
        let is_doubted = self.doubt.is_some_and(|doubt| next.since(doubt.since) < self.answer_window(limits));
        (is_unseen || is_doubted).then_some(next)
    }

    fn awaits_initial_credentials(&self) -> bool {
        self.furthest.status.awaits() == Some(Input::InitialCredentials)
            && !self.awaited().is_some_and(|wanted| self.has_request(wanted))
    }

    /// Warns the cardholder, once a wait.
    fn warn(&mut self, now: Timestamp, limits: &Limits, effects: &mut Vec<Effect>) {
        let is_due = |end: Timestamp| end - limits.warning <= now && now < end;
        let mut due: Vec<(u64, Timestamp, EnvelopeId)> = Vec::new();
        for request in self.requests.values().filter(|request| request.is_asked() && !request.is_warned) {
            let end = self.end_of_request(request);
            if is_due(end) {
                due.push((request.order, end, request.envelope_id.clone()));
            }
        }
        due.sort_unstable();
        for (_, end, envelope_id) in due {
            let Some(request) = self.requests.get(&envelope_id).filter(|request| !request.is_warned) else {
                continue;
            };
            let (wanted, wait) = (request.wanted, request.wait);
            effects.push(Effect::Warn { job: self.id.clone(), time_left: end.since(now) });
            if let Some(wanted) = wanted {
                if let Some(window) = self.windows.get_mut(&wanted).filter(|window| window.wait == wait) {
                    window.is_warned = true;
                }
            }
            // Of several requests of a wait, one is warned of.
            for request in self.requests.values_mut() {
                request.is_warned |= request.envelope_id == envelope_id
                    || request.wanted == wanted && request.wait == wait && wanted.is_some();
            }
        }
        let end = self.wait_end();
        if let (Some(supply), Some(end)) =
            (self.supply.as_mut().filter(|supply| supply.is_asked() && !supply.is_warned), end)
        {
            if is_due(end) {
                supply.is_warned = true;
                effects.push(Effect::Warn { job: self.id.clone(), time_left: end.since(now) });
            }
        }
    }
}
