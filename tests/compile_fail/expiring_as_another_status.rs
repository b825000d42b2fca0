//! A wait for a TFA code expires as TIMEOUT_TFA, by the expiry table.

use cardsavr_protocol::typestate::status::{PendingTfa, TimeoutCredentials};
use cardsavr_protocol::typestate::{Job, NotExpired};
use cardsavr_protocol::Timer;

fn give_up(job: Job<PendingTfa, Timer>) -> Result<Job<TimeoutCredentials, Timer>, NotExpired<PendingTfa>> {
    job.expire()
}

fn main() {
    let _ = give_up;
}
