//! The stages called directly: the findings don't depend on the size of blocks and the distribution of shards.

use cardsavr_protocol::conformance::{Finding, Linker, Rule, SHARDS, Settings, Shard, merge, shard_of};
use cardsavr_protocol::simulate::{History, Simulation};
use cardsavr_protocol::wire::{Block, Position, log_items};

use crate::log::check;

/// A log with the faults of all rules that need no time.
fn log(seed: u64) -> String {
    let needs_time = [Rule::LateResponse, Rule::OverdueTimeout, Rule::TimeWentBackwards];
    let faults = Rule::ALL.iter().copied().filter(|rule| !needs_time.contains(rule));
    let log: History = Simulation::new(seed).jobs(60).faults(faults, 0.5).log().collect();
    let lines: Vec<_> = log.records.iter().map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

/// The findings of this number of workers, each with some of the shards, in a log in blocks of this number of lines.
fn found_by(workers: usize, lines: usize, log: &str) -> Vec<Finding> {
    let settings = Settings::default();
    let mut linker = Linker::default();
    let mut shards = vec![Shard::default(); SHARDS];
    let records: Vec<(u64, &str)> = (1..).zip(log.lines()).collect();
    let (mut findings, mut before) = (Vec::new(), 0);
    for records in records.chunks(lines) {
        let mut block = Block::default();
        for (line, record) in records {
            log_items(record, |item| {
                let column = item.offset as u64 + 1;
                item.push(&mut block, Position { input: 0, line: *line, column }, None);
            });
        }
        linker.link(&mut block, &settings);
        let work = |worker| {
            let mut of_worker = Vec::new();
            for event in block.iter().filter(|event| shard_of(event) % workers == worker) {
                let (ordinal, mut found) = (before + event.index() as u64, Vec::new());
                shards[shard_of(&event)].judge(event, ordinal, &settings, &mut found);
                of_worker.extend(found.into_iter().map(|finding| (ordinal, finding)));
            }
            of_worker
        };
        let of_workers: Vec<_> = (0..workers).map(work).collect();
        findings.extend(merge(of_workers).map(|(_, finding)| finding));
        before += block.len() as u64;
    }
    findings
}

#[test]
fn workers_and_blocks_change_nothing() {
    for seed in 0..5 {
        let log = log(seed);
        let mut expected = check(&log).findings;
        expected.retain(|finding| finding.rule != Rule::UnterminatedJob);
        assert!(expected.len() > 10, "{} findings", expected.len());
        for (workers, lines) in [(1, 1), (2, 10), (3, 1000), (7, 64), (64, 7)] {
            assert_eq!(found_by(workers, lines, &log), expected, "{workers} workers, {lines} lines");
        }
    }
}
