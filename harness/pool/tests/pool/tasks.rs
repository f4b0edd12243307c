//! What the workers of the tests can do, and pools to do it.

use std::path::PathBuf;
use std::sync::Mutex;

use labpool::{Array, Entry, Key, Options, Pool, Task};
use ndarray::IxDyn;
use nix::sys::signal::{Signal, raise};
use serde::{Deserialize, Serialize};

pub(crate) const TASKS: &[Entry] = &[
    Entry::of::<Sum>(),
    Entry::of::<File>(),
    Entry::of::<Echo>(),
    Entry::of::<Folds>(),
    Entry::of::<Keep>(),
    Entry::of::<Pass>(),
    Entry::of::<Panic>(),
    Entry::of::<Die>(),
    Entry::of::<Remember>(),
    Entry::of::<Recall>(),
    Entry::of::<Await>(),
];

/// Adds the numbers up.
pub(crate) struct Sum;

impl Task for Sum {
    const NAME: &'static str = "sum";
    type Args = Array;
    type Output = f64;

    fn run(numbers: Array) -> f64 {
        numbers.view().sum()
    }
}

/// Says which file the numbers are mapped from.
pub(crate) struct File;

impl Task for File {
    const NAME: &'static str = "file";
    type Args = Array;
    type Output = Option<PathBuf>;

    fn run(numbers: Array) -> Option<PathBuf> {
        numbers.file().map(PathBuf::from)
    }
}

/// Gives back what it was given, whatever its shape.
pub(crate) struct Echo;

impl Task for Echo {
    const NAME: &'static str = "echo";
    type Args = Array<IxDyn>;
    type Output = Array<IxDyn>;

    fn run(numbers: Array<IxDyn>) -> Array<IxDyn> {
        numbers
    }
}

/// Arrays among other things.
#[derive(Serialize, Deserialize)]
pub(crate) struct Fold {
    pub(crate) name: String,
    pub(crate) parts: Vec<Array>,
}

/// Says which files the parts of folds are mapped from.
pub(crate) struct Folds;

impl Task for Folds {
    const NAME: &'static str = "folds";
    type Args = Vec<Fold>;
    type Output = Vec<(String, Option<PathBuf>)>;

    fn run(folds: Vec<Fold>) -> Self::Output {
        let parts = |fold: Fold| fold.parts.into_iter().map(move |part| (fold.name.clone(), File::run(part)));
        folds.into_iter().flat_map(parts).collect()
    }
}

/// Never lets go of what it was given.
pub(crate) struct Keep;

impl Task for Keep {
    const NAME: &'static str = "keep";
    type Args = Array;
    type Output = ();

    fn run(numbers: Array) {
        std::mem::forget(numbers);
    }
}

/// Gives back bytes.
pub(crate) struct Pass;

impl Task for Pass {
    const NAME: &'static str = "pass";
    type Args = String;
    type Output = String;

    fn run(text: String) -> String {
        text
    }
}

/// Panics, but not without a message.
pub(crate) struct Panic;

impl Task for Panic {
    const NAME: &'static str = "panic";
    type Args = Array;
    type Output = ();

    fn run(numbers: Array) {
        panic!("{} numbers were too many", numbers.view().len());
    }
}

/// Dies as a victim of the OOM killer does.
pub(crate) struct Die;

impl Task for Die {
    const NAME: &'static str = "die";
    type Args = Array;
    type Output = ();

    fn run(_: Array) {
        raise(Signal::SIGKILL).expect("a process may kill itself");
    }
}

/// What [`Remember`] was given last.
static REMEMBERED: Mutex<Option<Array>> = Mutex::new(None);

/// Keeps an array for later tasks, and says which process it is.
pub(crate) struct Remember;

impl Task for Remember {
    const NAME: &'static str = "remember";
    type Args = Array;
    type Output = u32;

    fn run(numbers: Array) -> u32 {
        *REMEMBERED.lock().expect("no task panics with it") = Some(numbers);
        std::process::id()
    }
}

/// Adds up what is remembered, and says where it is mapped from.
pub(crate) struct Recall;

impl Task for Recall {
    const NAME: &'static str = "recall";
    type Args = ();
    type Output = Option<(f64, Option<PathBuf>)>;

    fn run((): ()) -> Self::Output {
        let numbers = REMEMBERED.lock().expect("no task panics with it").clone()?;
        Some((numbers.view().sum(), File::run(numbers)))
    }
}

/// Waits until the file is there, if it gets one.
pub(crate) struct Await;

impl Task for Await {
    const NAME: &'static str = "await";
    type Args = Option<PathBuf>;
    type Output = bool;

    fn run(file: Option<PathBuf>) -> bool {
        while file.as_ref().is_some_and(|file| !file.exists()) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        file.is_some()
    }
}

/// In the file `tasks.rs` but not in the table.
pub(crate) struct Unknown;

impl Task for Unknown {
    const NAME: &'static str = "unknown";
    type Args = ();
    type Output = ();

    fn run((): ()) {}
}

/// Arrays of more than this many bytes are written to files in these tests.
pub(crate) const THRESHOLD: usize = 64 * 8;

/// A pool of two workers in a folder of the test's choice.
pub(crate) fn options() -> Options {
    Options { threshold: Some(THRESHOLD), folder: Some(std::env::temp_dir()), ..Options::default() }
}

pub(crate) fn pool() -> Pool {
    Pool::start(options()).unwrap()
}

pub(crate) fn pool_by(key: Key) -> Pool {
    Pool::start(Options { key, ..options() }).unwrap()
}

/// An array of this many numbers, the first of them `start`, each greater by 1 than the one before.
pub(crate) fn numbers(start: u32, len: usize) -> Array {
    Array::from(ndarray::Array1::from_iter((0..len).map(|step| f64::from(start) + step as f64)))
}

/// All results; none of the tasks may fail.
#[track_caller]
pub(crate) fn all<T>(results: impl Iterator<Item = Result<T, labpool::Error>>) -> Vec<T> {
    results.collect::<Result<_, _>>().unwrap()
}
