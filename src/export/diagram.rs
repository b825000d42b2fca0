//! The life cycle as text for other tools: pictures, state machines and tables.
//!
//! Every format except a diagram with [grouped ends](Ends::Grouped) contains each status and each transition exactly once,
//! in table order, and the text is deterministic. Conventions beyond the tables:
//!
//! - An event has the name of the job's next status, as in the tables; other spellings are data of the state. A heartbeat
//!   is ignored: no status has a transition to itself.
//! - The initial state is `REQUESTED`, in which nearly all jobs begin. A machine for a job that is first observed in
//!   another status, such as `INITIATED`, starts in that status.
//! - The guards of [`Job`](crate::Job) are not included, since they need the job's memory, which takes code in the tool's
//!   language. Each exported text notes this.

mod csv;
mod scxml;
mod svg;
#[cfg(feature = "wire")]
mod xstate;

use alloc::collections::BTreeSet;
use alloc::string::String;
use core::fmt::{self, Write};

use strum::VariantArray;

use crate::spec::{Edition, Phase, Status, TerminationType};

pub use csv::{statuses_csv, transitions_csv};
pub use scxml::scxml;
pub use svg::{in_order, svg};
#[cfg(feature = "wire")]
pub use xstate::xstate;

/// The description in each machine.
const ABOUT: &str =
    "The life cycle of a CardSavr job. An event has the name of the status that the job takes.";

/// The note on the omitted guards in each machine.
fn left_out(edition: Edition) -> &'static str {
    if edition.reported_to(Status::NetworkIssue).is_none() {
        return "The guards are not included: each counts certain messages of a job and can forbid a transition that is \
            listed here.";
    }
    "The guards are not included: each counts certain messages of a job and can forbid a transition that is listed here. \
        Reports of NETWORK_ISSUE without a termination type are not included: they change no status."
}

/// How a diagram draws terminal statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ends {
    /// Each terminal status as its own node: the complete machine.
    #[default]
    Each,
    /// One node per termination type: an overview.
    Grouped,
}

/// The target of an arrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Status(Status),
    Ends(TerminationType),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Ends(termination_type) => termination_type.fmt(f),
        }
    }
}

impl Ends {
    fn node(self, edition: Edition, status: Status) -> Node {
        match (self, edition.termination_type(status)) {
            (Self::Grouped, Some(termination_type)) => Node::Ends(termination_type),
            _ => Node::Status(status),
        }
    }

    /// The nodes of each phase, in table order.
    fn phases(self, edition: Edition) -> impl Iterator<Item = (Phase, BTreeSet<Node>)> {
        Phase::VARIANTS.iter().map(move |&phase| {
            let statuses = edition.statuses().iter().filter(move |status| status.phase() == phase);
            (phase, statuses.map(|status| self.node(edition, status)).collect())
        })
    }

    /// The arrows, each once, in table order.
    fn arrows(self, edition: Edition) -> BTreeSet<(Status, Node)> {
        edition.transitions().map(|transition| (transition.from, self.node(edition, transition.to))).collect()
    }
}

/// The life cycle as a Mermaid state diagram.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::{Ends, mermaid};
///
/// assert!(mermaid(Edition::V2021, Ends::Each).contains("UPDATING --> SUCCESSFUL\n"));
/// assert!(mermaid(Edition::V2021, Ends::Grouped).contains("UPDATING --> BILLABLE\n"));
/// ```
pub fn mermaid(edition: Edition, ends: Ends) -> String {
    let mut text = String::from("stateDiagram-v2\n    direction LR\n");
    // Writing to a string cannot fail.
    for start in Status::STARTS.iter().rev() {
        _ = writeln!(text, "    [*] --> {start}");
    }
    for (phase, nodes) in ends.phases(edition) {
        _ = writeln!(text, "    state {phase} {{");
        for node in nodes {
            _ = writeln!(text, "        {node}");
        }
        text += "    }\n";
    }
    for (from, to) in ends.arrows(edition) {
        _ = writeln!(text, "    {from} --> {to}");
    }
    text
}

/// The life cycle as a DOT digraph, for Graphviz.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::{Ends, dot};
///
/// assert!(dot(Edition::V2021, Ends::Each).contains("UPDATING -> SUCCESSFUL;\n"));
/// ```
pub fn dot(edition: Edition, ends: Ends) -> String {
    let mut text =
        String::from("digraph lifecycle {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n");
    // Writing to a string cannot fail.
    for (phase, nodes) in ends.phases(edition) {
        _ = writeln!(text, "    subgraph cluster_{phase} {{\n        label=\"{phase}\";");
        for node in nodes {
            _ = writeln!(text, "        {node};");
        }
        text += "    }\n";
    }
    for (from, to) in ends.arrows(edition) {
        _ = writeln!(text, "    {from} -> {to};");
    }
    text += "}\n";
    text
}
