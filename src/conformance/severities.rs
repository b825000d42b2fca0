//! The severity of each rule: its default, and the levels that a user sets.

use core::str::FromStr;

use strum::EnumCount;

use super::{Rule, Severity};
use crate::UnknownName;

/// How severe each rule is: its default, unless it was set. A rule that is allowed finds nothing.
///
/// ```
/// use cardsavr_protocol::conformance::{Level, Rule, Severities, Severity};
///
/// let severities = Severities::new([
///     (Level::Allow, "skipped-status".parse()?),
///     (Level::Deny, "warnings".parse()?),
/// ]);
/// assert_eq!(severities.of(Rule::UnknownStatus), Some(Severity::Error));
/// assert_eq!(severities.of(Rule::SkippedStatus), None);
/// # Ok::<(), cardsavr_protocol::UnknownName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Severities([Option<Severity>; Rule::COUNT]);

impl Severities {
    /// The defaults, changed by levels in the order given: the later wins, but one that names a rule beats a group.
    pub fn new(levels: impl IntoIterator<Item = (Level, Selector)>) -> Self {
        Self::default().with(levels)
    }

    /// These, changed further: each of the levels beats all that were given before.
    #[must_use]
    pub fn with(self, levels: impl IntoIterator<Item = (Level, Selector)>) -> Self {
        let mut severities = self;
        let mut named = [None; Rule::COUNT];
        for (level, selector) in levels {
            match selector {
                Selector::Rule(rule) => named[rule as usize] = Some(level),
                Selector::Warnings => severities.set(level, |severity| severity == Some(Severity::Warning)),
                Selector::All => severities.set(level, |_| true),
            }
        }
        for (severity, level) in severities.0.iter_mut().zip(named) {
            *severity = level.map_or(*severity, Level::severity);
        }
        severities
    }

    fn set(&mut self, level: Level, is_meant: impl Fn(Option<Severity>) -> bool) {
        for severity in self.0.iter_mut().filter(|severity| is_meant(**severity)) {
            *severity = level.severity();
        }
    }

    /// How severe the findings of a rule are; none if the rule is allowed.
    pub const fn of(&self, rule: Rule) -> Option<Severity> {
        self.0[rule as usize]
    }
}

impl Default for Severities {
    fn default() -> Self {
        let mut severities = [None; Rule::COUNT];
        for &rule in Rule::ALL {
            severities[rule as usize] = Some(rule.severity());
        }
        Self(severities)
    }
}

/// What a user can set a rule to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Its findings are errors.
    Deny,
    /// Its findings are warnings.
    Warn,
    /// Its findings are notes.
    Note,
    /// It finds nothing.
    Allow,
}

impl Level {
    const fn severity(self) -> Option<Severity> {
        match self {
            Self::Deny => Some(Severity::Error),
            Self::Warn => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Allow => None,
        }
    }
}

/// The rules that a level is set for: one by its name, or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// One rule.
    Rule(Rule),
    /// `warnings`: the rules that are warnings at that point.
    Warnings,
    /// `all`: every rule.
    All,
}

impl FromStr for Selector {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "all" => Ok(Self::All),
            "warnings" => Ok(Self::Warnings),
            _ => name.parse().map(Self::Rule),
        }
    }
}
