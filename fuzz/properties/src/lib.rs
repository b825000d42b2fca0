//! Properties of any input, one function per fuzz target. The targets call them with the inputs of libFuzzer; the tests of
//! this package call them with the corpora, so that every test run replays these.
//!
//! Each function takes bytes, and panics if a property fails.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a property fails")]

mod client;
pub mod dictionary;
mod differential;
mod life;
mod log;
mod message;
#[path = "../../../tests/oracle/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod oracle;
mod pointer;
mod secrets;

pub use client::client;
pub use differential::differential;
pub use life::life;
pub use log::log;
pub use message::message;
pub use pointer::pointer;
