//! The command `cardsavr`.
fn main() {}
