//! The ids that are most like one that nothing has.

use cardsavr_protocol::wire::JobId;

/// How many are named.
const MAX_IDS: usize = 3;

/// The ids, of all that are shown, that are most like one; no others are kept.
pub struct Nearest {
    wanted: String,
    /// The most like first.
    found: Vec<(f64, String)>,
}

impl Nearest {
    pub fn to(job: &JobId<'_>) -> Self {
        Self { wanted: job.to_string(), found: Vec::new() }
    }

    pub fn add(&mut self, job: &JobId<'_>) {
        let id = job.to_string();
        let likeness = strsim::jaro_winkler(&self.wanted, &id);
        let is_near = self.found.len() < MAX_IDS || self.found.iter().any(|(other, _)| *other < likeness);
        if is_near && self.found.iter().all(|(_, other)| *other != id) {
            let at = self.found.partition_point(|(other, _)| *other >= likeness);
            self.found.insert(at, (likeness, id));
            self.found.truncate(MAX_IDS);
        }
    }

    pub fn found(&self) -> impl Iterator<Item = &str> {
        self.found.iter().map(|(_, id)| id.as_str())
    }
}
