//! The example of each rule breaks that rule once and no other; its near miss breaks none.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use cardsavr_protocol::conformance::{Rule, Severity};

use crate::{Ran, examples, findings_of, run};

fn check(file: &str) -> Ran {
    let path = examples().join(file);
    run(["check".as_ref(), "--format".as_ref(), "json".as_ref(), path.as_os_str()])
}

#[test]
fn each_rule_is_found_once_at_its_line() {
    let mut lines = String::new();
    for rule in Rule::ALL {
        let ran = check(&format!("{rule}.jsonl"));
        let findings = findings_of(&ran.report());
        let [(found, line, column)] = findings.as_slice() else { panic!("{rule}: {findings:?}") };
        assert_eq!(found, rule.name());
        assert_eq!(ran.status, i32::from(rule.severity() == Severity::Error), "{rule}");
        _ = writeln!(lines, "{rule}: {line}:{column}");
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn a_near_miss_breaks_no_rule() {
    for rule in Rule::ALL {
        let ran = check(&format!("{rule}.nearly.jsonl"));
        assert_eq!((findings_of(&ran.report()), ran.status), (vec![], 0), "{rule}");
    }
}

#[test]
fn rules_and_example_logs_correspond() {
    let files = std::fs::read_dir(examples()).expect("they are there");
    let files: BTreeSet<_> =
        files.map(|file| file.expect("it can be listed").file_name().into_string().expect("plain")).collect();
    let names = Rule::ALL.iter().flat_map(|rule| [format!("{rule}.jsonl"), format!("{rule}.nearly.jsonl")]);
    assert_eq!(files, names.collect());
}

/// All examples are one log: a job with the same id continues from one file to the next, and every finding names its
/// file.
#[test]
fn a_directory_of_them_is_read_in_order_of_path() {
    let ran = run(["check".as_ref(), "--format".as_ref(), "json".as_ref(), examples().as_os_str()]);
    let report = ran.report();
    let inputs = report["inputs"].as_array().expect("it is one");
    let files: Vec<_> = inputs.iter().map(|input| input["file"].as_str().expect("a path")).collect();
    assert_eq!(files.len(), 2 * Rule::ALL.len());
    let mut by_path = files.clone();
    by_path.sort_by(|a, b| Path::new(a).cmp(Path::new(b)));
    assert_eq!(files, by_path);
    assert_eq!(ran.status, 1);
}
