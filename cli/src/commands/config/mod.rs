//! The configuration file, `cardsavr.toml`.

mod limit;
mod mistake;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use cardsavr_protocol::conformance::{Level, Rule, Selector, Settings, Severities};
use cardsavr_protocol::wire::Open;
use cardsavr_protocol::{Edition, Limits, Status};
use strum::{EnumString, IntoStaticStr, VariantArray};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::limit::LimitSetting;
use self::mistake::names_of;
pub use self::mistake::{ConfigError, Mistake};
use crate::commands::duration::duration;
use crate::input::pointer::Pointer;

/// The name of the file.
pub const NAME: &str = "cardsavr.toml";

/// A configuration. Arguments override it.
#[derive(Debug, Default, PartialEq)]
pub struct Config {
    /// The file it was read from.
    pub file: Option<PathBuf>,
    pub edition: Option<Edition>,
    pub message_pointer: Option<Pointer>,
    pub time_pointer: Option<Pointer>,
    pub max_record_bytes: Option<usize>,
    pub max_depth: Option<usize>,
    pub max_ended_jobs: Option<usize>,
    pub retention: Option<Duration>,
    pub max_findings: Option<u64>,
    pub threads: Option<NonZeroUsize>,
    /// The path, relative to the directory of the file.
    pub baseline: Option<PathBuf>,
    /// Sorted: groups before rules, which override them.
    pub rules: Vec<(Level, Selector)>,
    pub limits: Vec<LimitSetting>,
    /// Words that are judged as statuses.
    pub statuses: BTreeMap<String, Status>,
}

impl Config {
    /// The settings of the checker in an edition.
    ///
    /// # Errors
    ///
    /// That a word of `[statuses]` is a status of the edition, or is judged as one that the edition lacks.
    pub fn settings(&self, edition: Edition) -> Result<Settings, String> {
        check_statuses(&self.statuses, edition)?;
        let mut limits = Limits::of(edition);
        limits.message_retention = self.retention.unwrap_or(limits.message_retention);
        for limit in &self.limits {
            limit.apply(&mut limits);
        }
        Ok(Settings {
            limits,
            statuses: self.statuses.clone(),
            severities: Severities::new(self.rules.iter().copied()),
            max_ended_jobs: self.max_ended_jobs.unwrap_or(Settings::MAX_ENDED_JOBS),
            ..Settings::of(edition)
        })
    }
}

/// The keys, named like the arguments.
#[derive(Clone, Copy, Debug, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
enum Key {
    Edition,
    MessagePointer,
    TimePointer,
    MaxRecordBytes,
    MaxDepth,
    MaxEndedJobs,
    Retention,
    MaxFindings,
    Threads,
    Baseline,
    Rules,
    Limits,
    Statuses,
}

/// The level of a rule.
#[derive(Clone, Copy, Debug, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
enum RuleLevel {
    Error,
    Warning,
    Note,
    Allow,
}

impl From<RuleLevel> for Level {
    fn from(level: RuleLevel) -> Self {
        match level {
            RuleLevel::Error => Self::Deny,
            RuleLevel::Warning => Self::Warn,
            RuleLevel::Note => Self::Note,
            RuleLevel::Allow => Self::Allow,
        }
    }
}

impl Config {
    /// Reads the configuration of a directory or its nearest ancestor that has one; the defaults if there is none.
    pub fn find(directory: &Path) -> Result<Self, ConfigError> {
        match directory.ancestors().map(|directory| directory.join(NAME)).find(|path| path.is_file()) {
            None => Ok(Self::default()),
            Some(path) => {
                let name = path.strip_prefix(directory).unwrap_or(&path);
                Self::read_as(&path, name)
            }
        }
    }

    /// Reads a configuration file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_as(path, path)
    }

    fn read_as(path: &Path, name: &Path) -> Result<Self, ConfigError> {
        let name = || -> PathBuf { name.to_owned() };
        let text = fs::read(path).and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
        let text = text.map_err(|error| ConfigError::File(name(), error))?;
        let config: Self = text.parse().map_err(|mistake: Mistake| mistake.in_file(name(), &text))?;
        let directory = path.parent().unwrap_or(path);
        Ok(Self {
            file: Some(path.to_owned()),
            baseline: config.baseline.map(|path| directory.join(path)),
            ..config
        })
    }

    fn set(&mut self, key: Key, value: &Spanned<DeValue<'_>>) -> Result<(), Mistake> {
        match key {
            Key::Edition => self.edition = Some(edition(value)?),
            Key::MessagePointer => self.message_pointer = Some(parse(value)?),
            Key::TimePointer => self.time_pointer = Some(parse(value)?),
            Key::MaxRecordBytes => self.max_record_bytes = Some(number(value)?),
            Key::MaxDepth => self.max_depth = Some(number(value)?),
            Key::MaxEndedJobs => self.max_ended_jobs = Some(number(value)?),
            Key::Retention => self.retention = Some(time(value)?),
            Key::MaxFindings => self.max_findings = Some(number(value)?),
            Key::Threads => self.threads = Some(number(value)?),
            Key::Baseline => self.baseline = Some(text(value)?.into()),
            Key::Rules => {
                let names = Rule::ALL.iter().map(|rule| rule.name()).chain(["warnings", "all"]);
                let names: Vec<_> = names.collect();
                for (key, value) in table(value)? {
                    let selector = named("rule", key, &names)?;
                    let text = text(value)?;
                    let level = RuleLevel::from_str(text);
                    let level = level.map_err(|_| {
                        Mistake::unknown("level", text, value.span(), &names_of::<RuleLevel>())
                    })?;
                    self.rules.push((level.into(), selector));
                }
                self.rules.sort_by_key(|(_, selector)| match selector {
                    Selector::All => 0,
                    Selector::Warnings => 1,
                    Selector::Rule(_) => 2,
                });
            }
            Key::Limits => {
                for (key, value) in table(value)? {
                    let names = LimitSetting::names();
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    let name: &str = key.get_ref().as_ref();
                    if !names.contains(&name) {
                        return Err(Mistake::unknown("limit", name, key.span(), &names));
                    }
                    if LimitSetting::is_count(name) && value.get_ref().as_str().is_some() {
                        return Err(wrong(value, "a number"));
                    }
                    let limit = LimitSetting::new(name, &plain(value)?);
                    self.limits.push(limit.map_err(|error| Mistake::new(error, value.span()))?);
                }
            }
            Key::Statuses => {
                for (word, row) in table(value)? {
                    let word: &str = word.get_ref().as_ref();
                    self.statuses.insert(word.to_owned(), like(row)?);
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Config {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let document = DeTable::parse(text)?;
        let mut config = Self::default();
        for (key, value) in document.get_ref() {
            config.set(named("option", key, &names_of::<Key>())?, value)?;
        }
        Ok(config)
    }
}

/// Parses a key.
fn named<T: FromStr>(
    what: &'static str,
    key: &Spanned<impl AsRef<str>>,
    names: &[&str],
) -> Result<T, Mistake> {
    let name = key.get_ref().as_ref();
    name.parse().map_err(|_| Mistake::unknown(what, name, key.span(), names))
}

fn wrong(value: &Spanned<DeValue<'_>>, expected: &str) -> Mistake {
    let found = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Mistake::new(format!("expected {expected}, found {found}"), value.span())
}

fn text<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Mistake> {
    value.get_ref().as_str().ok_or_else(|| wrong(value, "a text"))
}

fn parse<T: FromStr<Err: ToString>>(value: &Spanned<DeValue<'_>>) -> Result<T, Mistake> {
    text(value)?.parse().map_err(|error: T::Err| Mistake::new(error.to_string(), value.span()))
}

fn number<T: FromStr>(value: &Spanned<DeValue<'_>>) -> Result<T, Mistake> {
    let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
    number.and_then(|number| number.as_str().parse().ok()).ok_or_else(|| {
        Mistake::new("expected a whole number from 0 on, in decimal digits".to_owned(), value.span())
    })
}

fn edition(value: &Spanned<DeValue<'_>>) -> Result<Edition, Mistake> {
    let name = plain(value)?;
    name.parse().map_err(|_| Mistake::unknown("edition", &name, value.span(), &names_of::<Edition>()))
}

/// The status of a row such as `{ like = "ACCOUNT_LOCKED" }`.
fn like(row: &Spanned<DeValue<'_>>) -> Result<Status, Mistake> {
    let mut like = None;
    for (key, value) in table(row)? {
        let key_name: &str = key.get_ref().as_ref();
        if key_name != "like" {
            return Err(Mistake::unknown("option", key_name, key.span(), &["like"]));
        }
        let name = text(value)?;
        let names: Vec<_> = Status::VOCABULARY.iter().map(|status| status.as_str()).collect();
        let status = name.parse();
        like = Some(status.map_err(|_| Mistake::unknown("status", name, value.span(), &names))?);
    }
    like.ok_or_else(|| Mistake::new("expected `like` with a status".to_owned(), row.span()))
}

/// Whether the words of `[statuses]` are new to an edition, and what they are judged as are statuses of it.
fn check_statuses(statuses: &BTreeMap<String, Status>, edition: Edition) -> Result<(), String> {
    for (word, &like) in statuses {
        if Open::<Status>::new(word).known_in(edition).is_some() {
            return Err(format!("`{word}` is a status of the edition {edition} already"));
        }
        if !edition.has(like) {
            return Err(format!("`{word}`: the edition {edition} has no status `{like}`"));
        }
    }
    Ok(())
}

fn time(value: &Spanned<DeValue<'_>>) -> Result<Duration, Mistake> {
    let text = value.get_ref().as_str().ok_or_else(|| wrong(value, "a time such as \"1h\""))?;
    duration(text).map_err(|error| Mistake::new(error.to_owned(), value.span()))
}

fn table<'v, 'i>(value: &'v Spanned<DeValue<'i>>) -> Result<&'v DeTable<'i>, Mistake> {
    value.get_ref().as_table().ok_or_else(|| wrong(value, "a table"))
}

/// A text or number as on the command line.
fn plain(value: &Spanned<DeValue<'_>>) -> Result<String, Mistake> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(number.as_str().to_owned()),
        _ => Err(wrong(value, "a number or a time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_read() {
        let text = "\
edition = 2026
message-pointer = \"/payload\"
time-pointer = \"/ts\"
max-record-bytes = 1_000
max-depth = 20
max-ended-jobs = 3
retention = \"2h\"
max-findings = 7
threads = 2
baseline = \"known.json\"
[rules]
skipped-status = \"error\"
warnings = \"allow\"
all = \"warning\"
[limits]
failed-logins = 3
answer-window = \"5m\"
[statuses]
WALLET_LOCKED = { like = \"ACCOUNT_LOCKED\" }
";
        for key in names_of::<Key>() {
            assert!(text.contains(key), "{key}");
        }
        let config: Config = text.parse().expect("it is one");
        let expected = Config {
            file: None,
            edition: Some(Edition::V2026),
            message_pointer: "/payload".parse().ok(),
            time_pointer: "/ts".parse().ok(),
            max_record_bytes: Some(1000),
            max_depth: Some(20),
            max_ended_jobs: Some(3),
            retention: Some(Duration::from_secs(7200)),
            max_findings: Some(7),
            threads: NonZeroUsize::new(2),
            baseline: Some("known.json".into()),
            rules: vec![
                (Level::Warn, Selector::All),
                (Level::Allow, Selector::Warnings),
                (Level::Deny, Selector::Rule(Rule::SkippedStatus)),
            ],
            limits: ["answer-window=5m", "failed-logins=3"]
                .map(|limit| limit.parse().expect("it is one"))
                .into(),
            statuses: [("WALLET_LOCKED".to_owned(), Status::AccountLocked)].into(),
        };
        assert_eq!(config, expected);
        assert_eq!("".parse::<Config>().expect("it is one"), Config::default());
    }
}
