//! Where the job stands, and what of all that tells it is old news.

use super::{KnownJob, Source};
use crate::client::position::{Numbers, Position, Told};
use crate::client::request::KnownRequest;
use crate::wire::{EnvelopeId, RequestKind};
use crate::{Status, Timestamp};

impl KnownJob {
    /// Whether a source's status is where the job stands now, be it news or a heartbeat; else it is old news.
    pub(super) fn advance(
        &mut self,
        now: Timestamp,
        source: Source<'_>,
        status: Status,
        numbers: Numbers,
    ) -> bool {
        let before = self.furthest;
        let is_present = match source {
            Source::Messages => self.hear(now, status, numbers),
            Source::Snapshots(request) => self.sample(now, status, numbers, request),
        };
        if is_present {
            self.count(numbers, before);
            let runs_ahead = matches!(source, Source::Snapshots(_)) && !self.told.is_at(self.furthest);
            self.ahead = numbers.timeout.filter(|_| runs_ahead).map(|timeout| (status, timeout));
        }
        is_present
    }

    /// A message tells of a status.
    fn hear(&mut self, now: Timestamp, status: Status, numbers: Numbers) -> bool {
        let is_present = status == self.furthest.status;
        let is_late = self.is_less_done(numbers) && status.reaches(self.furthest.status);
        let told = self.told.tell(status, numbers, is_late);
        let is_asking = self.asked().next().is_some();
        match told {
            Told::Present(_) if is_present && self.is_behind(status, numbers) => false,
            Told::Present(next) => {
                // Only another status shows that the one in doubt is over.
                self.doubted = self.doubted.filter(|&(doubted, _)| doubted == status);
                self.come_to(next) || is_present && !self.furthest.is_beyond(next)
            }
            Told::Passed => false,
            Told::InDoubt { is_repeat } => {
                let kind = RequestKind::awaited_in(status);
                let is_unasked =
                    |kind| !self.requests.of(kind).live.as_ref().is_some_and(KnownRequest::is_open);
                let may_wait = status.is_waiting() && kind.is_none_or(is_unasked);
                if may_wait || is_asking && !is_repeat && !is_present {
                    self.doubt(now, status);
                }
                false
            }
        }
    }

    /// A snapshot shows a status, maybe with the open request that it waits for: it is of now, or of just before. For a
    /// request after that of the present wait the job waits anew, whatever else was told.
    fn sample(
        &mut self,
        now: Timestamp,
        status: Status,
        numbers: Numbers,
        request: Option<&EnvelopeId>,
    ) -> bool {
        let is_present = self.furthest.status == status;
        let is_next = |envelope_id| self.request_kind().is_some_and(|kind| self.is_next(kind, envelope_id));
        let is_anew = is_present && request.is_some_and(is_next);
        let is_doubted = self.doubted.is_some_and(|(doubted, _)| doubted == status);
        if !is_doubted || !is_present {
            self.doubted = None;
        }
        let is_further = numbers.percent > Some(self.done);
        let is_certain = request.is_some() || is_doubted || is_further;
        let told = self.sampled.tell(status, numbers, false);
        let next = match told {
            _ if is_anew => {
                self.timer.wait_anew(now, status);
                self.furthest.enter(status)
            }
            _ if is_certain => match self.furthest.follow(status) {
                Some(next) => next,
                None => return false,
            },
            Told::Present(next) if next.is_beyond(self.furthest) => next.remembering(self.furthest),
            Told::Present(next) => return is_present && !self.furthest.is_beyond(next),
            _ => return false,
        };
        if is_doubted && next != self.furthest {
            // What messages told was no old news: if its percentage made it seem so, each status has its own.
            self.falls |= !is_further;
            self.told.resume(next, numbers);
        }
        self.sampled.resume(next, numbers);
        self.move_on(next);
        true
    }

    /// Keeps in mind how much is done, now that this is believed.
    fn count(&mut self, numbers: Numbers, before: Position) {
        self.falls |= self.is_less_done(numbers) && self.furthest != before;
        self.done = numbers.percent.map_or(self.done, |done| done.max(self.done));
    }

    /// Whether less was done than is done already, in a job whose percentages have never fallen.
    fn is_less_done(&self, numbers: Numbers) -> bool {
        !self.falls && numbers.percent.is_some_and(|done| done < self.done)
    }

    /// Whether a heartbeat was sent before a snapshot that ran ahead of it.
    fn is_behind(&self, status: Status, numbers: Numbers) -> bool {
        self.ahead.is_some_and(|(ahead, left)| status == ahead && numbers.timeout > Some(left))
    }

    /// Whether what leaves the job in the status that it had is old news.
    pub(super) fn is_old(&mut self, source: Source<'_>, numbers: Numbers) -> bool {
        let sequence = match source {
            Source::Messages => &mut self.told,
            Source::Snapshots(_) => &mut self.sampled,
        };
        sequence.was_told(None, numbers) || self.is_less_done(numbers)
    }

    /// A status may be where the job stands, or old news: the job itself is to tell.
    pub(super) fn doubt(&mut self, now: Timestamp, status: Status) {
        if self.furthest.follow(status).is_some() {
            self.doubted.get_or_insert((status, now));
        }
    }

    /// Goes on to a position if the job comes there only after it was where it stands.
    fn come_to(&mut self, next: Position) -> bool {
        let is_news = next.is_beyond(self.furthest);
        if is_news {
            self.move_on(next.remembering(self.furthest));
        }
        is_news
    }

    fn move_on(&mut self, next: Position) {
        if next != self.furthest {
            self.furthest = next;
            self.shown = None;
        }
    }

    /// A new request shows that the job waits for it, if that was told and only held back.
    pub(super) fn believe(&mut self, now: Timestamp, kind: RequestKind) {
        let before = self.furthest;
        for (next, numbers) in [self.told.tell_held(kind), self.sampled.tell_held(kind)].into_iter().flatten()
        {
            if self.come_to(next) {
                self.timer.enter(now, next.status);
                self.count(numbers, before);
            }
        }
    }
}
