//! How a client is read that was saved: ids and texts as values of their own, and maps as lists of what is in them,
//! since that has its key in it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer};

use crate::wire::{EnvelopeId, JobId, Text};

pub(super) fn job_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JobId<'static>, D::Error> {
    JobId::deserialize(deserializer).map(JobId::into_owned)
}

pub(super) fn job_ids<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<JobId<'static>>, D::Error> {
    let ids: Vec<JobId<'_>> = Vec::deserialize(deserializer)?;
    Ok(ids.into_iter().map(JobId::into_owned).collect())
}

pub(super) fn envelope_id<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<EnvelopeId<'static>, D::Error> {
    String::deserialize(deserializer).map(EnvelopeId::new)
}

pub(super) fn returning<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<EnvelopeId<'static>>, D::Error> {
    let id: Option<String> = Option::deserialize(deserializer)?;
    Ok(id.map(EnvelopeId::new))
}

pub(super) fn envelope_ids<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<EnvelopeId<'static>>, D::Error> {
    let ids: Vec<String> = Vec::deserialize(deserializer)?;
    Ok(ids.into_iter().map(EnvelopeId::new).collect())
}

pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'static>>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.map(Text::new))
}

/// What is kept in a map by an id of its own.
pub(super) trait Keyed {
    type Key: Ord;

    fn key(&self) -> Self::Key;
}

/// A map as the list of its values.
pub(super) mod values {
    use serde::{Serialize, Serializer};

    use super::{BTreeMap, Deserialize, Deserializer, Keyed, Vec};

    pub(in super::super) fn serialize<K, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.values())
    }

    pub(in super::super) fn deserialize<'de, V: Keyed + Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<V::Key, V>, D::Error> {
        let values: Vec<V> = Vec::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| (value.key(), value)).collect())
    }
}
