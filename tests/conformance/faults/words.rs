//! Faults in the words of a message: what it is, its status, its termination type.

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Status, TerminationType};

use super::Seed;
use crate::entry::{Entry, Event};
use crate::lawful::Choices;

impl<'c> Seed<'c> {
    /// What has nothing to do with any job's life.
    pub(super) fn foreign(mut self, rule: Rule) -> (Self, usize) {
        let texts: &[&str] = match rule {
            Rule::MalformedJson => &["{\"type\":\"job_status\",\"job_id\":$JOB,\"mess", "{\"type\"}", "[1,]"],
            Rule::RecordTooLarge => &["[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"],
            Rule::MalformedMessage => &[
                r#"{"type":"job_status","job_id":$JOB,"message":{"percent_complete":3}}"#,
                r#"{"type":"tfa_request","job_id":$JOB,"envelope_id":5}"#,
                r#"{"type":"tfa_response","envelope_id":"0/0==","message":123456}"#,
                r#"{"id":$JOB,"status":null}"#,
                r#"{"type":"job_status","job_id":-1,"message":{"status":"UPDATING"}}"#,
            ],
            _ => &[
                r#"{"type":"security","job_id":$JOB,"envelope_id":"new"}"#,
                r#"{"type":"tfa_message","envelope_id":"new"}"#,
                r#"{"type":"JOB_STATUS","job_id":$JOB,"message":{"status":"AUTH"}}"#,
            ],
        };
        let text = self.choices.of(texts);
        let index = self.choices.below(self.log.entries.len() + 1);
        let entry = Entry { job: 0, at: None, id_is_text: false, event: Event::Raw(text.into()) };
        self.log.entries.insert(index, entry);
        (self, index)
    }

    pub(super) fn words(rule: Rule, choices: &'c mut Choices) -> (Self, usize) {
        let spelled = [Status::InProgress, Status::CredsReceived, Status::TfaReceived];
        let mut seed = match rule {
            Rule::StatusSpelling => match choices.below(spelled.len() + 1) {
                0 => Self::on(&[Status::CancelRequested, Status::Cancelled], choices),
                other => Self::on(&spelled[other - 1..other], choices),
            },
            // A failure to connect may lack it.
            Rule::MissingTerminationType => {
                let ends: Vec<_> = Status::Updating.successors().iter().filter(|s| s.is_terminal()).collect();
                let end = choices.of(&ends);
                let end = if end == Status::NetworkIssue { Status::Successful } else { end };
                Self::on(&[Status::Updating, end], choices)
            }
            _ => Self::any(choices),
        };
        let index = match rule {
            Rule::UnknownStatus => {
                // In a wait it would end the wait.
                let mut told = seed.told_in_progress();
                told.retain(|&index| !seed.status(index).is_waiting());
                let index = seed.choices.of(&told);
                seed.heartbeat(index, |report| report.status = "PENDING_SELFIE".into())
            }
            Rule::StatusSpelling => {
                let mut told = seed.told();
                told.retain(|&index| !seed.status(index).aliases().is_empty());
                let index = seed.choices.of(&told);
                seed.report(index).status = seed.status(index).aliases()[0].into();
                index
            }
            Rule::UnknownTerminationType => {
                let told = seed.told();
                let index = seed.choices.of(&told);
                seed.report(index).termination_type = Some("BILLED".into());
                index
            }
            Rule::EarlyTerminationType => {
                let index = seed.any_in_progress();
                let ends = seed.choices.of(TerminationType::ALL);
                seed.report(index).termination_type = Some(ends.to_string());
                index
            }
            Rule::MissingTerminationType => {
                let end = seed.end();
                seed.report(end).termination_type = None;
                end
            }
            _ => {
                let end = seed.end();
                let own = seed.status(end).termination_type();
                let others: Vec<_> = TerminationType::ALL.iter().filter(|&&ends| Some(ends) != own).collect();
                let other = seed.choices.of(&others);
                seed.report(end).termination_type = Some(other.to_string());
                end
            }
        };
        (seed, index)
    }
}
