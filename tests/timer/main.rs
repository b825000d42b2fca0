//! A job's deadlines: by example and under any schedule. No test waits: time is an argument.

mod schedules;

use core::time::Duration;

use cardsavr_protocol::{Input, Limits, Standing, Status, Timer, Timestamp};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

fn seconds(seconds: i64) -> Timestamp {
    at(seconds * 1000)
}

/// The data of a message for a timer: the standing of the job and its `job_timeout`.
type Said = (Standing, Option<i64>);

fn said(status: Status) -> Said {
    (Standing::of(Some(status), status.is_terminal()), None)
}

fn with_timeout(status: Status, job_timeout: i64) -> Said {
    (Standing::of(Some(status), status.is_terminal()), Some(job_timeout))
}

fn observe(timer: &mut Timer, now: Timestamp, (standing, job_timeout): Said) {
    timer.observe(now, standing, job_timeout);
}

/// The timer of a job that entered these statuses at these seconds.
fn timer(life: &[(i64, Status)]) -> Timer {
    let mut timer = Timer::new(Limits::default());
    for &(time, status) in life {
        timer.enter(seconds(time), status);
    }
    timer
}

#[test]
fn nothing_expires_before_the_job_runs() {
    for status in [Status::Initiated, Status::Requested, Status::Queued] {
        let mut timer = timer(&[(0, status)]);
        assert_eq!(timer.next_deadline(), None);
        observe(&mut timer, seconds(1), with_timeout(status, 5));
        assert_eq!(timer.next_deadline(), None);
        assert_eq!(timer.expire(seconds(100_000)), None);
        // A cancel starts no budget.
        timer.enter(seconds(100_000), Status::CancelRequested);
        assert_eq!(timer.next_deadline(), None);
    }
}

#[test]
fn the_budget_begins_with_the_first_running_status() {
    let mut timer = timer(&[(0, Status::Requested), (100, Status::Queued), (200, Status::InProgress)]);
    assert_eq!(timer.next_deadline(), Some(seconds(500)));
    timer.enter(seconds(300), Status::Auth);
    assert_eq!(timer.next_deadline(), Some(seconds(500)));
    assert_eq!(timer.expire(seconds(500)), Some(Status::VbsTimeout));
}

#[test]
fn the_budget_runs_on_after_a_cancel() {
    let mut timer = timer(&[(0, Status::Auth), (10, Status::PendingTfa), (20, Status::CancelRequested)]);
    assert_eq!(timer.next_deadline(), Some(seconds(540)));
    assert_eq!(timer.expire(seconds(540)), Some(Status::VbsTimeout));
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
    // The first waits end with their windows, the last with the budget: a card has no window.
    let (first_window, second_window) = (241, 244);
    let ends = [300, first_window, 540, 540, second_window, 780, 1020].map(seconds).map(Some);
    assert_eq!([1, 2, 3, 4, 5, 6, 7].map(end), ends);

    // A heartbeat is not an entry.
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
fn a_job_timeout_replaces_the_budget() {
    let mut timer = timer(&[(0, Status::Auth)]);
    observe(&mut timer, seconds(10), with_timeout(Status::Auth, 120));
    assert_eq!(timer.expires_at(), Some(seconds(130)));
    observe(&mut timer, seconds(20), with_timeout(Status::Auth, 900));
    assert_eq!(timer.expires_at(), Some(seconds(920)));

    // In the message that begins a wait it applies after the extension: 100 s, not 340 s; the window is longer.
    observe(&mut timer, seconds(30), with_timeout(Status::PendingTfa, 100));
    assert_eq!(timer.expires_at(), Some(seconds(130)));
    // The `job_timeout` of a failure to connect and of an unknown status also applies.
    observe(&mut timer, seconds(40), (Standing::NetworkFailure, Some(50)));
    assert_eq!(timer.expires_at(), Some(seconds(90)));
    observe(&mut timer, seconds(40), (Standing::Unknown, Some(60)));
    assert_eq!(timer.expires_at(), Some(seconds(100)));
    // A negative value means that no time is left.
    observe(&mut timer, seconds(41), with_timeout(Status::PendingTfa, -3));
    assert_eq!(timer.expire(seconds(41)), Some(Status::TimeoutTfa));
}

#[test]
fn the_unit_belongs_to_the_job() {
    let mut timer = timer(&[(0, Status::Auth)]);
    let mut left = |now, job_timeout| {
        observe(&mut timer, seconds(now), with_timeout(Status::Auth, job_timeout));
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
    observe(&mut timer, seconds(0), with_timeout(Status::Queued, 835_815));
    assert_eq!(timer.expires_at(), None);
    observe(&mut timer, seconds(1), with_timeout(Status::InProgress, 9_000));
    assert_eq!(timer.expires_at(), Some(seconds(10)));
}

#[test]
fn the_warning_is_due_once_per_wait() {
    let mut timer = timer(&[(0, Status::LoginSubmitted)]);
    assert_eq!(timer.warns_at(), None);
    timer.enter(seconds(0), Status::PendingTfa);
    assert_eq!(timer.next_deadline(), Some(seconds(180)));
    assert_eq!(timer.warn(at(179_999)), None);
    assert_eq!(timer.warn(seconds(185)), Some(Duration::from_secs(55)));
    assert_eq!(timer.warn(seconds(185)), None);
    // More time brings no second warning.
    observe(&mut timer, seconds(186), with_timeout(Status::PendingTfa, 200));
    assert_eq!(timer.warn(seconds(239)), None);

    timer.enter(seconds(239), Status::TfaReceived);
    timer.enter(seconds(239), Status::TfaSubmitted);
    timer.enter(seconds(239), Status::PendingTfa);
    assert_eq!(timer.warns_at(), Some(seconds(239 + 180)));
}

#[test]
fn the_warning_precedes_the_earlier_end() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    observe(&mut timer, seconds(0), with_timeout(Status::PendingTfa, 100));
    assert_eq!(timer.warns_at(), Some(seconds(40)));
    observe(&mut timer, seconds(1), with_timeout(Status::PendingTfa, 30));
    assert_eq!(timer.warn(seconds(1)), Some(Duration::from_secs(30)));
    assert_eq!(Timer::clone(&timer).warns_at(), None);
    // A wait for a card is warned of as well.
    assert_eq!(self::timer(&[(0, Status::PendingCard)]).warns_at(), Some(seconds(480)));
}

#[test]
fn it_is_too_late_to_warn_when_nothing_is_left() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    assert_eq!(timer.warn(seconds(240)), None);
    assert_eq!(timer.expire(seconds(240)), Some(Status::TimeoutTfa));
    assert_eq!(timer.next_deadline(), None);
}

/// The expiry table for every status: the new status is legal, and the right end causes it.
#[test]
fn each_status_expires_by_the_table() {
    for &status in Status::ALL {
        let mut timer = timer(&[(0, Status::InProgress), (0, status)]);
        let expected = match status {
            _ if status.is_terminal() => None,
            _ if status.opens_window() => Some((240, status.expires_as().unwrap())),
            _ if status.is_waiting() => Some((540, Status::VbsTimeout)),
            _ => Some((300, Status::VbsTimeout)),
        };
        assert_eq!(timer.expires_at(), expected.map(|(end, _)| seconds(end)), "{status}");
        if let Some((end, to)) = expected {
            assert_eq!(timer.expire(seconds(end)), Some(to));
            assert!(!status.is_running() || status.can_become(to), "{status} to {to}");
        } else {
            assert_eq!(timer.expire(seconds(10_000)), None);
        }
    }
}

/// A wait that the budget ends expires with the status of the wait.
#[test]
fn a_wait_expires_by_its_budget_as_by_its_window() {
    for (status, to) in [
        (Status::PendingTfa, Status::TimeoutTfa),
        (Status::PendingNewCreds, Status::TimeoutCredentials),
        (Status::PendingCreds, Status::AbandonedQuickstart),
    ] {
        let mut timer = Timer::new(Limits::default());
        observe(&mut timer, seconds(0), with_timeout(status, 20));
        assert_eq!(timer.expire(at(19_999)), None);
        assert_eq!(timer.expire(seconds(20)), Some(to));
    }
}

#[test]
fn an_end_stops_the_timer_for_good() {
    let ends = [
        Standing::of(Some(Status::TimeoutTfa), false),
        Standing::of(None, true),
        Standing::of(Some(Status::NetworkIssue), true),
    ];
    for end in ends {
        let mut timer = timer(&[(0, Status::PendingTfa)]);
        timer.observe(seconds(1), end, None);
        observe(&mut timer, seconds(2), with_timeout(Status::PendingTfa, 300));
        assert_eq!(timer.next_deadline(), None, "{end:?}");
    }
    // An ended job is not expired, regardless of earlier messages.
    let mut expired = timer(&[(0, Status::PendingTfa)]);
    expired.expire(seconds(240));
    assert!(expired.is_expired());
    observe(&mut expired, seconds(241), said(Status::TimeoutTfa));
    assert!(!expired.is_expired());
    // None of these ends the job.
    let early = Standing::of(Some(Status::Auth), true);
    for other in [early, Standing::of(None, false), Standing::of(Some(Status::NetworkIssue), false)] {
        let mut timer = timer(&[(0, Status::Auth)]);
        timer.observe(seconds(1), other, None);
        assert_eq!(timer.next_deadline(), Some(seconds(300)), "{other:?}");
    }
}

#[test]
fn an_expiry_is_returned_once_unless_time_is_added() {
    let mut timer = timer(&[(0, Status::PendingTfa)]);
    assert_eq!(timer.expire(seconds(240)), Some(Status::TimeoutTfa));
    // The server reports no time left: the end is unchanged.
    observe(&mut timer, seconds(240), with_timeout(Status::PendingTfa, 0));
    assert!(timer.is_expired());
    assert_eq!(timer.expire(seconds(240)), None);
}

#[test]
fn a_job_that_continues_after_expiry_can_expire_again() {
    let mut timer = timer(&[(0, Status::Auth)]);
    assert_eq!(timer.expire(seconds(300)), Some(Status::VbsTimeout));
    // Another status alone adds no time; a wait adds time from now, and so does the server's `job_timeout`.
    timer.enter(seconds(301), Status::LoginSubmitted);
    assert_eq!(timer.next_deadline(), None);
    timer.enter(seconds(400), Status::PendingTfa);
    assert_eq!(timer.expires_at(), Some(seconds(640)));
    assert_eq!(timer.expire(seconds(640)), Some(Status::TimeoutTfa));
    // More budget doesn't reopen a window that has passed.
    observe(&mut timer, seconds(641), with_timeout(Status::PendingTfa, 100));
    assert_eq!(timer.next_deadline(), None);
    observe(&mut timer, seconds(642), with_timeout(Status::TfaReceived, 100));
    assert_eq!(timer.next_deadline(), Some(seconds(742)));
}

#[test]
fn the_durations_are_those_of_the_limits() {
    let limits = Limits::default()
        .with_budget(Duration::from_secs(50))
        .with_budget_extension(Duration::from_secs(20))
        .with_answer_window(Duration::from_secs(30))
        .with_warning(Duration::from_secs(5));
    let mut timer = Timer::new(limits);
    timer.enter(seconds(0), Status::Auth);
    assert_eq!(timer.next_deadline(), Some(seconds(50)));
    timer.enter(seconds(0), Status::PendingTfa);
    assert_eq!((timer.warns_at(), timer.expires_at()), (Some(seconds(25)), Some(seconds(30))));
    timer.enter(seconds(0), Status::TfaReceived);
    assert_eq!(timer.next_deadline(), Some(seconds(70)));
}

#[test]
fn limits_serialize_in_seconds_and_without_a_fraction_if_integral() {
    let written = |budget| {
        let limits = Limits::default().with_budget(budget);
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
    let mut timer = Timer::new(Limits::default().with_budget(Duration::MAX));
    timer.enter(at(i64::MIN), Status::Auth);
    timer.enter(at(i64::MAX), Status::PendingTfa);
    assert_eq!(timer.expires_at(), Some(at(i64::MAX)));
    observe(&mut timer, at(i64::MAX), with_timeout(Status::PendingTfa, i64::MAX));
    assert_eq!(timer.expire(at(i64::MAX)), Some(Status::TimeoutTfa));
}

#[test]
fn a_time_that_goes_back_counts_as_the_latest() {
    let mut timer = timer(&[(10, Status::Auth)]);
    timer.enter(seconds(4), Status::PendingTfa);
    assert_eq!(timer.expires_at(), Some(seconds(250)));
    observe(&mut timer, seconds(3), with_timeout(Status::PendingTfa, 100));
    assert_eq!(timer.expires_at(), Some(seconds(110)));
    assert_eq!(timer.warn(seconds(60)), Some(Duration::from_secs(50)));
    assert_eq!(timer.expire(seconds(110)), Some(Status::TimeoutTfa));
    timer.request(seconds(0), Input::NewCredentials);
    assert_eq!(timer.expires_at(), Some(seconds(350)));
}

/// A request ahead of its status begins the wait: one window, one extension, one warning.
#[test]
fn a_request_and_the_status_that_follows_are_one_wait() {
    for (input, waiting, becomes) in [
        (Input::TfaCode, Status::PendingTfa, Status::TimeoutTfa),
        (Input::NewCredentials, Status::PendingNewCreds, Status::TimeoutCredentials),
        (Input::InitialCredentials, Status::PendingCreds, Status::AbandonedQuickstart),
    ] {
        let mut timer = timer(&[(0, Status::InProgress)]);
        timer.request(seconds(280), input);
        // 300 s, and 240 s more: the window ends first.
        assert_eq!((timer.warns_at(), timer.expires_at()), (Some(seconds(460)), Some(seconds(520))));
        // Each poll shows the request.
        timer.request(seconds(285), input);
        assert_eq!(timer.warn(seconds(460)), Some(Duration::from_secs(60)));
        timer.enter(seconds(461), waiting);
        assert_eq!((timer.warns_at(), timer.expires_at()), (None, Some(seconds(520))), "{waiting}");
        timer.request(seconds(462), input);
        assert_eq!((timer.warns_at(), timer.expires_at()), (None, Some(seconds(520))), "{waiting}");
        let mut late = timer.clone();
        assert_eq!(late.expire(seconds(520)), Some(becomes));
        // The budget was extended once.
        timer.enter(seconds(463), Status::CancelRequested);
        assert_eq!(timer.expires_at(), Some(seconds(540)));
    }
}

#[test]
fn a_wait_without_its_status_expires_as_that_status_does() {
    let mut timer = timer(&[(0, Status::LoginSubmitted)]);
    timer.request(seconds(10), Input::TfaCode);
    assert_eq!(timer.expire(seconds(250)), Some(Status::TimeoutTfa));
    // Also for a job of which nothing else was seen.
    let mut timer = Timer::new(Limits::default());
    timer.request(seconds(0), Input::NewCredentials);
    assert_eq!((timer.warns_at(), timer.expires_at()), (Some(seconds(180)), Some(seconds(240))));
    assert_eq!(timer.expire(seconds(240)), Some(Status::TimeoutCredentials));
}

#[test]
fn a_wait_that_a_request_began_lasts_until_the_job_has_passed_it() {
    let begun = |status| {
        let mut timer = timer(&[(0, status)]);
        timer.request(seconds(10), Input::TfaCode);
        timer
    };
    // A status that comes before the wait may be older than the request.
    let mut timer = begun(Status::Auth);
    timer.enter(seconds(20), Status::LoginSubmitted);
    assert_eq!(timer.expires_at(), Some(seconds(250)));
    timer.enter(seconds(30), Status::PendingTfa);
    assert_eq!(timer.expires_at(), Some(seconds(250)));
    // A status after the wait ends it, also if the waiting status was not seen; the budget stays.
    for after in [Status::TfaReceived, Status::TfaSubmitted, Status::Updating, Status::CancelRequested] {
        let mut timer = begun(Status::LoginSubmitted);
        timer.enter(seconds(20), after);
        assert_eq!((timer.warns_at(), timer.expires_at()), (None, Some(seconds(540))), "{after}");
        // Another wait ends it as well.
        let mut timer = begun(Status::LoginSubmitted);
        timer.enter(seconds(20), Status::PendingNewCreds);
        assert_eq!(timer.expires_at(), Some(seconds(260)));
    }
    // Another round can begin with a request, too.
    let mut timer = begun(Status::TfaSubmitted);
    timer.enter(seconds(20), Status::PendingTfa);
    assert_eq!(timer.expires_at(), Some(seconds(250)));
    timer.enter(seconds(30), Status::TfaReceived);
    assert_eq!(timer.expires_at(), Some(seconds(540)));
    timer.request(seconds(40), Input::TfaCode);
    assert_eq!(timer.expires_at(), Some(seconds(280)));
}

#[test]
fn a_request_after_the_end_starts_no_timer() {
    let mut timer = timer(&[(0, Status::PendingTfa), (1, Status::TimeoutTfa)]);
    timer.request(seconds(2), Input::TfaCode);
    assert_eq!(timer.next_deadline(), None);
}

/// A wait for a card has no window, but a warning.
#[test]
fn a_request_for_a_card_has_the_budget() {
    let mut timer = timer(&[(0, Status::Updating)]);
    timer.request(seconds(10), Input::Card);
    assert_eq!((timer.warns_at(), timer.expires_at()), (Some(seconds(480)), Some(seconds(540))));
    timer.enter(seconds(20), Status::PendingCard);
    assert_eq!(timer.warn(seconds(480)), Some(Duration::from_secs(60)));
    assert_eq!(timer.expire(seconds(540)), Some(Status::VbsTimeout));
}
