//! Pseudonyms: what a value is called by where it may not be shown. None is longer than what it stands for, so that no
//! record outgrows the cap of a check for it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Gives each value a name that tells nothing of it and is the same every time: the beginning of its HMAC-SHA-256 under
/// a key. Whoever has the key can try values that they guess.
pub struct Pseudonyms(Hmac<Sha256>);

/// What stands for any text that is too short for a name of its own, cut to its length.
const SHORT: &str = "redacted";

/// The shortest text that a name fits which is told apart from any other, and one that shows what it is besides.
const SHORTEST_TOLD: usize = 11;
const SHORTEST_SHOWN: usize = 25;

/// 64 characters, for six bits each.
const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How often the halves of a short text are mixed into each other: as often as in FF1 of NIST SP 800-38G.
const ROUNDS: u8 = 10;

/// Characters that are exchanged for each other, in ranges.
struct Alphabet(&'static [(char, char)]);

const DIGITS: Alphabet = Alphabet(&[('0', '9')]);

/// All characters that stand in JSON as they are, by how many bytes they have.
const ALPHABETS: [Alphabet; 4] = [
    Alphabet(&[(' ', '!'), ('#', '['), (']', '~')]),
    Alphabet(&[('\u{80}', '\u{7ff}')]),
    Alphabet(&[('\u{800}', '\u{d7ff}'), ('\u{e000}', '\u{ffff}')]),
    Alphabet(&[('\u{10000}', '\u{10ffff}')]),
];

impl Alphabet {
    /// The ranges, each with the index of its first character and how many there are.
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
    /// Pseudonyms under a key of any length.
    pub fn new(key: &[u8]) -> Self {
        // The key of an HMAC has the length of a block of its hash.
        let mut block = [0; 64];
        for (byte, hashed) in block.iter_mut().zip(Sha256::digest(key)) {
            *byte = hashed;
        }
        Self(Hmac::new(&block.into()))
    }

    /// What stands for a text that nothing follows from but whether it is empty. All short ones of a length look the same.
    pub fn text(&self, text: &str) -> String {
        let short = || SHORT.get(..text.len()).unwrap_or(SHORT).to_owned();
        self.long(text).unwrap_or_else(short)
    }

    /// What stands for an id, another one for each; of digits alone only for one that is of digits alone.
    pub fn id(&self, id: &str) -> String {
        self.name(id, |_| false)
    }

    /// What stands for a word for which `is_shown` doesn't hold, another one for each; it doesn't hold for that, either.
    pub fn word(&self, word: &str, is_shown: impl Fn(&str) -> bool) -> String {
        self.name(word, is_shown)
    }

    /// What stands for a number that nothing follows from, given as it is written: ten digits where there is room.
    pub fn number(&self, number: &str) -> u64 {
        if number.len() < 10 { 0 } else { 1_000_000_000 + self.hash(number) % 9_000_000_000 }
    }

    /// The name of a text that is no shorter than one.
    fn long(&self, text: &str) -> Option<String> {
        let hash = self.hash(text);
        if text.len() >= SHORTEST_SHOWN {
            return Some(format!("redacted-{hash:016x}"));
        }
        // It begins like no number and like no word.
        let sixes = (0..SHORTEST_TOLD - 1).map(|place| hash >> (6 * place) & 63);
        let chars = sixes.filter_map(|six| BASE_64.get(usize::try_from(six).ok()?)).copied().map(char::from);
        (text.len() >= SHORTEST_TOLD).then(|| std::iter::once('~').chain(chars).collect())
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
        // Sooner or later a permutation leads back to where it began, which is not taken.
        let mut name = permuted(text);
        while name != text && (is_digits(&name) || is_taken(&name)) {
            name = permuted(&name);
        }
        name
    }

    /// The text that a short one is exchanged for, of all that have characters of the alphabet in the same places: no two
    /// are exchanged for the same, since each round of this Feistel network can be undone.
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
            // The first byte stands in no text, so that nothing else has this hash.
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
