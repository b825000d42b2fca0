//! The printed life cycle: the data row by row, and each transition in the diagrams.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::run;

const STATUSES: &str = include_str!("../../../tests/data/statuses.csv");
const TRANSITIONS: &str = include_str!("../../../tests/data/transitions.csv");

fn print(args: &[&str]) -> String {
    let ran = run([&["lifecycle"], args].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

fn rows(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

/// A cell of the CSV; `null` is an empty cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => panic!("no cell: {other}"),
    }
}

fn table(document: &Value, name: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let rows = document[name].as_array().expect("it is an array");
    rows.iter().map(|row| columns.iter().map(|column| cell(&row[column])).collect()).collect()
}

#[test]
fn the_document_is_the_data() {
    let document: Value = serde_json::from_str(&print(&[])).expect("it is JSON");
    assert_eq!(
        table(&document, "statuses", &["status", "phase", "termination_type", "awaits", "aliases"]),
        rows(STATUSES)
    );
    assert_eq!(table(&document, "transitions", &["from", "to", "basis"]), rows(TRANSITIONS));
    assert_eq!(document["version"], 1);
    assert!(document["limits"].is_object());
    for row in document["statuses"].as_array().expect("it is one") {
        assert!(row["description"].as_str().is_some_and(|text| !text.is_empty()), "{row}");
        assert!(row["aliases"].is_array());
        assert_eq!(row.as_object().expect("it is one").len(), 9);
    }
    // The tests of the library check the guards and the expiry.
    assert_eq!(document.as_object().expect("it is one").len(), 8);
    assert_eq!(print(&["--format", "json"]), print(&[]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["limits"]).expect("it is JSON"));
}

/// The arrows between statuses in a diagram, one per line that has an arrow.
fn arrows<'t>(text: &'t str, arrow: &str) -> Vec<(&'t str, &'t str)> {
    let arrows = text.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(arrow));
    arrows.map(|(from, to)| (from.trim(), to.trim())).filter(|(from, _)| *from != "[*]").collect()
}

#[test]
fn diagrams_have_each_transition_once() {
    let rows = rows(TRANSITIONS);
    let expected: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
    let sorted = |mut arrows: Vec<(&'static str, &'static str)>| {
        arrows.sort_unstable();
        arrows
    };
    for (format, arrow) in [("mermaid", " --> "), ("dot", " -> ")] {
        let text = String::leak(print(&["--format", format]));
        assert_eq!(sorted(arrows(text, arrow)), sorted(expected.clone()), "{format}");
    }
}

#[test]
fn the_ends_of_a_termination_type_can_be_one_node() {
    let statuses = rows(STATUSES);
    let end_of = |status: &str| {
        let row = statuses.iter().find(|row| row[0] == status).expect("it is in the table");
        if row[2].is_empty() { status.to_owned() } else { row[2].to_owned() }
    };
    let expected: BTreeSet<_> =
        rows(TRANSITIONS).iter().map(|row| (row[0].to_owned(), end_of(row[1]))).collect();
    for (format, arrow) in [("mermaid", " --> "), ("dot", " -> ")] {
        let text = print(&["--format", format, "--group-ends"]);
        let drawn: Vec<_> =
            arrows(&text, arrow).into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        assert_eq!(drawn.len(), expected.len(), "{format}: each once");
        assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), expected, "{format}");
    }
}

#[test]
fn diagrams_are_as_in_the_snapshots() {
    insta::assert_snapshot!("mermaid", print(&["--format", "mermaid"]));
    insta::assert_snapshot!("mermaid_grouped", print(&["--format", "mermaid", "--group-ends"]));
    insta::assert_snapshot!("dot", print(&["--format", "dot"]));
    insta::assert_snapshot!("dot_grouped", print(&["--format", "dot", "--group-ends"]));
}
