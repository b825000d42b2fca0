//! Learned layouts: the fast path of the stage `scan`.
//!
//! A log repeats the layout of its records: the same keys in the same order, with other values. A layout is a line taken
//! apart into literals, which are compared byte by byte, and slots, which are lexed as strictly as JSON demands.
//! A line that matches, its line break included, means what the general decoder reads in it, since equal literals and
//! strictly lexed scalars make it a record of the same form. Any other line is left to the general decoder.
//!
//! - A layout is learned from one line, and only if it reads that line as the general decoder does: the caller compares.
//! - A slot takes only values that can't change the meaning: statuses and termination types in the table's spelling, valid
//!   strings, unsigned numbers of at most 15 digits. What selects the meaning (`type`, `null`, `submitted`) is a literal.
//! - Every other string is a slot, so that no layout stores a secret.
//! - An object with a key twice, or a key with an escape, is never learned.

mod learn;
mod lex;
mod words;

use alloc::vec::Vec;
use core::ops::Range;

use super::event::{IdText, KnownStatus};
use super::{Block, EventKind, MessageKind, RequestKind};
use crate::{Status, TerminationType};
use lex::Window;

pub use learn::Pointers;

/// How many bytes must follow a line in the buffer that it is scanned in. Their content doesn't matter.
pub const SLACK: usize = lex::WINDOW;

/// The place of what a line holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The length of the line in bytes, its line break included.
    pub line: usize,
    /// The length of its record, from the start of the line.
    pub record: usize,
    /// Where the message begins in the line.
    pub message: usize,
    /// The JSON text of the record's time, if it has one.
    pub time: Option<Range<usize>>,
}

/// What the value of a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Role {
    /// A job id that is a number.
    Job,
    /// The text of a job id that is a string.
    JobText,
    /// The row of a status.
    Status,
    /// The row of a termination type.
    TerminationType,
    /// The bits of a percentage.
    Percent,
    /// The bits of the percentage of the authentication.
    AuthPercent,
    Timeout,
    /// The text of an envelope id.
    Envelope,
    /// The text of a time that is a number.
    TimeNumber,
    /// The text of a time that is a string.
    TimeText,
    /// Where the message begins.
    Message,
    /// A text that says that the job is completed, unless it is empty.
    Completion,
    /// A value that nothing depends on.
    Other,
}

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Message(MessageKind),
    /// A job as its endpoint returns it, without requests.
    Job,
}

/// The values of a line that matches a layout.
struct Matched {
    values: [u64; 16],
    line: usize,
    leaf: Leaf,
}

impl Matched {
    /// The value of a slot; `None` if the layout has no such slot.
    #[inline]
    fn value(&self, role: Role) -> Option<u64> {
        if self.leaf.roles >> role as u16 & 1 != 0 { Some(self.values[role as usize]) } else { None }
    }

    /// The range of a text slot, without quotation marks.
    #[inline]
    fn range(&self, role: Role) -> Option<Range<usize>> {
        let value = self.value(role)?;
        let (start, length) = (index(value >> 32), index(value & u64::from(u32::MAX)));
        Some(start..start + length)
    }

    fn text<'l>(&self, role: Role, line: &'l [u8]) -> Option<&'l str> {
        core::str::from_utf8(line.get(self.range(role)?)?).ok()
    }

    fn scanned(&self) -> Scanned {
        let quoted = |range: Range<usize>| range.start - 1..range.end + 1;
        Scanned {
            line: self.line,
            record: self.line - usize::from(self.leaf.after),
            message: self.value(Role::Message).map_or(0, index),
            time: self.range(Role::TimeText).map(quoted).or_else(|| self.range(Role::TimeNumber)),
        }
    }

    /// Pushes the event of the line, without position and time.
    fn push(&self, line: &[u8], block: &mut Block) -> Option<()> {
        let job = match self.value(Role::Job) {
            Some(number) => Some(IdText::Number(number)),
            None => self.text(Role::JobText, line).map(IdText::Text),
        };
        let kind = match self.leaf.kind {
            Kind::Message(MessageKind::JobStatus) => EventKind::Status,
            Kind::Job => EventKind::Snapshot,
            Kind::Message(kind) => match kind.as_request() {
                Some(kind) => EventKind::Request(kind),
                None => EventKind::Response(RequestKind::answered_by(kind)),
            },
        };
        if !matches!(kind, EventKind::Status | EventKind::Snapshot) {
            block.push_envelope(kind, job, self.text(Role::Envelope, line)?);
            return Some(());
        }
        let row = |role| self.value(role).map(index);
        let body = KnownStatus {
            kind,
            status: *Status::VOCABULARY.get(row(Role::Status)?)?,
            termination_type: row(Role::TerminationType)
                .and_then(|row| TerminationType::ALL.get(row).copied()),
            percent_complete: self.value(Role::Percent).map(f64::from_bits),
            auth_percent_complete: self.value(Role::AuthPercent).map(f64::from_bits),
            job_timeout: self.value(Role::Timeout).and_then(|timeout| timeout.try_into().ok()),
            is_completed: self.range(Role::Completion).is_some_and(|text| !text.is_empty()),
        };
        block.push_known_status(job?, body);
        Some(())
    }
}

/// What stands between two literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Whole,
    /// A whole number whose text counts.
    WholeText,
    Decimal,
    Status,
    TerminationType,
    /// Printable ASCII.
    Plain,
    /// Any string.
    String,
    /// Nothing: a place.
    Place,
    /// The end of the line.
    End(u16),
}

/// A part of a layout: a literal and the slot after it. Layouts share the parts that they begin with.
#[derive(Clone, Debug)]
struct Node {
    literal: Literal,
    slot: Slot,
    role: Role,
    /// The first of the parts that may come next, and the part that may stand here instead.
    child: Index,
    sibling: Index,
}

type Index = u32;

/// No part.
const NONE: Index = Index::MAX;

/// The bytes of a literal: whole chunks and, of what remains, a masked one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Literal {
    tail: u128,
    mask: u128,
    /// Where the whole chunks stand, and how many there are.
    chunks: Index,
    whole: u32,
    length: u32,
}

/// What a line of a layout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaf {
    kind: Kind,
    roles: u16,
    /// How many bytes the line has after its record.
    after: u16,
}

/// The layouts that were learned.
#[derive(Clone, Debug, Default)]
pub struct Layouts {
    nodes: Vec<Node>,
    chunks: Vec<[u8; 16]>,
    leaves: Vec<Leaf>,
    /// How many lines that don't match are left to the general decoder before one is taken apart again, how many were,
    /// and how many will be next time: a log in which no layout is repeated must not slow every line.
    pause: u32,
    waited: u32,
    next_pause: u32,
}

/// How many parts are kept. Real logs have some dozens.
const MAX_NODES: usize = 2048;

/// How many alternatives are compared at one place.
const MAX_SIBLINGS: usize = 48;

/// The largest number of lines that are left alone.
const MAX_PAUSE: u32 = 1024;

impl Layouts {
    /// Scans the line that `bytes` begins with, if it matches a layout, and pushes its event without position and time. At
    /// least [`SLACK`] bytes must be there; the caller checks that the line ends among those that are the input's.
    #[inline]
    pub fn scan(&self, bytes: &[u8], block: &mut Block) -> Option<Scanned> {
        let matched = self.walk(bytes.first_chunk()?)?;
        matched.push(bytes, block)?;
        Some(matched.scanned())
    }

    #[inline]
    fn walk(&self, window: &Window) -> Option<Matched> {
        let mut values = [0; 16];
        let mut node = self.nodes.first()?;
        let mut at = 0;
        loop {
            match self.step(node, window, at) {
                Some((end, value)) => {
                    values[node.role as usize & 15] = value;
                    at = end;
                    match node.child {
                        NONE => break,
                        child => node = self.nodes.get(child as usize)?,
                    }
                }
                None => node = self.nodes.get(node.sibling as usize)?,
            }
        }
        let Slot::End(leaf) = node.slot else { return None };
        Some(Matched { values, line: at, leaf: *self.leaves.get(usize::from(leaf))? })
    }

    /// The end of a part and the value in its slot.
    #[inline]
    fn step(&self, node: &Node, window: &Window, at: usize) -> Option<(usize, u64)> {
        let at = self.literal(&node.literal, window, at)?;
        let text = |length: usize| ((at as u64) << 32 | length as u64, length);
        let (value, length) = match node.slot {
            Slot::Whole => lex::whole(window, at)?,
            Slot::Status => words::status(window, at)?,
            Slot::Decimal => {
                let (number, length) = lex::decimal(window, at)?;
                (number.to_bits(), length)
            }
            Slot::Plain => text(lex::plain(window, at)?),
            Slot::String => text(lex::string(window, at)?),
            Slot::WholeText => text(lex::whole(window, at)?.1),
            Slot::TerminationType => {
                let length = lex::plain(window, at)?;
                (termination_type(window.get(at..at + length)?)?, length)
            }
            Slot::Place => (at as u64, 0),
            Slot::End(_) => (0, 0),
        };
        Some((at + length, value))
    }

    #[inline]
    fn literal(&self, literal: &Literal, window: &Window, mut at: usize) -> Option<usize> {
        if literal.whole > 0 {
            let chunks = literal.chunks as usize;
            for chunk in self.chunks.get(chunks..chunks + literal.whole as usize)? {
                if lex::load16(window, at)? != *chunk {
                    return None;
                }
                at += 16;
            }
        }
        let tail = u128::from_le_bytes(lex::load16(window, at)?);
        if (tail ^ literal.tail) & literal.mask != 0 {
            None
        } else {
            Some(at + (literal.length as usize & 15))
        }
    }

    /// Learns the layout of a line, its line break included, whose record has `record` bytes and is no deeper than
    /// `max_depth`, if it has one. `is_right` is given the event and the place that the layout reads in the line, and
    /// returns whether the general decoder reads the same. `hits` is the number of lines that were scanned since this was
    /// called last.
    pub fn learn(
        &mut self,
        line: &[u8],
        record: usize,
        pointers: Pointers<'_>,
        hits: u64,
        is_right: impl FnOnce(&mut Block, &Scanned) -> bool,
    ) {
        if hits > u64::from(self.pause) {
            self.next_pause = 0;
        } else if self.waited < self.pause {
            self.waited += 1;
            return;
        }
        (self.waited, self.pause) = (0, self.next_pause);
        self.next_pause = (2 * self.next_pause + 1).min(MAX_PAUSE);
        _ = self.try_learn(line, record, pointers, is_right);
    }

    fn try_learn(
        &mut self,
        line: &[u8],
        record: usize,
        pointers: Pointers<'_>,
        is_right: impl FnOnce(&mut Block, &Scanned) -> bool,
    ) -> Option<()> {
        let learned = learn::Learned::of(line, record, pointers)?;
        let mut alone = Self::default();
        alone.add(&learned)?;
        let mut padded = line.to_vec();
        padded.resize(line.len() + SLACK, 0);
        let mut block = Block::default();
        let scanned = alone.scan(&padded, &mut block)?;
        if (scanned.record, scanned.line) != (record, line.len()) || !is_right(&mut block, &scanned) {
            return None;
        }
        if self.nodes.len() + learned.parts.len() > MAX_NODES || self.leaves.len() >= MAX_NODES {
            // The layouts of the lines to come are learned anew.
            (self.nodes, self.chunks, self.leaves) = (alone.nodes, alone.chunks, alone.leaves);
            return Some(());
        }
        self.add(&learned)
    }

    fn add(&mut self, learned: &learn::Learned<'_>) -> Option<()> {
        let mut parent = None;
        for part in &learned.parts {
            let slot = match part.slot {
                Slot::End(_) => Slot::End(self.leaf(learned)?),
                slot => slot,
            };
            parent = Some(self.part(parent, part.literal, slot, part.role)?);
        }
        Some(())
    }

    fn leaf(&mut self, learned: &learn::Learned<'_>) -> Option<u16> {
        let leaf = Leaf { kind: learned.kind, roles: learned.roles(), after: learned.after };
        let known = self.leaves.iter().position(|known| *known == leaf);
        let index = known.unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        u16::try_from(index).ok()
    }

    /// The part with this content after `parent`, which is added if there is none.
    fn part(&mut self, parent: Option<Index>, text: &[u8], slot: Slot, role: Role) -> Option<Index> {
        let mut next = match parent {
            Some(parent) => self.nodes.get(parent as usize)?.child,
            None => 0,
        };
        let (mut last, mut siblings) = (None, 0);
        while let Some(node) = self.nodes.get(next as usize) {
            if node.slot == slot && node.role == role && self.bytes(&node.literal) == text {
                return Some(next);
            }
            (last, next, siblings) = (Some(next), node.sibling, siblings + 1);
        }
        if siblings >= MAX_SIBLINGS {
            return None;
        }
        let literal = self.new_literal(text)?;
        let index = Index::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node { literal, slot, role, child: NONE, sibling: NONE });
        if let Some(last) = last {
            self.nodes.get_mut(last as usize)?.sibling = index;
        } else if let Some(parent) = parent {
            self.nodes.get_mut(parent as usize)?.child = index;
        }
        Some(index)
    }

    fn new_literal(&mut self, text: &[u8]) -> Option<Literal> {
        let chunks = Index::try_from(self.chunks.len()).ok()?;
        let whole = text.chunks_exact(16);
        let (mut tail, mut mask) = ([0; 16], [0; 16]);
        for ((tail, mask), byte) in tail.iter_mut().zip(&mut mask).zip(whole.remainder()) {
            (*tail, *mask) = (*byte, u8::MAX);
        }
        self.chunks.extend(whole.filter_map(|chunk| chunk.first_chunk().copied()));
        Some(Literal {
            tail: u128::from_le_bytes(tail),
            mask: u128::from_le_bytes(mask),
            chunks,
            whole: u32::try_from(text.len() / 16).ok()?,
            length: u32::try_from(text.len()).ok()?,
        })
    }

    fn bytes(&self, literal: &Literal) -> Vec<u8> {
        let chunks = literal.chunks as usize;
        let whole = self.chunks.get(chunks..chunks + literal.whole as usize).unwrap_or_default();
        let tail = literal.tail.to_le_bytes();
        let tail = tail.get(..literal.length as usize % 16).unwrap_or_default();
        [whole.as_flattened(), tail].concat()
    }
}

/// A place in a line or a row of a table, which is less than the length of a line.
#[inline]
fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

fn termination_type(text: &[u8]) -> Option<u64> {
    let row = TerminationType::ALL.iter().position(|known| <&str>::from(known).as_bytes() == text)?;
    Some(row as u64)
}
