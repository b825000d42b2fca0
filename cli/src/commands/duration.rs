//! Durations with a unit, in options and in the configuration.

use std::time::Duration;

/// Parses a duration such as `5s`, `500ms` or `1h 30m`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration: Option<jiff::SignedDuration> = text.parse().ok();
    duration
        .and_then(|duration| duration.try_into().ok())
        .ok_or("it is not a time such as 5s, 500ms, 2m or 1h 30m")
}
