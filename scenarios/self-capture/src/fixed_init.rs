//! A job is the order alone: each worker was given the shop before, and keeps it.

use labkit::{Bench, Result};

use crate::setup::{self, ByOwnShop, OpenShop, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Fixed: the shop is sent once to each worker, and stays there for all of its jobs.
    pool.run_in_each_worker::<OpenShop>(&shop)?;
    let jobs = setup::orders(bench, &gate);
    setup::work::<ByOwnShop>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
