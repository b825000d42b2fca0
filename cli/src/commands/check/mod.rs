//! `cardsavr check`: checks the inputs as one log.

mod args;
mod threshold;

use std::path::PathBuf;

use cardsavr_protocol::conformance::{Level, Selector};
use same_file::Handle;

pub use self::args::{Args, levels};
use self::threshold::Thresholds;
use super::drive::{self, Check};
use super::outcome::{Failure, Verdict, refused};
use crate::input::files::Input;
use crate::input::find::find;
use crate::input::progress::Progress;
use crate::pipeline::baseline::Filter;
use crate::report;
use crate::text::complain;

pub fn run(args: &Args, levels: Vec<(Level, Selector)>) -> Result<Verdict, Failure> {
    let config = args.reading.config().map_err(refused)?;
    let reading = args.reading.reading(&config);
    let order = args.order.order().map_err(refused)?;
    let baseline = args.baseline(&config).map_err(refused)?;
    let found = find(&args.logs);
    found.ignored().filter(|_| !args.quiet).into_iter().for_each(complain);
    let mut found = found.inputs;
    // The baseline may be in a directory of logs.
    if let Some(file) = baseline.as_ref().and_then(|baseline| Handle::from_path(baseline.path()).ok()) {
        found.retain(|input| !input.as_ref().is_ok_and(|input| input.is(&file)));
    }
    let others: Vec<PathBuf> =
        baseline.iter().map(|baseline| baseline.path().to_owned()).chain(config.file.clone()).collect();
    let is_taken = |file: &Handle| {
        let is_other = |path: &PathBuf| Handle::from_path(path).is_ok_and(|other| other == *file);
        found.iter().flatten().any(|input| input.is(file)) || others.iter().any(is_other)
    };
    let progress = if args.quiet {
        Progress::quiet()
    } else {
        Progress::through(found.iter().flatten().map(Input::size))
    };
    let output = report::open(args.targets(), is_taken, args.shown(&config), &progress).map_err(refused)?;
    let thresholds = Thresholds::new(args.fail_if.clone());
    let output = Filter::new(thresholds.watch(output), baseline).narrowed(args.narrow());
    let settings = args.settings(&config, levels).map_err(refused)?;
    let threads = args.threads.number(&config);
    let check = Check {
        reading: &reading,
        order: &order,
        settings,
        jobs: &args.job,
        allow_empty: args.allow_empty,
        breaches: &|totals| thresholds.breaches(totals),
        threads,
    };
    Ok(drive::judge(found, check, output, &progress)?)
}
