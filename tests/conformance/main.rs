//! The conformance engine: what it finds, what it leaves alone, and what it remembers.

mod counts;
mod envelopes;
mod log;
mod numbers;
mod rules;
mod sequences;
mod severities;
mod waits;
