//! Bounded memory of what came lately: two generations, of which the older one is evicted as a whole.

use core::time::Duration;

use crate::Timestamp;

/// Entries in two generations. New ones go into the young one. When that is as old or as large as must be kept, it becomes
/// the old one, and the old one is evicted: no list of when each entry came is needed.
///
/// ```
/// use std::collections::BTreeSet;
/// use std::time::Duration;
///
/// use cardsavr_protocol::track::{Generations, Size};
///
/// #[derive(Default)]
/// struct Words(BTreeSet<&'static str>);
///
/// impl Size for Words {
///     fn size(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// let mut recent: Generations<Words> = Generations::default();
/// for word in ["a", "b", "c", "d", "e"] {
///     recent.age(None, Duration::MAX, 2);
///     recent.young.entries.0.insert(word);
/// }
/// let known = |word| recent.each().any(|generation| generation.entries.0.contains(word));
/// assert_eq!([known("b"), known("c"), known("e")], [false, true, true]);
/// assert_eq!(recent.evicted(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Generations<E> {
    /// Where new entries go.
    pub young: Generation<E>,
    /// What was young before.
    pub old: Generation<E>,
    evicted: u64,
}

/// One generation of entries.
#[derive(Clone, Debug, Default)]
pub struct Generation<E> {
    /// The time from which on entries went into it; `None` if the log has no times.
    pub began: Option<Timestamp>,
    /// Its entries.
    pub entries: E,
}

/// How many entries a collection has.
pub trait Size {
    /// How many entries there are.
    fn size(&self) -> usize;
}

impl<E: Size + Default> Generations<E> {
    /// Evicts the old generation if the young one began `keep_for` before this time or has `keep` entries; returns whether
    /// it did so.
    pub fn age(&mut self, at: Option<Timestamp>, keep_for: Duration, keep: usize) -> bool {
        let began = self.young.began.or(at);
        self.young.began = began;
        let is_old = at.zip(began).is_some_and(|(at, began)| at.since(began) >= keep_for);
        if !is_old && self.young.entries.size() < keep {
            return false;
        }
        self.evicted += self.old.entries.size() as u64;
        let next = Generation { began: at, entries: E::default() };
        self.old = core::mem::replace(&mut self.young, next);
        true
    }

    /// How many entries were evicted.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Both generations, the young one first.
    pub fn each(&self) -> impl Iterator<Item = &Generation<E>> {
        [&self.young, &self.old].into_iter()
    }

    /// The first that `find` finds, in the young generation or else in the old one.
    pub fn find<R>(&mut self, mut find: impl FnMut(&mut Generation<E>) -> Option<R>) -> Option<R> {
        find(&mut self.young).or_else(|| find(&mut self.old))
    }
}
