//! The time to check one step of a job: by the table, by the machine, by the monitor.

use std::hint::black_box;
use std::time::Duration;

use cardsavr_protocol::conformance::{Monitor, Position, Settings};
use cardsavr_protocol::wire::{Block, Message};
use cardsavr_protocol::{Job, Limits, Status};
use criterion::{BatchSize, Criterion, Throughput};
use strum::VariantArray;

fn main() {
    let criterion = &mut Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    table(criterion);
    apply(criterion);
    monitor(criterion);
    criterion.final_summary();
}

/// All pairs of statuses.
fn pairs() -> Vec<(Status, Status)> {
    Status::VARIANTS.iter().flat_map(|&from| Status::VARIANTS.iter().map(move |&to| (from, to))).collect()
}

fn table(criterion: &mut Criterion) {
    let pairs = pairs();
    let mut group = criterion.benchmark_group("Status, all pairs");
    group.throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function("can_become", |bencher| {
        bencher.iter(|| black_box(&pairs).iter().filter(|(from, to)| from.can_become(*to)).count());
    });
    group.bench_function("reaches", |bencher| {
        bencher.iter(|| black_box(&pairs).iter().filter(|(from, to)| from.reaches(*to)).count());
    });
    group.bench_function("path_to, walked", |bencher| {
        let length = |&(from, to): &(Status, Status)| from.path_to(to).into_iter().flatten().count();
        bencher.iter(|| black_box(&pairs).iter().map(length).sum::<usize>());
    });
    group.finish();
}

fn apply(criterion: &mut Criterion) {
    let limits = Limits::default();
    let job = Job::new(Status::LoginSubmitted);
    let mut group = criterion.benchmark_group("Job::apply");
    for (name, to) in [
        ("heartbeat", Status::LoginSubmitted),
        ("legal", Status::PendingTfa),
        ("illegal", Status::PendingCreds),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(job).apply(black_box(to), &limits).is_ok());
        });
    }
    group.finish();
}

fn message(status: &str, percent: u32, timeout: u32) -> String {
    format!(
        r#"{{"type":"job_status","job_id":101,"message":{{"status":"{status}","percent_complete":{percent},"job_timeout":{timeout}}}}}"#
    )
}

fn monitor(criterion: &mut Criterion) {
    let [first, again, next] =
        [message("AUTH", 10, 700_000), message("AUTH", 11, 690_000), message("LOGIN_SUBMITTED", 12, 680_000)];
    let [mut first, again, next] = [&first, &again, &next].map(|json| {
        let mut block = Block::default();
        block.push_message(&Message::from_json(json).expect("a message"), Position::default(), None);
        block
    });
    let mut findings = Vec::new();
    let mut monitor = Monitor::new(101.into(), Settings::default());
    monitor.check(&mut first, &mut findings);

    let mut group = criterion.benchmark_group("Monitor::check");
    for (name, mut block) in [("heartbeat", again), ("status change", next)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || monitor.clone(),
                |monitor| monitor.check(black_box(&mut block), &mut findings),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
    assert!(findings.is_empty(), "the messages break no rule");
}
