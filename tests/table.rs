//! The tables equal the specification's data, row by row, and the views of them agree with each other.

use std::collections::HashSet;

use core::time::Duration;

use cardsavr_protocol::{Limit, LimitValue, Limits, Phase, Status, StatusSet, Transition};
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
fn groups_are_those_of_the_specification() {
    for [name, phase, termination_type, awaits, _] in rows(include_str!("data/statuses.csv")) {
        let status: Status = name.parse().unwrap();
        assert_eq!(status.is_terminal(), !termination_type.is_empty(), "{name}");
        assert_eq!(status.is_running(), ["authentication", "placement"].contains(&phase), "{name}");
        assert_eq!(status.is_waiting(), !awaits.is_empty(), "{name}");
    }
}

/// The columns that `statuses.csv` lacks follow from its other columns and from the transitions, except how a wait for the
/// user expires: `tests/vectors/cases/timeouts.txt` has that.
#[test]
fn the_other_columns_follow_from_the_specification() {
    let successors = |status: Status| -> Vec<Status> {
        let steps = rows::<3>(include_str!("data/transitions.csv"));
        steps.filter(|[from, ..]| *from == status.as_str()).map(|[_, to, _]| to.parse().unwrap()).collect()
    };
    let (mut answers, mut timeouts) = (Vec::new(), Vec::new());
    for [name, phase, _, awaits, _] in rows(include_str!("data/statuses.csv")) {
        let status: Status = name.parse().unwrap();
        let goes_on = |next: &Status| next.phase() < Phase::Cancellation;
        let next: Vec<_> = successors(status).into_iter().filter(goes_on).collect();
        let answered_by = (!awaits.is_empty()).then_some(next);
        assert_eq!(status.answered_by().map(|answer| vec![answer]), answered_by, "{name}");
        assert_eq!(status.opens_window(), !matches!(awaits, "" | "card"), "{name}");
        if status.opens_window() {
            answers.extend(status.answered_by());
            timeouts.extend(status.expires_as());
        } else {
            let expires_as = ["authentication", "placement", "cancellation"]
                .contains(&phase)
                .then_some(Status::VbsTimeout);
            assert_eq!(status.expires_as(), expires_as, "{name}");
        }
        assert_eq!(status.row().status, status);
        assert_eq!(status.row().aliases, status.aliases());
    }
    for &status in Status::ALL {
        assert_eq!(status.is_answer(), answers.contains(&status), "{status}");
        assert_eq!(status.is_timeout(), timeouts.contains(&status), "{status}");
    }
    for input in Status::ALL.iter().filter_map(|status| status.awaits()) {
        assert_eq!(Status::awaiting(input).and_then(Status::awaits), Some(input));
    }
}

#[test]
fn limits_are_those_of_the_specification() {
    let documented = Limits::default();
    for (name, value) in [
        ("failed_logins", LimitValue::Count(2)),
        ("failed_tfa_codes", LimitValue::Count(1)),
        ("network_failures", LimitValue::Count(2)),
        ("budget", LimitValue::Time(Duration::from_secs(300))),
        ("budget_extension", LimitValue::Time(Duration::from_secs(240))),
        ("answer_window", LimitValue::Time(Duration::from_secs(240))),
        ("warning", LimitValue::Time(Duration::from_secs(60))),
        ("message_retention", LimitValue::Time(Duration::from_secs(3600))),
        ("poll_interval_min", LimitValue::Time(Duration::from_secs(3))),
        ("poll_interval_max", LimitValue::Time(Duration::from_secs(5))),
    ] {
        let limit: Limit = name.parse().unwrap();
        assert_eq!((limit.to_string().as_str(), documented.get(limit)), (name, value));
    }
    assert_eq!(Limit::ALL.len(), 10);
    let error = "retries".parse::<Limit>().unwrap_err();
    assert_eq!(error.to_string(), "there is no limit `retries`");
}

#[test]
fn a_limit_takes_a_value_of_its_unit_only() {
    for &limit in Limit::ALL {
        let mut limits = Limits::default();
        let (right, wrong) = match limits.get(limit) {
            LimitValue::Count(_) => (LimitValue::Count(9), LimitValue::Time(Duration::from_secs(9))),
            _ => (LimitValue::Time(Duration::from_secs(9)), LimitValue::Count(9)),
        };
        let error = limits.set(limit, wrong).unwrap_err();
        assert_eq!((error.limit, error.value, &limits), (limit, wrong, &Limits::default()));
        limits.set(limit, right).unwrap();
        assert_eq!(limits.get(limit), right);
        assert_ne!(limits, Limits::default());
    }
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
