//! A guard can refuse another request for new credentials, so the code must handle the refusal.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{LoginSubmitted, PendingNewCreds};

fn login_failed(job: Job<LoginSubmitted>) -> Job<PendingNewCreds> {
    job.advance(PendingNewCreds)
}

fn main() {
    login_failed(Job::new(LoginSubmitted));
}
