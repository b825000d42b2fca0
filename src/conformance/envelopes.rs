//! The envelopes of a log: which request carried each, and whether it was answered.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use hashbrown::HashMap;

use super::Rule;
use super::finding::{Detail, Reporter};
use crate::message::{EnvelopeId, JobId, RequestKind};

/// All envelopes that were seen and not let go, in two generations, as the jobs that ended are.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelopes {
    young: HashMap<String, Envelope>,
    old: HashMap<String, Envelope>,
    were_let_go: bool,
}

#[derive(Clone, Debug, Default)]
struct Envelope {
    /// Whose it is: what was first seen of it says so.
    owner: Owner,
    /// Who else used it, which was reported for each of them.
    others: Vec<Owner>,
    is_requested: bool,
    is_answered: bool,
}

/// What a request or a response says of its envelope.
#[derive(Clone, Copy)]
pub(super) struct Use<'u> {
    pub(super) envelope: &'u EnvelopeId<'u>,
    pub(super) kind: Option<RequestKind>,
    pub(super) job: Option<&'u JobId<'u>>,
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
    pub(super) fn job(&self, envelope: &EnvelopeId<'_>) -> Option<&JobId<'static>> {
        let envelope = envelope.as_str();
        self.young.get(envelope).or_else(|| self.old.get(envelope)).and_then(|known| known.owner.job.as_ref())
    }

    /// Lets those go that were not used since this was called last.
    pub(super) fn age(&mut self) {
        self.were_let_go |= !self.old.is_empty();
        self.old = core::mem::take(&mut self.young);
    }

    /// Whether any were let go.
    pub(super) fn were_let_go(&self) -> bool {
        self.were_let_go
    }

    /// What is known of an envelope, which is being used.
    fn used(&mut self, envelope: &EnvelopeId<'_>) -> &mut Envelope {
        let Self { young, old, .. } = self;
        let envelope = envelope.as_str();
        young.entry_ref(envelope).or_insert_with(|| old.remove(envelope).unwrap_or_default())
    }

    /// Judges the envelope of a request.
    pub(super) fn request(&mut self, request: Use<'_>, to: &mut Reporter<'_>) -> RequestSeen {
        let known = self.used(request.envelope);
        let was_requested = core::mem::replace(&mut known.is_requested, true);
        let is_reuse = known.is_reuse(request);
        if is_reuse {
            to.report(Rule::EnvelopeReused, || {
                let request = request.kind.map_or("request".into(), |kind| kind.request().to_string());
                Detail::new(format!("this {request} has the envelope of {}", known.owner))
            });
        }
        match (was_requested, known.is_answered) {
            _ if is_reuse => RequestSeen::Reused,
            (false, _) => RequestSeen::New,
            (true, false) => RequestSeen::Open,
            (true, true) => RequestSeen::Answered,
        }
    }

    /// Judges the envelope of a response. `request_is_missing`: whether its request would have been seen.
    pub(super) fn response(&mut self, response: Use<'_>, request_is_missing: bool, to: &mut Reporter<'_>) {
        let known = self.used(response.envelope);
        // That it is of another kind than its request is a rule of its own.
        if known.is_reuse(Use { kind: None, ..response }) {
            to.report(Rule::EnvelopeReused, || {
                Detail::new(format!(
                    "this response names another job, and has the envelope of {}",
                    known.owner
                ))
            });
        }
        if core::mem::replace(&mut known.is_answered, true) {
            to.report(Rule::RepeatedResponse, || {
                Detail::new("the request with this envelope was answered before: it is answered once".into())
            });
        } else if known.is_requested {
            known.judge_kind(response.kind, to);
        } else {
            // Its request may come later, and must be of its kind then.
            known.owner.kind = response.kind;
            if request_is_missing {
                to.report(Rule::UnmatchedResponse, || {
                    Detail::new("no request carried the envelope of this response".into())
                });
            }
        }
    }
}

impl Envelope {
    /// Whether this is the first use by somebody who isn't the owner: a fault is reported once, however often polling
    /// shows it.
    fn is_reuse(&mut self, used: Use<'_>) -> bool {
        if self.owner.may_be(used) {
            self.owner.learn(used);
            return false;
        }
        if let Some(other) = self.others.iter_mut().find(|other| other.may_be(used)) {
            other.learn(used);
            return false;
        }
        let mut other = Owner::default();
        other.learn(used);
        self.others.push(other);
        true
    }

    fn judge_kind(&self, kind: Option<RequestKind>, to: &mut Reporter<'_>) {
        let (Some(asked), Some(answered)) = (self.owner.kind, kind) else { return };
        if asked != answered && self.others.iter().all(|other| other.kind != kind) {
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
    job: Option<JobId<'static>>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "a {}", kind.request())?,
            None => f.write_str("a request")?,
        }
        self.job.as_ref().map_or(Ok(()), |job| write!(f, " of job {job}"))
    }
}

impl Owner {
    fn may_be(&self, used: Use<'_>) -> bool {
        let is_of_kind = self.kind.is_none() || used.kind.is_none() || self.kind == used.kind;
        let is_of_job = match (&self.job, used.job) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        is_of_kind && is_of_job
    }

    fn learn(&mut self, used: Use<'_>) {
        self.kind = self.kind.or(used.kind);
        if self.job.is_none() {
            self.job = used.job.cloned().map(JobId::into_owned);
        }
    }
}
