//! The conformance engine: what it finds, what it leaves alone, and what it remembers.

mod counts;
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
mod simulated;
mod stages;
mod waits;

#[path = "../oracle/mod.rs"]
#[expect(dead_code, reason = "the fuzz target `life` uses more of it")]
mod oracle;
