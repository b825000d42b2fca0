//! `cardsavr trace`: the history of one job as a timeline.

mod ids;

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use cardsavr_protocol::conformance::{Finding, Summary};
use cardsavr_protocol::wire::{EventRef, JobId};

use self::ids::NearestIds;
use super::args::{LogArgs, job_id};
use super::outcome::{Failure, Verdict};
use crate::pipeline::history::JobHistory;
use crate::pipeline::output::Output;
use crate::report::timeline;
use crate::text::{Plain, complain};

/// The maximum number of events, and of findings, that are printed.
const MAX_EVENTS: usize = 100_000;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cardsavr trace 1586 polls.json
  cardsavr trace 1586 logs/
  tail -n 100000 app.log | cardsavr trace --message-pointer /payload 1586

Each event has a line: its time, or its line number if the log has no times; the time since the previous event; and \
its findings.
  ● first status   → transition   ■ end   ⇢ skipped statuses   ✗ illegal
  ? request, or an unknown word   ! response   · heartbeats   ○ snapshot

Exit status: 0 the job was found, 2 it was not, or bad usage or input, 130 interrupted.")]
pub struct Args {
    /// The id of the job
    #[arg(value_name = "JOB", value_parser = job_id())]
    pub job: JobId,
    #[command(flatten)]
    pub logs: LogArgs,
}

pub fn run(args: &Args) -> Result<Verdict, Failure> {
    let is_missing = Rc::new(Cell::new(false));
    let output = TraceOutput {
        history: JobHistory::new(args.job.clone()),
        others: NearestIds::to(&args.job),
        is_missing: Rc::clone(&is_missing),
    };
    let verdict = args.logs.observe(&[], output)?;
    Ok(if verdict == Verdict::Clean && is_missing.get() { Verdict::Failed } else { verdict })
}

struct TraceOutput {
    history: JobHistory,
    others: NearestIds,
    /// Set at the end: whether no input has the job.
    is_missing: Rc<Cell<bool>>,
}

impl TraceOutput {
    fn complain(&self) {
        let others: Vec<_> = self.others.found().map(|id| format!("`{id}`")).collect();
        let hint = if others.is_empty() {
            "the inputs have no jobs".to_owned()
        } else {
            format!("the most similar: {}", others.join(", "))
        };
        complain(format_args!("no input has job {}; {hint}", self.history.job));
    }
}

impl Output for TraceOutput {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        match event.job() {
            Some(job) if job == self.history.job.key() => self.history.observe(event, MAX_EVENTS),
            Some(_) => event.job_id().iter().for_each(|job| self.others.add(job)),
            None => {}
        }
    }

    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        if finding.job_id.as_ref() == Some(&self.history.job) {
            self.history.finding(finding, MAX_EVENTS);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.history.events.is_empty() && self.history.findings.is_empty() {
            self.is_missing.set(true);
            self.complain();
            return Ok(());
        }
        let name = |file: &str| if file == "-" { "standard input".into() } else { Plain(file).to_string() };
        let files: Vec<_> = summary.inputs.iter().map(|input| name(&input.file)).collect();
        timeline::print(&self.history, &files, &mut anstream::stdout().lock())
    }
}
