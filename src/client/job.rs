//! The state of one job in a client.
//!
//! A status gives the position of the job, but may be stale; a request is open until it is answered. If the two disagree,
//! the job itself is fetched and decides.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::fetches::Fetches;
use super::position::{Numbers, Position, Recent};
use super::request::{Answers, KnownRequest, Seen, State, Window};
use super::supply::Supply;
use super::{Effect, JobEnd, Withdrawal, want};
use crate::machine::Standing;
use crate::machine::budget::Budget;
use crate::wire::{EnvelopeId, JobId, JobTimeout, Open, StatusBody, Text, TimeoutUnit};
use crate::{Edition, Input, Limits, Status, Timestamp};

/// What reports where a job stands.
#[derive(Clone, Copy)]
pub(super) enum Source<'s> {
    Message,
    /// The job itself, with the open request that it shows for what its status awaits: both are of one moment.
    Job(Option<&'s EnvelopeId>),
    Notification,
}

/// What one source reports, in order. Messages and snapshots each do, but one may be far ahead of the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Reported {
    position: Position,
    recent: Recent,
}

/// A status of which only the job itself shows whether it is the present one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Doubt {
    status: Status,
    numbers: Numbers,
    pub(super) since: Timestamp,
}

/// A job in progress, as far as the client knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct KnownJob {
    pub(super) id: JobId,
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    pub(super) edition: Edition,
    /// When anything of it came in last.
    pub(super) last_heard: Timestamp,
    told: Reported,
    sampled: Reported,
    /// The further of both.
    pub(super) furthest: Position,
    /// The numbers of the last report that counted.
    pub(super) last: Numbers,
    /// The percentage of the last report that counted and had one.
    done: Option<f64>,
    /// The status and the time left of a snapshot that is ahead of the messages.
    ahead: Option<(Status, i64)>,
    /// Whether anything has shown that the initial credentials have come.
    has_credentials: bool,
    pub(super) budget: Budget,
    /// The time to answer a request, as the job itself has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) credential_timeout: Option<Duration>,
    /// The last time left that set the budget, and when.
    last_timeout: Option<(Timestamp, i64)>,
    /// The last window of each kind of wait.
    pub(super) windows: BTreeMap<Input, Window>,
    /// The last wait of each kind that had an answer.
    answered_waits: BTreeMap<Input, u32>,
    pub(super) requests: BTreeMap<EnvelopeId, KnownRequest>,
    /// How many requests were seen.
    seen: u64,
    pub(super) supply: Option<Supply>,
    pub(super) doubt: Option<Doubt>,
    /// Whether a request is shown that isn't asked for, since the job is past it.
    pub(super) is_unconfirmed: bool,
    /// Whether a report had a text on the end, though no end.
    pub(super) may_have_ended: bool,
    pub(super) fetches: Fetches,
    may_leave: bool,
    /// The last unknown status that was shown, and its text, until the job moves on.
    displayed: Option<(String, String)>,
    /// Whether the input being processed is the job itself.
    #[serde(skip)]
    pub(super) is_sampled: bool,
}

impl KnownJob {
    pub(super) fn new(id: JobId, edition: Edition, now: Timestamp) -> Self {
        let nothing = Reported { position: Position::START, recent: Recent::default() };
        Self {
            id,
            edition,
            last_heard: now,
            told: nothing.clone(),
            sampled: nothing,
            furthest: Position::START,
            last: Numbers::default(),
            done: None,
            ahead: None,
            has_credentials: false,
            budget: Budget::of(edition),
            credential_timeout: None,
            last_timeout: None,
            windows: BTreeMap::new(),
            answered_waits: BTreeMap::new(),
            requests: BTreeMap::new(),
            seen: 0,
            supply: None,
            doubt: None,
            is_unconfirmed: false,
            may_have_ended: false,
            fetches: Fetches::default(),
            may_leave: false,
            displayed: None,
            is_sampled: false,
        }
    }

    /// Takes in a report that doesn't end the job.
    pub(super) fn report(
        &mut self,
        now: Timestamp,
        source: Source<'_>,
        report: &StatusBody,
        limits: &Limits,
        effects: &mut Vec<Effect>,
    ) {
        self.last_heard = now;
        if let Source::Job(_) = source {
            self.is_sampled = true;
            self.is_unconfirmed = false;
        }
        let standing = standing(self.edition, report);
        let numbers = Numbers::of(report);
        let reported = match source {
            Source::Message => &mut self.told,
            Source::Job(_) | Source::Notification => &mut self.sampled,
        };
        let known = match standing {
            Standing::InProgress(status) => Some(status),
            _ => None,
        };
        let is_repeat =
            reported.recent.has(known, numbers) && (numbers != self.last || numbers.timeout.is_some());
        let is_stale = is_repeat || self.is_less(numbers);
        let before = self.furthest;
        let counts = match (known, source) {
            (Some(status), Source::Message) => self.hear(now, status, numbers, is_repeat),
            (Some(status), Source::Job(shown)) => self.sample(status, numbers, shown),
            (Some(status), Source::Notification) => self.sample(status, numbers, None),
            (None, _) => !is_stale,
        };
        if let Some(status) = known {
            self.spend_early_answer(before, status);
            if status == Status::Updating && !self.may_leave {
                self.may_leave = true;
                effects.push(Effect::AllowLeaving { job: self.id.clone() });
            }
        }
        if counts {
            self.last = numbers;
            self.done = numbers.percent.or(self.done);
            let is_ahead = !matches!(source, Source::Message) && self.told.position != self.furthest;
            self.ahead = known.zip(numbers.timeout).filter(|_| is_ahead);
            if report.status.known_in(self.edition).is_none() {
                self.display(report, effects);
            }
        }
        let has_message = report.termination_message.as_ref().is_some_and(|text| !text.as_str().is_empty());
        self.may_have_ended = has_message || self.may_have_ended && !counts;
        self.keep_time(now, counts && self.furthest != before, counts, report, limits);
    }

    /// A message reports a status; whether it is the present one.
    fn hear(&mut self, now: Timestamp, status: Status, numbers: Numbers, is_repeat: bool) -> bool {
        let is_stale = is_repeat || self.is_less(numbers);
        let awaited = want::in_status(self.edition, status);
        let can_be_present = !self.has_credentials || status.awaits() != Some(Input::InitialCredentials);
        let Some(next) = self.told.position.follow(self.edition, status).filter(|_| can_be_present) else {
            // Stale, or a step that is not legal.
            if !is_stale && awaited.is_some() {
                self.doubt(now, status, numbers);
            }
            return false;
        };
        let is_news = next.is_beyond(self.edition, self.furthest)
            || !is_stale && next.is_tied(self.edition, self.furthest);
        let has_prompt = self.requests.values().any(KnownRequest::is_asked);
        let is_returning = is_news && is_stale && self.edition.reaches(status, self.furthest.status);
        if is_returning && (status.is_waiting() || has_prompt || self.is_unresolved()) {
            // Another round, or a message of an earlier one.
            let is_asked = awaited.is_some_and(|wanted| self.asked(wanted).next().is_some());
            if status.is_waiting() && !is_asked || has_prompt && !is_repeat {
                self.doubt(now, status, numbers);
            }
            return false;
        }
        if is_news || !is_stale {
            self.told.position = next;
        }
        if is_news {
            self.doubt = self.doubt.filter(|doubt| doubt.status == status);
            self.move_on(next.remembering(self.furthest));
            return true;
        }
        let is_behind =
            self.ahead.is_some_and(|(ahead, left)| status == ahead && numbers.timeout > Some(left));
        status == self.furthest.status
            && !self.furthest.is_beyond(self.edition, next)
            && !is_stale
            && !is_behind
    }

    /// A snapshot shows a status; whether it is the present one. With an open request that belongs to a wait after the
    /// present one, the job waits anew.
    fn sample(&mut self, status: Status, numbers: Numbers, shown: Option<&EnvelopeId>) -> bool {
        let is_present = self.furthest.status == status;
        let is_doubted = self.doubt.take().is_some_and(|doubt| doubt.status == status);
        let fetches = self.fetches;
        let next = if is_present && shown.is_some_and(|envelope_id| self.is_next(envelope_id)) {
            Some(self.furthest.enter(status))
        } else if shown.is_some() || is_doubted || numbers.percent > Some(self.done.unwrap_or_default()) {
            self.furthest.follow(self.edition, status)
        } else {
            let Some(next) = self.sampled.position.follow(self.edition, status) else { return false };
            if !next.is_beyond(self.edition, self.furthest) {
                return is_present && !self.furthest.is_beyond(self.edition, next);
            }
            Some(next.remembering(self.furthest))
        };
        let Some(next) = next else { return false };
        self.sampled.position = next;
        self.move_on(next);
        if is_doubted {
            // The messages were not stale; and the job was fetched just now.
            self.told.position = next;
            self.fetches = fetches;
        }
        true
    }

    /// Processes a request in an input.
    pub(super) fn request(&mut self, now: Timestamp, seen: Seen, is_answered: bool) {
        self.last_heard = now;
        let Seen { kind, envelope_id, text, fields, shown } = seen;
        if let Some(known) = self.requests.get_mut(&envelope_id) {
            known.shown = known.shown.max(shown);
            known.last_shown = now;
            return;
        }
        let wanted = kind.wanted(self.edition);
        if let (Some(wanted), false) = (wanted, is_answered) {
            self.believe(wanted);
        }
        let wait = self.next_wait(wanted);
        let state = if is_answered { State::Answered } else { State::Unasked };
        if let (Some(wanted), true) = (wanted, is_answered) {
            self.count_answer(wanted, wait);
        }
        let (order, window_end) = (self.seen, now);
        self.seen += 1;
        let request = KnownRequest {
            kind,
            wanted,
            envelope_id: envelope_id.clone(),
            text,
            fields,
            order,
            wait,
            window_end,
            state,
            is_warned: false,
            is_beyond: false,
            last_shown: now,
            shown,
        };
        self.requests.insert(envelope_id, request);
    }

    /// Takes in that a request was answered; whether the job has it.
    pub(super) fn answered(&mut self, now: Timestamp, answers: Answers, envelope_id: &EnvelopeId) -> bool {
        let request = self.requests.get_mut(envelope_id).filter(|request| answers.fits(&request.kind));
        let Some(request) = request else { return false };
        request.last_shown = now;
        request.state = State::Answered;
        let wait = request.wait;
        if let Some(wanted) = request.wanted {
            self.count_answer(wanted, wait);
        }
        true
    }

    fn count_answer(&mut self, wanted: Input, wait: u32) {
        let answered = self.answered_waits.entry(wanted).or_default();
        *answered = wait.max(*answered);
    }

    /// Takes a request out that belongs to another job.
    pub(super) fn disown(&mut self, envelope_id: &EnvelopeId, effects: &mut Vec<Effect>) {
        if let Some(mut request) = self.requests.remove(envelope_id) {
            effects.extend(request.withdraw(&self.id, Withdrawal::NotNeeded));
        }
    }

    /// Whether nothing is known of the job but its id.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
            && self.furthest == Position::START
            && self.displayed.is_none()
            && !self.may_have_ended
    }

    /// The effects of the end.
    pub(super) fn end(&mut self, report: &StatusBody, effects: &mut Vec<Effect>) {
        let (edition, status) = (self.edition, report.status.known_in(self.edition));
        let reason = match status {
            Some(status) if edition.is_timeout(status) => Withdrawal::TooLate,
            _ => Withdrawal::NotNeeded,
        };
        let mut asked: Vec<&mut KnownRequest> =
            self.requests.values_mut().filter(|request| request.is_asked()).collect();
        asked.sort_by_key(|request| request.order);
        effects.extend(asked.into_iter().filter_map(|request| request.withdraw(&self.id, reason)));
        effects.extend(self.supply.take().and_then(|mut supply| supply.withdraw(&self.id, reason)));

        let sent = report.termination_type.as_ref().and_then(Open::known);
        let end = JobEnd {
            job: self.id.clone(),
            status: report.status.clone(),
            termination_type: sent.or(status.and_then(|status| edition.termination_type(status))),
            text: report.text().map(|text| Text::new(text.to_owned())),
        };
        effects.push(Effect::TellEnd(end.clone()));
        if end.is_reported() {
            effects.push(Effect::Report(end));
        }
        effects.push(Effect::StopPolling { job: self.id.clone() });
    }

    /// The prompts that are open, as they were asked for, in their order.
    pub(super) fn prompts(&self) -> impl Iterator<Item = Effect> {
        let mut asked: Vec<&KnownRequest> =
            self.requests.values().filter(|request| request.is_asked()).collect();
        asked.sort_by_key(|request| request.order);
        let supply = self.supply.as_ref().and_then(|supply| supply.prompt(&self.id));
        asked.into_iter().map(|request| request.prompt(&self.id)).chain(supply)
    }

    /// The requests of a want that the cardholder is being asked for.
    fn asked(&self, wanted: Input) -> impl Iterator<Item = &KnownRequest> {
        self.requests.values().filter(move |request| request.wanted == Some(wanted) && request.is_asked())
    }

    /// What the present wait wants an answer to a request for.
    pub(super) fn awaited(&self) -> Option<Input> {
        want::in_status(self.edition, self.furthest.status)
    }

    /// Whether the present wait, or one that a request has opened ahead of it, has a request that is asked or answered.
    pub(super) fn has_request(&self, wanted: Input) -> bool {
        let begun = self.furthest.waits_for(self.edition, wanted);
        self.answered_waits.get(&wanted).is_some_and(|&answered| answered >= begun)
            || self.asked(wanted).any(|request| request.wait >= begun)
    }

    /// Whether the job waits for something that wasn't answered as far as is known.
    fn is_unresolved(&self) -> bool {
        let Some(wanted) = self.awaited() else { return self.furthest.status.is_waiting() };
        let begun = self.furthest.waits_for(self.edition, wanted);
        self.answered_waits.get(&wanted).is_none_or(|&answered| answered < begun)
    }

    /// The wait that a new request belongs to: the present one or, if the job doesn't wait or the request of the present
    /// wait was answered, the next.
    pub(super) fn next_wait(&self, wanted: Option<Input>) -> u32 {
        let Some(wanted) = wanted else { return 0 };
        let begun = self.furthest.waits_for(self.edition, wanted);
        let first = if self.awaited() == Some(wanted) { begun } else { begun.saturating_add(1) };
        self.answered_waits.get(&wanted).map_or(first, |answered| answered.saturating_add(1).max(first))
    }

    /// Whether a request belongs to a wait after the present one.
    fn is_next(&self, envelope_id: &EnvelopeId) -> bool {
        let Some(wanted) = self.awaited() else { return false };
        let begun = self.furthest.waits_for(self.edition, wanted);
        let known = self.requests.get(&envelope_id.clone()).map(|request| request.wait);
        known.unwrap_or_else(|| self.next_wait(Some(wanted))) > begun
    }

    /// Opens the window of a wait, unless it is open: its request or its status has shown that it has begun.
    pub(super) fn open_window(
        &mut self,
        now: Timestamp,
        wanted: Input,
        wait: u32,
        limits: &Limits,
    ) -> Timestamp {
        match self.windows.get(&wanted) {
            Some(window) if window.wait == wait => window.end,
            _ => self.reopen_window(now, wanted, wait, limits),
        }
    }

    /// Opens the window of a wait anew.
    pub(super) fn reopen_window(
        &mut self,
        now: Timestamp,
        wanted: Input,
        wait: u32,
        limits: &Limits,
    ) -> Timestamp {
        self.budget.extend(now, limits);
        let end = now + self.answer_window(limits);
        self.windows.insert(wanted, Window { wait, end, is_warned: false });
        end
    }

    /// The time to answer a request: the job's own, or that of the limits.
    pub(super) fn answer_window(&self, limits: &Limits) -> Duration {
        self.credential_timeout.unwrap_or(limits.answer_window)
    }

    /// When it is too late to answer in a wait that has this window.
    pub(super) fn end_of(&self, window_end: Timestamp) -> Timestamp {
        self.budget.end.map_or(window_end, |budget| budget.min(window_end))
    }

    /// The end of the present wait for the cardholder's answer.
    pub(super) fn wait_end(&self) -> Option<Timestamp> {
        let window = self.awaited().and_then(|wanted| self.windows.get(&wanted));
        window.map(|window| self.end_of(window.end)).or(self.budget.end)
    }

    fn keep_time(
        &mut self,
        now: Timestamp,
        has_moved: bool,
        counts: bool,
        report: &StatusBody,
        limits: &Limits,
    ) {
        if has_moved {
            match self.awaited() {
                Some(wanted) => {
                    _ = self.open_window(now, wanted, self.furthest.waits_for(self.edition, wanted), limits);
                }
                None if self.furthest.status.is_waiting() => self.budget.extend(now, limits),
                None if self.furthest.status.is_running() => self.budget.begin(now, limits),
                None => {}
            }
        }
        let Some(left) = report.job_timeout.as_ref().map(JobTimeout::get) else { return };
        let (before, last) = (self.budget.unit, self.last_timeout);
        if counts && last.is_some_and(|(at, before)| falls_by_milliseconds(before, left, now.since(at))) {
            self.budget.unit = TimeoutUnit::Milliseconds;
        }
        self.budget.unit = self.budget.unit.after(left);
        let unit = self.budget.unit;
        if unit != before {
            if let (Some((_, left)), Some(end)) = (last, self.budget.end) {
                // What set the budget was in milliseconds, too.
                let end = end - before.duration(left).saturating_sub(unit.duration(left));
                self.budget.end = Some(end.max(now));
            }
        }
        if counts {
            self.budget.observe(now, left);
            self.last_timeout = Some((now, left));
        }
    }

    /// A status may be the present one, or stale.
    pub(super) fn doubt(&mut self, now: Timestamp, status: Status, numbers: Numbers) {
        self.doubt.get_or_insert(Doubt { status, numbers, since: now });
    }

    /// A new request shows that the job waits for it, where that was in doubt.
    fn believe(&mut self, wanted: Input) {
        let doubt = self.doubt.filter(|doubt| want::in_status(self.edition, doubt.status) == Some(wanted));
        let Some((doubt, next)) =
            doubt.and_then(|doubt| Some((doubt, self.furthest.follow(self.edition, doubt.status)?)))
        else {
            return;
        };
        self.doubt = None;
        self.told.position = next;
        self.move_on(next);
        self.last = doubt.numbers;
        self.done = doubt.numbers.percent.or(self.done);
    }

    fn move_on(&mut self, next: Position) {
        if next != self.furthest {
            self.furthest = next;
            self.displayed = None;
            self.fetches.move_on(self.awaited().is_some());
        }
    }

    /// Whether less was done than before: the report is stale, or the job has begun another round.
    fn is_less(&self, numbers: Numbers) -> bool {
        numbers.percent < self.done && numbers.percent.is_some()
    }

    /// The first status that shows that the initial credentials have come, maybe before the job waited for them: what
    /// was answered so early is not what it waits for later. Where statuses were skipped on the way to this one, the wait
    /// may have been among them.
    fn spend_early_answer(&mut self, before: Position, status: Status) {
        if self.has_credentials || !self.edition.shows_credentials(status) {
            return;
        }
        self.has_credentials = true;
        let Some(wanted) = want::of_wait(self.edition, Input::NewCredentials) else { return };
        let is_next = self.edition.can_become(before.status, status);
        let waits = if is_next { self.furthest } else { before };
        let begun = waits.waits_for(self.edition, wanted);
        if let Some(answered) = self.answered_waits.get_mut(&wanted).filter(|wait| **wait > begun) {
            *answered = begun;
            self.windows.remove(&wanted);
        }
    }

    fn display(&mut self, report: &StatusBody, effects: &mut Vec<Effect>) {
        let Some(text) = report.text() else { return };
        let displayed = Some((report.status.text().to_owned(), text.to_owned()));
        if self.displayed != displayed {
            self.displayed = displayed;
            let text = Text::new(text.to_owned());
            effects.push(Effect::ShowStatus { job: self.id.clone(), text });
        }
    }
}

/// Where a job stands by a report. A status that the edition lacks and that waits is the general wait.
pub(super) fn standing(edition: Edition, report: &StatusBody) -> Standing {
    let is_typed = report.termination_type.is_some();
    let known = report.status.known_in(edition);
    let waits =
        || edition.awaiting(Input::Named).filter(|_| !is_typed && report.status.is_waiting_in(edition));
    Standing::in_edition(edition, known.or_else(waits), is_typed)
}

/// Whether the time left falls so fast that it can only be milliseconds: by about a thousand a second.
fn falls_by_milliseconds(before: i64, left: i64, elapsed: Duration) -> bool {
    let fall = before.saturating_sub(left);
    elapsed >= Duration::from_secs(1)
        && i128::from(fall) * 2 >= i128::try_from(elapsed.as_millis()).unwrap_or(i128::MAX)
}
