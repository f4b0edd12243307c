//! What the variants share: the orders, the pools that work on them, and the facts in the end.

use std::sync::mpsc;

use labkit::{Bench, Result};
use labpool::{Entry, Options, Pool, Task};
use rayon::ThreadPoolBuilder;

use crate::gate::Gate;
use crate::shop::{Order, Tally};
use crate::{broken, exercise, fixed, fixed_array, fixed_init, mutant_arc, solution};

/// What the workers can do.
pub(crate) const TASKS: &[Entry] = &[
    Entry::of::<broken::Total>(),
    Entry::of::<fixed::Total>(),
    Entry::of::<fixed_array::Total>(),
    Entry::of::<fixed_init::Open>(),
    Entry::of::<fixed_init::Total>(),
    Entry::of::<mutant_arc::Total>(),
    Entry::of::<exercise::Total>(),
    Entry::of::<solution::Total>(),
];

/// An order for each task, of so many articles, one after the other and from the start again.
pub(crate) fn orders(bench: &Bench, gate: &Gate) -> impl Iterator<Item = Order> {
    let (articles, records) = (bench.size("articles"), bench.size("records"));
    (0..bench.size("tasks")).map(move |order| {
        let first = order * articles;
        let articles = (first..first + articles).map(|article| article % records).collect();
        Order { articles, way: gate.way(order) }
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

/// Does the jobs in the workers of a pool, and adds their results up.
pub(crate) fn work<T: Task<Output = f64>>(
    bench: &Bench,
    gate: &Gate,
    pool: &mut Pool,
    jobs: impl Iterator<Item = T::Args>,
) -> Result<u64> {
    let totals = pool.run::<T>(jobs).map(|total| Ok(total?));
    gate.during(bench, || add_up(bench, totals))
}

/// Does the jobs in threads of this process, and adds their results up.
pub(crate) fn work_in_threads<J: FnOnce() -> f64 + Send + 'static>(
    bench: &Bench,
    gate: &Gate,
    jobs: impl Iterator<Item = J>,
) -> Result<u64> {
    let threads = ThreadPoolBuilder::new().num_threads(bench.size("workers")).build()?;
    let (sender, totals) = mpsc::channel();
    for job in jobs {
        let sender = sender.clone();
        threads.spawn(move || {
            // The other end is there until all jobs are done, or it does not matter.
            let _ = sender.send(job());
        });
    }
    drop(sender);
    gate.open(bench);
    add_up(bench, totals.into_iter().map(Ok))
}

/// States what was copied, and how, and what came of it.
pub(crate) fn facts(bench: &Bench, pool: Option<&Pool>, checksum: u64) {
    bench.fact("shops_cloned", Tally::cloned());
    bench.fact("shops_serialised", Tally::serialised());
    bench.fact("bytes_sent", pool.map_or(0, Pool::bytes_sent));
    bench.fact("files_written", pool.map_or(0, Pool::files_written));
    bench.fact("checksum", checksum);
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
