//! What both benches do: the same tasks in the same kind of pool, timed in the same way.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use labpool::{Array, Options, Pool, Task};
use ndarray::Array1;

/// Does nothing.
pub(crate) struct Nothing;

impl Task for Nothing {
    const NAME: &'static str = "nothing";
    type Args = ();
    type Output = ();

    fn run((): ()) {}
}

/// Looks at one number, so that the array is mapped and no more.
pub(crate) struct Look;

impl Task for Look {
    const NAME: &'static str = "look";
    type Args = Array;
    type Output = f64;

    fn run(array: Array) -> f64 {
        array.view()[0]
    }
}

/// A pool in this folder whose workers have answered.
pub(crate) fn started(workers: usize, folder: PathBuf, threshold: Option<usize>) -> Pool {
    let options = Options { workers, folder: Some(folder), threshold, ..Options::default() };
    let mut pool = Pool::start(options).expect("a pool can be started");
    results::<Nothing>(&mut pool, (0..workers).map(|_| ())).for_each(drop);
    pool
}

/// The results of tasks of which none may fail, as a list would have them.
pub(crate) fn results<T: Task>(
    pool: &mut Pool,
    tasks: impl IntoIterator<Item = T::Args>,
) -> impl Iterator<Item = T::Output> {
    pool.run::<T>(tasks).map(|result| result.expect("no task fails in a bench"))
}

/// So many MiB of numbers, the same on all sides.
pub(crate) fn numbers(mib: usize) -> Array1<f64> {
    (0..mib * (1 << 20) / size_of::<f64>()).map(|number| number as f64).collect()
}

/// The time that the work took, and what came of it.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let result = work();
    (begin.elapsed(), result)
}

/// A thread at the far ends of two pipes, which sends every byte back.
pub(crate) struct Echo {
    near: Option<(PipeReader, PipeWriter)>,
    far: Option<JoinHandle<()>>,
}

impl Echo {
    pub(crate) fn start() -> Self {
        let (there, back) = (pipe().expect("a pipe can be made"), pipe().expect("and another"));
        let (mut input, mut output) = (there.0, back.1);
        let far = thread::spawn(move || {
            let mut byte = [0];
            while input.read_exact(&mut byte).and_then(|()| output.write_all(&byte)).is_ok() {}
        });
        Echo { near: Some((back.0, there.1)), far: Some(far) }
    }

    /// One byte goes there and comes back.
    pub(crate) fn trip(&mut self) {
        let (input, output) = self.near.as_mut().expect("it is open until the end");
        let mut byte = [1];
        output.write_all(&byte).and_then(|()| input.read_exact(&mut byte)).expect("the thread is there");
    }
}

impl Drop for Echo {
    /// The thread ends with its pipe.
    fn drop(&mut self) {
        self.near = None;
        self.far.take().map(JoinHandle::join);
    }
}
