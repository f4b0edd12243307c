//! What the variants share: the batches, the task, and the two ways of bringing one to the other.

use std::fs::File;
use std::io;

use labkit::{Bench, Result, checksum, sys};
use labpool::{Array, Entry, Keep, Options, Pool, Task};
use ndarray::{Array1, ArrayView1, Ix1, s};
use nix::errno::Errno;
use nix::fcntl::posix_fallocate;
use tempfile::{Builder, NamedTempFile, TempDir};

/// What the workers can do.
pub(crate) const TASKS: &[Entry] = &[Entry::of::<SumOfBatch>()];

/// Reads every number of a batch.
pub(crate) struct SumOfBatch;

impl Task for SumOfBatch {
    const NAME: &'static str = "sum of batch";
    type Args = Array;
    type Output = u64;

    fn run(batch: Array) -> u64 {
        checksum(batch.view())
    }
}

/// A pool that writes every array to a file, in the folder of shared memory.
pub(crate) fn options(bench: &Bench) -> Options {
    Options {
        workers: bench.size("workers"),
        threshold: Some(0),
        folder: Some(bench.shm().to_owned()),
        ..Options::default()
    }
}

/// A pool whose files are on the disk, each until its last task is done. Shared memory is left to others.
pub(crate) fn options_on_disk(bench: &Bench) -> Options {
    Options { folder: Some(bench.disk().to_owned()), keep: Keep::WhileWanted, ..options(bench) }
}

/// A folder for notes in shared memory, which is removed when it's dropped.
pub(crate) fn folder_of_notes(bench: &Bench) -> io::Result<TempDir> {
    Builder::new().prefix("notes-").tempdir_in(bench.shm())
}

/// How many batches there are.
fn count(bench: &Bench) -> usize {
    bench.size("slices") * bench.size("repeats")
}

/// How many numbers a batch has.
fn batch_len(bench: &Bench) -> usize {
    bench.size("array_mib") * (1 << 20) / size_of::<f64>() / bench.size("slices")
}

/// The size of a batch, in bytes.
pub(crate) fn batch_bytes(bench: &Bench) -> usize {
    batch_len(bench) * size_of::<f64>()
}

/// The slice of the array that a batch is made of, and the number that it is multiplied by.
///
/// The slices come in turn, and no number comes twice: there is nothing that a pool could find again.
fn recipe<'a>(bench: &Bench, array: &'a Array1<f64>, batch: usize) -> (ArrayView1<'a, f64>, f64) {
    let len = batch_len(bench);
    let first = batch % bench.size("slices") * len;
    // The fractions of the multiples of an irrational number rise and fall, and are all different.
    let factor = ((batch + 1) as f64 * std::f64::consts::SQRT_2).fract();
    (array.slice(s![first..first + len]), factor)
}

/// The batches, each of them made when it is asked for.
pub(crate) fn batches<'a>(bench: &'a Bench, array: &'a Array1<f64>) -> impl Iterator<Item = Array> + 'a {
    (0..count(bench)).map(|batch| {
        let (slice, factor) = recipe(bench, array, batch);
        Array::from(&slice * factor)
    })
}

/// Has the pool work on batches, and adds the results up.
pub(crate) fn work(bench: &Bench, pool: &mut Pool, batches: impl Iterator<Item = Array>) -> Result<u64> {
    work_then(bench, pool, batches, |_| Ok(()))
}

/// The same, and leaves a note of each batch that is done.
pub(crate) fn work_and_note(
    bench: &Bench,
    pool: &mut Pool,
    batches: impl Iterator<Item = Array>,
    mut note: impl FnMut(usize) -> io::Result<()>,
) -> Result<u64> {
    work_then(bench, pool, batches, |done| {
        note(done)?;
        bench.fact("batches_noted", done as u64);
        Ok(())
    })
}

fn work_then(
    bench: &Bench,
    pool: &mut Pool,
    batches: impl Iterator<Item = Array>,
    mut then: impl FnMut(usize) -> io::Result<()>,
) -> Result<u64> {
    let mut sum = 0_u64;
    for (done, result) in (1..).zip(pool.run_unordered::<SumOfBatch>(batches)) {
        sum = sum.wrapping_add(result?);
        then(done)?;
        bench.done(done);
    }
    Ok(sum)
}

/// Makes batches in shared memory until there is no room, has the pool work on them, and goes on.
///
/// `make_room` is given a new file and the bytes that it is to hold. If it says that there's no
/// room, the batches so far are worked on and removed, and then there is.
pub(crate) fn work_in_rounds(
    bench: &Bench,
    pool: &mut Pool,
    array: &Array1<f64>,
    make_room: fn(&File, u64) -> io::Result<()>,
) -> Result<u64> {
    let (mut sum, mut written) = (0_u64, 0);
    while written < count(bench) {
        let first = written;
        let mut round = Vec::new();
        while written < count(bench) {
            match stored(bench, array, written, NamedTempFile::new_in(pool.folder())?, make_room) {
                Ok(batch) => round.push(batch),
                Err(error) if is_full(&error) && !round.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
            written += 1;
            // Stated each time, as the next store may be the last thing that this process does.
            bench.fact("files_written", written as u64);
        }
        let batches = round.iter().map(|(_, batch)| batch.clone());
        for (done, result) in (first + 1..).zip(pool.run_unordered::<SumOfBatch>(batches)) {
            sum = sum.wrapping_add(result?);
            bench.done(done);
        }
    }
    Ok(sum)
}

/// Makes a batch in a shared map of a file, number by number, and maps it for the pool.
///
/// It comes with its file, which is removed when that is dropped.
fn stored(
    bench: &Bench,
    array: &Array1<f64>,
    batch: usize,
    file: NamedTempFile,
    make_room: fn(&File, u64) -> io::Result<()>,
) -> io::Result<(NamedTempFile, Array)> {
    let bytes = batch_bytes(bench);
    make_room(file.as_file(), bytes as u64)?;
    let (slice, factor) = recipe(bench, array, batch);
    let mut map = sys::map_mut(file.as_file(), bytes)?;
    let numbers: &mut [f64] = bytemuck::cast_slice_mut(&mut map);
    numbers.iter_mut().zip(slice).for_each(|(number, source)| *number = source * factor);
    drop(map);
    let batch = Array::map_file(file.path(), 0, Ix1(slice.len()))?;
    Ok((file, batch))
}

/// Has the file system put `bytes` bytes aside for a file (posix_fallocate(3)).
pub(crate) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    let bytes = bytes.try_into().map_err(io::Error::other)?;
    Ok(posix_fallocate(file, 0, bytes)?)
}

fn is_full(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENOSPC as i32)
}

/// The mean of a batch, for the exercise.
pub(crate) fn mean(batch: &Array) -> f64 {
    batch.view().sum() / batch.view().len() as f64
}
