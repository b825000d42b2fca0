//! The lifecycle as data, for tools in other languages.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::spec::{Guard, GuardRow, Limit, LimitRow, Limits, Status, StatusRow, TimeoutUnit, Transition};

/// The complete lifecycle as one document: the rows of the tables, in their order. It deserializes to equal rows.
///
/// ```
/// use cardsavr_protocol::{Lifecycle, Status};
///
/// let json = serde_json::to_value(Lifecycle::new())?;
/// assert_eq!(json["statuses"].as_array().unwrap().len(), Status::ALL.len());
/// assert_eq!(json["limits"]["answer_window_seconds"], 240);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Lifecycle {
    /// The version of the document format: 1.
    pub version: u32,
    /// The rows of the status table.
    pub statuses: Vec<StatusRow>,
    /// The rows of the transition table.
    pub transitions: Vec<Transition>,
    /// The guards: transitions in the table that a job's memory forbids.
    pub guards: Vec<GuardRow>,
    /// The statuses in which a job's time can run out.
    pub expiry: Vec<ExpiryRow>,
    /// The least `job_timeout` that is in milliseconds: from the job's first such value on, all its values are.
    pub milliseconds_from: i64,
    /// The limits of the specification.
    pub limits: Limits,
    /// The rows of the limit table: the unit and the source of each limit.
    pub limit_rows: Vec<LimitRow>,
}

impl Lifecycle {
    /// The lifecycle of the specification.
    pub fn new() -> Self {
        Self {
            version: 1,
            statuses: Status::ALL.iter().map(|status| status.row().clone()).collect(),
            transitions: Transition::all().collect(),
            guards: Guard::ALL.iter().map(|guard| guard.row().clone()).collect(),
            expiry: Status::ALL.iter().filter_map(|&status| ExpiryRow::of(status)).collect(),
            milliseconds_from: TimeoutUnit::MILLISECONDS_FROM,
            limits: Limits::default(),
            limit_rows: Limit::ALL.iter().map(|limit| limit.row().clone()).collect(),
        }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

/// A status in which a job's time can run out, with what entering it does to the deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The row of a status; `None` for one in which no time runs out.
    pub fn of(status: Status) -> Option<Self> {
        status.expires_as().map(|becomes| Self {
            status,
            starts_budget: status.is_running(),
            extends_budget: status.is_waiting(),
            opens_window: status.opens_window(),
            becomes,
        })
    }
}
