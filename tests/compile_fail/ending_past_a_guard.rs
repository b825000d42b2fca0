//! A job may have shown that its credentials came, so that this end can be refused.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{AbandonedQuickstart, InProgress};

fn abandon(job: Job<InProgress>) -> Job<AbandonedQuickstart> {
    job.end(AbandonedQuickstart)
}

fn main() {
    let _ = abandon;
}
