//! A job that has ended.

use core::num::NonZeroU32;

use super::{Beginning, Rest, Watch};
use crate::Timestamp;
use crate::conformance::sequence::{EndKind, Sequence, Source};

/// An ended job without rare data: the few bytes needed to check late messages.
#[derive(Clone, Copy, Debug)]
pub(in crate::conformance) struct Ended {
    /// How many milliseconds after its generation began it was last seen, plus one; `None` without a time.
    at: Option<NonZeroU32>,
    end: EndKind,
    told_by: ToldBy,
    beginning: Beginning,
}

/// The sequences that contain the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToldBy {
    One(Source),
    Both,
}

impl Ended {
    /// What must be remembered of a job that is over, in a generation that began at `began`; `None` if it doesn't fit.
    pub(in crate::conformance) fn of(watch: &Watch, began: Option<Timestamp>) -> Option<Self> {
        let snapshots = watch.rest.as_ref().map(|rest| &rest.snapshots);
        let has_words = watch.rest.as_ref().is_some_and(|rest| rest.words.is_some());
        let (end, told_by) = match (watch.messages.end(), snapshots.and_then(Sequence::end)) {
            (Some(end), None) if snapshots.is_none() => (end, ToldBy::One(Source::Messages)),
            // Messages may still come that are judged by what was requested.
            (None, Some(end)) if watch.waits.is_nothing_requested() => (end, ToldBy::One(Source::Snapshots)),
            (Some(messages), Some(snapshots)) if messages == snapshots => (messages, ToldBy::Both),
            _ => return None,
        };
        if has_words || !watch.waits.are_answered() {
            return None;
        }
        let at = match watch.at() {
            None => None,
            Some(at) => {
                let passed = at.as_millis().checked_sub(began?.as_millis())?.checked_add(1)?;
                Some(NonZeroU32::new(u32::try_from(passed).ok()?)?)
            }
        };
        Some(Self { at, end, told_by, beginning: watch.beginning })
    }

    /// The watch again, for what comes after the end.
    pub(in crate::conformance) fn revive(self, began: Option<Timestamp>) -> Watch {
        let Self { at, end, told_by, beginning } = self;
        let sequence = |source| match told_by {
            ToldBy::One(other) if other != source => None,
            _ => Some(Sequence::ended(end)),
        };
        let snapshots = sequence(Source::Snapshots);
        let at = at
            .zip(began)
            .map(|(passed, began)| began.as_millis().saturating_add(i64::from(passed.get()) - 1));
        Watch {
            at: at.unwrap_or_default(),
            has_time: at.is_some(),
            beginning,
            messages: sequence(Source::Messages).unwrap_or_default(),
            rest: snapshots.map(|snapshots| Rest { snapshots, ..Rest::default() }.into()),
            ..Watch::default()
        }
    }
}
