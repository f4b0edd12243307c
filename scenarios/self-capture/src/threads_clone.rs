//! The same call in threads: a job must own what it uses, so it is given a shop of its own.

use labkit::{Bench, Result};

use crate::setup::{self, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let pool = setup::threads(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| {
        // Broken: it satisfies 'static, and every job that waits its turn holds a whole shop.
        let shop = shop.clone();
        move || shop.total(order)
    });
    setup::work_in_threads(bench, &gate, &pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
