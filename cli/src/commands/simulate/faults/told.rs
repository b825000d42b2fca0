//! What is written of a fault: messages that are wrong, too many, too late, or none at all.

use cardsavr_protocol::Status;
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::RequestKind;

use super::super::life::{LIMITS, Life, NEVER, WINDOW};
use super::super::write::{self, Lines, Report};
use super::{Beat, GRACE, Point, point};
use crate::input::records::MAX_DEPTH;

impl Life {
    /// Whether the step from a status has the fault, after it was put into the report where it belongs there.
    pub(in crate::commands::simulate) fn alter_step(
        &mut self,
        from: Status,
        report: &mut Report<'_>,
    ) -> bool {
        let status = self.job.status();
        let Some(fault) = &self.fault else { return false };
        match fault.rule {
            Rule::StatusSpelling if fault.route.is_empty() => match status.aliases().first() {
                Some(alias) => {
                    report.status = alias;
                    true
                }
                None => false,
            },
            Rule::PendingWithoutRequest => from.is_waiting(),
            Rule::EarlyFailureLimit => status.is_terminal(),
            Rule::IncompleteTermination if status.is_terminal() => {
                report.percent = 995;
                true
            }
            Rule::MissingTerminationType if status.is_terminal() => {
                report.termination_type = None;
                true
            }
            Rule::WrongTerminationType if status.is_terminal() => {
                let own = report.termination_type;
                let others = || write::termination_types().filter(|&other| Some(other) != own);
                report.termination_type = others().nth(self.random.index(others().count()));
                true
            }
            _ => false,
        }
    }

    /// What a new request asks for; none if the fault is that there is none.
    pub(in crate::commands::simulate) fn kind_asked(&self, kind: Option<RequestKind>) -> Option<RequestKind> {
        if self.rule() != Some(Rule::PendingWithoutRequest) {
            return kind;
        }
        // The log shows requests: the other one, which is lawful by itself.
        kind.filter(|_| self.requests == 0).map(other)
    }

    pub(in crate::commands::simulate) fn after_request(
        &mut self,
        now: i64,
        kind: RequestKind,
        to: &mut Lines,
    ) {
        match self.rule() {
            Some(Rule::EnvelopeReused) => {
                let (id, nth) = (self.id, self.requests);
                self.write(now, to, |line| write::request(line, id, other(kind), nth));
                self.has_fault(to);
            }
            Some(Rule::PendingWithoutRequest) => self.asks_at = NEVER,
            _ => {}
        }
    }

    /// Answers in a way that no request is answered in.
    pub(in crate::commands::simulate) fn answer_wrongly(
        &mut self,
        now: i64,
        kind: RequestKind,
        to: &mut Lines,
    ) -> bool {
        match self.rule() {
            Some(Rule::ResponseKindMismatch) => self.respond(now, other(kind), self.requests, to),
            Some(Rule::CredentialsInMessage) => {
                let message = self.random.of(["jane.doe / pa55word", "Submitted", ""]);
                self.respond_with(now, kind, self.requests, message, to);
            }
            _ => return false,
        }
        true
    }

    /// What is wrong after a proper answer, or with its time.
    pub(in crate::commands::simulate) fn answer_again(
        &mut self,
        now: i64,
        kind: RequestKind,
        to: &mut Lines,
    ) -> bool {
        match self.rule() {
            Some(Rule::LateResponse) => {}
            Some(Rule::RepeatedResponse) => self.respond(now, kind, self.requests, to),
            // No job makes so many requests.
            Some(Rule::UnmatchedResponse) => self.respond(now, kind, u64::MAX, to),
            _ => return false,
        }
        true
    }

    /// Writes something in place of a heartbeat, if it is time.
    pub(in crate::commands::simulate) fn fault_at_beat(&mut self, now: i64, to: &mut Lines) -> Beat {
        let Some(fault) = &mut self.fault else { return Beat::Plain };
        let rule = fault.rule;
        let is_overdue = self.job.status().is_waiting() && now - self.since > WINDOW + GRACE;
        match rule {
            Rule::OverdueTimeout if is_overdue => self.tell_again(now, to),
            _ if !fault.is_due => return Beat::Plain,
            Rule::IllegalTransition => {
                let Some(detour) = fault.detour.take() else { return Beat::Plain };
                let here = self.job.status();
                self.job = self.job.adopt(detour);
                self.tell_again(now, to);
                self.has_fault(to);
                self.job = self.job.adopt(here);
                self.tell_again(now, to);
            }
            Rule::TooManyNetworkFailures => return self.fail_once_more(now, to),
            Rule::RequestOutOfTurn => {
                self.requests += 1;
                let kind = self.random.of([RequestKind::Tfa, RequestKind::Credential]);
                let (id, nth) = (self.id, self.requests);
                self.write(now, to, |line| write::request(line, id, kind, nth));
            }
            Rule::MalformedMessage | Rule::UnknownMessageType => self.write_foreign(rule, now, to),
            Rule::RecordTooLarge => self.write_deep(now, to),
            Rule::MalformedJson => {
                let report = self.altered(rule, now);
                self.tell(now, &report, to);
                to.break_off(self.random.next());
            }
            Rule::TimeWentBackwards => {
                let at = self.since - self.random.between(1, 50_000);
                let report = self.report(now);
                self.tell(at, &report, to);
            }
            _ if point(rule) == Some(Point::Beat) => {
                let report = self.altered(rule, now);
                self.tell(now, &report, to);
            }
            _ => return Beat::Plain,
        }
        Beat::Faulty
    }

    /// A heartbeat in which something is wrong.
    fn altered(&mut self, rule: Rule, now: i64) -> Report<'static> {
        let told = self.timeout;
        let mut report = Report { timeout: None, ..self.report(now) };
        self.timeout = told;
        let last = told.unwrap_or_default();
        match rule {
            Rule::UnknownStatus => report.status = "PENDING_SELFIE",
            Rule::UnknownTerminationType => report.termination_type = Some("BILLED"),
            Rule::EarlyTerminationType => {
                let any = self.random.index(write::termination_types().count());
                report.termination_type = write::termination_types().nth(any);
            }
            Rule::ProgressOutOfRange => report.percent = self.random.of([-5, 1_005, 10_000_000_000]),
            Rule::ProgressDecreased => report.percent = self.percent / 2,
            Rule::NegativeTimeout => report.timeout = Some(-1),
            Rule::TimeoutIncreased => {
                self.timeout = Some(last + 1);
                report.timeout = self.timeout;
            }
            Rule::MixedTimeoutUnits => report.timeout = Some(last / 200),
            _ => {}
        }
        report
    }

    /// Fails to connect, is back, fails again: once more than may be.
    fn fail_once_more(&mut self, now: i64, to: &mut Lines) -> Beat {
        self.beats_at = now + self.random.between(500, 3_000);
        self.leaves_at = self.leaves_at.max(self.beats_at + 500);
        let has_failed = self.fault.as_mut().is_some_and(|fault| {
            fault.has_failed = !fault.has_failed;
            fault.has_failed
        });
        if !has_failed {
            self.tell_again(now, to);
            return Beat::Prelude;
        }
        let failed = self.job.report_network_failure(&LIMITS);
        self.tell_failure(now, to);
        match failed {
            Ok(job) => {
                self.job = job;
                Beat::Prelude
            }
            Err(_) => Beat::Faulty,
        }
    }

    /// Writes a message that can't be read, or is of another kind.
    fn write_foreign(&mut self, rule: Rule, now: i64, to: &mut Lines) {
        let (before, after) = if rule == Rule::MalformedMessage {
            self.random.of([
                ("{\"type\":\"job_status\",\"job_id\":", ",\"message\":{\"percent_complete\":3}}"),
                ("{\"type\":\"tfa_request\",\"job_id\":", ",\"envelope_id\":5}"),
                ("{\"type\":\"credential_response\",\"job_id\":", ",\"message\":\"submitted\"}"),
                ("{\"id\":", ",\"status\":null}"),
            ])
        } else {
            self.random.of([
                ("{\"type\":\"security\",\"job_id\":", "}"),
                ("{\"type\":\"initial_account_link\",\"job_id\":", ",\"message\":\"https://example.com/\"}"),
                ("{\"type\":\"JOB_STATUS\",\"job_id\":", ",\"message\":{\"status\":\"AUTH\"}}"),
            ])
        };
        let id = self.id;
        self.write(now, to, |line| {
            write::text(line, before);
            write::id(line, id);
            write::text(line, after);
        });
    }

    /// Writes a record that is nested too deeply. One that is too long would be 16 MiB.
    fn write_deep(&mut self, now: i64, to: &mut Lines) {
        let id = self.id;
        self.write(now, to, |line| {
            write::text(line, "{\"type\":\"job_status\",\"job_id\":");
            write::id(line, id);
            write::text(line, ",\"message\":");
            (0..MAX_DEPTH).for_each(|_| write::text(line, "{\"details\":"));
            write::text(line, "0");
            (0..=MAX_DEPTH).for_each(|_| write::text(line, "}"));
        });
    }

    pub(in crate::commands::simulate) fn fault_after_end(&mut self, now: i64, to: &mut Lines) {
        let end = self.job.status();
        let others = Status::ALL.iter().copied().filter(|&status| status != end);
        match self.rule() {
            Some(Rule::RepeatedTermination) => self.tell_again(now, to),
            Some(Rule::ConflictingTermination) => {
                let other = self.one_of(others.filter(|status| status.is_terminal()).collect());
                let (id, other) = (self.id, other.unwrap_or(end));
                self.write(now, to, |line| write::notification(line, id, other));
            }
            _ => {
                let other = self.one_of(others.collect()).unwrap_or(end);
                let report = Report { percent: self.percent, ..Report::new(other) };
                self.tell(now, &report, to);
            }
        }
        self.has_fault(to);
    }
}

/// What the other request asks for.
const fn other(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::Tfa => RequestKind::Credential,
        RequestKind::Credential => RequestKind::Tfa,
    }
}
