//! The conformance engine: what it finds, what it leaves alone, and what it remembers.

mod counts;
#[cfg(feature = "simulate")]
mod edges;
mod ends;
mod envelopes;
mod letting_go;
mod log;
mod monitor;
mod numbers;
mod rules;
mod sequences;
mod severities;
#[cfg(feature = "simulate")]
mod simulated;
mod waits;

#[cfg(feature = "simulate")]
#[path = "../oracle/mod.rs"]
#[expect(dead_code, reason = "the fuzz target `life` uses more of it")]
mod oracle;
