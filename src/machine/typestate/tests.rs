//! Proof that types, table and runtime machine are the same relation: every pair of statuses, none by hand.

use alloc::vec::Vec;
use core::marker::PhantomData;

use itertools::{Itertools, iproduct};
use strum::EnumCount;

use super::{Expires, Follows, Job, Never, Ongoing, State, Terminal, Waiting, status};
use crate::spec::status::status_table;
use crate::{Guard, IllegalTransition, Limits, Status, TerminationType, Transition};

type Attempt = fn(crate::Job, &Limits) -> Result<crate::Job, IllegalTransition>;
type Advance = fn(crate::Job) -> crate::Job;

/// Two statuses as types, to ask the compiler what it lets a job do.
///
/// A type's own constant hides a trait's constant of the same name, but only where its bounds hold: so `ATTEMPT` and
/// `ADVANCE` are the moves where they compile, and none where they don't.
struct Pair<S, T>(PhantomData<(S, T)>);

impl<S: Ongoing, T: State + Follows<S>> Pair<S, T> {
    const ATTEMPT: Option<Attempt> = Some(|job, limits| {
        typed::<S>(job).try_advance(T::default(), limits).map(Job::erase).map_err(|refused| {
            assert_eq!(refused.job.erase(), job, "a refusal gives the job back");
            refused.reason
        })
    });
}

impl<S: Ongoing, T: State + Follows<S, Refusal: Never>> Pair<S, T> {
    const ADVANCE: Option<Advance> = Some(|job| typed::<S>(job).advance(T::default()).erase());
}

fn typed<S: State>(job: crate::Job) -> Job<S> {
    Job::try_from(job).expect("the job stands in the status")
}

/// A status as a type, asked in the same way whether it ends a job.
struct Single<S>(PhantomData<S>);

impl<S: Terminal> Single<S> {
    const ENDS: Option<TerminationType> = Some(S::TERMINATION_TYPE);
}

impl<S: Ongoing> Single<S> {
    const GOES_ON: bool = true;
}

impl<S: Waiting> Single<S> {
    const ANSWERED_BY: Option<Status> = Some(S::AnsweredBy::STATUS);
}

impl<S: Expires> Single<S> {
    const EXPIRES_AS: Option<Status> = Some(S::ExpiresAs::STATUS);
}

trait DoesNotCompile {
    const ATTEMPT: Option<Attempt> = None;
    const ADVANCE: Option<Advance> = None;
    const ENDS: Option<TerminationType> = None;
    const GOES_ON: bool = false;
    const ANSWERED_BY: Option<Status> = None;
    const EXPIRES_AS: Option<Status> = None;
}

impl<S, T> DoesNotCompile for Pair<S, T> {}

impl<S> DoesNotCompile for Single<S> {}

macro_rules! define_probes {
    (@row $from:ident [$($to:ident)+]) => {
        [$((
            Pair::<status::$from, status::$to>::ATTEMPT,
            Pair::<status::$from, status::$to>::ADVANCE,
        )),+]
    };
    (@all [$($name:ident)+] $names:tt) => {
        /// Both kinds of move, by the rows of the two statuses.
        const MOVES: [[(Option<Attempt>, Option<Advance>); Status::COUNT]; Status::COUNT] =
            [$(define_probes!(@row $name $names)),+];

        #[test]
        fn a_type_stands_for_the_status_of_its_name() {
            $(
                assert_eq!(status::$name::STATUS, Status::$name);
                assert_eq!(Job::new(status::$name).status(), Status::$name);
                assert_eq!(Single::<status::$name>::ENDS, Status::$name.termination_type());
                assert_eq!(Single::<status::$name>::GOES_ON, !Status::$name.is_terminal());
                assert_eq!(Single::<status::$name>::ANSWERED_BY, Status::$name.answered_by());
                assert_eq!(Single::<status::$name>::EXPIRES_AS, Status::$name.expires_as());
            )+
        }

        #[test]
        fn a_runtime_job_takes_the_type_of_its_status_and_no_other() {
            for job in Status::ALL.iter().flat_map(|&status| jobs_in(status)) {
                $(
                    let expected = if job.status() == Status::$name { Ok(job) } else { Err(job) };
                    assert_eq!(Job::<status::$name>::try_from(job).map(crate::Job::from), expected);
                )+
            }
        }
    };
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident: $phase:ident $(, $column:ident $value:ident)*;
    )+) => {
        define_probes!(@all [$($name)+] [$($name)+]);
    };
}

status_table!(define_probes);

/// Jobs in a status that remember as many failures as any guard looks for, and fewer, with credentials and without.
fn jobs_in(status: Status) -> Vec<crate::Job> {
    let mut jobs = alloc::vec![crate::Job::new(Status::InProgress)];
    for row in Guard::ALL.iter().map(|guard| guard.row()).filter(|row| !row.is_untyped) {
        let entry = [row.from.or(Some(Status::Auth)), row.counts.first()];
        let entries = |count| entry.into_iter().flatten().collect_vec().repeat(count);
        jobs = iproduct!(&jobs, 0..=3)
            .map(|(&job, count)| entries(count).into_iter().fold(job, crate::Job::adopt))
            .unique()
            .collect();
    }
    jobs.into_iter().map(|job| job.adopt(status)).chain([crate::Job::new(status)]).unique().collect()
}

#[test]
fn a_move_compiles_where_the_table_has_it_and_does_what_the_runtime_machine_does() {
    let limits = iproduct!(0..=3, 0..=2)
        .map(|(logins, codes)| Limits::default().with_failed_logins(logins).with_failed_tfa_codes(codes))
        .collect_vec();
    let mut compiled = 0;
    for (&from, &to) in iproduct!(Status::ALL, Status::ALL) {
        let (attempt, advance) = MOVES[from.index()][to.index()];
        let legal = from.can_become(to);
        assert_eq!(attempt.is_some(), legal, "{from} to {to}");

        let mut refused = false;
        for (job, limits) in iproduct!(jobs_in(from), &limits) {
            let at_run_time = job.apply(to, limits);
            if let Some(attempt) = attempt {
                assert_eq!(attempt(job, limits), at_run_time, "{from} to {to}");
            }
            if let Some(advance) = advance {
                assert_eq!(Ok(advance(job)), at_run_time, "{from} to {to}");
            }
            refused |= at_run_time.is_err();
        }
        assert_eq!(
            advance.is_some(),
            legal && !refused,
            "{from} to {to}: `advance` where no guard ever refuses"
        );
        compiled += usize::from(attempt.is_some());
    }
    assert_eq!(compiled, Transition::all().count());
}
