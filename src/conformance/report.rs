//! The report of a check: everything that is counted.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use strum::VariantArray;

use super::{Finding, Judged, Rule, Settings, Severity, Shard};
use crate::wire::{EventKind, EventRef};
use crate::{Edition, Status, TerminationType};

/// What a checker counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Totals {
    /// Messages and snapshots that could be read.
    pub messages: u64,
    /// Jobs of which a status, a request or a response that names them was read.
    pub jobs: u64,
    /// How many jobs ended with each of the five termination types.
    #[cfg_attr(
        feature = "schemars",
        schemars(schema_with = "crate::spec::schema::counts::<TerminationType>")
    )]
    pub terminations: BTreeMap<TerminationType, u64>,
    /// How many jobs have not ended.
    pub unterminated: u64,
    /// The number of ended jobs that were evicted to bound the memory of a check. A job with later messages counts as
    /// another job.
    #[serde(skip_serializing_if = "is_zero")]
    pub let_go: u64,
    /// The edition that the log was judged by. Absent if it is the first one.
    #[serde(skip_serializing_if = "Edition::is_first")]
    pub edition: Edition,
    /// How many findings there are of each severity.
    #[cfg_attr(feature = "schemars", schemars(schema_with = "crate::spec::schema::counts::<Severity>"))]
    pub severities: BTreeMap<Severity, u64>,
    /// How many findings there are of each rule that found any.
    #[cfg_attr(feature = "schemars", schemars(with = "BTreeMap<String, u64>"))]
    pub rules: BTreeMap<Rule, u64>,
    /// What was not known, and how often it occurred.
    pub unknown: Unknown,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            messages: 0,
            jobs: 0,
            terminations: TerminationType::ALL.iter().map(|&ends| (ends, 0)).collect(),
            unterminated: 0,
            let_go: 0,
            edition: Edition::default(),
            severities: Severity::VARIANTS.iter().map(|&severity| (severity, 0)).collect(),
            rules: BTreeMap::new(),
            unknown: Unknown::default(),
        }
    }
}

impl Totals {
    /// Counts a judged event.
    pub fn count(&mut self, judged: &Judged<'_>) {
        if judged.event.kind == EventKind::Malformed {
            return;
        }
        self.messages += 1;
        if let Some(ended) = judged.ended {
            *self.terminations.entry(ended).or_default() += 1;
        }
    }

    /// Adds what was counted of other events, except for jobs and unknown words.
    pub(super) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        add(&mut self.terminations, &other.terminations);
        add(&mut self.severities, &other.severities);
        add(&mut self.rules, &other.rules);
    }

    /// Counts the jobs of all shards of a log.
    pub fn count_jobs(&mut self, shards: &[Shard]) {
        for shard in shards {
            let (jobs, evicted) = shard.counts();
            self.jobs += jobs;
            self.let_go += evicted;
        }
        self.unterminated = shards.iter().map(|shard| shard.unterminated(self.let_go)).sum();
    }

    /// Counts findings by severity and rule.
    pub fn count_findings(&mut self, findings: &[Finding]) {
        for finding in findings {
            *self.severities.entry(finding.severity).or_default() += 1;
            *self.rules.entry(finding.rule).or_default() += 1;
        }
    }

    /// How many findings of this severity there are.
    pub fn of(&self, severity: Severity) -> u64 {
        self.severities.get(&severity).copied().unwrap_or_default()
    }
}

/// The words that this version doesn't know, and how often each occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "UnknownWords"))]
#[non_exhaustive]
pub struct Unknown {
    /// Statuses.
    pub statuses: BTreeMap<String, u64>,
    /// Termination types.
    pub termination_types: BTreeMap<String, u64>,
    /// Kinds of message.
    pub message_types: BTreeMap<String, u64>,
    /// What was left out of these: a log may have any number of words, and of any length.
    #[serde(skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
}

impl Unknown {
    /// The first edition that has one of the unknown statuses: perhaps the one that the log is of.
    pub fn edition(&self) -> Option<Edition> {
        let known = self.statuses.keys().filter_map(|word| word.parse::<Status>().ok());
        known.flat_map(Edition::knowing).next()
    }

    /// Counts what is unknown in an event, as far as `max_words` distinct words of a kind. Called in the order of the log: the
    /// first words are listed.
    pub fn count(&mut self, event: &EventRef<'_>, max_words: usize) {
        let Self { statuses, termination_types, message_types, left_out } = self;
        let status = event.status_text().filter(|_| event.status.is_none());
        let termination_type = event.termination_text().filter(|_| event.termination_type.known().is_none());
        for (word, words, left_out) in [
            (status, statuses, &mut left_out.statuses),
            (termination_type, termination_types, &mut left_out.termination_types),
            (event.type_text(), message_types, &mut left_out.message_types),
        ] {
            if let Some(word) = word {
                count_unknown(word, max_words, words, left_out);
            }
        }
    }
}

/// How often words occurred that are not listed by themselves, since too many others came before or they are too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LeftOut {
    /// Statuses.
    #[serde(skip_serializing_if = "is_zero")]
    pub statuses: u64,
    /// Termination types.
    #[serde(skip_serializing_if = "is_zero")]
    pub termination_types: u64,
    /// Kinds of message.
    #[serde(skip_serializing_if = "is_zero")]
    pub message_types: u64,
}

impl LeftOut {
    /// Whether nothing was left out.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn add<K: Copy + Ord>(counts: &mut BTreeMap<K, u64>, others: &BTreeMap<K, u64>) {
    for (&key, count) in others {
        *counts.entry(key).or_default() += count;
    }
}

fn count_unknown(text: &str, max_words: usize, words: &mut BTreeMap<String, u64>, left_out: &mut u64) {
    let has_room = words.len() < max_words && text.len() <= Settings::MAX_WORD_BYTES;
    match words.get_mut(text) {
        Some(count) => *count += 1,
        None if has_room => _ = words.insert(text.to_string(), 1),
        None => *left_out += 1,
    }
}

/// The report without its findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Summary {
    /// The version of the report's form: 1.
    pub version: u32,
    /// What was read.
    pub inputs: Vec<ReportInput>,
    /// Top-level JSON values that were read, bad ones included.
    pub records: u64,
    /// The number of messages skipped as duplicates of those in another input. Absent without deduplication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<u64>,
    /// What was known before and is hidden, under a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<ReportBaseline>,
    /// What the checker counted.
    #[serde(flatten)]
    pub totals: Totals,
}

impl Summary {
    /// The summary of a check that read so much and counted so much.
    pub fn new(inputs: Vec<ReportInput>, totals: Totals) -> Self {
        let records = inputs.iter().map(|input| input.records).sum();
        Self { version: 1, inputs, records, duplicates: None, baseline: None, totals }
    }
}

/// What a baseline, the findings that were known before, has to do with a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct ReportBaseline {
    /// How many findings are not reported because it has them.
    pub hidden: u64,
    /// What it has and what was not found any more. Unknown, and empty, where not all was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<KnownFinding>,
}

/// Findings of a baseline that have one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct KnownFinding {
    /// The rule.
    pub rule: Rule,
    /// The rule and those fields of the findings that are not particular to one job or line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// In a baseline of version 1, the text of the findings, with `#` for the job and for each number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// How many there are.
    pub count: u64,
}

impl KnownFinding {
    /// What the findings have in common: the fingerprint or, in a baseline of version 1, the text.
    pub fn cause(&self) -> &str {
        self.fingerprint.as_deref().or(self.shape.as_deref()).unwrap_or_default()
    }
}

impl fmt::Display for KnownFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fingerprint {
            Some(fingerprint) => f.write_str(fingerprint),
            None => write!(f, "{}: {}", self.rule, self.cause()),
        }
    }
}

/// One input of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct ReportInput {
    /// Its path as it was given, or `-` for standard input.
    pub file: String,
    /// How many bytes were read.
    pub bytes: u64,
    /// How many top-level JSON values, bad ones included.
    pub records: u64,
}
