//! Logs as text, and the findings of a checker in them.

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::{Checker, Finding, Position, Rule, Settings, Totals};
use cardsavr_protocol::wire::{Block, log_items};

/// The findings and the totals of a check.
pub(crate) struct Checked {
    pub(crate) findings: Vec<Finding>,
    pub(crate) totals: Totals,
}

/// Checks a log with one record per line, with default settings.
pub(crate) fn check(log: &str) -> Checked {
    check_by(Settings::default(), log)
}

/// Checks a log with one record per line.
pub(crate) fn check_by(settings: Settings, log: &str) -> Checked {
    let mut checker = Checker::new(settings);
    let (mut block, mut findings) = (Block::default(), Vec::new());
    for (record, line) in log.lines().zip(1..) {
        block.clear();
        log_items(record, |part| {
            let column = part.offset as u64 + 1;
            let position = Position { input: 0, line, column };
            part.push(&mut block, position, part.at.map(timestamp));
        });
        checker.check(&mut block, &mut findings);
    }
    let totals = checker.finish(&mut findings);
    Checked { findings, totals }
}

/// The lines and rules of the findings in a log, in their order.
pub(crate) fn found(log: &str) -> Vec<(u64, Rule)> {
    check(log).places()
}

impl Checked {
    /// The lines and rules of the findings, in their order.
    pub(crate) fn places(&self) -> Vec<(u64, Rule)> {
        self.findings.iter().map(|finding| (finding.position.line, finding.rule)).collect()
    }
}

/// A record's time: milliseconds, or RFC 3339 in September 2021, to the second.
fn timestamp(json: &str) -> Timestamp {
    if let Ok(milliseconds) = json.parse() {
        return Timestamp::from_millis(milliseconds);
    }
    let time = json.strip_prefix("\"2021-09-").and_then(|rest| rest.strip_suffix("Z\"")).expect("a time");
    let fields: Vec<i64> = time.split(['T', ':']).map(|field| field.parse().expect("a number")).collect();
    let [day, hour, minute, second] = fields[..] else { panic!("not a time: {json}") };
    Timestamp::from_millis((((day * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

/// A log of one job's statuses, one per line: a status alone, or with its termination type after a space.
pub(crate) fn statuses(lines: &[&str]) -> String {
    job_statuses("101", lines)
}

/// A log of the statuses of the job with this id (as JSON), in the format of [`statuses`].
pub(crate) fn job_statuses(id: &str, lines: &[&str]) -> String {
    let line = |text: &&str| {
        let body = match text.split_once(' ') {
            Some((status, termination_type)) => {
                format!(r#""status":"{status}","termination_type":"{termination_type}""#)
            }
            None => format!(r#""status":"{text}""#),
        };
        format!("{{\"type\":\"job_status\",\"job_id\":{id},\"message\":{{{body}}}}}\n")
    };
    lines.iter().map(line).collect()
}

/// A snapshot of job 101 on a line of its own.
pub(crate) fn snapshot(status: &str) -> String {
    format!("{{\"id\":101,\"status\":\"{status}\"}}\n")
}
