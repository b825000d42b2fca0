//! The limits that a check depends on, for a service whose limits are not the documented ones.

use std::str::FromStr;

use cardsavr_protocol::{Guard, Limit, LimitUnit, LimitValue, Limits};

use crate::commands::duration::duration;
use crate::text::nearest;

/// A limit and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    limit: Limit,
    value: LimitValue,
}

impl LimitSetting {
    /// The limits that a check depends on, by the names of the flags: those of the guards, and the answer window.
    pub fn names() -> Vec<String> {
        limits().map(name).collect()
    }

    /// Whether the limit of this name is a number of failures, and not a time.
    pub fn is_count(name: &str) -> bool {
        limits().any(|limit| self::name(limit) == name && limit.row().unit != LimitUnit::Seconds)
    }

    /// # Errors
    ///
    /// What is wrong with the name or the value.
    pub fn new(name: &str, value: &str) -> Result<Self, String> {
        let limit = limits().find(|&limit| self::name(limit) == name).ok_or_else(|| {
            let names = Self::names();
            let suggestion = nearest(name, names.iter().map(String::as_str));
            let suggestion = suggestion.map(|name| format!("; did you mean `{name}`?"));
            let suggestion = suggestion.unwrap_or_else(|| format!("; the limits are {}", names.join(", ")));
            format!("there is no limit `{name}`{suggestion}")
        })?;
        let value = match limit.row().unit {
            LimitUnit::Seconds => LimitValue::Time(duration(value)?),
            _ => LimitValue::Count(value.parse().map_err(|_| "it is not a number from 0 to 255")?),
        };
        Ok(Self { limit, value })
    }

    pub fn apply(self, limits: &mut Limits) {
        // The value has the unit of the limit.
        _ = limits.set(self.limit, self.value);
    }
}

fn limits() -> impl Iterator<Item = Limit> {
    Guard::ALL.iter().filter_map(|guard| guard.row().limit).chain([Limit::AnswerWindow])
}

fn name(limit: Limit) -> String {
    limit.to_string().replace('_', "-")
}

impl FromStr for LimitSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').ok_or("it is not a limit and its value, such as failed-logins=3")?;
        Self::new(name, value)
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;
    use crate::commands::check::Args;

    #[test]
    fn the_help_names_each_limit() {
        let command = Args::augment_args(clap::Command::new("check"));
        let help = command.get_after_help().expect("there is help").to_string();
        let names = format!("Limits: {}.", LimitSetting::names().join(", "));
        assert!(help.contains(&names), "{names}");
    }
}
