//! A guard can refuse this end, since the initial credentials may have been received.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{AbandonedQuickstart, InProgress};

fn abandon(job: Job<InProgress>) -> Job<AbandonedQuickstart> {
    job.end(AbandonedQuickstart)
}

fn main() {
    let _ = abandon;
}
