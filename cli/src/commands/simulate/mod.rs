//! `cardsavr simulate`: logs of lawful lives, and of lives with a known fault each.

mod faults;
mod life;
mod random;
mod write;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use cardsavr_protocol::conformance::{Rule, Selector};
use serde::Serialize;

use crate::commands::{Failure, Verdict, args, refused};

use self::faults::Fault;
use self::life::Life;
use self::random::Random;
use self::write::Lines;

pub use self::write::Start;

/// How much is written at once.
const CHUNK: usize = 256 << 10;

/// In how many milliseconds the jobs begin that are alive at first.
const RAMP: i64 = 60_000;

/// What a log is to be like. The same values make the same log, to the byte.
#[derive(Clone, Debug)]
pub struct Simulation {
    pub jobs: u64,
    pub seed: u64,
    /// How many jobs are alive at a time; when one ends, the next begins.
    pub alive: usize,
    /// The time of the first record; without it no record has one.
    pub start: Option<Start>,
    /// The rules against which there are faults, one a job, in turn.
    pub faults: Vec<Rule>,
    /// The share of jobs that have one.
    pub rate: f64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { jobs: 1000, seed: 1, alive: 2000, start: None, faults: Vec::new(), rate: 0.01 }
    }
}

/// A fault in a log: what a check must find, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seeded {
    pub rule: Rule,
    pub line: u64,
    pub job_id: u64,
}

/// Writes a log, and tells each fault once its line is written.
pub fn log(
    simulation: &Simulation,
    output: &mut impl Write,
    mut truth: impl FnMut(Seeded) -> io::Result<()>,
) -> io::Result<()> {
    let mut page = Lines::new(simulation.start);
    let mut delays = Random::new(simulation.seed, 0);
    let mut lives = Vec::new();
    let mut queue = BinaryHeap::new();
    let mut numbers = 1..=simulation.jobs;
    for number in numbers.by_ref().take(simulation.alive.max(1)) {
        let starts_at = if number == 1 { 0 } else { delays.between(0, RAMP) };
        queue.push(Reverse((starts_at, lives.len())));
        lives.push(simulation.life(number, starts_at));
    }
    while let Some(mut first) = queue.peek_mut() {
        let Reverse((now, slot)) = *first;
        let Some(life) = lives.get_mut(slot) else { break };
        let next_time = life.step(now, &mut page).or_else(|| {
            let starts_at = now + delays.between(0, 2_000);
            *life = simulation.life(numbers.next()?, starts_at);
            Some(starts_at)
        });
        match next_time {
            Some(time) => first.0.0 = time,
            None => _ = PeekMut::pop(first),
        }
        page.seeded.drain(..).try_for_each(&mut truth)?;
        if page.buffer.len() >= CHUNK {
            output.write_all(&page.buffer)?;
            page.buffer.clear();
        }
    }
    output.write_all(&page.buffer)?;
    output.flush()
}

impl Simulation {
    fn life(&self, number: u64, starts_at: i64) -> Life {
        let fault = self.rule(number).map(|rule| Box::new(Fault::new(rule)));
        Life::new(self.seed, number, starts_at, fault)
    }

    /// The rule that a job breaks: so many of the first jobs break one as the rate says, and at least one does.
    fn rule(&self, number: u64) -> Option<Rule> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is exact where it matters, and no more than the number of jobs"
        )]
        let faulty_of = |jobs: u64| (jobs as f64 * self.rate).ceil() as usize;
        let before = faulty_of(number - 1);
        let count = self.faults.len();
        if count == 0 || faulty_of(number) == before {
            None
        } else {
            self.faults.get(before % count).copied()
        }
    }
}

pub(crate) fn run(args: &args::Simulate) -> Result<Verdict, Failure> {
    let faults = rules(args).map_err(|rule| {
        refused(format_args!("a fault against {rule} is one of time: give the log times with --at"))
    })?;
    let simulation = Simulation {
        jobs: args.jobs,
        seed: args.seed,
        alive: usize::try_from(args.alive).unwrap_or(usize::MAX),
        start: args.at,
        faults,
        rate: args.rate,
    };
    let output = &mut io::stdout().lock();
    let Some(path) = &args.truth else {
        log(&simulation, output, |_| Ok(()))?;
        return Ok(Verdict::Clean);
    };
    let truth = File::create(path).map_err(|error| refused(format_args!("{}: {error}", path.display())))?;
    let mut truth = BufWriter::new(truth);
    let name = |error: io::Error| named(path, &error);
    let result = log(&simulation, output, |seeded| {
        let line = serde_json::to_string(&seeded)?;
        writeln!(truth, "{line}").map_err(name)
    });
    // What was told of a log that was read in part is true of that part.
    let flushed = truth.flush().map_err(name);
    result.and(flushed)?;
    Ok(Verdict::Clean)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

/// The rules that are to be broken, in the order of the catalogue; or one that can't be, since the log has no times.
fn rules(args: &args::Simulate) -> Result<Vec<Rule>, Rule> {
    let names = |rule: Rule| args.faults.contains(&Selector::Rule(rule));
    let is_possible = |rule: Rule| args.at.is_some() || !faults::needs_time(rule);
    if let Some(rule) = seedable().find(|&rule| names(rule) && !is_possible(rule)) {
        return Err(rule);
    }
    let has_all = args.faults.contains(&Selector::All);
    Ok(seedable().filter(|&rule| names(rule) || has_all && is_possible(rule)).collect())
}

/// The rules that a log can break.
pub fn seedable() -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied().filter(|&rule| faults::is_seedable(rule))
}
