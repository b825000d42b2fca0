//! The checker: findings, and the status of the job.

use std::collections::HashMap;

use cardsavr_protocol::conformance::{Checker, Finding, Position, Settings};
use cardsavr_protocol::wire::{Block, EventKind, EventRef, Malformed, MalformedKind, log_items};
use cardsavr_protocol::{Limits, Status, Timestamp};
use serde_json::value::RawValue;

use super::Outcome;
use crate::form::{Expect, Found, FoundAtEnd, FoundInLog, Vector};

pub(super) fn run(vector: &Vector, limits: Limits) -> Outcome {
    let mut checker = Checker::new(Settings { limits, ..Settings::default() });
    if let Some(log) = &vector.log {
        return Outcome { findings: Some(check_text(checker, log)), ..Outcome::default() };
    }
    let mut statuses = HashMap::new();
    let mut steps = Vec::new();
    for (step, line) in vector.steps.iter().zip(0..) {
        let json = step.input.as_ref().expect("the step has an input").get();
        let at = step.at.map(Timestamp::from_millis);
        let (found, status) = observe(&mut checker, json, at, line, &mut statuses);
        let findings = found
            .into_iter()
            .map(|finding| Found { rule: finding.rule.to_string(), expected: finding.expected() })
            .collect();
        steps.push(Expect { status: Some(status), findings: Some(findings), ..Expect::default() });
    }
    let mut found = Vec::new();
    checker.finish(&mut found);
    let at_end: Vec<_> = found
        .iter()
        .map(|finding| FoundAtEnd {
            rule: finding.rule.to_string(),
            step: usize::try_from(finding.position.line).expect("it is a step"),
        })
        .collect();
    let at_end = (!at_end.is_empty()).then_some(at_end);
    Outcome { steps, at_end, ..Outcome::default() }
}

/// A log as text: a sequence of JSON values. A record that is not JSON, or too deep, ends with its line.
fn check_text(mut checker: Checker, log: &str) -> Vec<FoundInLog> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = log[at..].find(|c: char| !c.is_whitespace()).map(|blanks| at + blanks) {
        let line = 1 + log[..start].matches('\n').count() as u64;
        let mut values = serde_json::Deserializer::from_str(&log[start..]).into_iter::<&RawValue>();
        let value = values.next().expect("there is a value");
        let end_of_line = || log[start..].find('\n').map_or(log.len(), |length| start + length);
        at = if value.is_ok() { start + values.byte_offset() } else { end_of_line() };
        let record = &log[start..at];
        if value.is_ok() && depth(record) > DEEPEST {
            let position = Position { input: 0, line, column: 1 };
            let mut block = Block::default();
            let malformed = Malformed::new(MalformedKind::TooLarge, "depth", "too deep");
            block.push_malformed(malformed, None, position, None);
            checker.check(&mut block, &mut found);
        } else {
            found.extend(observe(&mut checker, record, None, line, &mut HashMap::new()).0);
        }
    }
    checker.finish(&mut found);
    found
        .iter()
        .map(|finding| FoundInLog { rule: finding.rule.to_string(), line: finding.position.line })
        .collect()
}

/// The maximum depth of nesting: the default of `cardsavr check`.
const DEEPEST: usize = 100;

/// The depth of nesting of a JSON value. No string in the vectors has a bracket.
fn depth(json: &str) -> usize {
    let mut depths = json.chars().scan(0_usize, |depth, c| {
        match c {
            '{' | '[' => *depth += 1,
            '}' | ']' => *depth -= 1,
            _ => {}
        }
        Some(*depth)
    });
    depths.by_ref().max().unwrap_or_default()
}

/// The findings in a value, and the status of the job of its last item, by the job's messages or, for a snapshot, by its
/// snapshots.
fn observe(
    checker: &mut Checker,
    json: &str,
    at: Option<Timestamp>,
    line: u64,
    statuses: &mut HashMap<(String, bool), Status>,
) -> (Vec<Finding>, Option<String>) {
    let mut findings = Vec::new();
    let mut status = None;
    log_items(json, |part| {
        let position = Position { input: 0, line, column: part.offset as u64 + 1 };
        let mut block = Block::default();
        part.push(&mut block, position, at);
        for event in block.iter().filter(|event| event.kind != EventKind::Malformed) {
            status = status_after(&event, statuses);
        }
        checker.check(&mut block, &mut findings);
    });
    (findings, status.map(|status: Status| status.to_string()))
}

fn status_after(event: &EventRef<'_>, statuses: &mut HashMap<(String, bool), Status>) -> Option<Status> {
    let job = event.job_id()?.to_string();
    let is_snapshot = match event.kind {
        EventKind::Status => false,
        EventKind::Snapshot => true,
        _ => return statuses.get(&(job, false)).copied(),
    };
    let key = (job, is_snapshot);
    // A report of a failure to connect and an unknown status leave the status unchanged.
    let is_network_failure =
        event.status == Some(Status::NetworkIssue) && !event.termination_type.is_present();
    let has_ended = statuses.get(&key).is_some_and(|status| status.is_terminal());
    if let Some(status) = event.status.filter(|_| !is_network_failure && !has_ended) {
        statuses.insert(key.clone(), status);
    }
    statuses.get(&key).copied()
}
