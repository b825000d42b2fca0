//! Messages that inputs have shown, so that one which another recorder saw, too, is known.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use cardsavr_protocol::Timestamp;
use serde_json::Value;

use crate::pipeline::entries::{Entry, What};

/// How many messages are remembered at most.
const MOST: usize = 1 << 20;

/// The messages of the last time.
pub(super) struct Known {
    delay: Duration,
    messages: HashMap<Value, VecDeque<Showing>>,
    /// All of them in the order in which they came.
    order: VecDeque<(Timestamp, Value)>,
}

/// That an input showed a message.
struct Showing {
    input: usize,
    time: Timestamp,
    /// The others that have shown it, too: each of them saw it once.
    others: Vec<usize>,
}

impl Known {
    pub(super) fn new(delay: Duration) -> Self {
        Self { delay, messages: HashMap::new(), order: VecDeque::new() }
    }

    /// Whether another input has shown a message not long before. Without a time, nobody can tell.
    pub(super) fn has_shown(&mut self, input: usize, time: Option<Timestamp>, entry: &Entry<'_>) -> bool {
        let (Some(time), What::Content { text, .. }) = (time, &entry.what) else { return false };
        let Ok(message) = serde_json::from_str::<Value>(text) else { return false };
        self.forget(time);
        let showings = self.messages.entry(message.clone()).or_default();
        let by_another = showings.iter_mut().find(|showing| {
            let is_near = time.since(showing.time).max(showing.time.since(time)) <= self.delay;
            is_near && showing.input != input && !showing.others.contains(&input)
        });
        if let Some(showing) = by_another {
            showing.others.push(input);
            return true;
        }
        showings.push_back(Showing { input, time, others: Vec::new() });
        self.order.push_back((time, message));
        false
    }

    /// Forgets what was shown too long before, and the oldest where there is too much.
    fn forget(&mut self, now: Timestamp) {
        while let Some((time, _)) = self.order.front() {
            if now.since(*time) <= self.delay && self.order.len() < MOST {
                return;
            }
            let Some((_, message)) = self.order.pop_front() else { return };
            let Some(showings) = self.messages.get_mut(&message) else { continue };
            showings.pop_front();
            if showings.is_empty() {
                self.messages.remove(&message);
            }
        }
    }
}
