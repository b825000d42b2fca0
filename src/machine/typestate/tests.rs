//! Proof that types, table and runtime machine are the same relation, in each edition: every pair of statuses, none by hand.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::marker::PhantomData;

use itertools::{Itertools, iproduct};

use super::table::if_has;
use super::{EndsAs, Expires, Follows, Job, Never, Ongoing, State, Terminal, Waiting};
use crate::spec::in_edition;
use crate::spec::status::status_table;
use crate::{Edition, IllegalTransition, Limits, Status, TerminationType};

type Attempt = fn(crate::Job, &Limits) -> Result<crate::Job, IllegalTransition>;
type Advance = fn(crate::Job) -> crate::Job;
type Moves = BTreeMap<(Status, Status), (Option<Attempt>, Option<Advance>)>;

/// Two statuses as types, to ask the compiler what it lets a job do.
///
/// A type's own constant hides a trait's constant of the same name, but only where its bounds hold: so `ATTEMPT` and
/// `ADVANCE` are the moves where they compile, and none where they don't.
struct Pair<S, T>(PhantomData<(S, T)>);

impl<S: Ongoing, T: State + Follows<S>> Pair<S, T> {
    const ATTEMPT: Option<Attempt> = Some(|job, limits| {
        typed::<S>(job).try_advance(T::default(), limits).map(Job::erase).map_err(|refused| {
            assert_eq!(refused.job.erase(), job, "a refusal returns the job");
            refused.reason
        })
    });
}

impl<S: Ongoing, T: State + Follows<S, Refusal: Never>> Pair<S, T> {
    const ADVANCE: Option<Advance> = Some(|job| typed::<S>(job).advance(T::default()).erase());
}

fn typed<S: State>(job: crate::Job) -> Job<S> {
    Job::try_from(job).expect("the job is in the status")
}

/// A status as a type, asked in the same way whether it ends a job.
struct Single<S>(PhantomData<S>);

impl<S: EndsAs> Single<S> {
    const ENDS: Option<TerminationType> = Some(S::TERMINATION_TYPE);
}

impl<S: Terminal> Single<S> {
    const IS_TERMINAL: bool = true;
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
    const IS_TERMINAL: bool = false;
    const ANSWERED_BY: Option<Status> = None;
    const EXPIRES_AS: Option<Status> = None;
}

impl<S, T> DoesNotCompile for Pair<S, T> {}

impl<S> DoesNotCompile for Single<S> {}

macro_rules! define_probes {
    (@row $edition:ident $module:ident $moves:ident $from:ident [$($to:ident)+]) => {
        $(if_has! { $edition $to { {
            type Probe = Pair<$module::$from, $module::$to>;
            $moves.insert((Status::$from, Status::$to), (Probe::ATTEMPT, Probe::ADVANCE));
        } } })+
    };
    (@all $edition:ident $module:ident [$($name:ident)+] $names:tt) => {
        mod $module {
            use super::*;
            use crate::machine::typestate::$module;

            const EDITION: Edition = Edition::$edition;

            /// Both kinds of move, by the two statuses.
            fn moves() -> Moves {
                let mut moves = Moves::new();
                $(if_has! { $edition $name { {
                    define_probes!(@row $edition $module moves $name $names);
                } } })+
                moves
            }

            #[test]
            fn a_type_stands_for_the_status_of_its_name() {
                $(if_has! { $edition $name { {
                    type Of = Single<$module::$name>;
                    assert_eq!($module::$name::STATUS, Status::$name);
                    assert_eq!($module::$name::EDITION, EDITION);
                    assert_eq!(Job::new($module::$name).status(), Status::$name);
                    assert_eq!(Of::ENDS, EDITION.termination_type(Status::$name));
                    assert_eq!(Of::GOES_ON, !Status::$name.is_terminal());
                    assert_eq!(Of::IS_TERMINAL, Status::$name.is_terminal());
                    assert_eq!(Of::ANSWERED_BY, EDITION.answered_by(Status::$name));
                    assert_eq!(Of::EXPIRES_AS, EDITION.expires_as(Status::$name));
                } } })+
            }

            #[test]
            fn a_runtime_job_takes_the_type_of_its_status_and_no_other() {
                for job in EDITION.statuses().iter().flat_map(|status| jobs_in(EDITION, status)) {
                    $(if_has! { $edition $name { {
                        let expected = if job.status() == Status::$name { Ok(job) } else { Err(job) };
                        assert_eq!(Job::<$module::$name>::try_from(job).map(crate::Job::from), expected);
                    } } })+
                }
            }

            #[test]
            fn a_move_compiles_where_the_table_has_it_and_does_what_the_runtime_machine_does() {
                prove(EDITION, &moves());
            }
        }
    };
    ($edition:ident $module:ident: $(
        $(#[doc = $doc:literal])+
        $text:literal $aliases:tt $name:ident $(since $since:ident)? $(before $before:ident)?: $phase:ident
        $(, $column:ident $value:tt $(since $from:ident)? $(before $end:ident)?)*;
    )+) => {
        define_probes!(@all $edition $module [$($name)+] [$($name)+]);
    };
}

status_table!(define_probes V2021 status:);
status_table!(define_probes V2026 v2026:);

/// Jobs in a status that remember as many failures as any guard looks for, and fewer, with credentials and without.
fn jobs_in(edition: Edition, status: Status) -> Vec<crate::Job> {
    let mut jobs = alloc::vec![crate::Job::of(edition, Status::InProgress)];
    for row in edition.guards().filter(|row| !row.is_untyped) {
        let entry = [row.from.first().or(Some(Status::Auth)), row.counts.first()];
        let entries = |count| entry.into_iter().flatten().collect_vec().repeat(count);
        jobs = iproduct!(&jobs, 0..=3)
            .map(|(&job, count)| entries(count).into_iter().fold(job, crate::Job::adopt))
            .unique()
            .collect();
    }
    jobs.into_iter().map(|job| job.adopt(status)).chain([crate::Job::of(edition, status)]).unique().collect()
}

fn prove(edition: Edition, moves: &Moves) {
    let limits = iproduct!(0..=3, 0..=2)
        .map(|(logins, codes)| Limits::default().with_failed_logins(logins).with_failed_tfa_codes(codes))
        .collect_vec();
    let mut compiled = 0;
    for (&(from, to), &(attempt, advance)) in moves {
        let legal = edition.can_become(from, to);
        assert_eq!(attempt.is_some(), legal, "{from} to {to}");

        let mut refused = false;
        for (job, limits) in iproduct!(jobs_in(edition, from), &limits) {
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
    assert_eq!(compiled, edition.transitions().count());
    assert_eq!(moves.len(), edition.statuses().len().pow(2));
}
