//! A job doesn't expire before its task runs.

use cardsavr_protocol::typestate::Job;
use cardsavr_protocol::typestate::status::Queued;
use cardsavr_protocol::{Limits, Timestamp};

fn main() {
    let job = Job::new(Queued).timed(Timestamp::from_millis(0), Limits::default());
    let _ = job.expire();
}
