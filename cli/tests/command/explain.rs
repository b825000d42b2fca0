//! Explanations of everything that has a name.

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Status, TerminationType};

use crate::{Ran, run};

fn explain(name: &str) -> Ran {
    run(["explain", name])
}

/// The explanations of names, one after another.
fn explain_all<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let texts = names.map(|name| {
        let ran = explain(name);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{name}");
        assert!(ran.stdout.starts_with(name), "{name}: {}", ran.stdout);
        ran.stdout
    });
    texts.collect::<Vec<_>>().join("\n----\n\n")
}

#[test]
fn statuses_are_explained() {
    insta::assert_snapshot!(explain_all(Status::ALL.iter().map(|status| status.as_str())));
}

#[test]
fn termination_types_are_explained() {
    insta::assert_snapshot!(explain_all(TerminationType::ALL.iter().map(Into::into)));
}

#[test]
fn rules_are_explained() {
    insta::assert_snapshot!(explain_all(Rule::ALL.iter().map(|rule| rule.name())));
}

#[test]
fn case_is_no_matter() {
    for (written, name) in [
        ("pending_tfa", "PENDING_TFA"),
        ("Pending_Tfa", "PENDING_TFA"),
        ("billable", "BILLABLE"),
        ("SKIPPED-STATUS", "skipped-status"),
    ] {
        assert_eq!(explain(written).stdout, explain(name).stdout, "{written}");
    }
}

#[test]
fn other_spellings_lead_to_the_status() {
    for status in Status::ALL {
        for spelling in status.aliases() {
            let text = explain(&spelling.to_ascii_lowercase()).stdout;
            assert!(text.starts_with(&format!("{status}\n")), "{text}");
            assert!(text.contains(&format!("{spelling} is another spelling of this status")), "{text}");
        }
    }
    let other = |status: &Status| explain(status.as_str()).stdout.contains("another spelling");
    assert!(!Status::ALL.iter().any(other));
}

#[test]
fn the_nearest_name_is_suggested() {
    for (written, nearest) in [
        ("PENDING_TFX", "PENDING_TFA"),
        ("bilable", "BILLABLE"),
        ("illegal_transitoin", "illegal-transition"),
        ("SKIPED-STATUS", "skipped-status"),
    ] {
        let ran = explain(written);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{written}");
        let expected = format!(
            "cardsavr: there is no status, termination type or rule `{written}`\n  did you mean `{nearest}`?\n"
        );
        assert_eq!(ran.stderr, expected);
    }
    // What is like nothing suggests nothing.
    for written in ["", "zzzz", "4711"] {
        let ran = explain(written);
        assert_eq!(ran.status, 2);
        assert_eq!(
            ran.stderr,
            format!("cardsavr: there is no status, termination type or rule `{written}`\n")
        );
    }
    assert_eq!(run(["explain"]).status, 2);
    assert_eq!(explain("ILLEGAL_TRANSITION").stdout, explain("illegal-transition").stdout);
}
