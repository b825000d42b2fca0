//! What a status type can be: the bounds of the moves.

use core::convert::Infallible;
use core::fmt::Debug;
use core::hash::Hash;

use super::Refused;
#[cfg(doc)]
use super::status;
use crate::machine::Timer;
use crate::spec::{Edition, Status, TerminationType};

/// The type of a [`Status`]: only those in [`status`] implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of `cardsavr_protocol::typestate::status`",
    label = "expected one of the types in `typestate::status`, such as `typestate::status::Auth`",
    note = "a value of the enum `cardsavr_protocol::Status` is for the runtime `cardsavr_protocol::Job::apply`"
)]
pub trait State: sealed::Sealed + Copy + Debug + Default + Eq + Hash + 'static {
    /// The edition that the type is of.
    const EDITION: Edition;

    /// The status as a value.
    const STATUS: Status;
}

/// What a job does with time: `()` has no deadlines, and [`Timer`] has.
pub trait Clock: sealed::Clock + Debug + Eq + Hash {
    /// What a job becomes when its status type is erased: a [`Job`](crate::Job), or a pair of that and a timer.
    type Erased;

    #[doc(hidden)]
    fn erase(self, job: crate::Job) -> Self::Erased;
}

impl Clock for () {
    type Erased = crate::Job;

    fn erase(self, job: crate::Job) -> crate::Job {
        job
    }
}

impl Clock for Timer {
    type Erased = (crate::Job, Self);

    fn erase(self, job: crate::Job) -> Self::Erased {
        (job, self)
    }
}

pub(super) mod sealed {
    use crate::machine::Timer;
    use crate::spec::{Status, Timestamp};

    /// Keeps the list of states closed.
    pub trait Sealed {}

    pub trait Clock {
        /// The clock after the job has taken a status.
        #[must_use]
        fn entered(self, status: Status) -> Self;
    }

    impl Clock for () {
        fn entered(self, _: Status) -> Self {}
    }

    impl Clock for Timer {
        fn entered(mut self, status: Status) -> Self {
            // Before every other time: that of the last call counts.
            self.enter(Timestamp::MIN, status);
            self
        }
    }
}

/// A status in progress: a job in it has not ended.
#[diagnostic::on_unimplemented(message = "a job in `{Self}` has ended", label = "no status follows `{Self}`")]
pub trait Ongoing: State {
    /// The status of a job that its client has cancelled, in the same edition.
    type CancelRequested: State;
}

/// A status that ends a job.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not end a job",
    label = "a status in progress",
    note = "for the statuses that end a job, see `cardsavr_protocol::Status::is_terminal`"
)]
pub trait Terminal: State {}

/// A status that ends a job with one usual termination type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` ends a job with any termination type, or not at all",
    label = "no termination type is the usual one"
)]
pub trait EndsAs: Terminal {
    /// The termination type that the status usually ends its job with: see [`Edition::termination_type`].
    const TERMINATION_TYPE: TerminationType;
}

/// A status in which a job waits for its client.
#[diagnostic::on_unimplemented(
    message = "a job in `{Self}` waits for nothing",
    label = "nothing can be answered in `{Self}`",
    note = "for the statuses that wait, see `cardsavr_protocol::Status::is_waiting`"
)]
pub trait Waiting: Ongoing {
    /// The status that the job takes when it gets what it awaits: see [`Status::answered_by`].
    type AnsweredBy: State + Follows<Self, Refusal: Never>;
}

/// A status in which a job's time can run out.
#[diagnostic::on_unimplemented(
    message = "a job in `{Self}` cannot expire",
    label = "no time runs out in `{Self}`",
    note = "for the statuses that can expire, see `cardsavr_protocol::Status::expires_as`"
)]
pub trait Expires: Ongoing {
    /// The status that the job takes when its time runs out: see [`Status::expires_as`].
    type ExpiresAs: Terminal + Follows<Self>;
}

/// That the status may come directly after `S`: the transition table has the transition.
///
/// An implementation is a row of [`Transition::all`](crate::Transition::all), and the other way around. Code that is
/// generic over the status has a bound for each move it makes:
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
pub trait Follows<S: Ongoing> {
    /// The error of the move: [`Refused`] if a guard can refuse it, [`Infallible`] if none can.
    type Refusal;
}

/// That a move is never refused: no guard forbids it.
#[diagnostic::on_unimplemented(
    message = "a guard can refuse this move, because of what the job remembers",
    label = "use `try_advance` or `try_end`, whose error returns the job",
    note = "the guards are listed in `cardsavr_protocol::Guard`"
)]
pub trait Never {}

impl Never for Infallible {}

#[doc(hidden)]
/// Selects the error of a move by whether a guard can refuse it.
pub struct Move<const IS_GUARDED: bool>;

#[doc(hidden)]
/// The error of a move from `S`.
pub trait Refusal<S> {
    /// See [`Follows::Refusal`].
    type Error;
}

impl<S> Refusal<S> for Move<false> {
    type Error = Infallible;
}

impl<S: State> Refusal<S> for Move<true> {
    type Error = Refused<S>;
}
