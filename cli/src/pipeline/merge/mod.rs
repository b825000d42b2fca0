//! Logs put in order by their times before they are judged: those of several recorders merged, what came late put where it
//! belongs, and what two of them saw taken once.

mod known;
mod stream;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::time::Duration;

use cardsavr_protocol::Timestamp;
use cardsavr_protocol::conformance::ReportInput;

use self::known::Known;
use self::stream::{Stream, Timed};
use crate::pipeline::entries::Reading;
use crate::pipeline::judge::Judge;

/// How the entries of all inputs are put in order.
pub struct Order {
    /// Whether inputs are merged by time, in place of one after another.
    pub by_time: bool,
    /// How late an entry may come and still be put in order.
    pub reorder: Option<Duration>,
    /// Whether what two inputs show is taken once.
    pub dedupe: bool,
}

/// For how long what one input showed is looked for in another, unless it is said how late entries come: twice the
/// longest time from one poll to the next.
const SEEN_TWICE: Duration = Duration::from_secs(10);

impl Order {
    /// Whether inputs are read one after another, as they are.
    pub fn is_as_given(&self) -> bool {
        !self.by_time && self.reorder.is_none()
    }
}

/// What was read.
pub struct Merged {
    pub inputs: Vec<ReportInput>,
    /// Why some of them were not read to the end, each by its number.
    pub errors: Vec<(usize, io::Error)>,
    /// The number of messages that were dropped, because another input has them.
    pub duplicates: u64,
}

/// Judges inputs, each with its name, in an order by time.
///
/// # Errors
///
/// Those of the output.
pub fn check<'i>(
    reading: &'i Reading,
    inputs: Vec<(String, Box<dyn Read + 'i>)>,
    order: &Order,
    judge: &mut Judge<'_>,
) -> io::Result<Merged> {
    let (names, inputs): (Vec<String>, Vec<_>) = inputs.into_iter().unzip();
    for (name, index) in names.iter().zip(0..) {
        judge.name(index, name);
    }
    let delay = order.reorder.unwrap_or_default();
    let mut streams: Vec<Stream<'_>> =
        inputs.into_iter().map(|input| Stream::new(reading, input, delay)).collect();
    let mut known = order.dedupe.then(|| Known::new(order.reorder.unwrap_or(SEEN_TWICE)));
    let mut duplicates = 0;
    let mut judge_entry = |index: usize, Timed { time, entry }: Timed| {
        if known.as_mut().is_some_and(|known| known.has_shown(index, time, &entry)) {
            duplicates += u64::from(judge.judges_entry(&entry));
            return Ok(());
        }
        judge.entry(&entry, u32::try_from(index).unwrap_or(u32::MAX))
    };
    if order.by_time {
        by_time(&mut streams, &mut judge_entry)?;
    } else {
        for (index, stream) in streams.iter_mut().enumerate() {
            while let Some(next) = stream.next() {
                judge_entry(index, next)?;
            }
        }
    }
    let mut merged = Merged { inputs: Vec::new(), errors: Vec::new(), duplicates };
    for (index, (stream, file)) in streams.into_iter().zip(names).enumerate() {
        let (input, error) = stream.end(file);
        merged.inputs.push(input);
        merged.errors.extend(error.map(|error| (index, error)));
    }
    Ok(merged)
}

/// Hands the entries of all streams over by time, those of one time in the order of the streams.
fn by_time(
    streams: &mut [Stream<'_>],
    judge: &mut impl FnMut(usize, Timed) -> io::Result<()>,
) -> io::Result<()> {
    let mut first: BTreeMap<(Option<Timestamp>, usize), Timed> = BTreeMap::new();
    for (index, stream) in streams.iter_mut().enumerate() {
        first.extend(stream.next().map(|next| ((next.time, index), next)));
    }
    while let Some(((_, index), timed)) = first.pop_first() {
        judge(index, timed)?;
        let next = streams.get_mut(index).and_then(Stream::next);
        first.extend(next.map(|next| ((next.time, index), next)));
    }
    Ok(())
}
