//! What a client knows of one job, and what follows from it.
//!
//! The status tells where the job stands, and may be old news; a request that is shown stands until it is answered, and
//! so is the truth. Whatever was made of old news is put right by it.

mod advance;
mod settle;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::position::{Numbers, Position, Sequence};
use super::request::{ByKind, KnownRequest, RequestState, Requests};
use super::{Effect, JobEnd, Withdrawal};
use crate::machine::Standing;
use crate::wire::{EnvelopeId, JobId, JobTimeout, Open, Request, RequestBody, RequestKind, StatusBody, Text};
use crate::{Input, Limits, Status, Timer, Timestamp};

/// Who says where a job stands.
#[derive(Clone, Copy)]
pub(super) enum Source<'s> {
    Messages,
    /// A snapshot; with the open request that it shows for what it says the job waits for. Both are of one moment.
    Snapshots(Option<&'s EnvelopeId>),
}

/// A job in progress, as far as the client knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KnownJob {
    pub(super) id: JobId,
    /// How far its messages have told its life.
    told: Sequence,
    /// How far its snapshots have shown its life.
    sampled: Sequence,
    /// The further of both.
    furthest: Position,
    /// How much of the job was done at most, in percent.
    done: f64,
    /// Whether the percentages of this job fall: then a smaller one says nothing.
    falls: bool,
    /// The status and the time left that a snapshot has shown that ran ahead of the messages, until they have caught up.
    ahead: Option<(Status, i64)>,
    /// Whether anything has shown that the initial credentials have come.
    has_credentials: bool,
    timer: Timer,
    requests: ByKind<Requests>,
    /// The last wait whose fetch or card was seen to.
    attended: Option<(Input, u32)>,
    /// When the job was fetched last.
    fetched: Option<Timestamp>,
    /// A status of which only the job itself can tell whether it is where the job stands, and since when that is open.
    doubted: Option<(Status, Timestamp)>,
    may_leave: bool,
    /// The last unknown status that was shown, and its text, until the job moves on.
    shown: Option<(String, String)>,
}

impl KnownJob {
    pub(super) fn new(id: JobId, limits: Limits) -> Self {
        Self {
            id,
            told: Sequence::START,
            sampled: Sequence::START,
            furthest: Position::START,
            done: 0.0,
            falls: false,
            ahead: None,
            has_credentials: false,
            timer: Timer::new(limits),
            requests: ByKind::default(),
            attended: None,
            fetched: None,
            doubted: None,
            may_leave: false,
            shown: None,
        }
    }

    /// Takes in where a source says that the job stands, in progress.
    pub(super) fn report(
        &mut self,
        now: Timestamp,
        source: Source<'_>,
        report: &StatusBody,
        effects: &mut Vec<Effect>,
    ) {
        let standing = Standing::of(report.status.known(), report.termination_type.is_some());
        let timeout = report.job_timeout.as_ref().map(JobTimeout::get);
        let numbers = Numbers::of(report);
        let before = self.furthest;
        let is_stale = match standing {
            Standing::InProgress(status) => !self.advance(now, source, status, numbers),
            _ => self.is_old(source, numbers),
        };
        if is_stale {
            // The time left is stale; its unit is not.
            if let Some(timeout) = timeout {
                self.timer.learn_unit(timeout);
            }
        } else {
            if standing == Standing::Unknown {
                self.show(report, effects);
            }
            self.timer.observe(now, standing, timeout);
        }
        let Standing::InProgress(status) = standing else { return };
        self.spend_early_answer(before, status);
        if status == Status::Updating && !self.may_leave {
            self.may_leave = true;
            effects.push(Effect::AllowLeaving { job: self.id.clone() });
        }
    }

    /// Takes in a request that is shown. A carrier that is whole shows all that stand.
    pub(super) fn request(
        &mut self,
        now: Timestamp,
        request: &Request,
        is_whole: bool,
        is_answered: bool,
        effects: &mut Vec<Effect>,
    ) {
        let kind = request.kind;
        let begun = self.furthest.waits_for(kind);
        let present_or_next = if self.is_waiting_for(kind) { begun } else { begun.saturating_add(1) };
        let requests = self.requests.of_mut(kind);
        if let Some(live) = requests.live.as_mut().filter(|live| live.envelope_id == request.envelope_id) {
            requests.is_shown = true;
            if live.is_open() {
                live.wait = live.wait.max(present_or_next);
            } else if is_whole && live.state == RequestState::Closed {
                requests.shown_again = Some(live.envelope_id.clone());
            }
            return;
        }
        if !requests.is_new(&request.envelope_id) {
            if is_whole && !is_answered {
                requests.shown_again = Some(request.envelope_id.clone());
            }
            return;
        }
        let mut known = KnownRequest {
            kind,
            envelope_id: request.envelope_id.clone(),
            text: request.message.as_ref().and_then(RequestBody::text),
            first_seen: now,
            wait: begun,
            window_end: None,
            state: if is_answered { RequestState::Answered } else { RequestState::New },
            is_warned: false,
        };
        if is_answered && requests.live.as_ref().is_some_and(KnownRequest::is_open) {
            requests.pass_over(known);
            return;
        }
        if !is_answered {
            self.believe(now, kind);
        }
        let begun = self.furthest.waits_for(kind);
        let is_present = self.is_waiting_for(kind) && self.has_room(kind);
        known.wait = if is_present { begun } else { begun.saturating_add(1) };
        self.make_live(known, effects);
    }

    /// Takes in that a request was answered.
    pub(super) fn answered(&mut self, kind: RequestKind, envelope_id: &EnvelopeId) {
        let live = self.requests.of_mut(kind).live.as_mut();
        if let Some(live) = live.filter(|live| live.envelope_id == *envelope_id) {
            live.state = RequestState::Answered;
        }
    }

    /// What is to be done at the end.
    pub(super) fn end(&self, report: &StatusBody, effects: &mut Vec<Effect>) {
        let status = report.status.known();
        let reason = match status {
            Some(status) if status.is_timeout() => Withdrawal::TooLate,
            _ => Withdrawal::NotNeeded,
        };
        effects.extend(self.asked().filter_map(|request| request.withdraw(&self.id, reason)));

        let sent = report.termination_type.as_ref().and_then(Open::known);
        let end = JobEnd {
            job: self.id.clone(),
            status: report.status.clone(),
            termination_type: sent.or(status.and_then(Status::termination_type)),
            text: report.text().map(|text| Text::new(text.to_owned())),
        };
        effects.push(Effect::TellEnd(end.clone()));
        if end.is_reported() {
            effects.push(Effect::Report(end));
        }
        effects.push(Effect::StopPolling { job: self.id.clone() });
    }

    /// The prompts that are open, as they were asked for.
    pub(super) fn prompts(&self) -> impl Iterator<Item = Effect> {
        self.asked().map(|request| request.ask(&self.id))
    }

    /// The requests that were seen, by what they ask for.
    pub(super) fn into_requests(self) -> ByKind<Requests> {
        self.requests
    }

    /// The requests that the user is being asked for.
    fn asked(&self) -> impl Iterator<Item = &KnownRequest> {
        ByKind::<Requests>::KINDS.into_iter().filter_map(|kind| self.requests.of(kind).asked())
    }

    /// The first status that shows that the initial credentials have come, maybe before the job waited for them: what
    /// was answered so early is not what it waits for later. Where statuses were left out on the way to this one, the wait
    /// may have been among them.
    fn spend_early_answer(&mut self, before: Position, status: Status) {
        if self.has_credentials || !status.shows_credentials() {
            return;
        }
        self.has_credentials = true;
        let waits = if before.status.can_become(status) { self.furthest } else { before };
        let begun = waits.waits_for(RequestKind::Credential);
        let live = self.requests.of_mut(RequestKind::Credential).live.as_mut();
        if let Some(live) = live.filter(|live| live.state == RequestState::Answered) {
            live.wait = live.wait.min(begun);
        }
    }

    fn show(&mut self, report: &StatusBody, effects: &mut Vec<Effect>) {
        let Some(text) = report.text() else { return };
        let shown = Some((report.status.text().to_owned(), text.to_owned()));
        if self.shown != shown {
            self.shown = shown;
            let text = Text::new(text.to_owned());
            effects.push(Effect::ShowStatus { job: self.id.clone(), text });
        }
    }

    /// Makes a request the live one of its kind: the one before it isn't wanted any more.
    fn make_live(&mut self, mut request: KnownRequest, effects: &mut Vec<Effect>) {
        let requests = self.requests.of_mut(request.kind);
        if let Some(before) = &requests.live {
            // A warning is of a wait, whichever of its requests stands.
            request.is_warned |= before.is_warned && before.wait == request.wait;
            effects.extend(before.withdraw(&self.id, Withdrawal::NotNeeded));
        }
        requests.replace(request);
    }

    /// What the job's request asks for, where it waits for an answer to one.
    fn request_kind(&self) -> Option<RequestKind> {
        RequestKind::awaited_in(self.furthest.status)
    }

    fn is_waiting_for(&self, kind: RequestKind) -> bool {
        self.request_kind() == Some(kind)
    }

    fn is_for_present_wait(&self, request: &KnownRequest) -> bool {
        self.is_waiting_for(request.kind) && request.wait == self.furthest.waits_for(request.kind)
    }

    /// Whether a new request may be that of the present wait: it has none, or one that stands and gives way.
    fn has_room(&self, kind: RequestKind) -> bool {
        let begun = self.furthest.waits_for(kind);
        let live = self.requests.of(kind).live.as_ref();
        live.is_none_or(|live| live.wait < begun || live.wait == begun && live.is_open())
    }

    /// Whether a request can only be that of a wait after the present one.
    fn is_next(&self, kind: RequestKind, envelope_id: &EnvelopeId) -> bool {
        let requests = self.requests.of(kind);
        let live = requests.live.as_ref().filter(|live| live.envelope_id == *envelope_id);
        match live {
            Some(live) => live.wait > self.furthest.waits_for(kind),
            None => requests.is_new(envelope_id) && !self.has_room(kind),
        }
    }
}
