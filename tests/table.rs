//! The tables say what the specification's data says, row by row, and the views of them agree with each other.

use std::collections::HashSet;

use cardsavr_protocol::{Phase, Status, StatusSet, Transition};
use itertools::Itertools;

/// The fields of a CSV file without quotes, header left out.
fn rows<const N: usize>(csv: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>().try_into().expect("as many fields as named"))
}

#[test]
fn statuses_are_those_of_the_specification() {
    let ours = Status::ALL.iter().map(|status| {
        [
            status.to_string(),
            status.phase().to_string(),
            status.termination_type().map(|t| t.to_string()).unwrap_or_default(),
            status.awaits().map(|input| input.to_string()).unwrap_or_default(),
            status.aliases().join(" "),
        ]
    });
    let theirs = rows::<5>(include_str!("data/statuses.csv"));
    itertools::assert_equal(ours, theirs.map(|row| row.map(str::to_owned)));
}

#[test]
fn transitions_are_those_of_the_specification() {
    let ours = Transition::all().map(|t| [t.from.to_string(), t.to.to_string(), t.basis.to_string()]);
    let theirs = rows::<3>(include_str!("data/transitions.csv"));
    itertools::assert_equal(ours, theirs.map(|row| row.map(str::to_owned)));
}

#[test]
fn every_spelling_parses_and_goes_out_in_the_tables() {
    for &status in Status::ALL {
        for spelling in [status.as_str()].iter().chain(status.aliases()) {
            assert_eq!(spelling.parse(), Ok(status));
            let json = format!("\"{spelling}\"");
            let read: Status = serde_json::from_str(&json).expect("serde reads what FromStr reads");
            assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{}\"", status.as_str()));
        }
        assert!(!status.description().is_empty());
    }
    let spellings = Status::ALL.iter().flat_map(|s| [&[s.as_str()], s.aliases()].concat());
    assert!(spellings.duplicates().next().is_none(), "a spelling means one status");
}

#[test]
fn groups_have_the_sizes_that_the_specification_gives() {
    let count = |has: fn(&Status) -> bool| Status::ALL.iter().filter(|status| has(status)).count();
    assert_eq!(count(|s| !s.is_terminal()), 17);
    assert_eq!(count(|s| s.is_terminal()), 29);
    assert_eq!(count(|s| s.is_running()), 13);
    let waiting: StatusSet = Status::ALL.iter().copied().filter(|s| s.is_waiting()).collect();
    assert_eq!(waiting.to_string(), "PENDING_CREDS, PENDING_NEWCREDS, PENDING_TFA or PENDING_CARD");
}

#[test]
fn sets_agree_with_the_table() {
    for &from in Status::ALL {
        for &to in Status::ALL {
            let legal = Transition::between(from, to).is_some();
            assert_eq!(from.can_become(to), legal);
            assert_eq!(from.successors().contains(to), legal);
            assert_eq!(to.predecessors().contains(from), legal);
            assert!(!legal || from.phase() <= to.phase(), "{from} -> {to} goes back");
        }
        assert_eq!(from.successors().is_empty(), from.phase() == Phase::Terminated);
        assert_eq!(from.successors().iter().count(), from.successors().len());
    }
    assert_eq!(StatusSet::EMPTY.to_string(), "nothing");
}

/// Shortest sequences, found the slow way: all sequences in table order, shorter ones first.
fn shortest(from: Status, to: Status) -> Option<Vec<Status>> {
    let mut reached = HashSet::from([from]);
    let mut queue = std::collections::VecDeque::from([vec![from]]);
    while let Some(path) = queue.pop_front() {
        let last = *path.last().unwrap();
        if last == to {
            return Some(path[1..].to_vec());
        }
        if last == Status::CancelRequested && path.len() > 1 {
            continue;
        }
        for next in Transition::all().filter(|t| t.from == last).map(|t| t.to) {
            if reached.insert(next) {
                queue.push_back([path.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

#[test]
fn paths_are_the_first_shortest_ones() {
    for &from in Status::ALL {
        for &to in Status::ALL {
            let path = from.path_to(to).map(Iterator::collect::<Vec<_>>);
            assert_eq!(path, shortest(from, to), "{from} to {to}");
            assert_eq!(from.reaches(to), path.is_some());
        }
    }
}
