//! The coverage of the vectors, counted from their files.

use std::collections::BTreeSet;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Guard, Lifecycle};
use serde_json::Value;

use crate::form::Vector;
use crate::{FILES, file, table};

fn word(step: &crate::form::Step, pointer: &str) -> Option<String> {
    let input: Value = serde_json::from_str(step.input.as_ref()?.get()).ok()?;
    Some(input.pointer(pointer)?.as_str()?.to_owned())
}

#[test]
fn each_transition_is_taken_and_each_other_step_is_refused() {
    let (mut taken, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for Vector { steps, .. } in &file("transitions.json").vectors {
        for (before, step) in steps.iter().zip(&steps[1..]) {
            let from = before.expect.status.clone().flatten().expect("it has one");
            let pair = (from, word(step, "/message/status").expect("it has one"));
            if step.expect.legal == Some(true) {
                taken.insert(pair)
            } else {
                refused.insert(pair)
            };
        }
    }
    let table = table::transitions().into_iter().map(|(from, to)| (from.to_owned(), to.to_owned()));
    assert_eq!(taken, table.collect());
    let statuses = table::statuses().len();
    assert_eq!(refused.len(), statuses * (statuses - 1) - taken.len());
}

#[test]
fn each_guard_refuses_a_step() {
    let file = file("guards.json");
    let steps = file.vectors.iter().flat_map(|vector| &vector.steps);
    let spoken: BTreeSet<_> = steps.filter_map(|step| step.expect.guard.clone().flatten()).collect();
    assert_eq!(spoken, Guard::ALL.iter().map(|&guard| <&str>::from(guard).to_owned()).collect());
}

/// Each status that can expire does so by the budget, and each wait for an answer also by its window.
#[test]
fn each_row_of_the_timeout_table_expires() {
    let mut expired = BTreeSet::new();
    let rows = Lifecycle::new().expiry;
    let file = file("timeouts.json");
    // A request ahead of its status changes what the status expires as.
    let has_request = |vector: &Vector| {
        vector.steps.iter().any(|step| word(step, "/type").is_some_and(|kind| kind != "job_status"))
    };
    for vector in file.vectors.iter().filter(|vector| vector.limits.is_none() && !has_request(vector)) {
        let mut entered = (None, 0);
        for step in &vector.steps {
            let (status, at) = (step.expect.status.clone().flatten(), step.at.expect("it has one"));
            if entered.0 != status {
                entered = (status.clone(), at);
            }
            if let (Some(status), Some(Some(becomes))) = (status, &step.expect.expires_as) {
                let is_wait = rows.iter().any(|row| row.opens_window && row.status.as_str() == status);
                let by = if is_wait && at - entered.1 == 240_000 { "window" } else { "budget" };
                expired.insert((status, by, becomes.clone()));
            }
        }
    }
    let mut expected = BTreeSet::new();
    for row in rows {
        let (status, becomes) = (row.status.to_string(), row.becomes.to_string());
        if row.opens_window {
            expected.insert((status.clone(), "window", becomes.clone()));
        }
        expected.insert((status, "budget", becomes));
    }
    assert_eq!(expired, expected);
}

#[test]
fn each_effect_is_expected() {
    let file = file("client.json");
    let steps = file.vectors.iter().flat_map(|vector| &vector.steps);
    let effects = steps.flat_map(|step| step.expect.effects.iter().flatten());
    let done: BTreeSet<_> =
        effects.map(|done| format!("{} {}", done.what, done.reason.as_deref().unwrap_or(""))).collect();
    let expected = [
        "add_card ",
        "allow_leaving ",
        "ask_for_credentials ",
        "ask_for_initial_credentials ",
        "ask_for_other ",
        "ask_for_tfa_code ",
        "fetch_job ",
        "report ",
        "show_status ",
        "stop_polling ",
        "tell_end ",
        "warn ",
        "withdraw not_needed",
        "withdraw too_late",
    ];
    assert_eq!(done, expected.map(String::from).into());
}

#[test]
fn each_rule_is_broken_and_nearly_broken() {
    let file = file("rules.json");
    let mut found = BTreeSet::new();
    for vector in &file.vectors {
        let steps = vector.steps.iter().flat_map(|step| step.expect.findings.iter().flatten());
        found.extend(steps.map(|found| found.rule.clone()));
        found.extend(vector.at_end.iter().flatten().map(|found| found.rule.clone()));
        found.extend(vector.findings.iter().flatten().map(|found| found.rule.clone()));
    }
    assert_eq!(found, Rule::ALL.iter().map(Rule::to_string).collect());
    for rule in Rule::ALL {
        assert!(file.vectors.iter().any(|vector| vector.name == format!("nearly-{rule}")), "{rule}");
    }
}

#[test]
fn names_are_unique_and_sentences_are_sentences() {
    let mut names = BTreeSet::new();
    for name in FILES {
        for vector in file(name).vectors {
            assert!(vector.shows.ends_with('.'), "{}", vector.name);
            assert!(names.insert(vector.name.clone()), "{} is duplicated", vector.name);
        }
    }
}
