//! The file of an array that was moved to one: it goes however the work on it ends.
//!
//! The workers are this program itself, so it has a main of its own, as every user of the pool has.

#[path = "../src/setup.rs"]
#[expect(dead_code, reason = "the variants need more of it than these tests do")]
mod setup;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{ExitCode, abort};

use labkit::Result;
use labpool::{Array, Entry, Options, Pool, Task};
use libtest_mimic::{Arguments, Trial};
use ndarray::{Array1, s};
use tempfile::TempDir;

use crate::setup::SumOfSlice;

const TASKS: &[Entry] = &[Entry::of::<SumOfSlice>(), Entry::of::<Panics>(), Entry::of::<Dies>()];

/// How many numbers the array has. The pool would write arrays of 1 KiB and more to files.
const NUMBERS: usize = 1000;

fn main() -> ExitCode {
    labpool::serve(TASKS);
    let trials = vec![
        Trial::test("the_file_goes_when_all_is_well", || {
            goes_after(|folder| assert_eq!(work::<SumOfSlice>(folder).unwrap(), sum_of_all()));
            Ok(())
        }),
        Trial::test("the_file_goes_when_a_task_panics", || {
            goes_after(|folder| {
                let error = work::<Panics>(folder).unwrap_err();
                // The worker saw the file, so it was there when the task failed.
                assert_eq!(error.to_string(), "the task 'panics' panicked: a file of 8000 bytes is there");
            });
            Ok(())
        }),
        Trial::test("the_file_goes_when_a_worker_dies", || {
            goes_after(|folder| {
                let error = work::<Dies>(folder).unwrap_err();
                assert!(error.to_string().contains("worker"), "{error}");
            });
            Ok(())
        }),
        Trial::test("the_file_goes_when_the_program_panics", || {
            goes_after(|folder| {
                let unwound = catch_unwind(AssertUnwindSafe(|| {
                    let (array, pool) = moved(folder).unwrap();
                    assert_eq!(files(folder), ["array.f64"]);
                    // Both are alive, and only the unwinding drops them.
                    panic!("{} numbers in {}", array.view().len(), pool.folder().display());
                }));
                assert!(unwound.is_err());
            });
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Has `work` use a new folder, and looks whether anything is left in it.
fn goes_after(work: impl FnOnce(&Path)) {
    let folder = TempDir::new().unwrap();
    work(folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something is left in the folder");
}

/// What `fixed-map` does: the array is moved to a file, and the tasks are given slices of the map.
fn work<T: Task<Args = Array, Output = u64>>(folder: &Path) -> Result<u64> {
    let (array, mut pool) = moved(folder)?;
    assert_eq!(files(folder), ["array.f64"]);
    let mut sum = 0_u64;
    for result in pool.run_unordered::<T>((0..10).map(|part| array.slice(s![part * 100..(part + 1) * 100]))) {
        sum = sum.wrapping_add(result?);
    }
    assert_eq!(pool.files_written(), 0, "a slice of a map needs no file");
    Ok(sum)
}

fn moved(folder: &Path) -> Result<(Array, Pool)> {
    let options = Options {
        workers: 2,
        threshold: Some(1 << 10),
        folder: Some(folder.to_owned()),
        ..Options::default()
    };
    let pool = Pool::start(options)?;
    let array = setup::moved_to_file(Array::from(numbers()), &pool)?;
    Ok((array, pool))
}

fn numbers() -> Array1<f64> {
    Array1::range(0.0, NUMBERS as f64, 1.0)
}

fn sum_of_all() -> u64 {
    labkit::checksum(numbers().view())
}

/// The names of all files in the folders in `folder`.
fn files(folder: &Path) -> Vec<String> {
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries(folder).flat_map(|pool| entries(&pool).collect::<Vec<_>>());
    files.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// Panics, and says what it has seen of the file.
struct Panics;

impl Task for Panics {
    const NAME: &'static str = "panics";
    type Args = Array;
    type Output = u64;

    fn run(slice: Array) -> u64 {
        let file = fs::metadata(slice.file().expect("a slice of a map comes as one")).unwrap();
        panic!("a file of {} bytes is there", file.len());
    }
}

/// Takes its worker along.
struct Dies;

impl Task for Dies {
    const NAME: &'static str = "dies";
    type Args = Array;
    type Output = u64;

    fn run(_: Array) -> u64 {
        abort()
    }
}
