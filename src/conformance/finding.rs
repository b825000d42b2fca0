//! A break of a rule: what was found, where, and what was expected.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::{Rule, Settings, Severity};
use crate::wire::{JobId, JobKey};

/// Where in the log something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Which of the log's inputs, from 0 on.
    pub input: u32,
    /// The line, from 1 on.
    pub line: u64,
    /// The column in bytes, from 1 on.
    pub column: u64,
}

/// A break of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that was broken.
    pub rule: Rule,
    /// How severe that is, after the user's settings.
    pub severity: Severity,
    /// Where the message that broke it begins.
    pub position: Position,
    /// The job, where one is known.
    pub job_id: Option<JobId>,
    /// What happened, in words. It never repeats a secret.
    pub message: String,
    /// What was found, where that is a word of the protocol or a number.
    pub found: Option<String>,
    /// What was expected instead: what was legal, what is missing, or the value that belongs there.
    pub expected: Vec<String>,
}

/// Where the findings on one message go.
pub(super) struct Reporter<'r> {
    pub(super) settings: &'r Settings,
    pub(super) findings: &'r mut Vec<Finding>,
    pub(super) position: Position,
    pub(super) job: Option<Cow<'r, JobId>>,
}

impl Reporter<'_> {
    /// Reports a break of a rule, unless the rule is allowed.
    pub(super) fn report(&mut self, rule: Rule, detail: impl FnOnce() -> Detail) {
        let Some(severity) = self.settings.severities.of(rule) else { return };
        let Detail { message, found, expected } = detail();
        self.findings.push(Finding {
            rule,
            severity,
            position: self.position,
            job_id: self.job.as_deref().map(shortened_id),
            message: short(message),
            found: found.map(short),
            expected: expected.into_iter().map(short).collect(),
        });
    }
}

/// How many bytes a text of a finding has at most. A log can have words and ids of any length, and one of them in as many
/// findings as there are messages.
const MAX_TEXT_BYTES: usize = 1000;

fn short(text: String) -> String {
    match shortened(&text, MAX_TEXT_BYTES) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

fn shortened_id(id: &JobId) -> JobId {
    match id {
        JobId::Number(number) => JobId::Number(*number),
        JobId::Text(text) => JobId::from(shortened(text, MAX_TEXT_BYTES).into_owned()),
    }
}

/// A text, or the beginning of one that has more bytes.
pub(super) fn shortened(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let end = (0..=max_bytes).rfind(|&end| text.is_char_boundary(end)).unwrap_or_default();
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// What a finding says beside its rule and place.
pub(super) struct Detail {
    message: String,
    found: Option<String>,
    expected: Vec<String>,
}

impl Detail {
    pub(super) fn new(message: String) -> Self {
        Self { message, found: None, expected: Vec::new() }
    }

    pub(super) fn found(self, found: &impl ToString) -> Self {
        Self { found: Some(found.to_string()), ..self }
    }

    pub(super) fn expected(self, expected: impl IntoIterator<Item: ToString>) -> Self {
        Self { expected: expected.into_iter().map(|value| value.to_string()).collect(), ..self }
    }
}

/// A finding as the report has it, with the name of its input.
///
/// ```
/// use cardsavr_protocol::conformance::{Checker, Position, Rule, Settings};
///
/// let mut checker = Checker::new(Settings::default());
/// let mut findings = Vec::new();
/// let position = Position { input: 0, line: 3, column: 1 };
/// checker.fault(Rule::MalformedJson, "not JSON".into(), position, None, &mut findings);
/// assert_eq!(
///     serde_json::to_string(&findings[0].in_file("a.jsonl"))?,
///     r#"{"rule":"malformed-json","severity":"error","file":"a.jsonl","line":3,"column":1,"message":"not JSON"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Finding"))]
pub struct FindingInFile<'f> {
    rule: Rule,
    severity: Severity,
    /// The input, as the report's `inputs` have it.
    file: &'f str,
    /// The line on which the message begins that broke the rule, from 1 on.
    line: u64,
    /// The column in which it begins, in bytes, from 1 on.
    column: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<JobKey<'f>>,
    /// What happened, in words for people. It never repeats a secret.
    message: &'f str,
    /// What was found, where that is a word of the protocol or a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'f str>,
    /// What was expected instead: what was legal, what is missing, or the value that belongs there.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    expected: &'f [String],
}

impl Finding {
    /// The finding as the report has it.
    pub fn in_file<'f>(&'f self, file: &'f str) -> FindingInFile<'f> {
        FindingInFile {
            rule: self.rule,
            severity: self.severity,
            file,
            line: self.position.line,
            column: self.position.column,
            job_id: self.job_id.as_ref().map(JobId::key),
            message: &self.message,
            found: self.found.as_deref(),
            expected: &self.expected,
        }
    }
}
