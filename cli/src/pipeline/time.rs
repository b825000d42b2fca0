//! The times of records.

use std::borrow::Cow;

use cardsavr_protocol::Timestamp;

/// A value where a time belongs that is none.
#[derive(Debug, thiserror::Error)]
#[error("the record's time is neither RFC 3339, up to 9999-12-30, nor whole milliseconds since 1970")]
pub(super) struct NoTime;

/// The time that a JSON value gives; `null` is none.
pub(super) fn timestamp(json: &str) -> Result<Option<Timestamp>, NoTime> {
    let quoted = json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if let Some(milliseconds) = quoted.and_then(|text| utc_milliseconds(text.as_bytes())) {
        return Ok(Some(Timestamp::from_millis(milliseconds)));
    }
    let milliseconds = match json.as_bytes() {
        b"null" => return Ok(None),
        [b'"', ..] => serde_json::from_str::<Cow<'_, str>>(json).ok().and_then(|text| {
            let time: jiff::Timestamp = text.parse().ok()?;
            Some(time.as_millisecond())
        }),
        _ => serde_json::from_str(json).ok(),
    };
    milliseconds.map(|milliseconds| Some(Timestamp::from_millis(milliseconds))).ok_or(NoTime)
}

/// The fast path for a time as services print it, `2026-03-02T09:00:00.123Z`: in UTC, with up to three digits of a fraction.
/// `None` for any other text.
fn utc_milliseconds(text: &[u8]) -> Option<i64> {
    /// Days from the first of March of the year 0 to 1970.
    const TO_1970: i64 = 719_468;

    let number = |digits: &[u8]| {
        let add = |number, digit: &u8| digit.is_ascii_digit().then(|| 10 * number + i64::from(digit - b'0'));
        digits.iter().try_fold(0, add)
    };
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', ref clock @ .., b'Z'] = text else { return None };
    let &[h0, h1, b':', n0, n1, b':', s0, s1, ref fraction @ ..] = clock else { return None };
    let (year, month, day) = (number(&[y0, y1, y2, y3])?, number(&[m0, m1])?, number(&[d0, d1])?);
    let (hour, minute, second) = (number(&[h0, h1])?, number(&[n0, n1])?, number(&[s0, s1])?);
    let milliseconds = match *fraction {
        [] => 0,
        [b'.', a] => 100 * number(&[a])?,
        [b'.', a, b] => 10 * number(&[a, b])?,
        [b'.', a, b, c] => number(&[a, b, c])?,
        _ => return None,
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // A year that begins in March ends with the leap day.
    let (year, month): (i64, i64) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - TO_1970;
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milliseconds)
}

/// Reads the times of a log. Those of the same day as the one before are read fast.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The beginning of the last time, `"2026-03-02T`, and what time it is at its midnight.
    day: [u8; 12],
    midnight: i64,
}

impl Clock {
    /// The time that a JSON value gives, as [`timestamp`] does.
    pub(super) fn read(&mut self, json: &[u8]) -> Result<Option<Timestamp>, NoTime> {
        let (day, clock) = match json.split_first_chunk() {
            Some((day, clock)) => (Some(day), milliseconds_of_day(clock)),
            None => (None, None),
        };
        if let (Some(day), Some(clock)) = (day, clock) {
            if *day == self.day {
                return Ok(Some(Timestamp::from_millis(self.midnight + clock)));
            }
        }
        let time = timestamp(std::str::from_utf8(json).map_err(|_| NoTime)?)?;
        if let (Some(time), Some(day), Some(clock)) = (time, day, clock) {
            (self.day, self.midnight) = (*day, time.as_millis() - clock);
        }
        Ok(time)
    }
}

/// The milliseconds since midnight of `09:00:00.123Z"`; `None` for any other form.
fn milliseconds_of_day(text: &[u8]) -> Option<i64> {
    const ONES: u64 = 0x0101_0101_0101_0101;

    let (clock, rest) = text.split_first_chunk()?;
    // A digit becomes its value, and a colon 0.
    let clock = u64::from_le_bytes(*clock) ^ u64::from_le_bytes(*b"00:00:00");
    let &[b'.', f0, f1, f2, b'Z', b'"'] = rest else { return None };
    let fraction = [f0, f1, f2].map(|digit| digit ^ b'0');
    // A byte above 9 has its highest bit set then.
    let is_other = (clock.wrapping_add(0x76 * ONES) | clock) & (0x80 * ONES) | clock & 0x0000_ff00_00ff_0000;
    if is_other != 0 || fraction.iter().any(|&digit| digit > 9) {
        return None;
    }
    let [h0, h1, _, m0, m1, _, s0, s1] = clock.to_le_bytes().map(i64::from);
    let (hour, minute, second) = (10 * h0 + h1, 10 * m0 + m1, 10 * s0 + s1);
    let [f0, f1, f2] = fraction.map(i64::from);
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then_some(((hour * 60 + minute) * 60 + second) * 1000 + 100 * f0 + 10 * f1 + f2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fast path reads each day as jiff does, and leaves to jiff what it doesn't read.
    #[test]
    fn times_are_those_of_jiff() {
        let of_jiff = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
        for year in [0, 1, 4, 100, 400, 1600, 1900, 1969, 1970, 1972, 2000, 2024, 2026, 2100, 9998] {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                for clock in ["00:00:00Z", "23:59:59.9Z", "12:30:05.07Z", "09:01:59.123Z"] {
                    let text = format!("{year:04}-{month:02}-{day:02}T{clock}");
                    assert_eq!(utc_milliseconds(text.as_bytes()), of_jiff(&text), "{text}");
                }
            }
        }
        for text in [
            "",
            "Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T09:60:00Z",
            "2026-03-02T09:00:60Z",
            "2026-03-02T09:00:00.Z",
            "2026-03-02T09:00:00.1234Z",
            "2026-03-02T09:00:00",
            "2026-03-02T09:00:00+00:00",
            "2026-03-02 09:00:00Z",
            "02026-03-02T09:00:00Z",
            "+026-03-02T09:00:00Z",
        ] {
            assert_eq!(utc_milliseconds(text.as_bytes()), None, "{text}");
        }
    }

    /// A clock reads what `timestamp` reads, whatever it has read before.
    #[test]
    fn a_clock_reads_each_time() {
        let mut clock = Clock::default();
        for day in ["2026-03-02", "2026-03-03", "2026-02-30", "0000-01-01", "20260-3-02", "9999-12-31"] {
            for time in [
                "T00:00:00.000Z",
                "T23:59:59.999Z",
                "T12:34:56.789Z",
                "T12:34:56.789z",
                "T24:00:00.000Z",
                "T12:60:00.000Z",
                "T12:00:60.000Z",
                "T12:00:00,000Z",
                "T12.00:00.000Z",
                "T:2:00:00.000Z",
                "T12:00:00.0:0Z",
                "T12:00:00.00Z",
                "T12:00:00Z",
                "T12:00:00.000+01:00",
            ] {
                for json in [format!("\"{day}{time}\""), format!("{day}{time}"), format!("\"{day} {time}")] {
                    assert_eq!(clock.read(json.as_bytes()).ok(), timestamp(&json).ok(), "{json}");
                }
            }
        }
        for json in ["1", "null", "\"", "", "-5", "1e3", "true"] {
            assert_eq!(clock.read(json.as_bytes()).ok(), timestamp(json).ok(), "{json}");
        }
    }
}
