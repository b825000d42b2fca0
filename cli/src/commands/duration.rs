//! Durations with a unit, in options and in the configuration.

use std::time::Duration;

/// Parses a duration such as `5s`, `500ms`, `1h 30m` or `2d`; a day is 24 hours.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let (days, rest) = match text.trim_start().split_once('d') {
        Some((days, rest)) if days.bytes().all(|byte| byte.is_ascii_digit()) => {
            (days.parse().ok(), rest.trim())
        }
        _ => (Some(0), text),
    };
    let rest: Option<jiff::SignedDuration> =
        if rest.is_empty() && days != Some(0) { Some(jiff::SignedDuration::ZERO) } else { rest.parse().ok() };
    let rest: Option<Duration> = rest.and_then(|rest| rest.try_into().ok());
    let days = days.and_then(|days: u64| Some(Duration::from_secs(days.checked_mul(86_400)?)));
    days.zip(rest)
        .and_then(|(days, rest)| days.checked_add(rest))
        .ok_or("it is not a time such as 5s, 500ms, 2m, 1h 30m or 1d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_other_units_are() {
        for (text, seconds) in [("1d", 86_400), ("2d 1h", 176_400), ("1h 30m", 5400), ("5s", 5), ("0d 1s", 1)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "d", "1", "1x", "-1d", "1d x", "99999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
