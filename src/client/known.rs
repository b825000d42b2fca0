//! What a client knows of one job, and what follows from it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::position::{Position, Sequence};
use super::{CredentialPrompt, Effect, JobEnd, TfaPrompt, Withdrawal};
use crate::message::{EnvelopeId, JobId, Open, Percent, Request, RequestBody, RequestKind, StatusBody, Text};
use crate::standing::Standing;
use crate::{Input, Limits, Phase, Status, TimeWentBack, Timer, Timestamp};

/// Who says where a job stands.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Messages,
    Snapshots,
}

/// A job, as far as the client knows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct KnownJob {
    id: JobId<'static>,
    /// How far its messages have told its life.
    told: Sequence,
    /// How far its snapshots have shown its life.
    sampled: Sequence,
    /// The further of both.
    furthest: Position,
    timer: Timer,
    requests: Vec<KnownRequest>,
    /// The last wait whose fetch or card was seen to.
    attended: Option<(Input, u8)>,
    may_leave: bool,
    /// The last unknown status that was shown, and its text, until the job moves on.
    shown: Option<(String, Text<'static>)>,
    pub(super) has_ended: bool,
}

/// A request that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownRequest {
    kind: RequestKind,
    envelope_id: EnvelopeId<'static>,
    text: Option<Text<'static>>,
    /// The wait that it goes with: the number of the wait among those for its kind. A request may come before its wait.
    wait: u8,
    state: RequestState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RequestState {
    /// Nobody was asked yet.
    New,
    /// The user is being asked.
    Asked,
    /// Answered, withdrawn, or never asked because it was too late.
    Closed,
    /// Answered, and the answer was taken before the job waited for it: the request goes with no wait.
    Spent,
}

impl KnownJob {
    pub(super) fn new(id: JobId<'static>, limits: Limits) -> Self {
        Self {
            id,
            told: Sequence::START,
            sampled: Sequence::START,
            furthest: Position::START,
            timer: Timer::new(limits),
            requests: Vec::new(),
            attended: None,
            may_leave: false,
            shown: None,
            has_ended: false,
        }
    }

    /// Takes in where a source says that the job stands.
    pub(super) fn report(
        &mut self,
        now: Timestamp,
        source: Source,
        standing: Standing,
        report: &StatusBody<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), TimeWentBack> {
        if self.has_ended {
            return Ok(());
        }
        match standing {
            Standing::Ended => self.end(report, effects),
            Standing::Unknown => {
                self.show(report, effects);
                self.timer.observe(now, report)?;
            }
            Standing::NetworkFailure => self.timer.observe(now, report)?,
            Standing::InProgress(status) => {
                let percent = report.percent_complete.as_ref().map(Percent::get);
                if self.advance(source, status, percent) {
                    self.timer.observe(now, report)?;
                }
                if status == Status::CredsReceived {
                    self.spend_answers();
                }
                if status == Status::Updating && !self.may_leave {
                    self.may_leave = true;
                    effects.push(Effect::AllowLeaving { job: self.id.clone() });
                }
            }
        }
        Ok(())
    }

    /// Takes in a request; one that was seen before changes nothing.
    pub(super) fn request(&mut self, request: &Request<'_>) {
        let is_known = self.requests.iter().any(|known| known.envelope_id == request.envelope_id);
        if self.has_ended || is_known {
            return;
        }
        let kind = request.kind;
        let begun = self.furthest.waits_for(kind);
        let present_or_next = if self.is_waiting_for(kind) { begun } else { begun.saturating_add(1) };
        let others = self.requests.iter().filter(|known| known.kind == kind);
        let first_free = others.map(|known| known.wait.saturating_add(1)).max().unwrap_or_default();
        self.requests.push(KnownRequest {
            kind,
            envelope_id: request.envelope_id.clone().into_owned(),
            text: request.message.as_ref().and_then(RequestBody::text),
            wait: first_free.max(present_or_next),
            state: RequestState::New,
        });
    }

    /// Takes in that a request was answered.
    pub(super) fn answered(&mut self, kind: RequestKind, envelope_id: &EnvelopeId<'_>) {
        let is_answered = |known: &&mut KnownRequest| known.kind == kind && known.envelope_id == *envelope_id;
        if let Some(request) = self.requests.iter_mut().find(is_answered) {
            request.state = RequestState::Closed;
        }
    }

    /// What is to be done, now that everything is taken in.
    pub(super) fn settle(&mut self, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), TimeWentBack> {
        if self.has_ended {
            return Ok(());
        }
        self.timer.expire(now)?;
        self.withdraw_what_is_over(effects);
        self.ask(effects);
        self.attend(effects);
        if self.is_asking() {
            if let Some(time_left) = self.timer.warn(now)? {
                effects.push(Effect::Warn { job: self.id.clone(), time_left });
            }
        }
        Ok(())
    }

    /// When there will be something to do without a message: only where the user is being asked.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.timer.next_deadline().filter(|_| !self.has_ended && self.is_asking())
    }

    /// Whether a source's status is where the job stands now, be it news or a heartbeat; else it is old news.
    fn advance(&mut self, source: Source, status: Status, percent: Option<f64>) -> bool {
        let sequence = match source {
            Source::Messages => &mut self.told,
            Source::Snapshots => &mut self.sampled,
        };
        let Some(next) = sequence.tell(status, percent) else { return false };
        if next.is_beyond(self.furthest) {
            self.furthest = next.remembering(self.furthest);
            self.shown = None;
            return true;
        }
        next.status == self.furthest.status && !self.furthest.is_beyond(next)
    }

    /// Initial credentials have come, maybe before the job waited for them: what was answered so early is not what it
    /// waits for later.
    fn spend_answers(&mut self) {
        let begun = self.furthest.waits_for(RequestKind::Credential);
        for request in &mut self.requests {
            let is_early = request.kind == RequestKind::Credential && request.wait > begun;
            if is_early && request.state == RequestState::Closed {
                request.state = RequestState::Spent;
            }
        }
    }

    fn show(&mut self, report: &StatusBody<'_>, effects: &mut Vec<Effect>) {
        let Some(text) = report.text().map(|text| Text::new(text.to_owned())) else { return };
        let shown = Some((report.status.text().to_owned(), text.clone()));
        if self.shown != shown {
            self.shown = shown;
            effects.push(Effect::ShowStatus { job: self.id.clone(), text });
        }
    }

    fn end(&mut self, report: &StatusBody<'_>, effects: &mut Vec<Effect>) {
        self.has_ended = true;
        let status = report.status.known();
        let reason = match status {
            Some(Status::TimeoutTfa | Status::TimeoutCredentials | Status::AbandonedQuickstart) => {
                Withdrawal::TooLate
            }
            _ => Withdrawal::NotNeeded,
        };
        let requests = core::mem::take(&mut self.requests);
        let asked = requests.into_iter().filter(|request| request.state == RequestState::Asked);
        effects.extend(asked.map(|request| request.withdraw(&self.id, reason)));

        let sent = report.termination_type.as_ref().and_then(Open::known);
        let end = JobEnd {
            job: self.id.clone(),
            status: report.status.clone().into_owned(),
            termination_type: sent.or(status.and_then(Status::termination_type)),
            text: report.text().map(|text| Text::new(text.to_owned())),
        };
        effects.push(Effect::TellEnd(end.clone()));
        if end.is_reported() {
            effects.push(Effect::Report(end));
        }
        effects.push(Effect::StopPolling { job: self.id.clone() });
    }

    fn withdraw_what_is_over(&mut self, effects: &mut Vec<Effect>) {
        let mut requests = core::mem::take(&mut self.requests);
        for request in &mut requests {
            let is_asked = request.state == RequestState::Asked;
            if let (true, Some(reason)) = (request.is_open(), self.is_over(request)) {
                request.state = RequestState::Closed;
                effects.extend(is_asked.then(|| request.withdraw(&self.id, reason)));
            }
        }
        self.requests = requests;
    }

    /// Why a request can't be answered any more, if it can't.
    fn is_over(&self, request: &KnownRequest) -> Option<Withdrawal> {
        let has_begun = request.wait <= self.furthest.waits_for(request.kind);
        let is_past_asking = self.furthest.status.phase() > Phase::Authentication;
        if is_past_asking || has_begun && !self.is_for_present_wait(request) {
            Some(Withdrawal::NotNeeded)
        } else if has_begun && self.timer.is_expired() {
            Some(Withdrawal::TooLate)
        } else {
            None
        }
    }

    fn ask(&mut self, effects: &mut Vec<Effect>) {
        for request in self.requests.iter_mut().filter(|request| request.state == RequestState::New) {
            request.state = RequestState::Asked;
            effects.push(request.ask(&self.id));
        }
    }

    /// Sees once to a wait that has begun.
    fn attend(&mut self, effects: &mut Vec<Effect>) {
        let wait = self.furthest.present_wait();
        if wait.is_none() || self.attended == wait {
            return;
        }
        self.attended = wait;
        let job = self.id.clone();
        if self.request_kind().is_none() {
            effects.push(Effect::AddCard { job });
        } else if !self
            .requests
            .iter()
            .any(|request| self.is_for_present_wait(request) && request.state != RequestState::Spent)
        {
            effects.push(Effect::FetchJob { job });
        }
    }

    /// Whether the user is being asked for what the job waits for.
    fn is_asking(&self) -> bool {
        let mut asked = self.requests.iter().filter(|request| request.state == RequestState::Asked);
        asked.any(|request| self.is_for_present_wait(request))
    }

    /// What the job's request asks for, where it waits for an answer to one.
    fn request_kind(&self) -> Option<RequestKind> {
        self.furthest.status.awaits().and_then(RequestKind::for_input)
    }

    fn is_waiting_for(&self, kind: RequestKind) -> bool {
        self.request_kind() == Some(kind)
    }

    fn is_for_present_wait(&self, request: &KnownRequest) -> bool {
        self.is_waiting_for(request.kind) && request.wait == self.furthest.waits_for(request.kind)
    }
}

impl KnownRequest {
    fn is_open(&self) -> bool {
        matches!(self.state, RequestState::New | RequestState::Asked)
    }

    fn ask(&self, job: &JobId<'static>) -> Effect {
        let (job, envelope_id, text) = (job.clone(), self.envelope_id.clone(), self.text.clone());
        match self.kind {
            RequestKind::Tfa => Effect::AskForTfaCode(TfaPrompt { job, envelope_id, text }),
            RequestKind::Credential => Effect::AskForCredentials(CredentialPrompt { job, envelope_id, text }),
        }
    }

    fn withdraw(&self, job: &JobId<'static>, reason: Withdrawal) -> Effect {
        Effect::Withdraw { job: job.clone(), envelope_id: self.envelope_id.clone(), reason }
    }
}
