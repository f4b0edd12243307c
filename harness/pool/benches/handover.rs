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
//! - The rate of the hand-over as a share of that of the plain write, in each round: at least 80 %.
//! - The time of the empty task: under 50 us, and not much more than that of a bare message, which
//!   is one byte through a pipe to a thread that sends it back. Here all run on one processor.
//!   On two, a process that sleeps is woken across them, which alone can take 50 us on a virtual
//!   machine. So the pool stays awake for a moment if there is a processor to spare, and divan's
//!   table shows what that gives on this machine.
//!
//! It needs 128 MiB of memory and 128 MiB of /dev/shm, and leaves nothing there.

#[path = "../../benches/spread.rs"]
mod spread;
mod work;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use labpool::{Array, Entry, Pool};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::spread::Spread;
use crate::work::{Echo, Look, Nothing, numbers, results, started, timed};

const TASKS: &[Entry] = &[Entry::of::<Look>(), Entry::of::<Nothing>()];
const MIB: usize = 128;
const ROUNDS: usize = 9;
const TRIPS: usize = 2000;

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
    let array = Array::from(numbers(MIB));
    bencher
        .counter(BytesCount::new(MIB << 20))
        .with_inputs(Scratch::new)
        .bench_local_values(|scratch| write(scratch, &array));
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn hand_over(bencher: Bencher) {
    let array = Array::from(numbers(MIB));
    bencher
        .counter(BytesCount::new(MIB << 20))
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
    let array = Array::from(numbers(MIB));
    let (mut plain, mut handed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let scratch = Scratch::new();
        plain.push(seconds(|| write(scratch, &array)));
        let pool = pool();
        handed.push(seconds(|| send(pool, &array)));
    }
    stay_on_one_processor();
    let (mut pool, mut echo) = (pool(), Echo::start());
    let (mut empty, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TRIPS {
        empty.push(seconds(|| round_trip(&mut pool)));
        bare.push(seconds(|| echo.trip()));
    }
    let rate = |times: &[f64]| Spread::of(times.iter().map(|time| MIB as f64 / time)).shown(0, "MiB/s");
    let share = Spread::of(plain.iter().zip(&handed).map(|(plain, handed)| 100.0 * plain / handed));
    println!(
        "\nhand-over of {MIB} MiB: {} of the rate of a plain write; {}, and {} ({ROUNDS} rounds)",
        share.shown(0, "%"),
        rate(&handed),
        rate(&plain),
    );
    let median = |times: Vec<f64>| Spread::of(times).median * 1e6;
    println!(
        "empty task: {:.1} us there and back, a bare message {:.1} us (one processor, medians of {TRIPS})",
        median(empty),
        median(bare),
    );
}

/// The file is given back, so that its removal is not timed.
fn write(scratch: Scratch, array: &Array) -> Scratch {
    let mut file = File::create_new(&scratch.0).expect("/dev/shm takes a file");
    let view = array.view();
    let numbers = view.as_slice().expect("it lies in one piece");
    file.write_all(bytemuck::cast_slice(numbers)).expect("/dev/shm has 128 MiB to spare");
    scratch
}

/// The pool is given back, so that its end is not timed.
fn send(mut pool: Pool, array: &Array) -> Pool {
    black_box(results::<Look>(&mut pool, [array.clone()]).sum::<f64>());
    pool
}

fn round_trip(pool: &mut Pool) {
    results::<Nothing>(pool, [()]).for_each(drop);
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

fn pool() -> Pool {
    started(1, "/dev/shm".into(), Some(1 << 20))
}

/// How long the work took. What comes of it is dropped after that.
fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    timed(work).0.as_secs_f64()
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
