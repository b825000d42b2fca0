//! The command `cardsavr`: it checks recorded messages against the life cycle, generates logs, prints the life cycle and
//! the schemas, and explains both. This package reads and prints; the rules are in `cardsavr-protocol`.
//!
//! The library has no stable interface: it exists so that the fuzz targets and benchmarks can call the same code as the
//! command.
//!
//! The modules depend on each other in one direction: `commands → report → pipeline → input → text`.

#![allow(missing_docs, reason = "nothing here is for other programs")]

pub mod commands;
pub mod input;
pub mod pipeline;
pub mod report;
mod text;

pub use crate::commands::main;
