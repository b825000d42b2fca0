//! Pseudonyms: what a value is called by where it may not be shown.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Gives each value a name that tells nothing of it and is the same every time: the beginning of its HMAC-SHA-256 under
/// a key. Whoever has the key can try values that they guess.
pub struct Pseudonyms(Hmac<Sha256>);

/// A name for a text or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pseudonym(u64);

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

    /// The name of a text, or of a number as it is written.
    pub fn of(&self, value: &str) -> Pseudonym {
        let mut mac = self.0.clone();
        mac.update(value.as_bytes());
        let hash = mac.finalize().into_bytes();
        Pseudonym(hash.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}

impl Pseudonym {
    /// The name as a whole number, of ten digits.
    pub fn number(self) -> u64 {
        1_000_000_000 + self.0 % 9_000_000_000
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redacted-{:016x}", self.0)
    }
}
