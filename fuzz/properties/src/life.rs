//! Soon.
/// Soon.
pub fn life(_: &[u8]) {}
