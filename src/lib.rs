//! The CardSavr job life cycle.
//!
//! CardSavr places a payment card on merchant sites for a cardholder. Each placement is a job: it moves through
//! [statuses](Status), asks its client for credentials or a TFA code by [messages](wire), and ends with one of
//! five [termination types](TerminationType). This crate is the one source of truth for all of them:
//!
//! - [`Status`] and [`Transition`]: the specification's tables, and what follows from them; an [`Edition`] is what the
//!   service documented at one time;
//! - [`Job`]: the machine over these tables, at run time;
//! - [`typestate`]: the same machine with the status in the type: an illegal move does not compile;
//! - [`Timer`]: a job's deadlines, with time as an argument;
//! - [`wire`]: the wire types;
//! - [`track`]: how a job's statuses follow each other, and what is remembered of it;
//! - [`client`]: what a client should do next, as effects;
//! - [`endpoint`]: the service's endpoints, as values;
//! - [`conformance`]: a checker that tells whether recorded messages kept to the life cycle, where not, and why;
//! - [`export`]: the life cycle as data and diagrams and, with the feature `schemars`, JSON Schemas of all that is read
//!   or written;
//! - `simulate`, with the feature of this name: invented logs, lawful or with known faults.
//!
//! All of these but `simulate` and the schemas are on by default. Without default features, what is left are the tables,
//! the machine and the diagrams, and dependencies for derives alone; the features `wire`, `client`, `endpoint` and
//! `conformance` add the modules of these names.
//!
//! It is no client: it opens no connection, reads no file and no clock. Input is handed in, time is an argument.
//!
//! ```
//! use cardsavr_protocol::{Job, Limits, Status};
//!
//! let limits = Limits::default();
//! let job = Job::new(Status::PendingTfa).apply(Status::TfaReceived, &limits)?;
//! assert_eq!(
//!     job.apply(Status::PendingCreds, &limits).unwrap_err().to_string(),
//!     "a job in TFA_RECEIVED may not become PENDING_CREDS: the job's initial credentials have come already; \
//!      legal are UNSUCCESSFUL, TIMEOUT_CAPTCHA, NETWORK_ISSUE, TFA_SUBMITTED, CANCEL_REQUESTED, KILLED, \
//!      PROXY_PROBE_FAILED, VBS_TIMEOUT or VBS_ERROR"
//! );
//! # Ok::<(), cardsavr_protocol::IllegalTransition>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(all(feature = "client", feature = "conformance")),
    allow(dead_code, reason = "a layer that is off may be the only one that uses something below it")
)]

extern crate alloc;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod export;
mod machine;
#[cfg(feature = "simulate")]
pub mod simulate;
mod spec;
#[cfg(feature = "conformance")]
pub mod track;
#[cfg(feature = "wire")]
pub mod wire;

pub use export::{ExpiryRow, Lifecycle};
pub use machine::{IllegalTransition, Job, Memory, Standing, Timer, typestate};
pub use spec::{
    Basis, Edition, Guard, GuardRow, Input, Limit, LimitRow, LimitUnit, LimitValue, Limits, Open, Path,
    Phase, Status, StatusRow, StatusSet, TerminationType, TimeoutUnit, Timestamp, Transition, UnitMismatch,
    UnknownName,
};

/// The examples of the pages run as tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/rust.md")]
struct Pages;
