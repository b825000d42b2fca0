//! The data of the page, as its script reads it.

use std::collections::BTreeMap;

use cardsavr_protocol::conformance::{Finding, ReportInput, Rule, Severity, Summary};
use cardsavr_protocol::export::diagram;
use cardsavr_protocol::track::StepKind;
use cardsavr_protocol::{Edition, Phase, Status, TerminationType};
use serde::Serialize;

use super::job::{JobData, name, plain};
use crate::pipeline::history::{Detail, Figures, JobHistory, Word};
use crate::report::stats::row::{self, Row};

/// The number of findings listed of each rule.
const MAX_OF_A_RULE: usize = 200;

/// The number of jobs included for each illegal or skipped step and each rule, before all others.
const MAX_OF_A_KIND: usize = 10;

/// The number of events in the page, which then has about 4 MB.
const MAX_EVENTS: usize = 30_000;

/// The findings that the page lists.
#[derive(Default)]
pub struct Findings {
    listed: Vec<ListedFinding>,
    /// The number of findings of each rule.
    found: BTreeMap<Rule, usize>,
    severities: BTreeMap<Rule, Severity>,
}

#[derive(Serialize)]
struct ListedFinding {
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
        let before = self.found.entry(finding.rule).or_default();
        *before += 1;
        self.severities.insert(finding.rule, finding.severity);
        if *before <= MAX_OF_A_RULE {
            self.listed.push(ListedFinding {
                rule: finding.rule,
                severity: finding.severity,
                message: plain(&finding.message()),
                file: plain(file),
                line: finding.position.line,
                job: finding.job_id.as_ref().map(name),
            });
        }
    }
}

#[derive(Serialize)]
pub struct PageData<'d> {
    inputs: Vec<ReportInput>,
    records: u64,
    messages: u64,
    jobs: u64,
    unterminated: u64,
    severities: &'d BTreeMap<Severity, u64>,
    rules: BTreeMap<Rule, RuleData>,
    /// The number of findings, listed or not.
    found: u64,
    statuses: Vec<StatusData>,
    types: &'static [TerminationType],
    /// The legal transitions.
    transitions: Vec<(Status, Status)>,
    /// How often each status was entered.
    entered: BTreeMap<Status, u64>,
    rows: Vec<Row>,
    findings: &'d [ListedFinding],
    histories: Vec<JobData<'d>>,
}

/// A rule that was broken.
#[derive(Serialize)]
struct RuleData {
    severity: Severity,
    count: u64,
    description: String,
    why: String,
    help: String,
    example: &'static str,
}

#[derive(Serialize)]
struct StatusData {
    status: Status,
    phase: Phase,
    description: &'static str,
    termination_type: Option<TerminationType>,
    /// Whether a job in this status waits for its client.
    awaits: bool,
}

impl<'d> PageData<'d> {
    pub fn new(
        summary: &'d Summary,
        figures: &Figures,
        findings: &'d Findings,
        histories: &'d [JobHistory],
    ) -> Self {
        let totals = &summary.totals;
        let inputs = summary.inputs.iter();
        Self {
            inputs: inputs.map(|input| ReportInput { file: plain(&input.file), ..input.clone() }).collect(),
            records: summary.records,
            messages: totals.messages,
            jobs: totals.jobs,
            unterminated: totals.unterminated,
            severities: &totals.severities,
            rules: totals
                .rules
                .iter()
                .map(|(&rule, &count)| (rule, RuleData::new(rule, count, findings)))
                .collect(),
            found: totals.rules.values().sum(),
            statuses: diagram::in_order(totals.edition)
                .into_iter()
                .map(|status| StatusData::new(totals.edition, status))
                .collect(),
            types: TerminationType::ALL,
            transitions: totals.edition.transitions().map(|step| (step.from, step.to)).collect(),
            entered: entered(figures),
            rows: row::all(figures),
            findings: &findings.listed,
            histories: chosen(histories).into_iter().map(JobData::new).collect(),
        }
    }
}

impl RuleData {
    fn new(rule: Rule, count: u64, findings: &Findings) -> Self {
        let severity = findings.severities.get(&rule).copied().unwrap_or_else(|| rule.severity());
        let [description, why, help] =
            [rule.description(), rule.why(), rule.help()].map(|text| text.replace('`', ""));
        Self { severity, count, description, why, help, example: rule.example() }
    }
}

impl StatusData {
    fn new(edition: Edition, status: Status) -> Self {
        Self {
            status,
            phase: status.phase(),
            description: status.description(),
            termination_type: edition.termination_type(status),
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

/// The jobs in the page: some for each illegal or skipped step and each rule, then the others in order, up to the number of
/// events.
fn chosen(histories: &[JobHistory]) -> Vec<&JobHistory> {
    let mut counts: BTreeMap<ExampleOf, usize> = BTreeMap::new();
    let (first, then): (Vec<_>, Vec<_>) = histories.iter().partition(|history| {
        let mut is_needed = false;
        for example in examples(history) {
            let count = counts.entry(example).or_default();
            *count += 1;
            is_needed |= *count <= MAX_OF_A_KIND;
        }
        is_needed
    });
    let mut room = MAX_EVENTS;
    let has_room = |history: &&JobHistory| {
        let size = history.events.len() + history.findings.len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    first.into_iter().chain(then).filter(has_room).collect()
}

/// What a job is an example of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum ExampleOf {
    Step(Status, Status),
    Rule(Rule),
}

fn examples(history: &JobHistory) -> impl Iterator<Item = ExampleOf> {
    let steps = history.events.iter().filter_map(|event| match &event.detail {
        Detail::Status {
            status: Word::Status(to),
            from: Some(from),
            step: StepKind::Illegal | StepKind::Skipped,
            ..
        } => Some(ExampleOf::Step(*from, *to)),
        _ => None,
    });
    steps.chain(history.findings.iter().map(|(_, finding)| ExampleOf::Rule(finding.rule)))
}
