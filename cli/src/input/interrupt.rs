//! An interrupt by the user (Ctrl-C): the check stops where it is, and what was found so far is reported.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::progress::Progress;
use super::unpacked::Unpacked;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// How many chunks are read ahead.
const AHEAD: usize = 2;

/// The exit status of a process that SIGINT ended, as shells have it.
pub const STATUS: u8 = 130;

/// The reason why an input was not read on: the user interrupted it.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupted {
    /// Whether an error of reading is this one.
    pub fn is(error: &io::Error) -> bool {
        let Some(inner) = error.get_ref() else { return false };
        inner.is::<Self>()
    }
}

/// What there is to wait for while an input is read.
enum Event {
    Read(io::Result<Vec<u8>>),
    /// Whoever waits for a chunk waits no longer.
    Interrupted,
}

/// Inputs whose reading can be interrupted, also while nothing comes from them: a thread reads each, since the read of a terminal
/// or a pipe can't be called off.
pub struct Inputs {
    is_interrupted: Arc<AtomicBool>,
    events: Receiver<Event>,
    sender: SyncSender<Event>,
    progress: Progress,
}

impl Inputs {
    /// From now on an interrupt by the user no longer ends the process; a second one does.
    pub fn new(progress: Progress) -> Self {
        let (sender, events) = sync_channel(AHEAD);
        let is_interrupted = Arc::new(AtomicBool::new(false));
        let (flag, waker) = (Arc::clone(&is_interrupted), sender.clone());
        // Where no handler can be set, an interrupt ends the process as it always does.
        _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(STATUS.into());
            }
            // If there is no room, a chunk is there, and whoever takes it looks at the flag.
            _ = waker.try_send(Event::Interrupted);
        });
        Self { is_interrupted, events, sender, progress }
    }

    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted.load(Ordering::SeqCst)
    }

    /// Whether the user wants no notes beside the report.
    pub fn is_quiet(&self) -> bool {
        self.progress.is_quiet()
    }

    /// Standard input.
    pub fn stdin(&self) -> Chunks<'_> {
        let progress = self.progress.clone();
        self.read(move || progress.count(io::stdin().lock()))
    }

    /// A file.
    pub fn file(&self, file: File) -> Chunks<'_> {
        let file = self.progress.count(file);
        self.read(|| file)
    }

    /// A file that is read on the thread that asks for it: an interrupt is seen when that asks for more.
    pub fn direct(&self, file: File) -> impl Read + '_ {
        Direct { inputs: self, file: Unpacked::new(self.progress.count(file)) }
    }

    fn read<R: Read>(&self, open: impl FnOnce() -> R + Send + 'static) -> Chunks<'_> {
        let sender = self.sender.clone();
        let (used, spare) = sync_channel(AHEAD);
        thread::spawn(move || {
            let mut input = Unpacked::new(open());
            loop {
                let chunk = read_chunk(&mut input, spare.try_recv().unwrap_or_default());
                let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
                // Nobody takes it where the check has ended.
                if sender.send(Event::Read(chunk)).is_err() || is_last {
                    return;
                }
            }
        });
        Chunks { inputs: self, used, chunk: Vec::new(), passed: 0, is_at_end: false }
    }
}

/// What comes next of an input, in a vector that was used before; nothing at its end.
fn read_chunk(input: &mut impl Read, mut chunk: Vec<u8>) -> io::Result<Vec<u8>> {
    chunk.resize(CHUNK, 0);
    loop {
        match input.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => {
                chunk.truncate(read?);
                return Ok(chunk);
            }
        }
    }
}

/// An input as its chunks come in.
pub struct Chunks<'i> {
    inputs: &'i Inputs,
    /// Where chunks go back to that were passed on.
    used: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    /// How much of the chunk was passed on.
    passed: usize,
    is_at_end: bool,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.inputs.is_interrupted() {
                return Err(io::Error::other(Interrupted));
            }
            let mut rest = self.chunk.get(self.passed..).unwrap_or_default();
            if self.is_at_end || !rest.is_empty() {
                let read = rest.read(buffer)?;
                self.passed += read;
                return Ok(read);
            }
            // The sender that is kept here never hangs up.
            if let Ok(Event::Read(chunk)) = self.inputs.events.recv() {
                self.is_at_end = chunk.as_ref().map_or(true, Vec::is_empty);
                // There is always room for it, or nobody reads any more.
                _ = self.used.try_send(std::mem::replace(&mut self.chunk, chunk?));
                self.passed = 0;
            }
        }
    }
}

/// A file, read by whoever asks for it.
struct Direct<'i, R: Read> {
    inputs: &'i Inputs,
    file: Unpacked<R>,
}

impl<R: Read> Read for Direct<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inputs.is_interrupted() {
            return Err(io::Error::other(Interrupted));
        }
        self.file.read(buffer)
    }
}
