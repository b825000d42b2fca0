//! `cardsavr trace`: one job's life as a timeline.

mod ids;

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use cardsavr_protocol::conformance::{Finding, Summary};

use self::ids::Nearest;
use crate::commands::{Failure, Verdict, args, check, refused};
use crate::input::files::{self, Input};
use crate::input::progress::Progress;
use crate::pipeline::baseline::Filter;
use crate::pipeline::history::Life;
use crate::pipeline::output::{Observed, Output};
use crate::report::timeline;
use crate::text::{Plain, complain};

/// How many events and findings are printed at the most.
const MAX_EVENTS: usize = 100_000;

pub fn run(args: &args::Trace) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let is_missing = Rc::new(Cell::new(false));
    let output = Trace {
        life: Life::new(args.job.clone()),
        others: Nearest::to(&args.job),
        is_missing: Rc::clone(&is_missing),
    };
    let output = Filter::new(Box::new(output), None);
    let inputs = files::find(&args.logs);
    let reading = args.reading.reading(&config);
    let order = args.order.order().map_err(refused)?;
    let progress = Progress::through(inputs.iter().flatten().map(Input::size));
    let verdict = check::judge(inputs, &reading, &order, config.settings(), &[], output, &progress)?;
    // Whether the log conforms is for `check` to say.
    Ok(match verdict {
        Verdict::Clean | Verdict::Faulty if is_missing.get() => Verdict::Failed,
        Verdict::Faulty => Verdict::Clean,
        verdict => verdict,
    })
}

struct Trace {
    life: Life,
    others: Nearest,
    /// Said at the end: whether the job was in no input.
    is_missing: Rc<Cell<bool>>,
}

impl Trace {
    fn complain(&self) {
        let others: Vec<_> = self.others.found().map(|id| format!("`{id}`")).collect();
        let hint = if others.is_empty() {
            "no other job is there either".to_owned()
        } else {
            format!("the most like it: {}", others.join(", "))
        };
        complain(format_args!("job {} is in no input; {hint}", self.life.job));
    }
}

impl Output for Trace {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, seen: &Observed<'_>) {
        match seen.job {
            Some(job) if *job == self.life.job => self.life.observe(seen, MAX_EVENTS),
            Some(job) => self.others.add(job),
            None => {}
        }
    }

    fn finding(&mut self, finding: &Finding, _: &str, _: Option<&str>) -> io::Result<()> {
        if finding.job_id.as_ref() == Some(&self.life.job) {
            self.life.finding(finding, MAX_EVENTS);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.life.events.is_empty() && self.life.findings.is_empty() {
            self.is_missing.set(true);
            self.complain();
            return Ok(());
        }
        let name = |file: &str| if file == "-" { "standard input".into() } else { Plain(file).to_string() };
        let files: Vec<_> = summary.inputs.iter().map(|input| name(&input.file)).collect();
        timeline::print(&self.life, &files, &mut anstream::stdout().lock())
    }
}
