//! What the variants share: the records, the pace of the two sides, and the count of what waits.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, SyncSender, TrySendError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use labkit::{Bench, Result, checksum};
use ndarray::{Array1, ArrayView1, s};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// So many records are made in the time in which one is handled.
const SLOWER: usize = 4;

/// One record or several, on their way from the producer to the consumer.
pub(crate) struct Message {
    numbers: Vec<f64>,
    records: usize,
    handled: usize,
    /// What is given back when the message is dropped.
    pub(crate) permit: Option<Permit>,
}

impl Message {
    /// How much memory it takes.
    pub(crate) fn kib(&self) -> usize {
        size_of_val(self.numbers.as_slice()).div_ceil(1 << 10)
    }

    /// The checksum of one record; `None` after the last one.
    fn next(&mut self) -> Option<u64> {
        let mut records = self.numbers.chunks(self.numbers.len() / self.records);
        let record = records.nth(self.handled)?;
        self.handled += 1;
        Some(checksum(ArrayView1::from(record)))
    }

    fn is_done(&self) -> bool {
        self.handled == self.records
    }
}

/// Makes the records, one after the other, and says when all are made.
pub(crate) struct Source<'bench> {
    bench: &'bench Bench,
    first: Array1<f64>,
    made: usize,
    each: usize,
}

/// The room, in numbers, for what the allocator writes in front of a block. With it a record fills whole pages, and not
/// one more, which may have 64 KiB.
const HEADER: usize = 4;

/// All records, each in a separate message.
pub(crate) fn records(bench: &Bench) -> Source<'_> {
    let kib = bench.size("record_kib");
    let len = (kib << 10) / size_of::<f64>() - HEADER;
    let first = bench.array(kib / 1024 + 1).slice(s![..len]).to_owned();
    // What is handled is to leave the process at once.
    labkit::sys::map_large_blocks(1 << 16);
    Source { bench, first, made: 0, each: 1 }
}

/// The same records, many in a message.
pub(crate) fn batches(bench: &Bench) -> Source<'_> {
    Source { each: bench.size("batch"), ..records(bench) }
}

impl Source<'_> {
    /// The record of this number.
    pub(crate) fn record(&self, number: usize) -> Message {
        self.message(number, 1)
    }

    fn message(&self, from: usize, records: usize) -> Message {
        let mut numbers = Vec::with_capacity(records * self.first.len());
        for record in from..from + records {
            numbers.extend(self.first.iter().map(|number| number + record as f64));
        }
        Message { numbers, records, handled: 0, permit: None }
    }
}

impl Iterator for Source<'_> {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        let records = self.each.min(self.bench.size("records") - self.made);
        if records == 0 {
            self.bench.mark("all made");
            return None;
        }
        let message = self.message(self.made, records);
        self.made += records;
        Some(message)
    }
}

/// The pace of the two sides, which is the same on each machine: they take turns.
///
/// The consumer handles one record each time that the producer has made so many, and as many as it likes
/// while the producer has to wait. Neither of them looks at a clock.
pub(crate) struct Pace {
    turns: Mutex<Turns>,
    changed: Condvar,
}

#[derive(Default)]
struct Turns {
    /// How many records were made, were sent, and were handled.
    made: usize,
    sent: usize,
    handled: usize,
    /// How many records must be handled before the next one is sent.
    due: usize,
    /// Whether the producer has to wait, and whether it has made all.
    waits: bool,
    is_finished: bool,
    /// Whether the consumer is about to take a message.
    takes: bool,
    /// How many records wait, and the most that ever did.
    waiting: isize,
    most: isize,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Pace { turns: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits in the producer: meanwhile the consumer may handle what it likes.
    pub(crate) fn wait<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.change(|turns| turns.waits = true);
        let result = wait();
        self.change(|turns| turns.waits = false);
        result
    }

    /// Lets the consumer have all turns from here on.
    pub(crate) fn finish(&self) {
        self.change(|turns| turns.is_finished = true);
    }

    /// Counts records that have been sent.
    pub(crate) fn sent(&self, records: usize) {
        let mut turns = self.when(|turns| !turns.takes);
        turns.sent += records;
        turns.waiting += records.cast_signed();
        turns.most = turns.most.max(turns.waiting);
    }

    /// Takes a message, and counts that its records wait no longer.
    pub(crate) fn take(&self, take: impl FnOnce() -> Option<Message>) -> Option<Message> {
        self.change(|turns| turns.takes = true);
        let message = take();
        let records = message.as_ref().map_or(0, |message| message.records);
        self.change(|turns| {
            turns.waiting -= records.cast_signed();
            turns.takes = false;
        });
        message
    }

    /// States the most records that ever waited, and how much that is.
    pub(crate) fn state(&self, bench: &Bench, checksum: u64) {
        let most = self.turns().most.cast_unsigned();
        bench.fact("records_waiting", most as u64);
        bench.fact("kib_waiting", (most * bench.size("record_kib")) as u64);
        bench.fact("checksum", checksum);
        bench.mark("all handled");
    }

    /// Waits until as much is handled as is handled in the time in which so many records are made.
    fn make(&self, records: usize) {
        self.change(|turns| {
            turns.made += records;
            turns.due = (turns.made / SLOWER).min(turns.sent);
        });
        drop(self.when(|turns| turns.handled >= turns.due));
    }

    /// Handles one record when it is the consumer's turn.
    fn turn<T>(&self, handle: impl FnOnce() -> T) -> T {
        // A record that isn't there yet is nobody's turn.
        let is_turn =
            |turns: &Turns| turns.handled < turns.sent && (turns.waits || turns.handled < turns.due);
        drop(self.when(|turns| turns.is_finished || is_turn(turns)));
        let result = handle();
        self.change(|turns| turns.handled += 1);
        result
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().expect("nobody panics while it holds the turns")
    }

    fn change(&self, change: impl FnOnce(&mut Turns)) {
        change(&mut self.turns());
        self.changed.notify_all();
    }

    fn when(&self, is_so: impl Fn(&Turns) -> bool) -> MutexGuard<'_, Turns> {
        let turns = self.changed.wait_while(self.turns(), |turns| !is_so(turns));
        turns.expect("nobody panics while it holds the turns")
    }
}

/// Makes all messages, and hands each of them to `send` at the producer's pace.
pub(crate) fn produce(pace: &Pace, source: Source<'_>, mut send: impl FnMut(Message)) {
    for message in source {
        let records = message.records;
        pace.make(records);
        send(message);
        pace.sent(records);
    }
    drop(send);
    pace.finish();
}

/// Handles all messages at the consumer's pace, and returns the sum of their checksums.
pub(crate) fn consume(bench: &Bench, pace: &Pace, messages: impl IntoIterator<Item = Message>) -> u64 {
    let mut messages = messages.into_iter();
    let tally = Tally::default();
    let mut hand = None;
    while pace.turn(|| {
        hand = hand.take().or_else(|| pace.take(|| messages.next()));
        handle_one(&tally, &mut hand)
    }) {
        tally.say(bench);
    }
    tally.sum()
}

/// Handles one message at the consumer's pace, in the thread that calls this.
pub(crate) fn handle(bench: &Bench, pace: &Pace, tally: &Tally, message: Message) {
    let mut waits = Some(message);
    let mut hand = None;
    while hand.is_some() || waits.is_some() {
        pace.turn(|| {
            hand = hand.take().or_else(|| pace.take(|| waits.take()));
            handle_one(tally, &mut hand);
        });
        tally.say(bench);
    }
}

/// Handles a record of the message in hand, and drops the message after its last one.
fn handle_one(tally: &Tally, hand: &mut Option<Message>) -> bool {
    let Some(message) = hand else { return false };
    if let Some(checksum) = message.next() {
        tally.add(checksum);
    }
    if message.is_done() {
        *hand = None;
    }
    true
}

/// What has been handled: how many records, and the sum of their checksums.
#[derive(Default)]
pub(crate) struct Tally {
    records: AtomicUsize,
    sum: AtomicU64,
}

impl Tally {
    /// Counts a record.
    fn add(&self, checksum: u64) {
        self.sum.fetch_add(checksum, Ordering::Relaxed);
        self.records.fetch_add(1, Ordering::Relaxed);
    }

    /// Says how many records are done.
    fn say(&self, bench: &Bench) {
        bench.done(self.records.load(Ordering::Relaxed));
    }

    /// The sum of all checksums: the same in any order.
    pub(crate) fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }
}

/// The producer's end of a channel.
pub(crate) trait Outlet {
    /// Sends a message, and lets the consumer go on if this has to wait.
    fn send_at(&self, pace: &Pace, message: Message);
}

impl Outlet for Sender<Message> {
    fn send_at(&self, _: &Pace, message: Message) {
        self.send(message).expect("the consumer takes all messages");
    }
}

impl Outlet for SyncSender<Message> {
    fn send_at(&self, pace: &Pace, message: Message) {
        let sent = self.try_send(message).or_else(|error| match error {
            TrySendError::Full(message) => pace.wait(|| self.send(message)),
            TrySendError::Disconnected(_) => panic!("the consumer takes all messages"),
        });
        sent.expect("the consumer takes all messages");
    }
}

/// A number of permits: whoever finds too few left waits until some are given back.
#[derive(Clone)]
pub(crate) struct Permits {
    left: Arc<(Mutex<usize>, Condvar)>,
}

/// Permits that were taken. They are given back when this is dropped.
pub(crate) struct Permit {
    permits: Permits,
    count: usize,
}

impl Permits {
    pub(crate) fn new(count: usize) -> Self {
        Permits { left: Arc::new((Mutex::new(count), Condvar::new())) }
    }

    /// Takes so many permits, and lets the consumer go on if this has to wait.
    pub(crate) fn take(&self, pace: &Pace, count: usize) -> Permit {
        if !self.take_now(count) {
            pace.wait(|| self.take_when_free(count));
        }
        Permit { permits: self.clone(), count }
    }

    fn take_now(&self, count: usize) -> bool {
        let mut left = self.left();
        let rest = left.checked_sub(count);
        *left = rest.unwrap_or(*left);
        rest.is_some()
    }

    fn take_when_free(&self, count: usize) {
        let left = self.left.1.wait_while(self.left(), |left| *left < count);
        *left.expect("nobody panics while it counts permits") -= count;
    }

    fn left(&self) -> MutexGuard<'_, usize> {
        self.left.0.lock().expect("nobody panics while it counts permits")
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.permits.left() += self.count;
        self.permits.left.1.notify_one();
    }
}

/// A pool with one thread, for the first exercise.
pub(crate) fn pool() -> Result<ThreadPool> {
    Ok(ThreadPoolBuilder::new().num_threads(1).build()?)
}

/// Sends an answer to each request: the record that is asked for. For the second exercise.
pub(crate) fn answer(
    source: &Source<'_>,
    pace: &Pace,
    requests: impl IntoIterator<Item = usize>,
    send: impl Fn(Message),
) {
    for request in requests {
        send(source.record(request));
        pace.sent(1);
    }
}

/// Handles an answer. For the second exercise.
pub(crate) fn take_answer(bench: &Bench, pace: &Pace, tally: &Tally, answer: Message) {
    let mut hand = pace.take(|| Some(answer));
    handle_one(tally, &mut hand);
    tally.say(bench);
}
