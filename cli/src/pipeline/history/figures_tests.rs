use cardsavr_protocol::wire::{Block, Position, log_items};

use super::*;

/// The figures of a log in which job 1 has these statuses at these seconds.
fn figures(statuses: &[(i64, &str)]) -> Figures {
    let mut figures = Figures::default();
    for (seconds, status) in statuses {
        let record = format!(r#"{{"type":"job_status","job_id":1,"message":{{"status":"{status}"}}}}"#);
        log_items(&record, |part| {
            let mut block = Block::default();
            part.push(&mut block, Position::default(), Some(Timestamp::from_millis(seconds * 1000)));
            block.iter().for_each(|event| figures.observe(&event));
        });
    }
    figures.finish();
    figures
}

fn median(count: &Count) -> Option<u64> {
    count.durations.quantiles().map(|quantiles| quantiles.median.as_secs())
}

#[test]
fn a_status_lasts_until_another_one() {
    let figures = figures(&[
        (0, "REQUESTED"),
        (1, "QUEUED"),
        (2, "QUEUED"),
        (4, "IN_PROGRESS"),
        (5, "AUTH"),
        (6, "PENDING_TFA"),
        (60, "TFA_RECEIVED"),
        (61, "TFA_SUBMITTED"),
        (62, "PENDING_TFA"),
        (302, "TIMEOUT_TFA"),
        (303, "TIMEOUT_TFA"),
    ]);
    let took = |from, to| figures.transitions.get(&(from, to)).and_then(median);
    assert_eq!(took(Status::Queued, Status::InProgress), Some(3));
    assert_eq!(took(Status::Queued, Status::Queued), None);
    let waited = |outcome| figures.waits.get(&(Status::PendingTfa, outcome)).and_then(median);
    assert_eq!([Outcome::Answered, Outcome::Unanswered].map(waited), [Some(54), Some(240)]);
    assert_eq!(
        figures.took().quantiles().map(|all| (all.min.as_secs(), all.max.as_secs())),
        Some((302, 302))
    );
    assert_eq!(figures.ends, [(Status::TimeoutTfa, 1)].into());
}

#[test]
fn an_unknown_duration_is_left_out() {
    // The log lacks the start, a status is unknown, and a time goes backwards.
    let figures = figures(&[(0, "AUTH"), (5, "LATER"), (9, "UPDATING"), (3, "SUCCESSFUL")]);
    assert_eq!(figures.took().count(), 0);
    let steps: Vec<_> = figures.transitions.iter().map(|(step, count)| (*step, median(count))).collect();
    assert_eq!(steps, [((Status::Updating, Status::Successful), None)]);
}

#[test]
fn a_wait_at_the_end_of_the_log_is_open() {
    let figures = figures(&[(0, "PENDING_TFA"), (9, "PENDING_TFA")]);
    assert_eq!(figures.waits.keys().copied().collect::<Vec<_>>(), [(Status::PendingTfa, Outcome::Open)]);
}
