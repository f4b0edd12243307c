//! Threads, with one shop for all: each job pins the rate that its order was given.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Arc<Shop> = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let pool = setup::threads(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| {
        // Fixed: what is a job's own is beside the handle, and nothing is changed that others hold too.
        let (rate, shop) = (shop.rate(), Arc::clone(&shop));
        move || shop.bill(order).sum() * rate
    });
    setup::work_on_a_new_rate(bench, &gate, &pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
