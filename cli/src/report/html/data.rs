//! What the page is about, as its script reads it.

use std::collections::BTreeMap;

use cardsavr_protocol::conformance::{Finding, ReportInput, Rule, Severity, Summary};
use cardsavr_protocol::wire::JobId;
use cardsavr_protocol::{Status, TerminationType};
use serde::Serialize;

use super::life::Told;
use crate::pipeline::history::{Figures, Life, Step, What, Word};
use crate::report::stats::row::{self, Row};
use crate::text::Plain;

/// How many findings of a rule are listed.
const MAX_OF_A_RULE: usize = 200;

/// How many jobs are there for each illegal step and each rule before all others.
const MAX_OF_A_KIND: usize = 10;

/// How many events the lives in the page have together; a page of them has some 4 MB.
const MAX_EVENTS: usize = 30_000;

/// The findings that the page lists.
#[derive(Default)]
pub struct Findings {
    listed: Vec<Listed>,
    of: BTreeMap<Rule, usize>,
}

#[derive(Serialize)]
struct Listed {
    rule: Rule,
    severity: Severity,
    message: String,
    file: String,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
}

impl Findings {
    pub fn add(&mut self, finding: &Finding, file: &str) {
        let before = self.of.entry(finding.rule).or_default();
        *before += 1;
        if *before <= MAX_OF_A_RULE {
            self.listed.push(Listed {
                rule: finding.rule,
                severity: finding.severity,
                message: plain(&finding.message),
                file: plain(file),
                line: finding.position.line,
                job: finding.job_id.as_ref().map(name),
            });
        }
    }
}

/// A text of the log with all its characters showing.
pub fn plain(text: &str) -> String {
    Plain(text).to_string()
}

/// The name of a job in the page.
pub fn name(id: &JobId) -> String {
    plain(&id.to_string())
}

#[derive(Serialize)]
pub struct Data<'d> {
    inputs: Vec<ReportInput>,
    records: u64,
    messages: u64,
    jobs: u64,
    unterminated: u64,
    severities: &'d BTreeMap<Severity, u64>,
    rules: &'d BTreeMap<Rule, u64>,
    /// How many findings there are, listed or not.
    found: u64,
    statuses: Vec<Described>,
    /// How often each status was entered.
    entered: BTreeMap<Status, u64>,
    rows: Vec<Row>,
    findings: &'d [Listed],
    lives: Vec<Told<'d>>,
}

#[derive(Serialize)]
struct Described {
    status: Status,
    description: &'static str,
    termination_type: Option<TerminationType>,
    /// Whether a job waits for its client in it.
    awaits: bool,
}

impl<'d> Data<'d> {
    pub fn new(summary: &'d Summary, figures: &Figures, findings: &'d Findings, lives: &'d [Life]) -> Self {
        let totals = &summary.totals;
        let inputs = summary.inputs.iter();
        Self {
            inputs: inputs.map(|input| ReportInput { file: plain(&input.file), ..input.clone() }).collect(),
            records: summary.records,
            messages: totals.messages,
            jobs: totals.jobs,
            unterminated: totals.unterminated,
            severities: &totals.severities,
            rules: &totals.rules,
            found: totals.rules.values().sum(),
            statuses: Status::ALL.iter().map(|&status| Described::new(status)).collect(),
            entered: entered(figures),
            rows: row::all(figures),
            findings: &findings.listed,
            lives: chosen(lives).into_iter().map(Told::new).collect(),
        }
    }
}

impl Described {
    fn new(status: Status) -> Self {
        Self {
            status,
            description: status.description(),
            termination_type: status.termination_type(),
            awaits: status.is_waiting(),
        }
    }
}

fn entered(figures: &Figures) -> BTreeMap<Status, u64> {
    let mut entered = figures.firsts.clone();
    for ((_, to), steps) in &figures.transitions {
        *entered.entry(*to).or_default() += steps.count;
    }
    entered
}

/// The lives that are in the page, of those that are kept: some of each illegal step and of each rule, then the others in
/// their order, as long as there is room.
fn chosen(lives: &[Life]) -> Vec<&Life> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let (first, then): (Vec<_>, Vec<_>) = lives.iter().partition(|life| {
        let mut is_needed = false;
        for kind in kinds(life) {
            let count = counts.entry(kind).or_default();
            *count += 1;
            is_needed |= *count <= MAX_OF_A_KIND;
        }
        is_needed
    });
    let mut room = MAX_EVENTS;
    let has_room = |life: &&Life| {
        let size = life.events.len() + life.findings.len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    first.into_iter().chain(then).filter(has_room).collect()
}

/// What a life is an example of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Step(Status, Status),
    Rule(Rule),
}

fn kinds(life: &Life) -> impl Iterator<Item = Kind> {
    let steps = life.events.iter().filter_map(|event| match &event.what {
        What::Status {
            status: Word::Status(to),
            from: Some(from),
            step: Step::Illegal | Step::Skipped,
            ..
        } => Some(Kind::Step(*from, *to)),
        _ => None,
    });
    steps.chain(life.findings.iter().map(|(_, finding)| Kind::Rule(finding.rule)))
}
