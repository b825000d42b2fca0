//! The life cycle as data, for tools in other languages.

use alloc::vec::Vec;

use serde::Serialize;

use crate::{Input, Limits, Phase, Status, TerminationType, Transition};

/// The whole life cycle as one document: the statuses and the transitions in the order of the tables, and the
/// documented numbers.
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
pub struct Lifecycle {
    /// The version of the document's form: 1.
    pub version: u32,
    /// The rows of the status table.
    pub statuses: Vec<StatusRow>,
    /// The rows of the transition table.
    pub transitions: Vec<Transition>,
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
