//! The moves that are also made with the typestate: those that a guard can refuse, and some others.

#[allow(clippy::wildcard_imports, reason = "a type for each status, and they are named below")]
use cardsavr_protocol::typestate::status::*;
use cardsavr_protocol::typestate::{Job as Typed, State};
use cardsavr_protocol::{IllegalTransition, Job, Limits, Status};

macro_rules! advance {
    ($($from:ident => $to:ident),+ $(,)?) => {
        /// The move with the typestate; `None` if it is not one of those above.
        pub(super) fn advance(job: Job, to: Status, limits: &Limits) -> Option<Result<Job, IllegalTransition>> {
            match (job.status(), to) {
                $((Status::$from, Status::$to) => {
                    let result = typed::<$from>(job).try_advance($to, limits);
                    Some(result.map(Typed::erase).map_err(|refused| {
                        assert_eq!(refused.job.memory(), job.memory(), "a refusal gives the job back");
                        refused.reason
                    }))
                })+
                _ => None,
            }
        }
    };
}

advance! {
    InProgress => PendingCreds, LoginSubmitted => PendingNewCreds, LoginResubmitted => PendingNewCreds,
    TfaSubmitted => PendingTfa, LoginSubmitted => PendingTfa, CancelRequested => CancelledQuickstart,
    CancelRequested => AbandonedQuickstart, Requested => CancelledQuickstart, Requested => AbandonedQuickstart,
    Requested => Queued, Queued => InProgress, InProgress => Auth, Auth => LoginSubmitted, PendingCreds => CredsReceived,
    PendingNewCreds => NewCredsReceived, PendingTfa => TfaReceived, PendingCard => Updating, Updating => Successful,
    Updating => CancelRequested,
}

macro_rules! report_network_failure {
    ($($status:ident),+) => {
        /// A report of a failure to connect with the typestate, in some of the statuses.
        pub(super) fn report_network_failure(job: Job, limits: &Limits) -> Option<Result<Job, IllegalTransition>> {
            match job.status() {
                $(Status::$status => {
                    let result = typed::<$status>(job).report_network_failure(limits);
                    Some(result.map(Typed::erase).map_err(IllegalTransition::from))
                })+
                _ => None,
            }
        }
    };
}

report_network_failure!(Requested, InProgress, Auth, PendingTfa, Updating, CancelRequested);

/// A job as a typestate job.
fn typed<S: State>(job: Job) -> Typed<S> {
    Typed::try_from(job).unwrap_or_else(|job| panic!("{job:?} is in {}", S::STATUS))
}
