//! Threads that scan pieces and judge batches.
//!
//! The thread that owns the pool puts in pieces and batches, each in the order of the log, and takes out the results in the same
//! order. It also works itself, whenever the result that it needs is not there yet: a pool of one thread starts no other.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{mem, panic};

use cardsavr_protocol::conformance::{Finding, Group, Settings};
use memchr::memchr_iter;

use super::batch::{Batch, Division};
use super::entries::Reading;
use super::scan::{Scanned, Scanner, Unscanned};
use crate::input::pieces::SharedSource;
use crate::input::records;

/// A batch that the stage `link` has seen, with the ordinal of its first event.
#[derive(Debug)]
pub struct Linked {
    pub batch: Batch,
    pub ordinal: u64,
}

/// Findings, each with the index of its event in the batch.
pub type Found = Vec<(u32, Finding)>;

/// What was made of a piece.
#[derive(Debug)]
pub enum Piece {
    Scanned(Scanned),
    /// It was not scanned, since its result would not have been used.
    Raw(Unscanned),
}

impl Piece {
    /// The length of the content in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Scanned(scanned) => scanned.end,
            Self::Raw(unscanned) => unscanned.piece.end,
        }
    }
}

/// The pool.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// The number of threads to start: none start for one piece.
    wanted: usize,
    is_single: bool,
    /// Scans what the owner scans.
    scanner: Scanner,
}

struct Shared {
    state: Mutex<State>,
    /// There is something to do, or nothing any more.
    work: Condvar,
    /// Something is done, which the owner waits for.
    done: Condvar,
    settings: Settings,
    division: Division,
    /// Whether pieces are not scanned.
    is_raw: AtomicBool,
}

#[derive(Default)]
struct State {
    /// Pieces to scan, with their numbers.
    unscanned: VecDeque<(u64, Unscanned)>,
    pieces: InOrder<Option<Piece>>,
    groups: Vec<GroupQueue>,
    batches: InOrder<Judging>,
    /// The number of pieces and batches from which on no piece is read.
    most: usize,
    feed: Option<Feed>,
    /// For each thread, the batches whose memory it can use again.
    spare: Vec<Vec<Batch>>,
    /// How many threads wait for work, and whether the owner waits for anything.
    idle: usize,
    is_owner_waiting: bool,
    is_over: bool,
    has_failed: bool,
}

/// An input that the threads read, piece after piece.
struct Feed {
    /// `None` while a thread reads, and at the end.
    source: Option<SharedSource>,
    /// The state in which the next piece begins, if nothing goes on into it.
    from: records::State,
    input: u32,
    reading: Arc<Reading>,
    error: Option<io::Error>,
}

/// A group, and the batches that it has not judged yet.
struct GroupQueue {
    /// `None` while a thread judges with it.
    group: Option<Group>,
    batches: VecDeque<(u64, Arc<Linked>)>,
}

/// A batch that is judged.
struct Judging {
    linked: Arc<Linked>,
    found: Found,
    /// The number of groups that have yet to judge it.
    left: usize,
}

/// What is under way, in order: the first has the number `first`.
struct InOrder<T> {
    first: u64,
    items: VecDeque<T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { first: 0, items: VecDeque::new() }
    }
}

impl<T> InOrder<T> {
    /// Adds an item; gives its number.
    fn push(&mut self, item: T) -> u64 {
        self.items.push_back(item);
        self.first + self.items.len() as u64 - 1
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.items.get_mut(usize::try_from(number - self.first).ok()?)
    }

    /// Removes the first item, if it is done.
    fn pop_if(&mut self, is_done: impl FnOnce(&T) -> bool) -> Option<T> {
        self.items.front().filter(|item| is_done(item))?;
        self.first += 1;
        self.items.pop_front()
    }
}

enum Task {
    /// Reads a piece, into the memory of a batch, and scans it.
    Read(u64, SharedSource, Unread),
    Scan(u64, Unscanned),
    /// The group with this index judges batches.
    Judge(usize, Group, VecDeque<(u64, Arc<Linked>)>),
}

struct Unread {
    from: records::State,
    input: u32,
    reading: Arc<Reading>,
    batch: Batch,
}

enum Done {
    /// There was nothing to read.
    Nothing,
    Scanned(u64, Piece),
    Judged(usize, Group, Vec<(u64, Found)>),
}

impl State {
    /// The next task of a thread. It judges with the group of its own first, whose jobs are in the cache of its core, and with
    /// other groups last.
    fn next_task(&mut self, thread: usize) -> Option<Task> {
        let others = (0..self.groups.len()).filter(|&other| other != thread);
        self.next_judging(thread)
            .or_else(|| self.unscanned.pop_front().map(|(number, unscanned)| Task::Scan(number, unscanned)))
            .or_else(|| self.next_read(thread))
            .or_else(|| others.into_iter().find_map(|other| self.next_judging(other)))
    }

    fn next_judging(&mut self, index: usize) -> Option<Task> {
        let queue = self.groups.get_mut(index).filter(|queue| !queue.batches.is_empty())?;
        Some(Task::Judge(index, queue.group.take()?, mem::take(&mut queue.batches)))
    }

    fn next_read(&mut self, thread: usize) -> Option<Task> {
        if self.is_full() {
            return None;
        }
        let Feed { source, from, input, reading, .. } = self.feed.as_mut()?;
        let source = source.take()?;
        let spare = self.spare.get_mut(thread).and_then(Vec::pop);
        let mut batch = spare.unwrap_or_default();
        batch.home = Some(thread);
        let unread = Unread { from: *from, input: *input, reading: Arc::clone(reading), batch };
        Some(Task::Read(self.pieces.push(None), source, unread))
    }

    fn is_full(&self) -> bool {
        self.pieces.items.len() + self.batches.items.len() >= self.most
    }

    /// Whether all pieces of the input that the threads read were taken out.
    fn is_read(&self) -> bool {
        self.feed.as_ref().is_some_and(|feed| feed.source.is_none()) && self.pieces.items.is_empty()
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Nothing => {}
            Done::Scanned(number, piece) => {
                if let Some(slot) = self.pieces.get_mut(number) {
                    *slot = Some(piece);
                }
            }
            Done::Judged(index, group, judged) => {
                for (number, mut found) in judged {
                    if let Some(batch) = self.batches.get_mut(number) {
                        batch.found.append(&mut found);
                        batch.left -= 1;
                    }
                }
                if let Some(queue) = self.groups.get_mut(index) {
                    queue.group = Some(group);
                }
            }
        }
    }

    fn has_result(&self) -> bool {
        self.pieces.items.front().is_some_and(Option::is_some)
            || self.is_read()
            || self.batches.items.front().is_some_and(|batch| batch.left == 0)
    }
}

impl Shared {
    /// A thread that panics with the lock fails the whole check: see [`Alarm`].
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, task: Task, scanner: &mut Scanner) -> Done {
        match task {
            Task::Read(number, source, unread) => match self.read(source, unread) {
                Some(unscanned) => Done::Scanned(number, self.scan(unscanned, scanner)),
                None => Done::Nothing,
            },
            Task::Scan(number, unscanned) => Done::Scanned(number, self.scan(unscanned, scanner)),
            Task::Judge(index, mut group, batches) => {
                let mut findings = Vec::new();
                let judged = batches.into_iter().map(|(number, linked)| {
                    let mut found = Vec::new();
                    linked.batch.each_of(index, |event| {
                        let (index, ordinal) = (event.index(), linked.ordinal + event.index() as u64);
                        group.judge(event, ordinal, &self.settings, &mut findings);
                        if !findings.is_empty() {
                            let index = u32::try_from(index).unwrap_or(u32::MAX);
                            found.extend(findings.drain(..).map(|finding| (index, finding)));
                        }
                    });
                    (number, found)
                });
                let judged = judged.collect();
                Done::Judged(index, group, judged)
            }
        }
    }

    fn scan(&self, unscanned: Unscanned, scanner: &mut Scanner) -> Piece {
        if self.is_raw.load(Ordering::Relaxed) {
            Piece::Raw(unscanned)
        } else {
            Piece::Scanned(scanner.scan(unscanned, &self.division))
        }
    }

    /// Reads the next piece, and lets other threads read the one after it.
    fn read(&self, mut source: SharedSource, unread: Unread) -> Option<Unscanned> {
        let Unread { from, input, reading, mut batch } = unread;
        let piece = source.next(mem::take(&mut batch.bytes), true);
        let lines = piece
            .as_ref()
            .map_or(0, |piece| piece.as_ref().map_or(0, |piece| memchr_iter(b'\n', piece.content()).count()));
        let mut state = self.lock();
        let feed = state.feed.as_mut();
        if let Ok(Some(piece)) = piece {
            if let Some(feed) = feed {
                feed.from = records::State::at_line(from.line() + lines as u64);
                feed.source = Some(source).filter(|_| !piece.is_last);
            }
            let is_idle = state.idle > 0;
            drop(state);
            if is_idle {
                self.work.notify_one();
            }
            return Some(Unscanned { piece, from, input, reading, batch });
        }
        if let Some(feed) = feed {
            feed.error = piece.err();
        }
        // The number of the piece was the last one.
        state.pieces.items.pop_back();
        None
    }

    /// What a thread of the pool does.
    fn work(&self, thread: usize) {
        let _alarm = Alarm(self);
        let mut scanner = Scanner::default();
        let mut state = self.lock();
        while !state.is_over {
            if let Some(task) = state.next_task(thread) {
                drop(state);
                let done = self.run(task, &mut scanner);
                state = self.lock();
                state.finish(done);
                if state.is_owner_waiting && state.has_result() {
                    self.done.notify_one();
                }
            } else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

/// Wakes the owner if a thread panics: it must not wait for that thread's result.
struct Alarm<'s>(&'s Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().has_failed = true;
            self.0.done.notify_one();
        }
    }
}

impl Pool {
    /// A pool of a number of threads, the owner included. Each group is judged by one thread at a time.
    pub fn new(threads: usize, groups: Vec<Group>, settings: Settings, division: Division) -> Self {
        let queue = |group| GroupQueue { group: Some(group), batches: VecDeque::new() };
        let state = State {
            groups: groups.into_iter().map(queue).collect(),
            most: if threads <= 1 { 1 } else { 2 * threads + 2 },
            spare: (0..threads).map(|_| Vec::new()).collect(),
            ..State::default()
        };
        let shared = Shared {
            state: Mutex::new(state),
            work: Condvar::new(),
            done: Condvar::new(),
            settings,
            division,
            is_raw: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
            threads: Vec::new(),
            wanted: threads.saturating_sub(1),
            is_single: threads <= 1,
            scanner: Scanner::default(),
        }
    }

    /// Whether the owner is the only thread: then each piece is scanned and judged before the next one is put in.
    pub fn is_single(&self) -> bool {
        self.is_single
    }

    pub fn division(&self) -> &Division {
        &self.shared.division
    }

    /// Whether there is nothing in the pool.
    pub fn is_empty(&self) -> bool {
        let state = self.shared.lock();
        state.pieces.items.is_empty() && state.batches.items.is_empty()
    }

    /// Whether there are so many pieces and batches in the pool that no more should be put in: its memory is bounded.
    pub fn is_full(&self) -> bool {
        self.shared.lock().is_full()
    }

    /// Whether there are batches in the pool.
    pub fn is_judging(&self) -> bool {
        !self.shared.lock().batches.items.is_empty()
    }

    /// Sets whether pieces are given back as they are. What was put in before may be scanned.
    pub fn set_raw(&self, is_raw: bool) {
        self.shared.is_raw.store(is_raw, Ordering::Relaxed);
    }

    /// Lets the threads read an input.
    pub fn feed(&mut self, source: SharedSource, input: u32, reading: &Arc<Reading>) {
        let (source, reading) = (Some(source), Arc::clone(reading));
        let feed = Feed { source, from: records::State::START, input, reading, error: None };
        let mut state = self.shared.lock();
        state.feed = Some(feed);
        self.wake(state, 1);
    }

    /// Ends the reading of an input if all its pieces were taken out; the result is that of its reads.
    pub fn end_feed(&mut self) -> Option<io::Result<()>> {
        let mut state = self.shared.lock();
        let feed = if state.is_read() { state.feed.take() } else { None };
        feed.map(|feed| feed.error.map_or(Ok(()), Err))
    }

    /// Keeps the memory of a batch for the thread that used it.
    pub fn give_back(&mut self, batch: Batch, thread: usize) {
        if let Some(spare) = self.shared.lock().spare.get_mut(thread) {
            spare.push(batch);
        }
    }

    /// Puts in the next piece.
    pub fn scan(&mut self, unscanned: Unscanned) {
        let mut state = self.shared.lock();
        let number = state.pieces.push(None);
        state.unscanned.push_back((number, unscanned));
        self.wake(state, 1);
        if number > 0 {
            self.start();
        }
    }

    /// Puts in the next batch.
    pub fn judge(&mut self, linked: Linked) {
        let linked = Arc::new(linked);
        let mut state = self.shared.lock();
        let mut left = 0;
        let number = state.batches.push(Judging { linked: Arc::clone(&linked), found: Vec::new(), left });
        for (index, queue) in state.groups.iter_mut().enumerate() {
            if linked.batch.has_events_of(index) {
                queue.batches.push_back((number, Arc::clone(&linked)));
                left += 1;
            }
        }
        if let Some(judging) = state.batches.get_mut(number) {
            judging.left = left;
        }
        drop(linked);
        self.wake(state, left);
        if number > 0 {
            self.start();
        }
    }

    fn wake(&self, state: MutexGuard<'_, State>, tasks: usize) {
        let idle = state.idle;
        drop(state);
        (0..idle.min(tasks)).for_each(|_| self.shared.work.notify_one());
    }

    /// Starts the threads, once it is known that there is more than one piece.
    fn start(&mut self) {
        while self.threads.len() < self.wanted {
            let (shared, number) = (Arc::clone(&self.shared), self.threads.len() + 1);
            let builder = thread::Builder::new().name(format!("check {number}"));
            let Ok(thread) = builder.spawn(move || shared.work(number)) else {
                // There are as many as the system allows.
                self.wanted = self.threads.len();
                return;
            };
            self.threads.push(thread);
        }
    }

    /// The first piece that was put in, if it is scanned.
    pub fn scanned(&mut self) -> Option<Piece> {
        self.shared.lock().pieces.pop_if(Option::is_some).flatten()
    }

    /// The first batch that was put in, if it is judged, with what was found, in the order of the log and of the catalogue.
    pub fn judged(&mut self) -> Option<(Linked, Found)> {
        let Judging { linked, mut found, .. } = self.shared.lock().batches.pop_if(|batch| batch.left == 0)?;
        // Findings of one event are by one group.
        found.sort_by_key(|&(event, _)| event);
        // A thread gives its reference up before it says that it is done.
        Some((Arc::into_inner(linked)?, found))
    }

    /// Scans a piece at once.
    pub fn scan_now(&mut self, unscanned: Unscanned) -> Scanned {
        self.scanner.scan(unscanned, &self.shared.division)
    }

    /// Works until there is a result, or nothing to do.
    pub fn work_or_wait(&mut self) {
        let mut state = self.shared.lock();
        loop {
            if state.has_failed {
                drop(state);
                self.fail();
            }
            if state.has_result() {
                return;
            }
            if let Some(task) = state.next_task(0) {
                drop(state);
                let done = self.shared.run(task, &mut self.scanner);
                state = self.shared.lock();
                state.finish(done);
                let has_more = state.feed.as_ref().is_some_and(|feed| feed.source.is_some());
                if has_more && self.threads.len() < self.wanted {
                    drop(state);
                    self.start();
                    state = self.shared.lock();
                }
            } else if state.pieces.items.is_empty() && state.batches.items.is_empty() {
                return;
            } else {
                state.is_owner_waiting = true;
                state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.is_owner_waiting = false;
            }
        }
    }

    /// Panics as a thread of the pool has done.
    fn fail(&mut self) -> ! {
        match self.end().pop() {
            Some(panic) => panic::resume_unwind(panic),
            None => unreachable!("a thread that panics ends"),
        }
    }

    /// Ends all threads; gives the panics of those that have panicked.
    fn end(&mut self) -> Vec<Box<dyn std::any::Any + Send>> {
        self.shared.lock().is_over = true;
        self.shared.work.notify_all();
        self.threads.drain(..).filter_map(|thread| thread.join().err()).collect()
    }

    /// Ends the threads; gives the groups.
    pub fn into_groups(mut self) -> Vec<Group> {
        self.end();
        self.shared.lock().groups.drain(..).filter_map(|queue| queue.group).collect()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end();
    }
}
