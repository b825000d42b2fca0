//! The envelopes of a log: which request carried each, and whether it was answered.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use super::Rule;
use super::finding::{Detail, Reporter};
use super::table::Table;
use crate::wire::{EnvelopeId, JobId, RequestKind};

/// All envelopes that were seen and not let go, in two generations, as the jobs that ended are.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelopes {
    young: Table<Box<str>, Envelope>,
    old: Table<Box<str>, Envelope>,
    were_let_go: bool,
}

#[derive(Clone, Debug, Default)]
struct Envelope {
    /// Whose it is: what was first seen of it says so.
    owner: Owner,
    /// Who else used it, which was reported for each of them: seldom anybody.
    #[expect(clippy::box_collection, reason = "an empty vector has three words")]
    others: Option<Box<Vec<Owner>>>,
    is_requested: bool,
    is_answered: bool,
}

/// What a request or a response says of its envelope.
#[derive(Clone, Copy)]
pub(super) struct Use<'u> {
    pub(super) envelope: &'u EnvelopeId,
    pub(super) kind: Option<RequestKind>,
    pub(super) job: Option<&'u JobId>,
}

/// What is new about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestSeen {
    /// Its envelope wasn't requested before.
    New,
    /// It was seen before, and stands.
    Open,
    /// It was seen before and was answered since; polling shows it until the service has handled the answer.
    Answered,
    /// Its envelope is another request's.
    Reused,
}

impl Envelopes {
    /// The job whose envelope this is.
    pub(super) fn job(&self, envelope: &EnvelopeId) -> Option<JobId> {
        let envelope = envelope.as_str();
        let known = self.young.get(envelope).or_else(|| self.old.get(envelope))?;
        known.owner.job.as_ref().map(Job::id)
    }

    /// Lets those go that were not used since this was called last.
    pub(super) fn age(&mut self) {
        self.were_let_go |= self.old.len() > 0;
        self.old = core::mem::take(&mut self.young);
    }

    /// Whether any were let go.
    pub(super) fn were_let_go(&self) -> bool {
        self.were_let_go
    }

    /// Hands what is known of an envelope, which is being used, to `judge`.
    fn used<R>(&mut self, envelope: &EnvelopeId, judge: impl FnOnce(&mut Envelope) -> R) -> R {
        let envelope = envelope.as_str();
        if let Some(known) = self.young.get_mut(envelope) {
            return judge(known);
        }
        if self.young.len() == Table::<Box<str>, Envelope>::MOST {
            self.age();
        }
        let mut known = self.old.remove(envelope).unwrap_or_default();
        let judgement = judge(&mut known);
        self.young.insert(envelope.into(), known);
        judgement
    }

    /// Judges the envelope of a request.
    pub(super) fn request(&mut self, request: Use<'_>, to: &mut Reporter<'_>) -> RequestSeen {
        self.used(request.envelope, |known| known.request(request, to))
    }

    /// Judges the envelope of a response. `request_is_missing`: whether its request would have been seen.
    pub(super) fn response(&mut self, response: Use<'_>, request_is_missing: bool, to: &mut Reporter<'_>) {
        self.used(response.envelope, |known| known.response(response, request_is_missing, to));
    }
}

impl Envelope {
    fn request(&mut self, request: Use<'_>, to: &mut Reporter<'_>) -> RequestSeen {
        let was_requested = core::mem::replace(&mut self.is_requested, true);
        let is_reuse = self.is_reuse(request);
        if is_reuse {
            to.report(Rule::EnvelopeReused, || {
                let request = request.kind.map_or("request".into(), |kind| kind.request().to_string());
                Detail::new(format!("this {request} has the envelope of {}", self.owner))
            });
        }
        match (was_requested, self.is_answered) {
            _ if is_reuse => RequestSeen::Reused,
            (false, _) => RequestSeen::New,
            (true, false) => RequestSeen::Open,
            (true, true) => RequestSeen::Answered,
        }
    }

    fn response(&mut self, response: Use<'_>, request_is_missing: bool, to: &mut Reporter<'_>) {
        // That it is of another kind than its request is a rule of its own.
        if self.is_reuse(Use { kind: None, ..response }) {
            to.report(Rule::EnvelopeReused, || {
                Detail::new(format!(
                    "this response names another job, and has the envelope of {}",
                    self.owner
                ))
            });
        }
        if core::mem::replace(&mut self.is_answered, true) {
            to.report(Rule::RepeatedResponse, || {
                Detail::new("the request with this envelope was answered before: it is answered once".into())
            });
        } else if self.is_requested {
            self.judge_kind(response.kind, to);
        } else {
            // Its request may come later, and must be of its kind then.
            self.owner.kind = response.kind;
            if request_is_missing {
                to.report(Rule::UnmatchedResponse, || {
                    Detail::new("no request carried the envelope of this response".into())
                });
            }
        }
    }

    /// Whether this is the first use by somebody who isn't the owner: a fault is reported once, however often polling
    /// shows it.
    fn is_reuse(&mut self, used: Use<'_>) -> bool {
        if self.owner.may_be(used) {
            self.owner.learn(used);
            return false;
        }
        let others = self.others.get_or_insert_default();
        if let Some(other) = others.iter_mut().find(|other| other.may_be(used)) {
            other.learn(used);
            return false;
        }
        let mut other = Owner::default();
        other.learn(used);
        others.push(other);
        true
    }

    fn judge_kind(&self, kind: Option<RequestKind>, to: &mut Reporter<'_>) {
        let (Some(asked), Some(answered)) = (self.owner.kind, kind) else { return };
        let others = self.others.as_deref().map(Vec::as_slice).unwrap_or_default();
        if asked != answered && others.iter().all(|other| other.kind != kind) {
            to.report(Rule::ResponseKindMismatch, || {
                let (found, expected) = (answered.response(), asked.response());
                Detail::new(format!("this {found} answers a {}, which wants a {expected}", asked.request()))
                    .found(&found)
                    .expected([expected])
            });
        }
    }
}

/// Who used an envelope, as far as it was said.
#[derive(Clone, Debug, Default)]
struct Owner {
    /// What is asked for; none for a request of an unknown kind.
    kind: Option<RequestKind>,
    job: Option<Job>,
}

/// The job of an envelope. Of an id that is no plain number the form is kept, too, in which it came.
#[derive(Clone, Debug)]
enum Job {
    Number(u64),
    Text(Box<Box<str>>),
}

impl Job {
    fn new(id: &JobId) -> Self {
        match id {
            JobId::Number(number) => Self::Number(*number),
            JobId::Text(text) => Self::Text(Box::new(text.as_str().into())),
        }
    }

    fn id(&self) -> JobId {
        match self {
            Self::Number(number) => JobId::Number(*number),
            Self::Text(text) => JobId::from(&***text),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "a {}", kind.request())?,
            None => f.write_str("a request")?,
        }
        self.job.as_ref().map_or(Ok(()), |job| write!(f, " of job {}", job.id()))
    }
}

impl Owner {
    fn may_be(&self, used: Use<'_>) -> bool {
        let is_of_kind = self.kind.is_none() || used.kind.is_none() || self.kind == used.kind;
        let is_of_job = match (&self.job, used.job) {
            (Some(ours), Some(theirs)) => ours.id() == *theirs,
            _ => true,
        };
        is_of_kind && is_of_job
    }

    fn learn(&mut self, used: Use<'_>) {
        self.kind = self.kind.or(used.kind);
        if self.job.is_none() {
            self.job = used.job.map(Job::new);
        }
    }
}
