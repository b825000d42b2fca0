//! Severities that a user configures.

use cardsavr_protocol::conformance::{Level, Rule, Selector, Settings, Severities, Severity, Totals};

use crate::log::{check_by, statuses};

const ILLEGAL: Selector = Selector::Rule(Rule::IllegalTransition);
const SKIPPED: Selector = Selector::Rule(Rule::SkippedStatus);

fn of(rule: Rule, levels: &[(Level, Selector)]) -> Option<Severity> {
    Severities::new(levels.iter().copied()).of(rule)
}

#[test]
fn without_levels_the_severity_is_that_of_the_catalogue() {
    for &rule in Rule::ALL {
        assert_eq!(of(rule, &[]), Some(rule.severity()));
    }
}

#[test]
fn each_level_applies_to_its_rules() {
    let skipped = |level| of(Rule::SkippedStatus, &[(level, SKIPPED)]);
    assert_eq!(skipped(Level::Deny), Some(Severity::Error));
    assert_eq!(skipped(Level::Warn), Some(Severity::Warning));
    assert_eq!(skipped(Level::Allow), None);
    assert_eq!(of(Rule::IllegalTransition, &[(Level::Warn, ILLEGAL)]), Some(Severity::Warning));
    assert_eq!(of(Rule::StatusSpelling, &[(Level::Allow, SKIPPED)]), Some(Severity::Note));
}

#[test]
fn groups_are_all_warnings_and_all_rules() {
    for &rule in Rule::ALL {
        let is_warning = rule.severity() == Severity::Warning;
        let expected = if is_warning { Severity::Error } else { rule.severity() };
        assert_eq!(of(rule, &[(Level::Deny, Selector::Warnings)]), Some(expected));
        assert_eq!(of(rule, &[(Level::Allow, Selector::All)]), None);
        assert_eq!(of(rule, &[(Level::Warn, Selector::All)]), Some(Severity::Warning));
    }
}

#[test]
fn the_later_level_wins() {
    let levels = [(Level::Allow, SKIPPED), (Level::Deny, SKIPPED)];
    assert_eq!(of(Rule::SkippedStatus, &levels), Some(Severity::Error));
    let levels = [(Level::Allow, Selector::All), (Level::Warn, Selector::All)];
    assert_eq!(of(Rule::SkippedStatus, &levels), Some(Severity::Warning));
    // `warnings` is resolved at its position in the list.
    let levels = [(Level::Warn, Selector::All), (Level::Deny, Selector::Warnings)];
    assert_eq!(of(Rule::StatusSpelling, &levels), Some(Severity::Error));
    let levels = [(Level::Deny, Selector::Warnings), (Level::Warn, Selector::All)];
    assert_eq!(of(Rule::StatusSpelling, &levels), Some(Severity::Warning));
}

#[test]
fn a_named_rule_overrides_a_group_in_any_order() {
    for levels in [
        [(Level::Warn, SKIPPED), (Level::Deny, Selector::All)],
        [(Level::Deny, Selector::Warnings), (Level::Warn, SKIPPED)],
        [(Level::Warn, SKIPPED), (Level::Allow, Selector::Warnings)],
    ] {
        assert_eq!(of(Rule::SkippedStatus, &levels), Some(Severity::Warning));
    }
}

#[test]
fn names_are_those_of_rules_and_groups() {
    assert_eq!("all".parse(), Ok(Selector::All));
    assert_eq!("warnings".parse(), Ok(Selector::Warnings));
    for &rule in Rule::ALL {
        assert_eq!(rule.name().parse(), Ok(Selector::Rule(rule)));
    }
    assert_eq!("skipped_status".parse::<Selector>().unwrap_err().name, "skipped_status");
}

/// A rule that is allowed is absent from findings and counts alike, and changes nothing else.
#[test]
fn findings_and_counts_follow_the_levels() {
    let log = statuses(&["UPDATING", "AUTH", "TFA_SUBMITTED", "KILLED NEVER_STARTED"]);
    let check = |levels: &[(Level, Selector)]| {
        let severities = Severities::new(levels.iter().copied());
        check_by(Settings { severities, ..Settings::default() }, &log)
    };
    let counts = |totals: &Totals| {
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| totals.of(severity))
    };
    let plain = check(&[]);
    assert_eq!(plain.places(), [(2, Rule::IllegalTransition), (3, Rule::SkippedStatus)]);
    assert_eq!(counts(&plain.totals), [1, 1, 0]);
    assert_eq!(counts(&check(&[(Level::Deny, Selector::Warnings)]).totals), [2, 0, 0]);
    let allowed = check(&[(Level::Allow, ILLEGAL)]);
    assert_eq!(allowed.places(), [(3, Rule::SkippedStatus)]);
    assert_eq!(counts(&allowed.totals), [0, 1, 0]);
    assert!(!allowed.totals.rules.contains_key(&Rule::IllegalTransition));
}
