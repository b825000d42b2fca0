//! The stages `link` and `merge`, and what is between the threads and the output.

use std::io;
use std::mem;
use std::sync::Arc;

use cardsavr_protocol::conformance::{Checker, Finding, Severity, Stages};
use cardsavr_protocol::wire::{Block, EventKind, JobId};

use super::batch::{Batch, Division, Excerpts};
use super::entries::Entry;
use super::output::Output;
use super::pool::{Found, Linked, Pool};
use super::selection::Selection;

/// The number of entries that are judged together.
const TOGETHER: usize = 256;

/// Judges batches in the order of the log, and gives an output what is found.
///
/// When it is dropped, the checker goes on from what was judged.
pub struct Judge<'j> {
    checker: &'j mut Checker,
    output: &'j mut dyn Output,
    /// Whether the output observes the events, too.
    observes: bool,
    /// The stages, without the groups, which are in the pool. Both are `None` until the first batch.
    stages: Option<(Stages, Pool)>,
    threads: usize,
    selection: Arc<Selection>,
    /// The names of the inputs.
    names: Vec<String>,
    /// Entries that are not judged yet.
    pending: Batch,
    /// Batches whose memory can be used again.
    spare: Vec<Batch>,
    buffers: Vec<Vec<u8>>,
    /// The number of errors reported.
    errors: u64,
    /// Whether the output has failed: it gets nothing more.
    has_failed: bool,
}

impl<'j> Judge<'j> {
    /// Judges all jobs, on one thread.
    pub fn new(checker: &'j mut Checker, output: &'j mut dyn Output) -> Self {
        let observes = output.observes();
        Self {
            checker,
            output,
            observes,
            stages: None,
            threads: 1,
            selection: Arc::default(),
            names: Vec::new(),
            pending: Batch::default(),
            spare: Vec::new(),
            buffers: Vec::new(),
            errors: 0,
            has_failed: false,
        }
    }

    /// Judges these jobs only, if there are any, and what has no job.
    #[must_use]
    pub fn only(mut self, jobs: &[JobId]) -> Self {
        self.selection = Arc::new(Selection::new(jobs));
        self
    }

    /// Uses so many threads. The results don't depend on their number.
    #[must_use]
    pub fn on_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets the name of an input.
    pub fn name(&mut self, input: u32, file: &str) {
        let input = input as usize;
        if self.names.len() <= input {
            self.names.resize(input + 1, String::new());
        }
        if let Some(name) = self.names.get_mut(input) {
            file.clone_into(name);
        }
    }

    /// The number of findings of severity error that were given to the output until now.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// The jobs that were named to be judged and of which there was nothing.
    pub fn missing_jobs(&self) -> impl Iterator<Item = &JobId> {
        self.selection.missing()
    }

    /// An empty batch.
    pub(super) fn spare(&mut self) -> Batch {
        self.spare.pop().unwrap_or_default()
    }

    /// Keeps the memory of a batch.
    pub(super) fn recycle(&mut self, mut batch: Batch) {
        batch.clear();
        if let Some(thread) = batch.home {
            return self.pool().give_back(batch, thread);
        }
        self.buffers.push(mem::take(&mut batch.bytes));
        self.spare.push(batch);
    }

    /// A buffer for a piece.
    pub(super) fn spare_buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Keeps the memory of a piece.
    pub(super) fn keep_buffer(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }

    fn start(&mut self) -> &mut (Stages, Pool) {
        let Self { checker, stages, threads, selection, .. } = self;
        stages.get_or_insert_with(|| {
            let mut stages = mem::take(&mut **checker).into_stages(*threads);
            let groups = mem::take(&mut stages.groups);
            let division = Division { groups: groups.len(), selection: Arc::clone(selection) };
            let pool = Pool::new(*threads, groups, stages.settings.clone(), division);
            (stages, pool)
        })
    }

    pub(super) fn pool(&mut self) -> &mut Pool {
        &mut self.start().1
    }

    /// Judges the next batch of the log: links it, and gives it to the pool.
    pub(super) fn batch(&mut self, mut batch: Batch) {
        if batch.block.is_empty() {
            return self.recycle(batch);
        }
        let selection = Arc::clone(&self.selection);
        let (stages, pool) = self.start();
        stages.linker.link(&mut batch.block, &stages.settings);
        for event in batch.block.with_texts().filter(|event| selection.wants_event(event)) {
            stages.unknown.count(&event, stages.settings.max_unknown_words);
        }
        batch.divide_linked(pool.division());
        let ordinal = stages.events;
        stages.events += batch.block.len() as u64;
        pool.judge(Linked { batch, ordinal });
    }

    /// Entries that are not judged yet: [`flush`](Self::flush).
    pub(super) fn pending(&mut self) -> &mut Batch {
        &mut self.pending
    }

    /// Judges the pending entries.
    pub(super) fn flush(&mut self) {
        if self.pending.block.is_empty() {
            return;
        }
        let spare = self.spare();
        let mut batch = mem::replace(&mut self.pending, spare);
        batch.divide(&self.pool().division().clone());
        self.batch(batch);
    }

    /// Judges an entry of an input, soon.
    pub fn entry(&mut self, entry: &Entry<'_>, input: u32) -> io::Result<()> {
        self.pending.push_owned(entry, input);
        if self.threads == 1 {
            return self.drain();
        }
        if self.pending.block.len() >= TOGETHER {
            self.flush();
            while self.pool().is_full() {
                self.pool().work_or_wait();
                self.print()?;
            }
        }
        Ok(())
    }

    /// Whether an entry is of a job that is judged.
    pub fn judges_entry(&mut self, entry: &Entry<'_>) -> bool {
        if self.selection.is_all() {
            return true;
        }
        // The job may be that of a request just before.
        self.flush();
        let mut block = Block::default();
        entry.push(&mut block, 0);
        let linker = &self.start().0.linker;
        let job = block.get(0).and_then(|event| linker.job_of(&event));
        self.selection.wants(job.as_ref())
    }

    /// Gives the output what is judged, as far as it is the next of the log.
    pub(super) fn print(&mut self) -> io::Result<()> {
        while let Some((Linked { batch, .. }, found)) = self.pool().judged() {
            let printed = self.print_batch(&batch, found);
            self.recycle(batch);
            self.has_failed |= printed.is_err();
            printed?;
        }
        Ok(())
    }

    fn print_batch(&mut self, batch: &Batch, found: Found) -> io::Result<()> {
        let Self { output, names, errors, .. } = self;
        let mut excerpts = Excerpts::of(batch);
        let mut print = |output: &mut dyn Output, event: u32, finding: &Finding| {
            *errors += u64::from(finding.severity == Severity::Error);
            let file = names.get(finding.position.input as usize).map_or("", String::as_str);
            output.finding(finding, file, excerpts.next(event, finding))
        };
        let mut found = found.into_iter().peekable();
        if self.observes {
            for (event, index) in batch.block.iter().zip(0..) {
                if event.kind != EventKind::Malformed && self.selection.wants_event(&event) {
                    output.observe(&event);
                }
                while let Some((_, finding)) = found.next_if(|(event, _)| *event == index) {
                    print(*output, index, &finding)?;
                }
            }
        }
        found.try_for_each(|(event, finding)| print(*output, event, &finding))
    }

    /// Judges all that is pending, and gives the output what is found.
    pub fn drain(&mut self) -> io::Result<()> {
        self.flush();
        loop {
            self.print()?;
            if !self.pool().is_judging() {
                return Ok(());
            }
            self.pool().work_or_wait();
        }
    }
}

impl Drop for Judge<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        if !self.has_failed {
            _ = self.drain();
        }
        if let Some((mut stages, pool)) = self.stages.take() {
            stages.groups = pool.into_groups();
            *self.checker = stages.into();
        }
    }
}
