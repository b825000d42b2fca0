//! Lexers for the slots of a layout, eight bytes at a time.
//!
//! Each reads from a window of fixed size, so that one comparison checks a bound, and returns the value and its length,
//! or `None` for anything that the general decoder has to read.

/// How many bytes a line has at most to be matched, with its line break and [some more](super::SLACK).
pub(super) const WINDOW: usize = 4096;

/// The bytes that a line is matched in.
pub(super) type Window = [u8; WINDOW];

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

#[inline]
pub(super) fn load16(window: &Window, at: usize) -> Option<[u8; 16]> {
    if at > WINDOW - 16 { None } else { window.get(at..at + 16)?.first_chunk().copied() }
}

#[inline]
pub(super) fn load8(window: &Window, at: usize) -> Option<u64> {
    if at > WINDOW - 8 { None } else { Some(u64::from_le_bytes(*window.get(at..at + 8)?.first_chunk()?)) }
}

/// The value of eight digits, the last one in the highest byte: pairs, fours and eights are joined by multiplication.
#[inline]
fn joined(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(10 * (1 << 8) + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * (1 << 16) + 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 * (1 << 32) + 1) >> 32
}

/// How many of the lowest bytes are digits once `0` was subtracted from each by exclusive or.
#[inline]
fn count_digits(digits: u64) -> u32 {
    // Adding 0x76 carries into the highest bit of a byte from 10 on. A carry out of a byte only reaches higher ones.
    ((digits.wrapping_add(0x76 * ONES) | digits) & HIGHS).trailing_zeros() / 8
}

/// The number of the first `count` digits, of 1 to 8.
#[inline]
fn first_digits(digits: u64, count: u32) -> u64 {
    joined(digits.wrapping_shl(64 - 8 * count))
}

/// From 1 to 15 digits: their number and how many there are. Leading zeros are digits here.
#[inline]
fn digits(window: &Window, at: usize) -> Option<(u64, usize)> {
    let word = load8(window, at)? ^ (u64::from(b'0') * ONES);
    let count = count_digits(word);
    match count {
        0 => None,
        1..8 => Some((first_digits(word, count), count as usize)),
        _ => {
            let more = load8(window, at + 8)? ^ (u64::from(b'0') * ONES);
            let count = count_digits(more);
            match count {
                0 => Some((joined(word), 8)),
                8.. => None,
                _ => {
                    let number = joined(word) * *POWERS.get(count as usize)? + first_digits(more, count);
                    Some((number, 8 + count as usize))
                }
            }
        }
    }
}

/// The powers of ten that a number of at most 15 digits is scaled by.
static POWERS: [u64; 16] = {
    let mut powers = [1; 16];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

/// A whole number without a sign or a leading zero.
#[inline]
pub(super) fn whole(window: &Window, at: usize) -> Option<(u64, usize)> {
    let (number, length) = digits(window, at)?;
    if length > 1 && window.get(at) == Some(&b'0') { None } else { Some((number, length)) }
}

#[inline]
#[expect(clippy::cast_precision_loss, reason = "a float has each number of at most 15 digits exactly")]
fn exact(number: u64) -> f64 {
    number as f64
}

/// A number with or without a fraction, of so few digits that one division rounds it correctly.
#[inline]
pub(super) fn decimal(window: &Window, at: usize) -> Option<(f64, usize)> {
    let (number, length) = whole(window, at)?;
    if window.get(at + length) != Some(&b'.') {
        return Some((exact(number), length));
    }
    let (fraction, places) = digits(window, at + length + 1)?;
    if length + places > 15 {
        return None;
    }
    let scale = *POWERS.get(places)?;
    Some((exact(number * scale + fraction) / exact(scale), length + 1 + places))
}

/// A string of printable ASCII without escapes, up to its quotation mark: its length.
#[inline]
pub(super) fn plain(window: &Window, at: usize) -> Option<usize> {
    let mut end = at;
    loop {
        let word = load8(window, end)?;
        // Subtracting borrows into the highest bit of a byte that is less. The lowest mark is right: a borrow only reaches
        // higher bytes.
        let control = word.wrapping_sub(0x20 * ONES);
        let quote = (word ^ (u64::from(b'"') * ONES)).wrapping_sub(ONES);
        let backslash = (word ^ (u64::from(b'\\') * ONES)).wrapping_sub(ONES);
        let marks = (control | quote | backslash | word.wrapping_add(ONES) | word) & HIGHS;
        if marks != 0 {
            end += (marks.trailing_zeros() / 8) as usize;
            return if window.get(end) == Some(&b'"') { Some(end - at) } else { None };
        }
        end += 8;
    }
}

/// The content of any valid string, up to its quotation mark: its length.
#[inline]
pub(super) fn string(window: &Window, at: usize) -> Option<usize> {
    match plain(window, at) {
        Some(length) => Some(length),
        None => escaped(window, at),
    }
}

/// The same for a string with escapes or characters beyond ASCII. A `\u` escape of half a character is left to the
/// general decoder.
fn escaped(window: &Window, at: usize) -> Option<usize> {
    let mut end = at;
    loop {
        match window.get(end)? {
            b'"' => break,
            0..0x20 => return None,
            b'\\' => match window.get(end + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => end += 2,
                b'u' => {
                    let digits = window.get(end + 2..end + 6)?;
                    let is_half =
                        matches!(digits, [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
                    if is_half || !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    end += 6;
                }
                _ => return None,
            },
            _ => end += 1,
        }
    }
    core::str::from_utf8(window.get(at..end)?).ok().map(str::len)
}

/// Up to 32 bytes before a quotation mark, in words that are zero beyond their end; the last word that is not empty, and
/// the length.
#[inline]
pub(super) fn word(window: &Window, at: usize) -> Option<([u64; 4], u64, usize)> {
    let mut words = [0; 4];
    let (mut last, mut length) = (0, 0);
    for slot in &mut words {
        let word = load8(window, at + length)?;
        let differs = word ^ (u64::from(b'"') * ONES);
        let marks = differs.wrapping_sub(ONES) & !differs & HIGHS;
        if marks != 0 {
            let count = marks.trailing_zeros() / 8;
            if count > 0 {
                *slot = word & !(u64::MAX << (8 * count));
                last = *slot;
            }
            return Some((words, last, length + count as usize));
        }
        (*slot, last) = (word, word);
        length += 8;
    }
    None
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    fn window(text: &str) -> Window {
        let mut window = [b'x'; WINDOW];
        window[..text.len()].copy_from_slice(text.as_bytes());
        window
    }

    /// Each number of up to 15 digits is what the standard library parses, and a longer one is left alone.
    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for digits in 1..=17 {
            for first in ["0", "1", "9"] {
                let text: String = first.chars().chain("123456789012345678".chars()).take(digits).collect();
                let expected = text.parse().ok().filter(|_| digits <= 15 && (digits == 1 || first != "0"));
                let found = whole(&window(&format!("{text},")), 0);
                assert_eq!(found, expected.map(|number: u64| (number, digits)), "{text}");
                for places in 1..=15 {
                    let text: String = format!("{text}.{}", &"000123456789012"[..places]);
                    let found = decimal(&window(&format!("{text},")), 0);
                    let expected = expected.filter(|_| digits + places <= 15);
                    let expected = expected.map(|_| (text.parse().unwrap(), text.len()));
                    assert_eq!(found, expected, "{text}");
                }
            }
        }
    }

    /// Each byte ends a plain string, or doesn't, wherever it stands.
    #[test]
    fn plain_strings_are_printable_ascii_without_escapes() {
        for before in 0..20 {
            for byte in 0..=u8::MAX {
                let mut bytes = window("");
                bytes[before] = byte;
                bytes[before + 1] = b'"';
                let expected = match byte {
                    b'"' => Some(before),
                    b'\\' | 0..0x20 | 0x7f.. => None,
                    _ => Some(before + 1),
                };
                assert_eq!(plain(&bytes, 0), expected, "{before} {byte}");
            }
        }
    }

    #[test]
    fn strings_are_those_of_serde_json() {
        for text in [
            "",
            "a",
            "é",
            "a\\n",
            "\\\"",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\ud83d",
            "\\u12",
            "\\x",
            "\\",
            "a\u{7f}b",
            "\u{1}",
            "日本語 and more than eight",
            "\\ue000",
        ] {
            let quoted = format!("\"{text}\"");
            let is_string = serde_json::from_str::<String>(&quoted).is_ok();
            let is_left_alone = text.contains("\\ud");
            let found = string(&window(&format!("{text}\"")), 0);
            assert_eq!(found, Some(text.len()).filter(|_| is_string && !is_left_alone), "{text}");
        }
    }

    #[test]
    fn words_end_at_the_quotation_mark() {
        for length in 0..=32 {
            let text: String = "abcdefghijklmnopqrstuvwxyzABCDEFGH"[..length].into();
            let found = word(&window(&format!("{text}\"")), 0);
            assert_eq!(found.is_some(), length < 32, "{text}");
            let Some((words, last, count)) = found else { continue };
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            assert_eq!((&bytes[..length], count), (text.as_bytes(), length));
            assert!(bytes[length..].iter().all(|byte| *byte == 0));
            assert_eq!(last, words.iter().copied().rfind(|word| *word != 0).unwrap_or(0));
        }
    }
}
