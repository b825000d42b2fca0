//! A failed login may be one too many, so its move can be refused, and the code has to say what happens then.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{LoginSubmitted, PendingNewCreds};

fn login_failed(job: Job<LoginSubmitted>) -> Job<PendingNewCreds> {
    job.advance(PendingNewCreds)
}

fn main() {
    login_failed(Job::new(LoginSubmitted));
}
