//! A job's deadlines: by example, and under any schedule. No test waits: time is told.

mod schedules;

use core::time::Duration;

use cardsavr_protocol::wire::{Open, StatusBody};
use cardsavr_protocol::{Limits, Status, TerminationType, TimeWentBack, Timer, Timestamp};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

fn seconds(seconds: i64) -> Timestamp {
    at(seconds * 1000)
}

/// What a message says that has a `job_timeout`.
fn with_timeout(status: Status, job_timeout: i64) -> StatusBody {
    StatusBody::new(status).with_timeout(job_timeout)
}

/// The timer of a job that took these statuses at these seconds.
fn timer(life: &[(i64, Status)]) -> Timer {
    let mut timer = Timer::new(Limits::default());
    for &(time, status) in life {
        timer.enter(seconds(time), status).unwrap();
    }
    timer
}

#[test]
fn nothing_expires_before_the_job_runs() {
    for status in [Status::Initiated, Status::Requested, Status::Queued] {
        let mut timer = timer(&[(0, status)]);
        assert_eq!(timer.next_deadline(), None);
        timer.observe(seconds(1), &with_timeout(status, 5)).unwrap();
        assert_eq!(timer.next_deadline(), None);
        assert_eq!(timer.expire(seconds(100_000)), Ok(None));
        // A cancel doesn't start what hasn't begun.
        timer.enter(seconds(100_000), Status::CancelRequested).unwrap();
        assert_eq!(timer.next_deadline(), None);
    }
}

#[test]
fn the_budget_begins_with_the_first_running_status() {
    let mut timer = timer(&[(0, Status::Requested), (100, Status::Queued), (200, Status::InProgress)]);
    assert_eq!(timer.next_deadline(), Some(seconds(500)));
    timer.enter(seconds(300), Status::Auth).unwrap();
    assert_eq!(timer.next_deadline(), Some(seconds(500)));
    assert_eq!(timer.expire(seconds(500)), Ok(Some(Status::VbsTimeout)));
}

#[test]
fn the_budget_goes_on_after_a_cancel() {
    let mut timer = timer(&[(0, Status::Auth), (10, Status::PendingTfa), (20, Status::CancelRequested)]);
    assert_eq!(timer.next_deadline(), Some(seconds(540)));
    assert_eq!(timer.expire(seconds(540)), Ok(Some(Status::VbsTimeout)));
}

#[test]
fn each_entry_into_a_wait_extends_the_budget() {
    let life = [
        (0, Status::TfaSubmitted),
        (1, Status::PendingTfa),
        (2, Status::TfaReceived),
        (3, Status::TfaSubmitted),
        (4, Status::PendingTfa),
        (5, Status::TfaReceived),
        (6, Status::PendingCard),
    ];
    let end = |entries: usize| timer(&life[..entries]).expires_at();
    // The first wait ends with its window, the last with the budget: a card has no window.
    let (first_window, second_window) = (241, 244);
    let ends = [300, first_window, 540, 540, second_window, 780, 1020].map(seconds).map(Some);
    assert_eq!([1, 2, 3, 4, 5, 6, 7].map(end), ends);

    // A heartbeat is no entry.
    let beating = timer(&[(0, Status::PendingCard), (9, Status::PendingCard)]);
    assert_eq!(beating.expires_at(), Some(seconds(540)));
}

#[test]
fn the_answer_window_is_for_credentials_and_codes() {
    for status in [Status::PendingCreds, Status::PendingNewCreds, Status::PendingTfa] {
        assert_eq!(timer(&[(7, status)]).expires_at(), Some(seconds(247)));
    }
    assert_eq!(timer(&[(7, Status::PendingCard)]).expires_at(), Some(seconds(547)));
}

#[test]
fn the_servers_word_replaces_the_budget() {
    let mut timer = timer(&[(0, Status::Auth)]);
    timer.observe(seconds(10), &with_timeout(Status::Auth, 120)).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(130)));
    timer.observe(seconds(20), &with_timeout(Status::Auth, 900)).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(920)));

    // It comes after the extension, in the message that begins the wait: 100 s, not 340 s; the window is longer.
    timer.observe(seconds(30), &with_timeout(Status::PendingTfa, 100)).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(130)));
    // A failure to connect and an unknown status carry the server's word, too.
    timer.observe(seconds(40), &with_timeout(Status::NetworkIssue, 50)).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(90)));
    let unknown = StatusBody::new(Open::new("PENDING_SELFIE")).with_timeout(60_i64);
    timer.observe(seconds(40), &unknown).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(100)));
    // A time that has passed is none left.
    timer.observe(seconds(41), &with_timeout(Status::PendingTfa, -3)).unwrap();
    assert_eq!(timer.expire(seconds(41)), Ok(Some(Status::TimeoutTfa)));
}

#[test]
fn the_unit_belongs_to_the_job() {
    let mut timer = timer(&[(0, Status::Auth)]);
    let mut left = |now, job_timeout| {
        timer.observe(seconds(now), &with_timeout(Status::Auth, job_timeout)).unwrap();
        timer.expires_at().unwrap().since(seconds(now))
    };
    assert_eq!(left(1, 9_999), Duration::from_secs(9_999));
    assert_eq!(left(2, 10_000), Duration::from_secs(10));
    assert_eq!(left(3, 9_000), Duration::from_secs(9));
    assert_eq!(left(4, 300), Duration::from_millis(300));
}

#[test]
fn the_unit_is_learnt_before_the_budget_begins() {
    let mut timer = Timer::new(Limits::default());
    timer.observe(seconds(0), &with_timeout(Status::Queued, 835_815)).unwrap();
    assert_eq!(timer.expires_at(), None);
    timer.observe(seconds(1), &with_timeout(Status::InProgress, 9_000)).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(10)));
}

#[test]
fn the_warning_is_due_once_a_wait() {
    let mut timer = timer(&[(0, Status::LoginSubmitted)]);
    assert_eq!(timer.warns_at(), None);
    timer.enter(seconds(0), Status::PendingTfa).unwrap();
    assert_eq!(timer.next_deadline(), Some(seconds(180)));
    assert_eq!(timer.warn(at(179_999)), Ok(None));
    assert_eq!(timer.warn(seconds(185)), Ok(Some(Duration::from_secs(55))));
    assert_eq!(timer.warn(seconds(185)), Ok(None));
    // More time changes nothing about that.
    timer.observe(seconds(186), &with_timeout(Status::PendingTfa, 200)).unwrap();
    assert_eq!(timer.warn(seconds(239)), Ok(None));

    timer.enter(seconds(239), Status::TfaReceived).unwrap();
    timer.enter(seconds(239), Status::TfaSubmitted).unwrap();
    timer.enter(seconds(239), Status::PendingTfa).unwrap();
    assert_eq!(timer.warns_at(), Some(seconds(239 + 180)));
}

#[test]
fn the_warning_looks_at_whichever_ends_first() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    timer.observe(seconds(0), &with_timeout(Status::PendingTfa, 100)).unwrap();
    assert_eq!(timer.warns_at(), Some(seconds(40)));
    timer.observe(seconds(1), &with_timeout(Status::PendingTfa, 30)).unwrap();
    assert_eq!(timer.warn(seconds(1)), Ok(Some(Duration::from_secs(30))));
    assert_eq!(Timer::clone(&timer).warns_at(), None);
    // Waiting for a card is waiting, too.
    assert_eq!(self::timer(&[(0, Status::PendingCard)]).warns_at(), Some(seconds(480)));
}

#[test]
fn it_is_too_late_to_warn_when_nothing_is_left() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    assert_eq!(timer.warn(seconds(240)), Ok(None));
    assert_eq!(timer.expire(seconds(240)), Ok(Some(Status::TimeoutTfa)));
    assert_eq!(timer.next_deadline(), None);
}

/// The table of expiry, for every status: what the job becomes is lawful, and comes from the right end.
#[test]
fn each_status_expires_as_the_table_says() {
    for &status in Status::ALL {
        let mut timer = timer(&[(0, Status::InProgress), (0, status)]);
        let expected = match status {
            Status::PendingTfa => Some((240, Status::TimeoutTfa)),
            Status::PendingNewCreds => Some((240, Status::TimeoutCredentials)),
            Status::PendingCreds => Some((240, Status::AbandonedQuickstart)),
            Status::PendingCard => Some((540, Status::VbsTimeout)),
            _ if status.is_terminal() => None,
            _ => Some((300, Status::VbsTimeout)),
        };
        assert_eq!(timer.expires_at(), expected.map(|(end, _)| seconds(end)), "{status}");
        if let Some((end, to)) = expected {
            assert_eq!(timer.expire(seconds(end)), Ok(Some(to)));
            assert!(!status.is_running() || status.can_become(to), "{status} to {to}");
        } else {
            assert_eq!(timer.expire(seconds(10_000)), Ok(None));
        }
    }
}

/// The budget, too, ends a wait in the wait's own way.
#[test]
fn a_wait_expires_by_its_budget_as_by_its_window() {
    for (status, to) in [
        (Status::PendingTfa, Status::TimeoutTfa),
        (Status::PendingNewCreds, Status::TimeoutCredentials),
        (Status::PendingCreds, Status::AbandonedQuickstart),
    ] {
        let mut timer = Timer::new(Limits::default());
        timer.observe(seconds(0), &with_timeout(status, 20)).unwrap();
        assert_eq!(timer.expire(at(19_999)), Ok(None));
        assert_eq!(timer.expire(seconds(20)), Ok(Some(to)));
    }
}

#[test]
fn an_end_stops_the_timer_for_good() {
    let unknown = |termination_type: Option<TerminationType>| {
        let mut body = StatusBody::new(Open::new("SELFIE_REFUSED"));
        body.termination_type = termination_type.map(Into::into);
        body
    };
    let typed =
        StatusBody::new(Status::NetworkIssue).with_termination_type(TerminationType::SiteInteractionFailure);
    let ends = [StatusBody::new(Status::TimeoutTfa), unknown(Some(TerminationType::UserDataFailure)), typed];
    for end in ends {
        let mut timer = timer(&[(0, Status::PendingTfa)]);
        timer.observe(seconds(1), &end).unwrap();
        timer.observe(seconds(2), &with_timeout(Status::PendingTfa, 300)).unwrap();
        assert_eq!(timer.next_deadline(), None, "{end:?}");
    }
    // What ended is not expired, whatever was said of it before.
    let mut expired = timer(&[(0, Status::PendingTfa)]);
    expired.expire(seconds(240)).unwrap();
    assert!(expired.is_expired());
    expired.observe(seconds(241), &StatusBody::new(Status::TimeoutTfa)).unwrap();
    assert!(!expired.is_expired());
    // None of these is an end.
    let early = StatusBody::new(Status::Auth).with_termination_type(TerminationType::Billable);
    for other in [early, unknown(None), StatusBody::new(Status::NetworkIssue)] {
        let mut timer = timer(&[(0, Status::Auth)]);
        timer.observe(seconds(1), &other).unwrap();
        assert_eq!(timer.next_deadline(), Some(seconds(300)), "{other:?}");
    }
}

#[test]
fn an_end_that_was_given_is_not_given_again_where_no_time_is_added() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    assert_eq!(timer.expire(seconds(240)), Ok(Some(Status::TimeoutTfa)));
    // The server says that nothing is left: the end is where it was.
    timer.observe(seconds(240), &with_timeout(Status::PendingTfa, 0)).unwrap();
    assert!(timer.is_expired());
    assert_eq!(timer.expire(seconds(240)), Ok(None));
}

#[test]
fn a_job_that_lives_on_after_it_expired_can_expire_anew() {
    let mut timer = timer(&[(0, Status::Auth)]);
    assert_eq!(timer.expire(seconds(300)), Ok(Some(Status::VbsTimeout)));
    // Another status alone brings no time; a wait does, counted from now; so does the server's word.
    timer.enter(seconds(301), Status::LoginSubmitted).unwrap();
    assert_eq!(timer.next_deadline(), None);
    timer.enter(seconds(400), Status::PendingTfa).unwrap();
    assert_eq!(timer.expires_at(), Some(seconds(640)));
    assert_eq!(timer.expire(seconds(640)), Ok(Some(Status::TimeoutTfa)));
    // The window has passed, and more budget doesn't open it again.
    timer.observe(seconds(641), &with_timeout(Status::PendingTfa, 100)).unwrap();
    assert_eq!(timer.next_deadline(), None);
    timer.observe(seconds(642), &with_timeout(Status::TfaReceived, 100)).unwrap();
    assert_eq!(timer.next_deadline(), Some(seconds(742)));
}

#[test]
fn the_numbers_are_those_of_the_limits() {
    let limits = Limits {
        budget: Duration::from_secs(50),
        budget_extension: Duration::from_secs(20),
        answer_window: Duration::from_secs(30),
        warning: Duration::from_secs(5),
        ..Limits::default()
    };
    let mut timer = Timer::new(limits);
    timer.enter(seconds(0), Status::Auth).unwrap();
    assert_eq!(timer.next_deadline(), Some(seconds(50)));
    timer.enter(seconds(0), Status::PendingTfa).unwrap();
    assert_eq!((timer.warns_at(), timer.expires_at()), (Some(seconds(25)), Some(seconds(30))));
    timer.enter(seconds(0), Status::TfaReceived).unwrap();
    assert_eq!(timer.next_deadline(), Some(seconds(70)));
}

#[test]
fn limits_are_written_in_seconds_and_whole_ones_as_such() {
    let written = |budget| {
        let limits = Limits { budget, ..Limits::default() };
        serde_json::to_value(&limits).unwrap()["budget_seconds"].to_string()
    };
    assert_eq!(written(Duration::from_secs(300)), "300");
    assert_eq!(written(Duration::from_millis(1_500)), "1.5");
    let read = |text: &str| serde_json::from_str::<Limits>(&format!(r#"{{"budget_seconds":{text}}}"#));
    for (text, milliseconds) in [("300", 300_000), ("300.0", 300_000), ("0.25", 250), ("1e3", 1_000_000)] {
        assert_eq!(read(text).unwrap().budget, Duration::from_millis(milliseconds), "{text}");
    }
    assert_eq!(read("1e300").unwrap().budget, Duration::MAX);
    for bad in ["-1", "-0.5", r#""300""#, "null"] {
        let error = read(bad).unwrap_err().to_string();
        assert!(error.contains("0 or more"), "{error}");
    }
}

#[test]
fn no_time_overflows() {
    let mut timer = Timer::new(Limits { budget: Duration::MAX, ..Limits::default() });
    timer.enter(at(i64::MIN), Status::Auth).unwrap();
    timer.enter(at(i64::MAX), Status::PendingTfa).unwrap();
    assert_eq!(timer.expires_at(), Some(at(i64::MAX)));
    timer.observe(at(i64::MAX), &with_timeout(Status::PendingTfa, i64::MAX)).unwrap();
    assert_eq!(timer.expire(at(i64::MAX)), Ok(Some(Status::TimeoutTfa)));
}

#[test]
fn the_refusal_of_a_time_names_both() {
    let mut timer = timer(&[(2, Status::Auth)]);
    let refusal = TimeWentBack { before: at(2_000), now: at(1_999) };
    assert_eq!(timer.enter(at(1_999), Status::PendingTfa), Err(refusal));
    assert_eq!(refusal.to_string(), "time went back from 2000 ms to 1999 ms: it has to stand still or go on");
}
