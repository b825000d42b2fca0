//! Pseudonyms that replace values. None is longer than its value, so that no record exceeds the maximum size because of it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Derives the pseudonym of a value from its HMAC-SHA-256 under a key. With the key, guesses of the value can be tested.
pub struct Pseudonyms(Hmac<Sha256>);

/// The pseudonym of a text too short for a distinct one, cut to its length.
const SHORT: &str = "redacted";

/// The length of the shortest text with a distinct pseudonym, and of one whose pseudonym says `redacted` as well.
const SHORTEST_DISTINCT: usize = 11;
const SHORTEST_LABELLED: usize = 25;

/// 64 characters, for six bits each.
const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The rounds of the Feistel network, as many as in FF1 of NIST SP 800-38G.
const ROUNDS: u8 = 10;

/// Characters that are permuted among each other, as ranges.
struct Alphabet(&'static [(char, char)]);

const DIGITS: Alphabet = Alphabet(&[('0', '9')]);

/// All characters unescaped in JSON, by their length in UTF-8.
const ALPHABETS: [Alphabet; 4] = [
    Alphabet(&[(' ', '!'), ('#', '['), (']', '~')]),
    Alphabet(&[('\u{80}', '\u{7ff}')]),
    Alphabet(&[('\u{800}', '\u{d7ff}'), ('\u{e000}', '\u{ffff}')]),
    Alphabet(&[('\u{10000}', '\u{10ffff}')]),
];

impl Alphabet {
    /// The first code point of each range, its index, and the size of the range.
    fn ranges(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        self.0.iter().scan(0, |next, &(first, last)| {
            let (start, size) = (*next, u32::from(last) - u32::from(first) + 1);
            *next += size;
            Some((u32::from(first), start, size))
        })
    }

    fn size(&self) -> u32 {
        self.ranges().map(|(.., size)| size).sum()
    }

    fn index(&self, char: char) -> Option<u32> {
        let place = |first| u32::from(char).checked_sub(first);
        self.ranges().find_map(|(first, start, size)| Some(start + place(first).filter(|&at| at < size)?))
    }

    fn get(&self, index: u32) -> Option<char> {
        let place = |start| index.checked_sub(start);
        let code = |(first, start, size)| Some(first + place(start).filter(|&at| at < size)?);
        self.ranges().find_map(code).and_then(char::from_u32)
    }
}

impl Pseudonyms {
    /// Creates pseudonyms under a key of any length.
    pub fn new(key: &[u8]) -> Self {
        // The key of the HMAC is the hash, padded to the length of a block.
        let mut block = [0; 64];
        for (byte, hashed) in block.iter_mut().zip(Sha256::digest(key)) {
            *byte = hashed;
        }
        Self(Hmac::new(&block.into()))
    }

    /// The pseudonym of a text. Short texts of one length share it.
    pub fn text(&self, text: &str) -> String {
        let short = || SHORT.get(..text.len()).unwrap_or(SHORT).to_owned();
        self.long(text).unwrap_or_else(short)
    }

    /// The pseudonym of an id, distinct for each; it consists of digits if and only if the id does.
    pub fn id(&self, id: &str) -> String {
        self.name(id, |_| false)
    }

    /// The pseudonym of a word that is not `is_shown`, distinct for each and not `is_shown` either.
    pub fn word(&self, word: &str, is_shown: impl Fn(&str) -> bool) -> String {
        self.name(word, is_shown)
    }

    /// The pseudonym of a number, given as text: ten digits if they fit, otherwise 0.
    pub fn number(&self, number: &str) -> u64 {
        if number.len() < 10 { 0 } else { 1_000_000_000 + self.hash(number) % 9_000_000_000 }
    }

    /// The pseudonym of a text; `None` if it is too short for a distinct one.
    fn long(&self, text: &str) -> Option<String> {
        let hash = self.hash(text);
        if text.len() >= SHORTEST_LABELLED {
            return Some(format!("redacted-{hash:016x}"));
        }
        // The tilde starts no number and no word.
        let sixes = (0..SHORTEST_DISTINCT - 1).map(|place| hash >> (6 * place) & 63);
        let chars = sixes.filter_map(|six| BASE_64.get(usize::try_from(six).ok()?)).copied().map(char::from);
        (text.len() >= SHORTEST_DISTINCT).then(|| std::iter::once('~').chain(chars).collect())
    }

    fn name(&self, text: &str, is_taken: impl Fn(&str) -> bool) -> String {
        if let Some(name) = self.long(text) {
            return name;
        }
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if is_digits(text) {
            return self.permuted(text, &DIGITS);
        }
        let permuted = |text: &str| {
            ALPHABETS.iter().fold(text.to_owned(), |text, alphabet| self.permuted(&text, alphabet))
        };
        // A permutation eventually returns to the start, which is not taken.
        let mut name = permuted(text);
        while name != text && (is_digits(&name) || is_taken(&name)) {
            name = permuted(&name);
        }
        name
    }

    /// Permutes a short text among all texts with characters of the alphabet in the same positions, by a Feistel network, whose
    /// rounds are invertible.
    fn permuted(&self, text: &str, alphabet: &Alphabet) -> String {
        let size = alphabet.size();
        let mut digits: Vec<u32> = text.chars().filter_map(|char| alphabet.index(char)).collect();
        if digits.is_empty() {
            return text.to_owned();
        }
        let half = digits.len() / 2;
        let (mut changed, mut other) = digits.split_at_mut(half);
        for round in 0..ROUNDS {
            let mut mac = self.0.clone();
            // No text starts with this byte, so that no other input has this hash.
            mac.update(&[0xff, round]);
            for number in [size, text.len().try_into().unwrap_or(u32::MAX)].iter().chain(&*other) {
                mac.update(&number.to_be_bytes());
            }
            let hash = mac.finalize().into_bytes();
            let pads =
                hash.chunks(4).map(|bytes| bytes.iter().fold(0, |pad, &byte| pad << 8 | u32::from(byte)));
            for (digit, pad) in changed.iter_mut().zip(pads) {
                *digit = (*digit + pad % size) % size;
            }
            (changed, other) = (other, changed);
        }
        let mut digits = digits.into_iter();
        let mut exchange = |char: char| alphabet.index(char).and_then(|_| alphabet.get(digits.next()?));
        text.chars().map(|char| exchange(char).unwrap_or(char)).collect()
    }

    fn hash(&self, value: &str) -> u64 {
        let mut mac = self.0.clone();
        mac.update(value.as_bytes());
        let hash = mac.finalize().into_bytes();
        hash.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_is_longer_than_what_it_stands_for() {
        let pseudonyms = Pseudonyms::new(b"key");
        for length in 0..40 {
            let text = "x".repeat(length);
            for name in [pseudonyms.text(&text), pseudonyms.id(&text), pseudonyms.word(&text, |_| false)] {
                assert!(name.len() <= length, "{name} for {text}");
                assert_eq!(name.is_empty(), text.is_empty());
            }
            let number = "7".repeat(length.max(1));
            assert!(pseudonyms.number(&number).to_string().len() <= number.len());
        }
    }

    #[test]
    fn short_ids_have_names_of_their_own() {
        let pseudonyms = Pseudonyms::new(b"key");
        let chars: Vec<char> = (' '..='~').chain("äß\n‘語🔑".chars()).collect();
        let one = chars.iter().copied().map(String::from);
        let two = chars
            .iter()
            .flat_map(|first| chars.iter().step_by(9).map(move |second| format!("{first}{second}")));
        let ids: Vec<String> = one.chain(two).collect();
        let is_letters = |text: &str| text.chars().all(char::is_alphabetic);
        for is_word in [false, true] {
            let mut names = HashSet::new();
            for id in ids.iter().filter(|id| !is_word || !is_letters(id)) {
                let name = if is_word { pseudonyms.word(id, is_letters) } else { pseudonyms.id(id) };
                let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                assert_eq!(is_digits(&name), is_digits(id), "{name:?} for {id:?}");
                assert!(!is_word || !is_letters(&name), "{name:?} for {id:?}");
                assert!(names.insert(name), "{id:?}");
            }
        }
        for id in ["ä", "語", "🔑"] {
            let name = pseudonyms.id(id);
            assert!(name != id && name.len() == id.len(), "{name}");
        }
        assert_ne!(Pseudonyms::new(b"another").id("a longer"), pseudonyms.id("a longer"));
    }
}
