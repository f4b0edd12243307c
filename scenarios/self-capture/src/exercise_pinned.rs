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
        // TODO: a job has a handle, and memory climbs as if it had a shop. Let it have no more than a handle.
        let (rate, mut shop) = (shop.rate(), Arc::clone(&shop));
        Arc::make_mut(&mut shop).pin(rate);
        move || shop.total(order)
    });
    setup::work_on_a_new_rate(bench, &gate, &pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
