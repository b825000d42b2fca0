//! Interrupts by the user (Ctrl-C): reading stops, and the findings so far are reported.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::decompress::Decompressed;
use super::progress::Progress;

/// The number of bytes read at once.
const CHUNK: usize = 256 << 10;

/// The number of chunks read ahead.
const AHEAD: usize = 2;

/// The exit status of a process ended by SIGINT, as shells report it.
pub const STATUS: u8 = 130;

/// The error of reading an input after an interrupt.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupted {
    /// Whether an error of reading is an interrupt.
    pub fn is(error: &io::Error) -> bool {
        let Some(inner) = error.get_ref() else { return false };
        inner.is::<Self>()
    }
}

/// An event that the reader of an input waits for.
enum ReadEvent {
    Read(io::Result<Vec<u8>>),
    /// Wakes a waiting reader.
    Interrupted,
}

/// Opens inputs whose reading can be interrupted even while it blocks: a thread reads each of them, since a blocking read of a
/// terminal or pipe can't be cancelled.
pub struct Inputs {
    is_interrupted: Arc<AtomicBool>,
    events: Receiver<ReadEvent>,
    sender: SyncSender<ReadEvent>,
    progress: Progress,
}

impl Inputs {
    /// Installs the handler: the first interrupt ends reading, the second one the process.
    pub fn new(progress: Progress) -> Self {
        let (sender, events) = sync_channel(AHEAD);
        let is_interrupted = Arc::new(AtomicBool::new(false));
        let (flag, waker) = (Arc::clone(&is_interrupted), sender.clone());
        // Without a handler, an interrupt ends the process.
        _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(STATUS.into());
            }
            // If the channel is full, its reader is awake and looks at the flag.
            _ = waker.try_send(ReadEvent::Interrupted);
        });
        Self { is_interrupted, events, sender, progress }
    }

    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted.load(Ordering::SeqCst)
    }

    /// Whether messages beside the report are off.
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

    /// A file read on the current thread; an interrupt takes effect at the next read.
    pub fn direct(&self, file: File) -> impl Read + '_ {
        DirectFile { inputs: self, file: Decompressed::new(self.progress.count(file)) }
    }

    fn read<R: Read>(&self, open: impl FnOnce() -> R + Send + 'static) -> Chunks<'_> {
        let sender = self.sender.clone();
        let (used, spare) = sync_channel(AHEAD);
        thread::spawn(move || {
            let mut input = Decompressed::new(open());
            loop {
                let chunk = read_chunk(&mut input, spare.try_recv().unwrap_or_default());
                let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
                // The receiver is gone if the check has ended.
                if sender.send(ReadEvent::Read(chunk)).is_err() || is_last {
                    return;
                }
            }
        });
        Chunks { inputs: self, used, chunk: Vec::new(), position: 0, is_at_end: false }
    }
}

/// Reads the next chunk into a reused vector; it is empty at the end of the input.
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

/// An input read in chunks.
pub struct Chunks<'i> {
    inputs: &'i Inputs,
    /// Returns used chunks to the reading thread.
    used: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    /// The number of bytes of the chunk that were read.
    position: usize,
    is_at_end: bool,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.inputs.is_interrupted() {
                return Err(io::Error::other(Interrupted));
            }
            let mut rest = self.chunk.get(self.position..).unwrap_or_default();
            if self.is_at_end || !rest.is_empty() {
                let read = rest.read(buffer)?;
                self.position += read;
                return Ok(read);
            }
            // Never an error: `inputs` keeps a sender.
            if let Ok(ReadEvent::Read(chunk)) = self.inputs.events.recv() {
                self.is_at_end = chunk.as_ref().map_or(true, Vec::is_empty);
                // An error means that the thread has ended.
                _ = self.used.try_send(std::mem::replace(&mut self.chunk, chunk?));
                self.position = 0;
            }
        }
    }
}

/// A file read on the current thread.
struct DirectFile<'i, R: Read> {
    inputs: &'i Inputs,
    file: Decompressed<R>,
}

impl<R: Read> Read for DirectFile<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inputs.is_interrupted() {
            return Err(io::Error::other(Interrupted));
        }
        self.file.read(buffer)
    }
}
