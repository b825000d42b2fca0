//! The time to generate the JSON Schemas.

use std::hint::black_box;
use std::time::Duration;

use cardsavr_protocol::export::schema::{self, Contract, Document, Draft};
use criterion::Criterion;

fn main() {
    let criterion = &mut Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("schema");
    let document = Document::named("job_status").expect("there is one");
    group.bench_function("job_status", |bencher| {
        bencher.iter(|| document.schema(black_box(Contract::Emitted), Draft::V2020_12));
    });
    group.sample_size(20);
    group.bench_function("all files", |bencher| bencher.iter(|| schema::files(Draft::V2020_12).count()));
    group.bench_function("OpenAPI", |bencher| bencher.iter(schema::openapi));
    group.finish();
    criterion.final_summary();
}
