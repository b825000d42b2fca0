//! The table's words by a hash of their text without collisions, found at compile time.

use super::lex::{self, Window};
use crate::Status;

/// The table's spellings of the statuses, in words of eight bytes.
struct Words {
    multiplier: u64,
    /// The row and one of the status with a hash; 0 for none.
    rows: [u8; BUCKETS],
    texts: [[u64; 4]; COUNT],
}

const COUNT: usize = Status::VOCABULARY.len();
const BUCKETS: usize = 2048;

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "so few of the highest bits are left")]
const fn bucket(multiplier: u64, words: &[u64; 4], last: u64, length: usize) -> usize {
    let mixed = words[0] ^ words[1] ^ last.rotate_left(5) ^ ((length as u64) << 56);
    (mixed.wrapping_mul(multiplier) >> (u64::BITS - BUCKETS.trailing_zeros())) as usize
}

/// The longest text: the few longer ones are for the general decoder.
const MAX_BYTES: usize = 31;

const fn words_of(text: &[u8]) -> [u64; 4] {
    let mut words = [0; 4];
    let mut at = 0;
    while at < text.len() {
        words[at / 8] |= (text[at] as u64) << (8 * (at % 8));
        at += 1;
    }
    words
}

static WORDS: Words = {
    let mut texts = [[0; 4]; COUNT];
    let mut row = 0;
    while row < COUNT {
        let text = Status::VOCABULARY[row].as_str().as_bytes();
        if text.len() <= MAX_BYTES {
            texts[row] = words_of(text);
        }
        row += 1;
    }
    let mut multiplier: u64 = 0x9e37_79b9_7f4a_7c15;
    loop {
        let mut rows = [0; BUCKETS];
        row = 0;
        while row < COUNT {
            let length = Status::VOCABULARY[row].as_str().len();
            if length > MAX_BYTES {
                row += 1;
                continue;
            }
            let bucket = bucket(multiplier, &texts[row], texts[row][(length - 1) / 8], length);
            if rows[bucket] != 0 {
                break;
            }
            rows[bucket] = Status::VOCABULARY[row] as u8 + 1;
            row += 1;
        }
        if row == COUNT {
            break Words { multiplier, rows, texts };
        }
        multiplier = multiplier.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f) | 1;
    }
};

/// A status in the table's spelling, up to a quotation mark: its row and its length.
#[inline]
pub(super) fn status(window: &Window, at: usize) -> Option<(u64, usize)> {
    let (words, last, length) = lex::word(window, at)?;
    let row = usize::from(*WORDS.rows.get(bucket(WORDS.multiplier, &words, last, length))?).checked_sub(1)?;
    if *WORDS.texts.get(row)? == words { Some((row as u64, length)) } else { None }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    #[test]
    fn each_status_is_found_and_nothing_else() {
        let find = |text: &str| {
            let mut window = [b'x'; lex::WINDOW];
            window[..text.len()].copy_from_slice(text.as_bytes());
            window[text.len()] = b'"';
            status(&window, 0)
        };
        for (row, known) in Status::VOCABULARY.iter().enumerate() {
            let text = known.as_str();
            if text.len() > MAX_BYTES {
                continue;
            }
            assert_eq!(find(text), Some((row as u64, text.len())));
            for at in 0..text.len() {
                let mut other = text.as_bytes().to_vec();
                other[at] ^= 0x20;
                let other = String::from_utf8(other).unwrap();
                assert_eq!(find(&other), None, "{other}");
                assert_eq!(
                    find(&text[..at]),
                    text[..at].parse::<Status>().ok().map(|s| (s as u64, at)),
                    "{text} {at}"
                );
            }
            assert_eq!(find(&format!("{text}_")), None);
        }
        for text in ["", "PENDING_SELFIE", "a text of more than thirty-two bytes"] {
            assert_eq!(find(text), None);
        }
    }
}
