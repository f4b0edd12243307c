//! What it costs to hand an array over: `cargo bench -p labpool`.
//!
//! The hand-over of a large array is one write(2) of its numbers, and little else. So the measure
//! of the pool is the same write without a pool, into the same file system, in the same process:
//!
//! - `plain_write`: a new file of 128 MiB is made and written. Nothing can be faster.
//! - `hand_over`: a task with a fresh array of 128 MiB is sent, its file is written, a worker maps
//!   it and answers. Each time with a new pool, since a pool keeps its files; starting and ending
//!   it is not timed.
//! - `empty_task`: a task without arguments is sent, and its answer is waited for.
//!
//! divan's table gives each by itself. The last two lines are the verdict. They come from rounds
//! of their own, in which plain writes and hand-overs take turns, so that a slow moment of the
//! machine falls on both: the rate of the hand-over as a share of that of the plain write, which
//! should be at least 80 %, and the median of the empty task, which should be under 50 us.
//! On a busy machine read the share and not the rates.
//!
//! It needs 128 MiB of memory and 128 MiB of /dev/shm, and leaves nothing there.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use labpool::{Array, Entry, Options, Pool, Task};
use ndarray::Array1;

const TASKS: &[Entry] = &[Entry::of::<Look>(), Entry::of::<Nothing>()];
const MIB: usize = 128;
const ROUNDS: usize = 9;

/// Looks at one number, so that the array is mapped and no more.
struct Look;

impl Task for Look {
    const NAME: &'static str = "look";
    type Args = Array;
    type Output = f64;

    fn run(array: Array) -> f64 {
        array.view()[0]
    }
}

/// Does nothing.
struct Nothing;

impl Task for Nothing {
    const NAME: &'static str = "nothing";
    type Args = ();
    type Output = ();

    fn run((): ()) {}
}

fn main() {
    labpool::serve(TASKS);
    divan::main();
    // Cargo's tests run the benches once too, with an argument that says so.
    if !std::env::args().any(|word| word == "--test") {
        verdict();
    }
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn plain_write(bencher: Bencher) {
    let numbers = numbers();
    bencher
        .counter(BytesCount::of_many::<f64>(numbers.len()))
        .with_inputs(Scratch::new)
        .bench_local_values(|scratch| write(scratch, &numbers));
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn hand_over(bencher: Bencher) {
    let array = Array::from(Array1::from(numbers()));
    bencher
        .counter(BytesCount::of_many::<f64>(array.view().len()))
        .with_inputs(pool)
        .bench_local_values(|pool| send(pool, &array));
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn empty_task(bencher: Bencher) {
    let mut pool = pool();
    bencher.bench_local(move || round_trip(&mut pool));
}

/// Plain writes and hand-overs by turns, and what came of it.
fn verdict() {
    let numbers = numbers();
    let array = Array::from(Array1::from(numbers.clone()));
    let (mut plain, mut handed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let scratch = Scratch::new();
        plain.push(timed(|| write(scratch, &numbers)));
        let pool = pool();
        handed.push(timed(|| send(pool, &array)));
    }
    let mut pool = pool();
    let empty = (0..2000).map(|_| timed(|| round_trip(&mut pool))).collect();
    let (plain, handed) = (median(plain), median(handed));
    let rate = |time: Duration| MIB as f64 / time.as_secs_f64();
    println!(
        "\nhand-over of {MIB} MiB: {:.0} % of the rate of a plain write ({:.0} of {:.0} MiB/s, medians of {ROUNDS})",
        100.0 * plain.as_secs_f64() / handed.as_secs_f64(),
        rate(handed),
        rate(plain),
    );
    println!("empty task: {:.1} us there and back (median of 2000)", median(empty).as_secs_f64() * 1e6);
}

/// The file is given back, so that its removal is not timed.
fn write(scratch: Scratch, numbers: &[f64]) -> Scratch {
    let mut file = File::create_new(&scratch.0).expect("/dev/shm takes a file");
    file.write_all(bytemuck::cast_slice(numbers)).expect("/dev/shm has 128 MiB to spare");
    scratch
}

/// The pool is given back, so that its end is not timed.
fn send(mut pool: Pool, array: &Array) -> Pool {
    black_box(pool.run::<Look>([array.clone()]).next().expect("one task, one result").expect("it fits"));
    pool
}

fn round_trip(pool: &mut Pool) {
    pool.run::<Nothing>([()]).next().expect("one task, one result").expect("nothing can go wrong");
}

fn pool() -> Pool {
    let mut pool = Pool::start(Options { workers: 1, folder: Some("/dev/shm".into()), ..Options::default() })
        .expect("a pool can be started");
    // The first task waits for the worker to come up.
    round_trip(&mut pool);
    pool
}

fn numbers() -> Vec<f64> {
    (0..MIB * (1 << 20) / size_of::<f64>()).map(|number| number as f64).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    drop(result);
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The name of a file that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        Scratch(PathBuf::from(format!("/dev/shm/labpool-bench-{}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
