//! The lifecycle as data, for tools in other languages.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::spec::{Edition, GuardRow, LimitRow, Limits, Status, StatusRow, TimeoutUnit, Transition};

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
    /// The edition. Absent if it is the first one.
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    pub edition: Edition,
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
    /// The lifecycle of the first edition.
    pub fn new() -> Self {
        Self::of(Edition::V2021)
    }

    /// The lifecycle of an edition.
    pub fn of(edition: Edition) -> Self {
        let rows = || edition.statuses().iter().filter_map(move |status| edition.row(status));
        Self {
            version: 1,
            edition,
            statuses: rows().cloned().collect(),
            transitions: edition.transitions().collect(),
            guards: edition.guards().cloned().collect(),
            expiry: rows().filter_map(ExpiryRow::of).collect(),
            milliseconds_from: TimeoutUnit::MILLISECONDS_FROM,
            limits: Limits::of(edition),
            limit_rows: edition.limits().cloned().collect(),
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
    /// What a row of the status table means for a job's time; `None` if no time runs out in the status.
    pub fn of(row: &StatusRow) -> Option<Self> {
        let status = row.status;
        row.expires_as.map(|becomes| Self {
            status,
            starts_budget: status.is_running(),
            extends_budget: status.is_waiting(),
            opens_window: status.opens_window(),
            becomes,
        })
    }
}
