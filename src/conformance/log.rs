//! What was seen of a log, by which the next observation is judged.

use alloc::borrow::Cow;
use alloc::format;

use super::envelopes::{Envelopes, Use};
use super::finding::{Detail, Reporter};
use super::watch::Watch;
use super::{Observation, Rule, Settings, StatusReport};
use crate::wire::{JobId, RequestKind};
use crate::{TerminationType, Timestamp};

/// The jobs and the envelopes of a log: many jobs, or one.
#[derive(Clone, Debug, Default)]
pub(super) struct Log<J> {
    pub(super) jobs: J,
    pub(super) envelopes: Envelopes,
    /// Whether a request was seen, so that requests can be missed.
    shows_requests: bool,
}

/// The jobs under watch, in a log of any number of them or of one.
pub(super) trait Watched {
    /// Hands the job's watch to `judge`.
    fn watch<R>(&mut self, job: &JobId, judge: impl FnOnce(&mut Watch) -> R) -> R;

    /// Lets go what came long enough before this; says whether anything may have been.
    fn age(&mut self, at: Option<Timestamp>, settings: &Settings) -> bool;
}

impl Watched for Watch {
    fn watch<R>(&mut self, _: &JobId, judge: impl FnOnce(&mut Watch) -> R) -> R {
        judge(self)
    }

    /// One job is kept as long as its monitor is.
    fn age(&mut self, _: Option<Timestamp>, _: &Settings) -> bool {
        false
    }
}

impl<J: Watched> Log<J> {
    /// Judges an observation, and puts what it finds into the order of the catalogue; gives the termination type that a
    /// job has ended with by it, if one has.
    pub(super) fn observe<'o>(
        &mut self,
        observation: &Observation<'o>,
        at: Option<Timestamp>,
        to: &mut Reporter<'o>,
    ) -> Option<TerminationType> {
        let first = to.findings.len();
        let ended = self.judge(observation, at, to);
        to.findings.get_mut(first..).unwrap_or_default().sort_by_key(|finding| finding.rule);
        ended
    }

    fn judge<'o>(
        &mut self,
        observation: &Observation<'o>,
        at: Option<Timestamp>,
        to: &mut Reporter<'o>,
    ) -> Option<TerminationType> {
        if self.jobs.age(at, to.settings) {
            self.envelopes.age();
        }
        match *observation {
            Observation::Status(report) => {
                let shows_requests = self.shows_requests;
                return self.judge_status(&report, to, |watch, to| {
                    watch.status_message(&report, at, shows_requests, to);
                });
            }
            Observation::Snapshot(report) => {
                return self.judge_status(&report, to, |watch, to| watch.snapshot(&report, at, to));
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
                to.job = job.map(Cow::Borrowed);
                to.report(Rule::UnknownMessageType, || {
                    Detail::new(format!("a message of the type {kind}, which is none of the five"))
                        .found(kind)
                });
                if let Some(envelope) = envelope {
                    self.judge_request(Use { envelope, kind: None, job }, at, to);
                }
            }
        }
        None
    }

    /// Remembers what an observation of a job that isn't judged says of its envelope: envelopes are the whole log's.
    pub(super) fn pass_over<'o>(&mut self, observation: &Observation<'o>, to: &mut Reporter<'o>) {
        match *observation {
            Observation::Request { kind, job, envelope } => {
                self.shows_requests = true;
                self.envelopes.request(Use { envelope, kind: Some(kind), job: Some(job) }, to);
            }
            Observation::Unknown { job, envelope: Some(envelope), .. } => {
                self.shows_requests = true;
                self.envelopes.request(Use { envelope, kind: None, job }, to);
            }
            Observation::Response { kind, job, envelope, .. } => {
                self.envelopes.response(Use { envelope, kind: Some(kind), job }, false, to);
            }
            Observation::Status(_)
            | Observation::Snapshot(_)
            | Observation::Unknown { envelope: None, .. } => {}
        }
    }

    fn judge_status<'o>(
        &mut self,
        report: &StatusReport<'o>,
        to: &mut Reporter<'o>,
        judge: impl FnOnce(&mut Watch, &mut Reporter<'o>),
    ) -> Option<TerminationType> {
        to.job = Some(Cow::Borrowed(report.job));
        self.jobs.watch(report.job, |watch| {
            let had_ended = watch.has_ended();
            judge(watch, to);
            if had_ended { None } else { watch.termination_type() }
        })
    }

    fn judge_request<'o>(&mut self, request: Use<'o>, at: Option<Timestamp>, to: &mut Reporter<'o>) {
        self.shows_requests = true;
        to.job = request.job.map(Cow::Borrowed);
        let standing = self.envelopes.request(request, to);
        if let Some(job) = request.job {
            self.jobs.watch(job, |watch| {
                watch.seen(at, to);
                watch.request(request.kind, standing, job, to);
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
        let job = response.job.map(Cow::Borrowed);
        let job = job.or_else(|| self.envelopes.job(response.envelope).map(Cow::Owned));
        to.job.clone_from(&job);
        // One that names no job may be of a job that was let go.
        let job_shows_requests = job.map_or(!self.envelopes.were_let_go(), |job| {
            self.jobs.watch(&job, |watch| {
                let shows_requests = watch.shows_requests();
                watch.seen(at, to);
                watch.answer(kind, at, &job, to);
                shows_requests
            })
        });
        self.envelopes.response(response, self.shows_requests && job_shows_requests, to);
    }
}
