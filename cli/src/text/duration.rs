//! Durations for people.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// Displays a duration in its two largest units: `340 ms`, `1.2 s`, `4 min 5 s`, `2 h 10 min`, `3 d 4 h`.
#[derive(Clone, Copy, Debug)]
pub struct HumanDuration(pub Duration);

impl Display for HumanDuration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let text = match (self.0.as_millis(), seconds) {
            (milliseconds @ 0..1000, _) => format!("{milliseconds} ms"),
            (milliseconds, 0..60) => format!("{seconds}.{} s", milliseconds % 1000 / 100),
            (_, 60..3600) => format!("{} min {} s", seconds / 60, seconds % 60),
            (_, 3600..86_400) => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
            _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_fit_the_duration() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (3_599_999, "59 min 59 s"),
            (3_600_000, "1 h 0 min"),
            (86_400_000 * 3 + 3_600_000 * 4, "3 d 4 h"),
        ] {
            assert_eq!(HumanDuration(Duration::from_millis(milliseconds)).to_string(), expected);
        }
        assert_eq!(format!("{:>8}", HumanDuration(Duration::from_secs(5))), "   5.0 s");
    }
}
