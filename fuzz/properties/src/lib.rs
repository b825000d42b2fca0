//! What must hold of any input, a function for each fuzz target. The targets hand them what libFuzzer makes up; the
//! tests of this package hand them the corpora that the targets have found, so that every test run replays them.
//!
//! Each function takes bytes, and fails by a panic.

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
