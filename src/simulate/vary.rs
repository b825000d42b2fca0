//! Further variation of valid logs: other recorders, other intervals, snapshots ahead of the messages.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::choose::Choose;
use super::record::{Content, IdForm, Record, Report, Request};
use super::walk::{GRACE, answer_to, kind_for, milliseconds};
use crate::{Limits, Phase, Status};

/// The recorder of a log of [variety](super::Simulation::variety).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variety {
    /// Whether it is the client that created the jobs, and so receives their requests.
    pub shows_requests: bool,
    /// Which records have a time.
    pub times: Times,
}

/// Which records have a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// All of them.
    #[default]
    All,
    /// Some of them.
    Some,
    /// None of them.
    None,
}

/// The history of a job, varied.
pub(super) fn vary<C: Choose>(
    records: Vec<Record>,
    limits: &Limits,
    variety: Variety,
    choices: &mut C,
) -> Vec<Record> {
    let statuses = records.iter().filter_map(|record| match record.content {
        Content::Status(report) if !report.is_network_failure() => Some((report.known()?, report)),
        _ => None,
    });
    let Some(first) = records.first() else { return records };
    let mut varied = Varied {
        window: milliseconds(limits.answer_window),
        network_failures: limits.network_failures,
        variety,
        job: first.job.number,
        is_named: choices.once_in(6),
        choices,
        statuses: statuses.collect(),
        step: None,
        clock: first.at.unwrap_or_default(),
        waits_since: None,
        has_failed: false,
        asked: Vec::new(),
        answered: Vec::new(),
        snapshot: None,
        timeout: None,
        records: Vec::new(),
    };
    let mut before = varied.clock;
    for record in records {
        let at = record.at.unwrap_or(before);
        varied.take(record.content, at - before);
        before = at;
        for _ in 0..varied.choices.below(3) {
            varied.add();
        }
    }
    varied.records
}

struct Varied<'c, C> {
    window: i64,
    /// How many more failures to connect may be reported.
    network_failures: u8,
    variety: Variety,
    choices: &'c mut C,
    job: u64,
    is_named: bool,
    /// The statuses of the job, heartbeats included.
    statuses: Vec<(Status, Report)>,
    /// The index of the present one.
    step: Option<usize>,
    clock: i64,
    waits_since: Option<i64>,
    has_failed: bool,
    asked: Vec<Request>,
    answered: Vec<u64>,
    /// The step and the timeout of the last snapshot.
    snapshot: Option<(usize, i64)>,
    timeout: Option<i64>,
    records: Vec<Record>,
}

impl<C: Choose> Varied<'_, C> {
    fn present(&self) -> Option<(Status, Report)> {
        self.statuses.get(self.step?).copied()
    }

    /// Takes a record of the history, so many milliseconds after the one before.
    fn take(&mut self, content: Content, gap: i64) {
        match content {
            Content::Status(report) if report.is_network_failure() => {
                self.wait(gap);
                self.fail();
            }
            Content::Status(report) => {
                let before = self.present().map(|(status, _)| status);
                self.step = Some(self.step.map_or(0, |step| step + 1));
                let Some((status, _)) = self.present() else { return };
                let is_entered = before != Some(status);
                if is_entered {
                    self.waits_since = None;
                }
                self.wait(gap);
                if is_entered && kind_for(status).is_some() {
                    self.waits_since = Some(self.clock);
                }
                self.report(report);
            }
            Content::Request(request) | Content::Snapshot(_, Some(request)) => {
                self.wait(gap);
                self.ask(request);
            }
            Content::Response { request, message, .. } => {
                self.wait(gap);
                self.answer(request, message);
            }
            _ => {}
        }
    }

    /// Adds a record that changes nothing.
    fn add(&mut self) {
        let Some((status, report)) = self.present() else { return };
        self.wait(2_000);
        match self.choices.below(6) {
            0 if !status.is_terminal() => self.report(Report { timeout: None, ..report }),
            1 if !status.is_terminal() => self.fail(),
            2 => {
                let open = self.asked.iter().find(|asked| !self.answered.contains(&asked.nth)).copied();
                if let Some(request) = open {
                    let message = answer_to(request.kind, self.choices.bits());
                    self.answer(request, message);
                }
            }
            3 => {
                if let Some(request) = self.choices.pick(&self.asked) {
                    self.ask(request);
                }
            }
            4 => self.sample(None),
            _ => {}
        }
    }

    /// Advances the time. No wait takes longer than the answer window and the grace.
    fn wait(&mut self, gap: i64) {
        let gap = self.choices.of([gap, gap, 0, 1, 3_000, 200_000, 300_000]);
        self.clock = self.clock.saturating_add(gap);
        if let Some(since) = self.waits_since {
            self.clock = self.clock.min(since.saturating_add(self.window + GRACE));
        }
    }

    fn push(&mut self, content: Content) {
        let is_timed = match self.variety.times {
            Times::All => true,
            Times::Some => self.choices.once_in(2),
            Times::None => false,
        };
        let form = match self.is_named {
            true => IdForm::Name,
            false if self.choices.once_in(2) => IdForm::Digits,
            false => IdForm::Number,
        };
        let job = super::JobName { number: self.job, form };
        self.records.push(Record { at: is_timed.then_some(self.clock), job, content });
    }

    /// Reports the status, with its numbers or without.
    fn report(&mut self, report: Report) {
        self.has_failed = false;
        let percent = report.percent.filter(|_| self.choices.once_in(2));
        let timeout = report.timeout.filter(|_| self.choices.once_in(2));
        // A timeout that falls to less than a hundredth at once looks like another unit.
        let timeout =
            timeout.filter(|&left| self.timeout.is_none_or(|last| left.saturating_mul(100) >= last));
        self.timeout = timeout.or(self.timeout);
        self.push(Content::Status(Report { percent, timeout, ..report }));
    }

    /// Reports a failure to connect that does not end the job, if one more is allowed.
    fn fail(&mut self) {
        if !self.has_failed {
            let Some(left) = self.network_failures.checked_sub(1) else { return };
            self.network_failures = left;
        }
        self.has_failed = true;
        self.push(Content::Status(Report { termination_type: None, ..Report::new(Status::NetworkIssue) }));
    }

    fn ask(&mut self, request: Request) {
        let is_new = !self.asked.contains(&request);
        if is_new {
            self.asked.push(request);
        }
        if self.variety.shows_requests {
            if is_new && self.choices.once_in(4) {
                self.sample(Some(request));
            }
            self.push(Content::Request(request));
        }
    }

    /// Answers a request that has no answer yet, within its window or after its wait.
    fn answer(&mut self, request: Request, message: Cow<'static, str>) {
        let is_open = match (self.waits_since, self.present()) {
            (Some(since), _) => self.clock <= since + self.window,
            (None, present) => present.is_some_and(|(status, _)| status.phase() < Phase::Cancellation),
        };
        if is_open && !self.answered.contains(&request.nth) {
            self.answered.push(request.nth);
            let names_job = self.choices.once_in(2);
            self.push(Content::Response { request, names_job, message });
        }
    }

    /// Takes a snapshot of the present status or a later one. None is taken if the last one does not lead there without
    /// a cancel that nobody saw.
    fn sample(&mut self, asked: Option<Request>) {
        let last_step = self.statuses.len().saturating_sub(1);
        let earliest = self.step.unwrap_or_default().max(self.snapshot.map_or(0, |(step, _)| step));
        let step = (earliest + self.choices.of([0, 0, 1, 3, 40])).min(last_step);
        let (Some(&(status, report)), last) = (self.statuses.get(step), self.snapshot) else { return };
        let last_status = last.and_then(|(last, _)| self.statuses.get(last));
        if last_status.is_some_and(|(last, _)| !last.reaches(status)) {
            return;
        }
        let timeout = last.map_or(600_000, |(_, last)| last - last / 10);
        self.snapshot = Some((step, timeout));
        let timeout = self.choices.once_in(2).then_some(timeout);
        let report = Report { timeout, ..report };
        if step == last_step && asked.is_none() && self.choices.once_in(2) {
            self.push(Content::Notification(report));
        } else {
            self.push(Content::Snapshot(report, asked));
        }
    }
}
