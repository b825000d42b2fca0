//! A broken rule: where, of which job, and how.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use super::violation::{Word, shortened_id, word};
use super::{Rule, Settings, Severity, Violation};
use crate::Status;
use crate::wire::{EventRef, JobId, JobKey, Position};

/// A broken rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its severity by the user's settings.
    pub severity: Severity,
    /// Where the message begins.
    pub position: Position,
    /// The job, if it is known.
    pub job_id: Option<JobId>,
    /// How the rule was broken.
    pub violation: Violation,
    /// The word that is judged as the status of the message, by [`Settings::statuses`], and that status.
    pub judged_as: Option<(Word, Status)>,
}

impl Finding {
    /// What happened, for people. It never repeats a secret.
    pub fn message(&self) -> String {
        let message = self.violation.message(self.job_id.as_ref());
        match &self.judged_as {
            Some((word, status)) => format!("{message} ({word} is judged as {status})"),
            None => message,
        }
    }

    /// What was found, if it is a word of the protocol or a number.
    pub fn found(&self) -> Option<String> {
        let found = self.violation.found()?;
        Some(match &self.judged_as {
            Some((word, status)) if found == status.as_str() => word.to_string(),
            _ => found,
        })
    }

    /// What was expected instead: the statuses that were legal or are missing, or the value that belongs there.
    pub fn expected(&self) -> Vec<String> {
        self.violation.expected()
    }

    /// What findings of one cause have in common: see [`Violation::fingerprint`].
    pub fn fingerprint(&self) -> String {
        self.violation.fingerprint()
    }

    /// A finding at the end of the log: a job has not ended.
    pub(super) fn unterminated(
        position: Position,
        job: JobId,
        violation: Violation,
        severity: Severity,
    ) -> Self {
        Self {
            rule: Rule::UnterminatedJob,
            severity,
            position,
            job_id: Some(shortened_id(job)),
            violation,
            judged_as: None,
        }
    }

    /// The finding as the report has it, with the path of its input.
    pub fn in_file<'f>(&'f self, file: &'f str) -> FindingInFile<'f> {
        FindingInFile {
            rule: self.rule,
            severity: self.severity,
            file,
            line: self.position.line,
            column: self.position.column,
            job_id: self.job_id.as_ref().map(JobId::key),
            message: self.message(),
            found: self.found(),
            expected: self.expected(),
        }
    }
}

/// Where the findings on one event go.
pub(super) struct Reporter<'r> {
    pub(super) settings: &'r Settings,
    pub(super) findings: &'r mut Vec<Finding>,
    pub(super) event: EventRef<'r>,
}

impl Reporter<'_> {
    /// Reports a broken rule, unless the rule is allowed.
    pub(super) fn report(&mut self, rule: Rule, violation: impl FnOnce() -> Violation) {
        let Some(severity) = self.settings.severities.of(rule) else { return };
        self.findings.push(Finding {
            rule,
            severity,
            position: self.event.position,
            job_id: self.event.job_id().map(shortened_id),
            violation: violation(),
            judged_as: self.event.extension().map(word).zip(self.event.status),
        });
    }
}

/// A finding as the report has it, with the path of its input.
///
/// ```
/// use cardsavr_protocol::conformance::{Checker, Settings};
/// use cardsavr_protocol::wire::{Block, Malformed, MalformedKind, Position};
///
/// let mut block = Block::default();
/// let malformed = Malformed::new(MalformedKind::Json, "syntax", "not JSON");
/// block.push_malformed(malformed, None, Position { input: 0, line: 3, column: 1 }, None);
/// let mut findings = Vec::new();
/// Checker::new(Settings::default()).check(&mut block, &mut findings);
/// assert_eq!(
///     serde_json::to_string(&findings[0].in_file("a.jsonl"))?,
///     r#"{"rule":"malformed-json","severity":"error","file":"a.jsonl","line":3,"column":1,"message":"not JSON"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
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
    message: String,
    /// What was found, where that is a word of the protocol or a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// What was expected instead: what was legal, what is missing, or the value that belongs there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
}
