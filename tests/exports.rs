//! Each export of the life cycle has every status and every transition exactly once. These tests parse the texts;
//! `tests/tools` reads them with the tools that they are for.

use std::collections::BTreeSet;

use cardsavr_protocol::Edition;
use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::export::diagram::{self, Ends};
use cardsavr_protocol::{Guard, Lifecycle, Status, Transition};
use serde::Deserialize;

/// An arrow, as the names of the statuses at its ends.
type Arrow = (String, String);

/// Asserts that the arrows are the transitions of the table, each once, in any order.
fn assert_all_once(mut arrows: Vec<Arrow>) {
    let mut table: Vec<Arrow> =
        Transition::all().map(|row| (row.from.to_string(), row.to.to_string())).collect();
    arrows.sort();
    table.sort();
    assert_eq!(arrows, table);
}

/// The arrows of a diagram, one per line.
fn drawn(text: &str, arrow: &str) -> Vec<Arrow> {
    let arrows = text.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(arrow));
    arrows.filter(|(from, _)| *from != "[*]").map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
}

#[test]
fn the_document_has_every_row_once() {
    let json = serde_json::to_value(Lifecycle::new()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rows = json["transitions"].as_array().unwrap();
    assert_all_once(rows.iter().map(|row| (text(&row["from"]), text(&row["to"]))).collect());
    let statuses = json["statuses"].as_array().unwrap().iter().map(|row| text(&row["status"]));
    itertools::assert_equal(statuses, Status::ALL.iter().map(Status::to_string));
}

/// The guards and the expiry as the specification describes them.
#[test]
fn the_document_has_the_guards_and_what_expires() {
    let json = serde_json::to_value(Lifecycle::new()).unwrap();
    let after_credentials: Vec<_> = Status::ALL.iter().filter(|status| status.shows_credentials()).collect();
    let without_credentials = ["PENDING_CREDS", "CANCELLED_QUICKSTART", "ABANDONED_QUICKSTART"];
    let mut guards = json["guards"].clone();
    for guard in guards.as_array_mut().unwrap() {
        assert!(guard.as_object_mut().unwrap().remove("description").is_some_and(|text| text.is_string()));
    }
    assert_eq!(
        guards,
        serde_json::json!([
            {
                "guard": "failed_logins", "counts": ["PENDING_NEWCREDS"], "forbids": ["PENDING_NEWCREDS"],
                "from": null, "is_untyped": false, "limit": "failed_logins", "instead": "TOO_MANY_LOGIN_FAILURES",
                "counted": "failed login", "rule": "too-many-failed-logins",
            },
            {
                "guard": "failed_tfa_codes", "counts": ["PENDING_TFA"], "forbids": ["PENDING_TFA"],
                "from": "TFA_SUBMITTED", "is_untyped": false, "limit": "failed_tfa_codes",
                "instead": "TOO_MANY_TFA_FAILURES", "counted": "failed TFA code", "rule": "too-many-failed-tfa-codes",
            },
            {
                "guard": "credentials_received", "counts": after_credentials, "forbids": without_credentials,
                "from": null, "is_untyped": false, "limit": null, "instead": null,
                "counted": "status that shows credentials", "rule": "credentials-already-received",
            },
            {
                "guard": "network_failures", "counts": ["NETWORK_ISSUE"], "forbids": ["NETWORK_ISSUE"],
                "from": null, "is_untyped": true, "limit": "network_failures", "instead": "NETWORK_ISSUE",
                "counted": "failure to connect", "rule": "too-many-network-failures",
            },
        ])
    );
    let in_progress = Status::ALL.iter().filter(|status| !status.is_terminal());
    let expected: Vec<_> = in_progress
        // No timer runs before the task does.
        .filter(|status| !["INITIATED", "REQUESTED", "QUEUED"].contains(&status.as_str()))
        .map(|status| {
            serde_json::json!({
                "status": status, "starts_budget": status.as_str() != "CANCEL_REQUESTED",
                "extends_budget": status.is_waiting(),
                "opens_window": status.opens_window(), "becomes": status.expires_as(),
            })
        })
        .collect();
    assert_eq!(json["expiry"], serde_json::Value::from(expected));
    assert_eq!(json["milliseconds_from"], 10_000);
}

#[test]
fn the_document_reads_back_to_equal_rows() {
    let text = serde_json::to_string(&Lifecycle::new()).unwrap();
    assert_eq!(serde_json::from_str::<Lifecycle>(&text).unwrap(), Lifecycle::new());
    let published: Lifecycle = serde_json::from_str(include_str!("../schemas/lifecycle.json")).unwrap();
    assert_eq!(published, Lifecycle::new());
}

#[test]
fn the_document_has_the_limits_with_their_units() {
    let json = serde_json::to_value(Lifecycle::new()).unwrap();
    let rows = json["limit_rows"].as_array().unwrap();
    let limits = json["limits"].as_object().unwrap();
    let by_name = rows.iter().map(|row| (row["limit"].as_str().unwrap().to_owned(), row["value"].clone()));
    assert_eq!(&by_name.collect::<serde_json::Map<_, _>>(), limits);
    for row in rows {
        let is_time = row["limit"].as_str().unwrap().ends_with("_seconds");
        assert_eq!(row["unit"], if is_time { "seconds" } else { "count" });
        assert!(row["source"].is_string() && row["description"].is_string());
    }
}

#[test]
fn each_guard_names_its_rule() {
    for guard in Guard::ALL {
        let rule: Rule = guard.row().rule.parse().unwrap();
        assert_eq!(rule.name(), guard.row().rule);
    }
}

#[test]
fn pictures_have_every_arrow_once() {
    for (ends, is_whole) in [(Ends::Each, true), (Ends::Grouped, false)] {
        let mermaid = drawn(&diagram::mermaid(Edition::V2021, ends), " --> ");
        assert_eq!(mermaid, drawn(&diagram::dot(Edition::V2021, ends), " -> "));
        if is_whole {
            assert_all_once(mermaid);
        } else {
            let grouped =
                |status: Status| status.termination_type().map_or(status.to_string(), |t| t.to_string());
            let table: BTreeSet<Arrow> =
                Transition::all().map(|row| (row.from.to_string(), grouped(row.to))).collect();
            assert_eq!(mermaid.len(), table.len(), "an arrow is duplicated");
            assert_eq!(mermaid.into_iter().collect::<BTreeSet<_>>(), table);
        }
    }
}

/// A JSON object as the list of its members, which keeps duplicate names.
struct Members<V>(Vec<(String, V)>);

impl<V> Default for Members<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<V>(std::marker::PhantomData<V>);

        impl<'de, V: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<V> {
            type Value = Members<V>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    #[serde(rename = "type")]
    kind: Option<String>,
    description: String,
    tags: Vec<String>,
    meta: serde_json::Value,
    #[serde(default)]
    on: Members<Target>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    target: String,
    meta: serde_json::Value,
}

#[test]
fn the_svg_picture_has_every_transition_once() {
    for edition in [Edition::V2021, Edition::V2026] {
        let svg = diagram::svg(edition);
        let picture = roxmltree::Document::parse(&svg).unwrap();
        let titles = |tag: &str| {
            let shapes = picture.descendants().filter(|node| node.has_tag_name(tag));
            let titles = shapes.filter_map(|shape| shape.children().find_map(|title| title.text()));
            titles.map(str::to_owned).collect::<Vec<_>>()
        };
        // Arrows between the statuses in progress; dots for cancellation and for the ends.
        let (mut arrows, mut dots) = (Vec::new(), BTreeSet::new());
        for Transition { from, to, basis, .. } in edition.transitions() {
            if to == Status::CancelRequested {
                dots.insert(format!("{from} to {to}"));
            } else if to.is_terminal() {
                let end = edition.termination_type(to).map_or("any type", Into::into);
                dots.insert(format!("{from} to {end}"));
            } else {
                arrows.push(format!("{from} to {to}: {basis}"));
            }
        }
        assert_eq!(titles("path"), arrows);
        let drawn = titles("circle");
        assert_eq!(drawn.len(), dots.len(), "a dot is duplicated");
        assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), dots);
    }
}

#[test]
fn xstate_has_every_row_once() {
    #[derive(Deserialize)]
    struct Machine {
        initial: Status,
        states: Members<State>,
    }
    let machine: Machine = serde_json::from_str(&diagram::xstate(Edition::V2021)).unwrap();
    assert_eq!(machine.initial, Status::Requested);

    let names = machine.states.0.iter().map(|(name, _)| name.as_str());
    itertools::assert_equal(names, Status::ALL.iter().map(|status| status.as_str()));
    let mut arrows = Vec::new();
    for (name, state) in machine.states.0 {
        let row = name.parse::<Status>().unwrap().row();
        assert_eq!(state.kind.as_deref(), row.status.is_terminal().then_some("final"), "{name}");
        assert_eq!(state.description, row.description);
        assert_eq!(state.tags, [row.phase.to_string()]);
        let columns = serde_json::json!({
            "termination_type": row.termination_type, "awaits": row.awaits, "aliases": row.aliases
        });
        assert_eq!(state.meta, columns, "{name}");
        for (event, Target { target, meta }) in state.on.0 {
            assert_eq!(event, target);
            let transition =
                Transition::between(row.status, target.parse().unwrap()).expect("a legal transition");
            assert_eq!(meta, serde_json::json!({ "basis": transition.basis }));
            arrows.push((name.clone(), target));
        }
    }
    assert_all_once(arrows);
}

#[test]
fn scxml_has_every_row_once() {
    const JOB: &str = "urn:cardsavr:lifecycle";
    let text = diagram::scxml(Edition::V2021);
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!(root.tag_name(), ("http://www.w3.org/2005/07/scxml", "scxml").into());
    assert_eq!(root.attribute("initial"), Some("REQUESTED"));

    let states: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    itertools::assert_equal(
        states.iter().map(|state| state.attribute("id").unwrap()),
        Status::ALL.iter().map(|status| status.as_str()),
    );
    let mut arrows = Vec::new();
    for state in states {
        let row = state.attribute("id").unwrap().parse::<Status>().unwrap().row();
        let kind = if row.status.is_terminal() { "final" } else { "state" };
        assert_eq!(state.tag_name().name(), kind, "{}", row.status);
        let column = |name| state.attribute((JOB, name)).map(str::to_owned);
        assert_eq!(column("phase"), Some(row.phase.to_string()));
        assert_eq!(column("termination_type"), row.termination_type.map(|t| t.to_string()));
        assert_eq!(column("awaits"), row.awaits.map(|input| input.to_string()));
        assert_eq!(column("aliases").unwrap_or_default(), row.aliases.join(" "));
        assert_eq!(column("description").as_deref(), Some(&*row.description));
        for transition in state.children().filter(roxmltree::Node::is_element) {
            assert_eq!(transition.tag_name().name(), "transition");
            let target = transition.attribute("target").unwrap();
            assert_eq!(transition.attribute("event"), Some(target));
            let legal = Transition::between(row.status, target.parse().unwrap()).expect("a legal transition");
            assert_eq!(transition.attribute((JOB, "basis")), Some(legal.basis.to_string().as_str()));
            arrows.push((row.status.to_string(), target.to_owned()));
        }
    }
    assert_all_once(arrows);
}

#[test]
fn csv_is_the_specifications_data_byte_for_byte() {
    assert_eq!(diagram::statuses_csv(Edition::V2021), include_str!("data/statuses.csv"));
    assert_eq!(diagram::transitions_csv(Edition::V2021), include_str!("data/transitions.csv"));
    assert_eq!(diagram::statuses_csv(Edition::V2026), include_str!("data/2026/statuses.csv"));
    assert_eq!(diagram::transitions_csv(Edition::V2026), include_str!("data/2026/transitions.csv"));
}

/// The published machines are their own snapshots; `UPDATE_SCHEMAS=1 cargo test --test schemas` writes them. The other
/// formats have snapshots elsewhere: CSV in `tests/data`, the rest with the tests of the command.
#[test]
fn machines_are_as_published() {
    assert!(include_str!("../schemas/xstate.json") == diagram::xstate(Edition::V2021), "schemas/xstate.json");
    assert!(
        include_str!("../schemas/lifecycle.scxml") == diagram::scxml(Edition::V2021),
        "schemas/lifecycle.scxml"
    );
}
