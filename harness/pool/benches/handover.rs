//! What it costs to hand an array over: `cargo bench -p labpool --bench handover`.
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
//! of their own, in which the pool and its measure take turns, so that a slow moment of the machine
//! falls on both. On a busy machine read the shares, and not the rates and times.
//!
//! - The rate of the hand-over as a share of that of the plain write: at least 80 %.
//! - The time of the empty task: under 50 us, and not much more than that of a bare message, which
//!   is one byte through a socket to a thread that sends it back. Here all run on one processor.
//!   On two, a process that sleeps is woken across them, which alone can take 50 us on a virtual
//!   machine. So the pool stays awake for a moment where there is a processor to spare, and divan's
//!   table shows what that gives on this machine.
//!
//! It needs 128 MiB of memory and 128 MiB of /dev/shm, and leaves nothing there.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use labpool::{Array, Entry, Options, Pool, Task};
use ndarray::Array1;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

const TASKS: &[Entry] = &[Entry::of::<Look>(), Entry::of::<Nothing>()];
const MIB: usize = 128;
const ROUNDS: usize = 9;
const TRIPS: usize = 2000;

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
    // `cargo test --all-targets` runs each bench once, without this argument.
    if std::env::args().any(|word| word == "--bench") {
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
    stay_on_one_processor();
    let (mut pool, mut echo) = (pool(), echo());
    let (mut empty, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TRIPS {
        empty.push(timed(|| round_trip(&mut pool)));
        bare.push(timed(|| there_and_back(&mut echo)));
    }
    let (plain, handed) = (median(plain), median(handed));
    let rate = |time: Duration| MIB as f64 / time.as_secs_f64();
    println!(
        "\nhand-over of {MIB} MiB: {:.0} % of the rate of a plain write ({:.0} of {:.0} MiB/s, medians of {ROUNDS})",
        100.0 * plain.as_secs_f64() / handed.as_secs_f64(),
        rate(handed),
        rate(plain),
    );
    println!(
        "empty task: {:.1} us there and back, a bare message {:.1} us (one processor, medians of {TRIPS})",
        median(empty).as_secs_f64() * 1e6,
        median(bare).as_secs_f64() * 1e6,
    );
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

/// For this thread, and all threads and processes that it starts from now on.
fn stay_on_one_processor() {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("a process may ask where it can run");
    let first = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu) == Ok(true));
    let mut one = CpuSet::new();
    one.set(first.expect("it runs somewhere")).expect("a number that came from the set");
    sched_setaffinity(this, &one).expect("a process may run where it runs");
}

/// The near end of a socket at whose far end a thread sends every byte back.
fn echo() -> UnixStream {
    let (near, mut far) = UnixStream::pair().expect("a process may have two more files");
    std::thread::spawn(move || {
        let mut byte = [0];
        while far.read_exact(&mut byte).and_then(|()| far.write_all(&byte)).is_ok() {}
    });
    near
}

fn there_and_back(echo: &mut UnixStream) {
    let mut byte = [1];
    echo.write_all(&byte).and_then(|()| echo.read_exact(&mut byte)).expect("the thread is there");
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
