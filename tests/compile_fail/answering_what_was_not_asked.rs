//! Only a job that waits can be answered.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::Updating;

fn main() {
    let _ = Job::new(Updating).answered();
}
