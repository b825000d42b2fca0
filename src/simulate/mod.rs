//! Simulated logs: valid job histories, and histories with one known fault each.
//!
//! A [`Simulation`] describes a log. [`Simulation::log`] makes it from a seed: the same values give the same
//! records, on every machine. [`Simulation::log_from`] makes it from bytes, so that a property test or a fuzzer can steer
//! and shrink it. Either is an iterator of [`Item`]s: records as plain data, and the faults among them, each with the rule
//! that a check must report and the index of the record where it must report it.
//!
//! A history is a walk over the transition table: each step is one of [`lawful_next`], so that a
//! status added to the table is simulated without a change here. There is no clock and no I/O.
//!
//! ```
//! use cardsavr_protocol::conformance::Rule;
//! use cardsavr_protocol::simulate::{History, Simulation};
//!
//! let lawful: History = Simulation::new(1).jobs(3).log().collect();
//! assert_eq!(
//!     lawful.records[0].to_string(),
//!     r#"{"type":"job_status","job_id":1,"message":{"status":"REQUESTED","percent_complete":0}}"#
//! );
//!
//! // Half of these jobs skip a status.
//! let faulty: History = Simulation::new(1).jobs(10).faults([Rule::SkippedStatus], 0.5).log().collect();
//! assert_eq!(faulty.faults.len(), 5);
//! let fault = faulty.faults[0];
//! println!("{} at {}", fault.rule, faulty.records[fault.record]);
//! ```

mod choose;
mod fault;
mod log;
mod record;
mod vary;
mod walk;

pub use choose::{Bytes, Choose, Random};
pub use fault::needs_time;
pub use log::{Fault, History, Item, Log, Simulation};
pub use record::{Content, IdForm, JobName, Record, Report, Request, write_poll};
pub use vary::{Times, Variety};
pub use walk::lawful_next;
