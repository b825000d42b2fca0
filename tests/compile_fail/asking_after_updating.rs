//! Once the card is being placed, no code is asked for: the cardholder may have left.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{PendingTfa, Updating};

fn ask_for_a_code(job: Job<Updating>) -> Job<PendingTfa> {
    job.advance(PendingTfa)
}

fn main() {
    ask_for_a_code(Job::new(Updating));
}
