//! `plain LIFECYCLE LOG`: a typical loop with `serde_json`, a hash map of job states and a set of legal pairs. Prints the
//! line and the job of each step that isn't one of the pairs, and the line of each malformed record.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use peers::{Id, Lifecycle, Record};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [lifecycle, log] = arguments.as_slice() else { panic!("the life cycle and a log are needed") };
    let lifecycle = Lifecycle::read(lifecycle);
    let pairs = lifecycle.pairs();
    let mut jobs: HashMap<Id<'static>, String> = HashMap::new();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut log = BufReader::with_capacity(1 << 16, File::open(log)?);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    while log.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        match serde_json::from_slice::<Record>(&line) {
            Ok(Record { kind: Some(kind), job_id: Some(job), message }) if kind.0 == "job_status" => {
                let (job, status) = (job.into_owned(), message.status.unwrap_or_default().0);
                if let Some(last) = jobs.get_mut(&job) {
                    if *last != status {
                        if !pairs.contains(&(last.as_str(), &*status)) {
                            writeln!(output, "{number}\t{job}")?;
                        }
                        last.clear();
                        last.push_str(&status);
                    }
                } else {
                    jobs.insert(job, status.into_owned());
                }
            }
            Ok(_) => {}
            Err(_) => writeln!(output, "{number}")?,
        }
        line.clear();
    }
    output.flush()
}
