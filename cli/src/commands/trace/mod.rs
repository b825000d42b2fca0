//! `cardsavr trace`: the histories of jobs as timelines.

mod ids;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use cardsavr_protocol::conformance::{Finding, Severity, Summary};
use cardsavr_protocol::wire::{EventRef, JobId};

use self::ids::NearestIds;
use super::args::{LogArgs, job_id};
use super::outcome::{Failure, Verdict};
use crate::pipeline::history::JobHistory;
use crate::pipeline::output::Output;
use crate::report::timeline;
use crate::text::{Plain, complain, count};

/// The maximum number of events, and of findings, that are printed.
const MAX_EVENTS: usize = 100_000;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr trace 1586 polls.json
  cardsavr trace 1586 1587 logs/
  cardsavr trace --failing logs/
  tail -n 100000 app.log | cardsavr trace --message-pointer /payload 1586

Each event has a line: its time, or its line number if the log has no times; the time since the previous event; and \
its findings.
  ● first status   → transition   ■ end   ⇢ skipped statuses   ✗ illegal
  ? request, or an unknown word   ! response   · heartbeats   ○ snapshot

Exit status: 0 the job was found, 2 it was not, or bad usage or input, 130 interrupted.")]
pub struct Args {
    /// The id of the job; further numbers that are no files are ids, too
    #[arg(value_name = "JOB", value_parser = job_id(), required_unless_present = "failing")]
    pub job: Option<JobId>,
    /// The jobs with an error instead of named ones; all arguments are logs
    #[arg(long)]
    pub failing: bool,
    /// With --failing: at most so many jobs
    #[arg(long, value_name = "NUMBER", default_value_t = 10, requires = "failing")]
    pub max_jobs: usize,
    #[command(flatten)]
    pub logs: LogArgs,
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    let is_missing = Rc::new(Cell::new(false));
    let mut logs = args.logs.clone();
    let mut jobs: Vec<JobId> = Vec::new();
    if args.failing {
        let first = args.job.iter().map(|job| PathBuf::from(job.to_string()));
        logs.logs.splice(0..0, first);
    } else {
        jobs.extend(args.job.clone());
        let is_job = |path: &PathBuf| {
            let is_number = path.to_str().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            is_number && path.symlink_metadata().is_err()
        };
        let others = logs.logs.iter().take_while(|path| is_job(path)).count();
        let others = logs.logs.drain(..others).filter_map(|path| Some(JobId::from(path.to_str()?)));
        jobs.extend(others.map(|job| job.number().map_or(job, JobId::Number)));
    }
    let output = TraceOutput {
        histories: jobs.iter().map(|job| (job.clone(), JobHistory::new(job.clone()))).collect(),
        others: jobs.first().map(NearestIds::to),
        jobs,
        max_failing: args.failing.then_some(args.max_jobs),
        is_missing: Rc::clone(&is_missing),
    };
    let verdict = logs.observe(&[], output)?;
    Ok(if verdict == Verdict::Clean && is_missing.get() { Verdict::Failed } else { verdict })
}

/// The maximum number of jobs whose events are kept until it is known whether they have an error.
const MAX_KEPT: usize = 10_000;

struct TraceOutput {
    /// The jobs in their order: those named, or those with an error.
    jobs: Vec<JobId>,
    histories: HashMap<JobId, JobHistory>,
    /// `None` if no job is named.
    others: Option<NearestIds>,
    /// How many jobs with errors are printed; `None` if jobs are named.
    max_failing: Option<usize>,
    /// Set at the end: whether no input has a job.
    is_missing: Rc<Cell<bool>>,
}

impl TraceOutput {
    fn complain(&self, job: &JobId) {
        let others = self.others.iter().flat_map(NearestIds::found).map(|id| format!("`{id}`"));
        let others: Vec<_> = others.collect();
        let hint = match others.as_slice() {
            _ if self.jobs.len() > 1 => String::new(),
            [] => "; the inputs have no jobs".to_owned(),
            _ => format!("; the most similar: {}", others.join(", ")),
        };
        complain(format_args!("no input has job {job}{hint}"));
    }
}

impl Output for TraceOutput {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        let Some(job) = event.job().map(JobId::from) else { return };
        if self.max_failing.is_some() && self.histories.len() < MAX_KEPT {
            self.histories.entry(job.clone()).or_insert_with(|| JobHistory::new(job.clone()));
        }
        match (self.histories.get_mut(&job), &mut self.others) {
            (Some(history), _) => history.observe(event, MAX_EVENTS),
            (None, Some(others)) => event.job_id().iter().for_each(|job| others.add(job)),
            (None, None) => {}
        }
    }

    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        let Some(job) = &finding.job_id else { return Ok(()) };
        if let Some(history) = self.histories.get_mut(job) {
            history.finding(finding, MAX_EVENTS);
            let is_failing = self.max_failing.is_some() && finding.severity == Severity::Error;
            if is_failing && !self.jobs.contains(job) {
                self.jobs.push(job.clone());
            }
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let name = |file: &str| if file == "-" { "standard input".into() } else { Plain(file).to_string() };
        let files: Vec<_> = summary.inputs.iter().map(|input| name(&input.file)).collect();
        let mut to = anstream::stdout().lock();
        let shown = self.max_failing.unwrap_or(self.jobs.len());
        for (index, job) in self.jobs.iter().take(shown).enumerate() {
            let history = self.histories.get(job);
            match history.filter(|history| !history.events.is_empty() || !history.findings.is_empty()) {
                None => {
                    self.is_missing.set(true);
                    self.complain(job);
                }
                Some(history) => {
                    if index > 0 {
                        writeln!(to)?;
                    }
                    timeline::print(history, &files, &mut to)?;
                }
            }
        }
        if self.max_failing.is_some() {
            let left_out = self.jobs.len().saturating_sub(shown);
            if self.jobs.is_empty() {
                writeln!(to, "no job has an error")?;
            } else if left_out > 0 {
                let more = count(left_out as u64, "further job");
                writeln!(to, "\n{more} with an error: --max-jobs prints more")?;
            }
        }
        to.flush()
    }
}
