//! The machine with the status in the type, as its users see it.

use core::time::Duration;

use cardsavr_protocol::typestate::status::*;
use cardsavr_protocol::typestate::{Job, Refused};
use cardsavr_protocol::{Guard, Limits, Status, TerminationType, Timer, Timestamp};

/// A job that waits for its TFA code, advanced from the start.
fn awaiting_code() -> Job<PendingTfa> {
    Job::new(Requested)
        .advance(Queued)
        .advance(InProgress)
        .advance(Auth)
        .advance(LoginSubmitted)
        .advance(PendingTfa)
}

#[test]
fn a_job_is_placed() {
    let job = awaiting_code().answered().advance(TfaSubmitted).advance(Updating).end(Successful);
    assert_eq!(job.status(), Status::Successful);
    assert_eq!(job.termination_type(), TerminationType::Billable);
}

#[test]
fn every_request_can_be_answered() {
    let answered = [
        (Status::PendingCreds, Job::new(PendingCreds).answered().erase()),
        (Status::PendingNewCreds, Job::new(PendingNewCreds).answered().erase()),
        (Status::PendingTfa, Job::new(PendingTfa).answered().erase()),
        (Status::PendingCard, Job::new(PendingCard).answered().erase()),
    ];
    for (waiting, after) in answered {
        assert!(waiting.is_waiting() && !after.status().is_waiting());
        assert!(waiting.can_become(after.status()));
    }
}

#[test]
fn a_cancelled_job_can_still_end_otherwise() {
    let acknowledged = awaiting_code().cancel().end(Cancelled);
    assert_eq!(acknowledged.termination_type(), TerminationType::NeverStarted);
    let overtaken = Job::new(Updating).cancel().end(Successful);
    assert_eq!(overtaken.termination_type(), TerminationType::Billable);
}

#[test]
fn a_login_that_failed_too_often_gives_the_job_back() -> Result<(), Refused<LoginResubmitted>> {
    let limits = Limits::default();
    let job = Job::new(LoginResubmitted).try_advance(PendingNewCreds, &limits)?;
    let job = job.answered().advance(LoginResubmitted).try_advance(PendingNewCreds, &limits)?;
    let job = job.answered().advance(LoginResubmitted);
    let memory = job.memory();

    let refused = job.try_advance(PendingNewCreds, &limits).expect_err("two failed logins are allowed");
    assert_eq!(refused.reason.guard, Some(Guard::FailedLogins));
    assert!(refused.to_string().starts_with("a job in LOGIN_RESUBMITTED may not become PENDING_NEWCREDS: "));
    let job: Job<LoginResubmitted> = refused.job;
    assert_eq!(job.memory(), memory);
    assert_eq!(job.end(TooManyLoginFailures).status(), Status::TooManyLoginFailures);
    Ok(())
}

#[test]
fn a_code_that_failed_too_often_gives_the_job_back() -> Result<(), Refused<TfaSubmitted>> {
    let limits = Limits::default();
    let job = awaiting_code().answered().advance(TfaSubmitted).try_advance(PendingTfa, &limits)?;
    let refused = job
        .answered()
        .advance(TfaSubmitted)
        .try_advance(PendingTfa, &limits)
        .expect_err("one failed code is allowed");
    assert_eq!(refused.reason.guard, Some(Guard::FailedTfaCodes));
    assert_eq!(refused.job.end(TooManyTfaFailures).status(), Status::TooManyTfaFailures);
    Ok(())
}

#[test]
fn a_second_request_for_initial_credentials_gives_the_job_back() {
    let limits = Limits::default();
    let job = Job::new(PendingCreds).answered().advance(Auth);
    let refused = job.try_advance(PendingCreds, &limits).expect_err("the credentials were received");
    assert_eq!(refused.reason.guard, Some(Guard::CredentialsReceived));
    let refused =
        refused.job.try_end(CancelledQuickstart, &limits).expect_err("the credentials were received");
    let refused =
        refused.job.try_end(AbandonedQuickstart, &limits).expect_err("the credentials were received");
    assert_eq!(refused.job.cancel().end(Cancelled).status(), Status::Cancelled);

    let early = Job::new(InProgress).try_end(CancelledQuickstart, &limits);
    assert_eq!(early.map(|job| job.termination_type()), Ok(TerminationType::NeverStarted));
}

#[test]
fn the_last_failure_to_connect_gives_the_job_back() -> Result<(), Refused<InProgress>> {
    let limits = Limits::default().with_network_failures(0);
    let job = Job::new(InProgress).report_network_failure(&Limits::default())?;
    assert_eq!(job.memory().count(Guard::NetworkFailures), 1);
    let refused = Job::new(InProgress).report_network_failure(&limits).expect_err("none is allowed");
    assert_eq!(refused.reason.guard, Some(Guard::NetworkFailures));
    assert_eq!(refused.job.end(NetworkIssue).status(), Status::NetworkIssue);
    Ok(())
}

#[test]
fn erasing_a_job_and_typing_it_again_keeps_its_memory() {
    let limits = Limits::default().with_failed_tfa_codes(0);
    let typed = awaiting_code().answered().advance(TfaSubmitted);
    let erased = typed.erase();
    let typed = Job::<TfaSubmitted>::try_from(erased).expect("the job has this status");
    assert_eq!(typed.memory(), erased.memory());
    assert_eq!(
        typed.try_advance(PendingTfa, &limits).map_err(|refused| refused.reason).map(Job::erase),
        erased.apply(Status::PendingTfa, &limits)
    );
    assert_eq!(Job::<Updating>::try_from(erased), Err(erased));
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

#[test]
fn each_wait_expires_by_its_type() {
    let limits = Limits::default();
    let code: Job<TimeoutTfa, _> =
        Job::new(PendingTfa).timed(seconds(0), limits.clone()).at(seconds(240)).expire().unwrap();
    assert_eq!(code.status(), Status::TimeoutTfa);
    let new: Job<TimeoutCredentials, _> =
        Job::new(PendingNewCreds).timed(seconds(0), limits.clone()).at(seconds(240)).expire().unwrap();
    assert_eq!(new.status(), Status::TimeoutCredentials);
    let initial: Job<AbandonedQuickstart, _> =
        Job::new(PendingCreds).timed(seconds(0), limits.clone()).at(seconds(240)).expire().unwrap();
    assert_eq!(initial.status(), Status::AbandonedQuickstart);
    let card: Job<VbsTimeout, _> =
        Job::new(PendingCard).timed(seconds(0), limits.clone()).at(seconds(540)).expire().unwrap();
    assert_eq!(card.status(), Status::VbsTimeout);
    let cancelled: Job<VbsTimeout, _> = Job::new(Updating)
        .timed(seconds(0), limits)
        .at(seconds(10))
        .cancel()
        .at(seconds(300))
        .expire()
        .unwrap();
    assert_eq!(cancelled.status(), Status::VbsTimeout);
}

#[test]
fn a_job_that_has_time_left_is_returned() {
    let job =
        Job::new(LoginSubmitted).timed(seconds(0), Limits::default()).at(seconds(10)).advance(PendingTfa);
    let early = job.at(Timestamp::from_millis(249_999)).expire().unwrap_err();
    assert_eq!(early.deadline, Some(seconds(250)));
    assert_eq!(early.to_string(), "a job in PENDING_TFA does not expire before 250000 ms");
    let mut job: Job<PendingTfa, Timer> = early.job;
    // The warning is that of the runtime timer. A time that goes back counts as the latest one.
    assert_eq!(job.warn(), Some(Duration::from_millis(1)));
    assert_eq!(job.warn(), None);
    let job = job.at(seconds(0)).answered();
    assert_eq!(job.expires_at(), Some(seconds(540)));
    assert_eq!(job.with_job_timeout(20).expires_at(), Some(Timestamp::from_millis(269_999)));

    let cancelled = Job::new(Queued).timed(seconds(0), Limits::default()).cancel();
    let never = cancelled.at(seconds(100_000)).expire().unwrap_err();
    assert_eq!(never.to_string(), "a job in CANCEL_REQUESTED has no deadline");
}

#[test]
fn erasing_a_job_and_typing_it_again_keeps_its_deadlines() {
    let job =
        Job::new(LoginSubmitted).timed(seconds(0), Limits::default()).at(seconds(10)).advance(PendingTfa);
    let (erased, timer) = job.erase();
    assert_eq!((erased.status(), timer.expires_at()), (Status::PendingTfa, Some(seconds(250))));
    let saved = serde_json::to_string(&(erased, timer)).unwrap();
    let (erased, timer): (cardsavr_protocol::Job, Timer) = serde_json::from_str(&saved).unwrap();

    // Another type is refused, and so is the timer of another status.
    let other = Job::<Updating, Timer>::try_from((erased, timer.clone())).unwrap_err();
    assert_eq!(other, (erased, timer.clone()));
    assert!(Job::<PendingTfa, Timer>::try_from((erased, Timer::new(Limits::default()))).is_err());
    assert!(
        Job::<Successful, Timer>::try_from((cardsavr_protocol::Job::new(Status::Successful), timer.clone()))
            .is_err()
    );

    let job = Job::<PendingTfa, Timer>::try_from((erased, timer)).unwrap();
    assert!(job.at(seconds(250)).expire().is_ok());
}

#[test]
fn a_refusal_keeps_the_deadlines() {
    let limits = Limits::default().with_failed_tfa_codes(0).with_network_failures(0);
    let job = Job::new(TfaSubmitted).timed(seconds(0), limits.clone());
    let refused = job.at(seconds(5)).try_advance(PendingTfa, &limits).unwrap_err();
    assert_eq!(refused.job.expires_at(), Some(seconds(300)));
    let refused = refused.job.report_network_failure(&limits).unwrap_err();
    assert_eq!(refused.job.expires_at(), Some(seconds(300)));
    let ended = refused.job.try_end(TooManyTfaFailures, &limits).unwrap();
    assert_eq!((ended.status(), ended.expires_at()), (Status::TooManyTfaFailures, None));
}

/// To rewrite the snapshots: `TRYBUILD=overwrite cargo test --test typestate`.
#[rustversion::attr(not(stable(1.95)), ignore = "the snapshots have the messages of Rust 1.95")]
#[test]
fn illegal_moves_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
