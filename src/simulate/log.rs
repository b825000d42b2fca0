//! Logs of interleaved jobs.

use alloc::boxed::Box;
use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec::{self, Vec};
use core::cmp::Reverse;
use core::ops::RangeInclusive;

use super::choose::{Bytes, Choose, Random};
use super::fault;
use super::record::{Content, Record};
use super::vary::{Variety, vary};
use super::walk::{Style, Walk, walked};
use crate::conformance::Rule;
use crate::{Edition, Limits, Status};

/// The jobs that are in progress first start within this many milliseconds.
const RAMP: i64 = 60_000;

/// The description of a log.
#[derive(Clone, Debug)]
pub struct Simulation {
    seed: u64,
    jobs: u64,
    alive: usize,
    edition: Edition,
    limits: Limits,
    faults: Vec<Rule>,
    rate: f64,
    variety: Option<Variety>,
}

impl Simulation {
    /// A valid log of 1,000 jobs, 2,000 at a time, with the limits of the specification.
    pub fn new(seed: u64) -> Self {
        let (edition, limits, faults) = (Edition::default(), Limits::default(), Vec::new());
        Self { seed, jobs: 1000, alive: 2000, edition, limits, faults, rate: 0.0, variety: None }
    }

    /// How many jobs there are, with the numbers 1 to `jobs`.
    #[must_use]
    pub fn jobs(self, jobs: u64) -> Self {
        Self { jobs, ..self }
    }

    /// How many jobs are in progress at a time; when one ends, the next starts.
    #[must_use]
    pub fn alive(self, alive: usize) -> Self {
        Self { alive: alive.max(1), ..self }
    }

    /// The edition of the life cycle, with its limits.
    #[must_use]
    pub fn edition(self, edition: Edition) -> Self {
        Self { edition, limits: Limits::of(edition), ..self }
    }

    /// The limits that the jobs satisfy. Durations of more than an hour count as an hour.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The rules that jobs break, in turn, and the fraction of jobs that break one, from 0 to 1. With a rate above 0, at
    /// least one job does. A job has no fault if the [limits](Self::limits) leave no place for it.
    #[must_use]
    pub fn faults(self, rules: impl IntoIterator<Item = Rule>, rate: f64) -> Self {
        Self { faults: rules.into_iter().collect(), rate, ..self }
    }

    /// Whether the jobs without a fault vary in everything that is valid in a log, however rare.
    #[must_use]
    pub fn variety(self, variety: Variety) -> Self {
        Self { variety: Some(variety), ..self }
    }

    /// The log made from the seed. What a job does depends on the seed and its number alone.
    pub fn log(&self) -> Log<'_, Random> {
        let seed = self.seed;
        Log::new(self, move |stream| Random::new(seed, stream))
    }

    /// The log made from bytes: a part of them for each job and one for the order.
    pub fn log_from<'s>(&'s self, bytes: &'s [u8]) -> Log<'s, Bytes<'s>> {
        let part = bytes.len() / usize::try_from(self.jobs + 1).unwrap_or(usize::MAX);
        Log::new(self, move |stream| {
            let start = part.saturating_mul(usize::try_from(stream).unwrap_or(usize::MAX));
            Bytes::new(bytes.get(start..start.saturating_add(part)).unwrap_or_default())
        })
    }

    /// The rule that a job breaks. Of the first `n` jobs, `n * rate` break one, rounded up.
    fn rule(&self, number: u64) -> Option<Rule> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "exact for any number of jobs that can be simulated; a negative rate gives 0"
        )]
        let faulty_of = |jobs: u64| {
            let (product, whole) = (jobs as f64 * self.rate, (jobs as f64 * self.rate) as usize);
            whole + usize::from(product > whole as f64)
        };
        let before = faulty_of(number - 1);
        let count = self.faults.len();
        if count == 0 || faulty_of(number) == before {
            None
        } else {
            self.faults.get(before % count).copied()
        }
    }
}

/// A fault in a log, as a check must report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The rule that is broken.
    pub rule: Rule,
    /// The index of the record where it is reported.
    pub record: usize,
    /// The number of the job.
    pub job: u64,
}

/// A part of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The next record.
    Record(Record),
    /// A fault in a record that came before.
    Fault(Fault),
}

/// All of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The records in their order.
    pub records: Vec<Record>,
    /// The faults, in the order of their records.
    pub faults: Vec<Fault>,
}

impl History {
    /// The statuses that the messages of a job report, heartbeats and failures to connect left out.
    pub fn statuses(&self, number: u64) -> Vec<Status> {
        let records = self.records.iter().filter(|record| record.job.number == number);
        let mut statuses: Vec<_> = records
            .filter_map(|record| match record.content {
                Content::Status(report) if !report.is_network_failure() => report.known(),
                _ => None,
            })
            .collect();
        statuses.dedup();
        statuses
    }
}

impl FromIterator<Item> for History {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut history = Self::default();
        for item in items {
            match item {
                Item::Record(record) => history.records.push(record),
                Item::Fault(fault) => history.faults.push(fault),
            }
        }
        history.faults.sort_by_key(|fault| fault.record);
        history
    }
}

/// A job of which records are still to come.
enum Running<C> {
    Walking(Walk<C>),
    /// All records are made. One may have a fault, so many records from here.
    Made(vec::IntoIter<Record>, Option<(Rule, usize)>),
}

/// A log that is made while it is read: it holds the jobs in progress alone.
pub struct Log<'s, C> {
    simulation: &'s Simulation,
    style: Style,
    source: Box<dyn FnMut(u64) -> C + 's>,
    delays: C,
    running: Vec<Running<C>>,
    /// When the next record of each job comes, by its index in `running`.
    queue: BinaryHeap<Reverse<(i64, usize)>>,
    numbers: RangeInclusive<u64>,
    /// How many records were made.
    count: usize,
    ready: VecDeque<Item>,
}

impl<'s, C: Choose> Log<'s, C> {
    fn new(simulation: &'s Simulation, mut source: impl FnMut(u64) -> C + 's) -> Self {
        let mut log = Self {
            simulation,
            style: Style {
                edition: simulation.edition,
                limits: simulation.limits.clone(),
                is_even: simulation.variety.is_some(),
                is_plain: false,
                route: Vec::new(),
            },
            delays: source(0),
            source: Box::new(source),
            running: Vec::new(),
            queue: BinaryHeap::new(),
            numbers: 1..=simulation.jobs,
            count: 0,
            ready: VecDeque::new(),
        };
        for slot in 0..simulation.alive {
            let starts_at = if slot == 0 { 0 } else { log.delays.between(0, RAMP) };
            let Some(running) = log.start(starts_at) else { break };
            log.queue.push(Reverse((starts_at, slot)));
            log.running.push(running);
        }
        log
    }

    /// Starts the next job.
    fn start(&mut self, starts_at: i64) -> Option<Running<C>> {
        let number = self.numbers.next()?;
        let mut choices = (self.source)(number);
        if let Some(rule) = self.simulation.rule(number) {
            let (records, fault) = fault::history(rule, number, starts_at, &self.style, &mut choices);
            return Some(Running::Made(records.into_iter(), fault.map(|at| (rule, at))));
        }
        let Some(variety) = self.simulation.variety else {
            return Some(Running::Walking(Walk::new(number, starts_at, &self.style, choices)));
        };
        let records = walked(number, starts_at, &self.style, &mut choices);
        let records = vary(records, &self.style.limits, variety, &mut choices);
        Some(Running::Made(records.into_iter(), None))
    }

    /// Makes the next records; `None` if there are no more.
    fn advance(&mut self) -> Option<()> {
        let Reverse((now, slot)) = self.queue.pop()?;
        let running = self.running.get_mut(slot)?;
        let mut made = Vec::new();
        let next_time = match running {
            Running::Walking(walk) => walk.step(now, &self.style, &mut made),
            Running::Made(records, _) => {
                made.extend(records.next());
                records.as_slice().first().map(|next| next.at.unwrap_or(now).max(now))
            }
        };
        for record in made {
            let job = record.job.number;
            self.ready.push_back(Item::Record(record));
            if let Running::Made(_, fault) = running {
                *fault = fault.and_then(|(rule, ahead)| {
                    if ahead == 0 {
                        self.ready.push_back(Item::Fault(Fault { rule, record: self.count, job }));
                    }
                    Some((rule, ahead.checked_sub(1)?))
                });
            }
            self.count += 1;
        }
        let next_time = next_time.or_else(|| {
            let starts_at = now + self.delays.between(0, 2_000);
            let next = self.start(starts_at)?;
            if let Some(running) = self.running.get_mut(slot) {
                *running = next;
            }
            Some(starts_at)
        });
        if let Some(time) = next_time {
            // A few records of a job in a row are as likely as a change of job.
            let key = if self.simulation.variety.is_some() { now + self.delays.between(0, 3) } else { time };
            self.queue.push(Reverse((key, slot)));
        }
        Some(())
    }
}

impl<C: Choose> Iterator for Log<'_, C> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.ready.is_empty() {
            self.advance()?;
        }
        self.ready.pop_front()
    }
}
