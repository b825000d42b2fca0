//! What findings of one cause have in common.

use cardsavr_protocol::conformance::Finding;

/// A finding's words without what differs from job to job and from line to line: `#` stands for its job and for each
/// number.
pub fn shape(finding: &Finding) -> String {
    let job = finding.job_id.as_ref().map(|job| format!("job {job}"));
    let message = match &job {
        Some(job) => finding.message.replacen(job.as_str(), "job #", 1),
        None => finding.message.clone(),
    };
    let mut shape = String::with_capacity(message.len());
    for char in message.chars() {
        match char {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            _ => shape.push(char),
        }
    }
    shape
}
