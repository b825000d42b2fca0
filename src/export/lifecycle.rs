//! The life cycle as data, for tools in other languages.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::wire::TimeoutUnit;
use crate::{Guard, Input, Limits, Phase, Status, TerminationType, Transition};

/// The whole life cycle as one document: the statuses and the transitions in the order of the tables, the guards, what
/// expires, and the documented numbers.
///
/// ```
/// use cardsavr_protocol::Lifecycle;
///
/// let json = serde_json::to_value(Lifecycle::new())?;
/// assert_eq!(json["statuses"].as_array().unwrap().len(), 46);
/// assert_eq!(json["limits"]["answer_window_seconds"], 240);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Lifecycle {
    /// The version of the document's form: 1.
    pub version: u32,
    /// The rows of the status table.
    pub statuses: Vec<StatusRow>,
    /// The rows of the transition table.
    pub transitions: Vec<Transition>,
    /// What a job's memory forbids although the transition table has it.
    pub guards: Vec<GuardRow>,
    /// The statuses in which a job's time can run out.
    pub expiry: Vec<ExpiryRow>,
    /// The least `job_timeout` that is in milliseconds: from the job's first such value on, all its values are.
    pub milliseconds_from: i64,
    /// The documented numbers.
    pub limits: Limits,
}

impl Lifecycle {
    /// The life cycle that the specification documents.
    pub fn new() -> Self {
        Self {
            version: 1,
            statuses: Status::ALL.iter().map(|&status| StatusRow::of(status)).collect(),
            transitions: Transition::all().collect(),
            guards: Guard::ALL.iter().map(|&guard| GuardRow::of(guard)).collect(),
            expiry: Status::ALL.iter().filter_map(|&status| ExpiryRow::of(status)).collect(),
            milliseconds_from: TimeoutUnit::MILLISECONDS_FROM,
            limits: Limits::default(),
        }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

/// A row of the status table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusRow {
    /// The status.
    pub status: Status,
    /// The part of a job's life that it belongs to.
    pub phase: Phase,
    /// How it ends its job; null for a status in progress.
    pub termination_type: Option<TerminationType>,
    /// What it awaits of the client; null for a status that awaits nothing.
    pub awaits: Option<Input>,
    /// Other spellings seen on the wire.
    pub aliases: &'static [&'static str],
    /// What it means.
    pub description: &'static str,
}

impl StatusRow {
    /// The row of a status.
    pub fn of(status: Status) -> Self {
        Self {
            status,
            phase: status.phase(),
            termination_type: status.termination_type(),
            awaits: status.awaits(),
            aliases: status.aliases(),
            description: status.description(),
        }
    }
}

/// A guard: it counts how often a job entered certain statuses, and forbids to enter others once that has come to its
/// limit. A status that is sent again is not entered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GuardRow {
    /// Its name.
    pub guard: &'static str,
    /// Why it forbids, in words.
    pub description: String,
    /// The statuses that are counted when they are entered.
    pub counts: Vec<Status>,
    /// The statuses that can't be entered once the count has come to the limit.
    pub forbids: Vec<Status>,
    /// The only status from which, directly, an entry is counted or forbidden; null for any.
    pub from: Option<Status>,
    /// Whether it is about messages without a termination type alone. These leave the job in the status that it had, and
    /// with no other status between them they count as one.
    pub is_untyped: bool,
    /// The name of its limit among the limits; null where one is enough.
    pub limit: Option<&'static str>,
    /// The status that the job must end in instead; null for whatever else is legal.
    pub instead: Option<Status>,
}

impl GuardRow {
    /// The row of a guard, by trying it on every pair of statuses.
    pub fn of(guard: Guard) -> Self {
        let all = || Status::ALL.iter().copied();
        let entered = |is: fn(Guard, Status, Status) -> bool| {
            all().filter(|&to| all().any(|from| is(guard, from, to))).collect()
        };
        let mut left = all().filter(|&from| all().any(|to| guard.forbids(from, to)));
        let from = left.next().filter(|_| left.next().is_none());
        Self {
            guard: guard.into(),
            description: guard.to_string(),
            counts: entered(Guard::counts),
            forbids: entered(Guard::forbids),
            from,
            is_untyped: guard == Guard::NetworkFailures,
            limit: guard.limit(),
            instead: guard.instead(),
        }
    }
}

/// A status in which a job's time can run out, with what entering it does to the deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExpiryRow {
    /// The status.
    pub status: Status,
    /// Whether the job runs in it: the first such status starts the budget, which nothing but the end stops.
    pub starts_budget: bool,
    /// Whether entering it extends the budget: whether the job waits for its client.
    pub extends_budget: bool,
    /// Whether entering it opens an answer window, which closes when another status is entered.
    pub opens_window: bool,
    /// What the job becomes when the budget or the window runs out, whichever is first.
    pub becomes: Status,
}

impl ExpiryRow {
    /// The row of a status; none for one in which no time runs out.
    pub fn of(status: Status) -> Option<Self> {
        let has_budget = status.is_running() || status.phase() == Phase::Cancellation;
        has_budget.then(|| Self {
            status,
            starts_budget: status.is_running(),
            extends_budget: status.is_waiting(),
            opens_window: status.opens_window(),
            becomes: status.timed_out(),
        })
    }
}
