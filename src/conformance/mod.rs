//! Whether recorded messages kept to the life cycle; where not, and why not.
//!
//! A [`Checker`] is fed with the messages and snapshots of a log, each with its place and, where the log has one, its
//! time. It judges the messages and the snapshots of each job as two sequences, and reports a [`Finding`] for each break
//! of a [`Rule`]; a [`Monitor`] does so for one job. Its memory follows the number of jobs and of envelopes, not the
//! length of the log, and jobs that ended long ago are let go; of the words that it doesn't know it remembers a bounded
//! number. It reads no log itself:
//! [`log_items`](crate::wire::log_items) finds the messages in a JSON value, and whoever reads the log knows their places.
//!
//! ```
//! use cardsavr_protocol::conformance::{Checker, Position, Rule, Settings};
//! use cardsavr_protocol::wire::log_items;
//!
//! let log = [
//!     r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING"}}"#,
//!     r#"{"type":"job_status","job_id":101,"message":{"status":"PENDING_TFA"}}"#,
//! ];
//! let mut checker = Checker::new(Settings::default());
//! let mut findings = Vec::new();
//! for (record, line) in log.iter().zip(1..) {
//!     log_items(record, |part| match &part.content {
//!         Ok(content) => checker.observe(&content.into(), Position { line, ..Position::default() }, None, &mut findings),
//!         Err(error) => panic!("the log is sound: {error}"),
//!     });
//! }
//! let totals = checker.finish(&mut findings);
//!
//! assert_eq!(findings[0].rule, Rule::IllegalTransition);
//! assert_eq!(findings[0].position.line, 2);
//! assert!(findings[0].message.starts_with("job 101 went from UPDATING to PENDING_TFA"));
//! assert_eq!((totals.jobs, totals.unterminated), (1, 1));
//! ```

mod by_job;
mod checker;
mod envelopes;
mod finding;
mod jobs;
mod log;
mod monitor;
mod numbers;
mod observation;
mod report;
mod rule;
mod sequence;
mod severity;
mod table;
mod wait;
mod watch;

pub use checker::Checker;
pub use finding::{Finding, FindingInFile, Position};
pub use monitor::Monitor;
pub use observation::{Observation, StatusReport};
pub use report::{KnownFinding, LeftOut, ReportBaseline, ReportInput, Summary, Totals, Unknown};
pub use rule::Rule;
pub use severity::{Level, Selector, Severities, Severity};

use crate::Limits;

/// What a check goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The documented numbers, or those of another year.
    pub limits: Limits,
    /// How severe each rule is.
    pub severities: Severities,
    /// How many distinct words of a kind that this version doesn't know are remembered: of the log, to count each by
    /// itself, and of each job, to report each once. What comes beyond them is counted together, and reported each
    /// time.
    pub max_unknown_words: usize,
    /// How many of the jobs that ended are remembered at least, so that what comes late is judged; older ones are let go.
    /// In a log with times, those that ended more than [`Limits::message_retention`] ago are let go, too: nothing of them
    /// waits to be polled any more.
    pub max_ended_jobs: usize,
}

impl Settings {
    /// How many unknown words are remembered unless it is said otherwise.
    pub const MAX_UNKNOWN_WORDS: usize = 1000;

    /// How many jobs that ended are remembered at least unless it is said otherwise.
    pub const MAX_ENDED_JOBS: usize = 10_000_000;

    /// How many bytes a word has that can be remembered at most. Far more than
    /// any word of the protocol has.
    pub const MAX_WORD_BYTES: usize = 256;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            severities: Severities::default(),
            max_unknown_words: Self::MAX_UNKNOWN_WORDS,
            max_ended_jobs: Self::MAX_ENDED_JOBS,
        }
    }
}
