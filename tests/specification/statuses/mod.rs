//! The table of statuses, row by row: the termination type and the description of each.

mod ends;
mod progress;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Limits, Phase, Status, TerminationType, Timer};

use crate::{at, judge, live};

/// A message of job 7 with a termination type.
fn end_json(text: &str, termination_type: TerminationType) -> String {
    format!(
        r#"{{"type":"job_status","job_id":7,"message":{{"status":"{text}","termination_type":"{termination_type}"}}}}"#
    )
}

/// The status of a row with a termination type: it has exactly this type, and no transition leads from it.
fn ends(text: &str, termination_type: TerminationType) -> Status {
    let status: Status = text.parse().unwrap();
    assert_eq!((status.as_str(), status.termination_type()), (text, Some(termination_type)));
    assert!(status.successors().is_empty());
    for &sent in TerminationType::ALL {
        let expected: &[Rule] = if sent == termination_type { &[] } else { &[Rule::WrongTerminationType] };
        assert_eq!(judge(&[(0, end_json(text, sent))]), expected);
    }
    status
}

/// The status of a row without a termination type: a transition leads from it.
fn goes_on(text: &str) -> Status {
    let status: Status = text.parse().unwrap();
    assert_eq!(status.termination_type(), None);
    assert!(!status.successors().is_empty());
    assert_eq!(
        judge(&[(0, end_json(status.as_str(), TerminationType::Billable))]),
        [Rule::EarlyTerminationType]
    );
    status
}

/// Every row of the table has its test, and no other has one.
#[test]
fn every_row_has_its_test() {
    let mut tested: Vec<Status> =
        ends::ROWS.iter().chain(progress::ROWS).map(|text| text.parse().unwrap()).collect();
    tested.sort();
    assert_eq!(tested, Status::ALL);
}

/// An end that the site determines from the account: not before the task reaches the site, nor during a wait for the user.
fn is_about_the_account(status: Status) {
    for from in status.predecessors().iter().filter(|from| *from != Status::CancelRequested) {
        assert!(from.is_running() && !from.is_waiting() && from != Status::InProgress, "{from}");
    }
    assert!(Status::LoginSubmitted.can_become(status));
}

/// An end that the site determines from the card: only during placement.
fn is_about_the_card(status: Status) {
    let from = status.predecessors().without(Status::CancelRequested);
    assert_eq!(from.iter().collect::<Vec<_>>(), [Status::Updating]);
}

/// The status as which a wait expires, and after how many seconds.
fn expires(waiting: Status) -> (Status, i64) {
    let mut timer = Timer::new(Limits::default());
    timer.enter(at(0), waiting);
    let end = timer.expires_at().unwrap();
    (timer.expire(end).unwrap(), end.as_millis() / 1000)
}
