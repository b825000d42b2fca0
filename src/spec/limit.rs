//! The limit table: one row a number that the specification documents.

use alloc::borrow::Cow;
use core::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::{Edition, each_edition, optional};

/// Defines the limits from their rows: description, field, setter, name, the name in JSON where it has a unit, the
/// documented value, and where it is documented; the same of later editions if they differ.
macro_rules! define_limits {
    (
        counts {$(
            $(#[doc = $count_doc:literal])+
            $count:ident $with_count:ident $Count:ident $(before $count_before:ident)?:
            $number:literal, $count_source:literal
            $(since $count_since:ident { $count_number:literal, $count_basis:literal })*;
        )+}
        seconds {$(
            $(#[doc = $time_doc:literal])+
            $time:ident $with_time:ident $Time:ident $json:literal:
            $seconds:literal, $time_source:literal
            $(since $time_since:ident { $time_seconds:literal, $time_basis:literal })*;
        )+}
    ) => {
        /// The documented numbers: how many failures are allowed, and how long things may take. The service has changed
        /// them over the years, so they are a value; the defaults are those of the first edition.
        ///
        /// Serialized, a duration is a number of seconds under a name that ends in `_seconds`: a whole number if it has
        /// no fraction. A field that is left out has its default.
        ///
        /// ```
        /// use cardsavr_protocol::Limits;
        ///
        /// let limits = Limits::default().with_failed_logins(3);
        /// assert_eq!((limits.failed_logins, limits.answer_window.as_secs()), (3, 240));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(default)]
        #[non_exhaustive]
        pub struct Limits {
            $(
                $(#[doc = $count_doc])+
                #[doc = concat!(
                    "\n\nDefault: ", $number, " (", $count_source, ")",
                    $("; since [", stringify!($count_since), "](Edition::", stringify!($count_since), "): ", $count_number,)* "."
                )]
                pub $count: u8,
            )+
            $(
                $(#[doc = $time_doc])+
                #[doc = concat!(
                    "\n\nDefault: ", $seconds, " s (", $time_source, ")",
                    $("; since [", stringify!($time_since), "](Edition::", stringify!($time_since), "): ", $time_seconds, " s",)* "."
                )]
                #[serde(rename = $json, with = "seconds")]
                #[cfg_attr(feature = "schemars", schemars(with = "f64", range(min = 0)))]
                pub $time: Duration,
            )+
        }

        impl Limits {
            /// The documented numbers of the first edition, as a constant.
            pub const DOCUMENTED: Self = Self::of(Edition::V2021);

            /// The documented numbers of an edition.
            pub const fn of(edition: Edition) -> Self {
                #[allow(unused_mut, reason = "few limits differ in other editions")]
                Self {
                    $($count: {
                        let mut value = $number;
                        $(if edition.is_since(Edition::$count_since) {
                            value = $count_number;
                        })*
                        value
                    },)+
                    $($time: Duration::from_secs({
                        let mut value = $seconds;
                        $(if edition.is_since(Edition::$time_since) {
                            value = $time_seconds;
                        })*
                        value
                    }),)+
                }
            }

            $(
                #[doc = concat!("The limits with another [`", stringify!($count), "`](Self#structfield.", stringify!($count), ").")]
                #[must_use]
                pub const fn $with_count(mut self, count: u8) -> Self {
                    self.$count = count;
                    self
                }
            )+
            $(
                #[doc = concat!("The limits with another [`", stringify!($time), "`](Self#structfield.", stringify!($time), ").")]
                #[must_use]
                pub const fn $with_time(mut self, time: Duration) -> Self {
                    self.$time = time;
                    self
                }
            )+

            /// The value of a limit that is known by name.
            pub const fn get(&self, limit: Limit) -> LimitValue {
                match limit {
                    $(Limit::$Count => LimitValue::Count(self.$count),)+
                    $(Limit::$Time => LimitValue::Time(self.$time),)+
                }
            }

            /// Sets a limit that is known by name.
            ///
            /// ```
            /// use cardsavr_protocol::{Limit, LimitValue, Limits};
            ///
            /// let limit: Limit = "failed_logins".parse()?;
            /// let mut limits = Limits::default();
            /// limits.set(limit, LimitValue::Count(3))?;
            /// assert_eq!(limits.get(limit), LimitValue::Count(3));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            ///
            /// # Errors
            ///
            /// [`UnitMismatch`] for a time where the limit is a count, and for a count where it is a time.
            pub const fn set(&mut self, limit: Limit, value: LimitValue) -> Result<(), UnitMismatch> {
                match (limit, value) {
                    $((Limit::$Count, LimitValue::Count(count)) => self.$count = count,)+
                    $((Limit::$Time, LimitValue::Time(time)) => self.$time = time,)+
                    _ => return Err(UnitMismatch { limit, value }),
                }
                Ok(())
            }
        }

        /// The name of a limit: that of its field. Serialized it is the name that [`Limits`] has in JSON.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[derive(Display, EnumCount, EnumString, IntoStaticStr, VariantArray, Serialize, Deserialize)]
        #[strum(serialize_all = "snake_case", parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::limit)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Limit {
            $($(#[doc = $count_doc])+ $Count,)+
            $($(#[doc = $time_doc])+ #[serde(rename = $json)] $Time,)+
        }

        #[allow(unused_mut, reason = "few limits differ in other editions")]
        const fn rows(edition: Edition) -> [LimitRow; Limit::COUNT] {
            [
                $({
                    let (mut value, mut source) = ($number, $count_source);
                    $(if edition.is_since(Edition::$count_since) {
                        (value, source) = ($count_number, $count_basis);
                    })*
                    LimitRow {
                        limit: Limit::$Count,
                        value,
                        unit: LimitUnit::Count,
                        source: Cow::Borrowed(source),
                        description: Cow::Borrowed(concat!($($count_doc),+).trim_ascii()),
                    }
                },)+
                $({
                    let (mut value, mut source) = ($seconds, $time_source);
                    $(if edition.is_since(Edition::$time_since) {
                        (value, source) = ($time_seconds, $time_basis);
                    })*
                    LimitRow {
                        limit: Limit::$Time,
                        value,
                        unit: LimitUnit::Seconds,
                        source: Cow::Borrowed(source),
                        description: Cow::Borrowed(concat!($($time_doc),+).trim_ascii()),
                    }
                },)+
            ]
        }

        impl Edition {
            /// Whether the edition has a limit.
            const fn has_limit(self, limit: Limit) -> bool {
                match limit {
                    $(Limit::$Count => self.is_marked(None, optional!($(Edition::$count_before)?)),)+
                    $(Limit::$Time => true,)+
                }
            }
        }
    };
}

/// The rows of each edition.
static ROWS: [[LimitRow; Limit::COUNT]; Edition::COUNT] = each_edition!(rows);

define_limits! {
    counts {
        /// How many failed logins are allowed. One more ends the job in `TOO_MANY_LOGIN_FAILURES`.
        failed_logins with_failed_logins FailedLogins: 2, "Termination types"
            since V2026 { 1, "the service's guide" };
        /// How many failed TFA codes are allowed. One more ends the job in `TOO_MANY_TFA_FAILURES`.
        failed_tfa_codes with_failed_tfa_codes FailedTfaCodes: 1, "Termination types";
        /// How many failures to connect may be reported without ending the job. One more is the end.
        network_failures with_network_failures NetworkFailures before V2026: 2, "Termination types";
    }
    seconds {
        /// A job's first time budget, from its first running status on.
        budget with_budget Budget "budget_seconds": 300, "Broadcast Messages"
            since V2026 { 840, "recordings of the service since 2020" };
        /// What is added to the budget when the job begins to wait for the user.
        budget_extension with_budget_extension BudgetExtension "budget_extension_seconds": 240,
            "Broadcast Messages (the amount is implied)"
            since V2026 { 0, "recordings of the service since 2020" };
        /// How long a request for credentials or a TFA code can be answered.
        answer_window with_answer_window AnswerWindow "answer_window_seconds": 240, "Message types"
            since V2026 { 300, "observed; the service's guide has about four minutes" };
        /// How long before the end the cardholder is warned.
        warning with_warning Warning "warning_seconds": 60, "Broadcast Messages";
        /// How long a message waits to be polled.
        message_retention with_message_retention MessageRetention "message_retention_seconds": 3600,
            "the service's API reference";
        /// The shortest time from one poll to the next.
        poll_interval_min with_poll_interval_min PollIntervalMin "poll_interval_min_seconds": 3,
            "the service's API reference";
        /// The longest time from one poll to the next.
        poll_interval_max with_poll_interval_max PollIntervalMax "poll_interval_max_seconds": 5,
            "the service's API reference";
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DOCUMENTED
    }
}

impl Limit {
    /// All limits, of all editions.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The row of the limit in the first edition.
    pub const fn row(self) -> &'static LimitRow {
        &ROWS[0][self as usize]
    }
}

impl Edition {
    /// The rows of the limit table.
    pub fn limits(self) -> impl Iterator<Item = &'static LimitRow> {
        ROWS[self.index()].iter().filter(move |row| self.has_limit(row.limit))
    }
}

const _: () = {
    let mut i = 0;
    while i < Limit::COUNT {
        assert!(ROWS[0][i].limit as usize == i, "the rows are in the order of the enum");
        i += 1;
    }
};

/// The value of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitValue {
    /// A number of failures.
    Count(u8),
    /// A duration.
    Time(Duration),
}

/// A limit was given a value of the other unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the limit `{limit}` has the unit {unit}, the value {value:?} does not", unit = limit.row().unit)]
#[non_exhaustive]
pub struct UnitMismatch {
    /// The limit, which was not changed.
    pub limit: Limit,
    /// The value that it was given.
    pub value: LimitValue,
}

/// A row of the limit table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LimitRow {
    /// The name of the limit.
    #[cfg_attr(feature = "schemars", schemars(with = "alloc::string::String"))]
    pub limit: Limit,
    /// The documented value, in the unit.
    pub value: u32,
    /// The unit of the value.
    pub unit: LimitUnit,
    /// Where the value is documented: a section of the specification, or another source.
    pub source: Cow<'static, str>,
    /// What is limited.
    pub description: Cow<'static, str>,
}

/// The unit of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = super::schema::closed))]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitUnit {
    /// A number of failures, from 0 to 255.
    Count,
    /// Seconds.
    Seconds,
}

/// A duration as a number of seconds, a whole number if it has no fraction.
mod seconds {
    use core::time::Duration;

    use serde::de::{Error, Unexpected};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if duration.subsec_nanos() == 0 {
            serializer.serialize_u64(duration.as_secs())
        } else {
            serializer.serialize_f64(duration.as_secs_f64())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of seconds, 0 or more")]
        enum Seconds {
            Whole(u64),
            Fractional(f64),
        }

        match Seconds::deserialize(deserializer)? {
            Seconds::Whole(seconds) => Ok(Duration::from_secs(seconds)),
            // As a float, the longest duration is a little too long for one.
            Seconds::Fractional(seconds) if seconds >= Duration::MAX.as_secs_f64() => Ok(Duration::MAX),
            Seconds::Fractional(seconds) => Duration::try_from_secs_f64(seconds)
                .map_err(|_| D::Error::invalid_value(Unexpected::Float(seconds), &"0 or more seconds")),
        }
    }
}
