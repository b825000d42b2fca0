//! A hash table that takes little memory.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Values by keys. They stand one after another without gaps, and the table that finds them, which like any hash table is
/// half empty at times, holds four bytes for each: where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V> {
    places: HashTable<u32>,
    entries: Vec<(K, V)>,
    hashes: DefaultHashBuilder,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { places: HashTable::new(), entries: Vec::new(), hashes: DefaultHashBuilder::default() }
    }
}

impl<K, V> Table<K, V> {
    /// How many values there can be at most.
    pub(crate) const MOST: usize = u32::MAX as usize;

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// The entries whose values `keeps` keeps, sorted by `by`, in place.
    pub(crate) fn into_sorted<O: Ord>(self, keeps: impl Fn(&V) -> bool, by: impl Fn(&V) -> O) -> Vec<(K, V)> {
        let mut entries = self.entries;
        entries.retain(|(_, value)| keeps(value));
        entries.sort_unstable_by_key(|(_, value)| by(value));
        entries
    }
}

impl<K, V> super::Size for Table<K, V> {
    fn size(&self) -> usize {
        self.len()
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        // Many tables stay empty.
        if self.entries.is_empty() {
            return None;
        }
        let place = *self.places.find(self.hashes.hash_one(key), is(key, &self.entries))?;
        self.entries.get(place as usize).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = *self.places.find(self.hashes.hash_one(key), is(key, &self.entries))?;
        self.entries.get_mut(place as usize).map(|(_, value)| value)
    }

    /// Keeps a value whose key has none. It is lost where there are as many as there can be.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let Self { places, entries, hashes } = self;
        let Ok(place) = u32::try_from(entries.len()) else { return };
        if places.len() == places.capacity() {
            // The entries tell all that the old table does, which need not stand beside the new one.
            *places = HashTable::new();
            places.reserve(entries.len() + entries.len() / 4 + 1, |_| 0);
            for ((key, _), place) in entries.iter().zip(0..) {
                places.insert_unique(hashes.hash_one(key), place, |_| 0);
            }
        }
        places.insert_unique(hashes.hash_one(&key), place, |_| 0);
        entries.push((key, value));
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let Self { places, entries, hashes } = self;
        if entries.is_empty() {
            return None;
        }
        let found = places.find_entry(hashes.hash_one(key), is(key, entries)).ok()?;
        let (place, _) = found.remove();
        let (_, value) = entries.swap_remove(place as usize);
        // The last one has taken its place.
        if let Some((moved, _)) = entries.get(place as usize) {
            let last = entries.len();
            if let Some(its) = places.find_mut(hashes.hash_one(moved), |&its| its as usize == last) {
                *its = place;
            }
        }
        Some(value)
    }
}

/// Whether what stands at a place has this key.
fn is<'e, K: Borrow<Q>, V, Q: Eq + ?Sized>(key: &'e Q, entries: &'e [(K, V)]) -> impl Fn(&u32) -> bool + 'e {
    move |&place| entries.get(place as usize).is_some_and(|(known, _)| known.borrow() == key)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::Table;

    /// The table agrees with a standard map after any sequence of insertions, removals and changes.
    #[test]
    fn it_is_a_map() {
        let (mut table, mut map) = (Table::default(), BTreeMap::new());
        let mut random = 1_u64;
        for round in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = random >> 56;
            assert_eq!(table.get_mut(&key), map.get_mut(&key));
            match (random >> 40) % 3 {
                0 => assert_eq!(table.remove(&key), map.remove(&key)),
                _ => match (table.get_mut(&key), map.get_mut(&key)) {
                    (Some(ours), Some(theirs)) => {
                        *ours += round;
                        *theirs += round;
                    }
                    (None, None) => {
                        table.insert(key, round);
                        map.insert(key, round);
                    }
                    differ => panic!("{key}: {differ:?}"),
                },
            }
            assert_eq!(table.len(), map.len());
        }
        assert_eq!(table.iter().copied().collect::<BTreeMap<_, _>>(), map);
    }
}
