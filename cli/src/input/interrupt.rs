//! Interrupts by the user (Ctrl-C): reading stops, and the findings so far are reported.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use indicatif::ProgressBarIter;

use super::decompress::{Decompressed, is_compressed};
use super::pieces::{FilePieces, Piece, Pieces, SIZE, Source};
use super::progress::Progress;

/// The number of pieces read ahead.
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
    Read(io::Result<Option<Piece>>),
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
        self.read_by_thread(move || Pieces::new(Decompressed::new(progress.count(io::stdin().lock())), SIZE))
    }

    /// A file. The current thread reads it, unless reads may wait or the file is compressed.
    pub fn file(&self, mut file: File) -> Box<dyn Source + '_> {
        let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        if is_regular && !is_compressed(&mut file) {
            return Box::new(FilePieces::new(self.direct(file), SIZE));
        }
        let file = Decompressed::new(self.progress.count(file));
        Box::new(self.read_by_thread(move || {
            if is_regular { Pieces::of_file(file, SIZE) } else { Pieces::new(file, SIZE) }
        }))
    }

    /// A file read on the current thread; an interrupt takes effect at the next read.
    pub fn direct(&self, file: File) -> DirectFile {
        let file = Decompressed::new(self.progress.count(file));
        DirectFile { is_interrupted: Arc::clone(&self.is_interrupted), file }
    }

    fn read_by_thread<S: Source>(&self, open: impl FnOnce() -> S + Send + 'static) -> Chunks<'_> {
        let sender = self.sender.clone();
        let (used, spare) = sync_channel(AHEAD);
        thread::spawn(move || {
            let mut input = open();
            loop {
                let piece = input.next(spare.try_recv().unwrap_or_default(), true);
                let is_last = !matches!(&piece, Ok(Some(piece)) if !piece.is_last);
                // The receiver is gone if the check has ended.
                if sender.send(ReadEvent::Read(piece)).is_err() || is_last {
                    return;
                }
            }
        });
        Chunks { inputs: self, used }
    }
}

/// An input read by another thread.
pub struct Chunks<'i> {
    inputs: &'i Inputs,
    /// Returns used buffers to the reading thread.
    used: SyncSender<Vec<u8>>,
}

impl Source for Chunks<'_> {
    fn next(&mut self, buffer: Vec<u8>, may_wait: bool) -> io::Result<Option<Piece>> {
        // An error means that the thread has ended, or has enough of them.
        _ = self.used.try_send(buffer);
        loop {
            if self.inputs.is_interrupted() {
                return Err(io::Error::other(Interrupted));
            }
            let events = &self.inputs.events;
            // Waiting is never an error: `inputs` keeps a sender.
            let event = if may_wait { events.recv().ok() } else { events.try_recv().ok() };
            match event {
                Some(ReadEvent::Read(piece)) => return piece,
                Some(ReadEvent::Interrupted) => {}
                None => return Ok(None),
            }
        }
    }
}

/// A file read on the current thread.
pub struct DirectFile {
    is_interrupted: Arc<AtomicBool>,
    file: Decompressed<ProgressBarIter<File>>,
}

impl Read for DirectFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_interrupted.load(Ordering::SeqCst) {
            return Err(io::Error::other(Interrupted));
        }
        self.file.read(buffer)
    }
}
