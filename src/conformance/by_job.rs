//! What is kept by the ids of jobs.

use alloc::borrow::Cow;
use alloc::string::String;

use hashbrown::HashMap;

use crate::message::{JobId, JobKey};

/// Values by the ids of jobs: those that are numbers are looked up by them, without the text of the id.
#[derive(Clone, Debug)]
pub(super) struct ByJob<V> {
    numbered: HashMap<u64, V>,
    named: HashMap<String, V>,
}

impl<V> Default for ByJob<V> {
    fn default() -> Self {
        Self { numbered: HashMap::default(), named: HashMap::default() }
    }
}

impl<V> ByJob<V> {
    pub(super) fn len(&self) -> usize {
        self.numbered.len() + self.named.len()
    }

    pub(super) fn get_mut(&mut self, key: JobKey<'_>) -> Option<&mut V> {
        match key {
            JobKey::Number(number) => self.numbered.get_mut(&number),
            JobKey::Text(text) => self.named.get_mut(text),
        }
    }

    pub(super) fn insert(&mut self, key: JobKey<'_>, value: V) {
        match key {
            JobKey::Number(number) => _ = self.numbered.insert(number, value),
            JobKey::Text(text) => _ = self.named.insert(text.into(), value),
        }
    }

    pub(super) fn remove(&mut self, key: JobKey<'_>) -> Option<V> {
        match key {
            JobKey::Number(number) => self.numbered.remove(&number),
            JobKey::Text(text) => self.named.remove(text),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (JobId<'_>, &V)> {
        let numbered = self.numbered.iter().map(|(&number, value)| (JobId::Number(number), value));
        numbered.chain(self.named.iter().map(|(text, value)| (JobId::Text(Cow::Borrowed(text)), value)))
    }
}
