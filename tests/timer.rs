//! A job's deadlines: by example, and under any schedule. No test waits: time is told.

use core::time::Duration;

use cardsavr_protocol::message::{JobTimeout, Open, StatusBody};
use cardsavr_protocol::{Input, Job, Limits, Status, TerminationType, TimeWentBack, Timer, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

fn seconds(seconds: i64) -> Timestamp {
    at(seconds * 1000)
}

/// What a message says that has a `job_timeout`.
fn with_timeout(status: Status, job_timeout: i64) -> StatusBody<'static> {
    let job_timeout: JobTimeout = serde_json::from_value(job_timeout.into()).unwrap();
    StatusBody { job_timeout: Some(job_timeout), ..StatusBody::new(status) }
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
    let unknown = StatusBody { job_timeout: Some(60.into()), ..StatusBody::new(Open::new("PENDING_SELFIE")) };
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
    for &status in <Status as strum::VariantArray>::VARIANTS {
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
    let unknown = |termination_type: Option<TerminationType>| StatusBody {
        termination_type: termination_type.map(Into::into),
        ..StatusBody::new(Open::new("SELFIE_REFUSED"))
    };
    let typed = StatusBody {
        termination_type: Some(TerminationType::SiteInteractionFailure.into()),
        ..StatusBody::new(Status::NetworkIssue)
    };
    let ends = [StatusBody::new(Status::TimeoutTfa), unknown(Some(TerminationType::UserDataFailure)), typed];
    for end in ends {
        let mut timer = timer(&[(0, Status::PendingTfa)]);
        timer.observe(seconds(1), &end).unwrap();
        timer.observe(seconds(2), &with_timeout(Status::PendingTfa, 300)).unwrap();
        assert_eq!(timer.next_deadline(), None, "{end:?}");
    }
    // None of these is an end.
    let early = StatusBody {
        termination_type: Some(TerminationType::Billable.into()),
        ..StatusBody::new(Status::Auth)
    };
    for other in [early, unknown(None), StatusBody::new(Status::NetworkIssue)] {
        let mut timer = timer(&[(0, Status::Auth)]);
        timer.observe(seconds(1), &other).unwrap();
        assert_eq!(timer.next_deadline(), Some(seconds(300)), "{other:?}");
    }
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

/// A step of a schedule: some time later the job moves on, or beats, with or without a `job_timeout`.
#[derive(Clone, Debug)]
struct Step {
    gap: i64,
    next: Index,
    job_timeout: Option<i64>,
}

fn schedule() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![Just(0), 1..30_000i64, 0..600_000i64];
    let job_timeout = proptest::option::weighted(0.3, prop_oneof![-5..400i64, 9_990..900_000i64]);
    let step = (gap, any::<Index>(), job_timeout).prop_map(|(gap, next, job_timeout)| Step {
        gap,
        next,
        job_timeout,
    });
    proptest::collection::vec(step, 0..20)
}

/// The lawful life that a schedule stands for, up to the last status in progress: when, and what is said.
fn life(schedule: &[Step]) -> Vec<(Timestamp, StatusBody<'static>)> {
    let limits = Limits::default();
    let (mut job, mut now) = (Job::new(Status::Requested), 0);
    let mut life = Vec::new();
    for step in schedule {
        let next: Vec<Status> =
            job.legal(&limits).iter().filter(|next| !next.is_terminal()).chain([job.status()]).collect();
        job = job.apply(*step.next.get(&next), &limits).unwrap();
        now += step.gap;
        let said = match step.job_timeout {
            Some(job_timeout) => with_timeout(job.status(), job_timeout),
            None => StatusBody::new(job.status()),
        };
        life.push((at(now), said));
    }
    life
}

/// The end of the budget and of the answer window, worked out from a whole life at once, in milliseconds.
fn ends(life: &[(Timestamp, StatusBody<'_>)]) -> (Option<i64>, Option<i64>) {
    let status = |index: usize| life[index].1.status.known().unwrap();
    let Some(begin) = (0..life.len()).find(|&index| status(index).is_running()) else { return (None, None) };
    let is_entry = |index: usize| index == 0 || status(index - 1) != status(index);
    let mut budget = life[begin].0.as_millis() + 300_000;
    for index in begin..life.len() {
        let (now, said) = (life[index].0.as_millis(), &life[index].1);
        if is_entry(index) && status(index).is_waiting() {
            budget = budget.max(now) + 240_000;
        }
        if let Some(timeout) = &said.job_timeout {
            let values = life[..=index].iter().filter_map(|(_, said)| said.job_timeout.as_ref());
            let is_milliseconds = values.map(JobTimeout::get).max() >= Some(10_000);
            budget = now + timeout.get().max(0) * if is_milliseconds { 1 } else { 1000 };
        }
    }
    let last = life.len() - 1;
    let is_asked = matches!(
        status(last).awaits(),
        Some(Input::InitialCredentials | Input::NewCredentials | Input::TfaCode)
    );
    let window = is_asked.then(|| {
        let entry = (0..=last).rev().find(|&index| is_entry(index)).unwrap();
        life[entry].0.as_millis() + 240_000
    });
    (Some(budget), window)
}

/// Tells a timer of a life.
fn watch(timer: &mut Timer, life: &[(Timestamp, StatusBody<'_>)]) {
    for (now, said) in life {
        timer.observe(*now, said).unwrap();
    }
}

proptest! {
    /// The deadlines are those that the rules give, however a life goes.
    #[test]
    fn deadlines_are_those_of_the_rules(schedule in schedule()) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        for seen in 1..=life.len() {
            watch(&mut timer, &life[seen - 1..seen]);
            let (budget, window) = ends(&life[..seen]);
            let end = budget.into_iter().chain(window).min();
            prop_assert_eq!(timer.expires_at(), end.map(at));
            let waits = life[seen - 1].1.status.known().unwrap().is_waiting();
            prop_assert_eq!(timer.warns_at(), end.filter(|_| waits).map(|end| at(end - 60_000)));
        }
    }

    /// Whatever a job that began to run does then, it ends, by the table and lawfully, if nothing more is heard of it;
    /// no deadline fires early, and none twice.
    #[test]
    fn every_job_that_began_to_run_ends(schedule in schedule()) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        watch(&mut timer, &life);
        let limits = Limits::default();
        let mut job = Job::new(Status::Requested);
        for (_, said) in &life {
            job = job.apply(said.status.known().unwrap(), &limits).unwrap();
        }
        let has_begun = life.iter().any(|(_, said)| said.status.known().unwrap().is_running());
        let mut now = life.last().map_or(at(0), |last| last.0);

        let (mut warnings, mut ends) = (0, Vec::new());
        while let Some(deadline) = timer.next_deadline() {
            prop_assert!(warnings + ends.len() < 2, "each deadline passes");
            if deadline > now {
                let early = deadline - Duration::from_millis(1);
                prop_assert_eq!(timer.warn(early), Ok(None));
                prop_assert_eq!(timer.expire(early), Ok(None));
                now = deadline;
            }
            let (warned, ended) = (timer.warn(now).unwrap(), timer.expire(now).unwrap());
            prop_assert!(warned.is_some() != ended.is_some(), "a deadline is one or the other");
            prop_assert!(warned.is_none_or(|left| left <= limits.warning));
            warnings += usize::from(warned.is_some());
            ends.extend(ended);
            prop_assert_eq!((timer.warn(now), timer.expire(now)), (Ok(None), Ok(None)), "never twice");
        }
        prop_assert_eq!(ends.len(), usize::from(has_begun));
        for end in ends {
            prop_assert!(job.apply(end, &limits).is_ok(), "{} to {}", job.status(), end);
            timer.enter(now, end).unwrap();
            prop_assert_eq!(timer.next_deadline(), None);
        }
    }

    /// An answer in the last millisecond counts; in the next one there is nothing left to answer.
    #[test]
    fn an_answer_in_the_last_millisecond_counts(
        begin in -1_000_000..1_000_000i64,
        job_timeout in proptest::option::of(1..900i64),
        wait in proptest::sample::select(vec![
            (Status::PendingCreds, Status::CredsReceived),
            (Status::PendingNewCreds, Status::NewCredsReceived),
            (Status::PendingTfa, Status::TfaReceived),
        ]),
    ) {
        let (waiting, answered) = wait;
        let mut timer = Timer::new(Limits::default());
        let said = job_timeout.map_or(StatusBody::new(waiting), |timeout| with_timeout(waiting, timeout));
        timer.observe(at(begin), &said).unwrap();
        let end = begin + 240_000.min(job_timeout.map_or(i64::MAX, |timeout| timeout * 1000));
        prop_assert_eq!(timer.expires_at(), Some(at(end)));

        let mut late = timer.clone();
        prop_assert!(late.expire(at(end)).unwrap().is_some());

        prop_assert_eq!(timer.expire(at(end - 1)), Ok(None));
        timer.observe(at(end - 1), &with_timeout(answered, 60)).unwrap();
        prop_assert_eq!(timer.expire(at(end)), Ok(None));
        prop_assert_eq!(timer.expires_at(), Some(at(end - 1 + 60_000)));
    }

    /// A time that goes back is refused, whoever hands it in, and changes nothing.
    #[test]
    fn time_that_goes_back_is_refused(schedule in schedule(), back in 1..1_000_000i64, any_now in 0..1_000i64) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        watch(&mut timer, &life);
        let last = life.last().map_or(0, |last| last.0.as_millis()) + any_now;
        timer.warn(at(last)).unwrap();
        let (before, untouched) = (timer.clone(), at(last - back));
        let refusal = TimeWentBack { before: at(last), now: untouched };
        prop_assert_eq!(timer.observe(untouched, &with_timeout(Status::PendingTfa, 3)), Err(refusal));
        prop_assert_eq!(timer.enter(untouched, Status::Successful), Err(refusal));
        prop_assert_eq!(timer.warn(untouched), Err(refusal));
        prop_assert_eq!(timer.expire(untouched), Err(refusal));
        prop_assert_eq!(&timer, &before);
        prop_assert!(timer.expire(at(last)).is_ok(), "time may stand still");
    }

    /// What was serialized goes on as if nothing had happened.
    #[test]
    fn a_timer_serializes_and_resumes(schedule in schedule(), wakes in any::<bool>()) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        for moment in life {
            let now = moment.0;
            watch(&mut timer, &[moment]);
            if wakes {
                timer.warn(now).unwrap();
                timer.expire(now).unwrap();
            }
            let text = serde_json::to_string(&timer).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Timer>(&text).unwrap(), &timer);
        }
    }
}
