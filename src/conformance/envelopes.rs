//! The envelopes of a log: which request carried each, and whether it was answered.

use alloc::format;
use alloc::string::String;

use hashbrown::HashMap;

use super::Rule;
use super::finding::{Detail, Reporter};
use crate::message::{EnvelopeId, JobId, RequestKind};

/// All envelopes that were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelopes(HashMap<String, Envelope>);

#[derive(Clone, Debug, Default)]
struct Envelope {
    /// What its request asks for, or what answered it; none for a request of an unknown kind.
    kind: Option<RequestKind>,
    job: Option<JobId<'static>>,
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

impl Envelopes {
    /// The job whose envelope this is.
    pub(super) fn job(&self, envelope: &EnvelopeId<'_>) -> Option<&JobId<'static>> {
        self.0.get(envelope.as_str()).and_then(|known| known.job.as_ref())
    }

    /// Judges the envelope of a request; says whether no request carried it before.
    pub(super) fn request(&mut self, request: Use<'_>, to: &mut Reporter<'_>) -> bool {
        let known = self.0.entry_ref(request.envelope.as_str()).or_default();
        let is_new = !known.is_requested;
        let is_reused = known.belongs_to_other_job(request) || known.is_of_other_kind(request.kind);
        if is_reused {
            to.report(Rule::EnvelopeReused, || {
                Detail::new(
                    "an envelope that was seen before with another kind of request or another job".into(),
                )
            });
        }
        known.kind = request.kind.or(known.kind);
        known.job = request.job.cloned().map(JobId::into_owned).or(known.job.take());
        known.is_requested = true;
        is_new && !is_reused
    }

    /// Judges the envelope of a response. `request_is_missing`: whether its request would have been seen.
    pub(super) fn response(&mut self, response: Use<'_>, request_is_missing: bool, to: &mut Reporter<'_>) {
        let known = self.0.entry_ref(response.envelope.as_str()).or_default();
        if known.belongs_to_other_job(response) {
            to.report(Rule::EnvelopeReused, || {
                Detail::new("this response names another job than the request with its envelope".into())
            });
        }
        if known.is_answered {
            to.report(Rule::RepeatedResponse, || {
                Detail::new("a second response to one envelope: a request is answered once".into())
            });
        } else if known.is_requested {
            known.judge_kind(response.kind, to);
        } else if request_is_missing {
            to.report(Rule::UnmatchedResponse, || {
                Detail::new("a response with an envelope that no request carried".into())
            });
        }
        if !known.is_requested {
            known.kind = response.kind;
            known.job = response.job.cloned().map(JobId::into_owned);
        }
        known.is_answered = true;
    }
}

impl Envelope {
    fn belongs_to_other_job(&self, used: Use<'_>) -> bool {
        matches!((&self.job, used.job), (Some(ours), Some(theirs)) if ours != theirs)
    }

    fn is_of_other_kind(&self, kind: Option<RequestKind>) -> bool {
        matches!((self.kind, kind), (Some(ours), Some(theirs)) if ours != theirs)
    }

    fn judge_kind(&self, kind: Option<RequestKind>, to: &mut Reporter<'_>) {
        let (Some(asked), Some(answered)) = (self.kind, kind) else { return };
        if asked != answered {
            to.report(Rule::ResponseKindMismatch, || {
                let (found, expected) = (answered.response(), asked.response());
                Detail::new(format!("a {found} to a {}: it wants a {expected}", asked.request()))
                    .found(&found)
                    .expected([expected])
            });
        }
    }
}
