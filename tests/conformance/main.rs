//! The conformance engine: its findings, the valid logs that have none, and its memory.

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
#[expect(dead_code, reason = "the fuzz target `life` uses the rest")]
mod oracle;
