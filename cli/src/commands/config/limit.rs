//! The numbers of the specification that a check goes by, where a service has others.

use std::str::FromStr;
use std::time::Duration;

use cardsavr_protocol::Limits;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::names_of;
use crate::commands::duration::duration;
use crate::text::nearest;

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Limit {
    FailedLogins,
    FailedTfaCodes,
    NetworkFailures,
    AnswerWindow,
}

/// What a limit is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitValue {
    FailedLogins(u8),
    FailedTfaCodes(u8),
    NetworkFailures(u8),
    AnswerWindow(Duration),
}

impl Limit {
    pub fn set_to(self, text: &str) -> Result<LimitValue, &'static str> {
        Ok(match self {
            Self::FailedLogins => LimitValue::FailedLogins(count(text)?),
            Self::FailedTfaCodes => LimitValue::FailedTfaCodes(count(text)?),
            Self::NetworkFailures => LimitValue::NetworkFailures(count(text)?),
            Self::AnswerWindow => LimitValue::AnswerWindow(duration(text)?),
        })
    }
}

fn count(text: &str) -> Result<u8, &'static str> {
    text.parse().map_err(|_| "it is not a number from 0 to 255")
}

impl LimitValue {
    pub fn apply(self, limits: &mut Limits) {
        match self {
            Self::FailedLogins(count) => limits.failed_logins = count,
            Self::FailedTfaCodes(count) => limits.failed_tfa_codes = count,
            Self::NetworkFailures(count) => limits.network_failures = count,
            Self::AnswerWindow(time) => limits.answer_window = time,
        }
    }
}

impl FromStr for LimitValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').ok_or("it is not a limit and its value, such as failed-logins=3")?;
        let limit = Limit::from_str(name).map_err(|_| {
            let suggestion =
                nearest(name, names_of::<Limit>()).map(|name| format!("; did you mean `{name}`?"));
            format!("there is no limit `{name}`{}", suggestion.unwrap_or_default())
        })?;
        Ok(limit.set_to(value)?)
    }
}
