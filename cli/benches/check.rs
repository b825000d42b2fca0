//! How long it takes to check a log, from its bytes to the last finding, and to make one.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use cardsavr_cli::commands::simulate;
use cardsavr_cli::pipeline::entries::Reading;
use cardsavr_cli::pipeline::judge::Judge;
use cardsavr_cli::pipeline::log;
use cardsavr_cli::pipeline::output::Output as _;
use cardsavr_cli::report::Json;
use cardsavr_protocol::conformance::{Checker, Rule, Settings, Severity, Summary};
use cardsavr_protocol::simulate::{Simulation, needs_time};
use criterion::{Criterion, Throughput};

fn main() {
    let criterion = &mut Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let lawful = Simulation::new(1).jobs(2_000);

    let mut group = criterion.benchmark_group("check");
    group.sample_size(20);
    for (name, log, is_lawful) in [
        ("lawful", simulated(&lawful), true),
        ("faulty", simulated(&faulty(&lawful)), false),
        ("many jobs", simulated(&Simulation::new(1).jobs(20_000).alive(20_000)), true),
        ("one job", one_job(), true),
    ] {
        assert_eq!(check(&log) == 0, is_lawful, "{name}");
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| check(black_box(&log))));
    }
    group.finish();

    let mut group = criterion.benchmark_group("simulate");
    group.sample_size(20);
    for (name, simulation) in [("faulty", faulty(&lawful)), ("lawful", lawful)] {
        group.throughput(Throughput::Bytes(simulated(&simulation).len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| simulated(black_box(&simulation))));
    }
    group.finish();
    criterion.final_summary();
}

/// Half of the jobs have a fault, of every rule that needs no times.
fn faulty(lawful: &Simulation) -> Simulation {
    lawful.clone().faults(Rule::ALL.iter().copied().filter(|&rule| !needs_time(rule)), 0.5)
}

fn simulated(simulation: &Simulation) -> Vec<u8> {
    let mut log = Vec::new();
    simulate::log(simulation, None, &mut log, |_| Ok(())).expect("there is room for it");
    log
}

/// A job that works for days.
fn one_job() -> Vec<u8> {
    let message = |body: &str| {
        let head = r#"{"type":"job_status","job_id":101,"message":{"status":"#;
        format!("{head}{body}}}}}\n")
    };
    let start = [r#""REQUESTED""#, r#""QUEUED""#, r#""IN_PROGRESS""#, r#""AUTH""#, r#""LOGIN_SUBMITTED""#];
    let heartbeat = message(r#""UPDATING","percent_complete":31.5,"job_timeout":455000"#);
    let end = message(r#""SUCCESSFUL","termination_type":"BILLABLE""#);
    [start.map(message).concat(), heartbeat.repeat(20_000), end].concat().into_bytes()
}

/// Checks a log as the command does with `--format json`, and says how many errors there are.
fn check(log: &[u8]) -> u64 {
    let mut checker = Checker::new(Settings::default());
    let mut output = Json::new(io::sink());
    let Ok(read) = log::check(&Reading::default(), log, "log", 0, &mut Judge::new(&mut checker, &mut output))
    else {
        panic!("it can be read");
    };
    let totals =
        checker.finish_each(|finding| output.finding(&finding, "log", None)).expect("a sink takes all");
    let errors = totals.of(Severity::Error);
    output.finish(&Summary::new(vec![read], totals)).expect("a sink takes all");
    errors
}
