//! What a wait of a job and the requests that belong to it have in common.
//!
//! It is the [`Input`] that a request of the wait's kind asks for first. In an edition whose requests name what they ask for, any
//! request may belong to any wait: there, it is [`Input::Named`] for all.

use crate::wire::RequestKind;
use crate::{Edition, Input, Status};

/// Whether requests name what they ask for.
pub(super) const fn is_named(edition: Edition) -> bool {
    edition.waiting_prefix().is_some()
}

/// What a request wants, by its kind, `None` if that is unknown. `None` if the request belongs to no wait.
pub(super) fn of_request(edition: Edition, kind: Option<RequestKind>) -> Option<Input> {
    if is_named(edition) {
        return Some(Input::Named);
    }
    kind.filter(|kind| kind.is_in(edition))?.row().asks_for.first().copied()
}

/// What a wait for this input wants. `None` if no request asks for it.
pub(super) fn of_wait(edition: Edition, input: Input) -> Option<Input> {
    let kind = RequestKind::for_input(input);
    if input.is_from_user() { of_request(edition, kind) } else { None }
}

/// What a job in this status wants an answer to a request for.
pub(super) fn in_status(edition: Edition, status: Status) -> Option<Input> {
    of_wait(edition, status.awaits()?)
}
