//! Suggestions for a job id that no input has.

use cardsavr_protocol::wire::JobId;

/// The number of suggestions.
const MAX_IDS: usize = 3;

/// The ids most similar to a wanted one, out of those added.
pub struct NearestIds {
    wanted: String,
    /// Similarity and id, in descending order of similarity.
    found: Vec<(f64, String)>,
}

impl NearestIds {
    pub fn to(job: &JobId) -> Self {
        Self { wanted: job.to_string(), found: Vec::new() }
    }

    pub fn add(&mut self, job: &JobId) {
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
