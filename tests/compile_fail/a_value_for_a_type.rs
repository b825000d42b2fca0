//! A value of the runtime enum is not a type of `typestate::status`.

use cardsavr_protocol::Status;
use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::InProgress;

fn main() {
    Job::new(InProgress).advance(Status::Auth);
}
