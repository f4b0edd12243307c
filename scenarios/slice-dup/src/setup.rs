//! What the variants share: the parts of the array, the tasks, and the pools that run them.

use std::iter::repeat_n;
use std::ops::Range;
use std::sync::Mutex;

use labkit::{Bench, Result, checksum};
use labpool::{Array, Entry, Key, Options, Pool, Task};
use ndarray::s;
use rayon::ThreadPoolBuilder;
use rayon::iter::{ParallelBridge, ParallelIterator};

/// What the workers can do.
pub(crate) const TASKS: &[Entry] =
    &[Entry::of::<SumOfSlice>(), Entry::of::<SumOfPart>(), Entry::of::<SumOfPair>(), Entry::of::<Growth>()];

/// Reads every number of a slice.
pub(crate) struct SumOfSlice;

impl Task for SumOfSlice {
    const NAME: &'static str = "sum of slice";
    type Args = Array;
    type Output = u64;

    fn run(slice: Array) -> u64 {
        checksum(slice.view())
    }
}

/// Is given a whole array, and reads every number of a part of it.
pub(crate) struct SumOfPart;

impl Task for SumOfPart {
    const NAME: &'static str = "sum of part";
    type Args = (Array, Range<usize>);
    type Output = u64;

    fn run((array, part): (Array, Range<usize>)) -> u64 {
        checksum(array.slice(s![part]).view())
    }
}

/// Reads every number of two slices.
pub(crate) struct SumOfPair;

impl Task for SumOfPair {
    const NAME: &'static str = "sum of pair";
    type Args = (Array, Array);
    type Output = u64;

    fn run((left, right): (Array, Array)) -> u64 {
        checksum(left.view()).wrapping_add(checksum(right.view()))
    }
}

/// Reads every number of a slice, and of what it has grown from: what is new in it?
pub(crate) struct Growth;

impl Task for Growth {
    const NAME: &'static str = "growth";
    type Args = (Array, Array);
    type Output = u64;

    fn run((grown, before): (Array, Array)) -> u64 {
        checksum(grown.view()).wrapping_sub(checksum(before.view()))
    }
}

/// The parts of the array: as many as there are `slices`, one after the other.
pub(crate) fn parts(bench: &Bench) -> impl Iterator<Item = Range<usize>> {
    let (mib, slices) = (bench.size("array_mib"), bench.size("slices"));
    let len = mib * (1 << 20) / size_of::<f64>();
    (0..slices).map(move |slice| slice * len / slices..(slice + 1) * len / slices)
}

/// The parts of the array two by two, for the exercise.
pub(crate) fn pairs(bench: &Bench) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let right = parts(bench).skip(1);
    parts(bench).zip(right).step_by(2)
}

/// Each item, and clones of it, until there are `repeats` of it; then the next.
pub(crate) fn repeated<T: Clone>(bench: &Bench, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let repeats = bench.size("repeats");
    items.flat_map(move |item| repeat_n(item, repeats))
}

/// A pool that takes for the same array what `key` says.
pub(crate) fn pool(bench: &Bench, key: Key) -> Result<Pool> {
    Ok(Pool::start(Options {
        workers: bench.size("workers"),
        threshold: Some(bench.size("threshold_kib") << 10),
        folder: Some(bench.shm().to_owned()),
        key,
        ..Options::default()
    })?)
}

/// Writes the array to a file in the pool's folder, which is cleared with it, and maps that file.
///
/// The array on the heap is dropped. It is larger than glibc's M_MMAP_THRESHOLD, which nothing has
/// raised before, so its memory goes back to the system at once (mallopt(3)).
pub(crate) fn moved_to_file(array: Array, pool: &Pool) -> Result<Array> {
    let path = pool.folder().join("array.f64");
    array.write_file(&path)?;
    Ok(Array::map_file(&path, 0, array.view().raw_dim())?)
}

/// Runs the tasks in the workers of a pool, and adds their results up.
pub(crate) fn work<T: Task<Output = u64>>(
    bench: &Bench,
    pool: &mut Pool,
    tasks: impl Iterator<Item = T::Args>,
) -> Result<u64> {
    let mut sum = 0_u64;
    // In the order in which they end, so that one slow worker does not hold back the count.
    for (done, result) in (1..).zip(pool.run_unordered::<T>(tasks)) {
        sum = sum.wrapping_add(result?);
        bench.done(done);
    }
    Ok(sum)
}

/// The same for the exercises: it also states how many files the pool wrote, how it knows an array, and what the
/// workers computed.
pub(crate) fn work_counted<T: Task<Output = u64>>(
    bench: &Bench,
    pool: &mut Pool,
    tasks: impl Iterator<Item = T::Args>,
) -> Result {
    let sum = work::<T>(bench, pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("known_by_content", u64::from(pool.key() == Key::Content));
    bench.fact("known_by_range", u64::from(pool.key() == Key::BufferRange));
    bench.fact("checksum", sum?);
    Ok(())
}

/// Runs the tasks in threads of this process, and adds their results up.
pub(crate) fn work_in_threads(bench: &Bench, tasks: impl Iterator<Item = Array> + Send) -> Result<u64> {
    let threads = ThreadPoolBuilder::new().num_threads(bench.size("workers")).build()?;
    // Counted and reported under one lock, so that the count never goes back.
    let done = Mutex::new(0);
    let sums = || {
        tasks.par_bridge().map(|slice| {
            let sum = SumOfSlice::run(slice);
            let mut done = done.lock().expect("no thread panics while it counts");
            *done += 1;
            bench.done(*done);
            sum
        })
    };
    Ok(threads.install(|| sums().reduce(|| 0, u64::wrapping_add)))
}
