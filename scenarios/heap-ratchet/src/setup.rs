//! What the variants share: the documents of an import, their summaries, and what the allocator says.

use std::array;
use std::borrow::Borrow;
#[expect(clippy::disallowed_types, reason = "a real site has one, and only a sum is made of it")]
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use labkit::sys::Heap;
use labkit::{Bench, checksum};
use ndarray::{Array1, ArrayView1};

/// A document has so many parts, each in a separate block.
pub(crate) const PARTS: usize = 16;

/// A block of this size or more has a separate map: what glibc begins with (mallopt(3), M_MMAP_THRESHOLD).
const MAPPED: usize = 128 << 10;

/// What is kept of a document: a checksum of each of its parts.
#[derive(Default)]
pub(crate) struct Summary([u64; PARTS]);

impl Summary {
    /// The summary of a document, in whatever blocks it is.
    pub(crate) fn of(document: &[Vec<f64>]) -> Self {
        let len = document.iter().map(Vec::len).sum::<usize>() / PARTS;
        let mut parts = document.iter().flat_map(|block| block.chunks(len));
        let mut next = || parts.next().map_or(0, |part| checksum(ArrayView1::from(part)));
        Summary(array::from_fn(|_| next()))
    }

    /// Adds that of a document.
    pub(crate) fn add(&mut self, document: &[Vec<f64>]) {
        for (sum, part) in self.0.iter_mut().zip(Summary::of(document).0) {
            *sum = sum.wrapping_add(part);
        }
    }

    /// The sum of many.
    pub(crate) fn sum(summaries: &[Summary]) -> Self {
        Summary(array::from_fn(|part| sum(summaries.iter().map(|summary| summary.0[part]))))
    }

    /// The number of each part.
    pub(crate) fn parts(&self) -> &[u64] {
        &self.0
    }

    /// One number for all parts.
    pub(crate) fn total(&self) -> u64 {
        sum(self.0.iter().copied())
    }
}

/// The first mark of all. It is as long as any other one.
const BEFORE: &str = "before the first import";

/// A counter for each page, by its number. For the first exercise.
#[expect(clippy::disallowed_types, reason = "a real site has one, and only a sum is made of it")]
pub(crate) type Counters = HashMap<usize, Box<Summary>>;

/// Reads documents, and says how far it is.
pub(crate) struct Import<'bench> {
    bench: &'bench Bench,
    numbers: Array1<f64>,
    /// What the allocator said before the first import.
    before: Option<Heap>,
    /// Blocks that are there so that the heap has no holes.
    #[expect(clippy::vec_box, reason = "each is to be a block of its own")]
    _settled: Vec<Box<Summary>>,
    read: AtomicUsize,
}

impl<'bench> Import<'bench> {
    /// Begins, and has the allocator map what it maps at first, and nothing else later.
    pub(crate) fn begin(bench: &'bench Bench) -> Self {
        labkit::sys::map_large_blocks(MAPPED);
        Import::begin_as_usual(bench)
    }

    /// Begins with the allocator as it is.
    pub(crate) fn begin_as_usual(bench: &'bench Bench) -> Self {
        let numbers = bench.array(bench.size("document_kib").div_ceil(1 << 10));
        let settled = settled();
        // The longest of the marks is the first. What is formatted for the others has its place in the heap then, and
        // it's none above the documents.
        bench.mark(BEFORE);
        Import { bench, numbers, before: labkit::sys::heap(), _settled: settled, read: AtomicUsize::new(0) }
    }

    /// How many documents an import has.
    pub(crate) fn each(&self) -> usize {
        self.bench.size("documents")
    }

    /// The imports, by their numbers.
    pub(crate) fn rounds(&self) -> Range<usize> {
        0..self.bench.size("imports")
    }

    /// How many documents all imports have.
    pub(crate) fn all(&self) -> usize {
        self.rounds().len() * self.each()
    }

    /// The numbers of the documents of an import.
    pub(crate) fn numbers(&self, round: usize) -> Range<usize> {
        let first = round * self.each();
        first..first + self.each()
    }

    /// How many bytes a part has.
    pub(crate) fn part_bytes(&self) -> usize {
        (self.bench.size("document_kib") << 10) / PARTS
    }

    /// Reads a document, each part into its own block.
    pub(crate) fn read(&self, number: usize) -> [Vec<f64>; PARTS] {
        let document = array::from_fn(|part| self.parts(number, part..part + 1));
        self.say();
        document
    }

    /// Reads a document into one block.
    pub(crate) fn read_whole(&self, number: usize) -> [Vec<f64>; 1] {
        let document = [self.parts(number, 0..PARTS)];
        self.say();
        document
    }

    fn parts(&self, number: usize, parts: Range<usize>) -> Vec<f64> {
        let len = self.part_bytes() / size_of::<f64>();
        let numbers = self.numbers.iter().skip(parts.start * len).take(parts.len() * len);
        let mut block = Vec::with_capacity(parts.len() * len);
        block.extend(numbers.map(|one| one + number as f64));
        block
    }

    fn say(&self) {
        self.bench.done(self.read.fetch_add(1, Ordering::Relaxed) + 1);
    }

    /// Says that all documents of an import are in memory, if it is the first one or the last one.
    pub(crate) fn is_in_memory(&self, round: usize) {
        self.mark(round, "first import in memory", "last import in memory");
    }

    /// Says that the documents of an import are dropped, and what the allocator has of them.
    pub(crate) fn is_dropped(&self, round: usize) {
        if let (Some(before), Some(heap)) = (self.before, labkit::sys::heap()) {
            self.bench.fact("kib_in_use", heap.in_use.saturating_sub(before.in_use) >> 10);
            self.bench.fact("kib_free", heap.free >> 10);
        }
        self.mark(round, "first import dropped", "last import dropped");
    }

    fn mark(&self, round: usize, first: &str, last: &str) {
        if round == 0 {
            self.bench.mark(first);
        } else if round + 1 == self.rounds().end {
            self.bench.mark(last);
        }
    }

    /// States the sum of all summaries: the same in any order.
    pub(crate) fn end(&self, summaries: impl IntoIterator<Item: Borrow<Summary>>) {
        self.bench.fact("checksum", sum(summaries.into_iter().map(|summary| summary.borrow().total())));
    }

    /// States the sum of all summaries, if it's also that of the reports.
    pub(crate) fn end_with_reports(&self, summaries: &[Summary], reports: &[Vec<u64>]) {
        let reported = sum(reports.iter().flatten().copied());
        let kept = sum(summaries.iter().map(Summary::total));
        self.bench.fact("checksum", if kept == reported { kept } else { 0 });
    }

    /// Reads the documents of an import with as many threads as there may be, and hands each to `work`.
    ///
    /// All of them begin before the first one reads, so that each has its own arena.
    pub(crate) fn in_threads<T: Send>(&self, round: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let count = self.bench.size("threads");
        let begun = Barrier::new(count);
        let (numbers, begun, work) = (self.numbers(round), &begun, &work);
        thread::scope(|scope| {
            let read = |thread: usize| {
                let own = numbers.clone().skip(thread).step_by(count);
                scope.spawn(move || {
                    // A thread has its arena from its first block on.
                    let mut results = Vec::with_capacity(own.len());
                    begun.wait();
                    results.extend(own.map(work));
                    results
                })
            };
            let threads: Vec<_> = (0..count).map(read).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no thread panics")).collect()
        })
    }
}

/// Small blocks, until the heap has no hole left that one fits into: as in a process that has been at work for a while.
///
/// A program that has just begun has holes, where it has read its arguments. They would be room for summaries, far
/// below the documents.
#[expect(clippy::vec_box, reason = "each is to be a block of its own")]
fn settled() -> Vec<Box<Summary>> {
    let Some(heap) = labkit::sys::heap() else { return Vec::new() };
    let mut blocks = Vec::with_capacity(heap.free as usize / size_of::<Summary>() + 1);
    let size = || labkit::sys::heap().map_or(0, |heap| heap.in_use + heap.free);
    let before = size();
    while blocks.len() < blocks.capacity() && size() == before {
        // One of zeros would come from calloc(3), which leaves what a thread has cached alone.
        blocks.push(Box::new(Summary([1; PARTS])));
    }
    blocks
}

/// The sum of numbers, wrapping.
fn sum(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, u64::wrapping_add)
}

/// Gives each import a thread. They take turns, and all of them are there to the end.
pub(crate) fn in_turn<T: Send>(import: &Import<'_>, turn: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (all_done, turn) = (&Barrier::new(import.rounds().len()), &turn);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for round in import.rounds() {
            let (done, is_done) = mpsc::channel();
            threads.push(scope.spawn(move || {
                let result = turn(round);
                drop(done);
                all_done.wait();
                result
            }));
            // Nothing is sent: what is waited for is the end of the turn.
            let _: Result<(), _> = is_done.recv();
        }
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    })
}
