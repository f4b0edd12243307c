//! What the variants share: the orders, the pools that work on them, and the facts in the end.

mod shop;
mod tasks;

use std::sync::mpsc;

use labkit::{Bench, Gate, Result};
use labpool::{Options, Pool, Task};
use rayon::{ThreadPool, ThreadPoolBuilder};

pub(crate) use self::shop::{Bill, Order, Shop};
pub(crate) use self::tasks::{ByArrayShop, ByBill, ByOwnShop, BySharedShop, ByShop, OpenShop, TASKS};

use self::shop::Tally;

/// The gate at which the first job of each worker waits until the harness has looked.
pub(crate) fn gate(bench: &Bench) -> Result<Gate> {
    Ok(Gate::new(bench.size("workers"))?)
}

/// An order for each task, of so many articles, one after the other and from the start again.
///
/// The first ones, as many as there are workers, go to the gate.
pub(crate) fn orders(bench: &Bench, gate: &Gate) -> impl Iterator<Item = Order> {
    let (articles, records, workers) = (bench.size("articles"), bench.size("records"), bench.size("workers"));
    (0..bench.size("tasks")).map(move |order| {
        let first = order * articles;
        let articles = (first..first + articles).map(|article| article % records).collect();
        Order { articles, gate: (order < workers).then(|| gate.name().to_owned()) }
    })
}

/// A pool that maps large arrays.
pub(crate) fn pool(bench: &Bench) -> Result<Pool> {
    Ok(Pool::start(Options {
        workers: bench.size("workers"),
        threshold: Some(bench.size("threshold_kib") << 10),
        folder: Some(bench.shm().to_owned()),
        ..Options::default()
    })?)
}

/// As many threads as there are workers.
pub(crate) fn threads(bench: &Bench) -> Result<ThreadPool> {
    Ok(ThreadPoolBuilder::new().num_threads(bench.size("workers")).build()?)
}

/// Does the jobs in the workers of a pool, and states what came of it.
pub(crate) fn work<T: Task<Output = f64>>(
    bench: &Bench,
    gate: &Gate,
    pool: &mut Pool,
    jobs: impl Iterator<Item = T::Args>,
) -> Result {
    let totals = pool.run::<T>(jobs).map(|total| Ok(total?));
    let checksum = gate.open_during(|| look(bench), || add_up(bench, totals))?;
    state(bench, pool.bytes_sent(), pool.files_written(), checksum);
    Ok(())
}

/// Does the jobs in threads of this process, and states what came of it.
pub(crate) fn work_in_threads<J: FnOnce() -> f64 + Send + 'static>(
    bench: &Bench,
    gate: &Gate,
    threads: &ThreadPool,
    jobs: impl Iterator<Item = J>,
) -> Result {
    let (sender, totals) = mpsc::channel();
    for job in jobs {
        let sender = sender.clone();
        threads.spawn(move || {
            sender.send(job()).expect("totals are received until the last sender is gone");
        });
    }
    drop(sender);
    gate.open(|| look(bench));
    let checksum = add_up(bench, totals.into_iter().map(Ok))?;
    state(bench, 0, 0, checksum);
    Ok(())
}

/// States what was copied, and how, and a checksum that proves the work.
fn state(bench: &Bench, bytes_sent: u64, files_written: u64, checksum: u64) {
    bench.fact("shops_cloned", Tally::cloned());
    bench.fact("shops_serialised", Tally::serialised());
    bench.fact("bytes_sent", bytes_sent);
    bench.fact("files_written", files_written);
    bench.fact("checksum", checksum);
}

/// Announces the phase in which the harness sees what the workers hold.
fn look(bench: &Bench) {
    bench.mark("workers hold their jobs");
}

/// The sum of the bits of all totals: the same in any order.
fn add_up(bench: &Bench, totals: impl Iterator<Item = Result<f64>>) -> Result<u64> {
    let mut sum = 0_u64;
    for (done, total) in (1..).zip(totals) {
        sum = sum.wrapping_add(total?.to_bits());
        bench.done(done);
    }
    Ok(sum)
}
