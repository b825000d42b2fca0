//! A received TFA code must be submitted before the card can be placed.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::{PendingTfa, Updating};

fn place_the_card(job: Job<PendingTfa>) -> Job<Updating> {
    job.answered().advance(Updating)
}

fn main() {
    place_the_card(Job::new(PendingTfa));
}
