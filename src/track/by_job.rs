//! What is kept by the ids of jobs.

use alloc::boxed::Box;
use alloc::string::String;
use core::iter;

use super::table::Table;
use crate::wire::{JobId, JobKey};

/// Values by the ids of jobs: those that are numbers are looked up by them, without the text of the id.
#[derive(Clone, Debug)]
pub(crate) struct ByJob<V> {
    numbered: Table<u64, V>,
    named: Table<Box<str>, V>,
}

impl<V> Default for ByJob<V> {
    fn default() -> Self {
        Self { numbered: Table::default(), named: Table::default() }
    }
}

impl<V> ByJob<V> {
    /// For how many jobs there is surely room.
    pub(crate) const MOST: usize = Table::<u64, V>::MOST;

    pub(crate) fn len(&self) -> usize {
        self.numbered.len() + self.named.len()
    }

    pub(crate) fn get_mut(&mut self, key: JobKey<'_>) -> Option<&mut V> {
        match key {
            JobKey::Number(number) => self.numbered.get_mut(&number),
            JobKey::Text(text) => self.named.get_mut(text),
        }
    }

    pub(crate) fn contains(&self, key: JobKey<'_>) -> bool {
        match key {
            JobKey::Number(number) => self.numbered.get(&number).is_some(),
            JobKey::Text(text) => self.named.get(text).is_some(),
        }
    }

    /// Keeps the value of a job that has none.
    pub(crate) fn insert(&mut self, key: JobKey<'_>, value: V) {
        match key {
            JobKey::Number(number) => self.numbered.insert(number, value),
            JobKey::Text(text) => self.named.insert(text.into(), value),
        }
    }

    pub(crate) fn remove(&mut self, key: JobKey<'_>) -> Option<V> {
        match key {
            JobKey::Number(number) => self.numbered.remove(&number),
            JobKey::Text(text) => self.named.remove(text),
        }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        let numbered = self.numbered.iter().map(|(_, value)| value);
        numbered.chain(self.named.iter().map(|(_, value)| value))
    }

    /// Those that `keeps` keeps, in the order of `by`.
    pub(crate) fn into_sorted<O: Ord>(
        self,
        keeps: impl Fn(&V) -> bool,
        by: impl Fn(&V) -> O,
    ) -> impl Iterator<Item = (JobId, V)> {
        let mut numbered = self.numbered.into_sorted(&keeps, &by).into_iter().peekable();
        let mut named = self.named.into_sorted(&keeps, &by).into_iter().peekable();
        iter::from_fn(move || {
            let is_named_next = match (numbered.peek(), named.peek()) {
                (Some((_, numbered)), Some((_, named))) => by(named) < by(numbered),
                (next, _) => next.is_none(),
            };
            if is_named_next {
                named.next().map(|(text, value)| (JobId::from(String::from(text)), value))
            } else {
                numbered.next().map(|(number, value)| (JobId::Number(number), value))
            }
        })
    }
}
