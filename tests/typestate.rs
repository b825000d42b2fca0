//! The machine with the status in the type, as its users see it.

use cardsavr_protocol::typestate::status::*;
use cardsavr_protocol::typestate::{Job, Refused};
use cardsavr_protocol::{Guard, Limits, Status, TerminationType};

/// A job that was asked for its TFA code, from the start on.
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
fn credentials_that_came_give_the_job_back() {
    let limits = Limits::default();
    let job = Job::new(PendingCreds).answered().advance(Auth);
    let refused = job.try_advance(PendingCreds, &limits).expect_err("the credentials came");
    assert_eq!(refused.reason.guard, Some(Guard::CredentialsReceived));
    let refused = refused.job.try_advance(CancelledQuickstart, &limits).expect_err("the credentials came");
    let refused = refused.job.try_advance(AbandonedQuickstart, &limits).expect_err("the credentials came");
    assert_eq!(refused.job.cancel().end(Cancelled).status(), Status::Cancelled);

    let early = Job::new(InProgress).try_advance(CancelledQuickstart, &limits);
    assert_eq!(early.map(|job| job.termination_type()), Ok(TerminationType::NeverStarted));
}

#[test]
fn the_last_failure_to_connect_gives_the_job_back() -> Result<(), Refused<InProgress>> {
    let limits = Limits { network_failures: 0, ..Limits::default() };
    let job = Job::new(InProgress).report_network_failure(&Limits::default())?;
    assert_eq!(job.memory().network_failures(), 1);
    let refused = Job::new(InProgress).report_network_failure(&limits).expect_err("none is allowed");
    assert_eq!(refused.reason.guard, Some(Guard::NetworkFailures));
    assert_eq!(refused.job.end(NetworkIssue).status(), Status::NetworkIssue);
    Ok(())
}

#[test]
fn a_job_takes_its_memory_along_into_the_other_form_and_back() {
    let limits = Limits { failed_tfa_codes: 0, ..Limits::default() };
    let typed = awaiting_code().answered().advance(TfaSubmitted);
    let erased = typed.erase();
    let typed = Job::<TfaSubmitted>::try_from(erased).expect("the job stands there");
    assert_eq!(typed.memory(), erased.memory());
    assert_eq!(
        typed.try_advance(PendingTfa, &limits).map_err(|refused| refused.reason).map(Job::erase),
        erased.apply(Status::PendingTfa, &limits)
    );
    assert_eq!(Job::<Updating>::try_from(erased), Err(erased));
}

/// To write the snapshots anew: `TRYBUILD=overwrite cargo test --test typestate`.
#[rustversion::attr(not(stable(1.95)), ignore = "the snapshots are worded as Rust 1.95 words them")]
#[test]
fn what_the_compiler_says_to_an_illegal_move() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
