//! What broke a rule, as typed values: the text for people and the fingerprint for baselines both come from the fields.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Display};
use core::time::Duration;

use super::Rule;
use crate::wire::{EnvelopeOwner, EventRef, JobId, Malformed, MalformedKind, RequestKind};
use crate::{Edition, Guard, Status, StatusSet, TerminationType};

/// How a rule was broken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Violation {
    /// Something can't be read as a message.
    Malformed(Malformed),
    /// The type of a message is none of the five.
    UnknownMessageType {
        /// The type.
        kind: Word,
    },
    /// A status is not in the table.
    UnknownStatus {
        /// The status.
        status: Word,
    },
    /// A termination type is none of the five.
    UnknownTerminationType {
        /// The termination type.
        termination_type: Word,
    },
    /// A known status is spelled in another way.
    StatusSpelling {
        /// The status as it came.
        sent: Word,
        /// The status.
        status: Status,
    },
    /// A status is not reachable from the one before it.
    IllegalTransition {
        /// The status before it.
        from: Status,
        /// The status.
        to: Status,
        /// The statuses that were legal.
        legal: StatusSet,
    },
    /// Statuses between two are missing.
    SkippedStatus {
        /// The first of the two.
        from: Status,
        /// The second.
        to: Status,
        /// The edition of the job's life cycle.
        edition: Edition,
    },
    /// A job that ended sends another status.
    MessageAfterTermination {
        /// How it ended.
        end: SentStatus,
        /// What it sends.
        sent: SentStatus,
    },
    /// A job that ended sends the same end again.
    RepeatedTermination {
        /// How it ended.
        end: SentStatus,
    },
    /// The messages and the snapshots of a job end in different statuses.
    ConflictingTermination {
        /// How the messages end.
        messages: SentStatus,
        /// How the snapshots end.
        snapshots: SentStatus,
        /// Whether the snapshots ended last.
        is_snapshot: bool,
    },
    /// A guard forbids the status.
    Guard {
        /// The guard.
        guard: Guard,
        /// The status before it.
        from: Status,
        /// The status.
        to: Status,
        /// The statuses that were legal.
        legal: StatusSet,
    },
    /// A failure to connect should have been the end.
    TooManyNetworkFailures {
        /// How many were reported.
        failures: u8,
        /// How many are allowed.
        limit: u8,
        /// The statuses that were legal.
        legal: StatusSet,
    },
    /// A job ended for too many failures before as many were seen.
    EarlyFailureLimit {
        /// The status it ended in.
        status: Status,
        /// The guard that counts the failures.
        guard: Guard,
        /// How many failures were seen, the last one included.
        failures: u8,
        /// How many are allowed.
        limit: u8,
    },
    /// A terminal status comes without its termination type.
    MissingTerminationType {
        /// The status.
        status: Status,
        /// Its usual termination type; `None` if it may have any.
        own: Option<TerminationType>,
    },
    /// A terminal status comes with a termination type that it may not have.
    WrongTerminationType {
        /// The status.
        status: Status,
        /// The termination types that it may have, the usual one first.
        allowed: Vec<TerminationType>,
        /// The termination type that came.
        sent: TerminationType,
    },
    /// A status in progress comes with a termination type.
    EarlyTerminationType {
        /// The status.
        status: Status,
        /// The termination type.
        sent: TerminationType,
    },
    /// A percentage is below 0 or above 100.
    ProgressOutOfRange {
        /// The percentage.
        percent: f64,
    },
    /// A percentage is less than before.
    ProgressDecreased {
        /// The percentage before.
        from: f64,
        /// The percentage.
        to: f64,
    },
    /// A job ended at another percentage than 100.
    IncompleteTermination {
        /// The percentage.
        percent: f64,
    },
    /// A `job_timeout` is below 0.
    NegativeTimeout {
        /// The timeout as sent.
        timeout: i64,
    },
    /// A `job_timeout` grew.
    TimeoutIncreased {
        /// The timeout before, as sent.
        from: i64,
        /// The timeout as sent.
        to: i64,
    },
    /// A `job_timeout` is less than a hundredth of the one before it.
    MixedTimeoutUnits {
        /// The timeout before, as sent.
        from: i64,
        /// The timeout as sent.
        to: i64,
    },
    /// A job left a waiting status and no request for it was seen.
    PendingWithoutRequest {
        /// The status.
        status: Status,
        /// The kind of request.
        kind: Option<RequestKind>,
    },
    /// A new request comes when nothing is asked of the user any more.
    RequestOutOfTurn {
        /// The kind of request.
        kind: RequestKind,
        /// The status of the job.
        status: Word,
        /// Whether the job has ended in it.
        has_ended: bool,
    },
    /// Two kinds of request or two jobs share an envelope.
    EnvelopeReused {
        /// Who used it first.
        owner: EnvelopeOwner,
        /// Whether it was reused by a response, which names another job.
        is_response: bool,
        /// The kind of the request that reuses it; `None` if it is unknown.
        kind: Option<RequestKind>,
    },
    /// A hydrated request names another job than the one it stands in.
    RequestJobMismatch {
        /// The job that it names.
        named: Word,
    },
    /// No request carried the envelope of a response.
    UnmatchedResponse,
    /// An envelope has a second response.
    RepeatedResponse {
        /// Whether the request was seen.
        is_requested: bool,
    },
    /// A response answers a request of another kind.
    ResponseKindMismatch {
        /// The kind of the request.
        asked: RequestKind,
        /// The kind of the response.
        answered: RequestKind,
    },
    /// A `credential_response` has another message than `submitted`.
    CredentialsInMessage,
    /// A response came after the answer window.
    LateResponse {
        /// The time from the start of the wait to the response.
        after: Duration,
        /// The answer window.
        window: Duration,
    },
    /// A job still waits after the answer window.
    OverdueTimeout {
        /// The status.
        status: Status,
        /// The time since the start of the wait.
        after: Duration,
        /// The time after which it should have ended.
        window: Duration,
    },
    /// A record is older than the one before it of the same job.
    TimeWentBackwards {
        /// By how much.
        by: Duration,
    },
    /// The log ends and the job has not.
    UnterminatedJob {
        /// The last known status.
        status: Option<Status>,
    },
}

/// A word of a log. Only the first thousand bytes are kept: a log can have words of any length.
pub type Word = Box<str>;

/// How many bytes a text of a finding has at most.
const MAX_TEXT_BYTES: usize = 1000;

/// A status and the termination type that came with it, known ones in the table's spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentStatus {
    /// The status.
    pub status: Word,
    /// The termination type, if there was one.
    pub termination_type: Option<Word>,
}

impl SentStatus {
    pub(super) fn new(status: &str, termination_type: Option<&str>) -> Self {
        Self { status: word(status), termination_type: termination_type.map(word) }
    }

    pub(super) fn of(event: &EventRef<'_>) -> Self {
        Self::new(status_word(event), event.termination_text())
    }

    /// The parts of a fingerprint.
    fn mark(&self) -> String {
        match &self.termination_type {
            Some(sent) => format!("{}+{sent}", self.status),
            None => self.status.as_ref().to_owned(),
        }
    }
}

impl Display for SentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.status)?;
        self.termination_type.as_ref().map_or(Ok(()), |sent| write!(f, " with {sent}"))
    }
}

/// The status of an event: a known one in the table's spelling, an unknown one as it came.
pub(super) fn status_word<'b>(event: &EventRef<'b>) -> &'b str {
    let known = || event.status.map(Status::as_str);
    event.extension().or_else(known).or_else(|| event.status_text()).unwrap_or_default()
}

/// A word as a violation keeps it.
pub(super) fn word(text: &str) -> Word {
    shortened(text, MAX_TEXT_BYTES).into()
}

/// A text, or the beginning of one that has more bytes.
pub(super) fn shortened(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let end = (0..=max_bytes).rfind(|&end| text.is_char_boundary(end)).unwrap_or_default();
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

fn short(text: String) -> String {
    match shortened(&text, MAX_TEXT_BYTES) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

/// The id of a finding's job: of one of any length, the beginning.
pub(super) fn shortened_id(id: JobId) -> JobId {
    match id {
        JobId::Text(text) if text.len() > MAX_TEXT_BYTES => {
            JobId::from(shortened(&text, MAX_TEXT_BYTES).into_owned())
        }
        id => id,
    }
}

impl Violation {
    /// The rule that was broken.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Malformed(malformed) => match malformed.kind {
                MalformedKind::Json => Rule::MalformedJson,
                MalformedKind::TooLarge => Rule::RecordTooLarge,
                MalformedKind::Message => Rule::MalformedMessage,
            },
            Self::UnknownMessageType { .. } => Rule::UnknownMessageType,
            Self::UnknownStatus { .. } => Rule::UnknownStatus,
            Self::UnknownTerminationType { .. } => Rule::UnknownTerminationType,
            Self::StatusSpelling { .. } => Rule::StatusSpelling,
            Self::IllegalTransition { .. } => Rule::IllegalTransition,
            Self::SkippedStatus { .. } => Rule::SkippedStatus,
            Self::MessageAfterTermination { .. } => Rule::MessageAfterTermination,
            Self::RepeatedTermination { .. } => Rule::RepeatedTermination,
            Self::ConflictingTermination { .. } => Rule::ConflictingTermination,
            Self::Guard { guard, .. } => Rule::of_guard(*guard),
            Self::TooManyNetworkFailures { .. } => Rule::TooManyNetworkFailures,
            Self::EarlyFailureLimit { .. } => Rule::EarlyFailureLimit,
            Self::MissingTerminationType { .. } => Rule::MissingTerminationType,
            Self::WrongTerminationType { .. } => Rule::WrongTerminationType,
            Self::EarlyTerminationType { .. } => Rule::EarlyTerminationType,
            Self::ProgressOutOfRange { .. } => Rule::ProgressOutOfRange,
            Self::ProgressDecreased { .. } => Rule::ProgressDecreased,
            Self::IncompleteTermination { .. } => Rule::IncompleteTermination,
            Self::NegativeTimeout { .. } => Rule::NegativeTimeout,
            Self::TimeoutIncreased { .. } => Rule::TimeoutIncreased,
            Self::MixedTimeoutUnits { .. } => Rule::MixedTimeoutUnits,
            Self::PendingWithoutRequest { .. } => Rule::PendingWithoutRequest,
            Self::RequestOutOfTurn { .. } => Rule::RequestOutOfTurn,
            Self::EnvelopeReused { .. } => Rule::EnvelopeReused,
            Self::RequestJobMismatch { .. } => Rule::RequestJobMismatch,
            Self::UnmatchedResponse => Rule::UnmatchedResponse,
            Self::RepeatedResponse { .. } => Rule::RepeatedResponse,
            Self::ResponseKindMismatch { .. } => Rule::ResponseKindMismatch,
            Self::CredentialsInMessage => Rule::CredentialsInMessage,
            Self::LateResponse { .. } => Rule::LateResponse,
            Self::OverdueTimeout { .. } => Rule::OverdueTimeout,
            Self::TimeWentBackwards { .. } => Rule::TimeWentBackwards,
            Self::UnterminatedJob { .. } => Rule::UnterminatedJob,
        }
    }

    /// The rule and those fields that are not particular to one job or line. It doesn't depend on the wording of
    /// [`message`](Self::message), so that a baseline can list what is known.
    ///
    /// ```
    /// use cardsavr_protocol::conformance::Violation;
    ///
    /// assert_eq!(Violation::ProgressDecreased { from: 30.0, to: 20.0 }.fingerprint(), "progress-decreased");
    /// ```
    pub fn fingerprint(&self) -> String {
        let name = self.rule().name();
        let one = |field: &dyn Display| format!("{name}/{field}");
        let two = |first: &dyn Display, second: &dyn Display| format!("{name}/{first}/{second}");
        match self {
            Self::Malformed(Malformed { cause, .. }) => one(cause),
            Self::UnknownMessageType { kind: word }
            | Self::UnknownStatus { status: word }
            | Self::UnknownTerminationType { termination_type: word }
            | Self::StatusSpelling { sent: word, .. } => one(word),
            Self::IllegalTransition { from, to, .. }
            | Self::SkippedStatus { from, to, .. }
            | Self::Guard { from, to, .. } => two(from, to),
            Self::MessageAfterTermination { end, sent } => two(&end.mark(), &sent.mark()),
            Self::RepeatedTermination { end } => one(&end.mark()),
            Self::ConflictingTermination { messages, snapshots, .. } => {
                two(&messages.status, &snapshots.status)
            }
            Self::EarlyFailureLimit { status, .. }
            | Self::MissingTerminationType { status, .. }
            | Self::PendingWithoutRequest { status, .. }
            | Self::OverdueTimeout { status, .. }
            | Self::UnterminatedJob { status: Some(status) } => one(status),
            Self::WrongTerminationType { status, sent, .. } | Self::EarlyTerminationType { status, sent } => {
                two(status, sent)
            }
            Self::RequestOutOfTurn { kind, status, .. } => two(&kind.request(), status),
            Self::EnvelopeReused { owner, is_response, kind } => {
                let used = if *is_response { "response" } else { request_word(*kind) };
                two(&used, &request_word(owner.kind))
            }
            Self::RepeatedResponse { is_requested: false } => one(&"unmatched"),
            Self::ResponseKindMismatch { asked, answered } => two(asked, &response_word(*answered)),
            Self::TooManyNetworkFailures { .. }
            | Self::ProgressOutOfRange { .. }
            | Self::ProgressDecreased { .. }
            | Self::IncompleteTermination { .. }
            | Self::NegativeTimeout { .. }
            | Self::TimeoutIncreased { .. }
            | Self::MixedTimeoutUnits { .. }
            | Self::RequestJobMismatch { .. }
            | Self::UnmatchedResponse
            | Self::RepeatedResponse { is_requested: true }
            | Self::CredentialsInMessage
            | Self::LateResponse { .. }
            | Self::TimeWentBackwards { .. }
            | Self::UnterminatedJob { status: None } => name.to_owned(),
        }
    }

    /// What was found, if it is a word of the protocol or a number.
    pub fn found(&self) -> Option<String> {
        Some(match self {
            Self::UnknownMessageType { kind: word }
            | Self::UnknownStatus { status: word }
            | Self::UnknownTerminationType { termination_type: word }
            | Self::StatusSpelling { sent: word, .. }
            | Self::RequestJobMismatch { named: word } => word.to_string(),
            Self::IllegalTransition { to, .. }
            | Self::SkippedStatus { to, .. }
            | Self::Guard { to, .. }
            | Self::EarlyFailureLimit { status: to, .. }
            | Self::OverdueTimeout { status: to, .. } => to.to_string(),
            Self::TooManyNetworkFailures { .. } => Status::NetworkIssue.to_string(),
            Self::MessageAfterTermination { sent, .. } => sent.status.to_string(),
            Self::RepeatedTermination { end } => end.status.to_string(),
            Self::ConflictingTermination { messages, snapshots, is_snapshot } => {
                if *is_snapshot { &snapshots.status } else { &messages.status }.to_string()
            }
            Self::WrongTerminationType { sent, .. } | Self::EarlyTerminationType { sent, .. } => {
                sent.to_string()
            }
            Self::ProgressOutOfRange { percent }
            | Self::ProgressDecreased { to: percent, .. }
            | Self::IncompleteTermination { percent } => percent.to_string(),
            Self::NegativeTimeout { timeout }
            | Self::TimeoutIncreased { to: timeout, .. }
            | Self::MixedTimeoutUnits { to: timeout, .. } => timeout.to_string(),
            Self::RequestOutOfTurn { kind, .. } => kind.request().to_string(),
            Self::ResponseKindMismatch { answered, .. } => response_word(*answered).into(),
            Self::Malformed(_)
            | Self::MissingTerminationType { .. }
            | Self::PendingWithoutRequest { .. }
            | Self::EnvelopeReused { .. }
            | Self::UnmatchedResponse
            | Self::RepeatedResponse { .. }
            | Self::CredentialsInMessage
            | Self::LateResponse { .. }
            | Self::TimeWentBackwards { .. }
            | Self::UnterminatedJob { .. } => return None,
        })
    }

    /// What was expected instead: the statuses that were legal or are missing, or the value that belongs there.
    pub fn expected(&self) -> Vec<String> {
        match self {
            Self::StatusSpelling { status, .. } => vec![status.to_string()],
            Self::IllegalTransition { legal, .. }
            | Self::Guard { legal, .. }
            | Self::TooManyNetworkFailures { legal, .. } => {
                legal.iter().map(|status| status.to_string()).collect()
            }
            Self::SkippedStatus { from, to, edition } => {
                let path = edition.path(*from, *to).into_iter().flatten();
                path.map(|status| status.to_string()).collect()
            }
            Self::ConflictingTermination { messages, snapshots, is_snapshot } => {
                vec![if *is_snapshot { &messages.status } else { &snapshots.status }.to_string()]
            }
            Self::MissingTerminationType { own, .. } => own.iter().map(ToString::to_string).collect(),
            Self::WrongTerminationType { allowed, .. } => allowed.iter().map(ToString::to_string).collect(),
            Self::ResponseKindMismatch { asked, .. } => vec![response_word(*asked).into()],
            Self::CredentialsInMessage => vec!["submitted".to_owned()],
            _ => Vec::new(),
        }
    }

    /// What happened, for people. It never repeats a secret.
    pub fn message(&self, job: Option<&JobId>) -> String {
        let job: &dyn Display = match &job {
            Some(job) => job,
            None => &"?",
        };
        short(self.text(job))
    }

    #[expect(clippy::too_many_lines, reason = "a table: one text for each variant")]
    fn text(&self, job: &dyn Display) -> String {
        match self {
            Self::Malformed(malformed) => malformed.message.clone(),
            Self::UnknownMessageType { kind } => {
                format!("a message of the type {kind}, which is none of the five")
            }
            Self::UnknownStatus { status } => {
                let known = status.parse().ok().and_then(|status| Edition::knowing(status).next());
                let known =
                    known.map_or_else(String::new, |edition| format!(": the edition {edition} has it"));
                format!("job {job} has the status {status}, which is not in the table{known}")
            }
            Self::UnknownTerminationType { termination_type } => {
                format!("job {job} has the termination type {termination_type}, which is none of the five")
            }
            Self::StatusSpelling { sent, status } => format!("job {job} sends {sent} for {status}"),
            Self::IllegalTransition { from, to, .. } if to.phase() < from.phase() => format!(
                "job {job} went from {from} to {to}: no job goes back from {} to {}",
                from.phase(),
                to.phase()
            ),
            Self::IllegalTransition { from, to, .. } => {
                format!("job {job} went from {from} to {to}: no legal sequence leads there")
            }
            Self::SkippedStatus { from, to, edition } => {
                let path = edition.path(*from, *to).into_iter().flatten();
                let missing: Vec<&str> = path.filter(|status| status != to).map(Status::as_str).collect();
                let are = if missing.len() == 1 { "is" } else { "are" };
                format!("job {job} went from {from} to {to}: {} {are} missing", missing.join(", "))
            }
            Self::MessageAfterTermination { end, sent } => {
                format!("job {job} had ended in {end} and now sends {sent}")
            }
            Self::RepeatedTermination { end } => format!("job {job} had ended in {end} and says so again"),
            Self::ConflictingTermination { messages, snapshots, .. } => format!(
                "the messages of job {job} say that it ended in {messages}, its snapshots say {snapshots}"
            ),
            Self::Guard { guard, from, to, .. } => format!("job {job} went from {from} to {to}: {guard}"),
            Self::TooManyNetworkFailures { failures, limit, .. } => format!(
                "job {job} reports {failures} failures to connect without ending: the limit is {limit}"
            ),
            Self::EarlyFailureLimit { status, guard, failures, limit } => {
                let what = &guard.row().counted;
                let s = if *failures == 1 { "" } else { "s" };
                format!(
                    "job {job} ended in {status} with {failures} {what}{s} seen, this last one included: {limit} are allowed"
                )
            }
            Self::MissingTerminationType { status, own: Some(own) } => {
                format!("job {job} ended in {status} without its termination type {own}")
            }
            Self::MissingTerminationType { status, own: None } => {
                format!("job {job} ended in {status} without a termination type")
            }
            Self::WrongTerminationType { status, allowed, sent } => {
                let allowed: Vec<&str> = allowed.iter().map(Into::into).collect();
                format!("job {job} ended in {status} with {sent}, which should be {}", allowed.join(" or "))
            }
            Self::EarlyTerminationType { status, sent } => {
                format!("job {job} has the termination type {sent} in {status}, which ends no job")
            }
            Self::ProgressOutOfRange { percent } => {
                format!("job {job} is {percent} percent complete: the range is 0 to 100")
            }
            Self::ProgressDecreased { from, to } => {
                format!("job {job} went from {from} back to {to} percent complete")
            }
            Self::IncompleteTermination { percent } => {
                format!("job {job} ended at {percent} percent complete instead of 100")
            }
            Self::NegativeTimeout { timeout } => {
                format!("job {job} has a job_timeout of {timeout}: the least is 0, when no time is left")
            }
            Self::TimeoutIncreased { from, to } => format!(
                "the job_timeout of job {job} grew from {from} to {to} though it did not begin to wait for the user"
            ),
            Self::MixedTimeoutUnits { from, to } => format!(
                "the job_timeout of job {job} went from {from} to {to}, as if from milliseconds to seconds"
            ),
            Self::PendingWithoutRequest { status, kind } => {
                format!("job {job} left {status} and no {} for it was seen", request_word(*kind))
            }
            Self::RequestOutOfTurn { kind, status, has_ended } => {
                let when = if *has_ended { "after its end in" } else { "in" };
                format!(
                    "job {job} sends a new {} {when} {status}: nothing is asked of the user any more",
                    kind.request()
                )
            }
            Self::EnvelopeReused { owner, is_response: true, .. } => {
                format!("this response names another job, and has the envelope of {}", describe(owner))
            }
            Self::EnvelopeReused { owner, kind, .. } => {
                format!("this {} has the envelope of {}", request_word(*kind), describe(owner))
            }
            Self::RequestJobMismatch { named } => {
                format!("this request stands in job {job} and names job {named}")
            }
            Self::UnmatchedResponse => "no request carried the envelope of this response".to_owned(),
            Self::RepeatedResponse { is_requested: true } => {
                "the request with this envelope was answered before: it is answered once".to_owned()
            }
            Self::RepeatedResponse { is_requested: false } => {
                "a response with this envelope came before: a request is answered once".to_owned()
            }
            Self::ResponseKindMismatch { asked, answered } => format!(
                "this {} answers a {}, which wants a {}",
                response_word(*answered),
                asked,
                response_word(*asked)
            ),
            Self::CredentialsInMessage => {
                "this credential_response says something else than `submitted`: it may be the credentials"
                    .to_owned()
            }
            Self::LateResponse { after, window } => format!(
                "job {job} was answered {after:?} after it began to wait: the answer window is {window:?}"
            ),
            Self::OverdueTimeout { status, after, window } => format!(
                "job {job} still waits in {status} after {after:?}: the wait should have ended after {window:?}"
            ),
            Self::TimeWentBackwards { by } => {
                format!("this record is {by:?} older than the one before it of the same job")
            }
            Self::UnterminatedJob { status: Some(status) } => {
                format!("the log ends and job {job} has not: its last status is {status}")
            }
            Self::UnterminatedJob { status: None } => format!("the log ends and job {job} has not"),
        }
    }
}

/// The kind of a response to a request of this kind.
fn response_word(kind: RequestKind) -> &'static str {
    kind.response().map_or("response", Into::into)
}

/// The type of a request, or `request` if it is unknown.
fn request_word(kind: Option<RequestKind>) -> &'static str {
    kind.map_or("request", |kind| kind.request().into())
}

fn describe(owner: &EnvelopeOwner) -> String {
    let request = request_word(owner.kind);
    match &owner.job {
        Some(job) => format!("a {request} of job {job}"),
        None => format!("a {request}"),
    }
}
