//! `parse serde_json|sonic-rs all|statuses LOG`: only parses each line into a borrowing struct, for any record or for a
//! `job_status`. Prints the seconds of the parsing, without reading the log into memory.

use std::hint::black_box;
use std::time::Instant;

use peers::{JobStatus, Record};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [parser, kinds, log] = arguments.as_slice() else { panic!("a parser, kinds and a log are needed") };
    let bytes = std::fs::read(log).expect("the log can be read");
    let start = Instant::now();
    let records = match (parser.as_str(), kinds.as_str()) {
        ("serde_json", "all") => count(&bytes, |line| read(serde_json::from_slice::<Record>(line))),
        ("serde_json", "statuses") => count(&bytes, |line| read(serde_json::from_slice::<JobStatus>(line))),
        ("sonic-rs", "all") => count(&bytes, |line| read(sonic_rs::from_slice::<Record>(line))),
        ("sonic-rs", "statuses") => count(&bytes, |line| read(sonic_rs::from_slice::<JobStatus>(line))),
        _ => panic!("{parser} {kinds} is none of these"),
    };
    let seconds = start.elapsed().as_secs_f64();
    assert!(records > 0, "it is a log");
    eprintln!("seconds {seconds}");
}

fn count(bytes: &[u8], is_read: impl Fn(&[u8]) -> bool) -> usize {
    let mut start = 0;
    let lines =
        memchr::memchr_iter(b'\n', bytes).map(|end| &bytes[std::mem::replace(&mut start, end + 1)..end]);
    lines.filter(|line| is_read(line)).count()
}

/// Whether a value is present; keeps the compiler from optimizing it away.
fn read<T, E>(result: Result<T, E>) -> bool {
    black_box(result).is_ok()
}
