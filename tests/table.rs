//! The tables equal the specification's data, row by row, and the views of them agree with each other.

use std::collections::HashMap;

use core::time::Duration;

use cardsavr_protocol::{
    Edition, Limit, LimitValue, Limits, Phase, Status, StatusSet, TerminationType, Transition,
};
use itertools::Itertools;

/// The fields of a CSV file without quotes, header left out.
fn rows<const N: usize>(csv: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>().try_into().expect("as many fields as named"))
}

/// The transition table of an edition.
fn transitions(edition: Edition) -> &'static str {
    match edition {
        Edition::V2021 => include_str!("data/transitions.csv"),
        _ => include_str!("data/2026/transitions.csv"),
    }
}

/// The status table of an edition.
fn statuses(edition: Edition) -> &'static str {
    match edition {
        Edition::V2021 => include_str!("data/statuses.csv"),
        _ => include_str!("data/2026/statuses.csv"),
    }
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
fn statuses_of_2026_are_those_of_its_specification() {
    let edition = Edition::V2026;
    let ours = edition.statuses().iter().map(|status| {
        let row = edition.row(status).expect("the edition has the status");
        let types =
            if row.termination_type.is_some() { row.termination_types().join(" ") } else { String::new() };
        let in_all = row.other_termination_types.len() == TerminationType::ALL.len();
        assert_eq!(row.phase == Phase::Terminated && types.is_empty(), in_all, "{status}");
        [
            status.to_string(),
            row.phase.to_string(),
            types,
            row.awaits.map(|input| input.to_string()).unwrap_or_default(),
            row.current_spellings.join(" "),
            row.aliases.join(" "),
            row.since.to_string(),
        ]
    });
    let theirs = rows::<7>(include_str!("data/2026/statuses.csv"));
    itertools::assert_equal(ours, theirs.map(|row| row.map(str::to_owned)));
}

#[test]
fn transitions_are_those_of_the_specifications() {
    for &edition in Edition::ALL {
        let ours = edition.transitions().map(|t| [t.from.to_string(), t.to.to_string(), t.basis.to_string()]);
        itertools::assert_equal(ours, rows::<3>(transitions(edition)).map(|row| row.map(str::to_owned)));
    }
    itertools::assert_equal(Transition::all(), Edition::V2021.transitions());
}

#[test]
fn every_spelling_parses_and_serializes_in_that_of_the_table() {
    let mut spellings = HashMap::new();
    for (&edition, &status) in Edition::ALL.iter().cartesian_product(Status::VOCABULARY) {
        let others = [edition.former_spellings(status), edition.current_spellings(status)].concat();
        for spelling in [status.as_str()].into_iter().chain(others) {
            assert_eq!(spelling.parse(), Ok(status));
            let json = format!("\"{spelling}\"");
            let read: Status = serde_json::from_str(&json).expect("serde reads what FromStr reads");
            assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{}\"", status.as_str()));
            let other = spellings.insert(spelling, status);
            assert!(other.is_none_or(|other| other == status), "a spelling means one status: {spelling}");
        }
        assert!(!status.description().is_empty());
    }
    assert_eq!(Status::Cancelled.aliases(), ["CANCELED"]);
    assert_eq!(Edition::V2026.current_spellings(Status::Cancelled), ["CANCELED"]);
}

#[test]
fn the_short_api_is_the_first_edition() {
    itertools::assert_equal(Status::ALL.iter().copied(), Edition::V2021.statuses().iter());
    assert_eq!((Status::ALL.len(), Edition::V2026.statuses().len(), Status::VOCABULARY.len()), (46, 71, 77));
    for &status in Status::VOCABULARY {
        let edition = Edition::default();
        assert_eq!(status.termination_type(), edition.termination_type(status));
        assert_eq!(status.answered_by(), edition.answered_by(status));
        assert_eq!(status.expires_as(), edition.expires_as(status));
        assert_eq!(status.aliases(), edition.former_spellings(status));
        assert_eq!(Some(status.row()), Edition::knowing(status).next().and_then(|first| first.row(status)));
        assert_eq!(edition.row(status).is_some(), edition.has(status));
    }
    assert_eq!("2024".parse::<Edition>().unwrap_err().to_string(), "there is no edition `2024`");
}

#[test]
fn groups_are_those_of_the_specifications() {
    for &edition in Edition::ALL {
        for line in statuses(edition).lines().skip(1) {
            let row: Vec<_> = line.split(',').collect();
            let status: Status = row[0].parse().unwrap();
            assert_eq!(status.is_terminal(), row[1] == "terminated", "{status}");
            assert_eq!(status.is_running(), ["authentication", "placement"].contains(&row[1]), "{status}");
            assert_eq!(status.is_waiting(), !row[3].is_empty(), "{status}");
            assert_eq!(edition.statuses().contains(status), edition.has(status));
        }
    }
}

/// The columns that `statuses.csv` lacks follow from its other columns and from the transitions, except how a wait for the
/// user expires: `tests/vectors/cases/timeouts.txt` has that.
#[test]
fn the_other_columns_follow_from_the_specifications() {
    for &edition in Edition::ALL {
        let successors = |status: Status| -> Vec<Status> {
            let steps = rows::<3>(transitions(edition)).filter(|[from, ..]| *from == status.as_str());
            steps.map(|[_, to, _]| to.parse().unwrap()).collect()
        };
        let (mut answers, mut timeouts) = (Vec::new(), Vec::new());
        for line in statuses(edition).lines().skip(1) {
            let [name, phase, _, awaits, ..] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let status: Status = name.parse().unwrap();
            let goes_on = |next: &Status| next.phase() < Phase::Cancellation;
            let next: Vec<_> = successors(status).into_iter().filter(goes_on).collect();
            match edition.answered_by(status) {
                None => assert!(awaits.is_empty(), "{name}"),
                // The table of 2026 has other ways out of a wait.
                Some(answer) if edition == Edition::V2026 => assert!(next.contains(&answer), "{name}"),
                Some(answer) => assert_eq!(next, [answer], "{name}"),
            }
            assert_eq!(status.opens_window(), !matches!(awaits, "" | "card"), "{name}");
            if status.opens_window() {
                answers.extend(edition.answered_by(status));
                timeouts.extend(edition.expires_as(status));
            } else {
                let expires_as = ["authentication", "placement", "cancellation"]
                    .contains(&phase)
                    .then_some(Status::VbsTimeout);
                assert_eq!(edition.expires_as(status), expires_as, "{name}");
            }
            assert_eq!(edition.row(status).map(|row| row.status), Some(status));
        }
        for &status in Status::VOCABULARY {
            assert_eq!(edition.is_answer(status), answers.contains(&status), "{status}");
            assert_eq!(edition.is_timeout(status), timeouts.contains(&status), "{status}");
        }
        for input in edition.statuses().iter().filter_map(Status::awaits) {
            assert_eq!(edition.awaiting(input).and_then(Status::awaits), Some(input));
        }
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
    let limits = Limits::of(Edition::V2026);
    let counts = (limits.failed_logins, limits.failed_tfa_codes);
    let times = [limits.budget, limits.budget_extension, limits.answer_window, limits.warning];
    assert_eq!((counts, times.map(|time| time.as_secs())), ((1, 1), [840, 0, 300, 60]));
    assert!(Edition::V2026.limits().all(|row| row.limit != Limit::NetworkFailures));
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
    for &edition in Edition::ALL {
        for (&from, &to) in Status::VOCABULARY.iter().cartesian_product(Status::VOCABULARY) {
            let legal = edition.transition(from, to).is_some();
            assert_eq!(edition.can_become(from, to), legal);
            assert_eq!(edition.successors(from).contains(to), legal);
            assert_eq!(edition.predecessors(to).contains(from), legal);
            assert!(!legal || from.phase() <= to.phase(), "{from} -> {to} goes back");
            assert!(!legal || edition.has(from) && edition.has(to));
        }
        for from in edition.statuses().iter() {
            assert_eq!(edition.successors(from).is_empty(), from.phase() == Phase::Terminated);
            assert_eq!(edition.successors(from).iter().count(), edition.successors(from).len());
        }
    }
    assert_eq!(StatusSet::EMPTY.to_string(), "nothing");
}

/// Shortest sequences by brute force: all sequences in table order, shorter ones first.
fn shortest(edition: Edition, from: Status) -> HashMap<Status, Vec<Status>> {
    let mut found = HashMap::from([(from, Vec::new())]);
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(last) = queue.pop_front() {
        if last == Status::CancelRequested && last != from {
            continue;
        }
        for next in edition.transitions().filter(|t| t.from == last).map(|t| t.to) {
            if !found.contains_key(&next) {
                found.insert(next, [found[&last].as_slice(), &[next]].concat());
                queue.push_back(next);
            }
        }
    }
    found
}

#[test]
fn paths_are_the_first_shortest_ones() {
    for (&edition, &from) in Edition::ALL.iter().cartesian_product(Status::VOCABULARY) {
        let found = shortest(edition, from);
        for &to in Status::VOCABULARY {
            let path = edition.path(from, to).map(Iterator::collect::<Vec<_>>);
            assert_eq!(path.as_ref(), found.get(&to), "{from} to {to}");
            assert_eq!(edition.reaches(from, to), path.is_some());
        }
    }
}
