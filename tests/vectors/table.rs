//! The tables of `tests/data`, read without this crate: an independent source of legal and reachable statuses. The guards
//! are the crate's own rows, which `tests/exports.rs` compares with the specification.

use std::collections::VecDeque;

use cardsavr_protocol::{Guard, GuardRow};

/// A row of the status table.
pub(crate) struct StatusRow {
    pub(crate) name: &'static str,
    pub(crate) termination_type: Option<&'static str>,
}

/// The statuses in table order.
pub(crate) fn statuses() -> Vec<StatusRow> {
    rows(include_str!("../data/statuses.csv"))
        .map(|row| StatusRow { name: row[0], termination_type: Some(row[2]).filter(|text| !text.is_empty()) })
        .collect()
}

/// The row of a status; `None` if the table lacks it.
pub(crate) fn status(name: &str) -> Option<StatusRow> {
    statuses().into_iter().find(|row| row.name == name)
}

/// The row of a guard.
pub(crate) fn guard(name: &str) -> &'static GuardRow {
    let guard = Guard::ALL.iter().find(|guard| <&str>::from(**guard) == name);
    guard.unwrap_or_else(|| panic!("{name} is no guard")).row()
}

/// The legal transitions.
pub(crate) fn transitions() -> Vec<(&'static str, &'static str)> {
    rows(include_str!("../data/transitions.csv")).map(|row| (row[0], row[1])).collect()
}

fn rows(csv: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    csv.lines().skip(1).map(|line| line.split(',').collect())
}

/// The successors of a status, in the order of the status table.
pub(crate) fn successors(from: &str) -> Vec<&'static str> {
    let transitions = transitions();
    let follows = |to: &str| transitions.iter().any(|&(a, b)| a == from && b == to);
    statuses().iter().map(|row| row.name).filter(|to| follows(to)).collect()
}

/// The shortest legal sequence from one status to another, without both ends, that does not pass through
/// `CANCEL_REQUESTED`; of several, the first in table order, which a breadth-first search finds first.
pub(crate) fn between(from: &'static str, to: &'static str) -> Option<Vec<&'static str>> {
    let mut queue = VecDeque::from([vec![from]]);
    let mut seen = vec![from];
    while let Some(path) = queue.pop_front() {
        let last = path[path.len() - 1];
        if last == "CANCEL_REQUESTED" && path.len() > 1 {
            continue;
        }
        for next in successors(last) {
            if next == to {
                return Some(path[1..].to_vec());
            }
            if !seen.contains(&next) {
                seen.push(next);
                queue.push_back(path.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}
