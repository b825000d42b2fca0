//! No status follows a terminal status.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{Queued, Successful, Updating};

fn run_again(job: Job<Updating>) -> Job<Queued> {
    let job = job.advance(Successful);
    job.advance(Queued)
}

fn main() {
    run_again(Job::new(Updating));
}
