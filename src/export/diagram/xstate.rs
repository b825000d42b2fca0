//! The machine as JSON for XState.

use alloc::string::String;

use serde::{Serialize, Serializer};

use super::{ABOUT, left_out};
use crate::spec::{Basis, Edition, Input, Phase, Status, TerminationType, Transition};

/// The life cycle as a machine for XState 5, in JSON: what `createMachine` takes.
///
/// A state a status, an event of the same name to take it, and a final state for each terminal status; the phase is
/// a tag (`snapshot.hasTag("placement")`), and the other columns of the tables are the `meta` and the `description`
/// of states and transitions. The states stand side by side and not inside their phases, so that the state's value
/// is the status, and a terminal status is the end of the machine.
///
/// The guards are left out and `meta` says so: as names alone they would stop the machine until somebody writes
/// them, and the counts that they look at.
///
/// ```
/// use cardsavr_protocol::Edition;
/// use cardsavr_protocol::export::diagram::xstate;
///
/// let machine: serde_json::Value = serde_json::from_str(&xstate(Edition::V2021))?;
/// assert_eq!(machine["states"]["PENDING_TFA"]["on"]["TFA_RECEIVED"]["target"], "TFA_RECEIVED");
/// assert_eq!(machine["states"]["SUCCESSFUL"]["type"], "final");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn xstate(edition: Edition) -> String {
    let machine = Machine {
        id: "job",
        description: ABOUT,
        initial: Status::default(),
        meta: MachineMeta { starts: Status::STARTS, left_out: left_out(edition) },
        states: States(edition),
    };
    // Texts and lists of texts always have a JSON form.
    let mut text = serde_json::to_string_pretty(&machine).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Machine {
    id: &'static str,
    description: &'static str,
    initial: Status,
    meta: MachineMeta,
    states: States,
}

#[derive(Serialize)]
struct MachineMeta {
    starts: [Status; 2],
    left_out: &'static str,
}

/// The statuses, each with its state, in table order: a map of `serde_json` would sort them.
struct States(Edition);

impl Serialize for States {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.statuses().iter().map(|status| (status, State::of(self.0, status))))
    }
}

#[derive(Serialize)]
struct State {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    description: &'static str,
    tags: [Phase; 1],
    meta: StateMeta,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<On>,
}

#[derive(Serialize)]
struct StateMeta {
    termination_type: Option<TerminationType>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other_termination_types: &'static [TerminationType],
    awaits: Option<Input>,
    aliases: &'static [&'static str],
}

impl State {
    fn of(edition: Edition, status: Status) -> Self {
        let row = edition.row(status);
        Self {
            kind: status.is_terminal().then_some("final"),
            description: status.description(),
            tags: [status.phase()],
            meta: StateMeta {
                termination_type: edition.termination_type(status),
                other_termination_types: row.map(|row| &row.other_termination_types[..]).unwrap_or_default(),
                awaits: status.awaits(),
                aliases: edition.former_spellings(status),
            },
            // XState has no use for a final state with events.
            on: (!status.is_terminal()).then_some(On(edition, status)),
        }
    }
}

/// The events that leave a status, each with its transition.
struct On(Edition, Status);

impl Serialize for On {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .leaving(self.1)
                .map(|Transition { to, basis, .. }| (to, Target { target: to, meta: TargetMeta { basis } })),
        )
    }
}

#[derive(Serialize)]
struct Target {
    target: Status,
    meta: TargetMeta,
}

#[derive(Serialize)]
struct TargetMeta {
    basis: Basis,
}
