//! The stage `judge`: each job by itself, on a fixed number of shards.

use alloc::vec::Vec;

use super::finding::Reporter;
use super::jobs::{Jobs, SHARDS, Watched};
use super::violation::word;
use super::{Finding, Rule, Settings, Severity, Violation};
use crate::TerminationType;
use crate::track::Step;
use crate::wire::{Answer, EventKind, EventRef, JobKey, RequestKind};

/// The shard that judges an event: by the hash of its job. Events without a job go to the first one.
///
/// The hash has no secret key, so that the same log gives the same report in each run. Ids that are chosen to fall into one
/// shard gain nothing but that threads wait: inside a shard, the hash of the jobs' table has one.
pub fn shard_of(event: &EventRef<'_>) -> usize {
    let hash = match event.job() {
        None => return 0,
        Some(JobKey::Number(number)) => number,
        Some(JobKey::Text(text)) => text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }),
    };
    let spread = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SHARDS.trailing_zeros());
    usize::try_from(spread).unwrap_or_default()
}

/// What is remembered of the jobs of one shard.
///
/// ```
/// use cardsavr_protocol::conformance::{Linker, Rule, SHARDS, Settings, Shard, shard_of};
/// use cardsavr_protocol::wire::{Block, Message, Position};
///
/// let mut block = Block::default();
/// for status in ["UPDATING", "PENDING_TFA"] {
///     let json = format!(r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}"}}}}"#);
///     block.push_message(&Message::from_json(&json)?, Position::default(), None);
/// }
/// let settings = Settings::default();
/// Linker::default().link(&mut block, &settings);
///
/// let mut shards = vec![Shard::default(); SHARDS];
/// let mut findings = Vec::new();
/// for (event, ordinal) in block.iter().zip(0..) {
///     shards[shard_of(&event)].judge(event, ordinal, &settings, &mut findings);
/// }
/// assert_eq!(findings[0].rule, Rule::IllegalTransition);
/// # Ok::<(), cardsavr_protocol::wire::MessageError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Shard {
    jobs: Jobs,
}

/// An event that was judged.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Judged<'b> {
    /// The event.
    pub event: EventRef<'b>,
    /// How the status follows the one before it in its sequence, messages or snapshots; `None` for other events and after
    /// the end.
    pub step: Option<Step>,
    /// The termination type, if a job ended with this event and its type is known.
    pub ended: Option<TerminationType>,
}

impl Shard {
    /// Judges a linked event, and adds what it finds to `findings`, in the order of the catalogue. `ordinal` is the number
    /// of the events before it in the whole log. The settings are the same for all events of a log.
    #[inline]
    pub fn judge<'b>(
        &mut self,
        event: EventRef<'b>,
        ordinal: u64,
        settings: &Settings,
        findings: &mut Vec<Finding>,
    ) -> Judged<'b> {
        match self.jobs.quick(&event, ordinal, settings) {
            Some(step) => Judged { event, step: Some(step), ended: None },
            None => self.judge_generally(event, ordinal, settings, findings),
        }
    }

    #[inline(never)]
    fn judge_generally<'b>(
        &mut self,
        event: EventRef<'b>,
        ordinal: u64,
        settings: &Settings,
        findings: &mut Vec<Finding>,
    ) -> Judged<'b> {
        if event.kind != EventKind::Malformed {
            self.jobs.age(event.at, settings);
        }
        let judged = judge_event(&mut self.jobs, event, ordinal, settings, findings);
        self.jobs.settle(settings);
        judged
    }

    #[cfg(test)]
    pub(super) fn jobs(&mut self) -> &mut Jobs {
        &mut self.jobs
    }

    /// How many jobs were seen, how many of them were evicted.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.jobs.count(), self.jobs.evicted())
    }

    /// How many jobs have not ended. `evicted`: how many jobs of the log were evicted, in all shards.
    pub(super) fn unterminated(&self, evicted: u64) -> u64 {
        self.jobs.unterminated(evicted) as u64
    }

    /// That jobs have not ended though the log has: each with the ordinal of its first event, in this order.
    pub(super) fn finish(self, evicted: u64, severity: Severity) -> impl Iterator<Item = (u64, Finding)> {
        self.jobs.into_unterminated(evicted).map(move |(job, watch)| {
            (watch.order(), Finding::unterminated(watch.position(), job, watch.unterminated(), severity))
        })
    }
}

/// Judges a linked event.
pub(super) fn judge_event<'b>(
    jobs: &mut impl Watched,
    event: EventRef<'b>,
    ordinal: u64,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Judged<'b> {
    let first = findings.len();
    let mut to = Reporter { settings, findings, event };
    let mut judged = Judged { event, step: None, ended: None };
    match event.kind {
        EventKind::Status | EventKind::Snapshot => {
            if let Some(job) = event.job() {
                jobs.watch(job, ordinal, |watch| {
                    let had_ended = watch.has_ended();
                    judged.step = if event.kind == EventKind::Status {
                        watch.status_message(&event, &mut to)
                    } else {
                        watch.snapshot(&event, &mut to)
                    };
                    judged.ended = if had_ended { None } else { watch.termination_type(settings.edition) };
                });
            }
        }
        EventKind::Request(kind) => judge_request(jobs, event, ordinal, Some(kind), &mut to),
        EventKind::Response(kind) => judge_response(jobs, event, ordinal, kind, &mut to),
        EventKind::Unknown => {
            to.report(Rule::UnknownMessageType, || Violation::UnknownMessageType {
                kind: word(event.type_text().unwrap_or_default()),
            });
            if event.envelope().is_some() {
                judge_request(jobs, event, ordinal, None, &mut to);
            }
        }
        EventKind::Malformed => {
            if let Some(malformed) = event.malformed() {
                let violation = Violation::Malformed(malformed.clone());
                to.report(violation.rule(), || violation);
            }
        }
    }
    if let Some(found) = findings.get_mut(first..).filter(|found| found.len() > 1) {
        found.sort_by_key(|finding| finding.rule);
    }
    judged
}

fn judge_request(
    jobs: &mut impl Watched,
    event: EventRef<'_>,
    ordinal: u64,
    kind: Option<RequestKind>,
    to: &mut Reporter<'_>,
) {
    let Some(link) = event.link() else { return };
    if let Some(owner) = &link.reused {
        to.report(Rule::EnvelopeReused, || Violation::EnvelopeReused {
            owner: (**owner).clone(),
            is_response: false,
            kind,
        });
    }
    if let Some(named) = event.named_job() {
        to.report(Rule::RequestJobMismatch, || Violation::RequestJobMismatch { named: word(named) });
    }
    if let Some(job) = event.job() {
        jobs.watch(job, ordinal, |watch| watch.request(&event, kind, link.request, to));
    }
}

fn judge_response(
    jobs: &mut impl Watched,
    event: EventRef<'_>,
    ordinal: u64,
    kind: Option<RequestKind>,
    to: &mut Reporter<'_>,
) {
    let Some(link) = event.link() else { return };
    let request_is_missing = match event.job() {
        Some(job) => jobs.watch(job, ordinal, |watch| watch.response(&event, kind, link, to)),
        // It may be of a job that was evicted.
        None => link.known_since == 0,
    };
    if let Some(owner) = &link.reused {
        to.report(Rule::EnvelopeReused, || Violation::EnvelopeReused {
            owner: (**owner).clone(),
            is_response: true,
            kind,
        });
    }
    match link.answer {
        Answer::OtherKind(asked) => {
            if let Some(answered) = kind {
                to.report(Rule::ResponseKindMismatch, || Violation::ResponseKindMismatch { asked, answered });
            }
        }
        Answer::Unmatched if request_is_missing && event.shows_requests() => {
            to.report(Rule::UnmatchedResponse, || Violation::UnmatchedResponse);
        }
        Answer::Unmatched | Answer::Proper => {}
        Answer::Repeated { is_requested } => {
            to.report(Rule::RepeatedResponse, || Violation::RepeatedResponse { is_requested });
        }
    }
    if !event.is_proper {
        to.report(Rule::CredentialsInMessage, || Violation::CredentialsInMessage);
    }
}
