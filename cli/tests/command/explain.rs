//! The explanations of rules, statuses, termination types, kinds of message and fields.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::wire::{Field, MessageKind};
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
fn kinds_of_message_are_explained() {
    insta::assert_snapshot!(explain_all(MessageKind::ALL.iter().map(Into::into)));
}

#[test]
fn fields_are_explained() {
    let names: BTreeSet<&str> = Field::all().map(|field| field.name).collect();
    insta::assert_snapshot!(explain_all(names.into_iter()));
}

/// Without a name: a row for each rule.
#[test]
fn all_rules_are_listed() {
    let ran = run(["explain"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let rows: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert_eq!(rows.len(), Rule::ALL.len());
    for (row, rule) in rows.into_iter().zip(Rule::ALL) {
        let severity: &str = rule.severity().into();
        let columns: Vec<&str> = row.splitn(3, "  ").map(str::trim).collect();
        assert_eq!(columns[0], rule.name());
        assert!(row.contains(severity) && row.ends_with(rule.description()), "{row}");
    }
    insta::assert_snapshot!(ran.stdout);
}

/// The page of the documentation has the same rows.
#[test]
fn the_page_of_the_rules_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    let mut text = String::from(
        "# Rules\n\nAll rules of `cardsavr check`, with their default severities; `cardsavr explain NAME` has the reason, \
         the help and an\nexample of each. This page is generated: `UPDATE_DOCS=1 cargo test -p cardsavr-cli --test \
         command the_page_of_the_rules`.\n\n| rule | severity | found when |\n| --- | --- | --- |\n",
    );
    for rule in Rule::ALL {
        let severity: &str = rule.severity().into();
        _ = writeln!(text, "| `{rule}` | {severity} | {} |", rule.description().replace('|', "\\|"));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, &text).expect("it can be written");
    }
    assert_eq!(
        fs::read_to_string(&page).unwrap_or_default(),
        text,
        "see the page for the command that rewrites it"
    );
}

#[test]
fn names_are_case_insensitive() {
    for (written, name) in [
        ("pending_tfa", "PENDING_TFA"),
        ("Pending_Tfa", "PENDING_TFA"),
        ("billable", "BILLABLE"),
        ("SKIPPED-STATUS", "skipped-status"),
        ("TFA_REQUEST", "tfa_request"),
        ("Percent_Complete", "percent_complete"),
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
        ("tfa_reqest", "tfa_request"),
        ("envelope", "envelope_id"),
        ("job-timeout", "job_timeout"),
    ] {
        let ran = explain(written);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{written}");
        let expected = format!(
            "cardsavr: there is no status, termination type, rule, kind of message or field `{written}`\n  did you mean `{nearest}`?\n"
        );
        assert_eq!(ran.stderr, expected);
    }
    // A name that is similar to none has no suggestion.
    for written in ["", "zzzz", "4711"] {
        let ran = explain(written);
        assert_eq!(ran.status, 2);
        assert_eq!(
            ran.stderr,
            format!(
                "cardsavr: there is no status, termination type, rule, kind of message or field `{written}`\n"
            )
        );
    }
    assert_eq!(explain("ILLEGAL_TRANSITION").stdout, explain("illegal-transition").stdout);
}
