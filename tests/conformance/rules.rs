//! Each rule's example breaks that rule once, on the line in the snapshot; each near miss breaks none.

use cardsavr_protocol::conformance::Rule;

use crate::log::{check, found};

/// Rules that only a reader of bytes can find: the tests of the command cover them.
const OF_BYTES: [Rule; 2] = [Rule::MalformedJson, Rule::RecordTooLarge];

fn rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied().filter(|rule| !OF_BYTES.contains(rule))
}

#[test]
fn every_example_breaks_its_rule_once_and_no_other() {
    for rule in rules() {
        let found = found(rule.example());
        assert_eq!(found.iter().map(|(_, found)| *found).collect::<Vec<_>>(), [rule]);
    }
}

#[test]
fn every_near_miss_breaks_none() {
    for rule in rules() {
        assert_eq!(found(rule.near_miss()), [], "{rule}");
    }
}

/// A finding has the severity of the catalogue, and its job if the log shows which one it is.
#[test]
fn findings_have_their_rules_severity_and_their_job() {
    for rule in rules() {
        let finding = check(rule.example()).findings.pop().expect("one finding");
        assert_eq!(finding.severity, rule.severity(), "{rule}");
        assert_eq!(finding.job_id.is_none(), rule == Rule::UnmatchedResponse, "{rule}");
    }
}

/// The texts of all findings, for review.
#[test]
fn findings_read_well() {
    let texts: Vec<String> = rules()
        .map(|rule| {
            let finding = check(rule.example()).findings.pop().expect("one finding");
            format!(
                "{} [{}] at line {}\n  {}\n  found: {}\n  expected: {}\n",
                finding.rule,
                finding.severity,
                finding.position.line,
                finding.message(),
                finding.found().as_deref().unwrap_or("-"),
                if finding.expected().is_empty() { "-".into() } else { finding.expected().join(" ") },
            )
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"));
}
