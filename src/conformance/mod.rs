//! Checks recorded messages against the life cycle.
//!
//! A check has four stages, each a function over plain data: readers fill a [`Block`](crate::wire::Block) with events, a
//! [`Linker`] matches requests and responses in the order of the log, each [`Shard`] judges its jobs, and [`merge`] puts what
//! they find in order. A [`Checker`] runs all of them on one thread, and a [`Monitor`] does so for one job. Each broken
//! [`Rule`] is a [`Finding`].
//!
//! The messages and the snapshots of a job are judged as two sequences. Memory follows the number of jobs and envelopes, not
//! the length of the log; jobs that ended long ago are evicted, and a bounded number of unknown words is remembered.
//! [`parts`](crate::wire::log_items) finds the messages in a JSON value; the reader of a log supplies their positions.
//!
//! ```
//! use cardsavr_protocol::conformance::{Checker, Rule, Settings};
//! use cardsavr_protocol::wire::{Block, Position, log_items};
//!
//! let log = [
//!     r#"{"type":"job_status","job_id":101,"message":{"status":"UPDATING"}}"#,
//!     r#"{"type":"job_status","job_id":101,"message":{"status":"PENDING_TFA"}}"#,
//! ];
//! let mut checker = Checker::new(Settings::default());
//! let mut block = Block::default();
//! let mut findings = Vec::new();
//! for (record, line) in log.iter().zip(1..) {
//!     block.clear();
//!     log_items(record, |item| item.push(&mut block, Position { line, ..Position::default() }, None));
//!     checker.check(&mut block, &mut findings);
//! }
//! let totals = checker.finish(&mut findings);
//!
//! assert_eq!(findings[0].rule, Rule::IllegalTransition);
//! assert_eq!(findings[0].position.line, 2);
//! assert!(findings[0].message().starts_with("job 101 went from UPDATING to PENDING_TFA"));
//! assert_eq!((totals.jobs, totals.unterminated), (1, 1));
//! ```

mod checker;
mod finding;
mod group;
mod jobs;
mod judge;
mod link;
mod merge;
mod monitor;
mod numbers;
mod report;
mod rule;
mod sequence;
mod severities;
mod severity;
mod violation;
mod wait;
mod watch;

pub use checker::{Checker, Stages};
pub use finding::{Finding, FindingInFile};
pub use group::Group;
pub use jobs::SHARDS;
pub use judge::{Judged, Shard, shard_of};
pub use link::Linker;
pub use merge::merge;
pub use monitor::Monitor;
pub use report::{KnownFinding, LeftOut, ReportBaseline, ReportInput, Summary, Totals, Unknown};
pub use rule::Rule;
pub use severities::{Level, Selector, Severities};
pub use severity::Severity;
pub use violation::{SentStatus, Violation, Word};

pub use crate::wire::Position;

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::{Edition, Limits, Status};

/// The settings of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The edition of the life cycle that the log is judged by.
    pub edition: Edition,
    /// The limits of the edition, or other ones.
    pub limits: Limits,
    /// Words that are judged as statuses of the edition: for statuses that are newer than this version.
    pub statuses: BTreeMap<String, Status>,
    /// The severity of each rule.
    pub severities: Severities,
    /// How many distinct words of a kind that this version doesn't know are remembered: of the log, to count each by
    /// itself, and of each job, to report each once. What comes beyond them is counted together, and reported each
    /// time.
    pub max_unknown_words: usize,
    /// The minimum number of ended jobs to remember, to check messages that arrive late; older ones are evicted. In a log
    /// with times, jobs that ended more than [`Limits::message_retention`] ago are evicted too: the service no longer
    /// returns their messages.
    pub max_ended_jobs: usize,
}

impl Settings {
    /// The default of [`max_unknown_words`](Self::max_unknown_words).
    pub const MAX_UNKNOWN_WORDS: usize = 1000;

    /// The default of [`max_ended_jobs`](Self::max_ended_jobs).
    pub const MAX_ENDED_JOBS: usize = 10_000_000;

    /// The maximum length in bytes of a remembered word: far longer than any word of the protocol.
    pub const MAX_WORD_BYTES: usize = 256;

    /// The settings of an edition: its limits, and the defaults.
    pub fn of(edition: Edition) -> Self {
        Self {
            edition,
            limits: Limits::of(edition),
            statuses: BTreeMap::new(),
            severities: Severities::default(),
            max_unknown_words: Self::MAX_UNKNOWN_WORDS,
            max_ended_jobs: Self::MAX_ENDED_JOBS,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(Edition::default())
    }
}
