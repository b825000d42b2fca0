//! The time to decode a message of each kind.

use std::hint::black_box;
use std::time::Duration;

use cardsavr_protocol::wire::scan::{Layouts, Pointers, SLACK};
use cardsavr_protocol::wire::{Block, Message};
use criterion::{Criterion, Throughput};

const STATUS: &str = r#"{"type":"job_status","job_id":1586,"message":{"status":"PENDING_TFA","percent_complete":31.5,"job_timeout":766325}}"#;

/// Other messages that the general decoder reads, including a `job_status` in another layout.
const MESSAGES: [(&str, &str); 6] = [
    ("job_status", STATUS),
    (
        "job_status, another order",
        r#"{"job_id":"1586","message":{"job_timeout":766325,"status":"PENDING_TFA"},"type":"job_status"}"#,
    ),
    ("tfa_request", r#"{"type":"tfa_request","job_id":1586,"envelope_id":"2kRDNRFbPlf98X5S917d4w=="}"#),
    (
        "tfa_response",
        r#"{"type":"tfa_response","envelope_id":"2kRDNRFbPlf98X5S917d4w==","message":"123456"}"#,
    ),
    (
        "credential_request",
        r#"{"type":"credential_request","job_id":1586,"envelope_id":"pxvLm6v8CLDQ/mTyqexNjw=="}"#,
    ),
    (
        "credential_response",
        r#"{"type":"credential_response","envelope_id":"pxvLm6v8CLDQ/mTyqexNjw==","message":"submitted"}"#,
    ),
];

fn main() {
    let criterion = &mut Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("Message::from_json");
    for (name, json) in MESSAGES {
        assert!(Message::from_json(json).is_ok(), "{name} is a message");
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| Message::from_json(black_box(json)).is_ok()));
    }
    group.finish();

    let mut group = criterion.benchmark_group("Layouts::scan");
    let line = format!("{STATUS}\n");
    let mut layouts = Layouts::default();
    layouts.learn(line.as_bytes(), STATUS.len(), Pointers::default(), 0, |_, _| true);
    let padded = [line.as_bytes(), &[0; SLACK]].concat();
    let mut block = Block::default();
    assert!(layouts.scan(&padded, &mut block).is_some(), "its layout is known");
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("job_status", |bencher| {
        bencher.iter(|| {
            block.clear();
            layouts.scan(black_box(&padded), &mut block)
        });
    });
    group.finish();

    criterion.final_summary();
}
