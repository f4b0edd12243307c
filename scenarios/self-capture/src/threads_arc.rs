//! The same call in threads, and all jobs own the same shop together.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::gate::Gate;
use crate::setup;
use crate::shop::Shop;

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Arc<Shop> = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| {
        // Fixed: threads share one heap, so a clone of the handle is all that a job has to own.
        let shop = Arc::clone(&shop);
        move || shop.total(order)
    });
    let sum = setup::work_in_threads(bench, &gate, jobs)?;
    setup::facts(bench, None, sum);
    bench.mark("tasks done");
    bench.mark("pool closed");
    Ok(())
}
