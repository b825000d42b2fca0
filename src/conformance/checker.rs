//! Many jobs under watch: a whole log.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::finding::{Detail, Reporter};
use super::jobs::Jobs;
use super::log::Log;
use super::{Finding, Observation, Position, Rule, Settings, Severity, Totals};
use crate::Timestamp;
use crate::wire::JobId;

/// Checks a log: the record of one recorder, in the order in which it saw things, of any number of jobs.
///
/// See the [module](crate::conformance) for an example.
#[derive(Clone, Debug, Default)]
pub struct Checker {
    settings: Settings,
    log: Log<Jobs>,
    totals: Totals,
}

impl Checker {
    /// A checker that has seen nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
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
        self.totals.count_message(observation, self.settings.max_unknown_words);
        if let Some(termination_type) = self.log.observe(observation, at, &mut to) {
            *self.totals.terminations.entry(termination_type).or_default() += 1;
        }
        self.totals.count_findings(findings.get(first..).unwrap_or_default());
    }

    /// Takes notice of a message or a snapshot of a job that is not to be judged, where only some are: it is not counted,
    /// and nothing is found. Requests of all jobs must be known all the same, to judge those of one.
    ///
    /// ```
    /// use cardsavr_protocol::conformance::{Checker, Position, Rule, Settings};
    /// use cardsavr_protocol::wire::{Message, Content};
    ///
    /// let mut checker = Checker::new(Settings::default());
    /// let mut findings = Vec::new();
    /// let request = |job| format!(r#"{{"type":"tfa_request","job_id":{job},"envelope_id":"e7"}}"#);
    /// let (other, judged) = (request(101), request(102));
    /// let message = Content::Message(Message::from_json(&other)?);
    /// checker.pass_over(&(&message).into());
    /// let message = Content::Message(Message::from_json(&judged)?);
    /// checker.observe(&(&message).into(), Position::default(), None, &mut findings);
    /// assert_eq!(findings[0].rule, Rule::EnvelopeReused);
    /// assert_eq!(checker.finish(&mut findings).jobs, 1);
    /// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
    /// ```
    pub fn pass_over(&mut self, observation: &Observation<'_>) {
        let mut unused = Vec::new();
        let position = Position::default();
        let mut to = Reporter { settings: &self.settings, findings: &mut unused, position, job: None };
        self.log.pass_over(observation, &mut to);
    }

    /// The job that an observation is of: the one that it names or else, for a response, the one whose request its
    /// envelope came with.
    pub fn job_of<'o>(&'o self, observation: &Observation<'o>) -> Option<JobId> {
        let (job, envelope) = match *observation {
            Observation::Status(report) | Observation::Snapshot(report) => (Some(report.job), None),
            Observation::Request { job, .. } => (Some(job), None),
            Observation::Unknown { job, .. } => (job, None),
            Observation::Response { job, envelope, .. } => (job, Some(envelope)),
        };
        job.cloned().or_else(|| self.log.envelopes.job(envelope?))
    }

    /// Reports what whoever reads the log found in it where there was no message to observe: that a record is not
    /// JSON, too large, or no message. `job` is the job, where one could be read all the same.
    pub fn fault(
        &mut self,
        rule: Rule,
        message: String,
        position: Position,
        job: Option<JobId>,
        findings: &mut Vec<Finding>,
    ) {
        let first = findings.len();
        let mut to = Reporter { settings: &self.settings, findings, position, job: job.map(Cow::Owned) };
        to.report(rule, || Detail::new(message));
        self.totals.count_findings(findings.get(first..).unwrap_or_default());
    }

    /// How many findings of this severity there were until now.
    pub fn found(&self, severity: Severity) -> u64 {
        self.totals.of(severity)
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
        let Self { settings, log: Log { jobs, .. }, mut totals } = self;
        count_jobs(&jobs, &mut totals);
        let mut findings = Vec::new();
        for (job, watch) in jobs.into_in_progress() {
            let position = watch.position();
            let mut to = Reporter {
                settings: &settings,
                findings: &mut findings,
                position,
                job: Some(Cow::Borrowed(&job)),
            };
            watch.judge_unfinished(&job, &mut to);
            totals.count_findings(&findings);
            findings.drain(..).try_for_each(&mut visit)?;
        }
        Ok(totals)
    }

    /// Gives what was counted until now, where the log was not read to its end: what shows only there is not reported.
    pub fn stop(self) -> Totals {
        let Self { log: Log { jobs, .. }, mut totals, .. } = self;
        count_jobs(&jobs, &mut totals);
        totals
    }
}

fn count_jobs(jobs: &Jobs, totals: &mut Totals) {
    totals.jobs = jobs.count();
    totals.let_go = jobs.let_go();
    totals.unterminated = jobs.unterminated() as u64;
}
