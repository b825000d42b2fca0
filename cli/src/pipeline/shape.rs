//! What findings of one cause have in common.

use cardsavr_protocol::conformance::{Finding, Rule};
use cardsavr_protocol::wire::JobId;

/// A finding's message without what differs from job to job and from line to line: `#` stands for its job and for each
/// number.
pub fn shape(finding: &Finding) -> String {
    masked(finding.rule, &finding.message(), finding.job_id.as_ref())
}

fn masked(rule: Rule, message: &str, job: Option<&JobId>) -> String {
    let message = match job {
        Some(job) => message.replacen(&format!("job {job}"), "job #", 1),
        None => message.to_owned(),
    };
    // Its envelope may be another job's.
    let message = match message.split_once(" of job ") {
        Some((before, _)) if rule == Rule::EnvelopeReused => format!("{before} of job #"),
        _ => message,
    };
    let mut shape = String::with_capacity(message.len());
    let mut chars = message.chars().peekable();
    while let Some(char) = chars.next() {
        let is_next_digit = chars.peek().is_some_and(char::is_ascii_digit);
        match char {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            '.' if shape.ends_with('#') && is_next_digit => {}
            '-' if shape.ends_with(' ') && is_next_digit => {}
            _ => shape.push(char),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_job_to_job_is_left_out() {
        let rows = [
            (Rule::SkippedStatus, "job a-1 went from X to Y", Some("a-1"), "job # went from X to Y"),
            (
                Rule::ProgressDecreased,
                "job 7 went from 22.5 back to 3",
                Some("7"),
                "job # went from # back to #",
            ),
            (
                Rule::NegativeTimeout,
                "job 7 has a job_timeout of -5: the least is 0",
                Some("7"),
                "job # has a job_timeout of #: the least is #",
            ),
            (
                Rule::EnvelopeReused,
                "this request has the envelope of a request of job b x",
                Some("a"),
                "this request has the envelope of a request of job #",
            ),
            (
                Rule::UnterminatedJob,
                "the log ends and job a has not",
                Some("a"),
                "the log ends and job # has not",
            ),
            (
                Rule::MalformedJson,
                "not JSON: key must be a string, at line 1, column 2.",
                None,
                "not JSON: key must be a string, at line #, column #.",
            ),
            (
                Rule::UnknownStatus,
                "job 7 has the status A_1-2, which is not in the table",
                Some("7"),
                "job # has the status A_#-#, which is not in the table",
            ),
        ];
        for (rule, message, job, expected) in rows {
            assert_eq!(masked(rule, message, job.map(JobId::from).as_ref()), expected);
        }
    }
}
