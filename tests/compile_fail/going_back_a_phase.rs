//! A job that has begun to run doesn't return to the queue.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{Auth, Queued};

fn queue_again(job: Job<Auth>) -> Job<Queued> {
    job.advance(Queued)
}

fn main() {
    queue_again(Job::new(Auth));
}
