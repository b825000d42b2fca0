//! The machine with the status in the type: a [`Job<S>`] makes the moves that the transition table gives the status
//! `S`, and no others compile.
//!
//! It is for code that knows at each line where its job stands: a test that plays the service, a simulator, a client
//! written as one conversation. Code that learns the status from a message uses the runtime
//! [`Job`](crate::Job), and the two turn into each other: [`Job::erase`], and `TryFrom` on the way back.
//!
//! ```
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::*;
//! use cardsavr_protocol::{Limits, TerminationType};
//!
//! let limits = Limits::default();
//! let job = Job::new(Requested).advance(Queued).advance(InProgress).advance(Auth).advance(LoginSubmitted);
//!
//! // The merchant asks for a TFA code, and refuses the first one. A second failed code is one too many: that depends
//! // on what the job remembers, so the move can be refused, and a refusal gives the job back.
//! let job = job.advance(PendingTfa).answered().advance(TfaSubmitted);
//! let job = job.try_advance(PendingTfa, &limits)?.answered().advance(TfaSubmitted);
//! let refused = job.try_advance(PendingTfa, &limits).unwrap_err();
//! let job = refused.job.end(TooManyTfaFailures);
//! assert_eq!(job.termination_type(), TerminationType::UserDataFailure);
//! # Ok::<(), cardsavr_protocol::IllegalTransition>(())
//! ```
//!
//! Specification: "Termination types", whose statuses these are.
//!
//! A job that ended stays ended, and the compiler says so:
//!
//! ```compile_fail,E0277
//! use cardsavr_protocol::typestate::Job;
//! use cardsavr_protocol::typestate::status::*;
//!
//! Job::new(Successful).advance(Queued);
//! ```

use core::convert::Infallible;
use core::fmt::Debug;
use core::hash::Hash;
use core::marker::PhantomData;

use crate::spec::status::status_table;
use crate::spec::transition::transition_table;
use crate::{IllegalTransition, Limits, Memory, Status, TerminationType};

use status::{
    CancelRequested, CredsReceived, NewCredsReceived, PendingCard, PendingCreds, PendingNewCreds, PendingTfa,
    TfaReceived, Updating,
};

/// A job whose status is the type `S`: see the [module](self).
///
/// A move consumes the job and returns it in its next type. There is no copy to go on from another way; what is to
/// be kept is [erased](Self::erase) or read first.
#[derive(Debug, PartialEq, Eq, Hash)]
#[must_use = "a move consumes the job: what it returns is the job"]
pub struct Job<S: State> {
    job: crate::Job,
    status: PhantomData<S>,
}

impl<S: State> Job<S> {
    /// A job that is first seen in this status; what came before is unknown to it.
    pub fn new(_status: S) -> Self {
        Self::trusted(crate::Job::new(S::STATUS))
    }

    /// The one door: the caller answers for it that the runtime job stands in `S`.
    fn trusted(job: crate::Job) -> Self {
        Self { job, status: PhantomData }
    }

    /// Where the job stands.
    pub fn status(&self) -> Status {
        S::STATUS
    }

    /// What the job remembers beside its status.
    pub fn memory(&self) -> Memory {
        self.job.memory()
    }

    /// The job in its next status, by a move that no guard can refuse.
    ///
    /// ```
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{Auth, InProgress, Updating};
    ///
    /// let job: Job<Updating> = Job::new(InProgress).advance(Auth).advance(Updating);
    /// ```
    pub fn advance<T: Follows<S, Refusal: Never>>(self, _to: T) -> Job<T>
    where
        S: Ongoing,
    {
        Job::trusted(self.job.adopt(T::STATUS))
    }

    /// The job in its next status, by a move that a guard may refuse for what the job remembers.
    ///
    /// ```
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{LoginResubmitted, LoginSubmitted, PendingNewCreds};
    /// use cardsavr_protocol::{Guard, Limits};
    ///
    /// let limits = Limits { failed_logins: 1, ..Limits::default() };
    /// let job = Job::new(LoginSubmitted).try_advance(PendingNewCreds, &limits)?;
    /// let job = job.answered().advance(LoginResubmitted);
    ///
    /// let refused = job.try_advance(PendingNewCreds, &limits).unwrap_err();
    /// assert_eq!(refused.reason.guard, Some(Guard::FailedLogins));
    /// let job: Job<LoginResubmitted> = refused.job;
    /// # Ok::<(), cardsavr_protocol::IllegalTransition>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Refused`], with the job as it was, where a [`Guard`](crate::Guard) forbids the move.
    pub fn try_advance<T: Follows<S>>(self, _to: T, limits: &Limits) -> Result<Job<T>, Refused<S>>
    where
        S: Ongoing,
    {
        match self.job.apply(T::STATUS, limits) {
            Ok(job) => Ok(Job::trusted(job)),
            Err(reason) => Err(Refused { job: self, reason }),
        }
    }

    /// The job at its end, by a move that no guard can refuse.
    ///
    /// ```
    /// use cardsavr_protocol::TerminationType;
    /// use cardsavr_protocol::typestate::Job;
    /// use cardsavr_protocol::typestate::status::{Successful, Updating};
    ///
    /// // The task placed the card before it saw the cancel.
    /// let job = Job::new(Updating).cancel().end(Successful);
    /// assert_eq!(job.termination_type(), TerminationType::Billable);
    /// ```
    pub fn end<T: Terminal + Follows<S, Refusal: Never>>(self, to: T) -> Job<T>
    where
        S: Ongoing,
    {
        self.advance(to)
    }

    /// The job after its client has cancelled it. The end is still to come, and can be any.
    pub fn cancel(self) -> Job<CancelRequested>
    where
        S: Ongoing,
        CancelRequested: Follows<S, Refusal: Never>,
    {
        self.advance(CancelRequested)
    }

    /// The job after a failure to connect that doesn't end it: see
    /// [`Job::report_network_failure`](crate::Job::report_network_failure).
    ///
    /// # Errors
    ///
    /// [`Refused`], with the job as it was, where this failure should have been the end.
    pub fn report_network_failure(self, limits: &Limits) -> Result<Self, Refused<S>>
    where
        S: Ongoing,
    {
        match self.job.report_network_failure(limits) {
            Ok(job) => Ok(Self::trusted(job)),
            Err(reason) => Err(Refused { job: self, reason }),
        }
    }

    /// How the job ended.
    pub fn termination_type(&self) -> TerminationType
    where
        S: Terminal,
    {
        S::TERMINATION_TYPE
    }

    /// The runtime job, which knows its status as a value.
    pub fn erase(self) -> crate::Job {
        self.job
    }
}

impl Job<PendingCreds> {
    /// The job after its initial credentials have come.
    pub fn answered(self) -> Job<CredsReceived> {
        self.advance(CredsReceived)
    }
}

impl Job<PendingNewCreds> {
    /// The job after new credentials have come in place of those that the merchant refused.
    pub fn answered(self) -> Job<NewCredsReceived> {
        self.advance(NewCredsReceived)
    }
}

impl Job<PendingTfa> {
    /// The job after the TFA code has come.
    pub fn answered(self) -> Job<TfaReceived> {
        self.advance(TfaReceived)
    }
}

impl Job<PendingCard> {
    /// The job after its card was added: it goes on with placing it.
    pub fn answered(self) -> Job<Updating> {
        self.advance(Updating)
    }
}

impl<S: State> From<Job<S>> for crate::Job {
    fn from(job: Job<S>) -> Self {
        job.erase()
    }
}

/// A runtime job in the status `S` becomes a typed one; any other comes back as the error.
///
/// ```
/// use cardsavr_protocol::typestate::{self, status::PendingTfa};
/// use cardsavr_protocol::{Job, Status};
///
/// let job = Job::new(Status::PendingTfa);
/// let typed = typestate::Job::<PendingTfa>::try_from(job)?;
/// assert_eq!(typed.answered().erase().status(), Status::TfaReceived);
///
/// let other = Job::new(Status::Updating);
/// assert_eq!(typestate::Job::<PendingTfa>::try_from(other), Err(other));
/// # Ok::<(), Job>(())
/// ```
impl<S: State> TryFrom<crate::Job> for Job<S> {
    type Error = crate::Job;

    fn try_from(job: crate::Job) -> Result<Self, crate::Job> {
        if job.status() == S::STATUS { Ok(Self::trusted(job)) } else { Err(job) }
    }
}

/// A move that the table has, and that a guard refused for what the job remembers.
#[derive(Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{reason}")]
pub struct Refused<S: State> {
    /// The job as it was, and still is.
    pub job: Job<S>,
    /// Why the move was refused, and what would have been legal.
    pub reason: IllegalTransition,
}

impl<S: State> From<Refused<S>> for IllegalTransition {
    fn from(refused: Refused<S>) -> Self {
        refused.reason
    }
}

/// A type that stands for a [`Status`]; those in [`status`] are all there are.
pub trait State: sealed::Sealed + Copy + Debug + Default + Eq + Hash + 'static {
    /// The status that the type stands for.
    const STATUS: Status;
}

mod sealed {
    /// Keeps the list of states closed.
    pub trait Sealed {}
}

/// A status in progress: a job in it has not ended.
#[diagnostic::on_unimplemented(
    message = "a job in `{Self}` has ended",
    label = "nothing happens to a job after `{Self}`"
)]
pub trait Ongoing: State {}

/// A status that ends a job.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not end a job",
    label = "a status in progress",
    note = "for the statuses that end a job, see `cardsavr_protocol::Status::is_terminal`"
)]
pub trait Terminal: State {
    /// The termination type that the status ends its job with.
    const TERMINATION_TYPE: TerminationType;
}

/// That the status may come directly after `S`: the transition table has the transition.
///
/// An implementation is a row of [`Transition::all`](crate::Transition::all), and the other way around. Code that is
/// generic over the status asks for the moves it makes:
///
/// ```
/// use cardsavr_protocol::typestate::status::{TfaSubmitted, Updating};
/// use cardsavr_protocol::typestate::{Follows, Job, Never, Ongoing};
///
/// fn place<S: Ongoing>(authenticated: Job<S>) -> Job<Updating>
/// where
///     Updating: Follows<S, Refusal: Never>,
/// {
///     authenticated.advance(Updating)
/// }
///
/// let job: Job<Updating> = place(Job::new(TfaSubmitted));
/// ```
#[diagnostic::on_unimplemented(
    message = "a job in `{S}` may not become `{Self}`",
    label = "not among the statuses that may follow",
    note = "the documentation of `{S}` says which may follow it, if any",
    note = "so does `Status::successors`, at run time, and the command `cardsavr explain STATUS`"
)]
pub trait Follows<S: Ongoing>: State {
    /// What a guard answers that refuses the move: [`Refused`], or [`Infallible`] where no guard looks at it.
    type Refusal;
}

/// That a move is never refused: no guard looks at it.
#[diagnostic::on_unimplemented(
    message = "a guard can refuse this move, for what the job remembers",
    label = "ask for it with `try_advance`, which gives the job back where it is refused",
    note = "the guards are listed in `cardsavr_protocol::Guard`"
)]
pub trait Never {}

impl Never for Infallible {}

macro_rules! define_states {
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident: $phase:ident
        $(, ends $termination:ident)? $(, awaits $input:ident)?;
    )+) => {
        /// One type a [`Status`](crate::Status), of the same name.
        pub mod status {
            $(
                #[doc = concat!("`", $text, "`:")]
                $(#[doc = $doc])+
                ///
                $(#[doc = concat!("Ends a job: [`", stringify!($termination), "`](crate::TerminationType).")])?
                $(#[doc = concat!("Awaits of the client: [`", stringify!($input), "`](crate::Input).")])?
                ///
                #[doc = follow_up!($name $($termination)?)]
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
                pub struct $name;
            )+
        }

        $(
            impl sealed::Sealed for status::$name {}

            impl State for status::$name {
                const STATUS: Status = Status::$name;
            }

            define_standing!($name $($termination)?);
        )+
    };
}

/// What the documentation of a status says of those that may follow it.
macro_rules! follow_up {
    ($name:ident) => {
        concat!("A status `T` may follow where `impl Follows<", stringify!($name), "> for T` stands below.")
    };
    ($name:ident $termination:ident) => {
        "No status follows it: the job has ended."
    };
}

/// Whether a status ends its job, by whether its row says so.
macro_rules! define_standing {
    ($name:ident) => {
        impl Ongoing for status::$name {}
    };
    ($name:ident $termination:ident) => {
        impl Terminal for status::$name {
            const TERMINATION_TYPE: TerminationType = TerminationType::$termination;
        }
    };
}

status_table!(define_states);

macro_rules! define_moves {
    (@ $basis:ident $from:ident => [$($to:ident),+]) => {$(
        #[doc = concat!(
            "[`", stringify!($to), "`](status::", stringify!($to), ") may follow ",
            "[`", stringify!($from), "`](status::", stringify!($from), "): ",
            "[", stringify!($basis), "](crate::Basis::", stringify!($basis), ")."
        )]
        impl Follows<status::$from> for status::$to {
            type Refusal = refusal!($from => $to);
        }
    )+};
    ($($basis:ident [$($from:ident),+] => $to:tt;)+) => {
        $($(define_moves!(@ $basis $from => $to);)+)+
    };
}

/// The moves that a guard of the runtime machine looks at, and all others.
#[rustfmt::skip]
macro_rules! refusal {
    ($from:ident => PendingCreds) => { Refused<status::$from> };
    ($from:ident => PendingNewCreds) => { Refused<status::$from> };
    (TfaSubmitted => PendingTfa) => { Refused<status::TfaSubmitted> };
    ($from:ident => CancelledQuickstart) => { Refused<status::$from> };
    ($from:ident => AbandonedQuickstart) => { Refused<status::$from> };
    ($from:ident => $to:ident) => { Infallible };
}

transition_table!(define_moves);

#[cfg(test)]
mod tests;
