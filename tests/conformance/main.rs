//! The conformance engine: what it finds, what it leaves alone, and what it remembers.

mod counts;
mod edges;
mod ends;
mod entry;
mod envelopes;
mod faults;
mod lawful;
mod letting_go;
mod lives;
mod log;
mod monitor;
mod numbers;
mod rules;
mod sequences;
mod severities;
mod waits;
