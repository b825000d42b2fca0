//! `alignments LIFECYCLE LOG`: the life cycle as a Petri net, each job's statuses as a trace, and their alignments by the
//! crate `process_mining`. Prints the jobs whose trace does not fit, each with the line of its last status, and the seconds
//! that reading and aligning took.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use peers::{Id, Lifecycle, Record};
use process_mining::PetriNet;
use process_mining::conformance::case_centric::alignments::{AlignmentOptions, align_variants};
use process_mining::core::event_data::case_centric::utils::activity_projection::EventLogActivityProjection;
use process_mining::core::process_models::case_centric::petri_net::{ArcType, Marking};

/// A net with a place per status, in which a transition is labelled with the status that it leads to.
fn net(lifecycle: &Lifecycle) -> PetriNet {
    let mut net = PetriNet::new();
    let (start, end) = (net.add_place(None), net.add_place(None));
    let places: HashMap<_, _> =
        lifecycle.statuses.iter().map(|row| (row.status.as_str(), net.add_place(None))).collect();
    let mut connect = |label: Option<&str>, from, to| {
        let transition = net.add_transition(label.map(str::to_owned), None);
        net.add_arc(ArcType::place_to_transition(from, transition), None);
        net.add_arc(ArcType::transition_to_place(transition, to), None);
    };
    for row in &lifecycle.statuses {
        let (status, place) = (row.status.as_str(), places[row.status.as_str()]);
        match row.phase.as_str() {
            "creation" => connect(Some(status), start, place),
            "terminated" => connect(None, place, end),
            _ => {}
        }
        if row.phase != "terminated" {
            connect(Some(status), place, place);
        }
    }
    for pair in &lifecycle.transitions {
        connect(Some(&pair.to), places[pair.from.as_str()], places[pair.to.as_str()]);
    }
    net.initial_marking = Some(Marking::from([(start, 1)]));
    net.final_markings = Some(vec![Marking::from([(end, 1)])]);
    net
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [lifecycle, log] = arguments.as_slice() else { panic!("the life cycle and a log are needed") };
    let start = Instant::now();
    let net = net(&Lifecycle::read(lifecycle));

    let (mut activities, mut act_to_index) = (Vec::new(), HashMap::new());
    let mut jobs: HashMap<Id<'static>, (u64, Vec<usize>)> = HashMap::new();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut log = BufReader::with_capacity(1 << 16, File::open(log)?);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    while log.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        if let Ok(Record { job_id: Some(job), message, .. }) = serde_json::from_slice::<Record>(&line)
            && let Some(status) = message.status
        {
            let activity = *act_to_index.entry(status.0.into_owned()).or_insert_with_key(|status| {
                activities.push(status.clone());
                activities.len() - 1
            });
            let (last, trace) = jobs.entry(job.into_owned()).or_default();
            *last = number;
            trace.push(activity);
        }
        line.clear();
    }
    let mut variants: BTreeMap<Vec<usize>, Vec<(u64, Id<'static>)>> = BTreeMap::new();
    for (job, (last, trace)) in jobs {
        variants.entry(trace).or_default().push((last, job));
    }
    let traces = variants.iter().map(|(trace, jobs)| (trace.clone(), jobs.len() as u64)).collect();
    let projection = EventLogActivityProjection { activities, act_to_index, traces };
    let aligned = align_variants(&net, &projection, &AlignmentOptions::default());
    for (result, jobs) in aligned.iter().zip(variants.values()) {
        if result.result.as_ref().map_or(true, |alignment| alignment.cost > 0) {
            for (line, job) in jobs {
                writeln!(output, "{line}\t{job}")?;
            }
        }
    }
    eprintln!("seconds {}", start.elapsed().as_secs_f64());
    output.flush()
}
