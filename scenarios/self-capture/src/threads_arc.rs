//! The same call in threads, and all jobs own the same shop together.

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
        // Fixed: threads share one heap, so a clone of the handle is all that a job has to own.
        let shop = Arc::clone(&shop);
        move || shop.total(order)
    });
    setup::work_in_threads(bench, &gate, &pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
