//! What a schema describes, and the draft it is written in.

/// The direction of the documents that a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contract {
    /// What this crate writes: the table's spellings, and no field without a value.
    Emitted,
    /// What this crate reads: also other spellings, and `null` for absent. A newer kind of message has a document of its own
    /// in both contracts.
    Accepted,
}

/// The draft of JSON Schema. Both say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Draft {
    /// Draft 2020-12, the canonical form.
    V2020_12,
    /// Draft 7, for generators that read no other.
    V7,
}
