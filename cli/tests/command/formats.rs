//! The formats for other tools: SARIF, JUnit, annotations, Markdown.

use cardsavr_protocol::conformance::Rule;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::report::LOG;
use crate::{Ran, check_with, directory, run_in, status, successful};

fn check(format: &str) -> Ran {
    let logs = directory([("a b.jsonl", LOG), ("c.log", &format!("{}\n", successful(7)))]);
    run_in(logs.path(), &["check", "--format", format, "a b.jsonl", "c.log"])
}

/// The SARIF report of a run. Asserts that it is valid by the schema of OASIS.
fn sarif(ran: &Ran) -> Value {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sarif/sarif-schema-2.1.0.json");
    let schema = fs::read_to_string(schema).expect("it is there");
    // Two of its patterns have an unmatched bracket.
    let schema = schema.replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let report = ran.report();
    let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{report:#}");
    report
}

#[test]
fn sarif_is_valid_and_has_the_findings_of_the_report() {
    let report = sarif(&check("sarif"));
    let run = &report["runs"][0];
    let found = check("json").report();
    let results = run["results"].as_array().expect("they are results");
    assert_eq!(results.len(), found["findings"].as_array().expect("they are findings").len());
    for (result, finding) in results.iter().zip(found["findings"].as_array().expect("they are findings")) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(result["level"], finding["severity"]);
        assert_eq!(result["message"]["text"], finding["message"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], finding["line"]);
        assert_eq!(place["region"]["startColumn"], finding["column"]);
        // The index and the id refer to the same rule.
        let index = |value: &Value| usize::try_from(value.as_u64().expect("it is one")).expect("it is small");
        let artifact = &place["artifactLocation"];
        assert_eq!(run["artifacts"][index(&artifact["index"])]["location"]["uri"], artifact["uri"]);
        assert_eq!(run["tool"]["driver"]["rules"][index(&result["ruleIndex"])]["id"], result["ruleId"]);
    }
    let rules = run["tool"]["driver"]["rules"].as_array().expect("they are rules");
    assert_eq!(rules.len(), Rule::ALL.len());
    // The full list of rules and the version would change the snapshot too often.
    let mut shown = report.clone();
    let driver = &mut shown["runs"][0]["tool"]["driver"];
    driver["rules"].as_array_mut().expect("they are rules").truncate(2);
    driver["version"] = "…".into();
    insta::assert_json_snapshot!(shown);
}

#[test]
fn sarif_reports_the_outcome_of_the_run() {
    for (args, log, status, succeeded) in [
        (&[][..], status(1, "SUCCESSFUL"), 1, true),
        (&[], successful(1), 0, true),
        (&["-", "none.jsonl"], successful(1), 2, false),
    ] {
        let ran = check_with(&[&["--format", "sarif"], args].concat(), log);
        let report = sarif(&ran);
        let invocation = &report["runs"][0]["invocations"][0];
        assert_eq!((ran.status, &invocation["exitCode"]), (status, &Value::from(status)));
        assert_eq!(invocation["executionSuccessful"], succeeded);
    }
}

#[test]
fn sarif_has_new_unchanged_and_absent_findings() {
    let logs = directory([
        ("old", &format!("{}\n{}\n", status(1, "ODD"), status(2, "UPDATING"))),
        ("new", &format!("{}\n{}\n", status(3, "ODD"), status(3, "STRANGE"))),
    ]);
    let written = run_in(logs.path(), &["check", "--write-baseline=known.json", "old"]);
    assert_eq!(written.status, 0, "{}", written.stderr);
    let report =
        sarif(&run_in(logs.path(), &["check", "--baseline", "known.json", "--format", "sarif", "new"]));
    let results = report["runs"][0]["results"].as_array().expect("they are results");
    let states: Vec<_> = results.iter().map(|result| (&result["ruleId"], &result["baselineState"])).collect();
    insta::assert_json_snapshot!(states);
}

/// Code hosts recognize a known finding by its fingerprint.
#[test]
fn a_fingerprint_does_not_depend_on_the_line() {
    let fingerprints = |log: &str| -> Vec<Value> {
        let report = sarif(&check_with(&["--format", "sarif", "--allow", "unterminated-job"], log));
        let results = report["runs"][0]["results"].as_array().expect("they are results").clone();
        results.iter().map(|result| result["partialFingerprints"]["jobAndFingerprint/v1"].clone()).collect()
    };
    let log = |job: u64| format!("{}\n{}\n", status(job, "UPDATING"), status(job, "PENDING_TFA"));
    let first = fingerprints(&log(1));
    assert_eq!(first.len(), 1);
    let later = fingerprints(&format!("{}\n{}", successful(9), log(1)));
    assert_eq!(later, first);
    assert_ne!(fingerprints(&log(2)), first);
}

#[test]
fn junit_has_a_suite_per_input_and_a_case_per_rule() {
    let ran = check("junit");
    let document = roxmltree::Document::parse(&ran.stdout).expect("it is XML");
    let with_tag = |tag: &'static str| document.descendants().filter(move |node| node.has_tag_name(tag));
    for suite in with_tag("testsuite").chain(with_tag("testsuites")) {
        let number = |name| suite.attribute(name).and_then(|number| number.parse::<usize>().ok());
        let count = |tag| suite.descendants().filter(|node| node.has_tag_name(tag)).count();
        assert_eq!(number("tests"), Some(count("testcase")));
        assert_eq!(number("failures"), Some(count("failure")));
    }
    assert_eq!((with_tag("testsuite").count(), with_tag("testcase").count()), (2, 2 * Rule::ALL.len()));
    // Only findings that fail the run fail a case.
    let rules: Vec<_> = with_tag("failure").filter_map(|node| node.attribute("type")).collect();
    assert_eq!(rules, ["malformed-json", "malformed-message"]);
    let told: Vec<_> = ran.stdout.lines().filter(|line| !line.ends_with("/>")).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn annotations_have_the_shown_findings() {
    insta::assert_snapshot!(check("github").stdout);

    let log: Vec<String> = (0..12).map(|job| status(job, "A%0A,:\\n")).collect();
    let ran = check_with(&["--format", "github", "--allow", "unterminated-job"], log.join("\n"));
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 11);
    assert!(
        lines[..10].iter().all(|line| line.starts_with("::warning title=unknown-status::job ")),
        "{lines:?}"
    );
    assert!(lines[0].contains("A%250A,:\\n"), "{}", lines[0]);
    let last =
        "cardsavr: 0 errors, 12 warnings, 0 notes; 2 without an annotation: GitHub shows 10 of each severity";
    assert_eq!(lines[10], last);
}

#[test]
fn markdown_has_a_summary_and_the_findings() {
    insta::assert_snapshot!(check("markdown").stdout);
    // Without findings there is no table.
    insta::assert_snapshot!(
        "markdown_without_findings",
        check_with(&["--format", "markdown"], successful(1)).stdout
    );

    let log: Vec<String> = (0..500).map(|job| status(job, "| <b>@you</b> `x`")).collect();
    let ran = check_with(&["--format", "markdown", "--allow", "unterminated-job"], log.join("\n"));
    assert!(ran.stdout.ends_with("\n… and 300 more\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`` job 0 has the status \\| <b>@you</b> `x`, which"), "{}", ran.stdout);
}
