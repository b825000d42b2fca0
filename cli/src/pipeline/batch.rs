//! The events that are judged together, and the text that they come from.

use std::sync::Arc;

use cardsavr_protocol::conformance::{Finding, Group};
use cardsavr_protocol::wire::{Block, EventRef};
use memchr::memchr;

use super::entries::Entry;
use super::selection::Selection;

/// Events in the order of a log, with their texts.
#[derive(Debug, Default)]
pub struct Batch {
    pub block: Block,
    /// Where the texts of the events are.
    pub bytes: Vec<u8>,
    /// The number of the line that `bytes` begin with, for the events without an entry in `texts`: each is on a line of its own.
    pub first_line: u64,
    texts: Vec<Text>,
    plan: Plan,
    /// The thread that uses its memory again, if it is one of the pool: the caches of its core may still have it.
    pub home: Option<usize>,
}

/// The text that an event comes from: from `start` on in a record, which is the bytes from `record` to `end`; none if all are 0.
#[derive(Clone, Copy, Debug)]
struct Text {
    event: u32,
    record: usize,
    start: usize,
    end: usize,
}

/// Which group judges which events.
#[derive(Debug, Default)]
struct Plan {
    /// The events of each group, in order; empty if all events are judged by one group.
    groups: Vec<Vec<u32>>,
    /// The events whose job the stage `link` may find.
    open: Vec<u32>,
}

/// How events are divided among groups.
#[derive(Clone, Debug)]
pub struct Division {
    pub groups: usize,
    pub selection: Arc<Selection>,
}

impl Division {
    fn is_trivial(&self) -> bool {
        self.groups == 1 && self.selection.is_all()
    }
}

impl Batch {
    /// Removes all events, and keeps the memory.
    pub fn clear(&mut self) {
        self.block.clear();
        self.texts.clear();
    }

    /// Adds an entry of a record whose text is the bytes from `record` to `end`, or will be.
    pub fn push(&mut self, entry: &Entry<'_>, input: u32, record: usize, end: usize) {
        let event = index(self.block.len());
        entry.push(&mut self.block, input);
        self.texts.push(match entry.text() {
            // The text of an entry ends with its record.
            Some(text) => Text { event, record, start: end - text.len(), end },
            None => Text { event, record: 0, start: 0, end: 0 },
        });
    }

    /// Adds an entry, with its text.
    pub fn push_owned(&mut self, entry: &Entry<'_>, input: u32) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(entry.text().unwrap_or_default().as_bytes());
        self.push(entry, input, start, self.bytes.len());
    }

    /// Divides the events among groups, as far as their jobs are known before the stage `link`.
    pub fn divide(&mut self, division: &Division) {
        let Plan { groups, open } = &mut self.plan;
        groups.iter_mut().for_each(Vec::clear);
        open.clear();
        groups.resize_with(if division.is_trivial() { 0 } else { division.groups }, Vec::new);
        if groups.is_empty() {
            return;
        }
        for event in self.block.iter() {
            if event.job().is_none() {
                open.push(index(event.index()));
            } else if division.selection.wants_event(&event) {
                if let Some(group) = groups.get_mut(Group::of(&event, division.groups)) {
                    group.push(index(event.index()));
                }
            }
        }
    }

    /// Divides the remaining events, whose jobs are now known if they ever will be.
    pub fn divide_linked(&mut self, division: &Division) {
        let Plan { groups, open } = &mut self.plan;
        for &index in open.iter() {
            let Some(event) = self.block.get(index as usize) else { continue };
            if !division.selection.wants_event(&event) {
                continue;
            }
            if let Some(group) = groups.get_mut(Group::of(&event, division.groups)) {
                let place = group.partition_point(|&other| other < index);
                group.insert(place, index);
            }
        }
    }

    /// Whether a group has any event to judge.
    pub fn has_events_of(&self, group: usize) -> bool {
        match self.plan.groups.get(group) {
            Some(events) => !events.is_empty(),
            None => !self.block.is_empty() && self.plan.groups.is_empty(),
        }
    }

    /// Calls `judge` with each event of a group, in order.
    pub fn each_of(&self, group: usize, mut judge: impl FnMut(EventRef<'_>)) {
        if self.plan.groups.is_empty() {
            self.block.iter().for_each(judge);
        } else {
            let events = self.plan.groups.get(group).into_iter().flatten();
            events.filter_map(|&index| self.block.get(index as usize)).for_each(&mut judge);
        }
    }
}

/// The index of an event, of which a batch has far fewer than 2³².
fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Finds the texts of events, one after another.
pub struct Excerpts<'b> {
    batch: &'b Batch,
    /// The line that was found last, and where it begins.
    line: u64,
    at: usize,
    /// The record that was found last.
    record: (usize, usize, &'b str),
}

impl<'b> Excerpts<'b> {
    pub fn of(batch: &'b Batch) -> Self {
        Self { batch, line: batch.first_line, at: 0, record: (0, 0, "") }
    }

    /// A text that begins with the message of the event that a finding is about, if it may be shown. Findings come in the
    /// order of the log.
    pub fn next(&mut self, event: u32, finding: &Finding) -> Option<&'b str> {
        let texts = &self.batch.texts;
        if let Ok(place) = texts.binary_search_by_key(&event, |text| text.event) {
            let &Text { record, start, end, .. } = texts.get(place)?;
            if (self.record.0, self.record.1) != (record, end) {
                self.record = (record, end, std::str::from_utf8(self.batch.bytes.get(record..end)?).ok()?);
            }
            return self.record.2.get(start - record..).filter(|text| !text.is_empty());
        }
        while self.line < finding.position.line {
            self.at += memchr(b'\n', self.batch.bytes.get(self.at..)?)? + 1;
            self.line += 1;
        }
        let start = self.at + usize::try_from(finding.position.column).ok()? - 1;
        let text = self.batch.bytes.get(start..)?;
        std::str::from_utf8(text.get(..memchr(b'\n', text)?)?).ok()
    }
}
