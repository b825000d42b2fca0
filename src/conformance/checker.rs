//! Many jobs under watch: a whole log.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::envelopes::{Envelopes, Use};
use super::finding::{Detail, Reporter};
use super::jobs::Jobs;
use super::monitor::Monitor;
use super::{Finding, Observation, Position, Rule, Settings, StatusReport, Totals};
use crate::Timestamp;
use crate::message::{JobId, RequestKind};

/// Checks a log: the record of one recorder, in the order in which it saw things, of any number of jobs.
///
/// See the [module](crate::conformance) for an example.
#[derive(Clone, Debug, Default)]
pub struct Checker {
    settings: Settings,
    log: Log,
}

impl Checker {
    /// A checker that has seen nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, log: Log::default() }
    }

    /// Judges a message or a snapshot that stands at a place of the log, and adds what it finds to `findings`, in the
    /// order of the catalogue. `at` is the record's time, where it has one.
    pub fn observe(
        &mut self,
        observation: &Observation<'_>,
        position: Position,
        at: Option<Timestamp>,
        findings: &mut Vec<Finding>,
    ) {
        let first = findings.len();
        let mut to = Reporter { settings: &self.settings, findings, position, job: None };
        self.log.totals.count_message(observation, self.settings.max_unknown_words);
        self.log.observe(observation, at, &mut to);
        let found = findings.get_mut(first..).unwrap_or_default();
        found.sort_by_key(|finding| finding.rule);
        self.log.totals.count_findings(found);
    }

    /// Reports what whoever reads the log found in it where there was no message to observe: that a record is not
    /// JSON, too large, or no message. `job` is the job, where one could be read all the same.
    pub fn fault(
        &mut self,
        rule: Rule,
        message: String,
        position: Position,
        job: Option<JobId<'_>>,
        findings: &mut Vec<Finding>,
    ) {
        let first = findings.len();
        let mut to = Reporter { settings: &self.settings, findings, position, job };
        to.report(rule, || Detail::new(message));
        self.log.totals.count_findings(findings.get(first..).unwrap_or_default());
    }

    /// Reports what shows only at the end of the log, and gives what was counted.
    pub fn finish(self, findings: &mut Vec<Finding>) -> Totals {
        let keep = |finding| {
            findings.push(finding);
            Ok(())
        };
        self.finish_each(keep).unwrap_or_else(|never: Infallible| match never {})
    }

    /// As [`finish`](Self::finish), but hands over one finding after another: of a log with millions of jobs that
    /// don't end there is no need to keep them.
    ///
    /// # Errors
    ///
    /// The first error of `visit`, which is not called again then.
    pub fn finish_each<E>(self, mut visit: impl FnMut(Finding) -> Result<(), E>) -> Result<Totals, E> {
        let mut totals = self.log.totals;
        let in_progress = self.log.jobs.in_progress();
        totals.jobs = self.log.jobs.count();
        totals.unterminated = in_progress.len() as u64;
        let mut findings = Vec::new();
        for (job, monitor) in in_progress {
            let position = monitor.position();
            let mut to = Reporter {
                settings: &self.settings,
                findings: &mut findings,
                position,
                job: Some(job.clone()),
            };
            to.report(Rule::UnterminatedJob, || {
                Detail::new(match monitor.status() {
                    Some(status) => {
                        format!("the log ends and job {job} has not: its last status is {status}")
                    }
                    None => format!("the log ends and job {job} has not"),
                })
            });
            totals.count_findings(&findings);
            findings.drain(..).try_for_each(&mut visit)?;
        }
        Ok(totals)
    }

    /// Gives what was counted until now, where the log was not read to its end: what shows only there is not reported.
    pub fn stop(self) -> Totals {
        let Log { jobs, mut totals, .. } = self.log;
        totals.jobs = jobs.count();
        totals.unterminated = jobs.in_progress().len() as u64;
        totals
    }
}

/// What was seen of a log.
#[derive(Clone, Debug, Default)]
struct Log {
    jobs: Jobs,
    envelopes: Envelopes,
    /// Whether a request was seen, so that requests can be missed.
    shows_requests: bool,
    totals: Totals,
}

impl Log {
    fn observe<'o>(&mut self, observation: &Observation<'o>, at: Option<Timestamp>, to: &mut Reporter<'o>) {
        match *observation {
            Observation::Status(report) => {
                let shows_requests = self.shows_requests;
                self.judge_status(&report, to, |monitor, to| {
                    monitor.status_message(&report, at, shows_requests, to);
                });
            }
            Observation::Snapshot(report) => {
                self.judge_status(&report, to, |monitor, to| monitor.snapshot(&report, at, to));
            }
            Observation::Request { kind, job, envelope } => {
                self.judge_request(Use { envelope, kind: Some(kind), job: Some(job) }, at, to);
            }
            Observation::Response { kind, job, envelope, is_proper } => {
                self.judge_response(kind, Use { envelope, kind: Some(kind), job }, at, to);
                if !is_proper {
                    to.report(Rule::CredentialsInMessage, || {
                        let text = "this credential_response says something else than `submitted`: it may be the credentials";
                        Detail::new(text.into()).expected(["submitted"])
                    });
                }
            }
            Observation::Unknown { kind, job, envelope } => {
                to.job = job.cloned();
                to.report(Rule::UnknownMessageType, || {
                    Detail::new(format!("a message of the type {kind}, which is none of the five"))
                        .found(kind)
                });
                if let Some(envelope) = envelope {
                    self.judge_request(Use { envelope, kind: None, job }, at, to);
                }
            }
        }
    }

    fn judge_status<'o>(
        &mut self,
        report: &StatusReport<'o>,
        to: &mut Reporter<'o>,
        judge: impl FnOnce(&mut Monitor, &mut Reporter<'o>),
    ) {
        to.job = Some(report.job.clone());
        let termination_type = self.jobs.watch(report.job, |monitor| {
            let had_ended = monitor.has_ended();
            judge(monitor, to);
            if had_ended { None } else { monitor.termination_type() }
        });
        if let Some(termination_type) = termination_type {
            *self.totals.terminations.entry(termination_type).or_default() += 1;
        }
    }

    fn judge_request<'o>(&mut self, request: Use<'o>, at: Option<Timestamp>, to: &mut Reporter<'o>) {
        self.shows_requests = true;
        to.job = request.job.cloned();
        let standing = self.envelopes.request(request, to);
        if let Some(job) = request.job {
            self.jobs.watch(job, |monitor| {
                monitor.seen(at, to);
                monitor.request(request.kind, standing, job, to);
            });
        }
    }

    fn judge_response<'o>(
        &mut self,
        kind: RequestKind,
        response: Use<'o>,
        at: Option<Timestamp>,
        to: &mut Reporter<'o>,
    ) {
        let job = response.job.cloned().or_else(|| self.envelopes.job(response.envelope).cloned());
        to.job.clone_from(&job);
        let job_shows_requests = job.is_none_or(|job| {
            self.jobs.watch(&job, |monitor| {
                let shows_requests = monitor.shows_requests();
                monitor.seen(at, to);
                monitor.answer(kind, at, &job, to);
                shows_requests
            })
        });
        self.envelopes.response(response, self.shows_requests && job_shows_requests, to);
    }
}
