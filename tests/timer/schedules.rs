//! Properties of the deadlines under any schedule of a valid job history.

use core::time::Duration;

use cardsavr_protocol::{Job, Limits, Status, Timer, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{Said, at, observe, said, with_timeout};

/// A step of a schedule: after some time the job advances or sends a heartbeat, with or without a `job_timeout`.
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

/// The valid history of a schedule, up to the last status in progress: the time, status and `job_timeout` of each message.
fn life(schedule: &[Step]) -> Vec<(Timestamp, Status, Option<i64>)> {
    let limits = Limits::default();
    let (mut job, mut now) = (Job::new(Status::Requested), 0);
    let mut life = Vec::new();
    for step in schedule {
        let next: Vec<Status> =
            job.legal(&limits).iter().filter(|next| !next.is_terminal()).chain([job.status()]).collect();
        job = job.apply(*step.next.get(&next), &limits).unwrap();
        now += step.gap;
        life.push((at(now), job.status(), step.job_timeout));
    }
    life
}

/// The ends of the budget and of the answer window, computed from a complete history, in milliseconds.
fn ends(life: &[(Timestamp, Status, Option<i64>)]) -> (Option<i64>, Option<i64>) {
    let status = |index: usize| life[index].1;
    let Some(begin) = (0..life.len()).find(|&index| status(index).is_running()) else { return (None, None) };
    let is_entry = |index: usize| index == 0 || status(index - 1) != status(index);
    let mut budget = life[begin].0.as_millis() + 300_000;
    for index in begin..life.len() {
        let (now, _, job_timeout) = life[index];
        let now = now.as_millis();
        if is_entry(index) && status(index).is_waiting() {
            budget = budget.max(now) + 240_000;
        }
        if let Some(timeout) = job_timeout {
            let largest = life[..=index].iter().filter_map(|moment| moment.2).max();
            let unit = if largest >= Some(10_000) { 1 } else { 1000 };
            budget = now + timeout.max(0) * unit;
        }
    }
    let last = life.len() - 1;
    let window = status(last).opens_window().then(|| {
        let entry = (0..=last).rev().find(|&index| is_entry(index)).unwrap();
        life[entry].0.as_millis() + 240_000
    });
    (Some(budget), window)
}

/// Passes a history to a timer.
fn watch(timer: &mut Timer, life: &[(Timestamp, Status, Option<i64>)]) {
    for &(now, status, job_timeout) in life {
        let moment: Said = job_timeout.map_or(said(status), |timeout| with_timeout(status, timeout));
        observe(timer, now, moment);
    }
}

proptest! {
    /// The deadlines follow the rules in any history.
    #[test]
    fn deadlines_are_those_of_the_rules(schedule in schedule()) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        for seen in 1..=life.len() {
            watch(&mut timer, &life[seen - 1..seen]);
            let (budget, window) = ends(&life[..seen]);
            let end = budget.into_iter().chain(window).min();
            prop_assert_eq!(timer.expires_at(), end.map(at));
            let waits = life[seen - 1].1.is_waiting();
            prop_assert_eq!(timer.warns_at(), end.filter(|_| waits).map(|end| at(end - 60_000)));
        }
    }

    /// Without further messages, a job that runs ends by the expiry table in a legal status. No deadline fires early, and
    /// none twice.
    #[test]
    fn every_job_that_began_to_run_ends(schedule in schedule()) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        watch(&mut timer, &life);
        let limits = Limits::default();
        let mut job = Job::new(Status::Requested);
        for &(_, status, _) in &life {
            job = job.apply(status, &limits).unwrap();
        }
        let has_begun = life.iter().any(|(_, status, _)| status.is_running());
        let mut now = life.last().map_or(at(0), |last| last.0);

        let (mut warnings, mut ends) = (0, Vec::new());
        while let Some(deadline) = timer.next_deadline() {
            prop_assert!(warnings + ends.len() < 2, "each deadline passes");
            if deadline > now {
                let early = deadline - Duration::from_millis(1);
                prop_assert_eq!(timer.warn(early), None);
                prop_assert_eq!(timer.expire(early), None);
                now = deadline;
            }
            let (warned, ended) = (timer.warn(now), timer.expire(now));
            prop_assert!(warned.is_some() != ended.is_some(), "a deadline is a warning or an end");
            prop_assert!(warned.is_none_or(|left| left <= limits.warning));
            warnings += usize::from(warned.is_some());
            ends.extend(ended);
            prop_assert_eq!((timer.warn(now), timer.expire(now)), (None, None), "never twice");
        }
        prop_assert_eq!(ends.len(), usize::from(has_begun));
        for end in ends {
            prop_assert!(job.apply(end, &limits).is_ok(), "{} to {}", job.status(), end);
            timer.enter(now, end);
            prop_assert_eq!(timer.next_deadline(), None);
        }
    }

    /// An answer in the last millisecond counts; in the next one the job has expired.
    #[test]
    fn an_answer_in_the_last_millisecond_counts(
        begin in -1_000_000..1_000_000i64,
        job_timeout in proptest::option::of(1..900i64),
        waiting in proptest::sample::select(
            Status::ALL.iter().copied().filter(|status| status.opens_window()).collect::<Vec<_>>(),
        ),
    ) {
        let answered = waiting.answered_by().unwrap();
        let mut timer = Timer::new(Limits::default());
        let moment = job_timeout.map_or(said(waiting), |timeout| with_timeout(waiting, timeout));
        observe(&mut timer, at(begin), moment);
        let end = begin + 240_000.min(job_timeout.map_or(i64::MAX, |timeout| timeout * 1000));
        prop_assert_eq!(timer.expires_at(), Some(at(end)));

        let mut late = timer.clone();
        prop_assert!(late.expire(at(end)).is_some());

        prop_assert_eq!(timer.expire(at(end - 1)), None);
        observe(&mut timer, at(end - 1), with_timeout(answered, 60));
        prop_assert_eq!(timer.expire(at(end)), None);
        prop_assert_eq!(timer.expires_at(), Some(at(end - 1 + 60_000)));
    }

    /// A time that goes back counts as the latest one, in every call.
    #[test]
    fn a_time_that_goes_back_is_the_latest(schedule in schedule(), back in 1..1_000_000i64, any_now in 0..1_000i64) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default());
        watch(&mut timer, &life);
        let last = life.last().map_or(0, |last| last.0.as_millis()) + any_now;
        timer.warn(at(last));
        let mut other = timer.clone();
        observe(&mut timer, at(last - back), with_timeout(Status::PendingTfa, 3));
        observe(&mut other, at(last), with_timeout(Status::PendingTfa, 3));
        prop_assert_eq!(&timer, &other);
        prop_assert_eq!(timer.warn(at(last - back)), other.warn(at(last)));
        prop_assert_eq!(timer.expire(at(last - back)), other.expire(at(last)));
        timer.request(at(last - back), cardsavr_protocol::Input::NewCredentials);
        other.request(at(last), cardsavr_protocol::Input::NewCredentials);
        prop_assert_eq!(&timer, &other);
    }

    /// A deserialized timer continues unchanged, with any limits.
    #[test]
    fn a_timer_serializes_and_resumes(
        schedule in schedule(),
        wakes in any::<bool>(),
        budget in prop_oneof![Just(Duration::MAX), (0..1_000_000u64).prop_map(Duration::from_millis)],
        window in (0..1_000_000_000_000u64).prop_map(Duration::from_nanos),
    ) {
        let life = life(&schedule);
        let mut timer = Timer::new(Limits::default().with_budget(budget).with_answer_window(window));
        for moment in life {
            let now = moment.0;
            watch(&mut timer, &[moment]);
            if wakes {
                timer.warn(now);
                timer.expire(now);
            }
            let text = serde_json::to_string(&timer).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Timer>(&text).unwrap(), &timer);
        }
    }
}
