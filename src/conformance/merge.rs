//! The stage `merge`: what shards found, in the order of the log.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter;

use super::Finding;

/// Merges what shards found, each in the order of the log: findings with the ordinals of their events.
///
/// ```
/// use cardsavr_protocol::conformance::merge;
///
/// let nothing = merge([Vec::new(), Vec::new()]);
/// assert_eq!(nothing.count(), 0);
/// ```
pub fn merge<F>(shards: impl IntoIterator<Item = F>) -> impl Iterator<Item = (u64, Finding)>
where
    F: IntoIterator<Item = (u64, Finding)>,
{
    let mut shards: Vec<_> = shards.into_iter().map(F::into_iter).collect();
    let mut next = BTreeMap::new();
    for (index, shard) in shards.iter_mut().enumerate() {
        next.extend(shard.next().map(|(ordinal, finding)| ((ordinal, index), finding)));
    }
    iter::from_fn(move || {
        let ((ordinal, index), finding) = next.pop_first()?;
        let following = shards.get_mut(index).and_then(Iterator::next);
        next.extend(following.map(|(ordinal, finding)| ((ordinal, index), finding)));
        Some((ordinal, finding))
    })
}
